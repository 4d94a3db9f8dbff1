"""SPEC.md 12 and 13 in plain numpy float32, operation by operation: what the kernel is compared with.

numpy's float32 +, -, ×, / are those of IEEE 754, each rounded on its own. Arrays are lanes that do not touch each other;
every sum over k is a loop. Nothing here is shared with the kernel, nor read from it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

F: Final = np.float32
Floats = NDArray[np.float32]


def bits(hexadecimal: str) -> np.float32:
    """A constant of SPEC.md 12.5."""
    value: np.float32 = np.array([int(hexadecimal, 16)], np.uint32).view(F)[0]
    return value


LOG2E, MAGIC, LN2HI, LN2LO = (bits(b) for b in ("3fb8aa3b", "4b400000", "3f317200", "35bfbe8e"))
E: Final = [
    bits(b) for b in ("3ab40b74", "3c092de5", "3d2aae4f", "3e2aaa26", "3efffffa")
]  # E6 to E2
H: Final = [
    bits(b) for b in ("bbbac650", "3ca908a9", "bd5c1c4c", "3e088382", "beaaaa99")
]  # H11 to H3
G: Final = [  # G11 to G3
    *(bits(b) for b in ("3d8a26d8", "bdf18fa8", "3df4e501", "bdfdb997", "3e11799e")),
    *(bits(b) for b in ("be2aafa2", "3e4cd460", "be800003", "3eaaaa9f")),
]
ROOT: Final = bits("3f3504f3")
TINY: Final = F(2.0**-51)


def T(v: Floats) -> Floats:
    """[tiny-1]"""
    return np.where(np.abs(v) < TINY, F(0), v)


def horner(coefficients: list[np.float32], x: Floats) -> Floats:
    """The polynomial as 12.5 writes it, the highest power first."""
    p: Floats = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        p = (p * x) + coefficient
    return p


def core(v: Floats) -> tuple[Floats, Floats]:
    """[function-1]"""
    n = ((v * LOG2E) + MAGIC) - MAGIC
    r = (v - (n * LN2HI)) - (n * LN2LO)
    return n, r + ((r * r) * horner(E, r))


def two_to(n: Floats) -> Floats:
    """2^n, exact; anything where n is NaN."""
    return np.ldexp(F(1), np.where(np.isnan(n), F(0), n).astype(np.int32))


def exp(x: Floats) -> Floats:
    """[exp-1]"""
    a = np.where(x < F(-64), F(-64), x)
    n, u = core(np.where(a > F(89), F(89), a))
    y = (F(1) + u) * two_to(n - F(1))
    return T(y + y)


def logistic(s: Floats) -> Floats:
    """[sigmoid-1]"""
    a = np.where(s < F(-64), F(-64), s)
    n, u = core(np.where(a > F(64), F(64), a))
    w = two_to(-n)
    big, small = np.where(w < F(1), F(1), w), np.where(w < F(1), w, F(1))
    return np.divide(w, big + (small + u), dtype=F)


def sigmoid(x: Floats) -> Floats:
    """[sigmoid-1]"""
    return T(logistic(-x))


def tanh(x: Floats) -> Floats:
    """[tanh-1]"""
    a = np.abs(x)
    z = a * a
    low = a + (a * (horner(H, z) * z))
    g = logistic(a + a)
    y = np.where(a < F(0.625), low, F(1) - (g + g))
    return T(np.where(x < F(0), -y, y))


def log(x: Floats) -> Floats:
    """[log-1]"""
    x = T(x)
    m, e = np.frexp(x)  # ½ ≤ m < 1
    low = m < ROOT
    m = np.where(low, m + m, m)
    k: Floats = np.where(low, e - 1, e).astype(F)
    f = m - F(1)
    z = f * f
    i = ((f * z) * horner(G, f)) + (k * LN2LO)
    j = i - (F(0.5) * z)
    y = T((f + j) + (k * LN2HI))
    y = np.where(np.isposinf(x), F(np.inf), y)
    y = np.where(x == F(0), F(-np.inf), y)
    return np.where(np.isnan(x) | (x < F(0)), F(np.nan), y)


def softsum(v: Floats) -> np.float32:
    """[sum-1]"""
    s = np.zeros(16, F)
    for k, element in enumerate(v):
        s[k % 16] = s[k % 16] + element
    for half in (8, 4, 2, 1):
        s[:half] = s[:half] + s[half : 2 * half]
    return F(s[0])


def softmax(x: Floats) -> Floats:
    """[softmax-1]"""
    e = exp(x - maximum(x))
    return T(e / softsum(e))


def log_softmax(x: Floats) -> Floats:
    """[log-softmax-1]"""
    d = x - maximum(x)
    return T(d - log(np.array([softsum(exp(d))], F))[0])


def maximum(x: Floats) -> np.float32:
    """m of [softmax-1]"""
    m = x[0]
    for element in x[1:]:
        m = max(m, element)
    return F(m)


NAMES: Final = (
    *("linear", "tanh", "sigmoid", "relu", "leaky_relu", "elu", "softplus", "softsign"),
    *("hard_sigmoid", "hard_tanh", "thresholded_relu", "scaled_tanh", "softmax", "log_softmax"),
)


def activation(name: str, x: Floats, alpha: np.float32, beta: np.float32) -> Floats:
    """[activation-1], and softmax and log_softmax over the last axis of one row."""
    zero, one = F(0), F(1)
    match name:
        case "softmax":
            return softmax(x)
        case "log_softmax":
            return log_softmax(x)
        case "linear":
            y = x
        case "tanh":
            y = tanh(x)
        case "sigmoid":
            y = sigmoid(x)
        case "relu":
            y = np.where(x < zero, zero, x)
        case "leaky_relu":
            y = np.where(x < zero, alpha * x, x)
        case "elu":
            y = np.where(x < zero, alpha * (exp(x) - one), x)
        case "softplus":
            y = np.where(x < zero, zero, x) + log(one + exp(-np.abs(x)))
        case "softsign":
            y = np.divide(x, one + np.abs(x), dtype=F)
        case "hard_sigmoid":
            a = (alpha * x) + beta
            low = np.where(a < zero, zero, a)
            y = np.where(one < low, one, low)
        case "hard_tanh":
            low = np.where(x < -one, -one, x)
            y = np.where(one < low, one, low)
        case "thresholded_relu":
            y = np.where(x <= alpha, zero, x)
        case "scaled_tanh":
            y = alpha * tanh(beta * x)
        case _:
            raise ValueError(name)
    return T(y)


def chain(start: Floats, x: Floats, W: Floats) -> Floats:
    """[chain-1]: rows of `start` [N, J], `x` [N, K], `W` [K, J]; k ascending."""
    a = start.copy()
    for k in range(W.shape[0]):
        a = a + (x[:, k : k + 1] * W[k])
    return a


def elman(a: Floats, h: Floats, R: Floats) -> Floats:
    """[elman-1]: a [N, H] is what stands before the recurrent part."""
    return tanh(chain(a, h, R))


def lstm(a: Floats, h: Floats, c: Floats, R: Floats) -> tuple[Floats, Floats]:
    """[lstm-1]: a [N, 4H]"""
    i, f, g, o = np.split(chain(a, h, R), 4, axis=1)
    c = T((sigmoid(f) * c) + (sigmoid(i) * tanh(g)))
    return T(sigmoid(o) * tanh(c)), c


def gru_before(a: Floats, h: Floats, R: Floats) -> Floats:
    """[gru-2]: a [N, 3H]"""
    size = h.shape[1]
    r, z = (sigmoid(v) for v in np.split(chain(a[:, : 2 * size], h, R[:, : 2 * size]), 2, axis=1))
    n = tanh(chain(a[:, 2 * size :], T(r * h), R[:, 2 * size :]))
    return T(((F(1) - z) * n) + (z * h))


def gru_after(a: Floats, h: Floats, R: Floats, rb: Floats) -> Floats:
    """[gru-3]: a [N, 3H], rb [H], the bias of d"""
    size = h.shape[1]
    r, z = (sigmoid(v) for v in np.split(chain(a[:, : 2 * size], h, R[:, : 2 * size]), 2, axis=1))
    d = chain(np.broadcast_to(rb, h.shape).copy(), h, R[:, 2 * size :])
    n = tanh(a[:, 2 * size :] + T(r * d))
    return T(((F(1) - z) * n) + (z * h))
