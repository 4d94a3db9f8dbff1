"""Random ONNX graphs there and back: recurrent operators with every attribute that both sides know."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import rnnspec
from interop.travel import Array, Count
from rnnspec import importers

OPSET, IR = 17, 8
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
# ONNX's name → what a calm net has as alpha and beta.
FUNCTIONS: dict[str, dict[str, float]] = {
    "Tanh": {},
    "Sigmoid": {},
    "Relu": {},
    "Softsign": {},
    "LeakyRelu": {"alpha": 0.1},
    "Elu": {"alpha": 0.7},
    "HardSigmoid": {"alpha": 0.25, "beta": 0.4},
    "ThresholdedRelu": {"alpha": 0.3},
    "ScaledTanh": {"alpha": 1.2, "beta": 0.7},
    "Affine": {"alpha": 1.0, "beta": 0.0},
}
BOUNDED = ("Tanh", "Sigmoid", "Softsign", "HardSigmoid")
CHOICES = {
    "RNN": ((*BOUNDED, "Relu", "LeakyRelu", "Elu", "ThresholdedRelu", "ScaledTanh"),),
    "LSTM": (("Sigmoid", "HardSigmoid"), tuple(FUNCTIONS), tuple(FUNCTIONS)),
    "GRU": (("Sigmoid", "HardSigmoid"), tuple(FUNCTIONS)),
}


class Graph:
    """A graph that grows by chance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.nodes: list[Any] = []
        self.arrays: list[Any] = []
        self.inputs: dict[str, Array] = {}  # what a call gives, by name
        self.outputs = ["output"]
        self.states: list[
            tuple[str, str, str]
        ] = []  # of each operator: outputs h and c, its initial state
        self.lengths: Array | None = None
        self._names = 0

    def name(self) -> str:
        """A new one."""
        self._names += 1
        return f"v{self._names}"

    def node(self, op: str, *inputs: str, count: int = 1, **attributes: Any) -> list[str]:  # noqa: ANN401  of ONNX
        """An operator; gives the names of its outputs."""
        outputs = [self.name() for _ in range(count)]
        self.nodes.append(helper.make_node(op, inputs, outputs, **attributes))
        return outputs

    def array(self, values: Any) -> str:  # noqa: ANN401  of numpy
        """A constant; gives its name."""
        self.arrays.append(numpy_helper.from_array(np.array(values), self.name()))
        return f"v{self._names}"

    def chance(self, probability: float) -> bool:
        """Whether it comes out so."""
        return bool(self.rng.random() < probability)

    def weight(self, *shape: int) -> str:
        """An initializer, or one that is made of others."""
        values = (self.rng.normal(size=shape) / math.sqrt(shape[-1])).astype(np.float32)
        way = int(self.rng.integers(6))
        if way == 0:
            half = shape[1] // 2
            return self.node(
                "Concat", self.array(values[:, :half]), self.array(values[:, half:]), axis=1
            )[0]
        if way == 1:
            return (
                self.node("Unsqueeze", self.array(values[0]), self.array(np.array([0])))[0]
                if shape[0] == 1
                else self.array(values)
            )
        if way == 2 and len(shape) == 3:
            return self.node("Transpose", self.array(values.transpose(0, 2, 1)), perm=[0, 2, 1])[0]
        if way == 3:
            padded = np.concatenate([values, values], axis=1)
            places = [self.array(np.array([n])) for n in (shape[1], 2 * shape[1], 1)]
            return self.node("Slice", self.array(padded), *places)[0]
        if way == 4:
            return self.node("Identity", self.array(values))[0]
        return self.array(values)


def recurrent(graph: Graph, x: str, width: int, *, last: bool) -> tuple[str, int, bool]:
    """An operator behind x [T, N, I]; gives what comes out, how wide it is, and whether it has time."""
    rng = graph.rng
    op = ("RNN", "LSTM", "GRU")[int(rng.integers(3))]
    direction = ("forward", "reverse", "bidirectional")[int(rng.integers(3))]
    D, G, H = 1 + (direction == "bidirectional"), GATES[op], int(rng.integers(2, 17))
    one = [str(rng.choice(names)) for names in CHOICES[op]]
    functions = one * D
    attributes: dict[str, Any] = {
        "hidden_size": H,
        "direction": direction,
        "activations": functions,
    }
    for constant in ("alpha", "beta"):
        given = [FUNCTIONS[name][constant] for name in functions if constant in FUNCTIONS[name]]
        if given:
            attributes[f"activation_{constant}"] = given
    if op == "GRU":
        attributes["linear_before_reset"] = int(rng.integers(2))
    if graph.chance(0.3):
        attributes["clip"] = float(rng.choice([0.5, 1.0, 2.0]))
    inputs = [x, graph.weight(D, G * H, width), graph.weight(D, G * H, H), "", "", "", "", ""]
    if graph.chance(0.7):
        inputs[3] = graph.weight(D, 2 * G * H)
    if graph.lengths is not None:
        inputs[4] = "lengths"
    number = len(graph.states)
    N = graph.inputs["x"].shape[1]
    kind = ("none", "constant", "given")[int(rng.integers(3))]
    for place, key in ((5, "h"), (6, "c"))[: 2 if op == "LSTM" else 1]:
        row = rng.normal(size=(D, 1, H)).astype(np.float32)
        if kind == "constant":
            shape = graph.node(
                "Concat", graph.array(np.array([D])), "rows", graph.array(np.array([H])), axis=0
            )[0]
            inputs[place] = graph.node("Expand", graph.array(row), shape)[0]
        elif kind == "given":
            inputs[place] = f"{key}{number}"
            graph.inputs[inputs[place]] = rng.normal(size=(D, N, H)).astype(np.float32)
    if op == "LSTM":
        if graph.chance(0.3):
            attributes["input_forget"] = 1
        if graph.chance(0.3):
            inputs[7] = graph.weight(D, 3 * H)
    names = [f"{part}{number}" for part in ("Y", "Y_h", "Y_c")][: 3 if op == "LSTM" else 2]
    while not inputs[-1]:
        inputs.pop()
    graph.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{number}", **attributes))
    graph.outputs += names[1:]
    graph.states.append((names[1], names[2] if op == "LSTM" else "", kind))
    if last and graph.chance(0.4):
        return _final(graph, names[1], D), H * D, False
    return (*_sequence(graph, names[0], D, H), True)


def _final(graph: Graph, state: str, D: int) -> str:
    if D == 1:
        return graph.node("Squeeze", state, graph.array(np.array([0])))[0]
    halves = [graph.node("Gather", state, graph.array(np.array(k)), axis=0)[0] for k in (0, 1)]
    return graph.node("Concat", *halves, axis=1)[0]


def _sequence(graph: Graph, y: str, D: int, H: int) -> tuple[str, int]:
    """[T, D, N, H] → [T, N, width], as PyTorch and tf2onnx write it."""
    if D == 1:
        return graph.node("Squeeze", y, graph.array(np.array([1])))[0], H
    if graph.chance(0.5):
        turned = graph.node("Transpose", y, perm=[0, 2, 1, 3])[0]
        return graph.node("Reshape", turned, graph.array(np.array([0, 0, -1])))[0], 2 * H
    halves = graph.node("Split", y, count=2, axis=1)
    flat = [graph.node("Squeeze", half, graph.array(np.array([1])))[0] for half in halves]
    if graph.chance(0.5):
        return graph.node("Concat", *flat, axis=-1)[0], 2 * H
    return graph.node(("Add", "Mul")[int(graph.rng.integers(2))], *flat)[0], H


def random_graph(rng: np.random.Generator) -> tuple[Graph, bool]:
    """A graph, and whether its output has time: [T, N, width], or [N, width]."""
    graph = Graph(rng)
    N, T, width = int(rng.integers(1, 5)), int(rng.integers(1, 13)), int(rng.integers(1, 9))
    graph.inputs["x"] = rng.normal(size=(T, N, width)).astype(np.float32)
    if graph.chance(0.4):
        graph.lengths = graph.inputs["lengths"] = rng.integers(1, T + 1, N).astype(np.int32)
    shape = graph.node("Shape", "x")[0]
    rows = graph.node("Gather", shape, graph.array(np.array([1])), axis=0)[0]
    graph.nodes.append(helper.make_node("Identity", [rows], ["rows"]))
    x, timed = "x", True
    count = int(rng.integers(1, 3))
    for k in range(count):
        x, width, timed = recurrent(graph, x, width, last=k == count - 1)
    if graph.chance(0.3):
        vectors = [graph.array(rng.normal(size=width).astype(np.float32)) for _ in range(2)]
        x = graph.node("LayerNormalization", x, *vectors, axis=-1, epsilon=1e-3)[0]
    wide = int(rng.integers(1, 6))
    W = (rng.normal(size=(width, wide)) / math.sqrt(width)).astype(np.float32)
    b = rng.normal(size=wide).astype(np.float32)
    if timed:
        x = graph.node("Add", graph.node("MatMul", x, graph.array(W))[0], graph.array(b))[0]
    else:
        x = graph.node("Gemm", x, graph.array(W.T), graph.array(b), transB=1)[0]
    end = ("Identity", "Tanh", "Softmax", "LogSoftmax")[int(rng.integers(4))]
    graph.nodes.append(
        helper.make_node(end, [x], ["output"], **({"axis": -1} if "Soft" in end else {}))
    )
    return graph, timed


def bytes_of(graph: Graph) -> bytes:
    """The graph as a file, batch and time free."""
    free = {"x": ["T", "N", graph.inputs["x"].shape[2]], "lengths": ["N"]}
    kinds = {"lengths": TensorProto.INT32}
    ends = [
        helper.make_tensor_value_info(
            name,
            kinds.get(name, TensorProto.FLOAT),
            free.get(name, [array.shape[0], "N", array.shape[-1]]),
        )
        for name, array in graph.inputs.items()
    ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in graph.outputs
    ]
    made = helper.make_graph(graph.nodes, "random", ends, outputs, graph.arrays)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    data: bytes = model.SerializeToString()
    return data


def run(data: bytes, given: dict[str, Array]) -> dict[str, Array]:
    """By ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [end.name for end in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def one(rng: np.random.Generator, count: Count, folder: Path) -> None:
    """A graph, its model, and the graph of that."""
    graph, timed = random_graph(rng)
    what = f"net {count.nets}"
    count.nets += 1
    data = bytes_of(graph)
    path = folder / "net.onnx"
    path.write_bytes(data)
    model = importers.read(path, graph_output="output").model
    plan = rnnspec.compile(model)
    cells = [layer for layer in model.layers if layer.type in {"elman", "lstm", "gru"}]
    if len(cells) != len(graph.states):
        count.faults.append(
            f"{what}: {len(cells)} recurrent layers of {len(graph.states)} operators"
        )
        return
    x = graph.inputs["x"].swapaxes(0, 1)
    _, usual = rnnspec.run(plan, x[:, :0])  # the initial state, as the file has it
    state = {name: dict(arrays) for name, arrays in usual.items()}
    for number, (layer, (_, _, kind)) in enumerate(zip(cells, graph.states, strict=True)):
        for key in state[layer.name]:
            part, d = key[0], int(key.endswith("_reverse"))
            if kind == "given":
                state[layer.name][key] = graph.inputs[f"{part}{number}"][d]
    output, after = rnnspec.run(plan, x, lengths=graph.lengths, state=state)
    count.bits(what, model, x, graph.lengths, state, (np.asarray(output), after))
    expected = ours_as(graph, cells, run(data, graph.inputs), timed)
    count.judge(
        what,
        "rnnspec",
        _masked(expected, graph, timed),
        _masked(_flat(np.asarray(output), after), graph, timed),
    )

    # Back, with lengths where the original has them.
    again = rnnspec.to_onnx(model, lengths=graph.lengths is not None)
    onnx.checker.check_model(onnx.load_from_string(again), full_check=True)
    given = {
        f"{name}/{key}": array for name, arrays in state.items() for key, array in arrays.items()
    }
    if graph.lengths is not None:
        given["lengths"] = graph.lengths
    found = run(again, {"input": np.ascontiguousarray(x), **given})
    named = {name.removesuffix("_next"): array for name, array in found.items()}
    count.judge(what, "onnx again", _masked(expected, graph, timed), named)


def ours_as(
    graph: Graph, cells: list[Any], found: dict[str, Array], timed: bool
) -> dict[str, Array]:
    """What ONNX Runtime gave, by our names and in our order of axes."""
    output = found["output"]
    told = {"output": output.swapaxes(0, 1) if timed else output}
    for layer, (h, c, _) in zip(cells, graph.states, strict=True):
        for key, name in (("h", h), ("c", c)):
            for d, way in enumerate(("", "_reverse")[: len(found[name]) if name else 0]):
                told[f"{layer.name}/{key}{way}"] = found[name][d]
    return told


def _flat(output: Array, state: Any) -> dict[str, Array]:  # noqa: ANN401  of rnnspec
    parts = {
        f"{name}/{key}": np.asarray(a)
        for name, arrays in state.items()
        for key, a in arrays.items()
    }
    return {"output": output, **parts}


def _masked(given: dict[str, Array], graph: Graph, timed: bool) -> dict[str, Array]:
    """Without what stands past the length of a row: ONNX's layers behind a recurrent one compute there."""
    if graph.lengths is None or not timed:
        return given
    valid = np.arange(given["output"].shape[1]) < graph.lengths[:, None]
    return {**given, "output": given["output"] * valid[..., None]}
