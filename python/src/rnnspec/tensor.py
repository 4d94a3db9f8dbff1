"""Tensor: numbers as a file stores them, and as float32 (SPEC 6)."""

import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.json_reader import narrowed

Dtype = Literal["float32", "float16"]
Float32: TypeAlias = npt.NDArray[np.float32]
Stored: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float16]

STORAGE: Final[dict[str, np.dtype[np.float32] | np.dtype[np.float16]]] = {
    "float32": np.dtype("<f4"),  # [tensor-1]
    "float16": np.dtype("<f2"),
}
_ZERO: Final = np.float32(0)
TINY: Final = np.float32(2.0**-51)  # [tiny-1]
_BLOCK: Final = 1 << 18  # elements looked at in one go, so that passes over the data stay in cache


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """An array as stored: float32 or float16, of rank 1 to 3, row-major, read-only.

    `Tensor(array)` takes the dtype and the shape of the array. An array that can be written to is
    copied, so that nobody changes a tensor afterwards. `extensions` are those of the file (SPEC 5.3).

    Raises ValueError for an array of another dtype, another rank or without elements.
    """

    array: Stored
    extensions: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        if self.extensions is not None:
            object.__setattr__(self, "extensions", MappingProxyType(dict(self.extensions)))
        array = np.asarray(self.array)
        if array.dtype.name not in STORAGE:
            raise ValueError(f"a tensor is float32 or float16, not {array.dtype}")
        if not 1 <= array.ndim <= 3 or array.size == 0:
            raise ValueError(f"a tensor has rank 1 to 3 and no size of 0, not {array.shape}")
        kept = np.ascontiguousarray(array, STORAGE[array.dtype.name])
        if kept.flags.writeable:
            kept = kept.copy() if kept is array or kept.base is not None else kept
            kept.flags.writeable = False
        object.__setattr__(self, "array", kept)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        return (
            self.dtype == other.dtype
            and self.shape == other.shape
            and self.extensions == other.extensions
            and np.array_equal(self.bits, other.bits)
        )

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape))

    def __repr__(self) -> str:
        return f"Tensor({self.dtype} {list(self.shape)})"

    @property
    def dtype(self) -> Dtype:
        """The word that the file uses."""
        return "float32" if self.array.dtype.itemsize == 4 else "float16"

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes, outermost first."""
        return self.array.shape

    @property
    def bits(self) -> npt.NDArray[np.uint32] | npt.NDArray[np.uint16]:
        """The stored bits, in the shape of the tensor."""
        if self.dtype == "float32":
            return self.array.view(np.uint32)
        return self.array.view(np.uint16)

    @property
    def values(self) -> Float32:
        """The elements as float32 [shape], exactly ([tensor-6]): before T, read-only."""
        if self.dtype == "float32":
            return self.array.astype(np.float32, copy=False)
        widened = self.array.astype(np.float32)
        widened.flags.writeable = False
        return widened

    def blocks(self) -> Iterator[Float32]:
        """The elements as float32, flat, in bounded pieces: for passes that need no copy of all."""
        flat = self.array.reshape(-1)
        for start in range(0, flat.size, _BLOCK):
            yield flat[start : start + _BLOCK].astype(np.float32, copy=False)


def widened(values: Float32) -> npt.NDArray[np.float64]:
    """float32 → float64, exactly, also in a process that takes subnormal numbers for zero."""
    wide = values.astype(np.float64)
    bits = values.view(np.uint32)
    small = (bits & 0x7F800000 == 0) & (bits & 0x7FFFFFFF != 0)
    if small.any():
        magnitudes = (bits[small] & 0x7FFFFF) * 2.0**-149
        wide[small] = np.where(bits[small] >> 31, -magnitudes, magnitudes)
    return wide


def stored_float32(values: npt.NDArray[np.generic]) -> Float32:
    """Real numbers as float32, row-major, each rounded once; what is too large becomes infinite."""
    if values.dtype == np.float64:
        return narrowed(np.asarray(values, np.float64, order="C"))
    with np.errstate(over="ignore"):
        return np.asarray(values, np.float32, order="C")


def tiny(values: Float32) -> Float32:
    """T(v), as a new array: +0 where |v| < 2^-51, else v ([tiny-1])."""
    return np.where(np.abs(values) < TINY, _ZERO, values)


def first_nonfinite(array: Stored) -> int | None:
    """The index of the first element that is infinite or NaN."""
    flat = array.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        finite = np.isfinite(flat[start : start + _BLOCK])
        if not finite.all():
            return start + int(finite.argmin())
    return None


def base64_bytes(text: bytes | memoryview) -> bytes | None:
    """The bytes of strict base64, or None: alphabet, padding, no unused bits ([tensor-3])."""
    if len(text) % 4:
        return None
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    # What strict mode lets pass is all in the last four characters: unused bits that are not 0.
    last = bytes(text[-4:])
    if binascii.b2a_base64(data[len(data) - (3 - last.count(b"=")) :], newline=False) != last:
        return None if last else data
    return data
