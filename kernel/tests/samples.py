"""Random numbers as nets have them, with those that are special among them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import scalar
from scalar import F, Floats


def floats(random: np.random.Generator, *shape: int, scale: float = 1.0) -> Floats:
    """Of many magnitudes, after T, some of them 0."""
    x = random.standard_normal(shape) * scale * 10.0 ** random.integers(-3, 1, shape)
    x[random.random(shape) < 0.05] = 0
    return scalar.T(x.astype(F))


def weights(random: np.random.Generator, kind: str, *shape: int) -> tuple[NDArray[Any], Floats]:
    """As a file has them (bfloat16: its bits), and their values after T. Subnormal ones, -0 and tiny ones are there."""
    kind = kind.removeprefix("mixed ")
    if kind == "float32":
        stored = (random.standard_normal(shape) * 0.4).astype(F)
        stored[random.random(shape) < 0.05] = F(-0.0)
        stored[random.random(shape) < 0.05] = F(2.0**-51) * F(0.99999994)
        stored[random.random(shape) < 0.05] = F(2.0**-51)
        return stored, scalar.T(stored)
    bits = np.empty(shape, np.uint16)
    if kind == "float16":
        bits[...] = (random.standard_normal(shape) * 0.4).astype(np.float16).view(np.uint16)
        small = random.random(shape) < 0.2
        bits[small] = (
            random.integers(0, 0x400, int(small.sum()))
            | random.integers(0, 2, int(small.sum())) << 15
        )
        return bits.view(np.float16), scalar.T(bits.view(np.float16).astype(F))
    bits[...] = ((random.standard_normal(shape) * 0.4).astype(F).view(np.uint32) >> 16).astype(
        np.uint16
    )
    small = random.random(shape) < 0.2
    bits[small] = (
        random.integers(0, 0x2700, int(small.sum())) | random.integers(0, 2, int(small.sum())) << 15
    )
    return bits, scalar.T((bits.astype(np.uint32) << 16).view(F))


def same(got: Floats, want: Floats) -> None:
    """To the last bit; a NaN is a NaN."""
    bits = [np.where(np.isnan(x), F(np.nan), x).astype(F).view(np.uint32) for x in (got, want)]
    np.testing.assert_array_equal(*bits)
