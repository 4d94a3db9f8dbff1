"""onnx_tensors: a TensorProto, its numbers where they stand: raw, in the field of their type, or in another file."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.importers.protobuf import VARINT, Budget, fields, signed, text, varints
from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.importers.stored import Stored, item_size

FIELDS: Final = 1_000_000
DTYPES: Final = {
    1: "float32",
    2: "uint8",
    3: "int8",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    16: "bfloat16",
}
_INTEGERS: Final = {"int64": "<i8", "int32": "<i4", "int16": "<i2", "int8": "i1", "uint8": "u1", "bool": "?"}  # fmt: skip
_WHOLE: Final = {"uint8", "int8", "int16", "int32", "bool", "float16", "bfloat16"}  # in int32_data
LARGEST_SIZE: Final = 2**31 - 1

Array: TypeAlias = npt.NDArray[Any]


def numbers(stored: Stored) -> Array:
    """The array of a tensor: floats as `Stored.values` gives them, whole numbers as they are. Raises Refused."""
    if stored.dtype not in _INTEGERS:
        return stored.values()
    code = np.dtype(_INTEGERS[stored.dtype])
    data = stored.data()
    if len(data) != stored.count * code.itemsize:
        raise malformed(f"{stored} has {len(data):,} bytes: the file was cut, or is damaged")
    return np.frombuffer(data, code).reshape(stored.shape)


def read_tensor(source: Source) -> Stored:
    """A TensorProto alone in a file. Raises Refused; OSError for the file itself."""
    return TensorReader(source, Budget(FIELDS)).tensor(memoryview(source.data()), source.path.name)


class TensorReader:
    """Reads TensorProtos of one file, and what they share with other messages, within one budget."""

    def __init__(self, source: Source, budget: Budget) -> None:
        self._source = source
        self.budget = budget

    def tensor(self, message: memoryview, name: str) -> Stored:
        """A TensorProto; `name` for one that has none. Raises Refused."""
        shape: list[int] = []
        code = place = 0
        raw: memoryview | None = None
        pieces: list[memoryview] = []
        whole: list[int] = []
        external: dict[str, str] = {}
        for number, wire, value in fields(message, self.budget):
            if number == 1:
                shape += self.ints(wire, value)
            elif number == 2:
                code = number_of(value)
            elif number == 3:
                raise unsupported(
                    "a tensor stands in segments, which are not read: export the net again"
                )
            elif number in {4, 10}:  # float_data, double_data
                pieces.append(message_of(value))
            elif number in {5, 7, 11}:  # int32_data, int64_data, uint64_data
                whole += self.ints(wire, value)
            elif number == 8:
                name = text(value) or name
            elif number == 9:
                raw = message_of(value)
            elif number == 13:
                key, entry = self.entry(message_of(value))
                external[key] = entry
            elif number == 14:
                place = number_of(value)
        dtype = DTYPES.get(code, f"type {code}")
        sizes = tuple(shape)
        if any(not 0 <= size <= LARGEST_SIZE for size in sizes):
            raise malformed(f"{named(name)} has a shape that no array has: export the net again")
        count = int(np.prod([1, *sizes], dtype=object))
        data: Callable[[], bytes | memoryview]
        if place == 1:
            data = partial(self._external, name, external, count, dtype)
        elif raw is not None:
            data = partial(_given, raw)
        elif pieces:
            data = partial(_joined, pieces)
        else:
            data = partial(_packed, whole, dtype)
        return Stored(name, dtype, sizes, data, count)

    def _external(self, name: str, entries: dict[str, str], count: int, dtype: str) -> memoryview:
        """The bytes of a tensor in a file beside this one; never in another folder, never behind a link."""
        size = count * item_size(dtype)
        try:
            offset = int(entries.get("offset", "0"))
            length = int(entries.get("length", str(size)))
        except ValueError:
            raise malformed(
                f"{named(name)} has an offset or length that is no number: export again"
            ) from None
        whole = memoryview(self._source.data(entries.get("location", "")))
        if length != size or not 0 <= offset <= len(whole) - size:
            raise malformed(
                f"{named(name)} asks for {size:,} bytes at {offset:,} of {named(entries.get('location', ''))}, "
                f"which has {len(whole):,}: export the net again, both files"
            )
        return whole[offset : offset + size]

    def ints(self, wire: int, value: int | memoryview) -> list[int]:
        """One of a repeated field of whole numbers, or all of a packed one. Raises Refused."""
        found = [number_of(value)] if wire == VARINT else varints(message_of(value), self.budget)
        return [signed(number) for number in found]

    def entry(self, message: memoryview) -> tuple[str, str]:
        """A key and its text. Raises Refused."""
        key = value = ""
        for number, _, field_value in fields(message, self.budget):
            key = text(field_value) if number == 1 else key
            value = text(field_value) if number == 2 else value
        return key, value


def _given(data: memoryview) -> memoryview:
    return data


def _joined(pieces: Iterable[memoryview]) -> bytes:
    return b"".join(pieces)


def _packed(whole: list[int], dtype: str) -> bytes:
    """int32_data and int64_data as little-endian bytes; halves stand in them as their 16 bits."""
    code = {"float16": "<u2", "bfloat16": "<u2"}.get(dtype) or _INTEGERS.get(dtype, "<i8")
    return np.array(whole, np.int64).astype(code).tobytes()


def whole_of(data: memoryview, size: int) -> memoryview:
    """A list of numbers of so many bytes. Raises Refused where one is cut."""
    if len(data) % size:
        raise malformed("a list of numbers has half a number: the file was cut or damaged")
    return data


def message_of(value: int | memoryview) -> memoryview:
    """The bytes of a field that has some. Raises Refused."""
    if isinstance(value, int):
        raise malformed("a field has another type than ONNX gives it: export the net again")
    return value


def number_of(value: int | memoryview) -> int:
    """The number of a field that is one. Raises Refused."""
    if not isinstance(value, int):
        raise malformed("a field has another type than ONNX gives it: export the net again")
    return value
