"""LSTM: one time step (SPEC 13.3)."""

from rnnspec.activation import sigmoid, tanh
from rnnspec.layout import LSTM_BLOCKS
from rnnspec.tensor import Float32, tiny

_SIGMOIDS = [LSTM_BLOCKS.index(block) for block in "ifo"]
_TANH = LSTM_BLOCKS.index("g")


def step(a: Float32, c: Float32) -> tuple[Float32, Float32]:
    """h' and c', both [N, H], of pre-activations [N, 4H] and the old c [N, H] ([lstm-1])."""
    blocks = a.reshape(len(a), len(LSTM_BLOCKS), -1)  # [N, 4, H]
    gates = sigmoid(blocks[:, _SIGMOIDS])  # [N, 3, H]
    i, f, o = gates[:, 0], gates[:, 1], gates[:, 2]
    g = tanh(blocks[:, _TANH])
    new_c = tiny((f * c) + (i * g))
    return tiny(o * tanh(new_c)), new_c
