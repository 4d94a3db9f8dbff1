"""Tape: a net as calls of the kernel, where all of its layers are known to it (kernel/kernel.h).

These are chains of plain forward layers: what a step is made of stands in one list, so that one
call from here runs a step, or a thousand. Nets with anything else have no tape.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rnnspec.kernel import Kind, Library, Matrix
from rnnspec.model import (
    ActivationLayer,
    AffineLayer,
    DenseLayer,
    ElmanLayer,
    EmbeddingLayer,
    GruLayer,
    LastStepLayer,
    Layer,
    LstmLayer,
    Model,
    OneHotLayer,
    default_inputs,
)
from rnnspec.plan.fused import is_plain
from rnnspec.tensor import Float32

INPUT: Final = "input"
OUTPUT: Final = "output"
VALUES: Final = "values"  # what a layer gives, until the next one has read it
PRODUCTS: Final = "products"
SCRATCH: Final = "scratch"  # of one time step

_MOST_AFFINE: Final = 64  # elements up to which a diagonal matrix does the work of an affine layer


class Place(NamedTuple):
    """Rows in a buffer of a net, so many elements from one to the next."""

    buffer: str
    stride: int


class Call(NamedTuple):
    """One function of the kernel, with its weights."""

    kind: Kind
    x: Place
    y: Place
    sweep: int = 0
    alpha: float = 0.0
    beta: float = 0.0
    width: int = 0  # of a sweep, and of a table
    rows: int = 0  # of a table
    W: Float32 | Matrix | None = None
    Rn: Matrix | None = None
    start: Float32 | None = None
    h: int | None = None  # an index into Tape.states
    c: int | None = None
    scratch: Place | None = None


class Array(NamedTuple):
    """An array of the state."""

    layer: str
    role: str
    size: int
    columns: int  # with its padding


@dataclass(slots=True)
class Tape:
    """The calls of a net, in order, and what they need."""

    library: Library
    tokens: int | None  # V, if the input is ids
    input_width: int  # elements: 1 for an id
    output_width: int
    most_steps: int  # of a call: 1 where a layer takes time away, for others work on without it
    calls: list[Call] = field(default_factory=list)
    states: list[Array] = field(default_factory=list)
    buffers: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys((VALUES, PRODUCTS, SCRATCH), 0)
    )  # the elements of a row
    logits: Place | None = None  # what a last softmax reads; else it is the output
    idle: dict[object, object] = field(default_factory=dict)  # jobs that `run` keeps for later

    def add(self, call: Call) -> Place:
        """One call more: where its result stands."""
        self.calls.append(call)
        for place in (call.x, call.y, call.scratch):
            if place is not None and place.buffer in self.buffers:
                self.buffers[place.buffer] = max(self.buffers[place.buffer], place.stride)
        return call.y


def has_tape(model: Model) -> bool:
    """Whether all layers are known to the kernel, each reading the one before it."""
    layers = model.layers
    readers = (*layers[1:], None)
    return all(
        layer.inputs == default_inputs(layers, k)
        and _is_known(model, layer)
        and _is_read(layer, by)
        for k, (layer, by) in enumerate(zip(layers, readers, strict=True))
    )


def _is_known(model: Model, layer: Layer) -> bool:
    match layer:
        case EmbeddingLayer() | OneHotLayer() | DenseLayer() | ActivationLayer() | LastStepLayer():
            return True
        case AffineLayer(parameters=names):
            return model.tensors[names["s"]].size <= _MOST_AFFINE
        case ElmanLayer() | LstmLayer() | GruLayer():
            return layer.direction in {None, "forward"} and is_plain(layer)
        case _:
            return False


def _is_read(layer: Layer, reader: Layer | None) -> bool:
    """One-hot rows are read as rows of a matrix, or not at all."""
    return not isinstance(layer, OneHotLayer) or isinstance(
        reader, DenseLayer | ElmanLayer | LstmLayer | GruLayer
    )
