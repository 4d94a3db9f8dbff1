"""Elman: one time step (SPEC 13.3)."""

from dataclasses import dataclass

from rnnspec.activation import Function
from rnnspec.cells.cell import Arrays
from rnnspec.cells.chain import Chain
from rnnspec.tensor import Float32


@dataclass(frozen=True, slots=True, eq=False)
class Elman:
    """An Elman layer's parameters and its activation."""

    start: Float32  # [1, H]
    W: Chain  # [I, H]
    R: Chain  # [H, H]
    activation: Function

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """(h',), [N, H], of input products [N, H] and the old (h,) ([elman-1])."""
        (h,) = state
        return (self.activation(self.R(inputs, h, scratch)),)
