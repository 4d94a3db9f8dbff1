"""The truth: the equations that PyTorch and ONNX publish, in float64 numpy.

Written from their documentation (torch.nn.RNN, LSTM, GRU, LayerNorm; the ONNX operators RNN, LSTM, GRU,
LayerNormalization), not from SPEC.md, and with their two biases; only the order of the blocks is SPEC.md's.
"""

from collections.abc import Callable
from enum import Enum

import numpy as np
import numpy.typing as npt

from interop.net import Activation, Call, Float32, Net, Norm, Recurrent, Result, Weights

Float64 = npt.NDArray[np.float64]
Function = Callable[[Float64], Float64]


class Way(Enum):
    """How the equations are computed: the truth, and what float32 does to it wherever a net is sensitive."""

    TRUE = "in float64"
    ROUNDED = "h, c and the mean of a layer_norm rounded to float32"
    SUMMED = "and sums of products in float32 too, term by term from the last to the first"


def sigmoid(x: Float64) -> Float64:
    """1 / (1 + exp(−x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e))


def function(activation: Activation) -> Function:
    """The elementwise function of ONNX's table of activations."""
    a, b = (np.float64(np.float32(v or 0)) for v in (activation.alpha, activation.beta))
    functions: dict[str, Function] = {
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


def product(x: Float64, M: Float32, way: Way) -> Float64:
    """Row vectors times a matrix."""
    if way is not Way.SUMMED:
        return x @ M.astype(np.float64)
    total = np.zeros((len(x), M.shape[1]), np.float32)
    for k in reversed(range(len(M))):
        total += x[:, k : k + 1].astype(np.float32) * M[k]
    return total.astype(np.float64)


def step(
    layer: Recurrent, weights: Weights, x: Float64, h: Float64, c: Float64, way: Way
) -> tuple[Float64, Float64]:
    """One time step of a batch in one direction: h and c after it. ONNX clips what goes into an activation, but not c."""
    bW, bR = (
        0.0 if b is None else b.astype(np.float64)
        for b in (weights.input_bias, weights.recurrent_bias)
    )
    K = np.inf if layer.clip is None else np.float64(np.float32(layer.clip))

    def clipped(activation: Activation) -> Function:
        inner = function(activation)
        return lambda a: inner(np.clip(a, -K, K))

    functions = [clipped(activation) for activation in layer.activations]
    into, rest = product(x, weights.W, way) + bW, product(h, weights.R, way) + bR
    if layer.kind == "elman":
        return functions[0](into + rest), c
    H = layer.H
    if layer.kind == "lstm":
        gates, candidate, _ = functions
        i, f, g, o = np.split(into + rest, 4, axis=1)
        pi, pf, po = (0.0, 0.0, 0.0) if weights.p is None else weights.p.astype(np.float64)
        i = gates(i + pi * c)
        f = 1 - i if layer.coupled else gates(f + pf * c)
        c = f * c + i * candidate(g)
        h = gates(o + po * c) * function(layer.activations[2])(c)
        return (h if weights.Q is None else product(h, weights.Q, way)), c
    gates, candidate = functions
    r, z = np.split(gates((into + rest)[:, : 2 * H]), 2, axis=1)
    if layer.reset == "after":
        n = candidate(into[:, 2 * H :] + r * rest[:, 2 * H :])
    else:
        last = bR if isinstance(bR, float) else bR[2 * H :]
        n = candidate(into[:, 2 * H :] + product(r * h, weights.R[:, 2 * H :], way) + last)
    return (1 - z) * n + z * h, c


def normed(layer: Norm, x: Float64, way: Way) -> Float64:
    """[…, I]."""
    m = x.mean(axis=-1, keepdims=True)
    d = x - (m if way is Way.TRUE else _float32(m))
    v = (d * d).mean(axis=-1, keepdims=True)
    q: Float64 = 1 / np.sqrt(v + np.float64(np.float32(layer.epsilon)))
    return d * q * layer.gamma + layer.beta


def merged(layer: Recurrent, found: list[Float64]) -> Float64:
    """The outputs of the directions as one."""
    if len(found) == 1:
        return found[0]
    one, other = found
    match layer.merge:
        case "sum":
            return one + other
        case "multiply":
            return one * other
        case "average":
            return (one + other) / 2
    return np.concatenate(found, axis=-1)


def run(net: Net, call: Call, way: Way = Way.TRUE) -> Result:
    """All steps of all layers; at and past a length the output is 0 and the state stays."""
    N, T, _ = call.x.shape
    lengths = np.full(N, T) if call.lengths is None else call.lengths
    valid = np.arange(T) < lengths[:, None]  # [N, T]
    x = call.x.astype(np.float64)
    hs: list[Float64] = []
    cs: list[Float64] = []
    for layer in net.layers:
        if isinstance(layer, Norm):
            x = np.where(valid[..., None], normed(layer, x, way), 0)
            continue
        found = []
        for weights, backwards in zip(layer.weights, layer.reversed, strict=True):
            h = np.zeros((N, layer.P)) if call.h is None else call.h[len(hs)].astype(np.float64)
            c = np.zeros((N, layer.H)) if call.c is None else call.c[len(hs)].astype(np.float64)
            y = np.zeros((N, T, layer.P))
            for t in reversed(range(T)) if backwards else range(T):
                new_h, new_c = step(layer, weights, x[:, t], h, c, way)
                if way is not Way.TRUE:
                    new_h, new_c = _float32(new_h), _float32(new_c)
                here = valid[:, t, None]
                h, c = np.where(here, new_h, h), np.where(here, new_c, c)
                y[:, t] = np.where(here, h, 0)
            found.append(y)
            hs.append(h)
            cs.append(c)
        x = merged(layer, found)
    return Result(x, tuple(hs), tuple(cs) if net.has_c else ())


def _float32(v: Float64) -> Float64:
    return v.astype(np.float32).astype(np.float64)
