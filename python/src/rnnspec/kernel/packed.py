"""Packed: weights as the kernel takes them, made once for a plan."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from rnnspec.kernel.binding import STORAGE, Library
from rnnspec.tensor import Float32, Stored, Tensor

_ALIGNMENT: Final = 64  # bytes


def aligned(elements: int) -> Float32:
    """+0, as many as asked for, aligned as the kernel wants what it writes packed."""
    memory = np.zeros(4 * elements + _ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % _ALIGNMENT
    return memory[first : first + 4 * elements].view(np.float32)


class Weights(NamedTuple):
    """A matrix before it is packed: float32, float16, or the bits of bfloat16 as uint16."""

    array: Stored
    storage: int = STORAGE.index("float32")  # an index into STORAGE: how the kernel keeps it

    @classmethod
    def of(cls, library: Library, tensor: Tensor, size: int) -> "Weights":
        """As is fastest in a net whose weights take so many bytes as float32."""
        if tensor.dtype in {"float16", "bfloat16"}:
            storage = library.storage(STORAGE.index(tensor.dtype), size)
            if storage != STORAGE.index("float32"):
                return cls(tensor.array, storage)
        return cls(tensor.values)


class Matrix(NamedTuple):
    """A matrix [rows, blocks · units] in panels."""

    data: npt.NDArray[np.generic]
    rows: int
    units: int
    blocks: int
    columns: int  # of a row of products

    @classmethod
    def of(
        cls,
        library: Library,
        weights: Weights,
        blocks: int = 1,
        *,
        first: int = 0,
        units: int | None = None,
    ) -> "Matrix":
        """Packs weights [rows, columns].

        `first` and `units` choose blocks: `blocks · units` columns from `first`. T is applied.
        """
        W, storage = np.require(weights.array, requirements=["C", "A"]), weights.storage
        rows, stride = W.shape
        units = stride // blocks if units is None else units
        size = library.packed_bytes(rows, units, blocks, storage)
        data = aligned(-(-size // 4))
        start = W.ctypes.data + first * W.itemsize
        library.pack(data.ctypes.data, start, stride, rows, units, blocks, storage)
        return cls(data, rows, units, blocks, library.columns(units, blocks))

    def products(self, library: Library, start: Float32, x: Float32) -> Float32:
        """[M, columns] of x [M, rows], from one `start` in the order of the products."""
        x = np.require(x, np.float32, ["C", "A"])
        y = aligned(len(x) * self.columns).reshape(len(x), self.columns)
        library.products(
            *(y.ctypes.data, start.ctypes.data, 0, x.ctypes.data, x.shape[1]),
            *(self.data.ctypes.data, len(x)),
        )
        return y

    def continued(self, library: Library, start: Float32, x: Float32) -> Float32:
        """[M, columns] of x [M, rows], each row from its own start [M, columns]; one block alone."""
        x = np.require(x, np.float32, ["C", "A"])
        y = np.zeros((len(x), self.columns), np.float32)
        y[:, : self.units] = start
        library.products(
            *(y.ctypes.data, y.ctypes.data, self.columns, x.ctypes.data, x.shape[1]),
            *(self.data.ctypes.data, len(x)),
        )
        return y[:, : self.units]


def spread(library: Library, row: Float32, blocks: int) -> Float32:
    """A row [blocks · units], such as a bias, in the order of the products."""
    row = np.require(row, np.float32, ["C", "A"])
    units = len(row) // blocks
    out = aligned(library.columns(units, blocks))
    library.spread(out.ctypes.data, row.ctypes.data, units, blocks)
    return out


def in_order(library: Library, units: int, blocks: int) -> npt.NDArray[np.int64]:
    """For each column of products which one of a matrix it is, -1 for padding."""
    count = np.arange(1, blocks * units + 1, dtype=np.float32)  # at most 2^18: exact
    return spread(library, count, blocks).astype(np.int64) - 1
