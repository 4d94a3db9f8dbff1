"""Arrays of other systems: raw bytes or nested lists → checked float32, in the order of SPEC 8."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import malformed, named
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

Float64: TypeAlias = npt.NDArray[np.float64]

_LARGEST_SIZE: Final = 2**31 - 1
_DEPTH: Final = 3  # no tensor has more axes


def shape_of(value: Value, name: str) -> tuple[int, ...]:
    """A shape as a JSON text has it: a list of whole numbers of at least 1; [] is one number.

    Raises Refused.
    """
    sizes = value if isinstance(value, list) else [None]
    for size in sizes:
        if type(size) is not float or not size.is_integer() or not 1 <= size <= _LARGEST_SIZE:
            raise malformed(
                f"the shape of {named(name)} is no list of whole numbers from 1: dump the model again"
            )
    return tuple(int(size) for size in sizes if isinstance(size, float))


def raw_float32(data: bytes, shape: Sequence[int], name: str) -> Float32:
    """Little-endian float32 in row-major order, exactly as many as the shape asks for.

    Raises Refused, naming what the bytes look like instead.
    """
    count = math.prod(shape)
    if len(data) != 4 * count:
        other = {8 * count: ": it looks like float64", 2 * count: ": it looks like float16"}
        raise malformed(
            f"{named(name)} has {len(data):,} bytes, and its shape {list(shape)} as float32 asks for "
            f"{4 * count:,}{other.get(len(data), '')}; dump or copy it again, as float32"
        )
    array = np.frombuffer(data, "<f4").astype(np.float32, copy=False).reshape(shape)
    return finite(array, name)


def from_lists(value: Value, name: str) -> Float64:
    """Numbers in nested lists, as the binary64 that JSON means.

    Raises Refused for what is no number, for lists of unequal length, and for empty ones.
    """
    sizes: list[int] = []
    level: list[Value] = [value]
    while isinstance(level[0], list):
        length = len(level[0])
        if not length or len(sizes) == _DEPTH:
            raise malformed(f"{named(name)} is empty, or nested deeper than {_DEPTH} lists")
        inner: list[Value] = []
        for element in level:
            if not isinstance(element, list) or len(element) != length:
                raise malformed(
                    f"the lists of {named(name)} are not of one length: write every row in full"
                )
            inner += element
        sizes.append(length)
        level = inner
    for number in level:
        if type(number) is not float:  # true is no number
            raise malformed(f"{named(name)} holds what is no number: write lists of numbers alone")
    return np.array(level, np.float64).reshape(sizes)


def rounded(wide: Mapping[str, Float64], notes: Notes) -> dict[str, Float32]:
    """binary64 → float32, to nearest even; one note if that changed anything. Raises Refused."""
    narrow = {}
    for name, array in wide.items():
        with np.errstate(over="ignore"):
            narrow[name] = finite(array.astype(np.float32), name)
    change = max((float(np.abs(narrow[name] - wide[name]).max()) for name in wide), default=0)
    if change:
        notes.changed(f"numbers rounded from 64 to 32 bits, by at most {change:.1g}")
    return narrow


def finite(array: Float32, name: str) -> Float32:
    """The array itself. Raises Refused for a number that is not finite."""
    if not np.isfinite(array).all():
        at = [int(k) for k in np.argwhere(~np.isfinite(array))[0]]
        raise malformed(
            f"{named(name)} holds {array[tuple(at)]} at {at}: the training diverged, "
            "or the file is damaged; take an earlier checkpoint"
        )
    return array


def blocks(array: Float32, given: str, wanted: str) -> Float32:
    """Columns in equal blocks, one a letter, put into another order: `blocks(b, "ijfo", "ifjo")`."""
    parts = np.split(array, len(given), axis=-1)
    return np.concatenate([parts[given.index(letter)] for letter in wanted], axis=-1)
