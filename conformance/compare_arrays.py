"""Exact comparison of arrays and states, bit by bit."""

import re
import struct
from typing import Any

Differences = list[str]


class MalformedError(Exception):
    """The answer does not have the form of section 17.1."""


def compare_state(path: str, wanted: dict[str, Any], got: object) -> Differences:
    """Layers and arrays by name, then each array."""
    if not isinstance(got, dict) or not all(isinstance(arrays, dict) for arrays in got.values()):
        raise MalformedError(f"{path}: not an object of objects")
    found = _names(path, wanted, got)
    for layer, arrays in wanted.items():
        if layer in got:
            inner = f"{path}.{layer}"
            found += _names(inner, arrays, got[layer])
            for name, array in arrays.items():
                if name in got[layer]:
                    found += compare_arrays(f"{inner}.{name}", array, got[layer][name])
    return found


def _names(path: str, wanted: dict[str, Any], got: dict[str, Any]) -> Differences:
    if set(wanted) == set(got):
        return []
    return [f"{path}: expected the members {sorted(wanted)}, got {sorted(got)}"]


def compare_arrays(path: str, wanted: dict[str, Any], got: object) -> Differences:
    """Shape, then every bit: how many elements differ, and the first of them."""
    shape, bits = checked_array(path, got)
    if shape != wanted["shape"]:
        return [f"{path}: expected shape {wanted['shape']}, got {shape}"]
    one, other = words_of(wanted["bits"]), words_of(bits)
    pairs = enumerate(zip(one, other, strict=True))
    wrong = [k for k, (a, b) in pairs if a != b and not (is_nan(a) and is_nan(b))]
    if not wrong:
        return []
    first = wrong[0]
    place = ", ".join(str(index) for index in unravel(first, shape))
    return [
        f"{path}[{place}]: expected {_number(one[first])}, got {_number(other[first])}; "
        f"{len(wrong)} of {len(one)} elements differ"
    ]


def checked_array(path: str, value: object) -> tuple[list[int], str]:
    """The shape and the bits of an array of section 17.1."""
    match value:
        case {"shape": list(shape), "bits": str(bits), **rest} if not rest:
            count = 1
            for size in shape:
                if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                    raise MalformedError(f"{path}: the shape {shape} is none")
                count *= size
            if not re.fullmatch("[0-9a-fA-F]*", bits) or len(bits) != 8 * count:
                raise MalformedError(
                    f"{path}: expected {8 * count} hexadecimal digits for {shape}, got {len(bits)} characters"
                )
            return shape, bits.lower()
    raise MalformedError(f"{path}: not an array of `shape` and `bits`")


def words_of(bits: str) -> list[str]:
    """Eight digits for each element."""
    return [bits[k : k + 8] for k in range(0, len(bits), 8)]


def is_nan(word: str) -> bool:
    """Any NaN equals any other: languages don't keep its bits."""
    return int(word, 16) & 0x7FFFFFFF > 0x7F800000


def _number(word: str) -> str:
    value = struct.unpack(">f", bytes.fromhex(word))[0]
    return f"{value:.9g} ({word})"


def unravel(index: int, shape: list[int]) -> list[int]:
    """The row-major place of an element."""
    place: list[int] = []
    for size in reversed(shape):
        index, here = divmod(index, size)
        place.insert(0, here)
    return place
