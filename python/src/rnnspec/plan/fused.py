"""Fused: a plain cell in the kernel, over many time steps in one call (SPEC 13.3 to 13.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias, cast

import numpy as np

from rnnspec import codes
from rnnspec.cells.cell import Arrays
from rnnspec.cells.chain import Rows
from rnnspec.issue import failure
from rnnspec.kernel import Kind, Library, Matrix, Weights, in_order, spread
from rnnspec.layout import BLOCKS
from rnnspec.model import ElmanLayer, GruLayer, LstmLayer, RecurrentLayer
from rnnspec.tensor import Float32, Tensor, tiny

Parameters: TypeAlias = Mapping[str, Tensor]  # role → tensor

_FUNCTIONS: Final = {
    "lstm": {"gates": "sigmoid", "candidate": "tanh", "output": "tanh"},
    "gru": {"gates": "sigmoid", "candidate": "tanh"},
}


def is_plain(layer: RecurrentLayer) -> bool:
    """Whether the kernel knows the cell: the ordinary functions, and no option."""
    if layer.clip is not None:
        return False
    if isinstance(layer, ElmanLayer):
        return layer.activation.function == "tanh"
    if {name: of.function for name, of in layer.activations.items()} != _FUNCTIONS[layer.type]:
        return False
    return isinstance(layer, GruLayer) or all(
        option is None
        for option in (layer.peephole, layer.coupled, layer.cell_clip, layer.projection_size)
    )


class Packed(NamedTuple):
    """The recurrent part of a plain cell."""

    kind: Kind
    R: Matrix
    Rn: Matrix | None = None  # of a GRU's n, where r acts before
    start: Float32 | None = None  # rb, where it acts after

    @classmethod
    def of(
        cls, library: Library, layer: RecurrentLayer, parameters: Parameters, size: int
    ) -> "Packed":
        """Of a layer that `is_plain`, in one direction."""
        R, H = Weights.of(library, parameters["R"], size), layer.hidden_size
        match layer:
            case ElmanLayer():
                return cls(Kind.ELMAN, Matrix.of(library, R))
            case LstmLayer():
                return cls(Kind.LSTM, Matrix.of(library, R, 4))
            case GruLayer(reset="before"):
                r_and_z = Matrix.of(library, R, 2, units=H)
                n = Matrix.of(library, R, first=2 * H, units=H)
                return cls(Kind.GRU_BEFORE, r_and_z, n)
            case GruLayer():
                rb = np.zeros(3 * H, np.float32)
                if "rb" in parameters:
                    rb[2 * H :] = tiny(parameters["rb"].values)
                return cls(Kind.GRU_AFTER, Matrix.of(library, R, 3), None, spread(library, rb, 3))


@dataclass(frozen=True, eq=False)
class Fused:
    """A plain cell with its input products."""

    library: Library
    layer: RecurrentLayer
    parameters: Parameters  # of one direction

    @cached_property
    def _cell(self) -> Packed:
        return Packed.of(self.library, self.layer, self.parameters, self._size)

    @cached_property
    def _start(self) -> Float32:
        return spread(self.library, bias(self.parameters), self._blocks)

    @cached_property
    def _inputs(self) -> Matrix:
        W = Weights.of(self.library, self.parameters["W"], self._size)
        return Matrix.of(self.library, W, self._blocks)

    @cached_property
    def _table(self) -> Float32:
        return table_of_ids(self.library, self.parameters, self._blocks)

    @cached_property
    def _size(self) -> int:
        return size_of(self.parameters.values())

    @property
    def _blocks(self) -> int:
        return len(BLOCKS[self.layer.type])

    def over(self, x: Rows, state: Arrays) -> tuple[Float32, Arrays]:
        """h of steps · n rows, time step after time step, and the state after them, from [n, H] each.

        x are [steps · n, I], or ids. Raises RUN_NONFINITE.
        """
        H, n = self.layer.hidden_size, len(state[0])
        columns = self.library.columns(H, 1)
        if x.ndim == 1:
            a = self._table[x]
        else:
            a = self._inputs.products(self.library, self._start, cast(Float32, x))
        y = np.empty((len(x), columns), np.float32)
        padded = [np.zeros((n, columns), np.float32) for _ in state]
        for array, values in zip(padded, state, strict=True):
            array[:, :H] = values
        if not self._call(y, padded, a, len(x) // n, n):
            raise failure(codes.RUN_NONFINITE, "input")
        return y[:, :H], tuple(array[:, :H] for array in padded)

    def _call(self, y: Float32, state: list[Float32], a: Float32, steps: int, n: int) -> int:
        library, cell = self.library, self._cell
        first = [array.ctypes.data for array in (y, *state, a)] + [cell.R.data.ctypes.data]
        match cell.kind:
            case Kind.ELMAN:
                return library.elman(*first, steps, n)
            case Kind.LSTM:
                return library.lstm(*first, steps, n)
            case Kind.GRU_BEFORE:
                assert cell.Rn is not None
                u = np.empty_like(state[0])
                return library.gru_before(*first, cell.Rn.data.ctypes.data, u.ctypes.data, steps, n)
            case _:
                assert cell.start is not None
                return library.gru_after(*first, cell.start.ctypes.data, steps, n)


def size_of(tensors: Iterable[Tensor]) -> int:
    """The bytes of weights as float32: what decides how the kernel keeps halves."""
    return sum(4 * tensor.size for tensor in tensors)


def bias(parameters: Parameters) -> Float32:
    """b after T, or +0."""
    if "b" in parameters:
        return tiny(parameters["b"].values)
    return np.zeros(parameters["W"].shape[1], np.float32)


def table_of_ids(library: Library, parameters: Parameters, blocks: int) -> Float32:
    """b + W[id] for every id, in the order of the products.

    By the lemma of the zero factor only the row of the one is left, times 1.
    """
    W = parameters["W"]
    columns = in_order(library, W.shape[1] // blocks, blocks)
    there = columns >= 0
    table = np.zeros((W.shape[0], len(columns)), np.float32)
    with np.errstate(all="ignore"):  # a pre-activation may be infinite
        table[:, there] = (bias(parameters) + tiny(W.values))[:, columns[there]]
    return table
