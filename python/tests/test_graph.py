"""Who reads whom: names, widths, time, and what a model makes of it (SPEC 8, agree-3)."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import (
    AddLayer,
    ConcatLayer,
    DenseLayer,
    FeatureInput,
    Model,
    Output,
    RnnspecError,
    Tensor,
    load,
    to_bytes,
    validate,
)

from .nets import Json, as_json, feature_net
from .test_validate_parts import ELMAN, TENSORS, tensor, with_layers

RELU = {"type": "activation", "function": "relu"}
LAST = {"type": "last_step"}
BACK = {"type": "time_reverse"}
FINAL = {**ELMAN, "output": "final"}
NORM = {"type": "layer_norm", "epsilon": 0.5, "parameters": {"gamma": "g", "beta": "t"}}


def dense(size: int, *inputs: str, W: str = "D") -> dict[str, Any]:
    return {"type": "dense", "size": size, "parameters": {"W": W}, **reads(*inputs)}


def reads(*inputs: str) -> dict[str, Any]:
    return {"inputs": list(inputs)} if inputs else {}


def merge(layer_type: str, *inputs: str) -> dict[str, Any]:
    return {"type": layer_type, "inputs": list(inputs)}


def findings(top: Json) -> set[tuple[str, str]]:
    """Without the code's prefix of the place: 1/type for /layers/1/type."""
    found = validate(as_json(top))
    assert all(str(issue).isprintable() and len(str(issue)) <= 200 for issue in found)
    return {(issue.code, str(issue.place).removeprefix("/layers/")) for issue in found}


E = TENSORS["elman"]


@pytest.mark.parametrize(
    ("layers", "tensors", "expected"),
    [
        # The input has 2 features; layers are l0, l1, …
        ([RELU, {**RELU, **reads("l0")}], {}, set()),
        ([{**RELU, **reads("input")}], {}, set()),
        ([{**RELU, "inputs": []}], {}, {("STRUCTURE_LENGTH", "0/inputs")}),
        ([{**RELU, "inputs": ["input", "input"]}], {}, {("STRUCTURE_LENGTH", "0/inputs")}),
        ([{**RELU, "inputs": "input"}], {}, {("STRUCTURE_TYPE", "0/inputs")}),
        ([{**RELU, "inputs": [3]}], {}, {("STRUCTURE_TYPE", "0/inputs/0")}),
        ([{"type": "add"}], {}, {("STRUCTURE_MISSING", "0/inputs")}),
        ([merge("concat", "input")], {}, {("STRUCTURE_LENGTH", "0/inputs")}),
        ([merge("concat", "input", "input")], {}, set()),
        ([{**RELU, **reads("l0")}], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([{**RELU, **reads("l1")}, RELU], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([merge("add", "9", "input", "\u202e")], {}, {("INPUT_UNKNOWN", "0/inputs/0"), ("INPUT_UNKNOWN", "0/inputs/2")}),
        # A layer that nobody reads; not where a name is unknown.
        ([RELU, {**RELU, **reads("input")}], {}, {("LAYER_UNUSED", "0")}),
        ([RELU, RELU, {**RELU, **reads("input")}], {}, {("LAYER_UNUSED", "0"), ("LAYER_UNUSED", "1")}),
        ([RELU, {**RELU, **reads("x")}, {**RELU, **reads("input")}], {}, {("INPUT_UNKNOWN", "1/inputs/0")}),
        # Widths.
        ([dense(3), merge("add", "l0", "input")], {"D": tensor(2, 3)}, {("INPUT_WIDTH", "1/inputs")}),
        ([dense(3), merge("multiply", "l0", "l0", "input")], {"D": tensor(2, 3)}, {("INPUT_WIDTH", "1/inputs")}),
        ([dense(3), merge("concat", "l0", "input"), dense(1, W="V")], {"D": tensor(2, 3), "V": tensor(5, 1)}, set()),
        ([dense(3), merge("concat", "l0", "input"), dense(1, W="V")], {"D": tensor(2, 3), "V": tensor(6, 1)}, {("TENSOR_SHAPE", "2/parameters/W")}),
        ([merge("concat", *["input"] * 32_768)], {}, set()),
        ([merge("concat", *["input"] * 32_769)], {}, {("INPUT_WIDTH", "0/inputs")}),
        # After a width that does not fit the layer's own is unknown, but not whether it has time.
        ([dense(3), merge("add", "l0", "input"), dense(1, W="V")], {"D": tensor(2, 3), "V": tensor(9, 1)}, {("INPUT_WIDTH", "1/inputs")}),
        ([dense(3), merge("add", "l0", "input"), LAST, BACK], {"D": tensor(2, 3)}, {("INPUT_WIDTH", "1/inputs"), ("LAYER_INPUT", "3/type")}),
        # After an unknown name a layer's own width is what it says, and its time is unknown.
        ([dense(3, "x"), dense(1, W="V")], {"D": tensor(9, 3), "V": tensor(3, 1)}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([dense(3, "x"), dense(1, W="V")], {"D": tensor(9, 3), "V": tensor(4, 1)}, {("INPUT_UNKNOWN", "0/inputs/0"), ("TENSOR_SHAPE", "1/parameters/W")}),
        ([{**RELU, **reads("x")}, LAST], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([{**RELU, **reads("x")}, merge("add", "l0", "input")], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([{**FINAL, **reads("x")}, BACK], {"W": tensor(9, 3), "R": tensor(3, 3)}, {("INPUT_UNKNOWN", "0/inputs/0"), ("LAYER_INPUT", "1/type")}),
        # What hangs on time that is unknown is not judged.
        ([{**RELU, **reads("x")}, {**LAST, **reads("input")}, merge("add", "l0", "l1", "input")], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        # Time.
        ([FINAL, {**LAST, **reads("input")}, merge("concat", "l0", "l1")], E, set()),
        ([FINAL, merge("concat", "l0", "input")], E, {("LAYER_INPUT", "1/type")}),
        ([FINAL, merge("add", "l0", "input")], E, {("LAYER_INPUT", "1/type")}),
        ([FINAL, merge("concat", "l0", "input"), dense(1), BACK], E | {"D": tensor(9, 1)}, {("LAYER_INPUT", "1/type")}),
        ([LAST, BACK], {}, {("LAYER_INPUT", "1/type")}),
        ([LAST, NORM], {"g": tensor(2), "t": tensor(2)}, set()),
        ([LAST, {**ELMAN, **reads("input")}, merge("concat", "l0", "l1")], E, {("LAYER_INPUT", "2/type")}),
        ([BACK, LAST], {}, set()),
        # Layers for tokens.
        ([{"type": "one_hot"}], {}, {("LAYER_INPUT", "0/type")}),
        ([{"type": "one_hot", **reads("x")}], {}, {("INPUT_UNKNOWN", "0/inputs/0")}),
        ([NORM], {"g": tensor(3), "t": tensor(2)}, {("TENSOR_SHAPE", "0/parameters/gamma")}),
        ([{**NORM, "epsilon": 2.0**-51}], {"g": tensor(2), "t": tensor(2)}, {("STRUCTURE_RANGE", "0/epsilon")}),
    ],
)  # fmt: skip
def test_findings(layers: Json, tensors: Json, expected: set[tuple[str, str]]) -> None:
    assert findings(with_layers(*layers, **tensors)) == expected


def test_a_net_of_tokens() -> None:
    def top(*layers: Json, **tensors: Json) -> Json:
        tokens = {"kind": "tokens", "vocabulary": "v"}
        vocabularies = {"v": {"unit": "codepoint", "tokens": ["a", "b"]}}
        return {**with_layers(*layers, **tensors), "input": tokens, "vocabularies": vocabularies}

    one_hot, again = {"type": "one_hot"}, {"type": "one_hot", **reads("input")}
    assert findings(top(one_hot, again, merge("add", "l0", "l1"))) == set()
    embedding = {"type": "embedding", "size": 5, "parameters": {"E": "E"}, **reads("input")}
    both = merge("concat", "l0", "l1")
    assert findings(top(one_hot, embedding, both, E=tensor(2, 5))) == set()
    assert findings(top(one_hot, one_hot)) == {("LAYER_INPUT", "1/type")}
    # One of the inputs is the ids; what else is unknown does not matter.
    assert findings(top(one_hot, merge("add", "l0", "input"))) == {("LAYER_INPUT", "1/type")}
    assert findings(top(one_hot, merge("add", "x", "input"))) == {
        ("INPUT_UNKNOWN", "1/inputs/0"),
        ("LAYER_INPUT", "1/type"),
    }


def test_of_several_layers_of_one_name_it_means_the_first() -> None:
    top = with_layers(dense(3, W="D"), dense(4, W="V"), RELU, D=tensor(2, 3), V=tensor(3, 4))
    for layer in top["layers"][:2]:
        layer["name"] = "twice"
    assert findings(top) == {("NAME_REPEATED", "1/name")}
    top["layers"][2] |= reads("twice")
    assert findings(top) == {("NAME_REPEATED", "1/name"), ("LAYER_UNUSED", "1")}
    top = with_layers(dense(3), {**RELU, **reads("input")}, D=tensor(2, 3))
    top["layers"][0]["name"] = "input"
    assert findings(top) == {("NAME_RESERVED", "0/name"), ("LAYER_UNUSED", "0")}


# --- models ---------------------------------------------------------------------------------------


def test_a_model_always_says_what_a_layer_reads() -> None:
    model = load(as_json(with_layers(RELU, RELU, merge("add", "l0", "l1"), dense(1), D=tensor(2, 1))))  # fmt: skip
    want = [("input",), ("l0",), ("l0", "l1"), ("l2",)]
    assert [layer.inputs for layer in model.layers] == want
    assert all(layer.inputs for layer in feature_net().layers)


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
def test_the_default_need_not_be_spelled(encoding: Any) -> None:  # noqa: ANN401 - one of two words
    spelled = with_layers(
        {**RELU, **reads("input")}, {**RELU, **reads("l0")}, merge("add", "l0", "l1")
    )
    plain = with_layers(RELU, RELU, merge("add", "l0", "l1"))
    one, other = load(as_json(spelled)), load(as_json(plain))
    assert one == other
    assert load(to_bytes(one, encoding)) == one
    assert rnnspec.structure(one) == rnnspec.structure(other)
    written = json.loads(to_bytes(one, "json"))["layers"]
    assert [layer.get("inputs") for layer in written] == [None, None, ["l0", "l1"]]
    skipping = with_layers(RELU, RELU, merge("add", "l0", "input"), merge("add", "l1", "l2"))
    assert rnnspec.structure(load(as_json(skipping))) != rnnspec.structure(one)


def test_a_direction_that_is_the_default_is_in_no_digest() -> None:
    plain = load(as_json(with_layers(ELMAN, **E)))
    spelled = load(as_json(with_layers({**ELMAN, "direction": "forward", "output": "sequence"}, **E)))  # fmt: skip
    assert rnnspec.structure(plain) == rnnspec.structure(spelled)
    assert rnnspec.fingerprint(plain) == rnnspec.fingerprint(spelled)
    back = load(as_json(with_layers({**ELMAN, "direction": "reverse"}, **E)))
    assert rnnspec.structure(back) != rnnspec.structure(plain)


def test_a_graph_made_by_hand() -> None:
    W = Tensor(np.array([[1, 2], [3, 4]], np.float32))
    model = Model(
        input=FeatureInput(size=2),
        layers=(
            DenseLayer(name="a", size=2, parameters={"W": "W"}),
            AddLayer(name="skip", inputs=["a", "input"]),  # type: ignore[arg-type] # lists are taken too
            ConcatLayer(name="all", inputs=("skip", "a")),
        ),
        output=Output(kind="values"),
        tensors={"W": W},
    )
    assert model.layers[0].inputs == ("input",)
    output, _ = rnnspec.run(rnnspec.compile(load(to_bytes(model, "msgpack"))), [[[1, 1]]])
    assert output.tolist() == [[[5, 7, 4, 6]]]
    assert (rnnspec.run(rnnspec.compile(model), [[[1, 1]]])[0] == output).all()
    wider = dataclasses.replace(model.layers[1], inputs=("a", "nobody"))
    broken = dataclasses.replace(model, layers=(model.layers[0], wider))
    with pytest.raises(RnnspecError, match="INPUT_UNKNOWN"):
        to_bytes(broken, "json")
    with pytest.raises(ValueError, match="not sound"):
        rnnspec.compile(broken)


def test_a_plan_lets_go_of_what_nobody_reads_any_more() -> None:
    layers = [RELU, RELU, merge("add", "l0", "l1"), {**RELU, **reads("l1")}, merge("concat", "l2", "l3")]  # fmt: skip
    plan = rnnspec.compile(load(as_json(with_layers(*layers))))
    assert [stage.frees for stage in plan.stages.values()] == [(0,), (), (1,), (2,), (3, 4)]
    assert [stage.reads for stage in plan.stages.values()] == [(0,), (1,), (1, 2), (2,), (3, 4)]
