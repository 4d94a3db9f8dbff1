"""TensorFlow.js' recurrent layers in 50 digits, from tfjs-layers' recurrent.ts: nothing here knows rnnspec, or numpy.

Kernels are [inputs, gates · units], lists of rows; a row vector times a kernel. Inputs and outputs are lists of vectors.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Any

from .fifty_digits import DIGITS, Number, Vector, blocks, plus, sigmoid, tanh

Function = Callable[[Number], Number]
Weights = dict[str, list[Any]]


def hard_sigmoid(slope: Number = Decimal("0.2")) -> Function:
    """clipByValue(add(.5, mul(.2, x)), 0, 1)."""
    return lambda x: min(max(slope * x + Decimal("0.5"), Decimal(0)), Decimal(1))


def row_times(x: Vector, kernel: list[Vector]) -> Vector:
    return [sum((v * row[k] for v, row in zip(x, kernel, strict=True)), Decimal(0)) for k in range(len(kernel[0]))]  # fmt: skip


def lstm(w: Weights, inputs: Sequence[Vector], gate: Function | None = None, order: str = "ifco", forget: int = 0) -> list[Vector]:  # fmt: skip
    """i, f, c, o; `order`, and `forget`, a number added to f, are there to see that they matter."""
    act = gate or hard_sigmoid()
    with localcontext() as context:
        context.prec = DIGITS
        units = len(w["recurrent_kernel"])
        h = c = [Decimal(0)] * units
        outputs = []
        for x in inputs:
            z = plus(row_times(x, w["kernel"]), row_times(h, w["recurrent_kernel"]), w["bias"])
            of = dict(zip(order, blocks(z, 4), strict=True))
            c = [act(of["f"][k] + forget) * c[k] + act(of["i"][k]) * tanh(of["c"][k]) for k in range(units)]  # fmt: skip
            h = [act(of["o"][k]) * tanh(c[k]) for k in range(units)]
            outputs.append(h)
        return outputs


def gru(w: Weights, inputs: Sequence[Vector], gate: Function | None = None, order: str = "zrh", *, after: bool = False) -> list[Vector]:  # fmt: skip
    """z, r, h, and r · h in front of the product; `after`, behind it, is there to see that it matters."""
    act = gate or hard_sigmoid()
    with localcontext() as context:
        context.prec = DIGITS
        units = len(w["recurrent_kernel"])
        kernels = {letter: [blocks(row, 3)[k] for row in w["recurrent_kernel"]] for k, letter in enumerate(order)}  # fmt: skip
        h = [Decimal(0)] * units
        outputs = []
        for x in inputs:
            given = dict(zip(order, blocks(plus(row_times(x, w["kernel"]), w["bias"]), 3), strict=True))  # fmt: skip
            z = [act(a) for a in plus(given["z"], row_times(h, kernels["z"]))]
            r = [act(a) for a in plus(given["r"], row_times(h, kernels["r"]))]
            behind = [a * b for a, b in zip(r, row_times(h, kernels["h"]), strict=True)]
            before = row_times([a * b for a, b in zip(r, h, strict=True)], kernels["h"])
            hh = [tanh(a) for a in plus(given["h"], behind if after else before)]
            h = [z[k] * h[k] + (1 - z[k]) * hh[k] for k in range(units)]
            outputs.append(h)
        return outputs


def simple_rnn(w: Weights, inputs: Sequence[Vector]) -> list[Vector]:
    with localcontext() as context:
        context.prec = DIGITS
        h = [Decimal(0)] * len(w["recurrent_kernel"])
        outputs = []
        for x in inputs:
            h = [tanh(a) for a in plus(row_times(x, w["kernel"]), row_times(h, w["recurrent_kernel"]), w["bias"])]  # fmt: skip
            outputs.append(h)
        return outputs


__all__ = ["gru", "hard_sigmoid", "lstm", "sigmoid", "simple_rnn"]
