"""Tensor data (SPEC 6): what is stored to bits and binary32 values."""

import base64
import binascii
import struct
from typing import Any

from conformance.oracle.values import Value, plain

# dtype → struct codes of one element: as a number, as bits. A bfloat16 is the upper half of a binary32.
CODES = {"float32": ("f", "I"), "float16": ("e", "H"), "bfloat16": ("H", "H"), "int8": ("b", "B")}


def strict_base64(text: str) -> bytes | None:
    """[tensor-3]: the bytes, or None. The text must be the one that its bytes would be written as."""
    try:
        raw = text.encode("ascii")
        data = base64.b64decode(raw, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return data if base64.b64encode(data) == raw else None


def product(shape: list[Value]) -> int:
    """The number of elements; Python's integers don't overflow."""
    count = 1
    for size in shape:
        assert isinstance(size, float)
        count *= int(size)
    return count


def round_to_float32(value: float) -> float:
    """Binary64 to the nearest binary32, ties to even; infinite beyond its range."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return rounded


def unpack(data: bytes, dtype: str) -> tuple[list[int], list[float]]:
    """Stored bytes, of a whole number of elements: their bits, and their values widened exactly.

    Those of int8 are the integers q; what they mean is `scaled`.
    """
    number, bits = CODES[dtype]
    count = len(data) // struct.calcsize(number)
    stored = list(struct.unpack(f"<{count}{bits}", data))
    if dtype == "bfloat16":
        data, number = struct.pack(f"<{count}I", *(word << 16 for word in stored)), "f"
    return stored, [float(value) for value in struct.unpack(f"<{count}{number}", data)]


def scaled(entry: dict[str, Value], quanta: list[float]) -> list[float]:
    """[tensor-8]: one multiplication for each element; binary64 holds the product exactly."""
    scale, shape, axis = floats(entry["scale"]), entry["shape"], entry["axis"]
    assert isinstance(shape, list)
    assert isinstance(shape[1], float)
    columns = int(shape[1])
    return [
        round_to_float32(scale[k // columns if axis == 0 else k % columns] * q)
        for k, q in enumerate(quanta)
    ]


def floats(data: Value) -> list[float]:
    """Sound data of a float32 tensor: a list of decimals, base64, or bytes."""
    if isinstance(data, list):
        return [round_to_float32(value) for value in data if isinstance(value, float)]
    stored = strict_base64(data) if isinstance(data, str) else data
    assert isinstance(stored, bytes)
    return unpack(stored, "float32")[1]


def words_of(values: list[float]) -> list[int]:
    """The bits of binary32 values."""
    return unpack(struct.pack(f"<{len(values)}f", *values), "float32")[0]


def content(entry: dict[str, Value]) -> dict[str, Any]:
    """A sound entry as `reader.ReadResult` describes it."""
    dtype, shape, data = entry["dtype"], entry["shape"], entry["data"]
    assert isinstance(dtype, str)
    assert isinstance(shape, list)
    if isinstance(data, list):
        widened = floats(data)
        stored = words_of(widened)
    else:
        raw = strict_base64(data) if isinstance(data, str) else data
        assert isinstance(raw, bytes)
        stored, widened = unpack(raw, dtype)
    sizes = [int(size) for size in shape if isinstance(size, float)]
    found: dict[str, Any] = {"dtype": dtype, "shape": sizes, "bits": stored, "values": widened}
    if dtype == "int8":
        found["values"] = scaled(entry, widened)
        found["scale"] = words_of(floats(entry["scale"]))
        found["axis"] = plain(entry["axis"])
    if "extensions" in entry:
        found["extensions"] = plain(entry["extensions"])
    return found
