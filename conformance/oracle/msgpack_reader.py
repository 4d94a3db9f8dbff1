"""SPEC 4 word by word: msgpack to values, or to one fault. Values are those of `json_reader`, and bytes."""

import math
import struct

from conformance.oracle.finding import SYNTAX, FaultError, Limits
from conformance.oracle.utf8 import first_fault
from conformance.oracle.values import Value

# Format byte → what follows. Lengths and numbers are big-endian.
NUMBERS = {
    0xCA: ">f", 0xCB: ">d",
    0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
CONSTANTS: dict[int, bool | None] = {0xC0: None, 0xC2: False, 0xC3: True}
BINS = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}
STRS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
ARRAYS = {0xDC: ">H", 0xDD: ">I"}
MAPS = {0xDE: ">H", 0xDF: ">I"}
FORBIDDEN = {0xC1, 0xC7, 0xC8, 0xC9, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8}


def is_str(byte: int) -> bool:
    """A format byte of a str."""
    return 0xA0 <= byte <= 0xBF or byte in STRS


def is_map(byte: int) -> bool:
    """A format byte of a map."""
    return 0x80 <= byte <= 0x8F or byte in MAPS


class MsgpackReader:
    """One pass over one input that starts with a map."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.limits = limits
        self.at = 0
        self.values = 0

    def document(self) -> Value:
        """The whole input."""
        value = self.value(1)
        if self.at < len(self.data):
            raise FaultError("SYNTAX_TRAILING", SYNTAX, self.at)
        return value

    def format_byte(self) -> int:
        """The next byte, which is a format byte; it is read."""
        if self.at >= len(self.data):
            raise FaultError("SYNTAX_END", SYNTAX, len(self.data))
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count: int, start: int) -> bytes:
        """So many bytes, of the value with the format byte at `start`."""
        if len(self.data) - self.at < count:
            raise FaultError("SYNTAX_END", SYNTAX, start)
        self.at += count
        return self.data[self.at - count : self.at]

    def length(self, byte: int, formats: dict[int, str], mask: int, start: int) -> int:
        """The length or count: in the format byte's low bits, or in the field after it."""
        code = formats.get(byte)
        if code is None:
            return byte & mask
        field: int = struct.unpack(code, self.take(struct.calcsize(code), start))[0]
        return field

    def value(self, depth: int) -> Value:
        """One value; `depth` is what it would have as a container."""
        start = self.at
        byte = self.format_byte()
        if byte in FORBIDDEN:
            raise FaultError("SYNTAX_FORMAT", SYNTAX, start)
        self.values += 1
        if self.values > self.limits.values:
            raise FaultError("LIMIT_VALUES", SYNTAX, start)
        if byte in CONSTANTS:
            return CONSTANTS[byte]
        if byte <= 0x7F:
            return float(byte)
        if byte >= 0xE0:
            return float(byte - 256)
        if byte in NUMBERS:
            return self.number(NUMBERS[byte], start)
        if is_str(byte):
            return self.string(byte, start)
        if byte in BINS:
            return self.take(self.length(byte, BINS, 0, start), start)
        if is_map(byte):
            return self.map_(byte, start, depth)
        return self.array(byte, start, depth)

    def number(self, code: str, start: int) -> float:
        """The nearest binary64: Python's int to float rounds to nearest, ties to even."""
        value = float(struct.unpack(code, self.take(struct.calcsize(code), start))[0])
        if not math.isfinite(value):
            raise FaultError("SYNTAX_NUMBER_RANGE", SYNTAX, start)
        return value + 0.0  # −0 means 0

    def string(self, byte: int, start: int) -> str:
        """A str after its format byte: its bytes, then the limit, then UTF-8 [msgpack-8]."""
        utf8 = self.take(self.length(byte, STRS, 0x1F, start), start)
        if len(utf8) > self.limits.string:
            raise FaultError("LIMIT_STRING", SYNTAX, start)
        fault = first_fault(utf8)
        if fault is not None:
            raise FaultError("SYNTAX_UTF8", SYNTAX, self.at - len(utf8) + fault)
        return utf8.decode("utf-8")

    def container(self, count: int, each: int, start: int, depth: int) -> None:
        """[msgpack-8]: depth, then whether the count can fit at all."""
        if depth > self.limits.depth:
            raise FaultError("LIMIT_DEPTH", SYNTAX, start)
        if count * each > len(self.data) - self.at:
            raise FaultError("SYNTAX_END", SYNTAX, start)

    def array(self, byte: int, start: int, depth: int) -> Value:
        """An array after its format byte."""
        count = self.length(byte, ARRAYS, 0x0F, start)
        self.container(count, 1, start, depth)
        return [self.value(depth + 1) for _ in range(count)]

    def map_(self, byte: int, start: int, depth: int) -> Value:
        """A map after its format byte."""
        count = self.length(byte, MAPS, 0x0F, start)
        self.container(count, 2, start, depth)
        if count > self.limits.members:
            raise FaultError("LIMIT_MEMBERS", SYNTAX, start)
        members: dict[str, Value] = {}
        for _ in range(count):
            key_start = self.at
            key = self.key()
            if key in members:
                raise FaultError("SYNTAX_DUPLICATE_KEY", SYNTAX, key_start)
            members[key] = self.value(depth + 1)
        return members

    def key(self) -> str:
        """[msgpack-3]: a str, or a fault at its format byte."""
        start = self.at
        byte = self.format_byte()
        if byte in FORBIDDEN:
            raise FaultError("SYNTAX_FORMAT", SYNTAX, start)
        if not is_str(byte):
            raise FaultError("SYNTAX_KEY", SYNTAX, start)
        return self.string(byte, start)
