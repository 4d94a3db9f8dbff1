"""msgpack: bytes → value (SPEC 4).

A decoder of our own: it keeps its own stack and compares every count with the bytes that remain
before it believes it. Bytes of a tensor are a view of the input, not a copy.
"""

import math
import struct
from typing import Final

from rnnspec import codes
from rnnspec.issue import failure, quoted
from rnnspec.json_reader import Value
from rnnspec.limits import Limits

# Format byte → how the number after it is packed.
_NUMBERS: Final = {
    byte: struct.Struct(">" + letter)
    for byte, letter in zip(range(0xCA, 0xD4), "fdBHIQbhiq", strict=True)
}
# Format byte → how many bytes of length follow it.
_LENGTHS: Final = (
    {0xC4: 1, 0xC5: 2, 0xC6: 4}  # bin
    | {0xD9: 1, 0xDA: 2, 0xDB: 4}  # str
    | {0xDC: 2, 0xDD: 4}  # array
    | {0xDE: 2, 0xDF: 4}  # map
)
_CONSTANTS: Final[dict[int, bool | None]] = {0xC0: None, 0xC2: False, 0xC3: True}
_FORBIDDEN: Final = frozenset({0xC1, *range(0xC7, 0xCA), *range(0xD4, 0xD9)})  # ext, and C1


def read_msgpack(data: bytes, limits: Limits) -> dict[str, Value]:
    """The map that is the whole of `data`, which begins with a map's format byte ([bytes-5]).

    Raises RnnspecError with the one finding of the stage syntax.
    """
    value, end = _Reader(data, limits).value()
    if end < len(data):
        raise failure(codes.SYNTAX_TRAILING, end, got=f"byte {data[end]:02X}")
    assert isinstance(value, dict)
    return value


class _Reader:
    """One reading."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.view = memoryview(data)
        self.limits = limits

    def value(self) -> tuple[Value, int]:
        """The value at offset 0, and the offset after it."""
        limits = self.limits
        containers: list[dict[str, Value] | list[Value]] = []
        keys: list[str] = []  # for each container, the key whose value is next; "" in an array
        left: list[int] = []  # for each container, how many values are still to come
        at = count = 0
        while True:
            # A value is next.
            byte = self.format(at)
            count += 1
            if count > limits.values:
                raise failure(codes.LIMIT_VALUES, at, limit=limits.values)
            value: Value
            start = at
            if byte <= 0x7F or byte >= 0xE0:
                value, at = float(byte if byte <= 0x7F else byte - 0x100), at + 1
            elif byte in _CONSTANTS:
                value, at = _CONSTANTS[byte], at + 1
            elif byte in _NUMBERS:
                value, at = self.number(at, byte)
            elif _is_string(byte):
                value, at = self.string(at, byte)
            elif byte in {0xC4, 0xC5, 0xC6}:
                length, at = self.length(at, byte)
                self.remains(start, at, length)
                value, at = self.view[at : at + length], at + length
            else:
                is_map = byte <= 0x8F or byte >= 0xDE
                size, at = self.length(at, byte)
                if len(containers) >= limits.depth:
                    raise failure(codes.LIMIT_DEPTH, start, limit=limits.depth)
                self.remains(start, at, 2 * size if is_map else size)
                if is_map and size > limits.members:
                    raise failure(codes.LIMIT_MEMBERS, start, limit=limits.members)
                value = {} if is_map else []
                if size:
                    containers.append(value)
                    left.append(size)
                    keys.append("")
                    if isinstance(value, dict):
                        keys[-1], at = self.key(at, value)
                    continue
            # A value is whole: it goes into its container, and may be the last one there.
            while True:
                if not containers:
                    return value, at
                container = containers[-1]
                left[-1] -= 1
                if isinstance(container, dict):
                    container[keys[-1]] = value
                    if left[-1]:
                        keys[-1], at = self.key(at, container)
                        break
                else:
                    container.append(value)
                    if left[-1]:
                        break
                value = containers.pop()
                left.pop()
                keys.pop()

    def key(self, at: int, container: dict[str, Value]) -> tuple[str, int]:
        """A key that is new in its map."""
        byte = self.format(at)
        if not _is_string(byte):
            raise failure(codes.SYNTAX_KEY, at, got=f"format byte {byte:02X}")
        key, end = self.string(at, byte)
        if key in container:
            raise failure(codes.SYNTAX_DUPLICATE_KEY, at, got=quoted(key))
        return key, end

    def string(self, at: int, byte: int) -> tuple[str, int]:
        """A str."""
        length, start = self.length(at, byte)
        self.remains(at, start, length)
        if length > self.limits.string:
            raise failure(codes.LIMIT_STRING, at, limit=self.limits.string, got=length)
        try:
            return str(self.view[start : start + length], "utf-8"), start + length
        except UnicodeDecodeError as error:
            bad = start + error.start
            raise failure(codes.SYNTAX_UTF8, bad, got=f"{self.data[bad]:02X}") from None

    def number(self, at: int, byte: int) -> tuple[float, int]:
        """A number of its own format byte, as binary64; −0 is 0 ([msgpack-2])."""
        packed = _NUMBERS[byte]
        self.remains(at, at + 1, packed.size)
        (number,) = packed.unpack_from(self.data, at + 1)
        value = float(number) + 0.0
        if not math.isfinite(value):
            raise failure(codes.SYNTAX_NUMBER_RANGE, at, got=value)
        return value, at + 1 + packed.size

    def length(self, at: int, byte: int) -> tuple[int, int]:
        """The length or count that the format byte says, and the offset after its header."""
        if byte in _LENGTHS:
            width = _LENGTHS[byte]
            self.remains(at, at + 1, width)
            return int.from_bytes(self.data[at + 1 : at + 1 + width], "big"), at + 1 + width
        return byte & (0x1F if byte >= 0xA0 else 0x0F), at + 1

    def format(self, at: int) -> int:
        """The format byte of a value."""
        if at >= len(self.data):
            raise failure(codes.SYNTAX_END, len(self.data), expected="a value")
        byte = self.data[at]
        if byte in _FORBIDDEN:
            raise failure(codes.SYNTAX_FORMAT, at, got=f"{byte:02X}")
        return byte

    def remains(self, place: int, at: int, length: int) -> None:
        """From `at` on there must be `length` bytes, for the value at `place` ([msgpack-6])."""
        if length > len(self.data) - at:
            raise failure(codes.SYNTAX_END, place, expected=f"{length} bytes for the value")


def _is_string(byte: int) -> bool:
    return 0xA0 <= byte <= 0xBF or 0xD9 <= byte <= 0xDB
