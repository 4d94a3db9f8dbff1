"""Plan: a model made ready to run: parameters widened, after T, and laid out (SPEC 12, 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec import layout
from rnnspec.model import (
    ActivationLayer,
    DenseLayer,
    EmbeddingLayer,
    FeatureInput,
    LstmLayer,
    Model,
    OneHotLayer,
)
from rnnspec.tensor import Float32, tiny

Ids: TypeAlias = npt.NDArray[np.int64]

_FEW_ROWS: Final = 4  # up to here one row after the other is faster than all rows for one k
_BLOCK: Final = 1 << 16  # accumulators that stay in cache during the loop over k


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Accumulators over one matrix ([chain-1]): a = start, then a = a + x[k] × W[k, j], k ascending."""

    W: Float32  # [K, J]

    @property
    def scratch(self) -> int:
        """How many elements of scratch a call needs."""
        K, J = self.W.shape
        return int((K + 1) * J)

    def __call__(self, start: Float32, x: Float32 | Ids, scratch: Float32) -> Float32:
        """[M, J] from start [M, J] and x [M, K]; x [M] of integers stands for one-hot rows."""
        if x.ndim == 1:
            # By the lemma of the zero factor only the row of the one is left, times 1.
            return start + self.W[x]
        if len(x) <= _FEW_ROWS:
            return np.stack([self._row(*pair, scratch) for pair in zip(start, x, strict=True)])
        a = start.copy()
        rows = max(1, _BLOCK // self.W.shape[1])
        term = np.empty((min(rows, len(x)), self.W.shape[1]), np.float32)
        for first in range(0, len(x), rows):
            block = a[first : first + rows]
            columns = x[first : first + rows].T[:, :, None]  # [K, rows, 1]
            for column, weights in zip(columns, self.W, strict=True):
                np.multiply(column, weights, out=term[: len(block)])
                np.add(block, term[: len(block)], out=block)
        return a

    def _row(self, start: Float32, x: Float32, scratch: Float32) -> Float32:
        K, J = self.W.shape
        terms = scratch[: self.scratch].reshape(K + 1, J)
        terms[0] = start
        np.multiply(x[:, None], self.W, out=terms[1:])
        a: Float32
        if _reduce_is_sequential(K + 1, J):
            a = np.add.reduce(terms, axis=0)
        else:
            a = np.add.accumulate(terms, axis=0)[-1]
        return a


@lru_cache(maxsize=256)
def _reduce_is_sequential(rows: int, columns: int) -> bool:
    """Whether add.reduce over axis 0 adds row after row, as add.accumulate does by definition.

    numpy does not promise it, and does not do it for a single column. With these numbers any other
    order, and any fused operation, shows in some column.
    """
    if columns == 1:
        return False
    terms = np.random.default_rng(0).standard_normal((rows, columns), np.float32)
    return bool((np.add.reduce(terms, axis=0) == np.add.accumulate(terms, axis=0)[-1]).all())


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """ids [M] → rows of E [M, size] ([embedding-1])."""

    name: str
    E: Float32


@dataclass(frozen=True, slots=True, eq=False)
class OneHot:
    """ids [M] → [M, V] ([one-hot-1]), or the ids themselves if a chain reads them."""

    name: str
    width: int
    as_ids: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lstm:
    """The chains of an LSTM layer; the equations are in cells.lstm."""

    name: str
    start: Float32  # [1, 4H]
    W: Chain
    R: Chain
    arrays: tuple[str, ...] = layout.STATES["lstm"]

    @property
    def width(self) -> int:
        """H."""
        return int(self.R.W.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """The chain of a dense layer ([dense-1])."""

    name: str
    start: Float32  # [1, size]
    W: Chain


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """A function of whole rows (SPEC 13.5, 13.6)."""

    name: str
    function: Literal["softmax", "log_softmax"]


Stage: TypeAlias = Embedding | OneHot | Lstm | Dense | Activation


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A net ready to run. Immutable: threads and sessions share it. Made by `compile`."""

    model: Model
    stages: tuple[Stage, ...]
    width: int  # of the output
    tokens: int | None  # V, if the input is tokens
    size: int | None  # of the input, if it is features
    scratch: int  # elements that a call needs for its products

    @property
    def recurrent(self) -> Mapping[str, Lstm]:
        """The layers that have a state, in order."""
        return {stage.name: stage for stage in self.stages if isinstance(stage, Lstm)}


def compile(model: Model) -> Plan:
    """A plan of a model: its parameters as float32 after T ([tiny-2]). The model is kept for `selftest`.

    The model must be sound, as those that `load` gives are: for one that was made by hand,
    `compile(load(to_bytes(model, "msgpack")))`.
    """
    tokens = len(model.input_vocabulary.tokens) if model.input_vocabulary else None
    size = model.input.size if isinstance(model.input, FeatureInput) else None
    width = size or 0
    stages: list[Stage] = []
    chains: list[Chain] = []

    def parameter(names: Mapping[str, str], role: str) -> Float32:
        values = tiny(model.tensors[names[role]].values)
        values.flags.writeable = False
        return values

    def start(names: Mapping[str, str], columns: int) -> Float32:
        bias = parameter(names, "b") if "b" in names else np.zeros(columns, np.float32)
        return bias[None]

    def chain(names: Mapping[str, str], role: str) -> Chain:
        chains.append(Chain(parameter(names, role)))
        return chains[-1]

    for k, layer in enumerate(model.layers):
        names: Mapping[str, str]
        match layer:
            case EmbeddingLayer(parameters=names):
                width = layer.size
                stages.append(Embedding(layer.name, parameter(names, "E")))
            case OneHotLayer():
                width = tokens or 0
                following = model.layers[k + 1] if k + 1 < len(model.layers) else None
                as_ids = isinstance(following, LstmLayer | DenseLayer)
                stages.append(OneHot(layer.name, width, as_ids))
            case LstmLayer(parameters=names):
                width = layer.hidden_size
                W, R = chain(names, "W"), chain(names, "R")
                stages.append(Lstm(layer.name, start(names, W.W.shape[1]), W, R))
            case DenseLayer(parameters=names):
                width = layer.size
                stages.append(Dense(layer.name, start(names, width), chain(names, "W")))
            case ActivationLayer():
                stages.append(Activation(layer.name, layer.function))
    scratch = max((chain.scratch for chain in chains), default=0)
    return Plan(model, tuple(stages), width, tokens, size, scratch)
