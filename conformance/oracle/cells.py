"""SPEC.md 13.3 to 13.5: one time step of one row of a recurrent layer, as it stands there.

The names are those of the specification; what is written h' and c' there is h and c of the result.
"""

from dataclasses import dataclass

from conformance.oracle.chain import (
    Preactivations,
    Vector,
    blocks,
    clip,
    peephole,
    preactivations,
    projected,
    second,
)
from conformance.oracle.float32 import T, add, mul, sub
from conformance.oracle.net import Layer


@dataclass(frozen=True)
class ElmanStep:
    """Everything that has a name in [elman-1]."""

    a: Vector
    h: Vector


def elman(
    layer: Layer, x: Vector, h: Vector, columns: Preactivations = preactivations
) -> ElmanStep:
    """[elman-1]."""
    activation = layer.activations["activation"]
    H = layer.hidden
    a = [clip(v, layer.clip) for v in columns(layer, x, h, range(H))]
    return ElmanStep(a, [activation(a[j]) for j in range(H)])


@dataclass(frozen=True)
class LstmStep:
    """Everything that has a name in [lstm-1] and [projection-1].

    `a` holds a pre-activation for each column, whole: with its peephole and after `clip`. u is h
    where there is no projection.
    """

    a: Vector
    i: Vector
    f: Vector
    g: Vector
    o: Vector
    c: Vector
    u: Vector
    h: Vector


def lstm(
    layer: Layer, x: Vector, h: Vector, c: Vector, columns: Preactivations = preactivations
) -> LstmStep:
    """[lstm-1] with the options of 13.4."""
    gates = layer.activations["gates"]
    candidate = layer.activations["candidate"]
    output = layer.activations["output"]
    H = layer.hidden
    order = blocks(layer)
    a = columns(layer, x, h, range(len(order) * H))

    def whole(gate: str, v: Vector) -> None:
        """What follows the recurrent part in the accumulators of a block; v is what its peephole reads."""
        for j in range(H):
            k = order.index(gate) * H + j
            if gate != "g":
                a[k] = peephole(layer, a[k], v, gate, j)
            a[k] = clip(a[k], layer.clip)

    def block(gate: str) -> Vector:
        """The pre-activations of a gate."""
        start = order.index(gate) * H
        return a[start : start + H]

    for gate in order.replace("o", ""):
        whole(gate, c)
    if layer.coupled == "input":
        f = [gates(v) for v in block("f")]
        i = [sub(1.0, f[j]) for j in range(H)]
    elif layer.coupled == "forget":
        i = [gates(v) for v in block("i")]
        f = [sub(1.0, i[j]) for j in range(H)]
    else:
        i = [gates(v) for v in block("i")]
        f = [gates(v) for v in block("f")]
    g = [candidate(v) for v in block("g")]
    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]
    new_c = [clip(new_c[j], layer.cell_clip) for j in range(H)]
    whole("o", new_c)
    o = [gates(v) for v in block("o")]
    u = [T(mul(o[j], output(new_c[j]))) for j in range(H)]
    new_h = u
    if layer.projection is not None:
        new_h = [T(projected(layer, u, j)) for j in range(layer.projection)]
        new_h = [clip(v, layer.projection_clip) for v in new_h]
    return LstmStep(a, i, f, g, o, new_c, u, new_h)


@dataclass(frozen=True)
class GruStep:
    """Everything that has a name in [gru-1] to [gru-4]; u with reset `before`, p and d with `after`.

    `a` holds 3H pre-activations with `before`; with `after`, those of r and z.
    """

    a: Vector
    r: Vector
    z: Vector
    u: Vector
    p: Vector
    d: Vector
    n: Vector
    h: Vector


def gru(layer: Layer, x: Vector, h: Vector, columns: Preactivations = preactivations) -> GruStep:
    """[gru-1] to [gru-4]."""
    gates = layer.activations["gates"]
    candidate = layer.activations["candidate"]
    K = layer.clip
    H = layer.hidden
    a = [clip(v, K) for v in columns(layer, x, h, range(2 * H))]
    r = [gates(a[j]) for j in range(H)]
    z = [gates(a[H + j]) for j in range(H)]
    u: Vector = []
    p: Vector = []
    d: Vector = []
    if layer.reset == "before":
        u = [T(mul(r[k], h[k])) for k in range(H)]
        a += [clip(v, K) for v in columns(layer, x, u, range(2 * H, 3 * H))]
        n = [candidate(a[2 * H + j]) for j in range(H)]
    else:
        p = columns(layer, x, None, range(2 * H, 3 * H))
        d = [second(layer, h, j) for j in range(H)]
        n = [candidate(clip(add(p[j], T(mul(r[j], d[j]))), K)) for j in range(H)]
    new_h = [T(add(mul(sub(1.0, z[j]), n[j]), mul(z[j], h[j]))) for j in range(H)]
    return GruStep(a, r, z, u, p, d, n, new_h)
