"""Rounding: every operation of the oracle is the correctly rounded binary32 operation."""

import math
import operator
import random
import struct
from collections.abc import Callable
from fractions import Fraction

import pytest

from conformance.oracle.float32 import T, add, bits, div, f32, from_bits, mul, sub

LARGEST = Fraction((2**24 - 1) * 2**104)
EDGES = [
    0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x00800001,
    0x25FFFFFF, 0x26000000, 0x33800000, 0x34000000, 0x3F7FFFFF, 0x3F800000, 0x3F800001,
    0x40490FDB, 0xC0490FDB, 0x4B7FFFFF, 0x4B800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F000000,
]  # fmt: skip


def nearest(x: Fraction) -> float:
    """Round to binary32 by exact arithmetic alone: to nearest, ties to even."""
    if x == 0:
        return 0.0
    size = abs(x)
    exponent = max(-126, _floor_log2(size))
    unit = Fraction(2) ** (exponent - 23)
    steps, rest = divmod(size, unit)
    steps += rest * 2 > unit or (rest * 2 == unit and steps % 2)
    value = math.inf if steps * unit > LARGEST else float(steps * unit)
    return math.copysign(value, x)


def _floor_log2(x: Fraction) -> int:
    k = x.numerator.bit_length() - x.denominator.bit_length()
    return k if Fraction(2) ** k <= x else k - 1


def numbers() -> list[float]:
    stream = random.Random(1)
    anywhere = [stream.getrandbits(32) for _ in range(3000)]
    near = [(0x3F800000 + stream.randint(-(2**25), 2**25)) for _ in range(3000)]
    finite = [b for b in EDGES + anywhere + near if b & 0x7F800000 != 0x7F800000]
    return [from_bits(b) for b in finite]


@pytest.mark.parametrize(
    ("ours", "exact"),
    [(add, operator.add), (sub, operator.sub), (mul, operator.mul), (div, operator.truediv)],
)
def test_operations_are_correctly_rounded(
    ours: Callable[[float, float], float], exact: Callable[[Fraction, Fraction], Fraction]
) -> None:
    values = numbers()
    stream = random.Random(2)
    pairs = [(a, b) for a in values[:21] for b in values[:21]]
    pairs += [(stream.choice(values), stream.choice(values)) for _ in range(20000)]
    for a, b in pairs:
        if exact is operator.truediv and b == 0:
            continue
        result, true = ours(a, b), nearest(exact(Fraction(a), Fraction(b)))
        assert result == true, (a.hex(), b.hex())


def test_rounding_agrees_with_struct_and_overflows_to_infinity() -> None:
    stream = random.Random(3)
    for _ in range(20000):
        x = math.ldexp(1 + stream.random(), stream.randint(-160, 127))
        for v in (x, -x):
            try:
                packed = struct.unpack("<f", struct.pack("<f", v))[0]
            except OverflowError:
                packed = math.copysign(math.inf, v)
            assert f32(v) == packed
    half = float(LARGEST) + 2.0**103  # halfway to 2^128: the tie goes to infinity
    assert f32(half) == math.inf
    assert f32(math.nextafter(half, 0)) == float(LARGEST)
    assert f32(-half) == -math.inf
    assert f32(1e300) == math.inf
    assert mul(from_bits(0x7F7FFFFF), from_bits(0x7F7FFFFF)) == math.inf


def test_ties_go_to_even() -> None:
    assert f32(1 + 2.0**-24) == 1.0
    assert f32(1 + 3 * 2.0**-24) == 1 + 2.0**-22
    assert f32(2.0**-150) == 0.0
    assert f32(3 * 2.0**-150) == 2.0**-148


def test_division_by_zero_and_specials() -> None:
    assert div(1.0, 0.0) == math.inf
    assert div(-1.0, 0.0) == -math.inf
    assert div(1.0, -0.0) == -math.inf
    assert math.isnan(div(0.0, 0.0))
    assert math.isnan(div(math.nan, 0.0))
    assert math.isnan(sub(math.inf, math.inf))
    assert math.isnan(mul(0.0, math.inf))
    assert bits(add(-0.0, -0.0)) == 0x80000000
    assert bits(add(0.0, -0.0)) == 0


def test_tiny() -> None:
    tiny = 2.0**-51
    below = from_bits(bits(tiny) - 1)
    for v in (below, -below, 0.0, -0.0, from_bits(1), from_bits(0x80000001)):
        assert bits(T(v)) == 0
    for v in (tiny, -tiny, 1.0, math.inf, -math.inf):
        assert T(v) == v
    assert math.isnan(T(math.nan))


def test_bits_there_and_back() -> None:
    for b in EDGES:
        assert bits(from_bits(b)) == b
    assert bits(math.nan) == bits(-math.nan) == 0x7FC00000
