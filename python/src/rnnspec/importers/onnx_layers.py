"""onnx_layers: operators without memory that compute: products with matrices, activations, sums, normalisation."""

from typing import Any, Final

import numpy as np

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_functions import FUNCTIONS
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_shapes import Inputs, Operator, constant, integers, multiply_sizes
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.onnx_values import (
    FEATURES,
    Atom,
    Const,
    Flow,
    Given,
    Value,
    index,
    refused,
    same_axes,
    take,
    told,
)

# Their names here, for what stands alone in a graph; ScaledTanh and Affine are no operators any more.
_ELEMENTWISE: Final = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "LeakyRelu": "leakyrelu",
    "Elu": "elu",
    "ThresholdedRelu": "thresholdedrelu",
    "HardSigmoid": "hardsigmoid",
}
# What cuts from … to is.
CLIPS: Final[dict[tuple[float | None, float | None], dict[str, Any]]] = {
    (-1.0, 1.0): {"function": "hard_tanh"},
    (0.0, 1.0): {"function": "hard_sigmoid", "alpha": 1.0, "beta": 0.0},
    (0.0, None): {"function": "relu"},
}
_WIDE_SOFTMAX: Final = 13  # before, Softmax was of all axes from `axis` on


def _flow(node: Node, value: Value | None) -> Flow:
    if isinstance(value, Given):
        raise refused(
            node,
            f"computes with the graph's input {value.name}, which is a state or holds lengths elsewhere",
        )
    if not isinstance(value, Flow):
        raise refused(
            node, "computes with constants or sizes: fold the graph's constants before export"
        )
    return value


def _features(node: Node, flow: Flow, size: int | None = None, axis: object = -1) -> Atom:
    """The atom of the last axis, as features. Raises Refused where `axis` is another."""
    if not flow.axes or index(axis, len(flow.axes), node) != len(flow.axes) - 1:
        raise refused(
            node,
            f"computes along the axis {axis} of {told(flow.axes)}, and layers compute along the last",
        )
    return take(flow.axes[-1], FEATURES, node, size)


def _wide(flow: Flow, size: int, layers: tuple[int, ...]) -> Flow:
    return Flow((*flow.axes[:-1], (Atom(FEATURES, size),)), layers)


def _matrix(node: Node, value: Value | None) -> Array:
    array = constant(node, value, "a matrix")
    if array.ndim != 2 or array.dtype.kind != "f":
        raise refused(
            node,
            f"multiplies by {list(array.shape)} of {array.dtype}: a matrix of floating point is expected",
        )
    return array


def _vector(node: Node, array: Array, size: int | None) -> Array:
    """A number for each feature, whatever axes of size 1 stand before it. Raises Refused."""
    flat = array.reshape(-1) if array.ndim == 0 or array.size == array.shape[-1] else None
    if flat is None or array.dtype.kind != "f" or (size is not None and flat.size not in {1, size}):
        raise refused(
            node,
            f"computes with {list(array.shape)} of {array.dtype}, and a number for each of {size} features is expected",
        )
    return np.full(size, flat[0], flat.dtype) if size is not None and flat.size == 1 else flat


def _dense(reading: Reading, node: Node, flow: Flow, W: Array, b: Array | None) -> Flow:
    _features(node, flow, W.shape[0])
    roles = {"W": W} if b is None else {"W": W, "b": b}
    layers = tuple(
        reading.draft.add("dense", (k,), {"size": W.shape[1]}, roles, str(node))
        for k in flow.layers
    )
    return _wide(flow, W.shape[1], layers)


def matmul(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """MatMul of features and a constant matrix."""
    if isinstance(inputs[1], Flow):
        raise refused(
            node, "multiplies by what layers give, as attention does, which the format has not"
        )
    return [_dense(reading, node, _flow(node, inputs[0]), _matrix(node, inputs[1]), None)]


def gemm(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Gemm: alpha · A · B + beta · C."""
    given = node.attributes
    alpha, beta = (given.get(name, 1.0) for name in ("alpha", "beta"))
    if given.get("transA", 0) or not isinstance(alpha, float) or not isinstance(beta, float):
        raise refused(node, "turns its input: only its matrix may be turned")
    W = _matrix(node, inputs[1])
    W = W.T if given.get("transB", 0) else W
    W = W if alpha == 1 else W * W.dtype.type(alpha)
    b = None
    if inputs[2] is not None:
        b = _vector(node, constant(node, inputs[2], "a bias"), W.shape[1])
        b = b if beta == 1 else b * b.dtype.type(beta)
    return [_dense(reading, node, _flow(node, inputs[0]), W, b)]


def add(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Add: two flows, or a flow and a constant, which is the bias of the matrix product before it where there is one."""
    a, b = inputs[0], inputs[1]
    if isinstance(a, Flow) and isinstance(b, Flow):
        return [_both(reading, node, "add", a, b)]
    constants, flow = (a, b) if isinstance(a, Const) else (b, a)
    return [
        _affine(reading, node, _flow(node, flow), None, constant(node, constants, "a second input"))
    ]


def subtract(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Sub of a constant, or from one."""
    a, b = inputs[0], inputs[1]
    if isinstance(b, Const):
        return [_affine(reading, node, _flow(node, a), None, -b.array)]
    from_a = constant(node, a, "a first input")
    return [_affine(reading, node, _flow(node, b), np.full(1, -1, from_a.dtype), from_a)]


def multiply(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Mul: two flows, a flow and a constant, or two sizes."""
    sizes = multiply_sizes(node, inputs)
    if sizes is not None:
        return [sizes]
    a, b = inputs[0], inputs[1]
    if isinstance(a, Flow) and isinstance(b, Flow):
        return [_both(reading, node, "multiply", a, b)]
    constants, flow = (a, b) if isinstance(a, Const) else (b, a)
    return [
        _affine(reading, node, _flow(node, flow), constant(node, constants, "a second input"), None)
    ]


def _both(reading: Reading, node: Node, kind: str, a: Flow, b: Flow) -> Flow:
    _features(node, a)
    _features(node, b)
    if not same_axes(a.axes, b.axes) or len(a.layers) != len(b.layers):
        raise refused(
            node,
            f"computes with {told(a.axes)} and {told(b.axes)}, whose axes differ: nothing is spread here",
        )
    layers = tuple(reading.draft.add(kind, pair) for pair in zip(a.layers, b.layers, strict=True))
    return Flow(a.axes, layers)


def _affine(reading: Reading, node: Node, flow: Flow, s: Array | None, t: Array | None) -> Flow:
    """Features times s, plus t; one layer with the dense or affine layer before it, where that has no t yet."""
    size = _features(node, flow).size
    known = next((v.size for v in (s, t) if v is not None and v.size > 1), None)
    size = _features(node, flow, known).size if size is None else size
    if size is None:
        raise refused(
            node, "computes with features whose number is not known: export with fixed features"
        )
    s, t = (None if v is None else _vector(node, v, size) for v in (s, t))
    layers = []
    for k in flow.layers:
        before = reading.draft.layers[k]
        bias = {"dense": "b", "affine": "t"}.get(before.kind, "")
        if s is None and t is not None and bias and not np.any(before.parameters.get(bias, 0)):
            roles: dict[str, Array] = {**before.parameters, bias: t}
            layers.append(
                reading.draft.add(before.kind, before.inputs, before.members, roles, before.whence)
            )
            continue
        roles = {
            "s": np.ones(size, np.float32) if s is None else s,
            "t": np.zeros(size, np.float32) if t is None else t,
        }
        layers.append(reading.draft.add("affine", (k,), {}, roles, str(node)))
    return Flow(flow.axes, tuple(layers))


def elementwise(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """An activation by its own operator."""
    function, usual = FUNCTIONS[_ELEMENTWISE[node.op]]
    members: dict[str, Any] = {"function": function}
    for name, value in usual.items():
        members[name] = node.attributes.get(name, value)
    return [reading.layer(_flow(node, inputs[0]), "activation", **members)]


def clip(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Clip from −1 to 1, or from 0 on."""
    bounds = [node.attributes.get(name) for name in ("min", "max")]
    for k, value in enumerate(inputs[1:3]):
        if value is not None:
            bounds[k] = float(constant(node, value, "a bound").ravel()[0])
    members = CLIPS.get((bounds[0], bounds[1]))  # type: ignore[arg-type]  # attributes are floats
    if members is None:
        raise refused(
            node,
            f"cuts to {bounds[0]!r} … {bounds[1]!r}: only -1 … 1, 0 … 1 and 0 … are activations of the format",
        )
    return [reading.layer(_flow(node, inputs[0]), "activation", **members)]


def softmax(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """Softmax and LogSoftmax along the last axis."""
    flow = _flow(node, inputs[0])
    usual = 1 if reading.opset < _WIDE_SOFTMAX else -1
    _features(node, flow, axis=node.attributes.get("axis", usual))
    function = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}[node.op]
    return [reading.layer(flow, "activation", function=function)]


def layer_normalization(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """LayerNormalization along the last axis."""
    flow = _flow(node, inputs[0])
    gamma = constant(node, inputs[1], "a scale")
    size = _features(node, flow, gamma.size, node.attributes.get("axis", -1)).size
    epsilon = node.attributes.get("epsilon", 1e-5)
    if not isinstance(epsilon, float) or not 2.0**-50 <= epsilon <= 1:
        raise refused(
            node, f"has an epsilon of {epsilon!r}, and expected is a number from 2^-50 to 1"
        )
    beta = constant(node, inputs[2], "a bias") if inputs[2] is not None else None
    roles = {
        "gamma": _vector(node, gamma, size),
        "beta": np.zeros(gamma.size, np.float32) if beta is None else _vector(node, beta, size),
    }
    layers = tuple(
        reading.draft.add("layer_norm", (k,), {"epsilon": epsilon}, roles, str(node))
        for k in flow.layers
    )
    return [Flow(flow.axes, layers)]


def one_hot(reading: Reading, node: Node, inputs: Inputs) -> list[Value]:
    """OneHot of the net's ids, 1 among 0, along a new last axis."""
    ids = inputs[0]
    if not isinstance(ids, Flow) or ids.layers != (0,):
        raise refused(node, "spreads numbers that are no ids of the net's input")
    (depth,) = integers(node, inputs[1], "a depth") or [0]
    off_on = constant(node, inputs[2], "values").ravel().tolist()
    if (
        off_on != [0.0, 1.0]
        or node.attributes.get("axis", -1) not in {-1, len(ids.axes)}
        or depth < 1
    ):
        raise refused(node, "is no one-hot of 0 and 1 along a last axis")
    reading.table = depth
    return [Flow((*ids.axes, (Atom(FEATURES, depth),)), (reading.draft.add("one_hot", (0,)),))]


LAYERS: Final[dict[str, Operator]] = {
    **dict.fromkeys(_ELEMENTWISE, elementwise),
    "Add": add,
    "Clip": clip,
    "Gemm": gemm,
    "LayerNormalization": layer_normalization,
    "LogSoftmax": softmax,
    "MatMul": matmul,
    "Mul": multiply,
    "OneHot": one_hot,
    "Softmax": softmax,
    "Sub": subtract,
}
