"""Keras' recurrent layers in float64, from their definitions: kernels are [inputs, gates·units]. Nothing here knows rnnspec."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Function = Callable[[Array], Array]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(slope: float) -> Function:
    """0.2 in Keras 2, 1/6 in Keras 3."""
    return lambda x: np.clip(slope * x + 0.5, 0, 1)


def simple_rnn(w: dict[str, Array], x: Array) -> Array:
    h = np.zeros(len(w["recurrent_kernel"]))
    outputs = []
    for step in x:
        h = np.tanh(step @ w["kernel"] + h @ w["recurrent_kernel"] + w.get("bias", 0.0))
        outputs.append(h)
    return np.array(outputs)


def lstm(w: dict[str, Array], x: Array, gate: Function = sigmoid, order: str = "ifco") -> Array:
    """i, f, c, o; another order is there to see that it matters."""
    h = c = np.zeros(len(w["recurrent_kernel"]))
    outputs = []
    for step in x:
        parts = np.split(step @ w["kernel"] + h @ w["recurrent_kernel"] + w.get("bias", 0.0), 4)
        z = dict(zip(order, parts, strict=True))
        c = gate(z["f"]) * c + gate(z["i"]) * np.tanh(z["c"])
        h = gate(z["o"]) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def gru(
    w: dict[str, Array],
    x: Array,
    *,
    reset_after: bool,
    gate: Function = sigmoid,
    order: str = "zrh",
) -> Array:
    """z, r, h; with reset_after the bias is [2, 3·units], for the input and for the recurrent part."""
    size = len(w["recurrent_kernel"])
    h = np.zeros(size)
    bias = w.get("bias", np.zeros((2, 3 * size) if reset_after else 3 * size))
    into, back = bias if reset_after else (bias, np.zeros(3 * size))
    U = dict(zip(order, np.split(w["recurrent_kernel"], 3, axis=1), strict=True))
    b = dict(zip(order, np.split(back, 3), strict=True))
    outputs = []
    for step in x:
        X = dict(zip(order, np.split(step @ w["kernel"] + into, 3), strict=True))
        z = gate(X["z"] + h @ U["z"] + b["z"])
        r = gate(X["r"] + h @ U["r"] + b["r"])
        memory = r * (h @ U["h"] + b["h"]) if reset_after else (r * h) @ U["h"]
        h = z * h + (1 - z) * np.tanh(X["h"] + memory)
        outputs.append(h)
    return np.array(outputs)


# --- cuDNN: W·x + R·h with matrices [units, inputs], whose numbers stand in Keras' arrays in their order ----------


def cudnn_gates(w: dict[str, Array], gates: int) -> tuple[list[Array], list[Array], Array, Array]:
    """Each gate's W, R, and the two biases."""
    units = len(w["recurrent_kernel"])
    W = [np.ravel(k).reshape(units, -1) for k in np.split(w["kernel"], gates, axis=1)]
    R = [np.ravel(k).reshape(units, units) for k in np.split(w["recurrent_kernel"], gates, axis=1)]
    into, back = np.split(w["bias"], 2)
    return W, R, into.reshape(gates, units), back.reshape(gates, units)


def cudnn_lstm(w: dict[str, Array], x: Array) -> Array:
    W, R, into, back = cudnn_gates(w, 4)
    h = c = np.zeros(len(R[0]))
    outputs = []
    for step in x:
        i, f, g, o = (W[k] @ step + R[k] @ h + into[k] + back[k] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def cudnn_gru(w: dict[str, Array], x: Array) -> Array:
    W, R, into, back = cudnn_gates(w, 3)
    h = np.zeros(len(R[0]))
    outputs = []
    for step in x:
        z, r = (sigmoid(W[k] @ step + R[k] @ h + into[k] + back[k]) for k in (0, 1))
        n = np.tanh(W[2] @ step + into[2] + r * (R[2] @ h + back[2]))
        h = z * h + (1 - z) * n
        outputs.append(h)
    return np.array(outputs)
