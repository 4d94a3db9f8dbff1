"""LSTM: one time step, plain and with its options (SPEC 13.4)."""

from dataclasses import dataclass

import numpy as np

from rnnspec import codes
from rnnspec.activation import Function, clip
from rnnspec.cells.cell import Arrays
from rnnspec.cells.chain import Chain
from rnnspec.issue import failure
from rnnspec.layout import BLOCKS
from rnnspec.tensor import Float32, tiny

_GATES = [BLOCKS["lstm"].index(block) for block in "ifo"]
_CANDIDATE = BLOCKS["lstm"].index("g")
_ONE = np.float32(1)


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


@dataclass(frozen=True, slots=True, eq=False)
class Diagonal:
    """A peephole of each unit to itself ([peephole-1])."""

    p: Float32  # [gates, H]

    def __call__(self, a: Float32, v: Float32, scratch: Float32) -> Float32:  # noqa: ARG002 - as Full
        """Accumulators [N, gates, H] that go on over v [N, H]."""
        return a + v[:, None] * self.p


@dataclass(frozen=True, slots=True, eq=False)
class Full:
    """A peephole of every unit to every unit ([peephole-1])."""

    p: Chain  # [H, gates · H]

    def __call__(self, a: Float32, v: Float32, scratch: Float32) -> Float32:
        """Accumulators [N, gates, H] that go on over v [N, H]."""
        return self.p(a.reshape(len(a), -1), v, scratch).reshape(a.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """From H units to an h of P ([projection-1])."""

    start: Float32  # [1, P]
    Q: Chain  # [H, P]
    clip: np.float32 | None

    def __call__(self, u: Float32, scratch: Float32) -> Float32:
        """[N, H] → [N, P]."""
        # A zero in Q, or a clip, would hide what is not finite.
        if not np.isfinite(u).all():
            raise failure(codes.RUN_NONFINITE, "input")
        start = np.broadcast_to(self.start, (len(u), self.start.shape[1]))
        h = tiny(self.Q(start, u, scratch))
        return h if self.clip is None else clip(h, self.clip)


@dataclass(frozen=True, slots=True, eq=False)
class LstmWithOptions:
    """An LSTM layer with peepholes, coupled gates, a clip of the cell, a projection, or some of them."""

    start: Float32  # [1, BH]
    W: Chain  # [I, BH]
    R: Chain  # [P, BH]
    gates: Function
    candidate: Function
    output: Function
    blocks: tuple[str, ...]  # those that are there
    peephole: Diagonal | Full | None  # of i and f
    output_peephole: Diagonal | Full | None  # of o
    cell_clip: np.float32 | None
    projection: Projection | None

    def step(self, inputs: Float32, state: Arrays, scratch: Float32) -> Arrays:
        """(h' [N, P], c' [N, H]), of input products [N, BH] and the old (h, c)."""
        h, c = state
        a = self.R(inputs, h, scratch).reshape(len(c), len(self.blocks), -1)  # [N, B, H]
        early, o = a[:, :-2], a[:, -1:]  # i and f stand before g, o behind it
        if self.peephole is not None:
            early = self.peephole(early, c, scratch)
        i, f = self._both(self.gates(early))
        g = self.candidate(a[:, -2])
        new_c = tiny((f * c) + (i * g))
        if self.cell_clip is not None:
            new_c = clip(new_c, self.cell_clip)
        if self.output_peephole is not None:
            o = self.output_peephole(o, new_c, scratch)
        new_h = tiny(self.gates(o)[:, 0] * self.output(new_c))
        return new_h if self.projection is None else self.projection(new_h, scratch), new_c

    def _both(self, gates: Float32) -> tuple[Float32, Float32]:
        """The gates i and f, of which one may be made of the other ([coupled-1])."""
        if gates.shape[1] == 2:
            return gates[:, 0], gates[:, 1]
        there: Float32 = gates[:, 0]
        return (there, _ONE - there) if "i" in self.blocks else (_ONE - there, there)
