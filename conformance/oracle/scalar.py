"""SPEC.md 14 as it stands there: rows, steps, lengths, states, and the faults of arguments.

Nothing here is fast and nothing is clever; the names are those of the specification.
"""

import math

from conformance.oracle.chain import Preactivations, Vector, preactivations
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T
from conformance.oracle.net import Array, Net
from conformance.oracle.row import RowState, Sequence, outputs

State = dict[str, dict[str, Array]]  # all rows: layer -> h, c, … -> [N, size]
Tokens = list[list[int]]
Probed = dict[str, Array]


def initial(net: Net, N: int) -> State:
    """The state before the first step ([run-2]): h0, c0, … in every row, or +0."""
    return {
        layer.name: {
            part: Array((N, size), layer.parameters.get(role_of(part), [[0.0] * size])[0] * N)
            for part, size in layer.arrays.items()
        }
        for layer in net.recurrent
    }


def role_of(part: str) -> str:
    """The parameter that holds the initial value of a state's array: h0_reverse of h_reverse."""
    return f"{part[0]}0{part[1:]}"


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
        if any(parts[part].shape != (N, size) for part, size in layer.arrays.items()):
            raise RunError("RUN_STATE")
    for parts in state.values():
        for array in parts.values():
            if not all(math.isfinite(v) for v in array.values):
                raise RunError("RUN_NONFINITE_INPUT")


def check_probe(net: Net, probe: list[str]) -> None:
    """[run-8]."""
    names = [layer.name for layer in net.layers]
    if any(name not in names for name in probe):
        raise RunError("RUN_OPTION")


def probed(
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None = None,
    state: State | None = None,
    probe: list[str] | None = None,
    columns: Preactivations = preactivations,
) -> tuple[Array, State, Probed]:
    """Section 14: the output, the state after it, and the outputs of the layers that `probe` names."""
    check_arguments(net, x, lengths, state)
    check_probe(net, probe or [])
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    after: list[RowState] = []
    made: list[dict[str, Sequence]] = []
    for n in range(N):
        row = {
            name: {part: [T(v) for v in values] for part, values in parts.items()}
            for name, parts in row_of(before, n).items()
        }
        length = steps if lengths is None else lengths[n]
        made.append(outputs(net, [input_at(x, n, t) for t in range(length)], row, columns))
        after.append(row)
    given = {
        layer.name: whole([rows[layer.name] for rows in made], steps, layer.size, timed=layer.timed)
        for layer in net.layers
        if layer.name in {net.layers[-1].name, *(probe or [])}
    }
    left = {
        layer.name: {
            part: Array((N, size), [v for row in after for v in row[layer.name][part]])
            for part, size in layer.arrays.items()
        }
        for layer in net.recurrent
    }
    return given[net.layers[-1].name], left, {name: given[name] for name in probe or []}


def whole(rows: list[Sequence], steps: int, width: int, *, timed: bool) -> Array:
    """[run-1]: what a layer gives for each row as one array, +0 where there is no step."""
    if not timed:
        return Array((len(rows), width), [v for row in rows for v in row[0]])
    values: Vector = []
    for row in rows:
        values += [v for vector in row for v in vector]
        values += [0.0] * (width * (steps - len(row)))
    return Array((len(rows), steps, width), values)


def run(
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None = None,
    state: State | None = None,
    columns: Preactivations = preactivations,
) -> tuple[Array, State]:
    """Section 14: the output `[N, T, width]` or `[N, width]`, and the state after it."""
    output, after, _ = probed(net, x, lengths, state, columns=columns)
    return output, after


def input_at(x: Array | Tokens, n: int, t: int) -> Vector:
    """The input of row n at time t: features after T, or an id alone."""
    if isinstance(x, Array):
        width = x.shape[2]
        start = (n * x.shape[1] + t) * width
        return [T(v) for v in x.values[start : start + width]]
    return [float(x[n][t])]
