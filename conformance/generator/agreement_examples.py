"""Examples and their states, and several faults at once; the section is in `agreement`."""

from typing import Any

from conformance.generator.build import (
    LSTM_ACTIVATIONS,
    document,
    msgpack_bytes,
    tensor,
    token_net,
)
from conformance.generator.change import changed, put, without
from conformance.generator.full import bare_tokens, embedded, full_features, lean_tokens
from conformance.generator.table import Table

TOKENS, BARE = lean_tokens(), bare_tokens()
FEATURES, EMBEDDED = full_features(), embedded()
ONE = tensor([1, 1], [1.0])


def two_memories(**example: Any) -> dict[str, Any]:  # noqa: ANN401
    """Two LSTMs of one cell over one feature, and an example that has states."""

    def lstm(name: str) -> dict[str, Any]:
        parameters = {"W": f"{name}.W", "R": f"{name}.R"}
        return {
            "name": name,
            "type": "lstm",
            "hidden_size": 1,
            "activations": LSTM_ACTIVATIONS,
            "parameters": parameters,
        }

    zeros = tensor([1, 4], [0.0] * 4)
    tensors = {f"{name}.{role}": zeros for name in ("one", "two") for role in "WR"}
    tensors |= {"x": tensor([1, 1, 1], [1.0]), "y": tensor([1, 1, 1], [0.0])}
    named = [
        array
        for member in ("state", "final_state")
        for arrays in example.get(member, {}).values()
        for array in arrays.values()
    ]
    tensors |= {name: tensor([1, 1], [0.0]) for name in named}
    exact = {"kind": "exact", "input": "x", "output": "y"} | example
    return document(layers=[lstm("one"), lstm("two")], tensors=tensors, examples=[exact])


def examples(table: Table) -> None:
    """[agree-5] and [agree-9], without states."""
    row = dict[str, Any]
    wrong: dict[str, tuple[row, str, str | tuple[str, ...]]] = {
        "ragged": ({"input": [[1, 2], [1], [1, 2, 0], [0, 0]], "lengths": [2, 1, 1, 1]}, "rows of several lengths", ("EXAMPLE_INPUT", "TENSOR_SHAPE")),
        "ragged-id": ({"input": [[1, 2], [99]]}, "a row of another length with a wrong id: one finding", "EXAMPLE_INPUT"),
        "id": ({"input": [[3, 2], [0, 1e300]]}, "ids beyond the vocabulary", "ID_RANGE"),
        "id-last": ({"input": [[2, 2], [2, 2]]}, "the last id of the vocabulary", ""),
        "lengths-few": ({"lengths": [2]}, "one length for two rows", "LABELS_COUNT"),
        "lengths-none": ({"lengths": []}, "no length for two rows", "LABELS_COUNT"),
        "lengths-many": ({"lengths": [9, 9, 9]}, "three lengths for two rows, all wrong: one finding", "LABELS_COUNT"),
        "length-long": ({"lengths": [3, 2]}, "a length of 3 of 2 steps", "ID_RANGE"),
        "length-zero": ({"lengths": [0, 0]}, "lengths of 0", ""),
        "lengths-absent": ({"lengths": None}, "no lengths", ""),
        "name": ({"input": "x.y"}, "a tensor for a net of tokens", ("EXAMPLE_INPUT", "TENSOR_REUSED")),
        "name-unknown": ({"input": "nothing"}, "an unknown tensor for a net of tokens", ("EXAMPLE_INPUT", "TENSOR_UNKNOWN")),
        "more-rows": ({"input": [[1, 2]] * 3, "lengths": None}, "three rows where output and states have two", "TENSOR_SHAPE"),
        "more-steps": ({"input": [[1, 2, 0]] * 2}, "three steps where the output has two", "TENSOR_SHAPE"),
    }  # fmt: skip
    for name, (members, what, codes) in wrong.items():
        example = {**TOKENS["examples"][0], **members}
        example = {key: value for key, value in example.items() if value is not None}
        table.row(
            f"example-tokens-{name}", what, "agree-9 agree-5", changed(TOKENS, examples=[example]),
            "an example that can't be run", expect=codes,
        )  # fmt: skip
    tensors: dict[str, tuple[str, dict[str, Any], str, str | tuple[str, ...]]] = {
        "list": ("x.x", tensor([1, 2, 2], [0.0] * 4), "", ""),
        "flat": ("x.x", tensor([2, 2], [0.0] * 4), "an input of rank 2", "TENSOR_SHAPE"),
        "width": ("x.x", tensor([1, 2, 1], [0.0] * 2), "an input of width 1 for 2 features", "TENSOR_SHAPE"),
        "steps": ("x.x", tensor([1, 1, 2], [0.0] * 2), "one step where lengths and output have two", ("TENSOR_SHAPE", "ID_RANGE")),
        "rows": ("x.x", tensor([2, 2, 2], [0.0] * 8), "two rows where lengths and output have one", ("TENSOR_SHAPE", "LABELS_COUNT")),
        "dtype": ("x.x", tensor([1, 2, 2], [0.0] * 4, "float16"), "an input of float16", "TENSOR_DTYPE"),
        "dtype-shape": ("x.x", tensor([4], [0.0] * 4, "float16"), "an input of float16 and rank 1", ("TENSOR_DTYPE", "TENSOR_SHAPE")),
        "output-dtype": ("x.y", tensor([1, 2, 1], [0.0] * 2, "float16"), "an output of float16", "TENSOR_DTYPE"),
        "output-width": ("x.y", tensor([1, 2, 2], [0.0] * 4), "an output of width 2 for 1", "TENSOR_SHAPE"),
        "weight-float16": ("sum.W", tensor([2, 1], [1.0, 1.0], "float16"), "a weight of float16: allowed", ""),
    }  # fmt: skip
    for name, (tensor_name, entry, what, codes) in tensors.items():
        if what:
            table.row(
                f"example-features-{name}", what, "agree-5 agree-9",
                put(FEATURES, ["tensors", tensor_name], entry), "an example that can't be run",
                expect=codes,
            )  # fmt: skip
    table.row(
        "example-tokens-one", "one row of one step", "agree-9",
        token_net("ab", examples=[{"kind": "exact", "input": [[1]], "output": "y"}],
                  tensors=token_net("ab")["tensors"] | {"y": tensor([1, 1, 2], [0.0] * 2)}),
        "a least number of rows or steps that is too high",
    )  # fmt: skip
    table.row(
        "example-features-list", "a list of ids for a net of features: it is not looked into", "agree-9",
        put(without(FEATURES, "tensors__x.x"), ["examples", 0, "input"], [[99], [1, 2]]),
        "ids taken for features", expect="EXAMPLE_INPUT",
    )  # fmt: skip
    table.row(
        "example-features-unknown", "an input that is not there: lengths and shapes are not judged", "agree-9 agree-5",
        changed(
            without(FEATURES, "tensors__x.x"), examples__0__lengths=[9, 9],
            **{"tensors__x.y": tensor([3, 3, 1], [0.0] * 9)},
        ),
        "N and T that are guessed, or a crash", expect="TENSOR_UNKNOWN",
    )  # fmt: skip
    table.row(
        "example-vocabulary-unknown", "ids of a vocabulary that is not there: they are not judged", "agree-9 agree-2",
        changed(TOKENS, input__vocabulary="none", examples__0__input=[[1, 99], [1e300, 0]]),
        "ids that are compared with no number", expect="VOCABULARY_UNKNOWN",
    )  # fmt: skip
    table.row(
        "example-features-reused", "one tensor for input and output: N and T are known", "agree-5 agree-4",
        changed(
            FEATURES, examples=[{"kind": "exact", "input": "sum.W", "lengths": [1], "output": "x.y"}],
            tensors={**without(FEATURES, "tensors__x.x")["tensors"], "x.y": tensor([1, 2, 2], [0.0] * 4)},
        ),
        "a reference that is judged further", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "example-features-reused-later", "the input of the first example as that of a second", "agree-5 agree-4",
        changed(
            FEATURES, examples=[FEATURES["examples"][0], {"kind": "exact", "input": "x.x", "lengths": [3], "output": "y2"}],
            tensors=FEATURES["tensors"] | {"y2": tensor([1, 1, 1], [0.0])},
        ),
        "N and T that are forgotten with a repeated reference",
        expect=("TENSOR_REUSED", "ID_RANGE", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "example-second", "the second of two examples is wrong", "agree-9 stage-4",
        changed(
            FEATURES, examples=[*FEATURES["examples"], {"kind": "exact", "input": "x2", "output": "none"}],
            tensors=FEATURES["tensors"] | {"x2": tensor([1, 1, 2], [0.0] * 2)},
        ),
        "examples that are not all judged", expect="TENSOR_UNKNOWN",
    )  # fmt: skip


def states(table: Table) -> None:
    """[agree-9]: states."""
    one, two = {"h": "h1", "c": "c1"}, {"h": "h2", "c": "c2"}
    rows: dict[str, tuple[dict[str, Any], str, str | tuple[str, ...]]] = {
        "sound": ({"state": {"two": two, "one": one}}, "both layers, in another order", ""),
        "missing": ({"state": {"one": one}}, "one layer of two", "STATE_INCOMPLETE"),
        "missing-both": ({"state": {}}, "no layer of two: two findings", "STATE_INCOMPLETE"),
        "final-missing": ({"final_state": {"two": two}}, "one layer of two in final_state", "STATE_INCOMPLETE"),
        "without-c": ({"state": {"one": {"h": "h1"}, "two": two}}, "an LSTM without c", "STATE_INCOMPLETE"),
        "unknown": ({"state": {"one": one, "two": two, "three": {"h": "h3"}}}, "a layer that is not there", "LAYER_UNKNOWN"),
        "unknown-odd": ({"state": {"one": one, "two": two, "__proto__": {"h": "h3"}, "a/b": {"h": "h4"}}}, "layers with odd names", "LAYER_UNKNOWN"),
        "case": ({"state": {"one": one, "Two": two}}, "a layer with a capital letter", ("LAYER_UNKNOWN", "STATE_INCOMPLETE")),
        "reused": ({"state": {"one": {"h": "h1", "c": "h1"}, "two": two}}, "one tensor for h and c", "TENSOR_REUSED"),
    }  # fmt: skip
    for name, (members, what, codes) in rows.items():
        table.row(
            f"state-{name}", what, "agree-9", two_memories(**members),
            "a state that does not fit the net", expect=codes,
        )  # fmt: skip
    both = two_memories(state={"one": one, "two": two})
    table.row(
        "state-shapes", "h of two rows, c of two cells, h of rank 1", "agree-5 agree-9",
        put(
            put(put(both, ["tensors", "h1"], tensor([2, 1], [0.0] * 2)), ["tensors", "c1"], tensor([1, 2], [0.0] * 2)),
            ["tensors", "h2"], tensor([1], [0.0]),
        ),
        "a state that is stretched or cut", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "state-dtype", "a state of float16", "agree-5",
        put(both, ["tensors", "c2"], tensor([1, 1], [0.0], "float16")), "a state of another dtype",
        expect="TENSOR_DTYPE",
    )  # fmt: skip
    dense_state = put(FEATURES, ["examples", 0, "state"], {"sum": {"h": "x.h"}})
    table.row(
        "state-dense", "a state for a dense layer, float16: dtype judged, shape not", "agree-9 agree-5",
        put(dense_state, ["tensors", "x.h"], tensor([7], [0.0] * 7, "float16")),
        "a layer without state, or a tensor that is not judged", expect=("LAYER_UNKNOWN", "TENSOR_DTYPE"),
    )  # fmt: skip
    table.row(
        "state-empty", "an empty state for a net without recurrent layers", "agree-9",
        put(FEATURES, ["examples", 0, "state"], {}), "an empty state that is refused",
    )  # fmt: skip


def several(table: Table) -> None:
    """[stage-3]: all findings, in both encodings."""
    broken = put(
        changed(
            TOKENS, layers__0__name="input", layers__2__name="memory", output__kind="probabilities",
            output__labels=["x"], examples__0__lengths=[3, 1], vocabularies__text__end=3,
        ),
        ["tensors", "extra"], tensor([1], [1.0]),
    )  # fmt: skip
    codes = (
        "NAME_RESERVED", "NAME_REPEATED", "OUTPUT_KIND", "LABELS_COUNT", "ID_RANGE", "TENSOR_UNUSED",
    )  # fmt: skip
    table.row(
        "several-json", "six faults: each is reported", "stage-3", broken, "a reader that stops at the first",
        expect=codes,
    )  # fmt: skip
    table.row(
        "several-warning", "an error and a warning", "stage-3 vocabulary-4",
        changed(TOKENS, vocabularies__text__tokens=["", "a", "a"], vocabularies__text__end=7),
        "a warning that is lost with an error", expect=("ID_RANGE", "VOCABULARY_REPEATED"),
    )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "several-msgpack", "the same six in msgpack", "stage-3 stage-4", msgpack_bytes(broken),
        "other places in msgpack", expect=codes,
    )  # fmt: skip
