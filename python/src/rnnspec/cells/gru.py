"""GRU: one time step, with the reset gate before or after the product (SPEC 13.5)."""

from dataclasses import dataclass

import numpy as np

from rnnspec import codes
from rnnspec.activation import Function
from rnnspec.cells.cell import Arrays
from rnnspec.cells.chain import Chain
from rnnspec.issue import failure
from rnnspec.layout import BLOCKS
from rnnspec.tensor import Float32, tiny

_R, _Z, _N = (BLOCKS["gru"].index(block) for block in "rzn")
_ONE = np.float32(1)


@dataclass(frozen=True, slots=True, eq=False)
class GruBefore:
    """A GRU layer whose reset gate acts before the product with `R` ([gru-2])."""

    start: Float32  # [1, 3H]
    W: Chain  # [I, 3H]
    R: Chain  # [H, 2H]: r, z
    R_n: Chain  # [H, H]
    gates: Function
    candidate: Function

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """(h',), [N, H], of input products [N, 3H] and the old (h,) ([gru-1], [gru-4])."""
        (h,) = state
        H = h.shape[1]
        a = self.R(inputs[:, : _N * H], h, scratch)
        gates = self.gates(a.reshape(len(a), 2, H))  # [N, 2, H]
        r, z = gates[:, _R], gates[:, _Z]
        u = tiny(r * h)
        # A candidate may saturate on what is not finite, so that h' would not show it.
        if not np.isfinite(u).all():
            raise failure(codes.RUN_NONFINITE, "input")
        n = self.candidate(self.R_n(inputs[:, _N * H :], u, scratch))
        return (_mixed(z, n, h),)


@dataclass(frozen=True, slots=True, eq=False)
class GruAfter:
    """A GRU layer whose reset gate acts after the product with `R` ([gru-3])."""

    start: Float32  # [1, 3H]
    W: Chain  # [I, 3H]
    R: Chain  # [H, 3H]
    recurrent_start: Float32  # [1, H]: where d begins
    gates: Function
    candidate: Function

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """(h',), [N, H], of input products [N, 3H] and the old (h,) ([gru-1], [gru-4])."""
        (h,) = state
        H = h.shape[1]
        start = inputs.copy()
        start[:, _N * H :] = self.recurrent_start
        a = self.R(start, h, scratch).reshape(len(h), 3, H)
        gates = self.gates(a[:, [_R, _Z]])  # [N, 2, H]
        r, z = gates[:, 0], gates[:, 1]
        p, d = inputs[:, _N * H :], a[:, _N]
        n = self.candidate(p + tiny(r * d))
        return (_mixed(z, n, h),)


def _mixed(z: Float32, n: Float32, h: Float32) -> Float32:
    """h' ([gru-4])."""
    return tiny(((_ONE - z) * n) + (z * h))
