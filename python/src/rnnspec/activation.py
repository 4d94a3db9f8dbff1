"""Activation: the functions of SPEC 12.4 to 12.6, elementwise over float32 arrays.

Each line of a recipe is one operation, or several with their parentheses, rounded one by one. No
function of numpy takes part but the four operations, minimum and maximum (which let NaN pass, as the
selects of SPEC.md do), and moving powers of two in and out of the exponent. Overflow and NaN are part
of the recipes; who calls them silences numpy's warnings about them (`np.errstate`), once for a whole
run and not for each operation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.tensor import Float32, tiny

Function: TypeAlias = Callable[[Float32], Float32]


def _constants(*bits: int) -> tuple[np.float32, ...]:
    return tuple(np.array(bits, np.uint32).view(np.float32))


LOG2E, MAGIC, LN2HI, LN2LO = _constants(0x3FB8AA3B, 0x4B400000, 0x3F317200, 0x35BFBE8E)
ROOT: Final = _constants(0x3F3504F3)[0]
# Polynomials, the highest power first.
E: Final = _constants(0x3AB40B74, 0x3C092DE5, 0x3D2AAE4F, 0x3E2AAA26, 0x3EFFFFFA)
H: Final = _constants(0xBBBAC650, 0x3CA908A9, 0xBD5C1C4C, 0x3E088382, 0xBEAAAA99)
G: Final = _constants(
    *(0x3D8A26D8, 0xBDF18FA8, 0x3DF4E501, 0xBDFDB997, 0x3E11799E),
    *(0xBE2AAFA2, 0x3E4CD460, 0xBE800003, 0x3EAAAA9F),
)
_ZERO, _ONE, _HALF, _SPLIT = np.float32(0), np.float32(1), np.float32(0.5), np.float32(0.625)
_LOW, _HIGH, _HIGHEST = np.float32(-64), np.float32(64), np.float32(89)
_MAGIC_BITS: Final = int(MAGIC.view(np.int32))


def exp(x: Float32) -> Float32:
    """[exp-1]."""
    n, u = _core(np.minimum(np.maximum(x, _LOW), _HIGHEST))
    y = (_ONE + u) * _power(n - 1)
    return tiny(y + y)


def sigmoid(x: Float32) -> Float32:
    """[sigmoid-1]."""
    return tiny(_logistic(-x))


def tanh(x: Float32) -> Float32:
    """[tanh-1]."""
    a = np.abs(x)
    z = a * a
    low = a + a * (_polynomial(H, z) * z)
    g = _logistic(a + a)
    high = _ONE - (g + g)
    y = np.where(a < _SPLIT, low, high)
    # The sign of −0 goes with T.
    return tiny(np.copysign(y, x))


def log(x: Float32) -> Float32:
    """[log-1]."""
    x = tiny(x)
    fraction, exponent = np.frexp(x)  # ½ ≤ fraction < 1
    below = fraction < ROOT
    m: Float32 = np.where(below, fraction + fraction, fraction)
    k: Float32 = np.where(below, exponent - 1, exponent).astype(np.float32)
    f = m - _ONE
    z = f * f
    i = (f * z) * _polynomial(G, f) + k * LN2LO
    j = i - _HALF * z
    y = tiny((f + j) + k * LN2HI)
    y = np.where(x > 0, y, np.float32(np.nan))
    y = np.where(x == 0, np.float32(-np.inf), y)
    return np.where(x == np.inf, x, y)


# --- [activation-1] -------------------------------------------------------------------------------


def bound(function: str, alpha: float | None = None, beta: float | None = None) -> Function:
    """An activation by its name, with its numbers as binary32 after T (SPEC 8).

    The numbers are those that the function asks for (layout.FUNCTIONS), and no others.
    """
    numbers = {"alpha": alpha, "beta": beta}
    narrow = {name: np.float32(binary32(v)) for name, v in numbers.items() if v is not None}
    return partial(ELEMENTWISE[function], **narrow) if narrow else ELEMENTWISE[function]


def binary32(number: float | None) -> float:
    """A number of an activation as binary32 after T (SPEC 8); 0 where there is none."""
    return 0.0 if number is None else float(tiny(np.array(number, np.float32)))


def clip(a: Float32, K: np.float32) -> Float32:
    """[clip-1]."""
    return np.minimum(np.maximum(a, -K), K)


@dataclass(frozen=True, slots=True)
class Clipped:
    """A function of what is clipped first ([chain-1])."""

    function: Function
    K: np.float32

    def __call__(self, a: Float32) -> Float32:
        """Elementwise."""
        return self.function(clip(a, self.K))


def _relu(x: Float32) -> Float32:
    return tiny(np.maximum(x, _ZERO))


def _leaky_relu(x: Float32, alpha: np.float32) -> Float32:
    return tiny(np.where(x < 0, alpha * x, x))


def _elu(x: Float32, alpha: np.float32) -> Float32:
    return tiny(np.where(x < 0, alpha * (exp(x) - _ONE), x))


def _softplus(x: Float32) -> Float32:
    return tiny(np.maximum(x, _ZERO) + log(_ONE + exp(-np.abs(x))))


def _softsign(x: Float32) -> Float32:
    below: Float32 = _ONE + np.abs(x)
    return tiny(x / below)


def _hard_sigmoid(x: Float32, alpha: np.float32, beta: np.float32) -> Float32:
    return tiny(np.minimum(np.maximum((alpha * x) + beta, _ZERO), _ONE))


def _hard_tanh(x: Float32) -> Float32:
    return tiny(np.minimum(np.maximum(x, -_ONE), _ONE))


def _thresholded_relu(x: Float32, alpha: np.float32) -> Float32:
    return tiny(np.where(x <= alpha, _ZERO, x))


def _scaled_tanh(x: Float32, alpha: np.float32, beta: np.float32) -> Float32:
    return tiny(alpha * tanh(beta * x))


# Each gives T(y); tiny is T, and tanh and sigmoid end with it.
ELEMENTWISE: Final[dict[str, Callable[..., Float32]]] = {
    "linear": tiny,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "softsign": _softsign,
    "hard_sigmoid": _hard_sigmoid,
    "hard_tanh": _hard_tanh,
    "thresholded_relu": _thresholded_relu,
    "scaled_tanh": _scaled_tanh,
}

# --- whole vectors --------------------------------------------------------------------------------


def softmax(x: Float32) -> Float32:
    """[softmax-1], over rows [M, I]."""
    e = exp(x - x.max(axis=1, keepdims=True))
    return tiny(e / sum16(e)[:, None])


def log_softmax(x: Float32) -> Float32:
    """[log-softmax-1], over rows [M, I]."""
    shifted = x - x.max(axis=1, keepdims=True)
    return tiny(shifted - log(sum16(exp(shifted)))[:, None])


def sum16(v: Float32) -> Float32:
    """The sums of rows [M, n] in sixteen interleaved parts ([sum-1]): [M]."""
    rows, n = v.shape
    # Padding is +0 and no partial sum is −0, so it changes nothing.
    padded = np.zeros((rows, -(-n // 16), 16), np.float32)
    padded.reshape(rows, -1)[:, :n] = v
    s = np.zeros((rows, 16), np.float32)
    for k in range(padded.shape[1]):
        s += padded[:, k]
    for width in (8, 4, 2, 1):
        s = s[:, :width] + s[:, width:]
    return s[:, 0]


VECTORWISE: Final[dict[str, Function]] = {"softmax": softmax, "log_softmax": log_softmax}
FUNCTIONS: Final = {"exp": exp, "log": log, "tanh": tanh, "sigmoid": sigmoid}


def _core(v: Float32) -> tuple[npt.NDArray[np.int32], Float32]:
    """[function-1]: n and u with exp(v) ≈ 2^n × (1 + u)."""
    t = v * LOG2E + MAGIC
    n = t - MAGIC
    r = (v - n * LN2HI) - n * LN2LO
    u = r + (r * r) * _polynomial(E, r)
    # Between 2^23 and 2^24 a float's bits count up with its value: these are those of n.
    return t.view(np.int32) - _MAGIC_BITS, u


def _logistic(s: Float32) -> Float32:
    """[sigmoid-1]: 1 / (1 + exp(s))."""
    n, u = _core(np.minimum(np.maximum(s, _LOW), _HIGH))
    w = _power(-n)
    big: Float32 = np.maximum(w, _ONE)
    small: Float32 = np.minimum(w, _ONE)
    below: Float32 = big + (small + u)
    return w / below


def _polynomial(coefficients: tuple[np.float32, ...], x: Float32) -> Float32:
    y = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        y = y * x + coefficient
    return y


def _power(n: npt.NDArray[np.int32]) -> Float32:
    """2^n for −126 ≤ n ≤ 127; anything where n came from NaN, which u passes on."""
    return ((n + 127) << 23).view(np.float32)
