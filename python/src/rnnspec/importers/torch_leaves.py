"""torch_leaves: live modules of torch.nn as layers: what each class computes, from its own parameters."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import nn

from rnnspec.importers.net import LSTM
from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_layers import CLIPS
from rnnspec.importers.onnx_reading import Reading
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.onnx_values import (
    BATCH,
    FEATURES,
    STACK,
    TIME,
    Atom,
    Axis,
    Const,
    Flow,
    Value,
    refused,
    take,
    told,
)
from rnnspec.importers.onnx_walk import OPERATORS
from rnnspec.importers.refusal import unsupported

Result: TypeAlias = Any  # a Value, or a tuple of such
Leaf: TypeAlias = Callable[[Reading, str, Any, Sequence[Any]], Result]


def do(reading: Reading, op: str, whence: str, inputs: Sequence[Any], **attributes: Any) -> Value:  # noqa: ANN401  as its operator takes them
    """What the ONNX operator of this name makes of the inputs; `whence` is the call, for messages."""
    node = Node(op, whence, (), (whence,), attributes, "")
    values = [value if value is None or _is_value(value) else const(value) for value in inputs]
    if op != "Concat":
        values += [None] * (8 - len(values))
    return OPERATORS[op](reading, node, values)[0]


def _is_value(value: object) -> bool:
    return isinstance(value, Value)


def const(value: Any) -> Const:  # noqa: ANN401  a number, numbers or an array
    """A constant. Raises Refused for what a recurrent module gives, which is no single tensor."""
    if isinstance(value, tuple | list) and any(_is_value(part) for part in value):
        raise unsupported(
            "one tensor is wanted where a recurrent module gives output and states: take [0] of it; of a module that "
            "from_torch(…, replace=…) puts in, give what the one before it gave"
        )
    array = np.asarray(value)
    return Const(array.astype(np.float32) if isinstance(value, float) else array, "constant")


def array_of(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor; float64 stays, other floats become float32, exactly."""
    kept = tensor.detach().to("cpu")
    wide = kept if kept.dtype == torch.float64 or not kept.is_floating_point() else kept.float()
    found: Array = wide.numpy().copy()
    return found


def here(whence: str, module: nn.Module) -> Node:
    """For messages."""
    return Node(type(module).__name__, whence, (), (whence,), {}, "")


# --- recurrent modules ------------------------------------------------------------------------------------


def recurrent(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """nn.RNN, nn.LSTM, nn.GRU: the sequence and the last states."""
    node = here(whence, module)
    x = inputs[0]
    if not isinstance(x, Flow) or len(x.axes) != 3 or len(x.layers) != 1:
        shown = told(x.axes) if isinstance(x, Flow) else type(x).__name__
        raise refused(node, f"reads {shown}, and a sequence of rows has time, batch and features")
    places = (1, 0) if module.batch_first else (0, 1)
    step = take(x.axes[places[0]], TIME, node)
    row = take(x.axes[places[1]], BATCH, node)
    take(x.axes[2], FEATURES, node, module.input_size)
    ways = ("", "_reverse") if module.bidirectional else ("",)
    starts = _starts(node, module, inputs[1] if len(inputs) > 1 else None)
    P = module.proj_size or module.hidden_size
    cells: list[int] = []
    layers: tuple[int, ...] = x.layers
    for k in range(module.num_layers):
        found: list[int] = []
        for way in ways:
            kind, members = cell_members(module)
            direction = {"direction": "reverse"} if way else {}
            roles = cell_roles(module, f"_l{k}{way}")
            roles |= {role: v[len(cells) + len(found)] for role, v in starts.items()}
            found.append(
                reading.draft.add(kind, layers, {**members, **direction}, roles, str(node))
            )
        cells += found
        layers = (reading.draft.concat(tuple(found), (P, P)),) if len(found) > 1 else tuple(found)
    reading.with_lengths.append((str(node), False))
    wide = (Atom(FEATURES, P * len(ways)),)
    sequence = ((row,), (step,)) if module.batch_first else ((step,), (row,))
    y = Flow((*sequence, wide), layers)
    stack: Axis = (Atom(STACK, len(cells)),) if len(cells) > 1 else ()
    last = []
    for kind, size in (("final", P), ("cell", module.hidden_size)):
        made = tuple(reading.draft.add(kind, (k,), whence=str(node)) for k in cells)
        last.append(Flow((stack, (row,), (Atom(FEATURES, size),)), made))
    return y, ((last[0], last[1]) if isinstance(module, nn.LSTM) else last[0])


def cell_members(module: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  of torch
    """The type of the layer, and what it has but for direction and parameters."""
    size = {"hidden_size": module.hidden_size}
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        projection = getattr(module, "proj_size", 0)
        return "lstm", {
            **size,
            **({"projection_size": projection} if projection else {}),
            "activations": LSTM,
        }
    if isinstance(module, nn.GRU | nn.GRUCell):
        functions = {name: LSTM[name] for name in ("gates", "candidate")}
        return "gru", {**size, "reset": "after", "activations": functions}
    return "elman", {**size, "activation": {"function": module.nonlinearity}}


def cell_roles(module: Any, suffix: str) -> dict[str, Array]:  # noqa: ANN401  of torch
    """The parameters of one direction of one layer, as SPEC 8 has them."""
    W, R = (array_of(getattr(module, f"weight_{part}{suffix}")) for part in ("ih", "hh"))
    roles = {"W": W.T, "R": R.T}
    if getattr(module, "proj_size", 0):
        roles["Q"] = array_of(getattr(module, f"weight_hr{suffix}")).T
    if module.bias:
        into, back = (array_of(getattr(module, f"bias_{part}{suffix}")) for part in ("ih", "hh"))
        # The sum of two float32, rounded once: in binary64 it is exact, or as good as.
        b = (into.astype(np.float64) + back).astype(into.dtype)
        if isinstance(module, nn.GRU | nn.GRUCell):
            H = module.hidden_size
            b = np.concatenate([b[: 2 * H], into[2 * H :]])
            roles["rb"] = back[2 * H :]
        roles["b"] = b
    return roles


def _starts(node: Node, module: Any, given: Any) -> dict[str, list[Array]]:  # noqa: ANN401  of torch
    """h0 and c0 by layer and direction, where the call has some that are no zeros. Raises Refused."""
    if given is None:
        return {}
    parts = given if isinstance(given, tuple) else (given,)
    wanted = ("h0", "c0") if isinstance(module, nn.LSTM) else ("h0",)
    starts = {}
    for role, part in zip(wanted, parts, strict=False):
        if not isinstance(part, Const):
            raise refused(
                node,
                "begins with a state that other layers give: make a net of each half, and hand the state over",
            )
        if part.array.ndim != 3 or (part.array != part.array[:, :1]).any():
            raise refused(
                node, "begins with another state for each row: give it to the call instead"
            )
        if part.array.any():
            starts[role] = [part.array[k, 0] for k in range(len(part.array))]
    return starts


def cell(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """nn.RNNCell, LSTMCell, GRUCell alone: a layer that computes one after the other what the cell does in calls."""
    node = here(whence, module)
    x = inputs[0]
    if not isinstance(x, Flow) or x.layers != (0,):
        raise refused(
            node,
            "is a cell in a net of its own making: from_torch reads cells alone; take nn.LSTM and the like",
        )
    row, step = take(x.axes[0], BATCH, node), take(x.axes[1], TIME, node)
    take(x.axes[2], FEATURES, node, module.input_size)
    kind, members = cell_members(module)
    reading.with_lengths.append((str(node), False))
    k = reading.draft.add(kind, x.layers, members, cell_roles(module, ""), str(node))
    return Flow(((row,), (step,), (Atom(FEATURES, module.hidden_size),)), (k,))


# --- the others -------------------------------------------------------------------------------------------


def embedding(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """nn.Embedding."""
    if module.max_norm is not None:
        raise refused(here(whence, module), "has max_norm, which changes its rows as they are read")
    return do(
        reading, "Gather", whence, [Const(array_of(module.weight), whence), inputs[0]], axis=0
    )


def linear(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """nn.Linear."""
    y = do(reading, "MatMul", whence, [inputs[0], Const(array_of(module.weight).T, whence)])
    return (
        y
        if module.bias is None
        else do(reading, "Add", whence, [y, Const(array_of(module.bias), whence)])
    )


def layer_norm(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """nn.LayerNorm over the features."""
    if len(module.normalized_shape) != 1:
        raise refused(
            here(whence, module), "normalises over several axes, and only features are carried"
        )
    size = module.normalized_shape[0]
    gamma = np.ones(size, np.float32) if module.weight is None else array_of(module.weight)
    beta = np.zeros(size, np.float32) if module.bias is None else array_of(module.bias)
    return do(
        reading,
        "LayerNormalization",
        whence,
        [inputs[0], Const(gamma, whence), Const(beta, whence)],
        axis=-1,
        epsilon=float(module.eps),
    )


def same(_: Reading, __: str, ___: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    """What computes nothing once a net is trained."""
    return inputs[0]


def cut(reading: Reading, whence: str, x: Any, low: float | None, high: float | None) -> Result:  # noqa: ANN401  of torch
    """hardtanh and clamp. Raises Refused where it is no activation of the format."""
    members = CLIPS.get(
        (None if low is None else float(low), None if high is None else float(high))
    )
    if members is None or not isinstance(x, Flow):
        raise refused(
            Node("clamp", whence, (), (whence,), {}, ""),
            f"cuts to {low} … {high}: only -1 … 1, 0 … 1 and 0 … are activations of the format",
        )
    return reading.layer(x, "activation", **members)


def _function(op: str, *names: str) -> Leaf:
    """An activation whose attributes are members of the module, named as ONNX names them or as `ours=theirs`."""

    def leaf(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
        given = dict(name.split("=") for name in names)
        attributes = {ours: float(getattr(module, theirs)) for ours, theirs in given.items()}
        return do(reading, op, whence, inputs[:1], **attributes)

    return leaf


def _softplus(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    if module.beta != 1 or module.threshold < 15:
        raise refused(here(whence, module), "has a beta that is not 1, or a threshold below 15")
    return do(reading, "Softplus", whence, inputs[:1])


def _threshold(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    if module.value != 0:
        raise refused(here(whence, module), "gives another value than 0 below its threshold")
    return do(reading, "ThresholdedRelu", whence, inputs[:1], alpha=float(module.threshold))


def _softmax(op: str) -> Leaf:
    def leaf(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
        if module.dim is None:
            raise refused(here(whence, module), "has no dim: say which axis, such as dim=-1")
        return do(reading, op, whence, inputs[:1], axis=module.dim)

    return leaf


def _flatten(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    if (module.start_dim, module.end_dim) != (1, -1):
        raise refused(here(whence, module), "puts other axes together than all from 1 on")
    return do(reading, "Flatten", whence, inputs[:1], axis=1)


def _hardtanh(reading: Reading, whence: str, module: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    return cut(reading, whence, inputs[0], module.min_val, module.max_val)


def _hard_sigmoid(reading: Reading, whence: str, _: Any, inputs: Sequence[Any]) -> Result:  # noqa: ANN401  of torch
    return do(reading, "HardSigmoid", whence, inputs[:1], alpha=1 / 6, beta=0.5)


LEAVES: Final[dict[type, Leaf]] = {
    nn.RNN: recurrent,
    nn.LSTM: recurrent,
    nn.GRU: recurrent,
    nn.RNNCell: cell,
    nn.LSTMCell: cell,
    nn.GRUCell: cell,
    nn.Embedding: embedding,
    nn.Linear: linear,
    nn.LayerNorm: layer_norm,
    nn.Dropout: same,
    nn.Identity: same,
    nn.Flatten: _flatten,
    nn.ReLU: _function("Relu"),
    nn.Tanh: _function("Tanh"),
    nn.Sigmoid: _function("Sigmoid"),
    nn.Softsign: _function("Softsign"),
    nn.LeakyReLU: _function("LeakyRelu", "alpha=negative_slope"),
    nn.ELU: _function("Elu", "alpha=alpha"),
    nn.Softplus: _softplus,
    nn.Threshold: _threshold,
    nn.Hardtanh: _hardtanh,
    nn.Hardsigmoid: _hard_sigmoid,
    nn.Softmax: _softmax("Softmax"),
    nn.LogSoftmax: _softmax("LogSoftmax"),
}
