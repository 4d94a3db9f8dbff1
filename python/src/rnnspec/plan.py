"""Plan: a model made ready to run: parameters widened, after T, and laid out (SPEC 12, 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

from rnnspec import layout
from rnnspec.activation import VECTORWISE, Function, bound
from rnnspec.cells.cell import Cell
from rnnspec.cells.chain import Chain, Ids
from rnnspec.cells.elman import Elman
from rnnspec.cells.gru import GruAfter, GruBefore
from rnnspec.cells.lstm import Lstm
from rnnspec.model import (
    Activation,
    ActivationLayer,
    AffineLayer,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    FeatureInput,
    GruLayer,
    LastStepLayer,
    Layer,
    LstmLayer,
    Model,
    OneHotLayer,
    RecurrentLayer,
)
from rnnspec.tensor import Float32, Tensor, tiny


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """ids [M] → rows of E [M, size] ([embedding-1])."""

    E: Float32

    def __call__(self, x: Float32 | Ids, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """ids [M] → [M, size]."""
        return self.E[cast(Ids, x)]


@dataclass(frozen=True, slots=True, eq=False)
class OneHot:
    """ids [M] → [M, V] ([one-hot-1]), or the ids themselves if a chain reads them."""

    width: int
    as_ids: bool

    def __call__(self, x: Float32 | Ids, scratch: Float32) -> Float32 | Ids:  # noqa: ARG002 - as all stages
        """ids [M] → [M, V], or the ids."""
        return x if self.as_ids else (np.arange(self.width) == x[:, None]).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """Rows through a chain ([dense-1])."""

    start: Float32  # [1, size]
    W: Chain

    def __call__(self, x: Float32 | Ids, scratch: Float32) -> Float32:
        """[M, I] → [M, size]."""
        start = np.broadcast_to(self.start, (len(x), self.start.shape[1]))
        return tiny(self.W(start, x, scratch))


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """Each element by itself ([affine-1])."""

    s: Float32  # [I]
    t: Float32  # [I]

    def __call__(self, x: Float32 | Ids, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """[M, I] → [M, I]."""
        return tiny((cast(Float32, x) * self.s) + self.t)


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """A function of each element ([activation-2]) or of each row (SPEC 13.7, 13.8)."""

    function: Function

    def __call__(self, x: Float32 | Ids, scratch: Float32) -> Float32:  # noqa: ARG002 - as all stages
        """[M, I] → [M, I]."""
        return self.function(cast(Float32, x))


Rowwise: TypeAlias = Embedding | OneHot | Dense | Affine | Applied


@dataclass(frozen=True, slots=True, eq=False)
class Recurrent:
    """A cell and its state's names, widths and initial values."""

    name: str
    cell: Cell
    arrays: tuple[str, ...]  # h, and c for an LSTM
    initial: Mapping[str, Float32]  # array → [1, H] ([run-2])

    @property
    def width(self) -> int:
        """H."""
        return int(self.initial["h"].shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class LastStep:
    """Rows of many steps → each row's last ([last-step-1])."""

    width: int


Stage: TypeAlias = Rowwise | Recurrent


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A net ready to run, made by `compile`.

    A Plan is immutable: share it between threads. Its sessions are independent of each other.
    """

    model: Model
    stages: tuple[Stage, ...]  # those that work at each time step
    ending: Recurrent | LastStep | None  # what takes time away ([layer-5])
    timeless: tuple[Rowwise, ...]  # those behind it, which work once for each row
    width: int  # of the output
    tokens: int | None  # V, if the input is tokens
    size: int | None  # of the input, if it is features
    scratch: int  # elements that a call needs for its products

    @property
    def has_time(self) -> bool:
        """Whether the output is [N, T, width]; else it is [N, width]."""
        return self.ending is None

    @property
    def ends_with_softmax(self) -> bool:
        """Whether the logits are what the last layer reads, and not the output (SPEC 15)."""
        last = self.model.layers[-1]
        return isinstance(last, ActivationLayer) and last.function in VECTORWISE

    @property
    def recurrent(self) -> Mapping[str, Recurrent]:
        """The layers that have a state, in order."""
        return {stage.name: stage for stage in self.stages if isinstance(stage, Recurrent)}


def compile(model: Model) -> Plan:
    """A plan of a model: its parameters as float32 after T ([tiny-2]). The model is kept for `selftest`.

    The model must be sound, as those that `load` and `build` give are: for one that was made by
    hand, `compile(load(to_bytes(model, "msgpack")))`.
    """
    tokens = len(model.input_vocabulary.tokens) if model.input_vocabulary else None
    size = model.input.size if isinstance(model.input, FeatureInput) else None
    width = size or 0
    stages: list[Stage] = []
    timeless: list[Rowwise] = []
    ending: Recurrent | LastStep | None = None
    parameters = _Parameters(model.tensors)
    for layer, following in zip(model.layers, (*model.layers[1:], None), strict=True):
        own = layout.width(layer.type, {"I": width, "V": tokens, "H": _size(layer)})
        width = own or 0
        if isinstance(layer, LastStepLayer):
            ending = LastStep(width)
        elif isinstance(layer, RecurrentLayer):
            stage = _recurrent(layer, parameters)
            stages.append(stage)
            ending = stage if layout.takes_time_away(layer.type, layer.output) else ending
        else:
            rowwise = _rowwise(layer, following, width, parameters)
            (stages if ending is None else timeless).append(rowwise)
    scratch = parameters.scratch
    return Plan(model, tuple(stages), ending, tuple(timeless), width, tokens, size, scratch)


def _size(layer: Layer) -> int | None:
    size: int | None = getattr(layer, layout.SIZE_MEMBER.get(layer.type, ""), None)
    return size


class _Parameters:
    """Tensors → what stages are made of."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors = tensors
        self.scratch = 0

    def array(self, name: str) -> Float32:
        """The values after T, read-only."""
        return _frozen(tiny(self.tensors[name].values))

    def row(self, names: Mapping[str, str], role: str, columns: int) -> Float32:
        """A vector as [1, columns], +0 where the layer has none."""
        vector = self.array(names[role]) if role in names else np.zeros(columns, np.float32)
        return _frozen(vector[None])

    def chain(self, W: Float32) -> Chain:
        """A chain over W [K, J]."""
        chain = Chain(_frozen(np.ascontiguousarray(W)))
        self.scratch = max(self.scratch, chain.scratch)
        return chain


def _frozen(values: Float32) -> Float32:
    values.flags.writeable = False
    return values


def _rowwise(
    layer: EmbeddingLayer | OneHotLayer | DenseLayer | AffineLayer | ActivationLayer,
    following: Layer | None,
    width: int,
    parameters: _Parameters,
) -> Rowwise:
    names: Mapping[str, str]
    match layer:
        case EmbeddingLayer(parameters=names):
            return Embedding(parameters.array(names["E"]))
        case OneHotLayer():
            return OneHot(width, as_ids=isinstance(following, RecurrentLayer | DenseLayer))
        case DenseLayer(parameters=names):
            W = parameters.chain(parameters.array(names["W"]))
            return Dense(parameters.row(names, "b", width), W)
        case AffineLayer(parameters=names):
            return Affine(parameters.array(names["s"]), parameters.array(names["t"]))
        case ActivationLayer(function=function) if function in VECTORWISE:
            return Applied(VECTORWISE[function])
        case ActivationLayer(function=function, alpha=alpha, beta=beta):
            return Applied(bound(function, alpha, beta))


def _recurrent(layer: RecurrentLayer, parameters: _Parameters) -> Recurrent:
    names, H = layer.parameters, layer.hidden_size
    start = parameters.row(names, "b", len(layout.BLOCKS[layer.type]) * H)
    W = parameters.chain(parameters.array(names["W"]))
    R = parameters.array(names["R"])
    cell: Cell
    match layer:
        case ElmanLayer():
            cell = Elman(start, W, parameters.chain(R), _bound(layer.activation))
        case LstmLayer():
            cell = Lstm(start, W, parameters.chain(R), *_all_bound(layer))
        case GruLayer(reset="before"):
            r_and_z, n = parameters.chain(R[:, : 2 * H]), parameters.chain(R[:, 2 * H :])
            cell = GruBefore(start, W, r_and_z, n, *_all_bound(layer))
        case GruLayer():
            recurrent_start = parameters.row(names, "rb", H)
            cell = GruAfter(start, W, parameters.chain(R), recurrent_start, *_all_bound(layer))
    arrays = layout.STATES[layer.type]
    initial = {array: parameters.row(names, array + "0", H) for array in arrays}
    return Recurrent(layer.name, cell, arrays, initial)


def _all_bound(layer: LstmLayer | GruLayer) -> list[Function]:
    return [_bound(layer.activations[name]) for name in layout.ACTIVATIONS[layer.type]]


def _bound(activation: Activation) -> Function:
    return bound(activation.function, activation.alpha, activation.beta)
