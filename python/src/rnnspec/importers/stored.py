"""Stored: an array in a file that was not read yet. Its name, dtype and shape are judged first."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import Refused, malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.limits import Limits
from rnnspec.tensor import Float32

# bfloat16 is the upper half of a float32.
FLOATS: Final = {"float32": "<f4", "float64": "<f8", "float16": "<f2", "bfloat16": "<u2"}
_SIZES: Final = {name: np.dtype(code).itemsize for name, code in FLOATS.items()} | {
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
_AXES: Final = 16
_LARGEST: Final = 2**40  # of any size, offset or stride; far beyond all files that are read


@dataclass(frozen=True)
class Stored:
    """An array of `shape` in little-endian `data()`, from element `offset`, with `strides` in elements."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: Callable[[], bytes | memoryview]
    count: int  # elements that `data` holds
    offset: int = 0
    strides: tuple[int, ...] | None = None  # None: row-major

    def __post_init__(self) -> None:
        """Raises Refused where the array would reach beyond its bytes."""
        sizes = (*self.shape, *(self.strides or ()), self.offset)
        strides = self.strides if self.strides is not None else row_major(self.shape)
        if (
            len(self.shape) > _AXES
            or len(strides) != len(self.shape)
            or any(not 0 <= size <= _LARGEST for size in sizes)
        ):
            raise malformed(f"{named(self.name)} has a shape that no array has: save the net again")
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, strides, strict=True))
        # The second keeps an array of strides 0 from being larger than the file.
        if self.elements and (last >= self.count or self.elements > self.count):
            raise malformed(
                f"{self} asks for more numbers than its {self.count:,} stored ones: "
                "the file is damaged, or an expanded tensor; save it with .contiguous()"
            )

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    def values(self) -> np.ndarray[Any, np.dtype[Any]]:
        """float32, or float64 where it is stored so; checked and finite. Raises Refused."""
        if self.dtype not in FLOATS:
            raise unsupported(f"{self} is of {self.dtype}: weights are of {', '.join(FLOATS)}")
        code = np.dtype(FLOATS[self.dtype])
        data = self.data()
        if len(data) != self.count * code.itemsize:
            raise malformed(
                f"{named(self.name)} has {len(data):,} bytes, and {self.count:,} numbers of {self.dtype} have "
                f"{self.count * code.itemsize:,}: the file was cut, or is damaged"
            )
        strides = self.strides if self.strides is not None else row_major(self.shape)
        array: np.ndarray[Any, np.dtype[Any]] = np.ndarray(
            self.shape,
            code,
            data,
            self.offset * code.itemsize,
            [s * code.itemsize for s in strides],
        )
        if self.dtype == "bfloat16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        wide = array.astype(np.float64 if self.dtype == "float64" else np.float32)
        checked: np.ndarray[Any, np.dtype[Any]] = arrays.finite(cast(Float32, wide), self.name)
        return checked

    def __str__(self) -> str:
        return f"{named(self.name)} {list(self.shape)}"


def row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides in elements."""
    return tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))


def item_size(dtype: str) -> int:
    """Bytes of one number; raises Refused for a dtype that no net here has."""
    if dtype not in _SIZES:
        raise unsupported(f"numbers of {named(dtype)} are not read: save the net as float32")
    return _SIZES[dtype]


def read_all(stored: Iterable[Stored], limits: Limits, notes: Notes) -> dict[str, Float32]:
    """The numbers of these arrays by name, as float32. Raises Refused, before it reads too many."""
    wanted = list(stored)
    total = 4 * sum(array.elements for array in wanted)
    if total > limits.size or any(array.elements > limits.elements for array in wanted):
        raise Refused(
            "IMPORT_LIMIT",
            f"the weights are {total:,} bytes, and {limits.size:,} are allowed: if you trust the file, raise the "
            "limit, with --limit size=1G or Source(path, Limits(size=…))",
        )
    found = {array.name: array.values() for array in wanted}
    wide = {name: values for name, values in found.items() if values.dtype == np.float64}
    halves = sorted({array.dtype for array in wanted} & {"float16", "bfloat16"})
    if halves:
        notes.changed(
            f"{' and '.join(halves)} widened to float32, exactly; the net computes in float32 from now on"
        )
    return {**found, **arrays.rounded(wide, notes)}


def read_lists(source: Source) -> dict[str, Stored]:
    """A state_dict as an object name → nested lists. Raises Refused."""
    found = {}
    members = source.json_object()
    if members is None:
        source.json()  # says what is wrong with it
    for name, value in (members or {}).items():
        array = arrays.from_lists(value, name)
        data = array.astype("<f8").tobytes()
        found[name] = Stored(name, "float64", array.shape, partial(bytes, data), array.size)
    return found
