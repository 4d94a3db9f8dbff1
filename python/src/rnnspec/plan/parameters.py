"""Parameters: layers and their tensors → the work of a plan (SPEC 8, tiny-2).

All words of a layer are bound here: none is looked at while a net runs.
"""

from collections.abc import Mapping
from functools import partial
from typing import assert_never

import numpy as np

from rnnspec import layout
from rnnspec.activation import VECTORWISE, Clipped, Function, binary32, bound
from rnnspec.cells.cell import Cell
from rnnspec.cells.chain import Chain
from rnnspec.cells.elman import Elman
from rnnspec.cells.gru import GruAfter, GruBefore
from rnnspec.cells.lstm import Diagonal, Full, Lstm, LstmWithOptions, Projection
from rnnspec.kernel import Library, Sweep
from rnnspec.merge import DIRECTIONS, LAYERS
from rnnspec.model import (
    Activation,
    ActivationLayer,
    AddLayer,
    AffineLayer,
    ConcatLayer,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    GruLayer,
    LastStepLayer,
    Layer,
    LayerNormLayer,
    LstmLayer,
    MultiplyLayer,
    OneHotLayer,
    RecurrentLayer,
    TimeReverseLayer,
)
from rnnspec.plan.fused import Fused, is_plain
from rnnspec.plan.stages import (
    Affine,
    Applied,
    Dense,
    Embedding,
    LastStep,
    LayerNorm,
    Merged,
    OneHot,
    Recurrent,
    TimeReverse,
    Way,
    Work,
)
from rnnspec.tensor import Float32, Tensor, tiny


class Parameters:
    """The tensors of a model, as stages take them."""

    def __init__(self, tensors: Mapping[str, Tensor], library: Library | None) -> None:
        self.tensors = tensors
        self.library = library  # the kernel, if it does what it can
        self.scratch = 0  # elements that a call needs for its products

    def work(self, layer: Layer, width: int, *, as_ids: bool) -> Work:
        """What a layer does, `width` being that of its output. `as_ids`: only chains read it."""
        match layer:
            case EmbeddingLayer(parameters=names):
                return Embedding(self.array(names["E"]))
            case OneHotLayer():
                return OneHot(width, as_ids)
            case DenseLayer(parameters=names):
                W = self.chain(self.array(names["W"]))
                return Dense(self.row(names, "b", width), W)
            case AffineLayer(parameters=names):
                return Affine(self.array(names["s"]), self.array(names["t"]))
            case LayerNormLayer(parameters=names, epsilon=epsilon):
                scale, shift = self.array(names["gamma"]), self.array(names["beta"])
                return LayerNorm(scale, shift, np.float32(epsilon))
            case ActivationLayer(function=function, alpha=alpha, beta=beta):
                return Applied(self.function(function, alpha, beta))
            case AddLayer() | MultiplyLayer() | ConcatLayer():
                return Merged(LAYERS[layer.type])
            case LastStepLayer():
                return LastStep()
            case TimeReverseLayer():
                return TimeReverse()
            case ElmanLayer() | LstmLayer() | GruLayer():
                return self.recurrent(layer)
            case other:
                assert_never(other)

    def recurrent(self, layer: RecurrentLayer) -> Recurrent:
        """One way, or two with parameters of their own ([layer-8])."""
        names = dict(layer.parameters)
        ends = {"forward": ("",), "reverse": ("",), "bidirectional": ("", layout.REVERSE)}
        direction = layer.direction or "forward"
        ways = tuple(
            self.way(
                layer,
                {role.removesuffix(end): name for role, name in names.items() if _is_of(role, end)},
                end,
                is_backward=bool(end) or direction == "reverse",
            )
            for end in ends[direction]
        )
        merge = DIRECTIONS[layer.merge] if layer.merge else None
        return Recurrent(ways, merge, layer.output == "final")

    def way(
        self, layer: RecurrentLayer, names: Mapping[str, str], end: str, *, is_backward: bool
    ) -> Way:
        """One direction, its parameters by their plain roles, its arrays with an `end`."""
        members = layer.members()
        sizes = layout.sizes(members)
        initial = {
            array: self.row(names, array.removesuffix(end) + "0", sizes[letter] or 0)
            for array, letter in layout.states(members).items()
            if _is_of(array, end)
        }
        fused = None
        if self.library is not None and is_plain(layer):
            fused = Fused(self.library, layer, {role: self.tensors[names[role]] for role in names})
        return Way(partial(self.cell, layer, names), is_backward, tuple(initial), initial, fused)

    def cell(self, layer: RecurrentLayer, names: Mapping[str, str]) -> Cell:
        """The cell of one direction."""
        H = layer.hidden_size
        start = self.row(names, "b", len(layout.blocks(layer.members())) * H)
        W = self.chain(self.array(names["W"]))
        R = self.array(names["R"])
        match layer:
            case ElmanLayer():
                activation = self.of_preactivations(layer, layer.activation)
                return Elman(start, W, self.chain(R), activation)
            case LstmLayer():
                return self.lstm(layer, names, start, W)
            case GruLayer(reset="before"):
                r_and_z, n = self.chain(R[:, : 2 * H]), self.chain(R[:, 2 * H :])
                return GruBefore(start, W, r_and_z, n, *self.functions(layer))
            case GruLayer():
                recurrent_start = self.row(names, "rb", H)
                return GruAfter(start, W, self.chain(R), recurrent_start, *self.functions(layer))
            case other:
                assert_never(other)

    def lstm(
        self, layer: LstmLayer, names: Mapping[str, str], start: Float32, W: Chain
    ) -> Lstm | LstmWithOptions:
        """The plain one where no option asks for more."""
        R = self.chain(self.array(names["R"]))
        gates, candidate, output = self.functions(layer)
        if not (layer.peephole or layer.coupled or layer.cell_clip or layer.projection_size):
            return Lstm(start, W, R, gates, candidate, output)
        H, blocks = layer.hidden_size, layout.blocks(layer.members())
        peepholes: tuple[Diagonal | Full | None, Diagonal | Full | None] = (None, None)
        if layer.peephole:
            p, count = self.array(names["p"]), len(blocks) - 2  # gates but o, which stands last
            if layer.peephole == "diagonal":
                peepholes = Diagonal(_frozen(p[:count])), Diagonal(_frozen(p[count:]))
            else:
                early, late = p[:, : count * H], p[:, count * H :]
                peepholes = Full(self.chain(early)), Full(self.chain(late))
        projection = None
        if layer.projection_size:
            projection = Projection(
                self.row(names, "qb", layer.projection_size),
                self.chain(self.array(names["Q"])),
                _binary32(layer.projection_clip),
            )
        return LstmWithOptions(
            start,
            W,
            R,
            gates,
            candidate,
            output,
            blocks=blocks,
            peephole=peepholes[0],
            output_peephole=peepholes[1],
            cell_clip=_binary32(layer.cell_clip),
            projection=projection,
        )

    def functions(self, layer: LstmLayer | GruLayer) -> tuple[Function, ...]:
        """Gates, candidate, and an LSTM's output, of which the last is not of a pre-activation."""
        return tuple(
            self.of_preactivations(layer, layer.activations[name])
            if name != "output"
            else self.bound(layer.activations[name])
            for name in layout.ACTIVATIONS[layer.type]
        )

    def of_preactivations(self, layer: RecurrentLayer, activation: Activation) -> Function:
        """A function of an accumulator, which is clipped first if the layer says so ([chain-1])."""
        function = self.bound(activation)
        return function if layer.clip is None else Clipped(function, np.float32(layer.clip))

    def bound(self, activation: Activation) -> Function:
        """A layer's activation with its numbers."""
        return self.function(activation.function, activation.alpha, activation.beta)

    def function(self, function: str, alpha: float | None, beta: float | None) -> Function:
        """A function by its name, with its numbers."""
        if self.library is not None:
            return Sweep(self.library, function, binary32(alpha), binary32(beta))
        if function in VECTORWISE:
            return VECTORWISE[function]
        return bound(function, alpha, beta)

    def array(self, name: str) -> Float32:
        """The values after T, read-only."""
        return _frozen(tiny(self.tensors[name].values))

    def row(self, names: Mapping[str, str], role: str, columns: int) -> Float32:
        """A vector as [1, columns], +0 where the layer has none."""
        vector = self.array(names[role]) if role in names else np.zeros(columns, np.float32)
        return _frozen(vector[None])

    def chain(self, W: Float32) -> Chain:
        """A chain over W [K, J]."""
        chain = Chain(_frozen(np.ascontiguousarray(W)), self.library)
        self.scratch = max(self.scratch, chain.scratch)
        return chain


def _is_of(role: str, end: str) -> bool:
    return role.endswith(layout.REVERSE) == bool(end)


def _frozen(values: Float32) -> Float32:
    values.flags.writeable = False
    return values


def _binary32(K: float | None) -> np.float32 | None:
    return None if K is None else np.float32(K)
