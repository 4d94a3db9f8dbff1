"""ONNX Runtime as a runtime: `python -m conformance.peers.onnxruntime` is the adapter.

Each layer becomes a graph in memory: one operator RNN, LSTM or GRU where its list of activations has all that the
cell asks for and computes it well (`INSIDE`), otherwise a graph of plain operators.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from conformance.oracle.activation import Activation
from conformance.oracle.net import Layer
from conformance.peers import cells
from conformance.peers.features import FEATURES
from conformance.peers.serve import Float32, Parts, serve

OPSET, IR = 14, 8
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

    def block(self, a: str, number: int, size: int) -> str:
        ends = [np.array([v]) for v in (number * size, number * size + size, 1)]
        return self.node("Slice", a, *(self.array(end) for end in ends))

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
                return self.node("Clip", a, self.scalar(-1.0), self.scalar(1.0))
            case "thresholded_relu":
                return self.node("ThresholdedRelu", a, alpha=alpha)
            case "scaled_tanh":
                inner = self.node("Tanh", self.multiply(self.scalar(beta), a))
                return self.multiply(self.scalar(alpha), inner)
        return self.node("Identity", a)

    def scalar(self, value: float) -> str:
        return self.array(np.array(value, np.float32))

    def session(
        self, inputs: dict[str, int], outputs: list[str]
    ) -> Callable[[dict[str, Any]], list[Any]]:
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


def without_state(layer: Layer) -> Callable[[dict[str, Any]], list[Any]]:
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
        case "softmax":
            y = graph.node("Softmax", "x", axis=1)
        case "log_softmax":
            y = graph.node("LogSoftmax", "x", axis=1)
        case _:
            y = graph.activation(layer.activations["activation"], "x")
    return graph.session({"x": kind}, [y])


def is_inside(layer: Layer, function: str) -> bool:
    """Whether the operator computes the activation within the bound; RNN's Tanh loses small values."""
    return function in INSIDE and not (layer.type == "elman" and function == "tanh")


def recurrent(layer: Layer) -> Callable[[dict[str, Any]], list[Any]]:
    """The graph of one step of a cell: h, and c of an lstm."""
    graph = Graph()
    inputs = dict.fromkeys(("x", *layer.parts), TensorProto.FLOAT)
    used = list(layer.activations.values())
    if not all(is_inside(layer, activation.function) for activation in used):
        new = cells.cell(graph, layer, "x", {part: part for part in layer.parts})
        return graph.session(inputs, [new[part] for part in layer.parts])
    H, order = layer.size, ORDER[layer.type]

    def blocks(rows: list[list[float]]) -> npt.NDArray[np.float32]:
        """[directions, blocks H, …], in ONNX's order."""
        split = np.split(np.array(rows, np.float32), len(order), axis=1)
        return np.concatenate([split[k] for k in order], axis=1).T[None]

    second = np.zeros((1, len(order) * H), np.float32)
    if "rb" in layer.parameters:
        second[:, 2 * H :] = layer.parameters["rb"]
    bias = blocks([layer.bias or [0.0] * (len(order) * H)])[:, :, 0]
    attributes: dict[str, Any] = {
        "hidden_size": H,
        "activations": [INSIDE[activation.function] for activation in used],
    }
    if layer.type == "gru":
        attributes["linear_before_reset"] = int(layer.reset == "after")
    asked = ("leaky_relu", "elu", "hard_sigmoid", "thresholded_relu")
    attributes["activation_alpha"] = [a.alpha for a in used if a.function in asked] or None
    attributes["activation_beta"] = [a.beta for a in used if a.function == "hard_sigmoid"] or None
    first = np.array([0])
    given = [graph.node("Unsqueeze", name, graph.array(first)) for name in inputs]
    stored = [
        graph.array(blocks(layer.parameters["W"])),
        graph.array(blocks(layer.parameters["R"])),
        graph.array(np.concatenate([bias, second], axis=1)),
    ]
    outputs = [f"after_{part}" for part in layer.parts]
    graph.nodes.append(
        helper.make_node(
            OPERATORS[layer.type],
            [given[0], *stored, "", *given[1:]],
            ["", *outputs],
            **{name: value for name, value in attributes.items() if value is not None},
        )
    )
    return graph.session(
        inputs, [graph.node("Squeeze", name, graph.array(first)) for name in outputs]
    )


class OnnxRuntime:
    """Of serve.Peer."""

    name = "ONNX Runtime"
    version = onnxruntime.__version__
    features = FEATURES

    def __init__(self) -> None:
        self.made: dict[int, tuple[Layer, Callable[[dict[str, Any]], list[Any]]]] = {}

    def layer(self, layer: Layer) -> Callable[[dict[str, Any]], list[Any]]:
        """The session of a layer; kept by id, with the layer so that the id stays its own."""
        if id(layer) not in self.made:
            self.made[id(layer)] = layer, (recurrent if layer.parts else without_state)(layer)
        return self.made[id(layer)][1]

    def first(self, layer: Layer, ids: npt.NDArray[np.int64]) -> Float32:
        return np.asarray(self.layer(layer)({"x": ids})[0])

    def plain(self, layer: Layer, x: Float32) -> Float32:
        return np.asarray(self.layer(layer)({"x": x})[0])

    def cell(self, layer: Layer, x: Float32, old: Parts) -> Parts:
        new = self.layer(layer)({"x": x} | {part: old[part] for part in layer.parts})
        return dict(zip(layer.parts, new, strict=True))

    def evaluate(self, function: str, x: Float32) -> Float32:
        graph = Graph()
        y = graph.node({"exp": "Exp", "log": "Log", "tanh": "Tanh"}.get(function, "Sigmoid"), "x")
        return np.asarray(graph.session({"x": TensorProto.FLOAT}, [y])({"x": x})[0])


if __name__ == "__main__":
    sys.exit(serve(OnnxRuntime()))
