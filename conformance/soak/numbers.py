"""Random numbers as parameters: usual ones, saturating ones, and those at the edges of each dtype."""

import base64
import math
import random
import struct
from typing import Any

from conformance.oracle.float32 import f32
from conformance.soak.options import INT8, Row

Json = dict[str, Any]
SCALES = {"×1": 1.0, "×3": 3.0, "×10": 10.0, "×30": 30.0, "×100": 100.0}
# Exponents: around 2^−51, where T cuts; and up to overflow. Likewise within what float16 holds.
WIDE = {"spread": (-5, 0), "tiny": (-60, -45), "huge": (40, 126)}
NARROW = {"spread": (-5, 0), "tiny": (-26, -14), "huge": (6, 14)}
SHARES = {"spread": 1.0, "tiny": 0.6, "huge": 0.25}  # of the tensors
DTYPES = ("float32", "float16", "bfloat16")
LEAST_SCALE = 2.0**-126  # [agree-6]
MINUS_128, MINUS_127 = b"\x80", b"\x81"  # the first is no int8 element of a file


def size_of(words: str, rng: random.Random) -> int:
    """A number of a class such as `2–8`."""
    low, _, high = words.partition("–")
    return rng.randint(int(low), int(high or low))


def spread(rng: random.Random, low: int, high: int) -> float:
    """A binary32 of either sign, from 2^low up to 2^(high+1), evenly over the exponents."""
    value = math.ldexp(1 + rng.random(), low + int(rng.random() * (high - low + 1)))
    return f32(-value if rng.random() < 0.5 else value)


class Numbers:
    """The tensors of one net."""

    def __init__(self, row: Row, rng: random.Random) -> None:
        self.row = row
        self.rng = rng
        self.tensors: dict[str, Json] = {}

    def tensor(self, name: str, shape: list[int], usual: float) -> str:
        """A tensor of random numbers, `usual` being the bound of the default initialisation."""
        dtype = self.dtype(len(shape))
        if dtype in INT8:
            self.tensors[name] = self.int8(shape, usual, 0 if dtype == "int8, rows" else 1)
        else:
            self.tensors[name] = self.floats(shape, usual, dtype)
        return name

    def dtype(self, rank: int) -> str:
        """That of the row; a vector beside int8 matrices has another."""
        row, rng = self.row, self.rng
        if row["dtype"] == "mixed":
            return rng.choice((*DTYPES, *INT8)) if rank == 2 else rng.choice(DTYPES)
        if row["dtype"] in INT8 and rank != 2:
            return rng.choice(DTYPES)
        return row["dtype"]

    # --- storage ----------------------------------------------------------------------------------

    def floats(self, shape: list[int], usual: float, dtype: str) -> Json:
        """float32, float16 or bfloat16."""
        values = self.values(math.prod(shape), usual, NARROW if dtype == "float16" else WIDE)
        entry: Json = {"dtype": dtype, "shape": shape}
        if dtype == "float16":
            return entry | self.bytes("data", struct.pack(f"<{len(values)}e", *values))
        if dtype == "bfloat16":
            halves = struct.pack(f"<{len(values)}f", *values)
            upper = b"".join(halves[k + 2 : k + 4] for k in range(0, len(halves), 4))
            return entry | self.bytes("data", upper)
        return entry | self.float32("data", values)

    def int8(self, shape: list[int], usual: float, axis: int) -> Json:
        """q and scale, of which a file may hold any."""
        values = self.values(shape[axis], usual, WIDE)
        scale = [max(abs(v) / 2**7, LEAST_SCALE) for v in values]  # a power of two: still binary32
        q = self.rng.randbytes(math.prod(shape)).replace(MINUS_128, MINUS_127)
        entry: Json = {"dtype": "int8", "shape": shape, "axis": axis}
        return entry | self.float32("scale", scale) | self.bytes("data", q)

    def values(
        self, count: int, usual: float, exponents: dict[str, tuple[int, int]]
    ) -> list[float]:
        """Binary32 numbers; a net of nothing but tiny or huge ones is all zeros or fails at once."""
        rng, weights = self.rng, self.row["weights"]
        if rng.random() < SHARES.get(weights, 0.0):
            return [spread(rng, *exponents[weights]) for _ in range(count)]
        bound = usual * SCALES.get(weights, 1.0)
        return [f32(rng.uniform(-bound, bound)) for _ in range(count)]

    # --- members ----------------------------------------------------------------------------------

    def float32(self, member: str, values: list[float]) -> Json:
        """`data` or `scale` as a list of decimals, or as bytes."""
        if self.row["encoding"] in ("json, base64", "msgpack"):
            return self.bytes(member, struct.pack(f"<{len(values)}f", *values))
        if self.row["encoding"] == "json, long decimals":
            # Between two binary32: the reader has to round, [tensor-2]. Never down to a subnormal scale.
            rng = self.rng
            values = [
                v * (1 + rng.uniform(-1, 1) * 2.0**-24) if abs(v) > 2 * LEAST_SCALE else v
                for v in values
            ]
        return {member: values}

    def bytes(self, member: str, data: bytes) -> Json:
        """Bytes, or base64 in JSON."""
        if self.row["encoding"] == "msgpack":
            return {member: data}
        return {member: base64.b64encode(data).decode("ascii")}
