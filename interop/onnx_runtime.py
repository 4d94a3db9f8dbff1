"""The peer ONNX Runtime: the operators RNN, LSTM and GRU with all their attributes, and LayerNormalization."""

from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from interop.draw import BOTH_WAYS, FORWARD, MERGES, Kind
from interop.net import Activation, Call, Net, Recurrent, Result

NAME, VERSION = "ONNX Runtime", onnxruntime.__version__
OPSET, IR = 17, 8
TANH, SIGMOID = Activation("tanh"), Activation("sigmoid")
FUNCTIONS = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "hard_sigmoid": "HardSigmoid",
    "thresholded_relu": "ThresholdedRelu",
    "scaled_tanh": "ScaledTanh",
}
OTHERS = (
    SIGMOID,
    Activation("relu"),
    Activation("leaky_relu", 0.1),
    Activation("elu", 0.7),
    Activation("softplus"),
    SOFTSIGN := Activation("softsign"),
    HARD := Activation("hard_sigmoid", 0.25, 0.4),
    Activation("thresholded_relu", 0.3),
    SCALED := Activation("scaled_tanh", 1.7159, 2 / 3),
)
EVERY, GATES = (TANH, *OTHERS), (SIGMOID, TANH, SOFTSIGN, HARD)
WAYS: dict[str, Any] = {"directions": (FORWARD, "reverse", BOTH_WAYS), "merges": MERGES}
ELMAN, LSTM, GRU = (EVERY,), (GATES, EVERY, EVERY), (GATES, EVERY)
USUAL = ((SIGMOID,), (TANH,), (TANH,))
KINDS = {f"RNN {a.function}": Kind("elman", ((a,),), **WAYS) for a in EVERY} | {
    "RNN clip": Kind("elman", ELMAN, clip=True, **WAYS),
    "LSTM": Kind("lstm", USUAL, **WAYS),
    "LSTM any activations": Kind("lstm", LSTM, **WAYS),
    "LSTM peepholes": Kind("lstm", USUAL, peephole=True, **WAYS),
    "LSTM input_forget": Kind("lstm", USUAL, coupled=True, **WAYS),
    "LSTM clip": Kind("lstm", USUAL, clip=True, **WAYS),
    "LSTM peepholes, input_forget, clip, any activations": Kind(
        "lstm", LSTM, peephole=True, coupled=True, clip=True, **WAYS
    ),
    "GRU linear_before_reset=0": Kind("gru", USUAL[:2], "before", **WAYS),
    "GRU linear_before_reset=1": Kind("gru", USUAL[:2], "after", **WAYS),
    "GRU linear_before_reset=0, clip, any activations": Kind(
        "gru", GRU, "before", clip=True, **WAYS
    ),
    "GRU linear_before_reset=1, clip, any activations": Kind(
        "gru", GRU, "after", clip=True, **WAYS
    ),
    "LayerNormalization": Kind(""),
}
SHORTEST = 1  # with a length of 0, ONNX Runtime's state becomes zero: see `differences`
ORDER = {"elman": (0,), "lstm": (0, 3, 1, 2), "gru": (1, 0, 2)}  # ONNX: i o f c; z r h
PEEPHOLES = [0, 2, 1]  # ONNX: i o f


class Graph:
    """A model in the making."""

    def __init__(self, fed: dict[str, np.ndarray]) -> None:
        self.fed = fed
        self.nodes: list[Any] = []
        self.stored: list[Any] = []

    def array(self, values: np.ndarray) -> str:
        """The name of a stored array."""
        name = f"stored{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self,
        operator: str,
        inputs: list[str],
        outputs: list[str],
        **attributes: Any,  # noqa: ANN401
    ) -> None:
        """One more operator."""
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))

    def run(self, outputs: list[str]) -> list[np.ndarray]:
        """What the outputs are."""
        kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32}
        graph = helper.make_graph(
            self.nodes,
            "one",
            [
                helper.make_tensor_value_info(name, kinds[v.dtype], v.shape)
                for name, v in self.fed.items()
            ],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self.stored,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return list(session.run(outputs, self.fed))


def run(net: Net, call: Call) -> Result:
    """The same call, as a model of one layer."""
    (layer,) = net.layers
    if isinstance(layer, Recurrent):
        return recurrent(layer, call)
    graph = Graph({"X": call.x})
    inputs = ["X", graph.array(layer.gamma), graph.array(layer.beta)]
    graph.node("LayerNormalization", inputs, ["Y"], axis=-1, epsilon=layer.epsilon)
    (y,) = graph.run(["Y"])
    if call.lengths is not None:
        y[np.arange(y.shape[1]) >= call.lengths[:, None]] = 0
    return Result(y, (), ())


def recurrent(layer: Recurrent, call: Call) -> Result:
    """One operator, and what merges its directions."""
    order = ORDER[layer.kind]

    def blocks(v: np.ndarray) -> np.ndarray:
        """[…, blocks H] in ONNX's order and orientation."""
        parts = np.split(v, len(order), axis=-1)
        return np.concatenate([parts[k] for k in order], axis=-1).T

    graph = Graph({"X": np.ascontiguousarray(call.x.transpose(1, 0, 2))})
    inputs = ["X", *(graph.array(np.stack([blocks(w) for w in each])) for each in (
        [weights.W for weights in layer.weights], [weights.R for weights in layer.weights],
    )), "", "", "", "", ""]  # fmt: skip
    both = [(weights.input_bias, weights.recurrent_bias) for weights in layer.weights]
    if all(one is not None for pair in both for one in pair):
        inputs[3] = graph.array(
            np.stack([np.concatenate([blocks(b) for b in pair if b is not None]) for pair in both])
        )
    if call.lengths is not None:
        inputs[4], graph.fed["lengths"] = "lengths", call.lengths.astype(np.int32)
    for place, name, given in ((5, "h", call.h), (6, "c", call.c)):
        if given is not None:
            inputs[place], graph.fed[name] = name, np.stack(given)
    peepholes = [weights.p[PEEPHOLES].ravel() for weights in layer.weights if weights.p is not None]
    if peepholes:
        inputs[7] = graph.array(np.stack(peepholes))
    while not inputs[-1]:
        inputs.pop()
    outputs = ["Y", "Y_h"] + (["Y_c"] if layer.kind == "lstm" else [])
    operator = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}[layer.kind]
    graph.node(operator, inputs, outputs, **attributes(layer))
    y, h, *c = graph.run([merge(graph, layer), *outputs[1:]])
    return Result(np.ascontiguousarray(y.transpose(1, 0, 2)), tuple(h), tuple(*c))


def attributes(layer: Recurrent) -> dict[str, Any]:
    """Those of the operator; the activations once for each direction."""
    functions = layer.activations * len(layer.weights)
    found: dict[str, Any] = {
        "hidden_size": layer.H,
        "direction": layer.direction,
        "activations": [FUNCTIONS[a.function] for a in functions],
    }
    for name in ("alpha", "beta"):
        if given := [v for a in functions if (v := getattr(a, name)) is not None]:
            found[f"activation_{name}"] = given
    if layer.clip is not None:
        found["clip"] = layer.clip
    if layer.coupled:
        found["input_forget"] = 1
    if layer.kind == "gru":
        found["linear_before_reset"] = int(layer.reset == "after")
    return found


def merge(graph: Graph, layer: Recurrent) -> str:
    """[T, N, width] of Y, [T, directions, N, H]."""
    if layer.direction != BOTH_WAYS:
        graph.node("Squeeze", ["Y", graph.array(np.array([1]))], ["merged"])
    elif layer.merge == "concat":
        graph.node("Transpose", ["Y"], ["turned"], perm=[0, 2, 1, 3])
        graph.node("Reshape", ["turned", graph.array(np.array([0, 0, -1]))], ["merged"])
    else:
        names = {"sum": "ReduceSum", "multiply": "ReduceProd", "average": "ReduceMean"}
        operator = names[layer.merge]
        # At this opset ReduceSum takes its axes as an input, the others as an attribute.
        if operator == "ReduceSum":
            graph.node(operator, ["Y", graph.array(np.array([1]))], ["merged"], keepdims=0)
        else:
            graph.node(operator, ["Y"], ["merged"], axes=[1], keepdims=0)
    return "merged"
