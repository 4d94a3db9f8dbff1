"""Section 7: texts to ids and ids to texts, in every unit; `stream` asks for the same piece by piece."""

from collections.abc import Iterator
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import (
    features_of,
    json_bytes,
    msgpack_bytes,
    run_error_case,
)
from conformance.generator.texts_bytes import byte_sequences
from conformance.generator.texts_generated import generated
from conformance.generator.texts_vocabularies import vocabulary_net
from conformance.oracle.answer import answer_text
from conformance.oracle.reader import read

SECTION = "texts"
Entry = dict[str, Any]

# Characters that are hard to keep: quotes, U+0000, a skin tone, a lone combining mark, joiners, odd spaces.
ODD = "\"'\\\n\r\t\0\x7f👍🏽👍\u0301e\u0301é\u200d\ufeff\u2028\u202e\ufffd\ufffe\U0010ffff𝄞<>&"

CODEPOINTS: Entry = {"unit": "codepoint", "tokens": [*dict.fromkeys(ODD), "a", "b", "a", ""]}
LETTERS: Entry = {"unit": "codepoint", "tokens": ["a", "b", "c", "d", "a", "", "e"]}
SPECIAL: Entry = LETTERS | {"unknown": 1, "start": 3, "end": 3, "padding": 0}
BYTES: Entry = {"unit": "byte", "tokens": list(range(256))}
FEW_BYTES: Entry = {
    "unit": "byte",
    "tokens": [97, 97, "", 98, 99, 195, 169, 100],
    "unknown": 4,
    "end": 3,
}
WORDS: Entry = {
    "unit": "token",
    "separator": " ",
    "tokens": ["the", "cat", "", "sat on", "the", "a cat", "<s>", "\0"],
}
LONGEST: Entry = {
    "unit": "token",
    "tokens": ["a", "ab", "abc", "bcd", "cd", "d", "", "abcde", "👍", "👍🏽", "e\u0301", "e", "x y", "ab"],
}  # fmt: skip


def cases() -> Iterator[Case]:
    """[vocabulary-2], [vocabulary-3] and [vocabulary-5]."""
    yield from encoding()
    yield from decoding()
    yield from byte_sequences(text_case, BYTES)
    yield from generated()
    yield from errors()


# --- what is asked --------------------------------------------------------------------------------


def encoding() -> Iterator[Case]:
    """Texts to ids."""
    rows: dict[str, tuple[Entry, str, str, str]] = {
        "codepoint-odd": (CODEPOINTS, ODD, "quotes, U+0000, a skin tone, a lone combining mark, astral characters", "a text that is cut into code units or clusters, normalised, or escaped"),
        "codepoint-empty": (CODEPOINTS, "", "the empty text", "an id for nothing"),
        "codepoint-lowest": (LETTERS, "aabcea", "a token that stands twice: its lowest id", "the last id of a token"),
        "codepoint-absent": (LETTERS, "abz", "a character that is not there, and no unknown", "a character that is skipped"),
        "codepoint-absent-astral": (LETTERS, "a😀", "an astral character that is not there", "a character that is skipped"),
        "codepoint-composed": (LETTERS, "é", "é, which only a normal form would make of e", "a text that is normalised"),
        "codepoint-unknown": (LETTERS | {"unknown": 5}, "az😀e", "an astral character is one unknown", "two unknowns for two code units"),
        "codepoint-special": (SPECIAL, "abcde", "a, b and d are tokens of special ids: a is found by its other id, b and d are unknown", "a special id that is found by its token"),
        "codepoint-special-only": (LETTERS | {"end": 1}, "ab", "b is the token of a special id alone, and there is no unknown", "a special id that is found by its token"),
        "codepoint-special-start": (LETTERS | {"start": 1}, "ab", "b is the token of the start id alone", "a start id that is found by its token"),
        "codepoint-empty-token": ({"unit": "codepoint", "tokens": ["", "a"]}, "aa", "an empty token before the others", "an empty token that is found everywhere"),
        "byte-all": (BYTES, "Aé☃😀\0", "characters of one to four bytes", "characters in the place of bytes"),
        "byte-lowest": (FEW_BYTES, "aacd", "a byte that stands twice: its lowest id; the unknown id's own byte is not found", "the last id, or a special one"),
        "byte-unknown": (FEW_BYTES, "aébz☃", "b is the token of the end id; each byte that is not there is one unknown", "one unknown for a character of three bytes"),
        "byte-absent": ({"unit": "byte", "tokens": [97, 195]}, "aé", "the second byte of é is not there, and no unknown", "a text that is encoded by half"),
        "byte-digits": ({"unit": "byte", "tokens": [1, 49, 9, 57]}, "19\t", "tokens are numbers, not digits", "a token that is read as text"),
        "words": (WORDS, "the cat the", "words", "a separator that becomes a token"),
        "words-odd": (WORDS | {"unknown": 6}, "  the   cat \0 dog sat on ", "empty pieces are left out; `sat on` is found by no piece; the unknown id's own token neither", "an empty piece, or a token that holds the separator"),
        "words-empty": (WORDS, "   ", "separators alone", "ids for empty pieces"),
        "words-absent": (WORDS, "the dog", "a word that is not there, and no unknown", "a word that is skipped or spelled"),
        "words-case": (WORDS | {"unknown": 2}, "The the\u00a0cat", "another case, and a space that is not the separator", "words that are folded, or split at any space"),
        "words-other-space": (WORDS | {"unknown": 2}, "the\tcat\nthe cat", "tabs and line breaks are no separators", "words that are split at any space"),
        "separator-long": ({"unit": "token", "separator": ", ", "tokens": ["a", "b", "a,b", ",a"]}, "a, b, a,b, ,a", "a separator of two characters", "a separator that is taken for a set of characters"),
        "separator-overlap": ({"unit": "token", "separator": "aba", "tokens": ["ba", "b", "x", "ab", "bab"]}, "xabababaxaba", "a separator that overlaps itself: found from left to right", "occurrences that overlap, or are found from the right"),
        "separator-overlap-2": ({"unit": "token", "separator": "--", "tokens": ["-", "a", "b", "-b", "-a", "b-", "a-"]}, "a---b-----a", "three and five signs of a separator of two", "occurrences that overlap, or are found from the right"),
        "separator-prefix": ({"unit": "token", "separator": "aab", "tokens": ["a", "aa", "caa", "aaa"]}, "aaabcaaaab", "the separator's own beginning before it", "a search that does not go back"),
        "separator-astral": ({"unit": "token", "separator": "😀", "tokens": ["a", "👍🏽", "😁"]}, "a😀👍🏽😀😁", "an astral separator, and another with the same first code unit", "a separator compared by code units"),
        "separator-pattern": ({"unit": "token", "separator": ".", "tokens": ["a", "b"]}, "a.b", "a separator that is a pattern elsewhere", "a separator that is taken for a regular expression"),
        "separator-pattern-2": ({"unit": "token", "separator": "|", "tokens": ["a", "b"]}, "a|b", "another", "a separator that is taken for a regular expression"),
        "separator-nul": ({"unit": "token", "separator": "\0", "tokens": ["a", "b"]}, "a\0b\0\0", "U+0000 as a separator", "a text that ends at U+0000"),
        "separator-combining": ({"unit": "token", "separator": "e", "tokens": ["x", "\u0301y"]}, "xe\u0301y", "a separator with a combining mark behind it", "characters that are taken together"),
        "longest": (LONGEST, "abcdabcdeabcd", "the longest token that fits, then the next", "the first token that fits, or the shortest"),
        "longest-greedy": ({"unit": "token", "tokens": ["ab", "abc", "cd", "a", "d"]}, "abcd", "abc and d: the longest at each place, though ab and cd would do", "a search for the fewest tokens"),
        "longest-stuck": ({"unit": "token", "tokens": ["ab", "abc", "cd"], "unknown": 0}, "abcdcd", "abc, then d is unknown, then cd", "a search that goes back"),
        "longest-stuck-error": ({"unit": "token", "tokens": ["ab", "abc", "cd"]}, "abcd", "abc, then d is not there, and no unknown", "a search that goes back"),
        "longest-overlap": ({"unit": "token", "tokens": ["aa", "aaa", "a"]}, "aaaaaaaa", "tokens of one letter: 3, 3, 2", "an order of tokens that decides"),
        "longest-astral": (LONGEST | {"unknown": 5}, "👍🏽👍👍🏿e\u0301é", "a skin tone with and without its token; a scalar value that is not there is one unknown", "lengths by code units, or clusters"),
        "longest-astral-length": ({"unit": "token", "tokens": ["😀", "😀a", "😀ab", "ab"]}, "😀ab😀a😀", "astral characters in longer tokens", "a prefix cut inside a surrogate pair"),
        "longest-same-half": ({"unit": "token", "tokens": ["😀😀", "😁"], "unknown": 0}, "😀😁", "the first half of one token, then another with the same first code unit", "a match by code units"),
        "longest-special": ({"unit": "token", "tokens": ["a", "abc", "ab", "c"], "end": 1}, "abcab", "the longest is the token of a special id: it takes no part", "a special token in the match"),
        "longest-special-unknown": ({"unit": "token", "tokens": ["<u>", "a", "<"], "unknown": 0}, "a<u>a", "the unknown id's own token in the text: u and > are unknown", "a special token in the match"),
        "longest-lowest": (LONGEST, "abab", "a token that stands twice: its lowest id", "the last id of a token"),
        "longest-space": (LONGEST, "x yab", "a token with a space", "a text that is split at spaces"),
        "longest-odd": ({"unit": "token", "tokens": ["\"", "'", "\"'", "\0", "\u0301", "\\n", "\n", "👍🏽"]}, "\"'\0\u0301\\n\n👍🏽'\"", "quotes, U+0000, a backslash, a lone combining mark", "a text that is escaped"),
        "longest-empty": ({"unit": "token", "tokens": ["", "a"]}, "aa", "an empty token fits everywhere and is never found", "an endless loop"),
    }  # fmt: skip
    for name, (entry, text, what, catches) in rows.items():
        for encoding_ in (
            ("json", "msgpack") if name.endswith(("-odd", "words", "byte-all")) else ("json",)
        ):
            suffix = "-msgpack" if encoding_ == "msgpack" else ""
            yield text_case(
                f"texts/encode-{name}{suffix}", what, ["vocabulary-2", "protocol-9"], catches, "encode", entry,
                {"text": text}, encoding=encoding_,
            )  # fmt: skip


def decoding() -> Iterator[Case]:
    """Ids to texts, at once and one by one."""
    rows: dict[str, tuple[Entry, list[Any], str, str]] = {
        "codepoint-odd": (CODEPOINTS, list(range(len(CODEPOINTS["tokens"]))), "every odd character", "a text that is normalised or escaped"),
        "codepoint-none": (CODEPOINTS, [], "no ids", "a text from nothing"),
        "codepoint-special": (SPECIAL, [0, 1, 2, 3, 4, 5, 6], "special ids have no text, though they have tokens", "the token of a special id"),
        "codepoint-repeated": (LETTERS, [4, 0, 5, 4], "a repeated token and an empty one", "ids that are looked up by token"),
        "words": (WORDS, [0, 1, 3, 5], "words with the separator between each two", "no separator, or one at an end"),
        "words-empty": (WORDS | {"end": 6}, [2, 0, 2, 2, 1, 6, 5, 2], "empty tokens and special ids give nothing, and no separator", "two separators in a row, or one at an end"),
        "words-silent": (WORDS | {"end": 6}, [2, 6, 2], "nothing but ids without text", "separators between nothing"),
        "words-one": (WORDS, [3], "one word", "a separator at an end"),
        "words-odd": (WORDS, [7, 6, 7], "U+0000 and signs", "a text that ends at U+0000"),
        "separator-long": ({"unit": "token", "separator": " 👍🏽 ", "tokens": ["a", "", "b "]}, [0, 2, 1, 0], "a long separator", "a separator of one character"),
        "tokens": (LONGEST, [8, 9, 10, 6, 12, 13, 2], "tokens without a separator", "a space between tokens"),
        "tokens-combining": ({"unit": "token", "tokens": ["e", "\u0301", "👍", "🏽"]}, [0, 1, 2, 3, 1, 0], "marks and skin tones that join what stands before them", "a text that is normalised"),
        "byte-text": (BYTES, list("naïve ☃ 👍🏽\0".encode()), "bytes of a text", "bytes that are read one by one"),
        "byte-special": ({"unit": "byte", "tokens": [0xE2, "", 0x98, 0x83, 0x41], "end": 4}, [0, 1, 2, 4, 4, 3, 4, 1], "empty tokens and special ids inside a character: they give nothing, and don't break it", "a character that is ended by an id without a byte"),
        "codepoint-high": (LETTERS, [0, 7], "an id above the last", "an id that wraps around"),
        "codepoint-minus": (LETTERS, [0, -1], "the id −1", "an id counted from the end"),
        "byte-high": (FEW_BYTES, [0, 8], "an id above the last", "an id that is taken for its byte"),
        "words-minus": (WORDS, [-1], "the id −1", "an id counted from the end"),
        "fraction": (LETTERS, [0.5], "half an id", "an id that is rounded"),
    }  # fmt: skip
    for name, (entry, ids, what, catches) in rows.items():
        odd = name.endswith(("-odd", "words", "byte-text"))
        for encoding_ in ("json", "msgpack") if odd else ("json",):
            suffix = "-msgpack" if encoding_ == "msgpack" else ""
            yield text_case(
                f"texts/text-{name}{suffix}", what, ["vocabulary-3", "protocol-9"], catches, "text", entry,
                {"ids": ids}, encoding=encoding_,
            )  # fmt: skip
        if name not in ("codepoint-none", "fraction"):
            yield text_case(
                f"texts/stream-{name}", what + ", one by one", ["vocabulary-5", "vocabulary-3", "protocol-9"], catches,
                "text", entry, {"ids": ids, "stream": True},
            )  # fmt: skip


def errors() -> Iterator[Case]:
    """[claim-1]: no text from a file that is refused."""
    broken = json_bytes(vocabulary_net(LETTERS) | {"extra": 1})
    for command, request in (("encode", {"text": "a"}), ("text", {"ids": [0]})):
        yield run_error_case(
            f"texts/{command}-invalid", f"{command} with a file that has an unknown member", ["protocol-9", "claim-1"],
            "a runtime that works with a file it should refuse", broken, {"vocabulary": "text"} | request,
            command=command,
        )  # fmt: skip


def text_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    command: str,
    entry: Entry,
    request: dict[str, Any],
    *,
    encoding: str = "json",
) -> Case:
    """A case of the commands `encode` and `text` over a net with this vocabulary."""
    net = vocabulary_net(entry)
    data = json_bytes(net) if encoding == "json" else msgpack_bytes(net)
    document = read(data).document
    if document is None:
        raise ValueError(f"{id}: not a valid document: {read(data).findings}")
    asked = {"vocabulary": "text"} | request
    reply = answer_text(command, document, asked)
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(features_of(data)),
        catches=catches,
        command=command,
        # The vocabulary of all bytes is long: its cases share a file.
        document=Document(
            data, f"bytes.rnn{'.json' if encoding == 'json' else ''}" if entry is BYTES else None
        ),
        request=asked,
        expect=reply.get("result", reply),
    )
