"""Mutants of the reader that no case can tell from the oracle, each with the reason, and those beyond the protocol."""

import re

FREE_ORDER = "The order of findings is free [stage-3], and each is judged on its own."
EXCLUSIVE = "The two conditions exclude each other."
LATER_ROW = "A first byte that stands in two rows: the later one holds."
TYPES = "For the type checker: the stage before has seen to it."
UNUSED = "Every caller gives it."
INFINITE = "Either infinity is refused [agree-6]."
EQUAL_LENGTHS = "Both are always of one length."
ONE_BIN = "The only bin of a canonical form is a SHA-256, of 32 bytes."
SMALL_MAPS = "No map of a canonical form has 65,536 members: most are the parameters of one layer."
SMALL_NUMBERS = "No integer of a canonical form reaches 2^32: the largest is a top_k of 2^31 - 1."
ONE_FIELD = "The only field is the last as well."

# Patterns of whole names.
EQUIVALENT: dict[str, str] = {
    # utf8
    r"utf8\.constants: 0x(E0|E1) \+ 1": LATER_ROW,
    r"utf8\.constants: 0x(ED|EE|F0|F1|F4) \+ 1": LATER_ROW,
    r"utf8\.first_fault: True is False": EQUAL_LENGTHS,
    # tensors
    r"tensors\.strict_base64: True is False": (
        "What the looser decoding lets through is not the text that its bytes are written as."
    ),
    r"tensors\.round_to_float32: (0 - 1|0 [+-] 1 \(2\)|(always|never) value > 0|>= in value > 0)": INFINITE,
    r"tensors\.content: not asked isinstance.*": TYPES,
    r'tensors\.content: never "extensions" in entry': "Readers ignore them [extension-2].",
    r'tensors\.content: plain\(entry\["extensions"\]\) without plain': "Readers ignore them [extension-2].",
    r"references\.References\.__init__: plain\(tensors\) without plain": "4.0 is equal to 4 here.",
    r"references\.References\.tensor_data: not asked isinstance.*": TYPES,
    # structure
    r"structure\.Structure\.__init__: False is True": UNUSED,
    r"structure\.Structure\.byte: without isinstance\(value, float\)": "No string is an integer.",
    r'structure\.Structure\.separator: value == "" before .*': EXCLUSIVE,
    r"structure\.Structure\.decoding: mode == .* before mode == .*": EXCLUSIVE,
    r"structure\.Structure\.arrays: 1 - 1": "A required array among the optional ones is judged as before.",
    r"layer_structure\.LayerStructure\.roles: not asked name\.endswith.*": (
        "A required role among the optional ones is judged as before."
    ),
    r"tensors\.floats: not asked isinstance.*": TYPES,
    r'tensors\.content: plain\(entry\["axis"\]\) without plain': "4.0 is equal to 4 here.",
    # agreement
    r"layer_agreement\.LayerAgreement\.layers: 1 \+ 1": "Every number below 0 means the net's input.",
    r"layer_agreement\.LayerAgreement\.layers: not asked found is not None": (
        "Where a name is unknown, nothing is said of what is used."
    ),
    r"layer_agreement\.LayerAgreement\.unused: 1 \+ 1 \(3\)": (
        "Every layer reads the net's input in the end, so the place before the first is always in use."
    ),
    r"layer_agreement\.LayerAgreement\.fits: any in the place of all": "Such a layer has one input.",
    r"layer_agreement\.joined: 0 - 1": "Where they fit, all widths are equal.",
    r"layer_agreement\.width_of: without own is not None": TYPES,
    r"layer_structure\.LayerStructure\.cell: direction not in DIRECTIONS before .*": EXCLUSIVE,
    r"references\.constants: 2\.0 is the next above": "No binary32 lies between the two bounds.",
    r'references\.References\.tensor_data: dtype == "int8" before not right_length': (
        "Of a wrong length no element is looked at."
    ),
    r'references\.References\.scale: without b""': TYPES,
    r"agreement\.Agreement\.(names|output): .* before .*": FREE_ORDER,
    r"agreement\.Agreement\.(special_ids|output): 0 - 1": "An absent id is below V either way.",
    r"agreement\.Agreement\.vocabulary_size: without name is None": "No vocabulary is called None.",
    r"agreement\.Agreement\.example_input: 1 [+-] 1 \([23]\)": (
        "A tensor of another rank has the wrong shape whatever is wanted."
    ),
    r"agreement\.Agreement\.lengths: without steps is not None": "T is known where N is.",
    # vocabularies
    r'vocabulary\.pieces: (never vocabulary\.unit == "codepoint"|no return list\(text\))': (
        "Tokens of one character are found by the longest match as well."
    ),
    r"vocabulary\.split: <= in at < len\(text\)": "No separator begins at the end.",
    r"vocabulary\.longest_tokens: without isinstance\(token, str\)": TYPES,
    # digests
    r"digest\.constants: 2\.0 is the next above": "No binary32 lies between the two bounds.",
    r'digest\.canonical: without "layers"': "The next line sets it, and members are sorted.",
    r"digest\._encode: (without 0xC[56]|0xC[56] [+-] 1|0 [+-] 1( \(2\))?)": ONE_BIN,
    r"digest\._encode: 0 - 1 \(3\)": ONE_FIELD,
    r"digest\._encode: 0 - 1 \(4\)": "No integer of a canonical form is negative.",
    r"digest\._encode: (without 0xDF|0xDF [+-] 1)": SMALL_MAPS,
    r"digest\._encode: (without 0xCF|0xCF [+-] 1)|digest\._head: (without 8|8 [+-] 1)": SMALL_NUMBERS,
    r"digest\._encode: no raise TypeError.*|digest\._head: (False is True|no raise OverflowError.*)": (
        "Nothing else stands in a canonical form."
    ),
    r"digest\._encode: always key in AFTER_T": "Rates, temperatures and top_p are never so small.",
    # saved states
    r"saved_state\.read_state: False is True": UNUSED,
    r"saved_state\.read_state: plain\(.*": "A state holds names alone.",
    r'saved_state\.read_state: not asked name != "tensors"': "Nothing reads them there.",
    r"saved_state\.read_state: not asked isinstance.*": TYPES,
    r'saved_state\.check_writable: any\(len.* before any\("h" not in.*': "Both are RUN_STATE.",
    r"saved_state\.check_writable: any\(not is_finite.* before .*": (
        "A case that gives a faulty state has no other fault (17.1)."
    ),
    r"saved_state\.check_writable: not all\(NAME_GRAMMAR.* before .*": (
        "Which of several faults is named first is a writer's own: cases have one."
    ),
    r"saved_state\.check_writable: 0 - 1 \(3\)": "All are equal to the last if all are equal to the first.",
    # references
    r"references\.References\.reference: name in self\.seen before .*": EXCLUSIVE,
    r"references\.References\.reference: shape is not None .* before .*": FREE_ORDER,
    # checks
    r"checks\.Checks\.list_of: 0 - 1": "No length is negative.",
    r"checks\.Checks\.extension_name: always not EXTENSION_GRAMMAR.*": (
        "Where an allowed name stands, reading has ended with EXTENSION_UNKNOWN."
    ),
    r"checks\.Checks\.variant: without isinstance\(word, str\)": "Nothing but a string is equal to a word.",
    # JSON
    r"json_reader\.constants: True is False": EQUAL_LENGTHS,
    r"json_reader\.JsonReader\.literal: __contains__ in the place of word\.startswith": (
        "The first letter of each word stands there alone."
    ),
    r'json_reader\.JsonReader\.literal: no raise FaultError\("SYNTAX_UNEXPECTED".*': (
        "The first letter is then unexpected behind the value, at the same place."
    ),
    r"json_reader\.JsonReader\.escape: 0xDBFF \+ 1": "U+DC00 has been refused before.",
    # msgpack
    r'msgpack_reader\.constants: ">[Bb]" in the other byte order( \([23]\))?': "One byte has no order.",
    r"msgpack_reader\.MsgpackReader\.(length|number): 0 - 1": ONE_FIELD,
    r"msgpack_reader\.MsgpackReader\.value: 0 [+-] 1": "The length of a bin is never in its format byte.",
    r"msgpack_reader\.MsgpackReader\.number: - in value \+ 0\.0": (
        "Tensor data are bytes here, and no other number keeps the sign of a zero."
    ),
    # bytes
    r"reader\.read: False is True": UNUSED,
    r"reader\.encoding: data\.startswith\(b.*xef.* before .*": EXCLUSIVE,
    r"reader\.encoding: len\(data\) > bounds\.size before not data": EXCLUSIVE,
    r"reader\.project: not asked isinstance.*": TYPES,
}

# They are no equals: a document could tell them apart, but none that the protocol can carry. Counted apart.
BEYOND: dict[str, str] = {
    r"finding\.Limits: 268_435_456 [+-] 1": (
        "The default of `size` shows in a document of 256 MiB, and a line of the protocol has at most 64 MiB (17.1); "
        "under another `size`, which the protocol can set, cases ask for the limit itself. Tried in each runtime with "
        "268,435,456 and 268,435,457 spaces: all three are right."
    ),
}


def reason(name: str) -> str | None:
    """Why no case can tell this mutant from the oracle; None if one could."""
    return found(EQUIVALENT, name)


def beyond(name: str) -> str | None:
    """Why no request of the protocol can ask for it; None if one can."""
    return found(BEYOND, name)


def found(table: dict[str, str], name: str) -> str | None:
    """The entry of the first pattern that is the whole name."""
    return next((why for pattern, why in table.items() if re.fullmatch(pattern, name)), None)
