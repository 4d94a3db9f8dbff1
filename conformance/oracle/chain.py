"""SPEC.md 12.3: the chain, one scalar operation after the other, and what a cell's options add to it."""

# ruff: noqa: FURB136, SIM300 - selects as SPEC.md writes them; max() and min() say nothing about NaN

from collections.abc import Callable

from conformance.oracle.float32 import add, mul
from conformance.oracle.net import Layer

Vector = list[float]
Preactivations = Callable[[Layer, Vector, Vector | None, range], Vector]


def chain(layer: Layer, x: Vector, h: Vector | None, j: int) -> float:
    """[chain-1] up to the recurrent part: the pre-activation of column j."""
    W = layer.parameters["W"]
    a = add(0.0, layer.bias[j]) if layer.bias is not None else 0.0
    for k in range(len(x)):
        a = add(a, mul(x[k], W[k][j]))
    if h is not None:
        R = layer.parameters["R"]
        for k in range(len(h)):
            a = add(a, mul(h[k], R[k][j]))
    return a


def preactivations(layer: Layer, x: Vector, h: Vector | None, columns: range) -> Vector:
    """Some columns of a layer, each with its own accumulator ([chain-2])."""
    return [chain(layer, x, h, j) for j in columns]


def peephole(layer: Layer, a: float, v: Vector, gate: str, j: int) -> float:
    """[peephole-1]: what cell j adds to its accumulator for a gate (i, f or o)."""
    if not layer.peephole:
        return a
    p = layer.parameters["p"]
    g = blocks(layer).replace("g", "").index(gate)
    if layer.peephole == "diagonal":
        return add(a, mul(v[j], p[g][j]))
    for k in range(len(v)):
        a = add(a, mul(v[k], p[k][g * layer.hidden + j]))
    return a


def blocks(layer: Layer) -> str:
    """[layer-2]: the gates of an LSTM that have columns, in their order."""
    return {"": "ifgo", "input": "fgo", "forget": "igo"}[layer.coupled]


def clip(a: float, K: float | None) -> float:
    """[clip-1]; the number itself where there is no bound."""
    if K is None:
        return a
    low = -K if a < -K else a
    return K if K < low else low


def second(layer: Layer, h: Vector, j: int) -> float:
    """The d of [gru-3]: the recurrent part of column 2H + j in an accumulator of its own."""
    R = layer.parameters["R"]
    d = add(0.0, layer.parameters["rb"][0][j]) if "rb" in layer.parameters else 0.0
    for k in range(len(h)):
        d = add(d, mul(h[k], R[k][2 * layer.hidden + j]))
    return d


def projected(layer: Layer, u: Vector, j: int) -> float:
    """The a of [projection-1]."""
    Q = layer.parameters["Q"]
    a = add(0.0, layer.parameters["qb"][0][j]) if "qb" in layer.parameters else 0.0
    for k in range(len(u)):
        a = add(a, mul(u[k], Q[k][j]))
    return a
