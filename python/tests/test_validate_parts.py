"""Findings about vocabularies, layers, states of examples and extensions (SPEC 5.3, 7, 8, 9, 10)."""

import json
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import pytest

import rnnspec
from rnnspec import RnnspecError, load, to_bytes, validate
from rnnspec.layout import FUNCTIONS

from .nets import Json, as_json, document

Expected = set[tuple[str, str]]


def findings(top: Json, *, try_anyway: bool = False) -> set[tuple[str, int | str]]:
    data = top if isinstance(top, bytes) else as_json(top)
    found = validate(data, try_anyway=try_anyway)
    assert all(str(issue).isprintable() and len(str(issue)) <= 200 for issue in found)
    return {(issue.code, issue.place) for issue in found}


def tensor(*shape: int) -> dict[str, Any]:
    size = 1
    for length in shape:
        size *= length
    return {"dtype": "float32", "shape": list(shape), "data": [0.5] * size}


# --- vocabularies ---------------------------------------------------------------------------------


def with_vocabulary(**vocabulary: Json) -> dict[str, Any]:
    """A net over three tokens."""
    return {
        "rnnspec": "1.0-draft.3",
        "input": {"kind": "tokens", "vocabulary": "v"},
        "vocabularies": {"v": vocabulary},
        "layers": [
            {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
        ],
        "output": {"kind": "values"},
        "tensors": {"E": tensor(3, 2)},
    }


AT = "/vocabularies/v"


@pytest.mark.parametrize(
    ("vocabulary", "expected"),
    [
        ({"unit": "byte", "tokens": [0, 255, ""], "unknown": 2}, set()),
        ({"unit": "byte", "tokens": [0.0, 10, 20e-1]}, set()),
        ({"unit": "byte", "tokens": [256, -1, 0.5]}, {("STRUCTURE_TOKEN", f"{AT}/tokens/{k}") for k in range(3)}),
        ({"unit": "byte", "tokens": ["a", True, None]}, {("STRUCTURE_TOKEN", f"{AT}/tokens/0"), ("STRUCTURE_TYPE", f"{AT}/tokens/1"), ("STRUCTURE_TYPE", f"{AT}/tokens/2")}),
        ({"unit": "byte", "tokens": [0, 0, ""]}, {("VOCABULARY_REPEATED", f"{AT}/tokens/1"), ("VOCABULARY_EMPTY", f"{AT}/tokens/2")}),
        ({"unit": "byte", "tokens": [0, 0, ""], "end": 1, "padding": 2}, set()),
        ({"unit": "byte", "tokens": [0, 0, 0], "end": 0}, {("VOCABULARY_REPEATED", f"{AT}/tokens/2")}),
        ({"unit": "byte", "tokens": [0, 1, 2], "separator": " "}, {("STRUCTURE_UNKNOWN_KEY", f"{AT}/separator")}),
        ({"unit": "codepoint", "tokens": ["a", 1, "ab"]}, {("STRUCTURE_TYPE", f"{AT}/tokens/1"), ("STRUCTURE_TOKEN", f"{AT}/tokens/2")}),
        ({"unit": "codepoint", "tokens": ["a", "😀", "\u0301"]}, set()),
        ({"unit": "token", "tokens": ["a b", "", "c"], "separator": " ", "start": 1}, set()),
        ({"unit": "token", "tokens": ["a", "a", "c"], "start": 1}, set()),
        ({"unit": "token", "tokens": ["a", 1, "c"]}, {("STRUCTURE_TYPE", f"{AT}/tokens/1")}),
        ({"unit": "token", "tokens": ["a", "b", "c"], "separator": ""}, {("STRUCTURE_TOKEN", f"{AT}/separator")}),
        ({"unit": "token", "tokens": ["a", "b", "c"], "separator": 0}, {("STRUCTURE_TYPE", f"{AT}/separator")}),
        ({"unit": "token", "tokens": ["a", "b", "c"], "extensions": {"A_b": None}}, set()),
        ({"unit": "letters", "tokens": 3, "x": 1}, {("STRUCTURE_ENUM", f"{AT}/unit")}),
    ],
)  # fmt: skip
def test_vocabularies(vocabulary: Json, expected: Expected) -> None:
    assert findings(with_vocabulary(**vocabulary)) == expected


# --- layers ---------------------------------------------------------------------------------------


def with_layers(*layers: Json, output: Json = None, **tensors: Json) -> dict[str, Any]:
    named = [{"name": f"l{k}", **layer} for k, layer in enumerate(layers)]
    return {
        "rnnspec": "1.0-draft.3",
        "input": {"kind": "features", "size": 2},
        "layers": named,
        "output": output or {"kind": "values"},
        "tensors": tensors,
    }


TANH = {"function": "tanh"}
ELMAN = {"type": "elman", "hidden_size": 3, "activation": TANH, "parameters": {"W": "W", "R": "R"}}
GRU = {
    "type": "gru",
    "hidden_size": 3,
    "reset": "after",
    "activations": {"gates": TANH, "candidate": TANH},
    "parameters": {"W": "W", "R": "R", "b": "b", "rb": "rb", "h0": "h0"},
}
LSTM = {
    "type": "lstm",
    "hidden_size": 3,
    "activations": {"gates": TANH, "candidate": TANH, "output": TANH},
    "parameters": {"W": "W", "R": "R", "h0": "h0", "c0": "c0"},
}
TENSORS = {
    "elman": {"W": tensor(2, 3), "R": tensor(3, 3)},
    "gru": {"W": tensor(2, 9), "R": tensor(3, 9), "b": tensor(9), "rb": tensor(3), "h0": tensor(3)},
    "lstm": {"W": tensor(2, 12), "R": tensor(3, 12), "h0": tensor(3), "c0": tensor(3)},
}
L = "/layers/0"


@pytest.mark.parametrize(
    ("layer", "changes", "expected"),
    [
        (ELMAN, {}, set()),
        (ELMAN, {"output": "final", "extensions": {"A_b": [None]}}, set()),
        (ELMAN, {"output": "last"}, {("STRUCTURE_ENUM", f"{L}/output")}),
        (ELMAN, {"output": None}, {("STRUCTURE_TYPE", f"{L}/output")}),
        (ELMAN, {"activation": ...}, {("STRUCTURE_MISSING", f"{L}/activation")}),
        (ELMAN, {"activation": "tanh"}, {("STRUCTURE_TYPE", f"{L}/activation")}),
        (ELMAN, {"activation": {}}, {("STRUCTURE_MISSING", f"{L}/activation/function")}),
        (ELMAN, {"activation": {"function": "softmax"}}, {("STRUCTURE_ENUM", f"{L}/activation/function")}),
        (ELMAN, {"activation": {"function": "swish", "alpha": "x"}}, {("STRUCTURE_ENUM", f"{L}/activation/function")}),
        (ELMAN, {"activation": {"function": "tanh", "alpha": 1}}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/activation/alpha")}),
        (ELMAN, {"activation": {"function": "elu"}}, {("STRUCTURE_MISSING", f"{L}/activation/alpha")}),
        (ELMAN, {"activation": {"function": "elu", "alpha": 1.1e38}}, {("STRUCTURE_RANGE", f"{L}/activation/alpha")}),
        (ELMAN, {"activation": {"function": "elu", "alpha": -1e38}}, set()),
        (ELMAN, {"activation": {"function": "elu", "alpha": 1, "extensions": {}}}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/activation/extensions")}),
        (ELMAN, {"activations": {}}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/activations")}),
        (GRU, {}, set()),
        (GRU, {"reset": "before"}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/parameters/rb")}),
        (GRU, {"reset": "never"}, {("STRUCTURE_ENUM", f"{L}/reset")}),
        (GRU, {"reset": ...}, {("STRUCTURE_MISSING", f"{L}/reset")}),
        (GRU, {"activations": {"gates": TANH, "candidate": TANH, "output": TANH}}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/activations/output")}),
        (GRU, {"hidden_size": 4}, {("TENSOR_SHAPE", f"{L}/parameters/{role}") for role in ("W", "R", "b", "rb", "h0")}),
        (LSTM, {}, set()),
        (LSTM, {"activations": {"gates": TANH}}, {("STRUCTURE_MISSING", f"{L}/activations/{name}") for name in ("candidate", "output")}),
        (LSTM, {"hidden_size": 4}, {("TENSOR_SHAPE", f"{L}/parameters/{role}") for role in ("W", "R", "h0", "c0")}),
        (LSTM, {"reset": "after"}, {("STRUCTURE_UNKNOWN_KEY", f"{L}/reset")}),
    ],
)  # fmt: skip
def test_recurrent_layers(layer: Json, changes: Json, expected: Expected) -> None:
    members = {name: value for name, value in {**layer, **changes}.items() if value is not ...}
    assert findings(with_layers(members, **TENSORS[layer["type"]])) == expected


AFFINE = {"type": "affine", "parameters": {"s": "s", "t": "t"}}


def test_other_layers() -> None:
    st = {"s": tensor(2), "t": tensor(2)}
    assert findings(with_layers(AFFINE, **st)) == set()
    assert findings(with_layers(AFFINE, **{**st, "t": tensor(3)})) == {("TENSOR_SHAPE", f"{L}/parameters/t")}  # fmt: skip
    assert findings(with_layers({**AFFINE, "parameters": {"s": "s"}}, s=tensor(2))) == {("STRUCTURE_MISSING", f"{L}/parameters/t")}  # fmt: skip
    assert findings(with_layers({"type": "last_step"})) == set()
    assert findings(with_layers({"type": "last_step", "parameters": {}})) == {("STRUCTURE_UNKNOWN_KEY", f"{L}/parameters")}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_activation_layers(function: str) -> None:
    numbers = dict.fromkeys(FUNCTIONS[function], 0.5)
    layer = {"type": "activation", "function": function}
    assert findings(with_layers({**layer, **numbers})) == set()
    missing = {("STRUCTURE_MISSING", f"{L}/{name}") for name in numbers}
    extra = {("STRUCTURE_UNKNOWN_KEY", f"{L}/{name}") for name in {"alpha", "beta"} - set(numbers)}
    assert findings(with_layers(layer)) == missing
    assert findings(with_layers({**layer, "alpha": 1, "beta": 1})) == extra


def test_an_unknown_function_is_judged_alone() -> None:
    layer = {"type": "activation", "function": "swish", "name": "9", "x": 1}
    assert findings(with_layers(layer)) == {("STRUCTURE_ENUM", f"{L}/function")}


def test_kinds_belong_to_functions_of_vectors_alone() -> None:
    probabilities = {"kind": "probabilities"}
    relu = {"type": "activation", "function": "relu"}
    assert findings(with_layers(relu, output=probabilities)) == {("OUTPUT_KIND", "/output/kind")}
    softmax = {"type": "activation", "function": "softmax"}
    assert findings(with_layers({"type": "last_step"}, softmax, output=probabilities)) == set()
    assert findings(with_layers(softmax, {"type": "last_step"}, output=probabilities)) == {("OUTPUT_KIND", "/output/kind")}  # fmt: skip


def test_what_stands_where_there_is_no_time() -> None:
    last, relu = {"type": "last_step"}, {"type": "activation", "function": "relu"}
    dense = {"type": "dense", "size": 2, "parameters": {"W": "D"}}
    st = {"s": tensor(2), "t": tensor(2), "D": tensor(2, 2)}
    assert findings(with_layers(last, relu, dense, AFFINE, **st)) == set()
    assert findings(with_layers(last, relu, last)) == {("LAYER_INPUT", "/layers/2/type")}
    final = {**ELMAN, "output": "final"}
    # Behind a fault the width is known where the layer declares it: 3, so that D does not fit.
    assert findings(with_layers(last, final, dense, D=tensor(2, 2), **TENSORS["elman"])) == {
        ("LAYER_INPUT", "/layers/1/type"),
        ("TENSOR_SHAPE", "/layers/2/parameters/W"),
    }
    # Behind a second last_step it is not.
    assert findings(with_layers(last, last, dense, D=tensor(7, 2))) == {("LAYER_INPUT", "/layers/1/type")}  # fmt: skip
    one_hot = {"type": "one_hot"}
    assert findings(with_layers(last, one_hot)) == {("LAYER_INPUT", "/layers/1/type")}


# --- states and outputs of examples -----------------------------------------------------------------


def with_example(layer: Json, example: Json, **tensors: Json) -> dict[str, Any]:
    top = with_layers(
        layer, **TENSORS[layer["type"]], x=tensor(1, 2, 2), y=tensor(1, 2, 3), **tensors
    )
    top["examples"] = [{"kind": "exact", "input": "x", "output": "y", **example}]
    return top


def test_states_of_layers_with_h_alone() -> None:
    E = "/examples/0/state/l0"
    h = {"h": "h", "c": "c"}
    arrays = {"h": tensor(1, 3), "c": tensor(1, 3)}
    assert findings(with_example(LSTM, {"state": {"l0": h}}, **arrays)) == set()
    assert findings(with_example(GRU, {"state": {"l0": {"h": "h"}}}, h=tensor(1, 3))) == set()
    assert findings(with_example(GRU, {"state": {"l0": h}}, **arrays)) == {
        ("LAYER_UNKNOWN", f"{E}/c")
    }
    half = {"dtype": "float16", "shape": [7], "data": "AAAAAAAAAAAAAAAAAAA="}
    # Its reference counts, its dtype is judged, its shape is not.
    assert findings(with_example(ELMAN, {"state": {"l0": h}}, h=tensor(1, 4), c=half)) == {
        ("LAYER_UNKNOWN", f"{E}/c"),
        ("TENSOR_DTYPE", f"{E}/c"),
        ("TENSOR_SHAPE", f"{E}/h"),
    }
    assert findings(with_example(LSTM, {"state": {"l0": {"h": "h"}}}, h=tensor(1, 3))) == {("STATE_INCOMPLETE", E)}  # fmt: skip


def test_the_output_of_an_example_without_time() -> None:
    final = {**ELMAN, "output": "final"}
    top = with_example(final, {})
    assert findings(top) == {("TENSOR_SHAPE", "/examples/0/output")}
    top["tensors"]["y"] = tensor(1, 3)
    assert findings(top) == set()
    top["examples"][0]["lengths"] = [0]
    assert findings(top) == set()


@pytest.mark.parametrize(
    ("decoding", "expected"),
    [
        ({"mode": "sample", "temperature": 1, "top_k": 3, "top_p": 0.5}, set()),
        ({"mode": "sample", "temperature": 1, "top_k": 0, "top_p": 0}, {("STRUCTURE_RANGE", "/decoding/top_k"), ("STRUCTURE_RANGE", "/decoding/top_p")}),
        ({"mode": "sample", "temperature": 1, "top_k": 2**31, "top_p": 1.01}, {("STRUCTURE_RANGE", "/decoding/top_k"), ("STRUCTURE_RANGE", "/decoding/top_p")}),
        ({"mode": "sample", "temperature": 1, "top_k": 1.5, "top_p": "1"}, {("STRUCTURE_TYPE", "/decoding/top_k"), ("STRUCTURE_TYPE", "/decoding/top_p")}),
        ({"mode": "sample", "temperature": 1, "top_p": 2.0**-20}, set()),
        ({"mode": "greedy", "top_k": 3, "top_p": 0.5}, {("STRUCTURE_UNKNOWN_KEY", "/decoding/top_k"), ("STRUCTURE_UNKNOWN_KEY", "/decoding/top_p")}),
        ({"mode": "beam", "top_k": 0, "top_p": 0.5}, {("STRUCTURE_ENUM", "/decoding/mode"), ("STRUCTURE_RANGE", "/decoding/top_k")}),
    ],
)  # fmt: skip
def test_decoding(decoding: Json, expected: Expected) -> None:
    assert findings({**document(), "decoding": decoding}) == expected


# --- extensions and versions ------------------------------------------------------------------------


def with_extensions(value: Json) -> list[tuple[str, dict[str, Any]]]:
    """The document with `extensions` at each of the four places."""
    found = []
    for place in ("", "/layers/0", "/vocabularies/v", "/tensors/E"):
        top = document()
        inner: Any = top
        for step in place.split("/")[1:]:
            inner = inner[int(step) if isinstance(inner, list) else step]
        inner["extensions"] = value
        found.append((place + "/extensions", top))
    return found


@pytest.mark.parametrize("name", ["A_b", "ACME1_x.y-Z", "A" + "9" * 31 + "_" + "x" * 95])
def test_extensions_are_kept_and_change_nothing(name: str) -> None:
    plain = load(as_json(document()))
    given = {name: {"a": [None, {"é": 1.5}]}, "B_c": 7}
    for place, top in with_extensions(given):
        assert findings(top) == set()
        model = load(as_json(top))
        for encoding in ("json", "msgpack"):
            again = load(to_bytes(model, encoding))
            assert again == model != plain
            assert rnnspec.fingerprint(again) == rnnspec.fingerprint(plain)
            assert rnnspec.structure(again) == rnnspec.structure(plain)
        written: Any = json.loads(to_bytes(model, "json"))
        for step in place.split("/")[1:]:
            written = written[int(step) if isinstance(written, list) else step]
        assert written == given


@pytest.mark.parametrize("name", ["", "b", "a_b", "Ab_c", "_b", "A_", "1A_b", "A_é", "A" * 33 + "_b", "A_" + "x" * 96])  # fmt: skip
def test_names_of_extensions(name: str) -> None:
    for place, top in with_extensions({name: 1}):
        assert findings(top) == {("STRUCTURE_NAME", f"{place}/{name}")}
    top = {**document(), "extensions_required": [name, "_"]}
    assert findings(top) == {("STRUCTURE_NAME", f"/extensions_required/{k}") for k in range(2)}


def test_extensions_are_objects_without_bytes() -> None:
    for place, top in with_extensions([]):
        assert findings(top) == {("STRUCTURE_TYPE", place)}
    for place, top in with_extensions({"A_b": [b"x"], "c": b""}):
        top["tensors"] = {"E": top["tensors"]["E"]} if "tensors" in place else {}
        found = findings(msgpack.packb(top))
        assert {(c, p) for c, p in found if str(p).startswith(place)} == {
            ("STRUCTURE_TYPE", f"{place}/A_b/0"),
            ("STRUCTURE_NAME", f"{place}/c"),
            ("STRUCTURE_TYPE", f"{place}/c"),
        }


@pytest.mark.parametrize(
    ("required", "expected"),
    [
        ([], set()),
        (["A_b"], {("EXTENSION_UNKNOWN", "/extensions_required/0")}),
        ([1, "A_b", "a", "A_b"], {("EXTENSION_UNKNOWN", "/extensions_required/1"), ("EXTENSION_UNKNOWN", "/extensions_required/3")}),
        ("A_b", {("STRUCTURE_TYPE", "/extensions_required"), ("STRUCTURE_TYPE", "/name")}),
        ([1, "a"], {("STRUCTURE_TYPE", "/extensions_required/0"), ("STRUCTURE_NAME", "/extensions_required/1"), ("STRUCTURE_TYPE", "/name")}),
    ],
)  # fmt: skip
def test_required_extensions_come_before_the_rest(required: Json, expected: Expected) -> None:
    top = {**document(), "extensions_required": required}
    if expected:
        top["name"] = 1  # a finding of its own, unless an extension ends it all
    assert findings(top) == expected
    if not expected:
        model = load(as_json(top))
        assert json.loads(to_bytes(model, "json"))["extensions_required"] == []


def test_trying_anyway() -> None:
    tried = ("VERSION_TRIED", "/rnnspec")
    top = {**document(), "rnnspec": "7.1"}
    assert findings(top) == {("VERSION_UNSUPPORTED", "/rnnspec")}
    assert findings(top, try_anyway=True) == {tried}
    assert findings(document(), try_anyway=True) == set()
    model = load(as_json(top), try_anyway=True)
    assert model == load(as_json(document()))
    assert json.loads(to_bytes(model, "json"))["rnnspec"] == rnnspec.FORMAT_VERSION
    with pytest.raises(RnnspecError, match=r"VERSION_UNSUPPORTED.*7\.1.*1\.0-draft\.3"):
        load(as_json(top))
    assert findings({**top, "new": 1}, try_anyway=True) == {
        tried,
        ("STRUCTURE_UNKNOWN_KEY", "/new"),
    }
    top = {**top, "extensions_required": ["A_b"], "new": 1}
    assert findings(top, try_anyway=True) == {
        tried,
        ("EXTENSION_UNKNOWN", "/extensions_required/0"),
    }
    for wrong in ("7", 7, "07.1"):
        assert findings({**document(), "rnnspec": wrong}, try_anyway=True) == {("VERSION_MALFORMED", "/rnnspec")}  # fmt: skip
    top = document()
    top["tensors"]["E"]["shape"] = [2, 3]
    assert findings({**top, "rnnspec": "0.0"}, try_anyway=True) == {tried, ("TENSOR_SHAPE", "/layers/0/parameters/E")}  # fmt: skip
