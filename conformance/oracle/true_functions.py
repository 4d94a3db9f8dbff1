"""The functions of SPEC.md 12.5 and 12.6 as mathematics has them, with fifty digits: no recipe, no T.

This module and truth.py share no code with the scalar oracle; each is a witness for the other.
"""

import math
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation, Overflow, localcontext
from typing import Any

Json = dict[str, Any]

DIGITS = 50  # of every operation
ZERO, ONE = Decimal(0), Decimal(1)
LARGE = Decimal(10000)  # sigmoid and tanh are constant from here on, to far more than fifty digits


def precise() -> Context:
    """The precision that everything true is computed in."""
    return Context(prec=DIGITS, Emin=-999999, Emax=999999)


# --- 12.5 -----------------------------------------------------------------------------------------


def sigmoid(x: Decimal) -> Decimal:
    """1 / (1 + e^−x)."""
    e = (-abs(max(min(x, LARGE), -LARGE))).exp()
    return (ONE if x >= 0 else e) / (ONE + e)


def tanh(x: Decimal) -> Decimal:
    """The hyperbolic tangent; by its series where the quotient would lose its digits."""
    if abs(x) < Decimal("1e-8"):
        return x - x**3 / 3 + 2 * x**5 / 15
    e = (-2 * min(abs(x), LARGE)).exp()
    return ((ONE - e) / (ONE + e)).copy_sign(x)


def exp(x: Decimal) -> Decimal:
    """e^x."""
    return x.exp()


def log(x: Decimal) -> Decimal:
    """The natural logarithm."""
    return x.ln()


FUNCTIONS = {"exp": exp, "log": log, "tanh": tanh, "sigmoid": sigmoid}


def value_of(function: str, x: float) -> Decimal:
    """The function at a binary32, infinities and NaN included; exp of big numbers is infinite."""
    with localcontext(precise()):
        try:
            return Decimal("NaN") if math.isnan(x) else FUNCTIONS[function](Decimal(x))
        except InvalidOperation:  # the logarithm of a negative number
            return Decimal("NaN")
        except Overflow:
            return Decimal("Infinity")


# --- 12.6 -----------------------------------------------------------------------------------------


def softplus(x: Decimal) -> Decimal:
    """ln(1 + e^x); by its series where 1 + e^x would lose its digits."""
    e = (-abs(min(max(x, -LARGE), LARGE))).exp()
    small = e - e**2 / 2 + e**3 / 3 if e < Decimal("1e-15") else (ONE + e).ln()
    return max(x, ZERO) + small


ACTIVATIONS: dict[str, Callable[[Decimal, Decimal, Decimal], Decimal]] = {
    "linear": lambda x, _a, _b: x,
    "tanh": lambda x, _a, _b: tanh(x),
    "sigmoid": lambda x, _a, _b: sigmoid(x),
    "relu": lambda x, _a, _b: max(x, ZERO),
    "leaky_relu": lambda x, a, _b: x if x >= 0 else a * x,
    "elu": lambda x, a, _b: x if x >= 0 else a * (max(x, -LARGE).exp() - ONE),
    "softplus": lambda x, _a, _b: softplus(x),
    "softsign": lambda x, _a, _b: x / (ONE + abs(x)),
    "hard_sigmoid": lambda x, a, b: max(ZERO, min(ONE, a * x + b)),
    "hard_tanh": lambda x, _a, _b: max(-ONE, min(ONE, x)),
    "thresholded_relu": lambda x, a, _b: x if x > a else ZERO,
    "scaled_tanh": lambda x, a, b: a * tanh(b * x),
}


def activation(entry: Json) -> Callable[[Decimal], Decimal]:
    """An activation of a document; alpha and beta are the binary32 numbers that a file means."""
    function = ACTIVATIONS[entry["function"]]
    alpha, beta = (Decimal(nearest_binary32(entry.get(name, 0))) for name in ("alpha", "beta"))
    return lambda x: function(x, alpha, beta)


def nearest_binary32(value: float) -> float:
    """To 24 digits, ties to even; the exponents of binary32 below 2^−149 do not occur."""
    m, exponent = math.frexp(value)
    digits = min(24, exponent + 149)
    return math.ldexp(round(math.ldexp(m, digits)), exponent - digits)
