"""Layer norm: each vector by its own mean and variance (SPEC 13.11)."""

import numpy as np

from rnnspec.activation import sum16
from rnnspec.tensor import Float32, tiny

_ONE = np.float32(1)


def layer_norm(x: Float32, gamma: Float32, beta: Float32, epsilon: np.float32) -> Float32:
    """[layer-norm-1], over rows x [M, I], with gamma and beta [I]: [M, I]."""
    n = np.float32(x.shape[1])
    m: Float32 = sum16(x) / n
    d = tiny(x - m[:, None])
    v: Float32 = sum16(d * d) / n
    q: Float32 = _ONE / np.sqrt(v + epsilon)
    return tiny(((d * q[:, None]) * gamma) + beta)
