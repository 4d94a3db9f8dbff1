"""Taping: layers and their tensors → the calls of a tape, weights packed in one pass (SPEC 13)."""

import sys
from collections.abc import Mapping
from typing import Final

import numpy as np

from rnnspec.activation import VECTORWISE, binary32
from rnnspec.kernel import FUNCTIONS, Kind, Library, Matrix, Weights, spread
from rnnspec.layout import BLOCKS, STATES
from rnnspec.model import (
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
from rnnspec.plan.fused import Packed, Parameters, bias, size_of, table_of_ids
from rnnspec.plan.tape import INPUT, OUTPUT, PRODUCTS, SCRATCH, VALUES, Array, Call, Place, Tape
from rnnspec.tensor import Float32, Tensor, tiny

_MOST: Final = 8 << 20  # bytes of a table of products, if it is larger than what it replaces


def taped(model: Model, width: int, library: Library, *, has_time: bool) -> Tape:
    """The tape of a model that has one (`has_tape`), whose output is of this width."""
    vocabulary = model.input_vocabulary
    tokens = len(vocabulary.tokens) if vocabulary is not None else None
    size = model.input.size if isinstance(model.input, FeatureInput) else 1
    tape = Tape(library, tokens, size, width, sys.maxsize if has_time else 1)
    writer = _Writer(tape, model.tensors)
    if tokens is None:
        writer.sweep("linear", size)  # T, and whether all of it is finite
    for layer, reader in zip(model.layers, [*model.layers[1:], None], strict=True):
        writer.write(layer, reader)
    if writer.at.buffer != OUTPUT:
        writer.sweep("linear", width, is_last=True)  # h, without its padding
    return tape


class _Writer:
    """A tape that is being written."""

    def __init__(self, tape: Tape, tensors: Mapping[str, Tensor]) -> None:
        self.tape = tape
        self.library = tape.library
        self.tensors = tensors
        self.size = size_of(tensors.values())
        self.at = Place(INPUT, tape.input_width)  # what the next layer reads
        self.width = tape.input_width  # of that, without padding
        self.embedded: Float32 | None = None  # what the ids stand for, if a table has it in

    def write(self, layer: Layer, reader: Layer | None) -> None:
        """The calls of a layer; `reader` is the one that reads it."""
        is_last = reader is None
        match layer:
            case EmbeddingLayer():
                self.embedding(layer, reader)
            case OneHotLayer():
                pass  # its reader takes the ids for rows of its matrix
            case LastStepLayer():
                pass  # of one step it is that step
            case DenseLayer(parameters=names, size=size):
                self.chain(self.parameters(names), 1)
                self.sweep("linear", size, is_last=is_last)
            case AffineLayer(parameters=names):
                # Terms with a factor of zero change nothing, so a diagonal matrix does it.
                s = self.array(names["s"])
                W = Matrix.of(self.library, Weights(np.diag(s)))
                self.multiply(W, self.array(names["t"]))
                self.sweep("linear", len(s), is_last=is_last)
            case ActivationLayer(function=function, alpha=alpha, beta=beta):
                numbers = binary32(alpha), binary32(beta)
                self.sweep(function, self.width, *numbers, is_last=is_last)
            case ElmanLayer() | LstmLayer() | GruLayer():
                self.recurrent(layer)
            case _:
                raise TypeError(f"a net with a layer {layer.type} has no tape")

    def embedding(self, layer: EmbeddingLayer, reader: Layer | None) -> None:
        """Rows of E, or nothing yet: its reader may make a table of its products with all of them."""
        E = self.array(layer.parameters["E"])
        if isinstance(reader, DenseLayer | ElmanLayer | LstmLayer | GruLayer):
            W = self.tensors[reader.parameters["W"]]
            table = len(E) * W.shape[1] * E.itemsize
            if table <= max(_MOST, E.nbytes + W.size * W.array.itemsize):
                self.embedded = E
                return
        self.look_up(E, OUTPUT if reader is None else VALUES)
        self.width = layer.size

    def chain(self, parameters: Parameters, blocks: int) -> None:
        """[chain-1] over b and W, in PRODUCTS."""
        library = self.library
        if self.at.buffer == INPUT and self.embedded is None:
            self.look_up(table_of_ids(library, parameters, blocks), PRODUCTS)
            return
        W, b = (
            Matrix.of(library, Weights.of(library, parameters["W"], self.size), blocks),
            bias(parameters),
        )
        if self.at.buffer == INPUT and self.embedded is not None:
            self.look_up(W.products(library, spread(library, b, blocks), self.embedded), PRODUCTS)
        else:
            self.multiply(W, b)

    def multiply(self, W: Matrix, b: Float32) -> None:
        y = Place(PRODUCTS, W.columns)
        start = spread(self.library, b, W.blocks)
        self.at = self.tape.add(Call(Kind.PRODUCTS, self.at, y, W=W, start=start))

    def look_up(self, table: Float32, buffer: str) -> None:
        rows, width = table.shape
        y = Place(buffer, width)
        self.at = self.tape.add(Call(Kind.LOOKUP, self.at, y, W=table, rows=rows, width=width))

    def sweep(
        self,
        function: str,
        width: int,
        alpha: float = 0.0,
        beta: float = 0.0,
        *,
        is_last: bool = False,
    ) -> None:
        """A function of what stands there, into VALUES, or in place."""
        in_place = self.at.buffer == VALUES
        y = Place(OUTPUT, width) if is_last else self.at if in_place else Place(VALUES, width)
        if is_last and function in VECTORWISE:
            self.tape.logits = self.at
        call = Call(
            Kind.SWEEP,
            self.at,
            y,
            sweep=FUNCTIONS.index(function),
            alpha=alpha,
            beta=beta,
            width=width,
        )
        self.at, self.width = self.tape.add(call), width

    def recurrent(self, layer: RecurrentLayer) -> None:
        """Products with W, then the cell, whose h stands in VALUES."""
        parameters = self.parameters(layer.parameters)
        self.chain(parameters, len(BLOCKS[layer.type]))
        cell, columns = (
            Packed.of(self.library, layer, parameters, self.size),
            self.library.columns(layer.hidden_size, 1),
        )
        roles = STATES[layer.type]
        first = len(self.tape.states)
        self.tape.states += [Array(layer.name, role, layer.hidden_size, columns) for role in roles]
        call = Call(
            cell.kind,
            self.at,
            Place(VALUES, columns),
            W=cell.R,
            Rn=cell.Rn,
            start=cell.start,
            h=first,
            c=first + 1 if len(roles) > 1 else None,
            scratch=Place(SCRATCH, columns) if cell.kind is Kind.GRU_BEFORE else None,
        )
        self.at, self.width = self.tape.add(call), layer.hidden_size

    def parameters(self, names: Mapping[str, str]) -> Parameters:
        """Role → tensor."""
        return {role: self.tensors[name] for role, name in names.items()}

    def array(self, name: str) -> Float32:
        """The values of a tensor after T."""
        return tiny(self.tensors[name].values)
