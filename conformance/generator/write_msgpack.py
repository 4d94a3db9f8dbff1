"""A msgpack writer for the suite's own documents, and the pieces to build broken ones from."""

import base64
import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Raw:
    """Bytes that stand in the place of a value, as they are."""

    data: bytes


def msgpack_bytes(document: dict[str, Any]) -> bytes:
    """The document as msgpack: shortest formats, tensor data as bin."""
    tensors = document.get("tensors")
    if isinstance(tensors, dict):
        packed = {name: _tensor(entry) for name, entry in tensors.items()}
        document = {**document, "tensors": packed}
    return pack(document)


def _tensor(entry: object) -> object:
    """Tensor data as bytes: of a list the binary32, of a string what its base64 says."""
    if not isinstance(entry, dict):
        return entry
    written = dict(entry)
    for member in ("data", "scale"):
        data = entry.get(member)
        if isinstance(data, list):
            written[member] = struct.pack(f"<{len(data)}f", *data)
        elif isinstance(data, str):
            written[member] = base64.b64decode(data)
    return written


def pack(value: object) -> bytes:
    """One value in the shortest format; floats as float 64."""
    match value:
        case Raw(data):
            return data
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return integer(value)
        case float():
            return b"\xcb" + struct.pack(">d", value)
        case str():
            return string(value.encode())
        case bytes():
            return head(len(value), None, 0, b"\xc4", b"\xc5", b"\xc6") + value
        case list():
            return array_head(len(value)) + b"".join(pack(element) for element in value)
        case dict():
            members = (pack(key) + pack(element) for key, element in value.items())
            return map_head(len(value)) + b"".join(members)
    raise TypeError(f"no msgpack value: {value!r}")


def integer(value: int) -> bytes:
    """The shortest of fixint and uint, or of fixint and int below zero."""
    if -32 <= value < 128:
        return struct.pack("b", value)
    formats = ((b"\xcc", "B"), (b"\xcd", ">H"), (b"\xce", ">I"), (b"\xcf", ">Q"))
    if value < 0:
        formats = ((b"\xd0", "b"), (b"\xd1", ">h"), (b"\xd2", ">i"), (b"\xd3", ">q"))
    for mark, code in formats:
        try:
            return mark + struct.pack(code, value)
        except struct.error:
            continue
    raise OverflowError(value)


def head(count: int, fix: int | None, below: int, *marks: bytes) -> bytes:
    """The shortest header: a fix format below a count, else marks for 8, 16 and 32 bits of length."""
    if fix is not None and count < below:
        return bytes([fix | count])
    codes = (">B", ">H", ">I")[3 - len(marks) :]
    for mark, code in zip(marks, codes, strict=True):
        try:
            return mark + struct.pack(code, count)
        except struct.error:
            continue
    raise OverflowError(count)


def string(utf8: bytes) -> bytes:
    """A str of these bytes, well-formed or not."""
    return head(len(utf8), 0xA0, 32, b"\xd9", b"\xda", b"\xdb") + utf8


def array_head(count: int) -> bytes:
    """The header of an array."""
    return head(count, 0x90, 16, b"\xdc", b"\xdd")


def map_head(count: int) -> bytes:
    """The header of a map."""
    return head(count, 0x80, 16, b"\xde", b"\xdf")
