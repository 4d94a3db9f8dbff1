"""SPEC.md 12.3, 13 and 14 as they stand there: one scalar operation after the other.

Nothing here is fast and nothing is clever; the names are those of the specification.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from conformance.oracle.float32 import T, add, div, mul, sub
from conformance.oracle.functions import exp, log, sigmoid, sum16, tanh
from conformance.oracle.net import Array, Layer, Net

Vector = list[float]
Matrix = list[list[float]]
RowState = dict[str, dict[str, Vector]]  # one row: layer -> h, c -> elements
State = dict[str, dict[str, Array]]  # all rows: layer -> h, c -> [N, H]
Tokens = list[list[int]]
Preactivations = Callable[[Layer, Vector, Vector | None], Vector]


class RunError(Exception):
    """A call that fails with a code of section 16."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- 12.3 The chain -------------------------------------------------------------------------------


def chain(layer: Layer, x: Vector, h: Vector | None, j: int) -> float:
    """[chain-1]: the pre-activation of column j."""
    W = layer.parameters["W"]
    a = add(0.0, layer.bias[j]) if layer.bias is not None else 0.0
    for k in range(len(x)):
        a = add(a, mul(x[k], W[k][j]))
    if h is not None:
        R = layer.parameters["R"]
        for k in range(len(h)):
            a = add(a, mul(h[k], R[k][j]))
    return a


def preactivations(layer: Layer, x: Vector, h: Vector | None) -> Vector:
    """All columns of a layer, each with its own accumulator ([chain-2])."""
    return [chain(layer, x, h, j) for j in range(len(layer.parameters["W"][0]))]


# --- 13 What each layer computes ------------------------------------------------------------------


def embedding(layer: Layer, token: int) -> Vector:
    """[embedding-1]."""
    return list(layer.parameters["E"][token])


def one_hot(layer: Layer, token: int) -> Vector:
    """[one-hot-1]."""
    return [1.0 if j == token else 0.0 for j in range(layer.size)]


@dataclass(frozen=True)
class LstmStep:
    """Everything that has a name in [lstm-1]."""

    a: Vector
    i: Vector
    f: Vector
    g: Vector
    o: Vector
    c: Vector  # c'
    h: Vector  # h'


def lstm(
    layer: Layer, x: Vector, h: Vector, c: Vector, columns: Preactivations = preactivations
) -> LstmStep:
    """[lstm-1]: one time step of one row."""
    H = layer.size
    a = columns(layer, x, h)
    i = [sigmoid(a[j]) for j in range(H)]
    f = [sigmoid(a[H + j]) for j in range(H)]
    g = [tanh(a[2 * H + j]) for j in range(H)]
    o = [sigmoid(a[3 * H + j]) for j in range(H)]
    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]
    new_h = [T(mul(o[j], tanh(new_c[j]))) for j in range(H)]
    return LstmStep(a, i, f, g, o, new_c, new_h)


def dense(layer: Layer, x: Vector, columns: Preactivations = preactivations) -> Vector:
    """[dense-1]."""
    a = columns(layer, x, None)
    return [T(a[j]) for j in range(layer.size)]


def largest(x: Vector) -> float:
    """The m of [softmax-1]."""
    m = x[0]
    for k in range(1, len(x)):
        m = x[k] if m < x[k] else m  # noqa: FURB136 - as SPEC.md writes it
    return m


def softmax(x: Vector) -> Vector:
    """[softmax-1]."""
    m = largest(x)
    e = [exp(sub(x[k], m)) for k in range(len(x))]
    s = sum16(e)
    return [T(div(e[k], s)) for k in range(len(x))]


def log_softmax(x: Vector) -> Vector:
    """[log-softmax-1]."""
    m = largest(x)
    e = [exp(sub(x[k], m)) for k in range(len(x))]
    s = sum16(e)
    return [T(sub(sub(x[k], m), log(s))) for k in range(len(x))]


# --- 12.6 and 14 Sequences and state --------------------------------------------------------------


def require_finite(values: Vector) -> None:
    """[finite-1]."""
    for v in values:
        if not math.isfinite(v):
            raise RunError("RUN_NONFINITE")


def step(
    net: Net, x: int | Vector, state: RowState, columns: Preactivations = preactivations
) -> list[Vector]:
    """One time step of one row: the output of every layer; the state is replaced in place."""
    outputs: list[Vector] = []
    y: Vector = []
    for layer in net.layers:
        if isinstance(x, int):
            y = embedding(layer, x) if layer.type == "embedding" else one_hot(layer, x)
        elif layer.type == "lstm":
            old = state[layer.name]
            new = lstm(layer, x, old["h"], old["c"], columns)
            require_finite(new.c)
            state[layer.name] = {"h": new.h, "c": new.c}
            y = new.h
        elif layer.type == "dense":
            y = dense(layer, x, columns)
        elif layer.type == "softmax":
            y = softmax(x)
        else:
            y = log_softmax(x)
        require_finite(y)
        outputs.append(y)
        x = y
    return outputs


def initial(net: Net, N: int) -> State:
    """The state before the first step ([run-2])."""
    return {
        layer.name: {part: Array((N, layer.size), [0.0] * (N * layer.size)) for part in ("h", "c")}
        for layer in net.recurrent
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
        if set(parts) != {"h", "c"}:
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
    """Section 14: the output `[N, T, width]` and the state after it."""
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
        for t in range(steps):
            if t < (steps if lengths is None else lengths[n]):
                output += step(net, input_at(net, x, n, t), row, columns)[-1]
            else:
                output += [0.0] * width
        after.append(row)
    return Array((N, steps, width), output), {
        layer.name: {
            part: Array((N, layer.size), [v for row in after for v in row[layer.name][part]])
            for part in ("h", "c")
        }
        for layer in net.recurrent
    }


def input_at(net: Net, x: Array | Tokens, n: int, t: int) -> int | Vector:
    """The input of row n at time t: an id, or features after T."""
    if isinstance(x, Array):
        start = (n * x.shape[1] + t) * net.width
        return [T(v) for v in x.values[start : start + net.width]]
    return int(x[n][t])
