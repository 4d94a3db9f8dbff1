"""SPEC.md 17.3 for the cells of 13.3 to 13.5: one step of one direction of one row."""

from conformance.close.activations import applied
from conformance.close.near import (
    ONE,
    ZERO,
    Near,
    Vector,
    Watch,
    clipped,
    gamma,
    product,
    summed,
    times,
    total,
    weighted,
)
from conformance.oracle.chain import blocks
from conformance.oracle.net import Layer

Parts = list[tuple[str, Vector]]  # role of a matrix, and the vector that it is multiplied with


def columns(
    watch: Watch,
    layer: Layer,
    parts: Parts,
    which: range,
    bias: str = "b",
    peephole: tuple[str, Vector] | None = None,
) -> Vector:
    """Pre-activations of some columns; a value that is 0 for certain has no term.

    `peephole`: the gate whose block the columns are, and what it reads.
    """
    stored = layer.parameters[bias][0] if bias in layer.parameters else None
    live = [
        (value, row[which.start : which.stop])
        for role, vector in parts
        for value, row in zip(vector, layer.parameters[role], strict=True)
        if value != ZERO
    ]
    diagonal: list[float] = []
    if peephole is not None and layer.peephole:
        gate, v = peephole
        g = blocks(layer).replace("g", "").index(gate)
        p, H = layer.parameters["p"], layer.hidden
        if layer.peephole == "diagonal":
            diagonal = p[g]
        else:
            rows = zip(v, p, strict=True)
            live += [(x, row[g * H : g * H + H]) for x, row in rows if x != ZERO]
    values = [value for value, _ in live]
    found = []
    for j, column in enumerate(which):
        x, w = values, [row[j] for _, row in live]
        if diagonal and peephole is not None and peephole[1][j] != ZERO:
            x, w = [*x, peephole[1][j]], [*w, diagonal[j]]
        found.append(weighted(watch, 0.0 if stored is None else stored[column], x, w))
    return found


def step(watch: Watch, layer: Layer, x: Vector, old: dict[str, Vector]) -> dict[str, Vector]:
    """The state after one step of a layer of one direction."""
    if layer.type == "elman":
        return {"h": elman(watch, layer, x, old["h"])}
    if layer.type == "lstm":
        return lstm(watch, layer, x, old["h"], old["c"])
    return {"h": gru(watch, layer, x, old["h"])}


def gate(watch: Watch, layer: Layer, role: str, a: Vector) -> Vector:
    """An activation of each; it ends in T."""
    return [watch.through_t(applied(watch, layer.activations[role], v)) for v in a]


def cut(layer: Layer, a: Vector) -> Vector:
    """The `clip` of [chain-1]."""
    return [clipped(v, layer.clip) for v in a]


def elman(watch: Watch, layer: Layer, x: Vector, h: Vector) -> Vector:
    """h'."""
    a = cut(layer, columns(watch, layer, [("W", x), ("R", h)], range(layer.hidden)))
    return [watch.named(applied(watch, layer.activations["activation"], v)) for v in a]


def lstm(watch: Watch, layer: Layer, x: Vector, h: Vector, c: Vector) -> dict[str, Vector]:
    """h' and c', with the options of 13.4."""
    H, order = layer.hidden, blocks(layer)

    def block(name: str, role: str, v: Vector | None = None) -> Vector:
        """A gate, or the candidate; v is what its peephole reads."""
        start = order.index(name) * H
        peephole = None if v is None else (name, v)
        both = [("W", x), ("R", h)]
        a = columns(watch, layer, both, range(start, start + H), peephole=peephole)
        return gate(watch, layer, role, cut(layer, a))

    def rest(other: Vector) -> Vector:
        """[coupled-1]."""
        return [total(watch, 1.0, [(v, Near(-1.0, 0.0))]) for v in other]

    if layer.coupled == "input":
        f = block("f", "gates", c)
        i = rest(f)
    else:
        i = block("i", "gates", c)
        f = rest(i) if layer.coupled else block("f", "gates", c)
    g = block("g", "candidate")
    pairs = zip(f, c, i, g, strict=True)
    sums = [watch.through_t(total(watch, 0.0, [(a, b), (d, e)])) for a, b, d, e in pairs]
    new = [watch.finite(clipped(v, layer.cell_clip)) for v in sums]
    shown = zip(block("o", "gates", new), gate(watch, layer, "output", new), strict=True)
    u = [watch.named(product(watch, *pair)) for pair in shown]
    if layer.projection is None:
        return {"h": u, "c": new}
    a = columns(watch, layer, [("Q", u)], range(layer.projection), bias="qb")
    projected = [clipped(watch.through_t(v), layer.projection_clip) for v in a]
    return {"h": [watch.finite(v) for v in projected], "c": new}


def gru(watch: Watch, layer: Layer, x: Vector, h: Vector) -> Vector:
    """h'."""
    H = layer.hidden
    a = cut(layer, columns(watch, layer, [("W", x), ("R", h)], range(2 * H)))
    r, z = gate(watch, layer, "gates", a[:H]), gate(watch, layer, "gates", a[H:])
    last = range(2 * H, 3 * H)
    if layer.reset == "before":
        u = [watch.named(product(watch, *pair)) for pair in zip(r, h, strict=True)]
        p = columns(watch, layer, [("W", x), ("R", u)], last)
    else:
        of_x = columns(watch, layer, [("W", x)], last)
        of_h = recurrent_part(watch, layer, h)
        p = [
            watch.through_t(total(watch, 0.0, [(one, ONE), (reset, other)]))
            for one, reset, other in zip(of_x, r, of_h, strict=True)
        ]
    n = gate(watch, layer, "candidate", cut(layer, p))
    return [watch.named(mixed(watch, *of)) for of in zip(z, n, h, strict=True)]


def recurrent_part(watch: Watch, layer: Layer, h: Vector) -> Vector:
    """The d of [gru-3]."""
    H = layer.hidden
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
