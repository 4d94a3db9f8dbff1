"""SPEC.md 12.6: the activations, each as its row of the table says."""

# ruff: noqa: FURB136, SIM300 - selects as SPEC.md writes them; max() and min() say nothing about NaN

from dataclasses import dataclass

from conformance.oracle.float32 import T, add, div, mul, sub
from conformance.oracle.functions import exp, log, sigmoid, tanh


@dataclass(frozen=True)
class Activation:
    """A function of one number; alpha and beta are 0 where the function has none."""

    function: str
    alpha: float = 0.0
    beta: float = 0.0

    def __call__(self, x: float) -> float:
        """[activation-1]."""
        return T(TABLE[self.function](x, self.alpha, self.beta))


def linear(x: float, _alpha: float, _beta: float) -> float:
    """The number itself."""
    return x


def hyperbolic(x: float, _alpha: float, _beta: float) -> float:
    """[tanh-1]."""
    return tanh(x)


def logistic_sigmoid(x: float, _alpha: float, _beta: float) -> float:
    """[sigmoid-1]."""
    return sigmoid(x)


def relu(x: float, _alpha: float, _beta: float) -> float:
    """Nothing below 0."""
    return 0.0 if x < 0.0 else x


def leaky_relu(x: float, alpha: float, _beta: float) -> float:
    """A part of x below 0."""
    return mul(alpha, x) if x < 0.0 else x


def elu(x: float, alpha: float, _beta: float) -> float:
    """An exponential below 0."""
    return mul(alpha, sub(exp(x), 1.0)) if x < 0.0 else x


def softplus(x: float, _alpha: float, _beta: float) -> float:
    """log(1 + e^x), without overflow."""
    return add(0.0 if x < 0.0 else x, log(add(1.0, exp(-abs(x)))))


def softsign(x: float, _alpha: float, _beta: float) -> float:
    """x over 1 + |x|."""
    return div(x, add(1.0, abs(x)))


def hard_sigmoid(x: float, alpha: float, beta: float) -> float:
    """A straight line from 0 to 1."""
    a = add(mul(alpha, x), beta)
    low = 0.0 if a < 0.0 else a
    return 1.0 if 1.0 < low else low


def hard_tanh(x: float, _alpha: float, _beta: float) -> float:
    """The diagonal from −1 to 1."""
    low = -1.0 if x < -1.0 else x
    return 1.0 if 1.0 < low else low


def thresholded_relu(x: float, alpha: float, _beta: float) -> float:
    """Nothing up to alpha."""
    return 0.0 if x <= alpha else x


def scaled_tanh(x: float, alpha: float, beta: float) -> float:
    """tanh, stretched both ways."""
    return mul(alpha, tanh(mul(beta, x)))


TABLE = {
    "linear": linear,
    "tanh": hyperbolic,
    "sigmoid": logistic_sigmoid,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "softplus": softplus,
    "softsign": softsign,
    "hard_sigmoid": hard_sigmoid,
    "hard_tanh": hard_tanh,
    "thresholded_relu": thresholded_relu,
    "scaled_tanh": scaled_tanh,
}
