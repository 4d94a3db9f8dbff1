"""onnx against what ONNX Runtime gave and ONNX's own equations, and what must be refused.

onnx_files/ is of PyTorch's exporter, onnx and ONNX Runtime, its script beside it; other files are written here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import Refused, onnx

from . import onnx_writer as w
from .originals import onnx_gru, onnx_lstm
from .test_tensorflow1 import notes, ran

FILES = Path(__file__).parent / "onnx_files"
TOKENS = {"tokens": "abcdefghijk"}
I, H, T = 3, 4, 6  # noqa: E741  the letters of SPEC.md
Array = w.Array


def kept(name: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """What went into a file's graph, and what ONNX Runtime gave."""
    with np.load(FILES / f"{name}.npz") as file:
        parts = dict(file)
    given = {key[3:]: array for key, array in parts.items() if key.startswith("in.")}
    return given, {key[4:]: array for key, array in parts.items() if key.startswith("out.")}


def away(expected: Array, given: Any) -> float:  # noqa: ANN401  of rnnspec
    found = np.asarray(given, np.float64)
    assert found.shape == expected.shape
    return float((np.abs(found - expected) / np.maximum(1, np.abs(expected))).max())


# --- the same numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "layers"),
    [
        ("torch_language", TOKENS, ["embedding", "lstm", "lstm", "dense", "activation"]),
        ("torch_both", {}, ["lstm", "lstm", "layer_norm", "activation", "dense"]),
        ("external", {}, ["lstm", "lstm", "layer_norm", "activation", "dense"]),
        ("torch_last", {}, ["elman", "last_step", "dense", "activation"]),
        ("torch_start", {}, ["lstm", "time_reverse", "affine", "add"]),
        ("tf_lstm", {}, ["lstm", "dense"]),
        ("tf_both", {}, ["gru"]),
    ],
)
def test_onnx_runtime_gave_the_same(name: str, options: dict[str, Any], layers: list[str]) -> None:
    (given,), (output,) = (parts.values() for parts in kept(name))
    assert importers.recognise(FILES / f"{name}.onnx").name == "onnx"
    found = importers.read(FILES / f"{name}.onnx", **options)
    assert [layer.type for layer in found.model.layers] == layers
    got, _ = rnnspec.run(rnnspec.compile(found.model), given)
    assert np.abs(output).max() > 0.1
    assert away(output, got) < 1e-5
    found.with_reference(given, output, "ONNX Runtime", "1.31.1")


def test_states_that_are_inputs_belong_to_a_call() -> None:
    given, outputs = kept("torch_states")
    found = importers.read(FILES / "torch_states.onnx")
    names = [layer.name for layer in found.model.layers if layer.type == "gru"]
    state = {name: {"h": given["h"][k]} for k, name in enumerate(names)}
    plan = rnnspec.compile(found.model)
    got, after = rnnspec.run(plan, given["x"].swapaxes(0, 1), state=state)
    output, last = outputs.values()
    assert away(output.swapaxes(0, 1), got) < 1e-5
    assert away(last, [after[name]["h"] for name in names]) < 1e-5
    assert "h: inputs of the graph that hold a state" in notes(found, "changed")
    # And they matter.
    assert away(output.swapaxes(0, 1), rnnspec.run(plan, given["x"].swapaxes(0, 1))[0]) > 0.1


def test_a_graph_of_one_step_runs_over_many() -> None:
    given, outputs = kept("torch_step")
    found = importers.read(FILES / "torch_step.onnx")
    state = {"lstm_1": {"h": given["h"][0], "c": given["c"][0]}}
    got, after = rnnspec.run(rnnspec.compile(found.model), given["x"], state=state)
    y, h, c = outputs.values()
    assert away(y, got) < 1e-5
    assert away(h[0], after["lstm_1"]["h"]) < 1e-5
    assert away(c[0], after["lstm_1"]["c"]) < 1e-5
    assert "fixed sizes of batch and time are free" in notes(found, "changed")


def test_every_attribute_of_an_lstm() -> None:
    """Two directions, peepholes, clip, input_forget, activations with alpha and beta, constant and given states, lengths."""
    given, outputs = kept("all_lstm")
    found = importers.read(FILES / "all_lstm.onnx")
    forward, reverse, merged = found.model.layers  # two activations: no one layer has both
    assert forward.members()["coupled"] == "forget"
    assert forward.members()["clip"] == 1.5
    state = {
        layer.name: {"h": np.repeat(h0(found, layer.name), 3, 0), "c": given["c"][d]}
        for d, layer in enumerate((forward, reverse))
    }
    got, after = rnnspec.run(
        rnnspec.compile(found.model),
        given["x"].swapaxes(0, 1),
        lengths=given["lengths"],
        state=state,
    )
    assert merged.type == "concat"
    assert away(outputs["y"], got) < 1e-5
    for key, name in (("h", "Y_h"), ("c", "Y_c")):
        states = [after[layer.name][key] for layer in (forward, reverse)]
        assert away(outputs[name], states) < 1e-5
    assert "ONNX Runtime makes it zeros" in notes(found, "changed")


def h0(found: importers.Import, layer: str) -> Array:
    array: Array = found.document["tensors"][f"{layer}.h0"]["data"]
    return array[None]


def test_a_reverse_gru_and_an_rnn_with_lengths() -> None:
    given, outputs = kept("all_gru")
    found = importers.read(FILES / "all_gru.onnx")
    gru, elman = found.model.layers
    assert (gru.members()["reset"], gru.members()["direction"]) == ("before", "reverse")
    assert elman.members()["output"] == "final"
    got, _ = rnnspec.run(
        rnnspec.compile(found.model), given["x"].swapaxes(0, 1), lengths=given["lengths"]
    )
    assert away(outputs["Y_h"][0], got) < 1e-5


# --- graphs written here ----------------------------------------------------------------------------------


def arrays(op: str, directions: int = 1, seed: int = 4, dtype: str = "float32") -> dict[str, Array]:
    """Loud weights."""
    rng = np.random.default_rng(seed)
    G = {"RNN": 1, "LSTM": 4, "GRU": 3}[op]
    shapes = {"W": (G * H, I), "R": (G * H, H), "B": (2 * G * H,), "P": (3 * H,)}
    return {
        name: rng.normal(size=(directions, *shape)).astype(dtype) for name, shape in shapes.items()
    }


def write(
    path: Path,
    op: str = "LSTM",
    weights: Mapping[str, Array] | None = None,
    *,
    inputs: tuple[str, ...] = ("x", "W", "R", "B"),
    extra: tuple[bytes, ...] = (),
    output: str = "Y",
    more: tuple[bytes, ...] = (),
    how: str = "raw",
    opset: int = 17,
    producer: str = "a test",
    **attributes: Any,  # noqa: ANN401  of ONNX
) -> Path:
    """A graph of one recurrent operator over x [t, n, I], and then whatever `extra` has."""
    given = arrays(op) if weights is None else weights
    nodes = [w.node(op, inputs, ["Y", "Y_h"], **attributes), *extra]
    tensors = [w.tensor(name, array, how) for name, array in given.items() if name in inputs]
    ends = [w.end("x", ["t", "n", I]), *more]
    body = w.graph(nodes, ends, [w.end(output, ["a", 1, "b", H])], tensors)
    path.write_bytes(w.model(body, opset, producer))
    return path


def inputs_of(seed: int = 5) -> Array:
    return np.random.default_rng(seed).normal(size=(1, T, I)).astype(np.float32)


@pytest.mark.parametrize("how", ["raw", "packed", "one by one"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_the_equations_give_the_same_and_wrong_ones_do_not(
    how: str, dtype: str, tmp_path: Path
) -> None:
    weights = {name: array.astype(dtype) for name, array in arrays("LSTM").items()}
    path = write(
        tmp_path / "net.onnx",
        weights=weights,
        inputs=("x", "W", "R", "B", "", "", "", "P"),
        how=how,
        clip=2.0,
        input_forget=1,
    )
    x = inputs_of()
    wide = {name: array[0].astype(np.float64) for name, array in weights.items()}
    mine = ran(importers.read(path), x)
    right = onnx_lstm(wide, x[0].astype(np.float64), clip=2.0, coupled=True)
    assert np.abs(mine - right).max() < 2e-5
    for wrong in (
        {"order": "ifoc", "clip": 2.0, "coupled": True},
        {"clip": 2.0},
        {"coupled": True},
    ):
        assert np.abs(mine - onnx_lstm(wide, x[0].astype(np.float64), **wrong)).max() > 0.01


@pytest.mark.parametrize("after", [0, 1])
def test_where_a_gru_resets(after: int, tmp_path: Path) -> None:
    path = write(tmp_path / "net.onnx", "GRU", linear_before_reset=after)
    wide = {name: array[0].astype(np.float64) for name, array in arrays("GRU").items()}
    x = inputs_of()
    mine = ran(importers.read(path), x)
    right, wrong = (
        onnx_gru(wide, x[0].astype(np.float64), linear_before_reset=bool(way))
        for way in (after, 1 - after)
    )
    assert np.abs(mine - right).max() < 2e-5
    assert np.abs(mine - wrong).max() > 0.05
    other = importers.read(path, reset="before" if after else "after")
    assert np.abs(ran(other, x) - wrong).max() < 2e-5


def test_a_gru_of_pytorch_without_linear_before_reset_is_asked_about(tmp_path: Path) -> None:
    path = write(tmp_path / "net.onnx", "GRU", producer="pytorch")
    with pytest.raises(
        Refused, match="exporters of PyTorch before 2\\.13 wrote it wrong"
    ) as refused:
        importers.read(path)
    assert refused.value.code == "IMPORT_ASK"
    assert importers.read(path, reset="after").model.layers[0].members()["reset"] == "after"
    right = write(tmp_path / "right.onnx", "GRU", producer="pytorch", linear_before_reset=1)
    importers.read(right)


def test_the_batch_first_gives_the_same_bits(tmp_path: Path) -> None:
    one = importers.read(write(tmp_path / "a.onnx"))
    two = importers.read(write(tmp_path / "b.onnx", layout=1))
    assert rnnspec.fingerprint(one.model) == rnnspec.fingerprint(two.model)
    assert "[time, 1, batch, features]" in notes(one, "understood")
    assert "[batch, time, 1, features]" in notes(two, "understood")


def test_weights_that_are_inputs_come_from_files(tmp_path: Path) -> None:
    whole = importers.read(write(tmp_path / "whole.onnx"))
    weights = arrays("LSTM")
    path = write(
        tmp_path / "net.onnx",
        weights={"W": weights["W"]},
        more=(w.end("R", [1, 4 * H, H]), w.end("B", [1, 8 * H])),
    )
    with pytest.raises(Refused, match="--initializer R=FILE") as refused:
        importers.read(path)
    assert refused.value.code == "IMPORT_ASK"
    np.save(tmp_path / "R.npy", weights["R"])
    (tmp_path / "B.pb").write_bytes(w.tensor("B", weights["B"]))
    given = [f"R={tmp_path / 'R.npy'}", f"B={tmp_path / 'B.pb'}"]
    found = importers.read(path, initializer=given)
    assert rnnspec.fingerprint(found.model) == rnnspec.fingerprint(whole.model)
    with pytest.raises(Refused, match="no such input, only x, R, B"):
        importers.read(path, initializer=[f"Q={tmp_path / 'R.npy'}"])
    with pytest.raises(Refused, match="expected NAME=FILE"):
        importers.read(path, initializer=["R"])


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_the_sequence_and_its_last_state_are_both_read(direction: str, tmp_path: Path) -> None:
    """Where the state ends: at the last step, or at the first where the operator goes in reverse."""
    nodes = [
        w.node("Squeeze", ["Y"], ["y"], axes=[1]),
        w.node("Squeeze", ["Y_h"], ["h"], axes=[0]),
        w.node("Gather", ["y", "at"], ["first"], axis=0),
        w.node("Concat", ["first", "h"], ["both"], axis=1),
    ]
    weights = {**arrays("LSTM"), "at": np.array(0)}
    tensors = [w.tensor(name, array) for name, array in weights.items()]
    body = w.graph(
        [w.node("LSTM", ["x", "W", "R", "B"], ["Y", "Y_h"], direction=direction), *nodes],
        [w.end("x", ["t", "n", I])],
        [w.end("both", None)],
        tensors,
    )
    (tmp_path / "net.onnx").write_bytes(w.model(body, 11))
    mine, _ = rnnspec.run(rnnspec.compile(importers.read(tmp_path / "net.onnx").model), inputs_of())
    wide = {
        name: array[0].astype(np.float64) for name, array in arrays("LSTM").items() if name != "P"
    }
    x = inputs_of()[0].astype(np.float64)
    steps = onnx_lstm(wide, x if direction == "forward" else x[::-1])
    first, last = (0, -1) if direction == "forward" else (-1, -1)
    assert np.abs(mine[0] - np.concatenate([steps[first], steps[last]])).max() < 2e-5


MATRIX = np.random.default_rng(8).normal(size=(H, H)).astype(np.float32)
VECTOR = np.array([0.5, -1.25, 2.0, 0.25], np.float32)


def normalised(y: Array) -> Array:
    d = y - y.mean(-1, keepdims=True)
    return np.asarray(d / np.sqrt((d * d).mean(-1, keepdims=True) + 0.01) * VECTOR + VECTOR)


def softmax(y: Array) -> Array:
    e = np.exp(y - y.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


@pytest.mark.parametrize(
    ("nodes", "equation"),
    [
        ([w.node("Sub", ["y", "v"], ["z"])], lambda y: y - VECTOR),
        ([w.node("Sub", ["v", "y"], ["z"])], lambda y: VECTOR - y),
        ([w.node("Mul", ["v", "y"], ["a"]), w.node("Add", ["a", "v"], ["z"])], lambda y: y * VECTOR + VECTOR),
        ([w.node("Add", ["y", "one"], ["a"]), w.node("Mul", ["a", "y"], ["z"])], lambda y: (y + 3) * y),
        ([w.node("Add", ["y", "y"], ["z"])], lambda y: y + y),
        ([w.node("Concat", ["y", "y"], ["z"], axis=2)], lambda y: np.concatenate([y, y], -1)),
        ([w.node("MatMul", ["y", "m"], ["a"]), w.node("Add", ["v", "a"], ["z"])], lambda y: y @ MATRIX + VECTOR),
        ([w.node("Relu", ["y"], ["z"])], lambda y: np.maximum(y, 0)),
        ([w.node("LeakyRelu", ["y"], ["z"])], lambda y: np.where(y < 0, 0.01 * y, y)),
        ([w.node("LeakyRelu", ["y"], ["z"], alpha=0.25)], lambda y: np.where(y < 0, 0.25 * y, y)),
        ([w.node("Elu", ["y"], ["z"])], lambda y: np.where(y < 0, np.expm1(y), y)),
        ([w.node("ThresholdedRelu", ["y"], ["z"], alpha=0.125)], lambda y: np.where(y > 0.125, y, 0)),
        ([w.node("HardSigmoid", ["y"], ["z"])], lambda y: np.clip(0.2 * y + 0.5, 0, 1)),
        ([w.node("Softplus", ["y"], ["z"])], lambda y: np.log1p(np.exp(y))),
        ([w.node("Softsign", ["y"], ["z"])], lambda y: y / (1 + abs(y))),
        ([w.node("Sigmoid", ["y"], ["z"])], lambda y: 1 / (1 + np.exp(-y))),
        ([w.node("Mul", ["y", "four"], ["a"]), w.node("Clip", ["a", "low", "high"], ["z"])], lambda y: np.clip(4 * y, -1, 1)),
        ([w.node("Mul", ["y", "four"], ["a"]), w.node("Clip", ["a", "zero", "high"], ["z"])], lambda y: np.clip(4 * y, 0, 1)),
        ([w.node("Clip", ["y", "zero"], ["z"])], lambda y: np.maximum(y, 0)),
        ([w.node("Softmax", ["y"], ["z"])], softmax),
        ([w.node("LogSoftmax", ["y"], ["z"], axis=2)], lambda y: np.log(softmax(y))),
        ([w.node("LayerNormalization", ["y", "v", "v"], ["z"], epsilon=0.01)], normalised),
        ([w.node("Dropout", ["y"], ["z", "mask"])], lambda y: y),
        ([w.node("Cast", ["y"], ["z"], to=1)], lambda y: y),
        ([w.node("Slice", ["y", "start", "stop", "at", "step"], ["z"])], lambda y: y[:, ::-1]),
    ],
)  # fmt: skip
def test_operators_behind_the_cell(nodes: list[bytes], equation: Any, tmp_path: Path) -> None:  # noqa: ANN401  of numpy
    constants = {
        "v": VECTOR,
        "m": MATRIX,
        "one": np.array(3, np.float32),
        "four": np.array([4], np.float32),
        "low": np.array(-1, np.float32),
        "high": np.array(1, np.float32),
        "zero": np.array(0, np.float32),
        "axes": np.array([1]),
        "start": np.array([-1]),
        "stop": np.array([-(2**31)]),
        "at": np.array([0]),
        "step": np.array([-1]),
    }
    first = [w.node("LSTM", ["x", "W", "R", "B"], ["Y"]), w.node("Squeeze", ["Y", "axes"], ["y"])]
    tensors = [w.tensor(n, a) for n, a in {**arrays("LSTM"), **constants}.items()]
    plain = w.graph(first, [w.end("x", ["t", "n", I])], [w.end("y", None)], tensors)
    whole = w.graph([*first, *nodes], [w.end("x", ["t", "n", I])], [w.end("z", None)], tensors)
    outputs = []
    for body in (plain, whole):
        (tmp_path / "net.onnx").write_bytes(w.model(body))
        model = importers.read(tmp_path / "net.onnx").model
        outputs.append(rnnspec.run(rnnspec.compile(model), inputs_of())[0].astype(np.float64))
    y, z = outputs
    assert np.abs(y).max() > 0.3
    assert away(equation(y), z) < 1e-5


def test_two_cells_side_by_side_are_not_two_directions(tmp_path: Path) -> None:
    """And a cell between two reversals of time is one that goes in reverse."""
    squeeze = [w.node("Squeeze", [f"Y{k}"], [f"y{k}"], axes=[1]) for k in (1, 2)]
    names = ["x", "W", "R", "B"]
    back = w.node("Slice", ["x", "start", "stop", "at", "step"], ["back"])
    forth = w.node("Slice", ["y2", "start", "stop", "at", "step"], ["z2"])
    places = {"start": [-1], "stop": [-(2**31)], "at": [0], "step": [-1]}
    weights = {**arrays("LSTM"), **{name: np.array(value) for name, value in places.items()}}
    tensors = [w.tensor(name, array) for name, array in weights.items()]
    found = []
    for second, glue in ((names, []), (["back", *names[1:]], [forth])):
        cells = [w.node("LSTM", names, ["Y1"]), back, w.node("LSTM", second, ["Y2"])]
        both = w.node("Concat", ["y1", "z2" if glue else "y2"], ["both"], axis=2)
        nodes = [*cells, *squeeze, *glue, both]
        body = w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("both", None)], tensors)
        (tmp_path / "net.onnx").write_bytes(w.model(body, 11))
        found.append(importers.read(tmp_path / "net.onnx").model)
    assert [layer.type for layer in found[0].layers] == ["lstm", "lstm", "concat"]
    (one,) = found[1].layers
    assert one.members()["direction"] == "bidirectional"
    forward, two = (rnnspec.run(rnnspec.compile(model), inputs_of())[0][0] for model in found)
    turned = rnnspec.run(rnnspec.compile(found[0]), inputs_of()[:, ::-1])[0][0, ::-1]
    assert two.tobytes() == np.concatenate([forward[:, :H], turned[:, :H]], 1).tobytes()


def test_rows_are_no_steps(tmp_path: Path) -> None:
    nodes = [
        w.node("LSTM", ["x", "W", "R", "B"], ["Y"]),
        w.node("Squeeze", ["Y"], ["y"], axes=[1]),
        w.node("Transpose", ["y"], ["turned"], perm=[1, 0, 2]),
        w.node("LSTM", ["turned", "W2", "R", "B"], ["Z"]),
    ]
    weights = {**arrays("LSTM"), "W2": np.ones((1, 4 * H, H), np.float32)}
    tensors = [w.tensor(name, array) for name, array in weights.items()]
    body = w.graph(nodes, [w.end("x", ["t", "n", I])], [w.end("Z", None)], tensors)
    (tmp_path / "net.onnx").write_bytes(w.model(body, 11))
    with pytest.raises(Refused, match="has batch where it takes time"):
        importers.read(tmp_path / "net.onnx")


def test_an_activation_alone_and_its_default(tmp_path: Path) -> None:
    path = write(tmp_path / "net.onnx", "RNN", activations=["LeakyRelu"])
    assert importers.read(path).model.layers[0].members()["activation"].alpha == 0.01  # type: ignore[attr-defined]  # an elman
    path = write(tmp_path / "two.onnx", "RNN", activations=["hardsigmoid"], activation_alpha=[0.3])
    activation: Any = importers.read(path).model.layers[0].members()["activation"]
    assert activation.alpha == pytest.approx(0.3)
    assert activation.beta == 0.5


def test_two_outputs_and_which(tmp_path: Path) -> None:
    nodes = [
        w.node("LSTM", ["x", "W", "R"], ["Y"]),
        w.node("Squeeze", ["Y", "axes"], ["one"]),
        w.node("Tanh", ["one"], ["two"]),
    ]
    tensors = [w.tensor(n, a) for n, a in arrays("LSTM").items()] + [
        w.tensor("axes", np.array([1]))
    ]
    body = w.graph(
        nodes, [w.end("x", ["t", "n", I])], [w.end("one", None), w.end("two", None)], tensors
    )
    path = tmp_path / "net.onnx"
    path.write_bytes(w.model(body))
    with pytest.raises(Refused, match="the outputs one, two: say which"):
        importers.read(path)
    assert len(importers.read(path, graph_output="one").model.layers) == 1
    assert len(importers.read(path, graph_output="two").model.layers) == 2
    with pytest.raises(Refused, match="there is none, only one, two"):
        importers.read(path, graph_output="three")


# --- what must be refused ---------------------------------------------------------------------------------

NAN = np.full((1, 4 * H, H), np.nan, np.float32)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"clip": -1.0}, "IMPORT_UNSUPPORTED", "a clip of -1.0"),
        ({"direction": "both"}, "IMPORT_UNSUPPORTED", "a direction that is none of"),
        ({"hidden_size": 5}, "IMPORT_SHAPE", "has hidden_size 5"),
        ({"output_sequence": 1}, "IMPORT_UNSUPPORTED", "the attribute output_sequence"),
        ({"linear_before_reset": 1}, "IMPORT_UNSUPPORTED", "the attribute linear_before_reset"),
        ({"activations": ["Tanh"]}, "IMPORT_UNSUPPORTED", "has 1 activations, and expected are 3"),
        ({"activations": ["Sigmoid", "Gelu", "Tanh"]}, "IMPORT_UNSUPPORTED", "the activation Gelu"),
        ({"activations": ["Sigmoid", "Affine", "Tanh"], "activation_alpha": [2.0], "activation_beta": [0.0]}, "IMPORT_UNSUPPORTED", "Affine"),
        ({"activations": ["Sigmoid", "ScaledTanh", "Tanh"]}, "IMPORT_UNSUPPORTED", "without activation_alpha"),
        ({"activations": ["Elu", "Elu", "Tanh"], "activation_alpha": [1.0]}, "IMPORT_UNSUPPORTED", "nobody can tell which goes where"),
        ({"weights": {**arrays("LSTM"), "R": arrays("GRU")["R"]}}, "IMPORT_SHAPE", "has R of shape [1, 12, 4]"),
        ({"weights": {**arrays("LSTM"), "W": arrays("LSTM", 2)["W"]}}, "IMPORT_SHAPE", "has W of shape [2, 16, 3]"),
        ({"weights": {**arrays("LSTM"), "B": arrays("LSTM")["B"][:, :16]}}, "IMPORT_SHAPE", "has B of shape [1, 16]"),
        ({"weights": {**arrays("LSTM"), "R": NAN}}, "IMPORT_MALFORMED", "holds nan"),
        ({"weights": {**arrays("LSTM"), "W": np.ones((1, 16, 3), np.int8)}}, "IMPORT_UNSUPPORTED", "W of int8"),
        ({"inputs": ("x", "W", "")}, "IMPORT_UNSUPPORTED", "no R that stands in the file"),
        ({"inputs": ("x", "W", "R", "missing")}, "IMPORT_MALFORMED", 'takes "missing", which nothing before it gives'),
        ({"opset": 5}, "IMPORT_UNSUPPORTED", "operator set 5"),
        ({"opset": 99}, "IMPORT_UNSUPPORTED", "operator set 99"),
        ({"extra": (w.node("Gelu", ["Y"], ["z"]),), "output": "z"}, "IMPORT_UNSUPPORTED", 'the node "the_Gelu" (Gelu) is an operator that is not carried'),
        ({"extra": (w.node("Relu", ["Y"], ["z"], domain="com.acme"),), "output": "z"}, "IMPORT_UNSUPPORTED", "(com.acme.Relu)"),
        ({"extra": (w.node("Softmax", ["Y"], ["z"], axis=0),), "output": "z"}, "IMPORT_UNSUPPORTED", "computes along the axis 0"),
        ({"extra": (w.node("Clip", ["Y"], ["z"], min=-2.0, max=2.0),), "output": "z", "opset": 9}, "IMPORT_UNSUPPORTED", "cuts to -2.0 … 2.0"),
        ({"extra": (w.node("MatMul", ["Y", "Y"], ["z"]),), "output": "z"}, "IMPORT_UNSUPPORTED", "as attention does"),
        ({"extra": (w.node("Flatten", ["Y"], ["z"], axis=1),), "output": "z"}, "IMPORT_UNSUPPORTED", "has the axes"),
        ({"extra": (w.node("Squeeze", ["Y"], ["z"], axes=[0]),), "output": "z", "opset": 11}, "IMPORT_UNSUPPORTED", "takes away the axis 0"),
        ({"extra": (w.node("Transpose", ["Y"], ["z"], perm=[0, 0, 1, 2]),), "output": "z"}, "IMPORT_UNSUPPORTED", "turns 4 axes into"),
        ({"extra": (w.node("LSTM", ["x", "W", "R", "B", "", "Y_h"], ["z"]),), "output": "z"}, "IMPORT_UNSUPPORTED", "takes initial_h from other layers"),
        ({"inputs": ("x", "W", "R", "B", "lens"), "weights": {**arrays("LSTM"), "lens": np.array([3], np.int32)}}, "IMPORT_UNSUPPORTED", "lengths belong to a call"),
        ({"inputs": ("x", "W", "R", "B", "", "h"), "weights": {**arrays("LSTM"), "h": np.eye(2, H, dtype=np.float32)[None]}}, "IMPORT_UNSUPPORTED", "another value for each row"),
        ({"inputs": ("x", "W", "R", "B", "", "h"), "weights": {**arrays("LSTM"), "h": np.ones((1, 1, 3), np.float32)}}, "IMPORT_SHAPE", "initial_h of shape [1, 1, 3]"),
        ({"extra": (w.node("Add", ["Y", "other"], ["z"]),), "output": "z", "more": (w.end("other", ["t", 1, "n", H]),)}, "IMPORT_ASK", "the graph reads x, other"),
        ({"output": "x"}, "IMPORT_UNSUPPORTED", "does not hang on a recurrent operator"),
    ],
)  # fmt: skip
def test_refused(change: dict[str, Any], code: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        _ = importers.read(write(tmp_path / "net.onnx", **change)).model
    assert refused.value.code == code, refused.value
    assert words in str(refused.value), refused.value


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"input_kind": "features"}, "IMPORT_OPTION", "the net reads ids"),
        ({}, "IMPORT_ASK", "ids of 11 tokens"),
        ({"tokens": "abc"}, "IMPORT_SHAPE", "has 3 tokens, and the net reads 11"),
        (TOKENS | {"output_kind": "logits"}, "IMPORT_OPTION", "ends with log_softmax"),
        (TOKENS | {"reset": "never"}, "IMPORT_OPTION", "before, after"),
    ],
)
def test_options_that_contradict(options: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        onnx.read(FILES / "torch_language.onnx", **options)
    assert refused.value.code == code, refused.value
    assert words in str(refused.value), refused.value


def test_lengths_and_steps_that_are_counted_do_not_go_together(tmp_path: Path) -> None:
    extra = (w.node("Gather", ["Y", "last"], ["z"], axis=0),)
    weights = {**arrays("LSTM"), "last": np.array(-1)}
    lengths = w.end("lens", ["n"], 6)
    names = ("x", "W", "R", "B", "lens")
    tensors = [w.tensor(n, a) for n, a in weights.items()]
    nodes = [w.node("LSTM", names, ["Y"]), *extra]
    body = w.graph(nodes, [w.end("x", ["t", "n", I]), lengths], [w.end("z", None)], tensors)
    (tmp_path / "net.onnx").write_bytes(w.model(body))
    with pytest.raises(Refused, match="counts steps from the array's end"):
        importers.read(tmp_path / "net.onnx")
    second = w.node("LSTM", ["y", "W2", "R", "B"], ["z"])
    tensors.append(w.tensor("W2", np.ones((1, 4 * H, H), np.float32)))
    squeezed = w.node("Squeeze", ["Y"], ["y"], axes=[1])
    nodes = [w.node("LSTM", names, ["Y"]), squeezed, second]
    body = w.graph(nodes, [w.end("x", ["t", "n", I]), lengths], [w.end("z", None)], tensors)
    (tmp_path / "net.onnx").write_bytes(w.model(body, 11))
    with pytest.raises(Refused, match=r"has sequence_lens, and .* has not"):
        importers.read(tmp_path / "net.onnx")
