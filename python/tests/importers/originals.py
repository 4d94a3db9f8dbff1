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
