"""Section 7: tokens and special ids; the faults of structure and the warnings."""

import struct
from typing import Any

from conformance.generator.build import document, json_bytes, msgpack_bytes, tensor, token_net
from conformance.generator.change import changed
from conformance.generator.table import Table
from conformance.generator.write_json import tight_bytes
from conformance.generator.write_msgpack import Raw

SECTION = "vocabulary"


def net(tokens: list[Any], **special: Any) -> dict[str, Any]:  # noqa: ANN401 — faulty ones too
    """An embedding of these tokens."""
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": {"unit": "codepoint", "tokens": tokens} | special},
        layers=[{"name": "in", "type": "embedding", "size": 1, "parameters": {"E": "E"}}],
        tensors={"E": tensor([len(tokens), 1], [1.0] * len(tokens))},
    )


def cases() -> Table:
    """[vocabulary-1] and [vocabulary-4]; encoding and decoding are in `decoding`."""
    table = Table(SECTION)
    sound(table)
    warnings(table)
    table.features = ["json"]
    faults(table)
    return table


def sound(table: Table) -> None:
    """What a token may be."""
    scalars = [
        "\0",
        "\n",
        '"',
        "\\",
        "é",
        "\u0301",
        "\u200d",
        "\u202e",
        "\ufeff",
        "\ufffe",
        "\U0001f600",
        "\U0010ffff",
    ]
    table.row(
        "scalars", "scalar values of every kind, each one token", "vocabulary-1 json-7", net(scalars),
        "a length in UTF-16: an emoji is one scalar value, and two code units",
    )  # fmt: skip
    escaped = json_bytes(net(["@", "b"])).replace(b'"@"', rb'"\ud83d\ude00"')
    table.row(
        "scalar-escaped", "an emoji written as a surrogate pair", "vocabulary-1 json-5", escaped,
        "a length of what is written",
    )  # fmt: skip
    table.row(
        "composed", "é and e with an accent: two tokens and a third", "vocabulary-4 vocabulary-1",
        net(["é", "e", "\u0301", "É", "E", "ß", "ẞ", "\u00c5", "\u212b"]), "tokens that are normalised or folded",
    )  # fmt: skip
    table.row(
        "special", "all four special ids, one of them twice", "vocabulary-4",
        net(["", "a", "b", "c"], unknown=0, start=1, end=1, padding=3),
        "special ids that must differ",
    )  # fmt: skip
    table.row(
        "special-spelling", "a special id spelled 1.0", "doc-3 json-6",
        json_bytes(net(["a", "b"], start=9)).replace(b'"start": 9', b'"start": 1.0'),
        "an integer told by its spelling",
    )  # fmt: skip


def units(table: Table) -> None:
    """[vocabulary-1]: what a token may be by its unit, and the separator."""
    tokens: dict[str, list[tuple[Any, str]]] = {
        "byte": [
            (256, "STRUCTURE_TOKEN"), (-1, "STRUCTURE_TOKEN"), (1.5, "STRUCTURE_TOKEN"), (1e300, "STRUCTURE_TOKEN"),
            ("a", "STRUCTURE_TOKEN"), ("65", "STRUCTURE_TOKEN"), (" ", "STRUCTURE_TOKEN"), (True, "STRUCTURE_TYPE"),
            (None, "STRUCTURE_TYPE"), ([65], "STRUCTURE_TYPE"), ({}, "STRUCTURE_TYPE"),
        ],
        "token": [
            (1, "STRUCTURE_TYPE"), (1.5, "STRUCTURE_TYPE"), (True, "STRUCTURE_TYPE"), (None, "STRUCTURE_TYPE"),
            (["a"], "STRUCTURE_TYPE"), ({"a": 1}, "STRUCTURE_TYPE"),
        ],
        "codepoint": [(65, "STRUCTURE_TYPE"), (1.5, "STRUCTURE_TYPE"), (False, "STRUCTURE_TYPE")],
    }  # fmt: skip
    for unit, rows in tokens.items():
        sound = 7 if unit == "byte" else "a"
        for k, (token, code) in enumerate(rows):
            table.row(
                f"{unit}-token-{k}", f"unit {unit} with the token {token!r}", "vocabulary-1 doc-3",
                net([sound, token, ""], unit=unit), "a token of another unit", expect=code,
            )  # fmt: skip
        table.row(
            f"{unit}-tokens-all", f"unit {unit} with every wrong token: each is reported", "vocabulary-1 stage-3",
            net([token for token, _ in rows], unit=unit), "one finding for the list",
            expect=tuple({code for _, code in rows}),
        )  # fmt: skip
        table.row(
            f"{unit}-special-range", f"unit {unit}: special ids at V", "agree-2",
            net([sound, ""], unit=unit, unknown=2, end=1), "an id that no token has", expect="ID_RANGE",
        )  # fmt: skip
    for unit in ("byte", "codepoint"):
        others: tuple[Any, ...] = (" ", "", None, 1)
        for k, separator in enumerate(others):
            table.row(
                f"{unit}-separator-{k}", f"unit {unit} with the separator {separator!r}: one finding", "vocabulary-1 doc-2",
                net([7 if unit == "byte" else "a"], unit=unit, separator=separator), "a separator that is ignored, or judged twice",
                expect="STRUCTURE_UNKNOWN_KEY",
            )  # fmt: skip
    table.both(
        "separator-empty", "an empty separator", "vocabulary-1", net(["a"], unit="token", separator=""),
        "a text that is cut everywhere", expect="STRUCTURE_TOKEN",
    )  # fmt: skip
    wrong: tuple[Any, ...] = (None, True, 1, [" "], {})
    for k, separator in enumerate(wrong):
        table.row(
            f"separator-type-{k}", f"the separator {separator!r}", "doc-3", net(["a"], unit="token", separator=separator),
            "a separator of another type", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "separator-unknown-unit", "an unknown unit, a wrong separator and wrong tokens: the unit alone", "doc-6",
        net([1, None], unit="word", separator=1), "a vocabulary that is judged by rules of no known unit", expect="STRUCTURE_ENUM",
    )  # fmt: skip
    table.features = None
    sound_nets: dict[str, tuple[dict[str, Any], str, str | tuple[str, ...]]] = {
        "byte": (net([0, 255, 65, ""], unit="byte", padding=3), "bytes, and an id without one", ""),
        "byte-spelling": (net([0, 65, 7], unit="byte"), "bytes", ""),
        "byte-all": (net(list(range(256)), unit="byte"), "all bytes", ""),
        "token": (net(["a", "a b", "👍🏽", "e\u0301", "\0", "x" * 300], unit="token"), "tokens of any length", ""),
        "token-separator": (net(["a", "b c"], unit="token", separator=" "), "a token that holds the separator", ""),
        "token-separator-odd": (net(["a"], unit="token", separator="\0\"👍🏽\u0301"), "an odd separator", ""),
        "byte-repeated": (net([65, 66, 65, "", "", 65], unit="byte"), "bytes that repeat, and empty tokens", ("VOCABULARY_REPEATED", "VOCABULARY_EMPTY")),
        "byte-repeated-special": (net([65, 65, 65, 65, "", ""], unit="byte", unknown=0, end=3, padding=4, start=4), "bytes that repeat special ids' bytes", ("VOCABULARY_REPEATED", "VOCABULARY_EMPTY")),
        "token-repeated": (net(["ab", "", "ab", "ab", "AB"], unit="token", end=2), "tokens that repeat, one special", ("VOCABULARY_REPEATED", "VOCABULARY_EMPTY")),
        "token-composed": (net(["é", "e\u0301", "ﬁ", "fi"], unit="token"), "tokens that only a normal form makes equal", ""),
    }  # fmt: skip
    for name, (document_, what, codes) in sound_nets.items():
        for encoding, data in (
            ("json", tight_bytes(document_)),
            ("msgpack", msgpack_bytes(document_)),
        )[: 2 if name in ("byte", "token", "byte-repeated") else 1]:
            table.row(
                f"unit-{name}-{encoding}", f"{what} ({encoding})", "vocabulary-1 vocabulary-4 digest-2", data,
                "a token that is refused, or a warning too many", expect=codes,
            )  # fmt: skip
    table.row(
        "byte-spelling-float", "bytes spelled 65.0 and 7e0, and as float 64 in msgpack elsewhere", "json-6 digest-2",
        json_bytes(net([0, 65, 7], unit="byte")).replace(b"[0, 65, 7]", b"[0.0, 65.0, 7e0]"), "an integer told by its spelling",
    )  # fmt: skip
    table.row(
        "byte-float-msgpack", "bytes as float 64 and −0 in msgpack: the digests of byte-spelling", "msgpack-2 digest-2",
        msgpack_bytes(net([Raw(b"\xcb" + struct.pack(">d", -0.0)), Raw(b"\xcb" + struct.pack(">d", 65.0)), Raw(b"\xcd\x00\x07")], unit="byte")),
        "an integer told by its format",
    )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "byte-bin", "a token of one byte, as bytes", "doc-3", msgpack_bytes(net([Raw(b"\xc4\x01A")], unit="byte")),
        "bytes that are taken for a token", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.features = ["json"]


def warnings(table: Table) -> None:
    """[vocabulary-4]: warnings leave the file valid."""
    table.row(
        "repeated", "two tokens that repeat", "vocabulary-4", net(["a", "b", "a", "c", "a", "b"]),
        "a repetition that is an error, or is told once", expect="VOCABULARY_REPEATED",
    )  # fmt: skip
    table.row(
        "empty", "empty tokens that are no special ids", "vocabulary-4", net(["", "a", "", "b"], padding=0),
        "an empty token that counts as a repetition", expect="VOCABULARY_EMPTY",
    )  # fmt: skip
    for name in ("unknown", "start", "end", "padding"):
        table.row(
            f"empty-{name}", f"an empty token that is the id `{name}`", "vocabulary-4",
            net(["a", ""], **{name: 1}), "a warning about a special id",
        )  # fmt: skip
    table.row(
        "repeated-special", "a special id that repeats an earlier token, and a token that repeats a special one",
        "vocabulary-4", net(["a", "b", "a", "c", "c"], end=2, start=3),
        "a warning about a special id, or because of one",
    )  # fmt: skip
    table.row(
        "warnings-and-error", "100 warnings and an error: the error is among the 100", "stage-3 vocabulary-4",
        net([""] * 100, end=100), "an error that is lost among warnings",
        expect=("VOCABULARY_EMPTY", "ID_RANGE"),
    )  # fmt: skip


def faults(table: Table) -> None:
    """[vocabulary-1] and the types of the table."""
    tokens: dict[str, tuple[Any, str, str]] = {
        "two": ("ab", "two letters", "STRUCTURE_TOKEN"),
        "accent": ("e\u0301", "a letter and an accent", "STRUCTURE_TOKEN"),
        "family": ("👨\u200d👩\u200d👧", "an emoji of five scalar values", "STRUCTURE_TOKEN"),
        "flag": ("🇪🇺", "a flag of two scalar values", "STRUCTURE_TOKEN"),
        "crlf": ("\r\n", "a line break of two characters", "STRUCTURE_TOKEN"),
        "null": (None, "null", "STRUCTURE_TYPE"),
        "number": (1, "a number", "STRUCTURE_TYPE"),
        "list": (["b"], "a list", "STRUCTURE_TYPE"),
    }
    for name, (token, what, code) in tokens.items():
        table.row(
            f"token-{name}", f"{what} as a token", "vocabulary-1", net(["a", token, "c"]),
            "a token that is no single scalar value", expect=code,
        )  # fmt: skip
    table.row(
        "tokens-several", "three wrong tokens: each is reported", "vocabulary-1 stage-3",
        net(["ab", "c", "de", 1]), "one finding for the list", expect=("STRUCTURE_TOKEN", "STRUCTURE_TYPE"),
    )  # fmt: skip
    table.row(
        "tokens-none", "no tokens", "doc-4", changed(token_net(), vocabularies__text__tokens=[]),
        "an empty vocabulary", expect="STRUCTURE_LENGTH",
    )  # fmt: skip
    special: dict[str, tuple[Any, str]] = {
        "minus": (-1, "STRUCTURE_RANGE"),
        "fraction": (0.5, "STRUCTURE_TYPE"),
        "true": (True, "STRUCTURE_TYPE"),
        "string": ("0", "STRUCTURE_TYPE"),
        "token": ("a", "STRUCTURE_TYPE"),
        "null": (None, "STRUCTURE_TYPE"),
    }
    for name, (value, code) in special.items():
        table.row(
            f"special-{name}", f"all four special ids are {value!r}", "doc-3 doc-4",
            net(["a", "b"], unknown=value, start=value, end=value, padding=value),
            "an id that is converted, or −1 for none", expect=code,
        )  # fmt: skip
    for unit in ("bytes", "word", "Codepoint", ""):
        table.row(
            f"unit-{unit or 'empty'}", f"the unit {unit!r}", "doc-4 doc-6",
            changed(token_net(), vocabularies__text={"unit": unit, "tokens": 1}),
            "a unit that this draft does not have", expect="STRUCTURE_ENUM",
        )  # fmt: skip
    units(table)
    names = [
        "",
        "1a",
        "_a",
        "-a",
        ".a",
        "a b",
        "a/b",
        "é",
        "a\n",
        "a\0",
        "__proto__",
        "a" * 129,
        "a:b",
        "a~b",
    ]
    table.row(
        "names-bad", "vocabularies with names that are not allowed, one with a fault of its own",
        "doc-5",
        changed(token_net(), vocabularies={name: {"unit": "codepoint", "tokens": ["a"]} for name in names} | {"é": 1}),
        "another grammar of names, or a vocabulary that is not judged for its name",
        expect=("STRUCTURE_NAME", "STRUCTURE_TYPE"),
    )  # fmt: skip
