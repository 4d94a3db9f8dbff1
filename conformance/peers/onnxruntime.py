"""ONNX Runtime as a runtime: `python -m conformance.peers.onnxruntime` is the adapter.

Each layer becomes a graph in memory: one operator RNN, LSTM or GRU over the whole sequences where it has all that the
layer asks for and computes it well (`INSIDE`), otherwise a graph of plain operators, step by step.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from conformance.close.activations import BOUNDED
from conformance.oracle.activation import Activation
from conformance.oracle.net import Layer
from conformance.peers import cells
from conformance.peers.features import FEATURES
from conformance.peers.net import Float32, Lengths, Parts, stepwise
from conformance.peers.serve import serve

OPSET, IR = 17, 8
ORDER = {"elman": (0,), "lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}  # ONNX: i o f c; z r h
OPERATORS = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}
INSIDE = {  # the activations of these operators; their Softplus overflows, their ScaledTanh loses small values
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "softsign": "Softsign",
    "hard_sigmoid": "HardSigmoid",
    "thresholded_relu": "ThresholdedRelu",
}
PLAIN = {name: INSIDE[name] for name in ("tanh", "sigmoid", "relu", "softsign")}
PLAIN["softplus"] = "Softplus"
Session = Callable[[dict[str, Any]], list[Any]]


class Graph:
    """A graph that is being made; its values are names. Of cells.Operations."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.stored: list[Any] = []

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        """The output of one more node."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def array(self, values: npt.NDArray[Any]) -> str:
        """A stored array."""
        name = f"w{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def constant(self, rows: list[list[float]]) -> str:
        return self.array(np.array(rows, np.float32))

    def matmul(self, a: str, b: str) -> str:
        return self.node("MatMul", a, b)

    def add(self, a: str, b: str) -> str:
        return self.node("Add", a, b)

    def subtract(self, a: str, b: str) -> str:
        return self.node("Sub", a, b)

    def multiply(self, a: str, b: str) -> str:
        return self.node("Mul", a, b)

    def clip(self, a: str, bound: float) -> str:
        return self.node("Clip", a, self.scalar(-bound), self.scalar(bound))

    def activation(self, given: Activation, a: str) -> str:
        name, alpha, beta = given.function, given.alpha, given.beta
        if name in PLAIN:
            return self.node(PLAIN[name], a)
        match name:
            case "leaky_relu":
                return self.node("LeakyRelu", a, alpha=alpha)
            case "elu":
                return self.node("Elu", a, alpha=alpha)
            case "hard_sigmoid":
                return self.node("HardSigmoid", a, alpha=alpha, beta=beta)
            case "hard_tanh":
                return self.clip(a, 1.0)
            case "thresholded_relu":
                return self.node("ThresholdedRelu", a, alpha=alpha)
            case "scaled_tanh":
                inner = self.node("Tanh", self.multiply(self.scalar(beta), a))
                return self.multiply(self.scalar(alpha), inner)
        return self.node("Identity", a)

    def scalar(self, value: float) -> str:
        return self.array(np.array(value, np.float32))

    def session(self, inputs: dict[str, int], outputs: list[str]) -> Session:
        """What runs it; `inputs`: name -> element type."""
        graph = helper.make_graph(
            self.nodes,
            "layer",
            [helper.make_tensor_value_info(name, kind, None) for name, kind in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.stored,
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return lambda fed: session.run(outputs, fed)


def without_state(layer: Layer) -> Session:
    """The graph of a layer that is no cell."""
    graph, kind = Graph(), TensorProto.FLOAT
    match layer.type:
        case "embedding":
            y, kind = (
                graph.node("Gather", graph.constant(layer.parameters["E"]), "x"),
                TensorProto.INT64,
            )
        case "one_hot":
            depth, values = graph.array(np.array(layer.size)), graph.constant([[0.0, 1.0]])
            flat = graph.node("Squeeze", values)
            y, kind = graph.node("OneHot", "x", depth, flat), TensorProto.INT64
        case "dense":
            y = cells.biased(graph, layer, cells.weighted(graph, layer, "W", "x"))
        case "affine":
            product = graph.multiply("x", graph.constant(layer.parameters["s"]))
            y = graph.add(product, graph.constant(layer.parameters["t"]))
        case "layer_norm":
            gamma, beta = (
                np.array(layer.parameters[role][0], np.float32) for role in ("gamma", "beta")
            )
            stored = graph.array(gamma), graph.array(beta)
            y = graph.node("LayerNormalization", "x", *stored, epsilon=layer.epsilon)
        case "softmax":
            y = graph.node("Softmax", "x", axis=1)
        case "log_softmax":
            y = graph.node("LogSoftmax", "x", axis=1)
        case _:
            y = graph.activation(layer.activations["activation"], "x")
    return graph.session({"x": kind}, [y])


def is_inside(layer: Layer) -> bool:
    """Whether an operator has all that a layer asks for, within the bound.

    RNN's Tanh loses small values; GRU's clip hides a u ([gru-2]) that overflows.
    """
    used = [activation.function for activation in layer.activations.values()]
    hidden = layer.reset == "before" and layer.clip is not None and used[0] not in BOUNDED
    return (
        all(function in INSIDE for function in used)
        and not (layer.type == "elman" and used == ["tanh"])
        and layer.projection is None
        and layer.cell_clip is None
        and layer.peephole != "full"
        and layer.coupled != "input"
        and not hidden
    )


def single_step(layer: Layer) -> Session:
    """The graph of one step of one direction: what cells.step gives, by name."""
    graph = Graph()
    new = cells.step(graph, layer, "x", {part: part for part in layer.own_parts})
    inputs = dict.fromkeys(("x", *layer.own_parts), TensorProto.FLOAT)
    run = graph.session(inputs, list(new.values()))
    return lambda fed: [dict(zip(new, run(fed), strict=True))]


def operator(layer: Layer) -> Session:
    """The graph of a layer over whole sequences: x [T, N, I], lengths, h, c -> y [T, directions, N, H], h, c."""
    graph, order, H = Graph(), ORDER[layer.type], layer.hidden
    halves = [half for _, half in layer.halves]
    rows = {role: [whole(half, role) for half in halves] for role in ("W", "R", "b")}

    def blocks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """[…, blocks H] in ONNX's order and orientation."""
        split = np.split(values, len(order), axis=-1)
        return np.concatenate([split[k] for k in order], axis=-1).T

    seconds = np.zeros((len(halves), len(order) * H), np.float32)
    for k, half in enumerate(halves):
        if "rb" in half.parameters:
            seconds[k, 2 * H :] = half.parameters["rb"][0]
    firsts = np.stack([blocks(values[0]) for values in rows["b"]])
    inputs = [
        "x",
        *(graph.array(np.stack([blocks(v) for v in rows[role]])) for role in ("W", "R")),
        graph.array(np.concatenate([firsts, seconds], axis=1)),
        "lengths",
        *layer.own_parts,
    ]
    if layer.peephole:
        inputs.append(graph.array(np.stack([peepholes(half) for half in halves])))
    outputs = ["y", *(f"after_{part}" for part in layer.own_parts)]
    node = helper.make_node(OPERATORS[layer.type], inputs, outputs, **attributes(layer))
    graph.nodes.append(node)
    kinds = dict.fromkeys(("x", *layer.own_parts), TensorProto.FLOAT)
    return graph.session(kinds | {"lengths": TensorProto.INT32}, outputs)


def whole(layer: Layer, role: str) -> npt.NDArray[np.float32]:
    """A parameter with all its blocks: zeros for the gate that is coupled, and for a bias that is absent."""
    H = layer.hidden
    if role not in layer.parameters:
        return np.zeros((1, len(ORDER[layer.type]) * H), np.float32)
    values = np.array(layer.parameters[role], np.float32)
    return np.insert(values, [H] * H, 0, axis=1) if layer.coupled else values


def peepholes(layer: Layer) -> npt.NDArray[np.float32]:
    """[3H], in ONNX's order: i, o, f."""
    rows = np.array(layer.parameters["p"], np.float32)
    if layer.coupled:
        rows = np.insert(rows, 1, 0, axis=0)
    return rows[[0, 2, 1]].ravel()


def attributes(layer: Layer) -> dict[str, Any]:
    """Those of the operator; the activations once for each direction."""
    used = list(layer.activations.values()) * len(layer.halves)
    asked = ("leaky_relu", "elu", "hard_sigmoid", "thresholded_relu")
    found = {
        "hidden_size": layer.hidden,
        "direction": layer.direction,
        "activations": [INSIDE[activation.function] for activation in used],
        "activation_alpha": [a.alpha for a in used if a.function in asked] or None,
        "activation_beta": [a.beta for a in used if a.function == "hard_sigmoid"] or None,
        "clip": layer.clip,
        "input_forget": 1 if layer.coupled else None,
        "linear_before_reset": int(layer.reset == "after") if layer.type == "gru" else None,
    }
    return {name: value for name, value in found.items() if value is not None}


class OnnxRuntime:
    """Of net.Peer."""

    name = "ONNX Runtime"
    version = onnxruntime.__version__
    features = FEATURES

    def __init__(self) -> None:
        self.made: dict[tuple[int, Any], tuple[Layer, Session]] = {}
        self.merges: dict[tuple[str, int], Session] = {}

    def session(self, layer: Layer, make: Callable[[Layer], Session]) -> Session:
        """The session of a layer; kept by id, with the layer so that the id stays its own."""
        if (id(layer), make) not in self.made:
            self.made[id(layer), make] = layer, make(layer)
        return self.made[id(layer), make][1]

    def first(self, layer: Layer, ids: npt.NDArray[np.int64]) -> Float32:
        return np.asarray(self.session(layer, without_state)({"x": ids})[0])

    def plain(self, layer: Layer, x: Float32) -> Float32:
        return np.asarray(self.session(layer, without_state)({"x": x})[0])

    def combined(self, kind: str, x: list[Float32]) -> Float32:
        names = [f"x{k}" for k in range(len(x))]
        if (kind, len(x)) not in self.merges:
            graph = Graph()
            y = cells.combined(graph, kind, names)
            inputs = dict.fromkeys(names, TensorProto.FLOAT)
            self.merges[kind, len(x)] = graph.session(inputs, [y])
        return np.asarray(self.merges[kind, len(x)](dict(zip(names, x, strict=True)))[0])

    def recurrent(
        self, layer: Layer, x: Float32, lengths: Lengths, old: Parts
    ) -> tuple[list[Float32], Parts]:
        if not is_inside(layer):
            return stepwise(self.step, layer, x, lengths, old)
        suffixes = [suffix for suffix, _ in layer.halves]
        fed: dict[str, Any] = {
            part: np.stack([old[part + suffix] for suffix in suffixes]) for part in layer.own_parts
        }
        fed |= {"x": x.transpose(1, 0, 2), "lengths": lengths.astype(np.int32)}
        y, *after = self.session(layer, operator)(fed)
        new = {
            part + suffix: values[k]
            for part, values in zip(layer.own_parts, after, strict=True)
            for k, suffix in enumerate(suffixes)
        }
        return [y[:, k].transpose(1, 0, 2) for k in range(len(suffixes))], new

    def step(self, layer: Layer, x: Float32, old: Parts) -> Parts:
        """One step of a cell that no operator has."""
        (new,) = self.session(layer, single_step)({"x": x} | old)
        return dict(new)

    def evaluate(self, function: str, x: Float32) -> Float32:
        graph = Graph()
        y = graph.node({"exp": "Exp", "log": "Log", "tanh": "Tanh"}.get(function, "Sigmoid"), "x")
        return np.asarray(graph.session({"x": TensorProto.FLOAT}, [y])({"x": x})[0])


if __name__ == "__main__":
    sys.exit(serve(OnnxRuntime()))
