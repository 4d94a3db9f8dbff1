"""Section 3: the grammar, the end, duplicate keys, surrogates and numbers. Limits are in `limits`."""

from conformance.generator.build import dense_net, json_bytes, tensor
from conformance.generator.table import Table, in_metadata, in_value

SECTION = "json"

GRAMMAR = {
    "leading-zero": ("01", "a number that starts with zero"),
    "leading-zero-minus": ("-01", "a negative number that starts with zero"),
    "plus": ("+1", "a plus sign"),
    "point-last": ("1.]", "a point without digits"),
    "point-end-list": ("[1.]", "a point without digits, in a list"),
    "point-end-object": ("1.", "a point without digits, before a brace"),
    "point-comma": ("[1.,2]", "a point without digits, before a comma"),
    "point-exponent": ("[1.e5]", "a point without digits, before an exponent"),
    "point-twice": ("[1.5.5]", "two points"),
    "exponent-end": ("[1e]", "an exponent without digits, in a list"),
    "exponent-sign-end": ("[1e-]", "an exponent of a sign alone, in a list"),
    "exponent-point": ("[1e5.5]", "an exponent with a point"),
    "minus-end": ("[-]", "a minus sign alone, in a list"),
    "point-letter": ("1.x", "a letter after the point"),
    "point-first": (".5", "no digit before the point"),
    "exponent-empty": ("1e,", "an exponent without digits"),
    "exponent-sign": ("1e+,", "an exponent of a sign alone"),
    "minus-alone": ("-,", "a minus sign alone"),
    "minus-twice": ("--1", "two minus signs"),
    "hexadecimal": ("0x10", "a hexadecimal number"),
    "underscore": ("1_000", "an underscore in a number"),
    "nan": ("NaN", "NaN"),
    "infinity": ("Infinity", "Infinity"),
    "infinity-minus": ("-Infinity", "-Infinity"),
    "literal-cut": ("nul]", "a literal without its last letter"),
    "literal-long": ("truex", "a literal with a letter more"),
    "literal-capital": ("True", "a literal of Python"),
    "literal-case": ("nulL", "a literal with a capital at its end"),
    "undefined": ("undefined", "a literal of JavaScript"),
    "single-quotes": ("'a'", "single quotes"),
    "comma-last-list": ("[1,]", "a comma before the closing bracket"),
    "comma-last-object": ('{"a": 1,}', "a comma before the closing brace"),
    "comma-first": ("[,1]", "a comma after the opening bracket"),
    "comma-twice": ("[1,,2]", "two commas"),
    "comma-missing": ("[1 2]", "no comma"),
    "colon-missing": ('{"a" 1}', "no colon"),
    "colon-twice": ('{"a":: 1}', "two colons"),
    "colon-for-comma": ('["a": 1]', "a colon in a list"),
    "value-missing": ('{"a": }', "no value"),
    "key-bare": ("{a: 1}", "a key without quotes"),
    "key-number": ("{1: 1}", "a number as key"),
    "bracket-wrong": ("[1}", "a brace that closes a list"),
    "brace-wrong": ('{"a": 1]', "a bracket that closes an object"),
    "comment-line": ("1 // one\n", "a comment to the end of the line"),
    "comment-block": ("/* one */ 1", "a comment in the C way"),
    "comment-hash": ("1 # one\n", "a comment in the shell way"),
    "newline-in-string": ('"a\nb"', "a line break in a string"),
    "tab-in-string": ('"a\tb"', "a tab in a string"),
    "nul-in-string": ('"a\0b"', "the byte 0 in a string"),
    "1f-in-string": ('"a\x1fb"', "the byte 1F in a string"),
    "form-feed": ("\f1", "a form feed between tokens"),
    "no-break-space": ("\u00a01", "a no-break space between tokens"),
    "line-separator": ("\u20281", "U+2028 between tokens"),
    "bom-inside": ("\ufeff1", "U+FEFF between tokens"),
    "escape-x": (r'"ab\x41"', r"the escape \x"),
    "escape-v": (r'"ab\v"', r"the escape \v"),
    "escape-0": (r'"ab\0"', r"the escape \0"),
    "escape-quote": (r'''"ab\'"''', "an escaped single quote"),
    "escape-capital-u": (r'"ab\U0041"', r"the escape \U"),
    "escape-u-letter": (r'"ab\u12G4"', "a letter in the digits of an escape"),
    "escape-u-short": (r'"ab\u12"', "two digits in an escape"),
    "escape-u-brace": (r'"ab\u{41}"', "an escape with braces"),
    "escape-u-sign": (r'"ab\u+041"', "a sign in the digits of an escape"),
    "escape-u-fullwidth": ('"ab\\u004１"', "a full-width digit in an escape"),
    "escape-newline": ('"ab\\\n"', "an escaped line break"),
    "digit-arabic": ("١", "an Arabic digit"),
    "backslash-outside": (r"\u0031", "an escape outside a string"),
}  # fmt: skip

SOUND = {
    "escapes": (r'"\" \\ \/ \b \f \n \r \t \u0041 \u00e9 \u20AC \uFFFF \u0000 \u0123\u4567\u89ab\ucdef\uABCD\uEF01"', "every escape"),
    "characters": ('"\x7f \u0080 \u2028 \u2029 \ufeff \ufffe \U0010ffff"', "odd characters, raw"),
    "white": ("[ \t\n\r1 \t\n\r,\t{ \n} , [\r] ]", "white space everywhere"),
    "numbers": (
        "[0, -0, 0.0, -0.0e-0, 10, 1.5, 1e5, 1E5, 1e+05, 1e-05, 0e0, 123456789012345678901234567890]",
        "every form of a number",
    ),
    "literals": ("[true, false, null]", "the three literals"),
    "empties": ('[{}, [], ""]', "an empty object, list and string"),
    "keys": ('{"": 1, " ": 2, "\\u0000": 3, "a b": 4, "/~": 5}', "odd keys"),
    "proto": ('{"__proto__": {"a": 1}, "constructor": 2, "prototype": 3}', "keys that JavaScript knows"),
}  # fmt: skip

ENDS = {
    "brace": ("{", "the opening brace alone"),
    "in-key": ('{"rnn', "inside a key"),
    "after-key": ('{"rnnspec"', "after a key"),
    "after-colon": ('{"rnnspec":', "after a colon"),
    "in-string": ('{"rnnspec":"1.0', "inside a string"),
    "in-escape": ('{"rnnspec":"\\', "after a backslash"),
    "in-escape-u": ('{"rnnspec":"\\u00', "inside the digits of an escape"),
    "after-value": ('{"rnnspec":"1.0-draft.3"', "after a value"),
    "after-comma": ('{"rnnspec":"1.0-draft.3", ', "after a comma and a space"),
    "in-true": ('{"a":tru', "inside a literal"),
    "in-number-minus": ('{"a":-', "after a minus sign"),
    "in-number-point": ('{"a":1.', "after a point"),
    "in-number-e": ('{"a":1e', "after an e"),
    "in-number-sign": ('{"a":1e-', "after the sign of an exponent"),
    "after-number": ('{"a":10', "after a number"),
    "in-list": ('{"a":[1', "inside a list"),
    "after-bracket": ('{"a":[', "after an opening bracket"),
    "after-list": ('{"a":[1]', "after a list"),
    "after-high-half": ('{"a":"\\ud83d', "after the first half of a pair"),
    "after-high-half-backslash": ('{"a":"\\ud83d\\', "between the halves of a pair"),
    "in-low-half": ('{"a":"\\ud83d\\ude', "inside the second half of a pair"),
    "last-brace": (json_bytes(dense_net()).decode().rstrip()[:-1], "before the last brace"),
}

SURROGATES = {
    "high-alone": (r'"\ud83d"', "a first half at the end of a string"),
    "high-then-letter": (r'"\ud83dx"', "a first half before a letter"),
    "high-then-newline": (r'"\ud83d\n"', "a first half before another escape"),
    "high-then-bad-letter": (r'"\ud83d\x"', "a first half before a bad escape that is no \\u"),
    "high-then-bmp": (r'"\ud83d\u0041"', "a first half before an escaped letter"),
    "high-high-low": (r'"\ud83d\ud83d\ude00"', "two first halves and a second one"),
    "high-then-dbff": (r'"\ud83d\udbff"', "a first half before the last first half"),
    "high-then-e000": (r'"\ud83d\ue000"', "a first half before U+E000"),
    "high-first": (r'"\ud800"', "U+D800 alone"),
    "high-last": (r'"\uDBFF"', "U+DBFF alone"),
    "low-alone": (r'"ab\ude00"', "a second half alone"),
    "low-first": (r'"\udc00"', "U+DC00 alone"),
    "low-last": (r'"\uDFFF"', "U+DFFF alone"),
    "low-high": (r'"\ude00\ud83d"', "the halves in the wrong order"),
    "pair-then-low": (r'"\ud83d\ude00\ude00"', "a pair and a second half"),
    "high-then-raw": ('"\\ud83d😀"', "a first half before a raw emoji"),
    "in-key": (r'{"\ud83d": 1}', "a first half alone in a key"),
}


def cases() -> Table:
    """Section 3 in its order."""
    table = Table(SECTION, features=["json"])
    for name, (text, what) in GRAMMAR.items():
        table.row(
            name, what, "json-1", in_value(text),
            "a lenient parser, or the fault at another byte", expect="SYNTAX_UNEXPECTED",
        )  # fmt: skip
    for name, (text, what) in SOUND.items():
        source = in_metadata(text) if text.startswith("{") else in_value(text)
        table.row(f"sound-{name}", what, "json-1 json-7", source, "a parser that is too strict")
    for name, (text, what) in ENDS.items():
        table.row(
            f"end-{name}", f"cut off {what}", "json-2", text,
            "reading past the end, or an offset that is not the length of the input",
            expect="SYNTAX_END",
        )  # fmt: skip
    table.row(
        "escape-x-cut", "the escape \\x where the input ends", "json-1 json-2", '{"a":"\\x',
        "digits that are asked for before the letter is judged", expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    trailing(table)
    duplicates(table)
    surrogates(table)
    numbers(table)
    return table


def trailing(table: Table) -> None:
    """[json-3]."""
    sound = json_bytes(dense_net()).decode()
    after = {
        "brace": ("}", "one closing brace too many"),
        "comma": (",", "a comma"),
        "letter": (" x", "a letter after a space"),
        "nul": ("\0", "the byte 0"),
        "second": (sound, "a second document"),
        "comment": ("// end\n", "a comment"),
        "bom": ("\ufeff", "U+FEFF"),
    }
    for name, (text, what) in after.items():
        table.row(
            f"trailing-{name}", f"{what} after the end", "json-3", sound + text,
            "a parser that stops at the end of the first value", expect="SYNTAX_TRAILING",
        )  # fmt: skip
    table.row(
        "trailing-white", "white space after the end", "json-3", sound + "\r\n\t ",
        "white space taken for more text",
    )  # fmt: skip


def duplicates(table: Table) -> None:
    """[json-4]."""
    doubled = json_bytes(dense_net()).decode().rstrip().removesuffix("}")
    repeated = {
        "plain": ('{"a": 1, "b": 2, "a": 3}', "a key twice"),
        "escaped": (r'{"ab": 1, "\u0061b": 2}', "a key twice, once with an escape"),
        "escaped-pair": ('{"😀": 1, "\\ud83d\\ude00": 2}', "a key twice, once as a surrogate pair"),
        "escaped-slash": (r'{"a/b": 1, "a\/b": 2}', "a key twice, once with an escaped slash"),
        "proto": ('{"__proto__": 1, "__proto__": 2}', "`__proto__` twice"),
        "proto-escaped": (r'{"__proto__": 1, "\u005f_proto__": 2}', "`__proto__` twice, escaped"),
        "constructor": ('{"constructor": 1, "constructor": 2}', "`constructor` twice"),
        "empty": ('{"": 1, "": 2}', "the empty key twice"),
        "nul": (r'{"a\u0000": 1, "a\u0000": 2}', "a key with U+0000 twice"),
        "nested": ('{"x": [{"y": {"a": 1, "a": 2}}]}', "a key twice, deep inside"),
        "same-value": ('{"a": 1, "a": 1}', "a key twice with one value"),
        "broken-value": ('{"a": 1, "a": nul}', "a key twice, the second with a broken value"),
        "no-colon": ('{"a": 1, "a"}', "a key twice, the second without a colon"),
    }
    for name, (text, what) in repeated.items():
        table.row(
            f"duplicate-{name}", what, "json-4", in_metadata(text),
            "a parser that keeps one of the two", expect="SYNTAX_DUPLICATE_KEY",
        )  # fmt: skip
    for name, member in (("top", '"rnnspec": "1.0-draft.3"'), ("tensors", '"tensors": {}')):
        table.row(
            f"duplicate-{name}", f"a top-level member twice: {name}", "json-4",
            doubled + ", " + member + "}", "a check of some objects only",
            expect="SYNTAX_DUPLICATE_KEY",
        )  # fmt: skip
    table.row(
        "duplicate-cut", "a key twice, and the end of the input", "json-4 json-2", '{"a":1,"a"',
        "a key that is judged too late", expect="SYNTAX_DUPLICATE_KEY",
    )  # fmt: skip
    table.row(
        "duplicate-unfinished", "a key twice, the second without its closing quote",
        "json-4 json-2", '{"a":1,"a', "a key that is judged too early", expect="SYNTAX_END",
    )  # fmt: skip
    table.row(
        "duplicate-bad-escape", "a key twice, the second with a bad escape", "json-4 json-1",
        r'{"a":1,"a\x"}', "a key that is judged too early", expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    table.row(
        "duplicate-not", "keys that only look equal", "json-4 json-7",
        in_metadata('{"a": 1, "A": 2, "é": 3, "e\u0301": 4, "a ": 5, "x": {"a": 6}, "y": {"a": 7}}'),
        "keys compared after folding or normalising, or across objects",
    )  # fmt: skip


def surrogates(table: Table) -> None:
    """[json-5]."""
    for name, (text, what) in SURROGATES.items():
        source = in_metadata(text) if text.startswith("{") else in_value(text)
        table.row(
            f"surrogate-{name}", what, "json-5", source,
            "a string that is no sequence of scalar values", expect="SYNTAX_SURROGATE",
        )  # fmt: skip
    table.row(
        "surrogate-then-bad-escape", "a first half before a bad \\u escape", "json-5 json-1",
        in_value(r'"\ud83d\uZZZZ"'), "the place of the first half, not of the bad escape",
        expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    table.row(
        "surrogate-pairs", "whole pairs", "json-5",
        in_value(r'"\ud83d\ude00 \uD800\uDC00 \udbff\udfff \uD83D\uDE00\uD83D\uDE00"'),
        "halves that are judged one by one",
    )  # fmt: skip
    table.row(
        "surrogate-neighbours", "U+D7FF and U+E000", "json-5", in_value(r'"\ud7ff\ue000"'),
        "a range that is one too wide",
    )  # fmt: skip


def numbers(table: Table) -> None:
    """[json-6]."""
    infinite = {
        "1e400": ("1e400", "1e400"),
        "minus": ("-1e400", "-1e400"),
        "just": ("1.797693134862315808e308", "the first decimal that rounds to infinity"),
        "big-exponent": ("1e99999999999999999999", "an exponent beyond any integer"),
        "long": ("1" + "0" * 20 + "e300", "digits and an exponent"),
    }
    for name, (text, what) in infinite.items():
        table.row(
            f"infinite-{name}", what, "json-6", in_value(text),
            "an infinity taken for a number", expect="SYNTAX_NUMBER_RANGE",
        )  # fmt: skip
    in_data = json_bytes(dense_net(tensors={"W": tensor([1, 1], [2.0])})).replace(
        b"[2]", b"[1e400]"
    )
    table.row(
        "infinite-in-data", "1e400 as tensor data", "json-6", in_data,
        "tensor data with rules of its own", expect="SYNTAX_NUMBER_RANGE",
    )  # fmt: skip
    table.row(
        "finite-extremes", "the largest and smallest numbers", "json-6",
        in_value(
            "[1.797693134862315807e308, -1.7976931348623157e308, 5e-324, 1e-400, -1e-400,"
            " 1e-99999999999999999999, 0e99999999999999999999]"
        ),
        "a range that is too narrow",
    )  # fmt: skip
    for name, spelling in (
        ("point", "1.0"), ("exponent", "1e0"), ("negative-exponent", "10e-1"),
        ("capital", "0.1E1"), ("long", "1." + "0" * 60),
    ):  # fmt: skip
        text = json_bytes(dense_net()).decode().replace('"size": 1,', f'"size": {spelling},')
        table.row(
            f"integer-{name}", f"1 spelled {spelling[:6]}", "json-6 doc-3", text,
            "an integer told by its spelling",
        )  # fmt: skip
    zero = json_bytes(dense_net()).decode()
    table.row(
        "minus-zero", "-0 as tensor data is 0", "json-6",
        zero.replace("[2]", "[-0]"), "a −0 from text in the weights, or in the digest",
    )  # fmt: skip
    table.row(
        "tiny-decimal", "1e-400 as tensor data is 0", "json-6",
        zero.replace("[2]", "[1e-400]"), "a small number refused",
    )  # fmt: skip
