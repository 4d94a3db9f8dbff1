"""SPEC.md 13.3 to 13.5: one time step of one row of a recurrent layer, as it stands there.

The names are those of the specification; what is written h' and c' there is h and c of the result.
"""

from dataclasses import dataclass

from conformance.oracle.chain import Preactivations, Vector, preactivations, second
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
    H = layer.size
    a = columns(layer, x, h, range(H))
    return ElmanStep(a, [activation(a[j]) for j in range(H)])


@dataclass(frozen=True)
class LstmStep:
    """Everything that has a name in [lstm-1]."""

    a: Vector
    i: Vector
    f: Vector
    g: Vector
    o: Vector
    c: Vector
    h: Vector


def lstm(
    layer: Layer, x: Vector, h: Vector, c: Vector, columns: Preactivations = preactivations
) -> LstmStep:
    """[lstm-1]."""
    gates = layer.activations["gates"]
    candidate = layer.activations["candidate"]
    output = layer.activations["output"]
    H = layer.size
    a = columns(layer, x, h, range(4 * H))
    i = [gates(a[j]) for j in range(H)]
    f = [gates(a[H + j]) for j in range(H)]
    g = [candidate(a[2 * H + j]) for j in range(H)]
    o = [gates(a[3 * H + j]) for j in range(H)]
    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]
    new_h = [T(mul(o[j], output(new_c[j]))) for j in range(H)]
    return LstmStep(a, i, f, g, o, new_c, new_h)


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
    H = layer.size
    a = columns(layer, x, h, range(2 * H))
    r = [gates(a[j]) for j in range(H)]
    z = [gates(a[H + j]) for j in range(H)]
    u: Vector = []
    p: Vector = []
    d: Vector = []
    if layer.reset == "before":
        u = [T(mul(r[k], h[k])) for k in range(H)]
        a += columns(layer, x, u, range(2 * H, 3 * H))
        n = [candidate(a[2 * H + j]) for j in range(H)]
    else:
        p = columns(layer, x, None, range(2 * H, 3 * H))
        d = [second(layer, h, j) for j in range(H)]
        n = [candidate(add(p[j], T(mul(r[j], d[j])))) for j in range(H)]
    new_h = [T(add(mul(sub(1.0, z[j]), n[j]), mul(z[j], h[j]))) for j in range(H)]
    return GruStep(a, r, z, u, p, d, n, new_h)
