"""SPEC.md 17.3 for the activations of 12.6: how far a result may be off, given how far its argument is."""

import math

from conformance.close.near import LARGE, TAU, Near, Watch, total
from conformance.oracle.activation import Activation

ULPS = 2.0**-21  # 4 units in the last place are at most that part of a number
OF_SIGMOID = (
    2.0**-22
)  # 4 units of its largest values: many make it of tanh, and its small values suffer
BOUNDED = ("tanh", "sigmoid", "softsign", "hard_sigmoid", "hard_tanh", "scaled_tanh")


def sigmoid(x: float) -> float:
    """1 / (1 + e^−x)."""
    e = math.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1.0 + e)


def value(given: Activation, x: float) -> float:
    """The function as mathematics has it; infinities of x give the limit, which may be a NaN."""
    alpha, beta = given.alpha, given.beta
    match given.function:
        case "linear":
            return x
        case "tanh":
            return math.tanh(x)
        case "sigmoid":
            return sigmoid(x)
        case "relu":
            return max(x, 0.0)
        case "leaky_relu":
            return alpha * x if x < 0 else x
        case "elu":
            return alpha * math.expm1(x) if x < 0 else x
        case "softplus":
            return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
        case "softsign":
            return math.copysign(1.0, x) if math.isinf(x) else x / (1.0 + abs(x))
        case "hard_sigmoid" | "hard_tanh":
            return min(max(x, 0.0 if given.function == "hard_sigmoid" else -1.0), 1.0)
        case "thresholded_relu":
            return 0.0 if x <= alpha else x
    assert given.function == "scaled_tanh"
    return alpha * math.tanh(beta * x)


def turns(given: Activation, low: float, high: float) -> list[float]:
    """Values inside the interval that the ends don't show: where the function turns, or jumps."""
    if given.function in ("leaky_relu", "elu") and low <= 0.0 <= high:
        return [0.0]
    if given.function == "thresholded_relu" and low <= given.alpha < high:
        return [0.0, given.alpha]
    return []


def rounding(given: Activation, size: float) -> float:
    """What the function itself may be off by, at results of this size."""
    match given.function:
        case "linear" | "relu" | "hard_tanh" | "hard_sigmoid" | "thresholded_relu":
            return 0.0
        case "sigmoid":
            return OF_SIGMOID
        case "elu":
            return 2 * ULPS * abs(given.alpha)
        case "softplus":
            return 2 * ULPS * max(size, 1.0)
        case "scaled_tanh":
            return 2 * ULPS * size + TAU * abs(given.alpha)
    return ULPS * size


def applied(watch: Watch, given: Activation, x: Near) -> Near:
    """[close-5]."""
    if given.function in BOUNDED and not abs(x.v) + x.e < LARGE:
        x = Near(0.0, math.inf)  # an infinity, or none, or no number
    if given.function == "hard_sigmoid":
        x = total(watch, given.beta, [(Near(given.alpha, 0.0), x)])
    y = value(given, x.v)
    low, high = x.v - x.e, x.v + x.e
    reached = [value(given, low), value(given, high), *turns(given, low, high)]
    spread = max(abs(reach - y) for reach in reached)
    if any(math.isnan(reach) for reach in reached):
        spread = math.inf
    return watch.made(y, spread + rounding(given, abs(y) + spread))
