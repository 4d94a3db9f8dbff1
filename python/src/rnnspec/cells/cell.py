"""Cell: what the time loop asks of a cell.

A cell is made once for a plan, of its parameters and functions. The products with its inputs come
first, for many rows at once; then `step` takes the rows of one time step.
"""

from typing import Protocol, TypeAlias

from rnnspec.cells.chain import Chain
from rnnspec.tensor import Float32

Arrays: TypeAlias = tuple[Float32, ...]  # of a state, in the order of layout.STATES, each [N, H]


class Cell(Protocol):
    """What the time loop asks of a cell."""

    @property
    def start(self) -> Float32:
        """Where the chains of the inputs begin, [1, blocks · H]."""

    @property
    def W(self) -> Chain:  # noqa: N802 - the letter of SPEC.md
        """The chain over the inputs, [I, blocks · H]."""

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """The state after a step, from the rows of its input products [N, blocks · H].

        What comes first in it is h, the output. Raises RUN_NONFINITE for a value that no later one
        would show ([finite-1]).
        """
