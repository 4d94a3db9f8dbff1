"""Tensor data (SPEC 6): what is stored to bits and binary32 values."""

import base64
import binascii
import struct
from typing import Any

from conformance.oracle.values import Value, plain

# dtype → struct codes of one element: as a number, as bits.
CODES = {"float32": ("f", "I"), "float16": ("e", "H")}


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
    """Stored bytes, of a whole number of elements: their bits, and their values widened exactly."""
    number, bits = CODES[dtype]
    count = len(data) // struct.calcsize(number)
    return list(struct.unpack(f"<{count}{bits}", data)), list(
        struct.unpack(f"<{count}{number}", data)
    )


def content(entry: dict[str, Value]) -> dict[str, Any]:
    """A sound entry as `reader.ReadResult` describes it."""
    dtype, shape, data = entry["dtype"], entry["shape"], entry["data"]
    assert isinstance(dtype, str)
    assert isinstance(shape, list)
    if isinstance(data, str):
        data = strict_base64(data)
    if isinstance(data, list):
        values = [round_to_float32(value) for value in data if isinstance(value, float)]
        data = struct.pack(f"<{len(values)}f", *values)
    assert isinstance(data, bytes)
    stored, widened = unpack(data, dtype)
    sizes = [int(size) for size in shape if isinstance(size, float)]
    found: dict[str, Any] = {"dtype": dtype, "shape": sizes, "bits": stored, "values": widened}
    if "extensions" in entry:
        found["extensions"] = plain(entry["extensions"])
    return found
