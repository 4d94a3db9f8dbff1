"""A writer of .onnx files for tests: protobuf by hand, from onnx.proto's field numbers. Nothing here knows the importer."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
CODES = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "int32": 6,
    "int64": 7,
    "bool": 9,
    "float16": 10,
    "float64": 11,
}


def varint(value: int) -> bytes:
    out = b""
    value &= (1 << 64) - 1
    while True:
        low, value = value & 0x7F, value >> 7
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def number(field: int, value: int) -> bytes:
    return varint(field * 8) + varint(value)


def message(field: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return varint(field * 8 + 2) + varint(len(raw)) + raw


def tensor(name: str, array: Array, how: str = "raw") -> bytes:
    """A TensorProto; `how` its numbers stand: raw, or in the field of their type, packed or one by one."""
    out = b"".join(number(1, size) for size in array.shape)
    out += number(2, CODES[array.dtype.name]) + message(8, name)
    flat = array.ravel()
    if how == "raw":
        return out + message(9, array.tobytes())
    if array.dtype.kind == "f" and array.dtype.itemsize > 2:
        field, code = {4: (4, "<f"), 8: (10, "<d")}[array.dtype.itemsize]
        parts = [struct.pack(code, value) for value in flat]
        if how == "packed":
            return out + message(field, b"".join(parts))
        wire = 5 if code == "<f" else 1
        return out + b"".join(varint(field * 8 + wire) + part for part in parts)
    field = 7 if array.dtype == np.int64 else 5
    values = [int(v) for v in (flat.view(np.uint16) if array.dtype == np.float16 else flat)]
    if how == "packed":
        return out + message(field, b"".join(map(varint, values)))
    return out + b"".join(number(field, value) for value in values)


def external(name: str, array: Array, entries: dict[str, str]) -> bytes:
    """A TensorProto whose numbers stand in another file."""
    out = b"".join(number(1, size) for size in array.shape) + number(2, CODES[array.dtype.name])
    out += message(8, name) + number(14, 1)
    return out + b"".join(message(13, message(1, k) + message(2, v)) for k, v in entries.items())


def attribute(name: str, value: Any) -> bytes:  # noqa: ANN401  what ONNX has
    out = message(1, name)
    if isinstance(value, int):
        return out + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return out + varint(2 * 8 + 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, str):
        return out + message(4, value) + number(20, 3)
    if isinstance(value, bytes):  # a TensorProto
        return out + message(5, value) + number(20, 4)
    if all(isinstance(item, str) for item in value):
        return out + b"".join(message(9, item) for item in value) + number(20, 8)
    if all(isinstance(item, int) for item in value):
        return out + b"".join(number(8, item) for item in value) + number(20, 7)
    return (
        out
        + b"".join(varint(7 * 8 + 5) + struct.pack("<f", item) for item in value)
        + number(20, 6)
    )


def node(
    op: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    domain: str = "",
    **attributes: Any,  # noqa: ANN401  what ONNX has
) -> bytes:
    out = b"".join(message(1, name) for name in inputs) + b"".join(
        message(2, name) for name in outputs
    )
    out += message(3, f"the_{op}") + message(4, op) + (message(7, domain) if domain else b"")
    return out + b"".join(message(5, attribute(name, value)) for name, value in attributes.items())


def end(name: str, shape: Sequence[int | str] | None, code: int = 1) -> bytes:
    """A ValueInfoProto; texts are sizes that are free."""
    kind = number(1, code)
    if shape is not None:
        sizes = [number(1, s) if isinstance(s, int) else message(2, s) for s in shape]
        kind += message(2, b"".join(message(1, size) for size in sizes))
    return message(1, name) + message(2, message(1, kind))


def graph(
    nodes: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    arrays: Sequence[bytes] = (),
) -> bytes:
    out = b"".join(message(1, one) for one in nodes) + message(2, "g")
    out += b"".join(message(5, one) for one in arrays)
    return (
        out
        + b"".join(message(11, one) for one in inputs)
        + b"".join(message(12, one) for one in outputs)
    )


def model(body: bytes, opset: int = 17, producer: str = "a test") -> bytes:
    out = number(1, 8) + message(2, producer) + message(7, body)
    return out + message(8, message(1, "") + number(2, opset))
