"""9.2 and [agree-8] for the mode `ctc` and its `blank`; the section is in `layers`."""

from typing import Any

from conformance.generator.build import token_net
from conformance.generator.change import changed, put
from conformance.generator.table import Table

Json = dict[str, Any]
CTC: Json = {"mode": "ctc", "blank": 1}
BASE = token_net("ab", decoding=CTC)


def ctc(table: Table) -> None:
    """Presence, types, range, agreement."""
    table.features = None
    table.both("ctc", "decoding by CTC", "doc-2 digest-2 agree-8", BASE, "a mode that is not known")
    table.row(
        "ctc-blank-0",
        "a blank of 0, spelled 0.0",
        "doc-3 agree-8",
        put(BASE, ["decoding", "blank"], 0.0),
        "an id told by its spelling, or taken for none",
    )
    if table.cases[-1].expect["fingerprint"] == table.cases[-2].expect["fingerprint"]:
        raise ValueError("the blank does not show in the fingerprint")
    features = changed(
        BASE, input={"kind": "features", "size": 2},
        layers=[{"name": "d", "type": "dense", "size": 2, "parameters": {"W": "W"}}],
    )  # fmt: skip
    table.row(
        "ctc-features",
        "CTC of a net of features",
        "agree-8",
        features,
        "a mode for nets of tokens alone",
    )
    table.features = ["json"]
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "without-blank": ({"mode": "ctc"}, "ctc without a blank", "STRUCTURE_MISSING"),
        "temperature": (CTC | {"temperature": 1}, "ctc with a temperature", "STRUCTURE_UNKNOWN_KEY"),
        "cuts": (CTC | {"top_k": 0, "top_p": "1"}, "ctc with a wrong top_k and top_p: two findings", "STRUCTURE_UNKNOWN_KEY"),
        "greedy": (CTC | {"mode": "greedy"}, "greedy with a blank", "STRUCTURE_UNKNOWN_KEY"),
        "greedy-wrong": ({"mode": "greedy", "blank": None}, "greedy with a blank of null: one finding", "STRUCTURE_UNKNOWN_KEY"),
        "sample": ({"mode": "sample", "temperature": 1, "blank": 0}, "sample with a blank", "STRUCTURE_UNKNOWN_KEY"),
        "mode-absent": ({"blank": 0}, "no mode, and a blank: its presence is not judged", "STRUCTURE_MISSING"),
        "mode-unknown": ({"mode": "CTC"}, "an unknown mode without a blank", "STRUCTURE_ENUM"),
        "mode-unknown-blank": ({"mode": "ctc_beam", "blank": -1, "temperature": 1}, "an unknown mode and a blank below 0", ("STRUCTURE_ENUM", "STRUCTURE_RANGE")),
        "minus": ({"mode": "ctc", "blank": -1}, "a blank counted from the end", "STRUCTURE_RANGE"),
        "fraction": ({"mode": "ctc", "blank": 0.5}, "a blank and a half", "STRUCTURE_TYPE"),
        "null": ({"mode": "ctc", "blank": None}, "a blank of null", "STRUCTURE_TYPE"),
        "string": ({"mode": "ctc", "blank": "b"}, "a blank by its token", "STRUCTURE_TYPE"),
        "true": ({"mode": "ctc", "blank": True}, "a blank of true", "STRUCTURE_TYPE"),
        "size": ({"mode": "ctc", "blank": 2}, "a blank of V", "ID_RANGE"),
        "large": ({"mode": "ctc", "blank": 2**53}, "a blank of 2^53", "ID_RANGE"),
    }  # fmt: skip
    for name, (decoding, what, codes) in rows.items():
        table.row(
            f"ctc-{name}", what, "doc-2 doc-4 doc-6 agree-8", put(BASE, ["decoding"], decoding),
            "a blank that is ignored, guessed, or out of range", expect=codes,
        )  # fmt: skip
    table.row(
        "ctc-no-vocabulary", "CTC without an output vocabulary: the blank is not judged", "agree-8",
        changed(features, output={"kind": "values"}, vocabularies={}, decoding={"mode": "ctc", "blank": 9}), "an id of no vocabulary",
        expect="DECODING_OUTPUT",
    )  # fmt: skip
    table.row(
        "ctc-unknown-vocabulary", "CTC with an output vocabulary that is not there", "agree-8 agree-2",
        changed(BASE, output__vocabulary="other", decoding__blank=9), "a finding that hangs on another", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    other = put(BASE, ["vocabularies", "more"], {"unit": "codepoint", "tokens": ["x", "y", "z"]})
    wide = put(changed(other, output__vocabulary="more", layers__1__size=3), ["tensors", "W"], {"dtype": "float32", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6]})  # fmt: skip
    table.features = None
    table.row(
        "ctc-output-vocabulary", "a blank of the output's vocabulary, beyond that of the input", "agree-8",
        put(wide, ["decoding", "blank"], 2), "the V of the input",
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "ctc-output-vocabulary-beyond", "a blank beyond the output's vocabulary", "agree-8", put(wide, ["decoding", "blank"], 3), "the V of the input",
        expect="ID_RANGE",
    )  # fmt: skip
