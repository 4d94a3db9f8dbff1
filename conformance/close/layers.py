"""SPEC.md 17.3 for the layers of 13 that have no state."""

import math

from conformance.close.activations import ULPS, applied
from conformance.close.cells import columns
from conformance.close.near import (
    LARGE,
    ONE,
    TAU,
    UNIT,
    Near,
    Vector,
    Watch,
    difference,
    divided,
    gamma,
    product,
    total,
)
from conformance.oracle.net import Layer


def without_state(watch: Watch, layer: Layer, x: Vector) -> Vector:
    """A layer that makes a vector of one other."""
    match layer.type:
        case "dense":
            a = columns(watch, layer, [("W", x)], range(layer.size))
            return [watch.named(v) for v in a]
        case "affine":
            (s,), (t,) = layer.parameters["s"], layer.parameters["t"]
            each = zip(x, s, t, strict=True)
            return [watch.named(total(watch, b, [(v, Near(a, 0.0))])) for v, a, b in each]
        case "layer_norm":
            return layer_norm(watch, layer, x)
        case "activation":
            function = layer.activations["activation"]
            return [watch.named(applied(watch, function, v)) for v in x]
    assert layer.type in ("softmax", "log_softmax")
    return soft(watch, x, logarithm=layer.type == "log_softmax")


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


def layer_norm(watch: Watch, layer: Layer, x: Vector) -> Vector:
    """[close-10]."""
    (gammas,), (betas,) = layer.parameters["gamma"], layer.parameters["beta"]
    n = len(x)
    m = divided(watch, total(watch, 0.0, [(v, ONE) for v in x]), n)
    d = [watch.through_t(difference(watch, v, m)) for v in x]
    squares = total(watch, 0.0, [(each, each) for each in d])
    if not abs(squares.v) + squares.e < LARGE:
        squares = Near(0.0, math.inf)  # it may overflow before it is divided
    q = inverse_root(watch, divided(watch, squares, n), layer.epsilon)
    return [
        watch.named(total(watch, b, [(product(watch, each, q), Near(g, 0.0))]))
        for each, g, b in zip(d, gammas, betas, strict=True)
    ]


def inverse_root(watch: Watch, v: Near, epsilon: float) -> Near:
    """1 / sqrt(v + ε); v is never below 0, and where it may be anything, q is anything down to 0."""
    q = 1.0 / math.sqrt(v.v + epsilon)
    nearest, furthest = (
        1.0 / math.sqrt(max(edge, 0.0) + epsilon) for edge in (v.v - v.e, v.v + v.e)
    )
    s = max(nearest - q, q - furthest)
    return watch.made(q, s + 2.0**-22 * (q + s))


# --- layers of several inputs ---------------------------------------------------------------------


def merged(watch: Watch, layer: Layer, x: list[Vector]) -> Vector:
    """[merge-1]: one vector for each of `inputs`."""
    if layer.type == "concat":
        return [v for part in x for v in part]
    return [several(watch, layer.type, list(each)) for each in zip(*x, strict=True)]


def both_directions(watch: Watch, merge: str, y: Vector, w: Vector) -> Vector:
    """[direction-2]."""
    if merge == "concat":
        return [*y, *w]
    pairs = [list(pair) for pair in zip(y, w, strict=True)]
    if merge == "average":
        sums = [total(watch, 0.0, [(v, ONE) for v in pair]) for pair in pairs]
        return [watch.named(Near(0.5 * v.v, 0.5 * v.e)) for v in sums]
    return [several(watch, "add" if merge == "sum" else merge, pair) for pair in pairs]


def several(watch: Watch, operation: str, x: Vector) -> Near:
    """The sum of m numbers, with m − 1 T; or their product, one after the other."""
    if operation == "add":
        y = total(watch, 0.0, [(v, ONE) for v in x])
        for _ in x[2:]:
            y = watch.through_t(y)
        return watch.named(y)
    y = product(watch, x[0], x[1])
    for v in x[2:]:
        y = product(watch, watch.through_t(y), v)
    return watch.named(y)
