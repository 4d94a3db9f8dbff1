"""Section 7: tokens and special ids; the faults of structure and the warnings."""

from typing import Any

from conformance.generator.build import document, json_bytes, tensor, token_net
from conformance.generator.change import changed
from conformance.generator.table import Table

SECTION = "vocabulary"


def net(tokens: list[Any], **special: Any) -> dict[str, Any]:  # noqa: ANN401 — faulty ones too
    """An embedding of these tokens."""
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": {"unit": "codepoint", "tokens": tokens, **special}},
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
        "repeated-special", "a special id that repeats an earlier token", "vocabulary-4",
        net(["a", "b", "a"], end=2), "a special id that is exempt from another warning",
        expect="VOCABULARY_REPEATED",
    )  # fmt: skip
    table.row(
        "warnings-150", "150 warnings: any 100 of them", "vocabulary-4 stage-3",
        net([""] * 150), "a list without end", expect="VOCABULARY_EMPTY",
    )  # fmt: skip
    table.row(
        "warnings-and-error", "120 warnings and an error: the error is among the 100", "stage-3 vocabulary-4",
        net([""] * 120, end=120), "an error that is lost among warnings",
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
    for unit in ("byte", "token", "word", "Codepoint"):
        table.row(
            f"unit-{unit}", f"the unit {unit}", "doc-4 doc-6",
            changed(token_net(), vocabularies__text={"unit": unit, "tokens": 1}),
            "a unit that this draft does not have", expect="STRUCTURE_ENUM",
        )  # fmt: skip
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
