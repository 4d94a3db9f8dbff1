"""SPEC.md 12.4 and 12.5: the sum of sixteen and the recipes."""

# ruff: noqa: FURB136 - selects as SPEC.md writes them; max() and min() say nothing about NaN

import math

from conformance.oracle.float32 import T, add, div, from_bits, mul, sub


def sum16(v: list[float]) -> float:
    """[sum-1]."""
    s = [0.0] * 16
    for k in range(len(v)):
        s[k % 16] = add(s[k % 16], v[k])
    for i in range(8):
        s[i] = add(s[i], s[i + 8])
    for i in range(4):
        s[i] = add(s[i], s[i + 4])
    for i in range(2):
        s[i] = add(s[i], s[i + 2])
    return add(s[0], s[1])


# --- 12.5 Functions -------------------------------------------------------------------------------

LOG2E = from_bits(0x3FB8AA3B)
MAGIC = from_bits(0x4B400000)
LN2HI = from_bits(0x3F317200)
LN2LO = from_bits(0x35BFBE8E)
ROOT = from_bits(0x3F3504F3)
E2, E3, E4, E5, E6 = (
    from_bits(b) for b in (0x3EFFFFFA, 0x3E2AAA26, 0x3D2AAE4F, 0x3C092DE5, 0x3AB40B74)
)
H3, H5, H7, H9, H11 = (
    from_bits(b) for b in (0xBEAAAA99, 0x3E088382, 0xBD5C1C4C, 0x3CA908A9, 0xBBBAC650)
)
G3, G4, G5, G6, G7, G8, G9, G10, G11 = (
    from_bits(b)
    for b in (
        0x3EAAAA9F, 0xBE800003, 0x3E4CD460, 0xBE2AAFA2, 0x3E11799E,
        0xBDFDB997, 0x3DF4E501, 0xBDF18FA8, 0x3D8A26D8,
    )
)  # fmt: skip


def power_of_two(n: float) -> float:
    """2^n for a whole number n, exactly; NaN for NaN."""
    return n if math.isnan(n) else math.ldexp(1.0, int(n))


def core(v: float) -> tuple[float, float]:
    """[function-1]: n and u with exp(v) = 2^n × (1 + u)."""
    n = sub(add(mul(v, LOG2E), MAGIC), MAGIC)
    r = sub(sub(v, mul(n, LN2HI)), mul(n, LN2LO))
    q = add(mul(E6, r), E5)
    q = add(mul(q, r), E4)
    q = add(mul(q, r), E3)
    q = add(mul(q, r), E2)
    u = add(r, mul(mul(r, r), q))
    return n, u


def exp(x: float) -> float:
    """[exp-1]."""
    a = -64.0 if x < -64.0 else x
    v = 89.0 if a > 89.0 else a
    n, u = core(v)
    y = mul(add(1.0, u), power_of_two(n - 1))
    return T(add(y, y))


def logistic(s: float) -> float:
    """[sigmoid-1]: 1 / (1 + e^s)."""
    a = -64.0 if s < -64.0 else s
    v = 64.0 if a > 64.0 else a
    n, u = core(v)
    w = power_of_two(-n)
    big = 1.0 if w < 1.0 else w
    small = w if w < 1.0 else 1.0
    return div(w, add(big, add(small, u)))


def sigmoid(x: float) -> float:
    """[sigmoid-1]."""
    return T(logistic(-x))


def tanh(x: float) -> float:
    """[tanh-1]."""
    a = abs(x)
    z = mul(a, a)
    p = add(mul(H11, z), H9)
    p = add(mul(p, z), H7)
    p = add(mul(p, z), H5)
    p = add(mul(p, z), H3)
    low = add(a, mul(a, mul(p, z)))
    g = logistic(add(a, a))
    high = sub(1.0, add(g, g))
    y = low if a < 0.625 else high
    return T(-y if x < 0.0 else y)


def log(x: float) -> float:
    """[log-1]."""
    x = T(x)
    if math.isnan(x) or x < 0.0:
        return math.nan
    if x == 0.0:
        return -math.inf
    if x == math.inf:
        return math.inf
    m, k = math.frexp(x)
    if m < ROOT:
        m, k = m + m, k - 1
    f = sub(m, 1.0)
    z = mul(f, f)
    p = add(mul(G11, f), G10)
    for G in (G9, G8, G7, G6, G5, G4, G3):
        p = add(mul(p, f), G)
    i = add(mul(mul(f, z), p), mul(float(k), LN2LO))
    j = sub(i, mul(0.5, z))
    return T(add(add(f, j), mul(float(k), LN2HI)))
