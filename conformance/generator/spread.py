"""Spread numbers, and the tensors that hold them.

Weights of one size prove nothing: a famous suite of LSTM cases passes under all orders of the gates.
Here every number has its own sign, exponent and 24 digits, from a generator that is the same everywhere.
"""

import base64
import math
import random
import struct
from typing import Any

from conformance.generator.build import array
from conformance.generator.build import tensor as plain_tensor
from conformance.oracle.float32 import f32

Json = dict[str, Any]


class Numbers:
    """A stream of spread binary32 numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def one(self, low: int = -5, high: int = 0) -> float:
        """Either sign, 2^low up to 2^(high+1), evenly spread over the exponents."""
        value = math.ldexp(1 + self.random.random(), self.random.randint(low, high))
        return f32(-value if self.random.random() < 0.5 else value)

    def many(self, count: int, low: int = -5, high: int = 0) -> list[float]:
        """As many of them."""
        return [self.one(low, high) for _ in range(count)]

    def array(self, shape: list[int], low: int = -5, high: int = 0) -> Json:
        """An array of the protocol."""
        return array(shape, self.many(math.prod(shape), low, high))

    def ids(self, rows: int, steps: int, size: int) -> list[list[int]]:
        """Token input."""
        return [[self.random.randrange(size) for _ in range(steps)] for _ in range(rows)]


def narrowed(values: list[float], dtype: str) -> list[float]:
    """The numbers, cut so that this dtype holds them; spread ones stay spread."""
    if dtype == "float16":
        return [f32(math.ldexp(round(math.ldexp(v, 11)), -11)) for v in values]
    if dtype == "bfloat16":
        return [upper(v)[1] for v in values]
    return values


def upper(value: float) -> tuple[bytes, float]:
    """The upper half of a binary32, little-endian, and the number it stands for."""
    half = struct.pack("<f", value)[2:]
    number: float = struct.unpack("<f", b"\0\0" + half)[0]
    return half, number


def stored(shape: list[int], values: list[float], dtype: str, *, as_bytes: bool) -> Json:
    """A member of `tensors`; the values must be those of the dtype."""
    if dtype != "bfloat16":
        return plain_tensor(shape, values, dtype, as_bytes=as_bytes)
    data = base64.b64encode(b"".join(upper(v)[0] for v in values)).decode("ascii")
    return {"dtype": dtype, "shape": shape, "data": data}


def quantised(shape: list[int], axis: int, numbers: Numbers, low: int, high: int) -> Json:
    """A tensor int8 of spread q, each row or column with a scale of its own."""
    q = [numbers.random.randint(-127, 127) for _ in range(shape[0] * shape[1])]
    scale = [f32(abs(v) / 127) for v in numbers.many(shape[axis], low, high)]
    data = base64.b64encode(struct.pack(f"<{len(q)}b", *q)).decode("ascii")
    return {"dtype": "int8", "shape": shape, "axis": axis, "scale": scale, "data": data}
