"""The truth: the equations that PyTorch and ONNX publish, in float64 numpy.

Written from their documentation (torch.nn.RNN, LSTM, GRU; the ONNX operators RNN, LSTM, GRU), not from SPEC.md, and
with their two biases; only the order of the blocks is SPEC.md's.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from interop.cell import Activation, Call, Cell, Result

Float64 = npt.NDArray[np.float64]


def sigmoid(x: Float64) -> Float64:
    """1 / (1 + exp(−x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e))


def function(activation: Activation) -> Callable[[Float64], Float64]:
    """The elementwise function of ONNX's table of activations."""
    a, b = (np.float64(np.float32(v or 0)) for v in (activation.alpha, activation.beta))
    functions: dict[str, Callable[[Float64], Float64]] = {
        "linear": lambda x: x,
        "tanh": np.tanh,
        "sigmoid": sigmoid,
        "relu": lambda x: np.maximum(x, 0),
        "leaky_relu": lambda x: np.where(x >= 0, x, a * x),
        "elu": lambda x: np.where(x >= 0, x, a * np.expm1(np.minimum(x, 0))),
        "softplus": lambda x: np.logaddexp(0, x),
        "softsign": lambda x: x / (1 + np.abs(x)),
        "hard_sigmoid": lambda x: np.clip(a * x + b, 0, 1),
        "hard_tanh": lambda x: np.clip(x, -1, 1),
        "thresholded_relu": lambda x: np.where(x > a, x, 0),
        "scaled_tanh": lambda x: a * np.tanh(b * x),
    }
    return functions[activation.function]


def step(cell: Cell, x: Float64, h: Float64, c: Float64) -> tuple[Float64, Float64]:
    """One time step of a batch: h and c after it."""
    W, R, bW, bR = (
        v.astype(np.float64) for v in (cell.W, cell.R, cell.input_bias, cell.recurrent_bias)
    )
    functions = [function(activation) for activation in cell.activations]
    if cell.kind == "elman":
        return functions[0](x @ W + bW + h @ R + bR), c
    if cell.kind == "lstm":
        gates, candidate, output = functions
        i, f, g, o = np.split(x @ W + bW + h @ R + bR, 4, axis=1)
        c = gates(f) * c + gates(i) * candidate(g)
        return gates(o) * output(c), c
    gates, candidate = functions
    H = cell.H
    r, z = np.split(gates((x @ W + bW + h @ R + bR)[:, : 2 * H]), 2, axis=1)
    into, rest = (x @ W + bW)[:, 2 * H :], slice(2 * H, None)
    if cell.reset == "after":
        n = candidate(into + r * (h @ R[:, rest] + bR[rest]))
    else:
        n = candidate(into + (r * h) @ R[:, rest] + bR[rest])
    return (1 - z) * n + z * h, c


def run(cell: Cell, call: Call, *, rounded: bool = False) -> Result:
    """All steps; at and past a length the output is 0 and the state stays.

    `rounded` rounds h and c to float32 after each step, and nothing else.
    """
    N, T, _ = call.x.shape
    h, c = (
        np.zeros((N, cell.H)) if given is None else given.astype(np.float64)
        for given in (call.h, call.c)
    )
    y = np.zeros((N, T, cell.H))
    for t in range(T):
        new_h, new_c = step(cell, call.x[:, t].astype(np.float64), h, c)
        if rounded:
            new_h, new_c = (v.astype(np.float32).astype(np.float64) for v in (new_h, new_c))
        valid = np.ones(N, bool) if call.lengths is None else t < call.lengths
        h, c = np.where(valid[:, None], new_h, h), np.where(valid[:, None], new_c, c)
        y[valid, t] = h[valid]
    return Result(y, h, c if cell.kind == "lstm" else None)
