"""Nets of audio in 50 digits, by the equations of those who wrote the files: nothing here knows rnnspec, or numpy.

Matrices are lists of rows as PyTorch has them, one row a unit of a gate; inputs and outputs are lists of vectors.
"""

import math
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

Number = Decimal
Vector = list[Decimal]
Matrix = list[Vector]

DIGITS = 50


def exact(numbers: Sequence[Any]) -> list[Any]:
    """Nested lists of floats → the decimals that they are, to the last digit."""
    return [exact(n) if isinstance(n, list) else Decimal(n) for n in numbers]


def sigmoid(x: Number) -> Number:
    return 1 / (1 + (-x).exp())


def tanh(x: Number) -> Number:
    e = (2 * x).exp()
    return (e - 1) / (e + 1)


def product(matrix: Matrix, x: Vector) -> Vector:
    return [sum((w * v for w, v in zip(row, x, strict=True)), Decimal(0)) for row in matrix]


def plus(*vectors: Vector) -> Vector:
    return [sum(column, Decimal(0)) for column in zip(*vectors, strict=True)]


def blocks(vector: Vector, count: int) -> list[Vector]:
    size = len(vector) // count
    return [vector[k * size : (k + 1) * size] for k in range(count)]


def lstm(
    w: dict[str, list[Any]],  # ih, hh: matrices; b, h, c: vectors
    inputs: Sequence[Vector],
    order: str = "ifgo",
    forget: int = 0,
) -> list[Vector]:
    """i, f, g, o; `order` and `forget`, a number added to f, are there to see that they matter."""
    with localcontext() as context:
        context.prec = DIGITS
        h, c, outputs = w["h"], w["c"], []
        for x in inputs:
            gates = blocks(plus(product(w["ih"], x), product(w["hh"], h), w["b"]), 4)
            i, f, g, o = (gates[order.index(letter)] for letter in "ifgo")
            c = [sigmoid(f[k] + forget) * c[k] + sigmoid(i[k]) * tanh(g[k]) for k in range(len(c))]
            h = [sigmoid(o[k]) * tanh(c[k]) for k in range(len(c))]
            outputs.append(h)
        return outputs


def gru(w: dict[str, list[Any]], inputs: Sequence[Vector], order: str = "rzn") -> list[Vector]:
    """PyTorch's: r, z, n, the bias of the recurrent part of n inside the reset."""
    with localcontext() as context:
        context.prec = DIGITS
        h, outputs = w["h"], []
        for x in inputs:
            given = dict(zip(order, blocks(plus(product(w["ih"], x), w["b_ih"]), 3), strict=True))
            back = dict(zip(order, blocks(plus(product(w["hh"], h), w["b_hh"]), 3), strict=True))
            r = [sigmoid(a) for a in plus(given["r"], back["r"])]
            z = [sigmoid(a) for a in plus(given["z"], back["z"])]
            n = [tanh(given["n"][k] + r[k] * back["n"][k]) for k in range(len(h))]
            h = [(1 - z[k]) * n[k] + z[k] * h[k] for k in range(len(h))]
            outputs.append(h)
        return outputs


def rnn(w: dict[str, list[Any]], inputs: Sequence[Vector]) -> list[Vector]:
    """PyTorch's RNN with tanh."""
    with localcontext() as context:
        context.prec = DIGITS
        h, outputs = w["h"], []
        for x in inputs:
            h = [tanh(a) for a in plus(product(w["ih"], x), product(w["hh"], h), w["b"])]
            outputs.append(h)
        return outputs


def head(weight: Matrix, bias: Vector, inputs: Sequence[Vector]) -> list[Vector]:
    """A last layer without a function."""
    with localcontext() as context:
        context.prec = DIGITS
        return [plus(product(weight, x), bias) for x in inputs]


def away(one: Sequence[Vector], other: Sequence[Sequence[Any]]) -> float:
    """The largest difference between two outputs."""
    return max(
        abs(float(a - Decimal(b)))
        for u, v in zip(one, other, strict=True)
        for a, b in zip(u, v, strict=True)
    )


def loud(steps: int, width: int) -> list[list[float]]:
    """A loud input: full scale, and changing all the time. Numbers that float32 holds."""
    return [
        [round(256 * math.sin(1 + t * (0.7 + 0.31 * k) + k)) / 256 for k in range(width)]
        for t in range(steps)
    ]


def spread(seed: int, count: int, scale: float = 1.0) -> list[float]:
    """Numbers from −scale to scale that float32 holds, the same on every machine."""
    numbers, state = [], seed * 7919 + 17
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        numbers.append((state // 2**13 / 2**17 - 1) * scale)
    return numbers


def rows(seed: int, height: int, width: int, scale: float = 1.0) -> list[list[float]]:
    numbers = spread(seed, height * width, scale)
    return [numbers[k * width : (k + 1) * width] for k in range(height)]
