"""Section 9's last sentence: members that need each other; the section is in `layers`."""

from conformance.generator.build import json_bytes
from conformance.generator.change import changed, without
from conformance.generator.full import bare_tokens, lean_tokens, small_tokens
from conformance.generator.table import Table

TOKENS, BARE, SMALL = lean_tokens(), bare_tokens(), small_tokens()


def presence(table: Table) -> None:
    """Section 9's last sentence: members that need each other."""
    greedy = changed(SMALL, decoding={"mode": "greedy", "temperature": 1})
    table.row(
        "greedy-temperature", "greedy with a temperature", "doc-2", greedy,
        "a member that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "greedy-temperature-wrong", "greedy with a wrong temperature: one finding", "doc-2 doc-6",
        changed(SMALL, decoding={"mode": "greedy", "temperature": None}),
        "a member that is judged twice", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "sample-bare", "sample without a temperature", "doc-2",
        changed(SMALL, decoding={"mode": "sample"}), "a default for the temperature",
        expect="STRUCTURE_MISSING",
    )  # fmt: skip
    for member, value in (("top_k", 5), ("top_p", 0.5)):
        word = member.replace("_", "-")
        table.row(
            f"greedy-{word}", f"greedy with {member}", "doc-2", changed(SMALL, decoding={"mode": "greedy", member: value}),
            "a member that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
        table.row(
            f"greedy-{word}-wrong", f"greedy with a wrong {member}: one finding", "doc-2 doc-6",
            changed(SMALL, decoding={"mode": "greedy", member: None}), "a member that is judged twice",
            expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
        table.row(
            f"sample-{word}-alone", f"sample with {member} and no temperature", "doc-2",
            changed(SMALL, decoding={"mode": "sample", member: value}), "a default for the temperature",
            expect="STRUCTURE_MISSING",
        )  # fmt: skip
        table.row(
            f"mode-unknown-{word}", f"a mode that is unknown, and a wrong {member}: judged for its type and range", "doc-6",
            changed(SMALL, decoding={"mode": member, member: 0}), "a member that is judged by no rule",
            expect=("STRUCTURE_ENUM", "STRUCTURE_RANGE"),
        )  # fmt: skip
        table.row(
            f"mode-missing-{word}", f"no mode, and a sound {member}", "doc-6 doc-2",
            changed(SMALL, decoding={member: value}), "a presence that is judged without a mode", expect="STRUCTURE_MISSING",
        )  # fmt: skip
    table.row(
        "decoding-wrong-types", "top_k and top_p of wrong types", "doc-3",
        changed(SMALL, decoding={"mode": "sample", "temperature": 1, "top_k": 2.5, "top_p": "1"}),
        "a number that is cut or read from text", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    for name, decoding, codes in (
        ("missing", {"temperature": 1}, "STRUCTURE_MISSING"),
        ("unknown", {"mode": "top_k"}, "STRUCTURE_ENUM"),
        (
            "unknown-and-temperature",
            {"mode": "x", "temperature": 0},
            ("STRUCTURE_ENUM", "STRUCTURE_RANGE"),
        ),
        (
            "unknown-and-high",
            {"mode": "x", "temperature": 128.001},
            ("STRUCTURE_ENUM", "STRUCTURE_RANGE"),
        ),
        ("unknown-and-highest", {"mode": "x", "temperature": 128}, "STRUCTURE_ENUM"),
        ("wrong-and-temperature", {"mode": 1, "temperature": "1"}, "STRUCTURE_TYPE"),
    ):
        table.row(
            f"mode-{name}", f"a mode that is {name.replace('-', ' ')}", "doc-6",
            changed(SMALL, decoding=decoding), "a temperature whose presence is judged without a mode",
            expect=codes,
        )  # fmt: skip
    reference = TOKENS["examples"][0]
    table.row(
        "exact-source", "an exact example with source and tolerance", "doc-2",
        changed(TOKENS, examples=[reference | {"kind": "exact"}]),
        "members that are ignored", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "reference-bare", "a reference example without source and tolerance", "doc-2",
        without(TOKENS, "examples__0__source", "examples__0__tolerance"),
        "a default for the tolerance", expect="STRUCTURE_MISSING",
    )  # fmt: skip
    table.row(
        "example-unknown-kind", "an example of a kind without a name: judged for that alone", "doc-6",
        changed(TOKENS, examples=[{"kind": "gold", "source": 1, "extra": 2}]),
        "an object that is judged by rules of no known kind", expect="STRUCTURE_ENUM",
    )  # fmt: skip
    table.row(
        "spelling-4.0", "every integer spelled with a point", "doc-3 json-6",
        json_bytes(TOKENS).replace(b'"hidden_size": 1,', b'"hidden_size": 1.0,')
        .replace(b'"lengths": [2, 1]', b'"lengths": [2.0, 1e0]').replace(b"[[1, 2], [2, 0]]", b"[[1.0, 20e-1], [2.0, 0.0]]"),
        "an integer told by its spelling",
    )  # fmt: skip
