"""SPEC.md 12.3: the chain, one scalar operation after the other."""

from collections.abc import Callable

from conformance.oracle.float32 import add, mul
from conformance.oracle.net import Layer

Vector = list[float]
Preactivations = Callable[[Layer, Vector, Vector | None, range], Vector]


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


def second(layer: Layer, h: Vector, j: int) -> float:
    """The d of [gru-3]: the recurrent part of column 2H + j in an accumulator of its own."""
    R = layer.parameters["R"]
    d = add(0.0, layer.parameters["rb"][0][j]) if "rb" in layer.parameters else 0.0
    for k in range(len(h)):
        d = add(d, mul(h[k], R[k][2 * layer.size + j]))
    return d


def preactivations(layer: Layer, x: Vector, h: Vector | None, columns: range) -> Vector:
    """Some columns of a layer, each with its own accumulator ([chain-2])."""
    return [chain(layer, x, h, j) for j in columns]
