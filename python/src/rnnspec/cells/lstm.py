"""LSTM: one time step (SPEC 13.4)."""

from dataclasses import dataclass

from rnnspec.activation import Function
from rnnspec.cells.cell import Arrays
from rnnspec.cells.chain import Chain
from rnnspec.layout import BLOCKS
from rnnspec.tensor import Float32, tiny

_GATES = [BLOCKS["lstm"].index(block) for block in "ifo"]
_CANDIDATE = BLOCKS["lstm"].index("g")


@dataclass(frozen=True, slots=True, eq=False)
class Lstm:
    """An LSTM layer's parameters and its activations."""

    start: Float32  # [1, 4H]
    W: Chain  # [I, 4H]
    R: Chain  # [H, 4H]
    gates: Function
    candidate: Function
    output: Function

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """(h', c'), both [N, H], of input products [N, 4H] and the old (h, c) ([lstm-1])."""
        h, c = state
        a = self.R(inputs, h, scratch)
        blocks = a.reshape(len(a), len(BLOCKS["lstm"]), -1)  # [N, 4, H]
        gates = self.gates(blocks[:, _GATES])  # [N, 3, H]
        i, f, o = gates[:, 0], gates[:, 1], gates[:, 2]
        g = self.candidate(blocks[:, _CANDIDATE])
        new_c = tiny((f * c) + (i * g))
        return tiny(o * self.output(new_c)), new_c
