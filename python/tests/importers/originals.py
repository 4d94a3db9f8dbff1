"""The originals' own equations in float64, from their definitions: nothing here knows rnnspec.

Inputs are lists of ids, or arrays [T, I]; outputs are [T, width].
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def basic_lstm_cells(
    kernels: Sequence[Array],
    biases: Sequence[Array],
    inputs: Array,
    forget_bias: float,
    activation: Callable[[Array], Array] = np.tanh,
) -> Array:
    """tf.nn.rnn_cell.BasicLSTMCell in a MultiRNNCell: `i, j, f, o = split(concat(x, h) · kernel + bias)`."""
    states = [(np.zeros(len(b) // 4), np.zeros(len(b) // 4)) for b in biases]
    outputs = []
    for x in inputs:
        y = x
        for k, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
            c, h = states[k]
            i, j, f, o = np.split(np.concatenate([y, h]) @ kernel + bias, 4)
            c = c * sigmoid(f + forget_bias) + sigmoid(i) * activation(j)
            y = activation(c) * sigmoid(o)
            states[k] = (c, y)
        outputs.append(y)
    return np.array(outputs)


def elman(wxh: Array, whh: Array, bh: Array, inputs: Array, start: Array | None = None) -> Array:
    """Row vectors: h = tanh(x·Wxh + h·Whh + bh)."""
    h = np.zeros(len(bh)) if start is None else start
    outputs = []
    for x in inputs:
        h = np.tanh(x @ wxh + h @ whh + bh)
        outputs.append(h)
    return np.array(outputs)


# --- PyTorch, as its documentation has it: one layer, weights [gates·H, inputs] ------------------------------


def torch_rnn(w: dict[str, Array], inputs: Array, activation: Callable[[Array], Array]) -> Array:
    """h = activation(W_ih·x + b_ih + W_hh·h + b_hh)."""
    h = np.zeros(w["hh"].shape[1])
    outputs = []
    for x in inputs:
        h = activation(w["ih"] @ x + w["hh"] @ h + w.get("b_ih", 0) + w.get("b_hh", 0))
        outputs.append(h)
    return np.array(outputs)


def torch_lstm(w: dict[str, Array], inputs: Array, order: str = "ifgo") -> Array:
    """Gates in the order i, f, g, o; another order is there to see that it matters."""
    h = c = np.zeros(w["hh"].shape[1])
    outputs = []
    for x in inputs:
        gates = np.split(w["ih"] @ x + w["b_ih"] + w["hh"] @ h + w["b_hh"], 4)
        i, f, g, o = (gates[order.index(letter)] for letter in "ifgo")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def torch_gru(w: dict[str, Array], inputs: Array, order: str = "rzn", both: bool = False) -> Array:
    """Gates in the order r, z, n; `both` adds the biases of n up before r, which is wrong."""
    h = np.zeros(w["hh"].shape[1])
    outputs = []
    for x in inputs:
        given = dict(zip(order, np.split(w["ih"] @ x + w["b_ih"], 3), strict=True))
        memory = dict(zip(order, np.split(w["hh"] @ h, 3), strict=True))
        bias = dict(zip(order, np.split(w["b_hh"], 3), strict=True))
        r = sigmoid(given["r"] + memory["r"] + bias["r"])
        z = sigmoid(given["z"] + memory["z"] + bias["z"])
        recalled = r * memory["n"] + bias["n"] if both else r * (memory["n"] + bias["n"])
        h = (1 - z) * np.tanh(given["n"] + recalled) + z * h
        outputs.append(h)
    return np.array(outputs)


# --- ONNX, by the text of its operators: one direction, weights [gates·H, inputs] -----------------------------


def onnx_lstm(
    w: dict[str, Array],
    inputs: Array,
    *,
    clip: float = np.inf,
    coupled: bool = False,
    order: str = "iofc",
) -> Array:
    """i, o, f and c; P has i, o, f. With input_forget f = 1 − i, as ONNX Runtime has it."""
    size = w["R"].shape[1]
    h = c = np.zeros(size)
    into, back = np.split(w["B"], 2) if "B" in w else (0.0, 0.0)
    p = dict(zip("iof", np.split(w["P"], 3) if "P" in w else [np.zeros(size)] * 3, strict=True))
    outputs = []
    for x in inputs:
        gates = np.split(w["W"] @ x + w["R"] @ h + into + back, 4)
        gate = {letter: gates[order.index(letter)] for letter in "iofc"}
        i = sigmoid(np.clip(gate["i"] + p["i"] * c, -clip, clip))
        f = 1 - i if coupled else sigmoid(np.clip(gate["f"] + p["f"] * c, -clip, clip))
        c = f * c + i * np.tanh(np.clip(gate["c"], -clip, clip))
        h = sigmoid(np.clip(gate["o"] + p["o"] * c, -clip, clip)) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def onnx_gru(w: dict[str, Array], inputs: Array, *, linear_before_reset: bool) -> Array:
    """z, r and h; Ht = (1 − z) · n + z · h."""
    size = w["R"].shape[1]
    h = np.zeros(size)
    into, back = np.split(w["B"], 2) if "B" in w else (np.zeros(3 * size), np.zeros(3 * size))
    outputs = []
    for x in inputs:
        Xz, Xr, Xn = np.split(w["W"] @ x + into, 3)
        Rz, Rr, Rn = np.split(w["R"], 3)
        bz, br, bn = np.split(back, 3)
        z, r = sigmoid(Xz + Rz @ h + bz), sigmoid(Xr + Rr @ h + br)
        n = np.tanh(Xn + (r * (Rn @ h + bn) if linear_before_reset else Rn @ (r * h) + bn))
        h = (1 - z) * n + z * h
        outputs.append(h)
    return np.array(outputs)
