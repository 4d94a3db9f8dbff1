"""Tensor: numbers as a file stores them, and as float32 (SPEC 6)."""

import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast, get_args

import numpy as np
import numpy.typing as npt

from rnnspec.json_reader import narrowed

Dtype = Literal["float32", "float16", "bfloat16", "int8"]
Axis = Literal[0, 1]
Float32: TypeAlias = npt.NDArray[np.float32]
Stored: TypeAlias = (
    npt.NDArray[np.float32]
    | npt.NDArray[np.float16]
    | npt.NDArray[np.uint16]
    | npt.NDArray[np.int8]
)

DTYPES: Final[tuple[Dtype, ...]] = get_args(Dtype)
# How the elements are stored ([tensor-1]). numpy has no bfloat16: its bits stand for it.
STORAGE: Final[Mapping[str, np.dtype[np.generic]]] = {
    "float32": np.dtype("<f4"),
    "float16": np.dtype("<f2"),
    "bfloat16": np.dtype("<u2"),
    "int8": np.dtype("i1"),
}
_WORDS: Final[Mapping[str, Dtype]] = {
    "float32": "float32",
    "float16": "float16",
    "uint16": "bfloat16",
    "int8": "int8",
}
_BITS: Final = {"float32": np.uint32, "float16": np.uint16, "bfloat16": np.uint16, "int8": np.uint8}
_EXPONENTS: Final = {"float16": np.uint16(0x7C00), "bfloat16": np.uint16(0x7F80)}  # all ones
_ZERO: Final = np.float32(0)
TINY: Final = np.float32(2.0**-51)  # [tiny-1]
SMALLEST_SCALE: Final = np.float32(2.0**-126)  # [agree-6]
LEAST_QUANTUM: Final = -127
_BLOCK: Final = 1 << 18  # elements looked at in one go, so that passes over the data stay in cache


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """An array as stored, of rank 1 to 3, row-major, read-only.

    `array` has one of four dtypes: float32; float16; uint16, the bits of a bfloat16; or int8, with
    two sizes, an `axis`, 0 for rows or 1 for columns, and a `scale` for each of them, float32
    [shape[axis]]: the value of q is scale × q ([tensor-8]). `narrow` makes the last three from
    float32. An array that can be written to is copied, so that nobody changes a tensor afterwards.
    `extensions` are those of the file (SPEC 5.3).

    Raises ValueError for an array of another dtype, another rank or without elements, for an int8
    array without axis and scale, and for any other array with them.
    """

    array: Stored
    extensions: Mapping[str, object] | None = None
    axis: Axis | None = None
    scale: Float32 | None = None

    def __post_init__(self) -> None:
        if self.extensions is not None:
            object.__setattr__(self, "extensions", MappingProxyType(dict(self.extensions)))
        array = np.asarray(self.array)
        if array.dtype.name not in _WORDS:
            raise ValueError(f"a tensor is float32, float16, uint16 or int8, not {array.dtype}")
        if not 1 <= array.ndim <= 3 or array.size == 0:
            raise ValueError(f"a tensor has rank 1 to 3 and no size of 0, not {array.shape}")
        object.__setattr__(self, "array", _kept(array))
        if (array.dtype == np.int8) != (self.axis is not None and self.scale is not None):
            raise ValueError("a tensor of int8 has an axis and a scale, and no other has")
        if self.scale is not None:
            scale = np.asarray(self.scale)
            if array.ndim != 2 or self.axis not in {0, 1}:
                raise ValueError(f"a tensor of int8 is [rows, columns], not {array.shape}")
            if scale.dtype != np.float32 or scale.shape != (array.shape[self.axis],):
                wanted = f"float32 [{array.shape[self.axis]}]"
                raise ValueError(f"the scale is {wanted}, not {scale.dtype} {list(scale.shape)}")
            object.__setattr__(self, "scale", _kept(scale))
        elif self.axis is not None:
            raise ValueError("a tensor of int8 has an axis and a scale, and no other has")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        return (
            self.dtype == other.dtype
            and self.shape == other.shape
            and self.extensions == other.extensions
            and np.array_equal(self.bits, other.bits)
            and self.axis == other.axis
            and _same_bits(self.scale, other.scale)
        )

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape))

    def __repr__(self) -> str:
        return f"Tensor({self.dtype} {list(self.shape)})"

    @property
    def dtype(self) -> Dtype:
        """The word that the file uses."""
        return _WORDS[self.array.dtype.name]

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes, outermost first."""
        return self.array.shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.array.size

    @property
    def bits(self) -> npt.NDArray[np.unsignedinteger]:
        """The stored bits, in the shape of the tensor."""
        return self.array.view(_BITS[self.dtype])

    @property
    def values(self) -> Float32:
        """The elements as float32 [shape], exactly ([tensor-6], [tensor-8]): before T, read-only."""
        if self.dtype == "float32":
            return self.array.astype(np.float32, copy=False)
        values = np.empty(self.array.size, np.float32)
        first = 0
        for block in self.blocks():
            values[first : first + block.size] = block
            first += block.size
        values.flags.writeable = False
        return values.reshape(self.shape)

    def members(self) -> dict[str, object]:
        """The members of the file's object, with the bytes of its arrays as in msgpack."""
        told: dict[str, object] = {"dtype": self.dtype, "shape": list(self.shape)}
        if self.scale is not None:
            told |= {"axis": self.axis, "scale": _bytes(self.scale)}
        told["data"] = _bytes(self.array)
        return told if self.extensions is None else {**told, "extensions": self.extensions}

    def blocks(self) -> Iterator[Float32]:
        """The elements as float32, flat, in bounded pieces: for passes that need no copy of all."""
        flat = self.array.reshape(-1)
        for start in range(0, flat.size, _BLOCK):
            yield self._floats(flat[start : start + _BLOCK], start)

    def _floats(self, part: Stored, start: int) -> Float32:
        """The values of the elements from `start` on."""
        if self.dtype == "bfloat16":
            return (part.astype(np.uint32) << 16).view(np.float32)
        if self.scale is None:
            return part.astype(np.float32, copy=False)
        index = np.arange(start, start + part.size)
        columns = self.shape[1]
        which = index // columns if self.axis == 0 else index % columns
        with np.errstate(all="ignore"):
            return self.scale[which] * part.astype(np.float32)


def narrow(values: npt.ArrayLike, dtype: Dtype, axis: Axis | None = None) -> Tensor:
    """A tensor of real numbers, stored as `dtype` ([tensor-7]).

    Numbers are rounded to float32, once, and from there to the nearest of the dtype, ties to even.
    int8 needs an `axis`, 0 or 1: a scale for each row or each column, its largest magnitude / 127.

    Raises ValueError for a number that becomes infinite, for another word, for int8 of another rank
    than 2 or without axis, and for an axis with another dtype.
    """
    given = stored_float32(np.asarray(values))
    if dtype not in DTYPES or (dtype == "int8") != (axis is not None) or axis not in {0, 1, None}:
        raise ValueError(f"no such storage: {dtype!r} with axis {axis!r}")
    if np.isfinite(given).all():
        tensor = _quantised(given, axis) if axis is not None else Tensor(_rounded(given, dtype))
        if first_nonfinite(tensor) is None:
            return tensor
    largest = float(np.abs(given).max())
    raise ValueError(f"{dtype} can't hold all of these numbers: the largest is {largest:g}")


def _rounded(values: Float32, dtype: Dtype) -> Stored:
    if dtype == "float32":
        return values
    if dtype == "float16":
        with np.errstate(over="ignore", under="ignore"):
            return values.astype(np.float16)
    bits = values.view(np.uint32)
    # A carry goes on into the exponent, as it should: past the largest number to infinity.
    return ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype(np.uint16)


def _quantised(values: Float32, axis: Axis) -> Tensor:
    if values.ndim != 2:
        raise ValueError(f"a tensor of int8 is [rows, columns], not {list(values.shape)}")
    with np.errstate(all="ignore"):
        scale = np.abs(values).max(axis=1 - axis) / np.float32(-LEAST_QUANTUM)
        scale = np.where(scale < SMALLEST_SCALE, np.float32(1), scale)
        q = np.rint(values / np.expand_dims(scale, 1 - axis))
        return Tensor(q.astype(np.int8), axis=axis, scale=scale)


def _kept(array: npt.NDArray[np.generic]) -> Stored:
    """The array in the format of the file, for nobody to change."""
    kept = np.ascontiguousarray(array, STORAGE[_WORDS[array.dtype.name]])
    if kept.flags.writeable:
        kept = kept.copy() if kept is array or kept.base is not None else kept
        kept.flags.writeable = False
    return cast(Stored, kept)


def _bytes(array: Stored) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _same_bits(one: Float32 | None, other: Float32 | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one.view(np.uint32), other.view(np.uint32))


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


def first_nonfinite(tensor: Tensor) -> int | None:
    """The index of the first element whose value is infinite or NaN."""
    if tensor.dtype in _EXPONENTS:  # bits say it without widening
        exponent, bits = _EXPONENTS[tensor.dtype], tensor.bits.reshape(-1)
        for first in range(0, bits.size, _BLOCK):
            there = (bits[first : first + _BLOCK] & exponent) == exponent
            if there.any():
                return first + int(there.argmax())
        return None
    start = 0
    for block in tensor.blocks():
        finite = np.isfinite(block)
        if not finite.all():
            return start + int(finite.argmin())
        start += block.size
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
