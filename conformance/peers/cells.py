"""SPEC.md 13.3 to 13.5 in operations on whole arrays, for the cells that a peer has no operator for."""

from typing import Any, Protocol

from conformance.oracle.activation import Activation
from conformance.oracle.chain import blocks
from conformance.oracle.net import Layer

Value = Any  # what the operations of a peer take and give: an array, or the name of one in a graph


class Operations(Protocol):
    """The operations of a peer, on arrays [N, columns]."""

    def constant(self, rows: list[list[float]]) -> Value: ...
    def matmul(self, a: Value, b: Value) -> Value: ...
    def add(self, a: Value, b: Value) -> Value: ...
    def subtract(self, a: Value, b: Value) -> Value: ...
    def multiply(self, a: Value, b: Value) -> Value: ...
    def clip(self, a: Value, bound: float) -> Value: ...
    def activation(self, given: Activation, a: Value) -> Value: ...


def step(to: Operations, layer: Layer, x: Value, old: dict[str, Value]) -> dict[str, Value]:
    """The state after one step of one direction, and the u of [finite-1]; the output is its h."""
    if layer.type == "elman":
        a = preactivation(to, layer, [("W", x), ("R", old["h"])], slice(layer.hidden))
        return {"h": to.activation(layer.activations["activation"], a)}
    if layer.type == "lstm":
        return lstm(to, layer, x, old["h"], old["c"])
    return gru(to, layer, x, old["h"])


def weighted(
    to: Operations, layer: Layer, role: str, x: Value, which: slice = slice(None)
) -> Value:
    """x times some columns of a matrix."""
    return to.matmul(x, to.constant([row[which] for row in layer.parameters[role]]))


def biased(
    to: Operations, layer: Layer, a: Value, which: slice = slice(None), role: str = "b"
) -> Value:
    """a plus some elements of a bias, if there is one."""
    if role not in layer.parameters:
        return a
    return to.add(a, to.constant([layer.parameters[role][0][which]]))


def cut(to: Operations, a: Value, bound: float | None) -> Value:
    """Between −bound and bound, if there is one."""
    return a if bound is None else to.clip(a, bound)


def preactivation(
    to: Operations,
    layer: Layer,
    parts: list[tuple[str, Value]],
    which: slice,
    seen: Value | None = None,
) -> Value:
    """[chain-1] for some columns; `seen` is what a peephole adds."""
    sums = [weighted(to, layer, role, x, which) for role, x in parts]
    sums += [] if seen is None else [seen]
    a = sums[0]
    for other in sums[1:]:
        a = to.add(a, other)
    return cut(to, biased(to, layer, a, which), layer.clip)


def peephole(to: Operations, layer: Layer, gate: str, v: Value) -> Value | None:
    """[peephole-1]."""
    if not layer.peephole:
        return None
    p, H = layer.parameters["p"], layer.hidden
    g = blocks(layer).replace("g", "").index(gate)
    if layer.peephole == "diagonal":
        return to.multiply(v, to.constant([p[g]]))
    return to.matmul(v, to.constant([row[g * H : g * H + H] for row in p]))


def lstm(to: Operations, layer: Layer, x: Value, h: Value, c: Value) -> dict[str, Value]:
    """h' and c'."""
    H, order, named = layer.hidden, blocks(layer), layer.activations

    def block(gate: str, v: Value) -> Value:
        start = order.index(gate) * H
        seen = None if gate == "g" else peephole(to, layer, gate, v)
        a = preactivation(to, layer, [("W", x), ("R", h)], slice(start, start + H), seen)
        return to.activation(named["candidate" if gate == "g" else "gates"], a)

    def rest(other: Value) -> Value:
        return to.subtract(to.constant([[1.0]]), other)

    if layer.coupled == "input":
        f = block("f", c)
        i = rest(f)
    else:
        i = block("i", c)
        f = rest(i) if layer.coupled else block("f", c)
    new = to.add(to.multiply(f, c), to.multiply(i, block("g", c)))
    new = cut(to, new, layer.cell_clip)
    u = to.multiply(block("o", new), to.activation(named["output"], new))
    if layer.projection is None:
        return {"h": u, "c": new}
    a = biased(to, layer, weighted(to, layer, "Q", u), role="qb")
    return {"h": cut(to, a, layer.projection_clip), "c": new, "u": u}


def gru(to: Operations, layer: Layer, x: Value, h: Value) -> dict[str, Value]:
    """h'."""
    H, gates = layer.hidden, layer.activations["gates"]
    r, z = (
        to.activation(
            gates, preactivation(to, layer, [("W", x), ("R", h)], slice(k * H, k * H + H))
        )
        for k in (0, 1)
    )
    third = slice(2 * H, 3 * H)
    u = to.multiply(r, h)
    if layer.reset == "before":
        a = preactivation(to, layer, [("W", x), ("R", u)], third)
    else:
        p = biased(to, layer, weighted(to, layer, "W", x, third), third)
        d = biased(to, layer, weighted(to, layer, "R", h, third), role="rb")
        a = cut(to, to.add(p, to.multiply(r, d)), layer.clip)
    n = to.activation(layer.activations["candidate"], a)
    one = to.constant([[1.0]])
    new = to.add(to.multiply(to.subtract(one, z), n), to.multiply(z, h))
    return {"h": new, "u": u} if layer.reset == "before" else {"h": new}


def combined(to: Operations, kind: str, x: list[Value]) -> Value:
    """[merge-1] and [direction-2] but for concat: add, multiply, average."""
    y = x[0]
    for other in x[1:]:
        y = to.multiply(y, other) if kind == "multiply" else to.add(y, other)
    return to.multiply(y, to.constant([[0.5]])) if kind == "average" else y
