"""SPEC.md 12.7 and 14 as they stand there: one time step after the other.

Nothing here is fast and nothing is clever; the names are those of the specification.
"""

import math

from conformance.oracle.cells import elman, gru, lstm
from conformance.oracle.chain import Preactivations, Vector, preactivations
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T
from conformance.oracle.layers import (
    affine,
    dense,
    elementwise,
    embedding,
    log_softmax,
    one_hot,
    softmax,
)
from conformance.oracle.net import Array, Layer, Net

RowState = dict[str, dict[str, Vector]]  # one row: layer -> h, c -> elements
State = dict[str, dict[str, Array]]  # all rows: layer -> h, c -> [N, H]
Tokens = list[list[int]]


def require_finite(values: Vector) -> None:
    """[finite-1]."""
    for v in values:
        if not math.isfinite(v):
            raise RunError("RUN_NONFINITE")


# --- one time step of one row ---------------------------------------------------------------------


def step(
    net: Net, x: int | Vector, state: RowState, columns: Preactivations = preactivations
) -> list[Vector]:
    """The output of every layer that has time; the state is replaced in place."""
    outputs: list[Vector] = []
    y: Vector = []
    for layer in net.layers[: net.timed]:
        if isinstance(x, int):
            y = embedding(layer, x) if layer.type == "embedding" else one_hot(layer, x)
        elif layer.parts:
            y = cell(layer, x, state, columns)
        else:
            y = without_state(layer, x, columns)
        require_finite(y)
        outputs.append(y)
        x = y
    return outputs


def cell(layer: Layer, x: Vector, state: RowState, columns: Preactivations) -> Vector:
    """A recurrent layer: its output is its h'."""
    old = state[layer.name]
    if layer.type == "elman":
        new: dict[str, Vector] = {"h": elman(layer, x, old["h"], columns).h}
    elif layer.type == "lstm":
        made = lstm(layer, x, old["h"], old["c"], columns)
        require_finite(made.c)
        new = {"h": made.h, "c": made.c}
    else:
        gated = gru(layer, x, old["h"], columns)
        require_finite(gated.u)
        new = {"h": gated.h}
    state[layer.name] = new
    return new["h"]


def without_state(layer: Layer, x: Vector, columns: Preactivations) -> Vector:
    """Any layer behind the first that is no cell."""
    match layer.type:
        case "dense":
            return dense(layer, x, columns)
        case "affine":
            return affine(layer, x)
        case "activation":
            return elementwise(layer, x)
        case "softmax":
            return softmax(x)
        case "log_softmax":
            return log_softmax(x)
    assert layer.type == "last_step"
    return x


# --- layers without time --------------------------------------------------------------------------


def ended(net: Net, state: RowState, last: Vector | None) -> Vector:
    """[final-1], [last-step-1]: what is left of the time of one row.

    `last` is what the layer `last_step` read at the last valid step of the call, if there was one.
    """
    layer = net.layers[net.timed - 1]
    if layer.final:
        return state[layer.name]["h"]
    return [0.0] * layer.size if last is None else last


def behind(net: Net, x: Vector, columns: Preactivations = preactivations) -> list[Vector]:
    """The output of every layer without time, of one row."""
    outputs: list[Vector] = []
    for layer in net.layers[net.timed :]:
        y = without_state(layer, x, columns)
        require_finite(y)
        outputs.append(y)
        x = y
    return outputs


# --- 14 Sequences and state -----------------------------------------------------------------------


def initial(net: Net, N: int) -> State:
    """The state before the first step ([run-2]): h0 and c0 in every row, or +0."""
    return {
        layer.name: {
            part: Array((N, layer.size), layer.parameters.get(part + "0", [zeros])[0] * N)
            for part in layer.parts
        }
        for layer in net.recurrent
        for zeros in [[0.0] * layer.size]
    }


def row_of(state: State, n: int) -> RowState:
    """Row n of a state."""
    return {
        name: {part: array.rows()[n] for part, array in parts.items()}
        for name, parts in state.items()
    }


def input_shape(net: Net, x: Array | Tokens) -> tuple[int, int]:
    """N and T of an input, or `RUN_SHAPE` ([run-5])."""
    if isinstance(x, Array):
        if len(x.shape) != 3 or x.shape[0] < 1 or x.shape[2] != net.width:
            raise RunError("RUN_SHAPE")
        return x.shape[0], x.shape[1]
    if len(x) < 1 or any(len(row) != len(x[0]) for row in x):
        raise RunError("RUN_SHAPE")
    return len(x), len(x[0])


def check_arguments(
    net: Net, x: Array | Tokens, lengths: list[int] | None, state: State | None
) -> None:
    """[run-5]: the first fault, in the order given there."""
    N, steps = input_shape(net, x)
    if lengths is not None and len(lengths) != N:
        raise RunError("RUN_SHAPE")
    if lengths is not None and any(length < 0 or length > steps for length in lengths):
        raise RunError("RUN_LENGTH")
    for n in range(N):
        for t in range(steps if lengths is None else lengths[n]):
            if isinstance(x, Array):
                start = (n * steps + t) * net.width
                if not all(math.isfinite(v) for v in x.values[start : start + net.width]):
                    raise RunError("RUN_NONFINITE_INPUT")
            elif x[n][t] != int(x[n][t]) or not 0 <= x[n][t] < net.width:
                raise RunError("RUN_TOKEN")
    if state is not None:
        check_state(net, N, state)


def check_state(net: Net, N: int, state: State) -> None:
    """The last two faults of [run-5]."""
    if set(state) != {layer.name for layer in net.recurrent}:
        raise RunError("RUN_STATE")
    for layer in net.recurrent:
        parts = state[layer.name]
        if set(parts) != set(layer.parts):
            raise RunError("RUN_STATE")
        if any(array.shape != (N, layer.size) for array in parts.values()):
            raise RunError("RUN_STATE")
    for parts in state.values():
        for array in parts.values():
            if not all(math.isfinite(v) for v in array.values):
                raise RunError("RUN_NONFINITE_INPUT")


def run(
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None = None,
    state: State | None = None,
    columns: Preactivations = preactivations,
) -> tuple[Array, State]:
    """Section 14: the output `[N, T, width]` or `[N, width]`, and the state after it."""
    check_arguments(net, x, lengths, state)
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    width = net.layers[-1].size
    output: Vector = []
    after: list[RowState] = []
    for n in range(N):
        row = {
            name: {part: [T(v) for v in values] for part, values in parts.items()}
            for name, parts in row_of(before, n).items()
        }
        last: Vector | None = None
        for t in range(steps):
            if t < (steps if lengths is None else lengths[n]):
                last = step(net, input_at(net, x, n, t), row, columns)[-1]
                output += [] if net.ends else last
            else:
                output += [] if net.ends else [0.0] * width
        if net.ends:
            left = ended(net, row, last)
            output += [left, *behind(net, left, columns)][-1]
        after.append(row)
    return Array((N, width) if net.ends else (N, steps, width), output), {
        layer.name: {
            part: Array((N, layer.size), [v for row in after for v in row[layer.name][part]])
            for part in layer.parts
        }
        for layer in net.recurrent
    }


def input_at(net: Net, x: Array | Tokens, n: int, t: int) -> int | Vector:
    """The input of row n at time t: an id, or features after T."""
    if isinstance(x, Array):
        start = (n * x.shape[1] + t) * net.width
        return [T(v) for v in x.values[start : start + net.width]]
    return int(x[n][t])
