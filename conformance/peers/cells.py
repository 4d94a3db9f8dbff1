"""SPEC.md 13.3 to 13.5 in operations on whole arrays, for the cells that a peer has no operator for."""

from typing import Any, Protocol

from conformance.oracle.activation import Activation
from conformance.oracle.net import Layer

Value = Any  # what the operations of a peer take and give: an array, or the name of one in a graph


class Operations(Protocol):
    """The operations of a peer, on arrays [N, columns]."""

    def constant(self, rows: list[list[float]]) -> Value: ...
    def matmul(self, a: Value, b: Value) -> Value: ...
    def add(self, a: Value, b: Value) -> Value: ...
    def subtract(self, a: Value, b: Value) -> Value: ...
    def multiply(self, a: Value, b: Value) -> Value: ...
    def block(self, a: Value, number: int, size: int) -> Value: ...
    def activation(self, given: Activation, a: Value) -> Value: ...


def weighted(
    to: Operations, layer: Layer, role: str, x: Value, which: slice = slice(None)
) -> Value:
    """x times some columns of a matrix."""
    return to.matmul(x, to.constant([row[which] for row in layer.parameters[role]]))


def biased(to: Operations, layer: Layer, a: Value, which: slice = slice(None)) -> Value:
    """a plus some elements of the bias, if there is one."""
    if layer.bias is None:
        return a
    return to.add(a, to.constant([layer.bias[which]]))


def cell(to: Operations, layer: Layer, x: Value, old: dict[str, Value]) -> dict[str, Value]:
    """The state after one step; the output is its h."""
    h, H = old["h"], layer.size
    if layer.type == "gru":
        return {"h": gru(to, layer, x, h)}
    sums = to.add(weighted(to, layer, "W", x), weighted(to, layer, "R", h))
    a = biased(to, layer, sums)
    if layer.type == "elman":
        return {"h": to.activation(layer.activations["activation"], a)}
    gates = layer.activations["gates"]
    i, f, o = (to.activation(gates, to.block(a, k, H)) for k in (0, 1, 3))
    g = to.activation(layer.activations["candidate"], to.block(a, 2, H))
    c = to.add(to.multiply(f, old["c"]), to.multiply(i, g))
    return {"h": to.multiply(o, to.activation(layer.activations["output"], c)), "c": c}


def gru(to: Operations, layer: Layer, x: Value, h: Value) -> Value:
    """h'."""
    H = layer.size
    two, third = slice(2 * H), slice(2 * H, 3 * H)
    sums = to.add(weighted(to, layer, "W", x, two), weighted(to, layer, "R", h, two))
    both = to.activation(layer.activations["gates"], biased(to, layer, sums, two))
    r, z = to.block(both, 0, H), to.block(both, 1, H)
    p = biased(to, layer, weighted(to, layer, "W", x, third), third)
    if layer.reset == "before":
        d = weighted(to, layer, "R", to.multiply(r, h), third)
    else:
        d = weighted(to, layer, "R", h, third)
        if "rb" in layer.parameters:
            d = to.add(d, to.constant(layer.parameters["rb"]))
        d = to.multiply(r, d)
    n = to.activation(layer.activations["candidate"], to.add(p, d))
    one = to.constant([[1.0]])
    return to.add(to.multiply(to.subtract(one, z), n), to.multiply(z, h))
