"""The operations of SPEC.md 12.1 and 12.2, on Python floats that hold binary32 values.

Each operation is done in binary64 and rounded at once to binary32. That gives the bits of the
binary32 operation: binary64 has 53 >= 2 * 24 + 2 digits, so the second rounding is innocuous.
"""

import math
import struct
from array import array

TINY = 2.0**-51
NAN_BITS = 0x7FC00000
_cell = array("f", [0.0])


def f32(x: float) -> float:
    """Rounds to the nearest binary32, ties to even; beyond the largest one, to infinity."""
    _cell[0] = x
    return _cell[0]


def add(a: float, b: float) -> float:
    """a + b."""
    _cell[0] = a + b
    return _cell[0]


def sub(a: float, b: float) -> float:
    """a − b."""
    _cell[0] = a - b
    return _cell[0]


def mul(a: float, b: float) -> float:
    """a × b."""
    _cell[0] = a * b
    return _cell[0]


def div(a: float, b: float) -> float:
    """a / b, where Python itself refuses to divide by zero."""
    if b == 0:
        if a == 0 or math.isnan(a):
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)
    return f32(a / b)


def root(a: float) -> float:
    """sqrt(a), of a ≥ 0 or NaN; 53 ≥ 2 × 24 + 2 digits are enough here too."""
    return f32(math.sqrt(a))


def T(v: float) -> float:  # noqa: N802 - its name in SPEC.md
    """+0 if |v| < 2^−51, else v ([tiny-1])."""
    return 0.0 if abs(v) < TINY else v


def bits(x: float) -> int:
    """The binary32 x as a number; every NaN is the same one."""
    if math.isnan(x):
        return NAN_BITS
    return int.from_bytes(struct.pack(">f", x))


def from_bits(number: int) -> float:
    """The binary32 with these bits."""
    value: float = struct.unpack(">f", number.to_bytes(4))[0]
    return value
