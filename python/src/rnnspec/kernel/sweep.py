"""Sweep: an activation over whole arrays, by the kernel."""

from dataclasses import dataclass

import numpy as np

from rnnspec.kernel.binding import FUNCTIONS, Library
from rnnspec.tensor import Float32


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A function of activation.py, with the same bits."""

    library: Library
    function: str
    alpha: float = 0.0  # of binary32, after T
    beta: float = 0.0

    def __call__(self, x: Float32) -> Float32:
        """Elementwise, or over rows [M, I] for a softmax or log_softmax."""
        x = np.ascontiguousarray(x)
        y = np.empty_like(x)
        width = x.shape[-1]
        self.library.sweep(
            *(FUNCTIONS.index(self.function), self.alpha, self.beta, y.ctypes.data, width),
            *(x.ctypes.data, width, width, x.size // width),
        )
        return y
