"""SPEC.md 17.3: what a call gives, and how far a runtime at the level `close` may be from it.

The bound is that of one step from an exact state. Over several steps it grows faster than any real error;
`run` takes several all the same, which [close-8] needs.
"""

import math
from dataclasses import dataclass

from conformance.close.activations import ULPS, applied
from conformance.close.near import (
    LARGE,
    ONE,
    TAU,
    UNIT,
    ZERO,
    Near,
    Watch,
    gamma,
    given,
    summed,
    times,
    total,
    weighted,
)
from conformance.oracle.layers import one_hot
from conformance.oracle.net import Array, Layer, Net
from conformance.oracle.scalar import State, Tokens, check_arguments, initial, input_shape

Vector = list[Near]
RowState = dict[str, dict[str, Vector]]


@dataclass(frozen=True)
class Bounds:
    """Row-major, as the arrays of a call; `may_fail`: `RUN_NONFINITE` is right too."""

    shape: tuple[int, ...]
    output: Vector
    state: dict[str, dict[str, tuple[tuple[int, ...], Vector]]]
    may_fail: bool


# --- layers ---------------------------------------------------------------------------------------


def columns(
    watch: Watch, layer: Layer, parts: list[tuple[str, Vector]], which: range, bias: str = "b"
) -> Vector:
    """Pre-activations of some columns; a value that is 0 for certain has no term."""
    stored = layer.parameters[bias][0] if bias in layer.parameters else None
    live = [
        (value, row)
        for role, vector in parts
        for value, row in zip(vector, layer.parameters[role], strict=True)
        if value != ZERO
    ]
    values = [value for value, _ in live]
    return [
        weighted(watch, 0.0 if stored is None else stored[j], values, [row[j] for _, row in live])
        for j in which
    ]


def cell(watch: Watch, layer: Layer, x: Vector, old: dict[str, Vector]) -> dict[str, Vector]:
    """The state after one step of a recurrent layer."""
    H, h = layer.size, old["h"]

    def through(role: str, a: Vector) -> Vector:
        results = [applied(watch, layer.activations[role], v) for v in a]
        return [watch.made(y.v, y.e + TAU) for y in results]

    both = [("W", x), ("R", h)]
    if layer.type == "elman":
        a = columns(watch, layer, both, range(H))
        return {"h": [watch.named(applied(watch, layer.activations["activation"], v)) for v in a]}
    if layer.type == "lstm":
        a = columns(watch, layer, both, range(4 * H))
        i, f, o = (through("gates", a[k * H : k * H + H]) for k in (0, 1, 3))
        g = through("candidate", a[2 * H : 3 * H])
        pairs = zip(f, old["c"], i, g, strict=True)
        c = [watch.named(total(watch, 0.0, [(a, b), (d, e)])) for a, b, d, e in pairs]
        shown = zip(o, through("output", c), strict=True)
        return {"h": [watch.named(total(watch, 0.0, [pair])) for pair in shown], "c": c}
    a = columns(watch, layer, both, range(2 * H))
    r, z = through("gates", a[:H]), through("gates", a[H:])
    last = range(2 * H, 3 * H)
    if layer.reset == "before":
        u = [watch.named(total(watch, 0.0, [pair])) for pair in zip(r, h, strict=True)]
        p = columns(watch, layer, [("W", x), ("R", u)], last)
    else:
        of_x = columns(watch, layer, [("W", x)], last)
        of_h = recurrent_part(watch, layer, h)
        p = []
        for one, gate, other in zip(of_x, r, of_h, strict=True):
            v, e = total(watch, 0.0, [(one, ONE), (gate, other)])
            p.append(watch.made(v, e + TAU))
    n = through("candidate", p)
    return {"h": [watch.named(mixed(watch, *of)) for of in zip(z, n, h, strict=True)]}


def recurrent_part(watch: Watch, layer: Layer, h: Vector) -> Vector:
    """The d of [gru-3]."""
    H = layer.size
    rb = layer.parameters["rb"][0] if "rb" in layer.parameters else [0.0] * H
    rows = layer.parameters["R"]
    return [weighted(watch, rb[j], h, [row[2 * H + j] for row in rows]) for j in range(H)]


def mixed(watch: Watch, z: Near, n: Near, h: Near) -> Near:
    """[gru-4], as it stands there or as n + z × (h − n)."""
    v = (1.0 - z.v) * n.v + z.v * h.v
    size = times(1.0 + abs(z.v) + z.e, abs(n.v) + n.e + abs(h.v) + h.e)
    spread = (
        times(abs(h.v - n.v), z.e)
        + times(abs(1.0 - z.v), n.e)
        + times(abs(z.v), h.e)
        + times(z.e, n.e + h.e)
    )
    return summed(watch, v, size, spread + gamma(4) * size)


def soft(watch: Watch, x: Vector, *, logarithm: bool) -> Vector:
    """[close-6]."""
    m = max(v.v for v in x)
    widest = max(v.e for v in x)
    shifted = [v.v - m for v in x]
    if not max(abs(d) for d in shifted) + 2 * widest < LARGE:
        watch.may_fail = True
        return [Near(0.0, math.inf) for _ in x]
    powers = [math.exp(d) for d in shifted]
    s = math.fsum(powers)
    y = [p / s for p in powers]
    off = [UNIT * abs(d) + ULPS for d in shifted]  # of one power, in proportion
    whole = sum(a * b for a, b in zip(y, off, strict=True)) + gamma(len(x)) + len(x) * TAU
    found = []
    for d, part, own in zip(shifted, y, off, strict=True):
        if logarithm:
            v = d - math.log(s)
            e = 2 * widest + UNIT * (abs(d) + 2 * abs(v)) + 2 * whole + ULPS * math.log(s)
            found.append(watch.named(watch.made(v, e)))
        else:
            grown = 2 * widest + own + whole + 2 * UNIT
            e = 1.0 if grown > 1 else min(1.0, part * math.expm1(2 * grown) + TAU)
            found.append(watch.named(watch.made(part, e)))
    return found


def without_state(watch: Watch, layer: Layer, x: Vector) -> Vector:
    """A layer that reads a vector and has no state."""
    match layer.type:
        case "dense":
            a = columns(watch, layer, [("W", x)], range(layer.size))
            return [watch.named(v) for v in a]
        case "affine":
            (s,), (t,) = layer.parameters["s"], layer.parameters["t"]
            each = zip(x, s, t, strict=True)
            return [watch.named(total(watch, b, [(v, Near(a, 0.0))])) for v, a, b in each]
        case "activation":
            function = layer.activations["activation"]
            return [watch.named(applied(watch, function, v)) for v in x]
        case "softmax" | "log_softmax":
            return soft(watch, x, logarithm=layer.type == "log_softmax")
    assert layer.type == "last_step"
    return x


# --- calls ----------------------------------------------------------------------------------------


def step(watch: Watch, net: Net, x: int | Vector, state: RowState) -> Vector:
    """One step of one row through the layers that have time; the state is replaced."""
    y: Vector = []
    for layer in net.layers[: net.timed]:
        if isinstance(x, int):
            row = layer.parameters["E"][x] if layer.type == "embedding" else one_hot(layer, x)
            y = [Near(v, 0.0) for v in row]
        elif layer.parts:
            state[layer.name] = cell(watch, layer, x, state[layer.name])
            y = state[layer.name]["h"]
        else:
            y = without_state(watch, layer, x)
        x = y
    return y


def behind(watch: Watch, net: Net, y: Vector) -> Vector:
    """The layers without time."""
    for layer in net.layers[net.timed :]:
        y = without_state(watch, layer, y)
    return y


def row_state(state: State, n: int) -> RowState:
    """Row n of a state, with or without T."""
    return {
        name: {part: [given(v) for v in array.rows()[n]] for part, array in parts.items()}
        for name, parts in state.items()
    }


def run(
    net: Net, x: Array | Tokens, lengths: list[int] | None = None, state: State | None = None
) -> Bounds:
    """A call of section 14. Raises RunError for [run-5], CertainOverflowError where every runtime fails."""
    check_arguments(net, x, lengths, state)
    N, steps = input_shape(net, x)
    before = initial(net, N) if state is None else state
    watch = Watch()
    width = net.layers[-1].size
    cut = net.layers[net.timed - 1]
    output: Vector = []
    after: list[RowState] = []
    for n in range(N):
        row = row_state(before, n)
        last: Vector | None = None
        for t in range(steps):
            if t < (steps if lengths is None else lengths[n]):
                last = step(watch, net, element(net, x, n, t), row)
                output += [] if net.ends else last
            else:
                output += [] if net.ends else [ZERO] * width
        if net.ends:
            left = row[cut.name]["h"] if cut.final else last
            output += behind(watch, net, [ZERO] * cut.size if left is None else left)
        after.append(row)
    made: dict[str, dict[str, tuple[tuple[int, ...], Vector]]] = {
        layer.name: {
            part: ((N, layer.size), [v for row in after for v in row[layer.name][part]])
            for part in layer.parts
        }
        for layer in net.recurrent
    }
    shape = (N, width) if net.ends else (N, steps, width)
    return Bounds(shape, output, made, watch.may_fail)


def element(net: Net, x: Array | Tokens, n: int, t: int) -> int | Vector:
    """The input of row n at time t."""
    if isinstance(x, Array):
        start = (n * x.shape[1] + t) * net.width
        return [given(v) for v in x.values[start : start + net.width]]
    return int(x[n][t])
