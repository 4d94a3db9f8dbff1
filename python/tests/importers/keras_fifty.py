"""Keras' layers in 50 digits: kernels are lists of rows, [inputs, blocks·units]. Nothing here knows rnnspec, or numpy.

To be called in a context of fifty.DIGITS.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from . import fifty_digits as fifty

Json = Any


def transposed(matrix: list[list[float]]) -> fifty.Matrix:
    return [list(column) for column in zip(*fifty.exact(matrix), strict=True)]


def lstm(
    one: dict[str, Json], inputs: Sequence[fifty.Vector], hard: bool, order: str = "ifco"
) -> list[fifty.Vector]:
    """i, f, c, o; another order is there to see that it matters. With `hard` the gates are clip(0.2·x + 0.5)."""
    W, R = transposed(one["kernel"]), transposed(one["recurrent_kernel"])
    b = fifty.exact(one["bias"])
    gate = hard_sigmoid if hard else fifty.sigmoid
    h = c = [Decimal(0)] * len(one["recurrent_kernel"])
    outputs = []
    for x in inputs:
        parts = fifty.blocks(fifty.plus(fifty.product(W, x), fifty.product(R, h), b), 4)
        i, f, g, o = (parts[order.index(letter)] for letter in "ifco")
        c = [gate(f[k]) * c[k] + gate(i[k]) * fifty.tanh(g[k]) for k in range(len(c))]
        h = [gate(o[k]) * fifty.tanh(c[k]) for k in range(len(c))]
        outputs.append(h)
    return outputs


def gru(
    one: dict[str, Json], inputs: Sequence[fifty.Vector], hard: bool = False, order: str = "zr"
) -> list[fifty.Vector]:
    """z, r, h as they were before Keras 2.1.5, with the reset before the product."""
    size = len(one["recurrent_kernel"])
    W, R = transposed(one["kernel"]), transposed(one["recurrent_kernel"])
    b = fifty.exact(one["bias"])
    gate = hard_sigmoid if hard else fifty.sigmoid
    h = [Decimal(0)] * size
    outputs = []
    for x in inputs:
        given = fifty.plus(fifty.product(W, x), b)
        both = fifty.plus(given[: 2 * size], fifty.product(R[: 2 * size], h))
        gates = [[gate(a) for a in block] for block in fifty.blocks(both, 2)]
        z, r = (gates[order.index(letter)] for letter in "zr")
        kept = [r[k] * h[k] for k in range(size)]
        n = [
            fifty.tanh(a) for a in fifty.plus(given[2 * size :], fifty.product(R[2 * size :], kept))
        ]
        h = [z[k] * h[k] + (1 - z[k]) * n[k] for k in range(size)]
        outputs.append(h)
    return outputs


def hard_sigmoid(x: fifty.Number) -> fifty.Number:
    return min(Decimal(1), max(Decimal(0), x / 5 + Decimal("0.5")))


def softmax(x: fifty.Vector) -> fifty.Vector:
    e = [(a - max(x)).exp() for a in x]
    return [a / sum(e) for a in e]


def simple_rnn(one: dict[str, Json], inputs: Sequence[fifty.Vector]) -> list[fifty.Vector]:
    W, R = transposed(one["kernel"]), transposed(one["recurrent_kernel"])
    b = fifty.exact(one["bias"])
    h = [Decimal(0)] * len(b)
    outputs = []
    for x in inputs:
        h = [fifty.tanh(a) for a in fifty.plus(fifty.product(W, x), fifty.product(R, h), b)]
        outputs.append(h)
    return outputs


def dense(one: dict[str, Json], inputs: Sequence[fifty.Vector]) -> list[fifty.Vector]:
    W, b = transposed(one["kernel"]), fifty.exact(one["bias"])
    return [fifty.plus(fifty.product(W, x), b) for x in inputs]
