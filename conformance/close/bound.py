"""SPEC.md 17.3: what a call gives, and how far a runtime at the level `close` may be from it.

Over several steps the bound is carried on. It grows faster than any real error, but it holds.
"""

from dataclasses import dataclass

from conformance.close import cells
from conformance.close.layers import both_directions, merged, without_state
from conformance.close.near import ZERO, Near, Vector, Watch, given
from conformance.oracle.layers import one_hot
from conformance.oracle.net import Array, Layer, Net
from conformance.oracle.scalar import (
    State,
    Tokens,
    check_arguments,
    check_probe,
    initial,
    input_shape,
)

Sequence = list[Vector]  # one vector a valid step; without time one alone
RowState = dict[str, dict[str, Vector]]
Bounded = tuple[tuple[int, ...], Vector]  # shape, and elements in row-major order


@dataclass(frozen=True)
class Bounds:
    """`may_fail`: `RUN_NONFINITE` is right too."""

    output: Bounded
    state: dict[str, dict[str, Bounded]]
    probe: dict[str, Bounded]
    may_fail: bool


# --- one row --------------------------------------------------------------------------------------


def outputs(
    watch: Watch, net: Net, x: list[int] | Sequence, state: RowState
) -> dict[str, Sequence]:
    """What every layer gives for the valid steps of a row, ids or vectors; the state is replaced."""
    made: dict[str, Sequence] = {}
    vectors = [v if isinstance(v, list) else [Near(float(v), 0.0)] for v in x]
    made["input"] = vectors
    for layer in net.layers:
        reads = [made[name] for name in layer.reads]
        made[layer.name] = output(watch, layer, reads, state)
    return made


def output(watch: Watch, layer: Layer, reads: list[Sequence], state: RowState) -> Sequence:
    """What one layer gives."""
    x = reads[0]
    match layer.type:
        case "embedding":
            return [exactly(layer.parameters["E"][int(v[0].v)]) for v in x]
        case "one_hot":
            return [exactly(one_hot(layer, int(v[0].v))) for v in x]
        case "elman" | "lstm" | "gru":
            return recurrent(watch, layer, x, state[layer.name])
        case "last_step":
            return x[-1:] or [[ZERO] * layer.size]
        case "time_reverse":
            return x[::-1]
        case "add" | "multiply" | "concat":
            return [merged(watch, layer, list(vectors)) for vectors in zip(*reads, strict=True)]
    return [without_state(watch, layer, v) for v in x]


def exactly(values: list[float]) -> Vector:
    """Parameters and constants."""
    return [Near(v, 0.0) for v in values]


def recurrent(watch: Watch, layer: Layer, x: Sequence, state: dict[str, Vector]) -> Sequence:
    """The outputs of one direction, or of both; the state is replaced."""
    found: list[Sequence] = []
    for suffix, half in layer.halves:
        backwards = half.direction == "reverse"
        now = {part: state[part + suffix] for part in half.parts}
        y: Sequence = []
        for v in reversed(x) if backwards else x:
            now = cells.step(watch, half, v, now)
            y.append(now["h"])
        state |= {part + suffix: values for part, values in now.items()}
        in_order = y[::-1] if backwards else y
        found.append([now["h"]] if layer.final else in_order)
    if len(found) == 1:
        return found[0]
    pairs = zip(*found, strict=True)
    return [both_directions(watch, layer.merge, one, other) for one, other in pairs]


# --- a call ---------------------------------------------------------------------------------------


def row_state(state: State, n: int) -> RowState:
    """Row n of a state, with or without T."""
    return {
        name: {part: [given(v) for v in array.rows()[n]] for part, array in parts.items()}
        for name, parts in state.items()
    }


def run(
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None = None,
    state: State | None = None,
    probe: list[str] | None = None,
) -> Bounds:
    """A call of section 14. Raises RunError for its faults, CertainOverflowError where every runtime fails."""
    check_arguments(net, x, lengths, state)
    check_probe(net, probe or [])
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    watch = Watch()
    made: list[dict[str, Sequence]] = []
    after: list[RowState] = []
    for n in range(N):
        row = row_state(before, n)
        length = steps if lengths is None else lengths[n]
        made.append(outputs(watch, net, row_input(x, n, length), row))
        after.append(row)

    def whole(layer: Layer) -> Bounded:
        """What a layer gives, 0 where there is no step."""
        values = [[v for vector in rows[layer.name] for v in vector] for rows in made]
        if not layer.timed:
            return (N, layer.size), [v for row in values for v in row]
        size = steps * layer.size
        return (N, steps, layer.size), [
            v for row in values for v in [*row, *[ZERO] * (size - len(row))]
        ]

    return Bounds(
        whole(net.layers[-1]),
        {
            layer.name: {
                part: ((N, size), [v for row in after for v in row[layer.name][part]])
                for part, size in layer.arrays.items()
            }
            for layer in net.recurrent
        },
        {layer.name: whole(layer) for layer in net.layers if layer.name in (probe or [])},
        watch.may_fail,
    )


def row_input(x: Array | Tokens, n: int, length: int) -> list[int] | Sequence:
    """The valid steps of row n: ids, or features with or without T."""
    if not isinstance(x, Array):
        return [int(v) for v in x[n][:length]]
    rows, steps = x.rows(), x.shape[1]
    return [[given(v) for v in rows[n * steps + t]] for t in range(length)]
