"""Stages: what a plan is made of: the work of each layer, with its parameters (SPEC 13)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np

from rnnspec.activation import Function
from rnnspec.cells.cell import Cell
from rnnspec.cells.chain import Chain, Ids, Rows
from rnnspec.layer_norm import layer_norm
from rnnspec.merge import Merge
from rnnspec.plan.fused import Fused
from rnnspec.tensor import Float32, tiny


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """ids [M] → rows of E [M, size] ([embedding-1])."""

    E: Float32

    def __call__(self, x: Rows, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """ids [M] → [M, size]."""
        return self.E[cast(Ids, x)]


@dataclass(frozen=True, slots=True, eq=False)
class OneHot:
    """ids [M] → [M, V] ([one-hot-1]), or the ids themselves if only chains read them."""

    width: int
    as_ids: bool

    def __call__(self, x: Rows, scratch: Float32) -> Rows:  # noqa: ARG002 - as all stages
        """ids [M] → [M, V], or the ids."""
        return x if self.as_ids else one_hot(cast(Ids, x), self.width)


def one_hot(ids: Ids, width: int) -> Float32:
    """ids [M] → [M, width]."""
    rows: Float32 = (np.arange(width) == ids[:, None]).astype(np.float32)
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """Rows through a chain ([dense-1])."""

    start: Float32  # [1, size]
    W: Chain

    def __call__(self, x: Rows, scratch: Float32) -> Float32:
        """[M, I] → [M, size]."""
        start = np.broadcast_to(self.start, (len(x), self.start.shape[1]))
        return tiny(self.W(start, x, scratch))


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """Each element by itself ([affine-1])."""

    s: Float32  # [I]
    t: Float32  # [I]

    def __call__(self, x: Rows, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """[M, I] → [M, I]."""
        return tiny((cast(Float32, x) * self.s) + self.t)


@dataclass(frozen=True, slots=True, eq=False)
class LayerNorm:
    """Each row by its own mean and variance ([layer-norm-1])."""

    gamma: Float32  # [I]
    beta: Float32  # [I]
    epsilon: np.float32

    def __call__(self, x: Rows, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """[M, I] → [M, I]."""
        return layer_norm(cast(Float32, x), self.gamma, self.beta, self.epsilon)


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """A function of each element ([activation-2]) or of each row (SPEC 13.7, 13.8)."""

    function: Function

    def __call__(self, x: Rows, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """[M, I] → [M, I]."""
        return self.function(cast(Float32, x))


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Several inputs into one ([merge-1])."""

    merge: Merge

    def of(self, parts: Sequence[Rows]) -> Float32:
        """[M, ·] each → [M, width]."""
        return self.merge(cast(Sequence[Float32], parts))


@dataclass(frozen=True, slots=True, eq=False)
class LastStep:
    """Rows of many steps → each row's last ([last-step-1])."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeReverse:
    """The valid steps of each row in the other order ([time-reverse-1])."""


@dataclass(frozen=True, eq=False)
class Way:
    """A cell that takes time in one direction, and its state's names and initial values."""

    make: Callable[[], Cell]
    is_backward: bool
    arrays: tuple[str, ...]  # h, and c for an LSTM; the other direction's have their own names
    initial: Mapping[str, Float32]  # array → [1, size] ([run-2])
    fused: Fused | None  # the cell in the kernel, which does the same faster

    @cached_property
    def cell(self) -> Cell:
        """The plain cell, its parameters widened when it is first asked for."""
        return self.make()

    @property
    def width(self) -> int:
        """P."""
        return int(self.initial[self.arrays[0]].shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Recurrent:
    """A layer with a state: one way through time, or two that are merged ([direction-2])."""

    ways: tuple[Way, ...]
    merge: Merge | None
    is_final: bool  # gives the last h alone ([final-1])

    @property
    def initial(self) -> Mapping[str, Float32]:
        """The arrays of the state, each [1, size], in order."""
        return {name: way.initial[name] for way in self.ways for name in way.arrays}


Rowwise: TypeAlias = Embedding | Dense | Affine | LayerNorm | Applied
Work: TypeAlias = Rowwise | OneHot | Merged | Recurrent | LastStep | TimeReverse


@dataclass(frozen=True, eq=False)
class Stage:
    """A layer of a plan. Values have places: 0 the net's input, k + 1 the output of layer k."""

    name: str
    place: int
    reads: tuple[int, ...]
    make: Callable[[], Work]
    width: int
    has_time: bool  # its output
    frees: tuple[int, ...]  # places that nobody reads any more

    @cached_property
    def work(self) -> Work:
        """What the layer does, its parameters widened when it is first asked for."""
        return self.make()
