"""Binary32 as people compare it: in decimal, in bits, and by how many numbers lie between."""

import math
import struct

SIGN = 0x80000000


def value(word: str) -> float:
    """Eight hexadecimal digits as a number."""
    number: float = struct.unpack(">f", bytes.fromhex(word))[0]
    return number


def decimal(word: str) -> str:
    """Enough digits to tell two binary32 apart."""
    return f"{value(word):.9g}"


def distance(one: str, other: str) -> str:
    """In units in the last place: how many steps from one binary32 to the next lead there."""
    if one == other:
        return "equal"
    if math.isnan(value(one)) or math.isnan(value(other)):
        return "NaN"
    steps = abs(_ordered(one) - _ordered(other))
    return f"{steps:,} ulp" if steps else "sign of zero"


def _ordered(word: str) -> int:
    """The place of a binary32 among all, ascending; both zeros have one."""
    bits = int(word, 16)
    return SIGN - bits if bits >= SIGN else bits
