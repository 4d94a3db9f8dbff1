"""[tensor-2]: lists of adversarial decimals, found by arithmetic on whole numbers. The values show in the fingerprint."""

import random
import struct
from collections.abc import Iterator
from fractions import Fraction

from conformance.generator.build import dense_net, tensor
from conformance.generator.table import Table
from conformance.generator.write_json import tight_bytes
from conformance.oracle.float32 import f32

SECTION = "decimals"
COUNT = 48  # in a list
LONGEST = 64  # the limit `number`


def cases() -> Table:
    """A list for each way to be wrong."""
    table = Table(SECTION)
    lists: dict[str, tuple[list[str], str, str]] = {
        "shortest": (
            ["7.038531e-26", "-7.038531e-26", "7.0385313e-26", "-7.0385308e-26", "7.03853069185120912085918801403030697e-26"],
            "the shortest decimal of one binary32, which does not come back, and its neighbours", "a decimal that is rounded once",
        ),
        **{
            f"digits-{digits}": (
                list(by_halves(digits)), f"{digits} decimals beside the middle of two binary32, below 2^13", "a decimal that is rounded once",
            )
            for digits in (12, 13, 14, 16, 20)
        },
        "significant-9": (list(significant(9)), "nine significant digits over all exponents", "a power of ten that is not exact"),
        "significant-17": (list(significant(17)), "seventeen significant digits over all exponents", "digits that are cut"),
        "middle-64": (
            list(middles()), "on, above and below the middle of two binary64, beside the middle of two binary32: up to 64 characters",
            "a tie of the first rounding that goes the wrong way, or digits that are cut",
        ),
        "middle-32": (list(ties()), "on the middle of two binary32: to even", "a tie that goes up, or away from 0"),
        "largest": (
            ["3.4028235677973362e38", "-3.4028235677973362e38", "340282356779733623858607532500980858880", "3.4028234663852886e38", "3.402823466385288598117041e38", "3.4028235e+38", "34.028235E37", "0.34028235e39"],
            "just below the boundary of the finite, in many spellings", "a boundary that is one off",
        ),
        "spellings": (
            ["1.0", "1e0", "1E0", "1e+0", "1.0E-0", "10e-1", "0.1e1", "100000e-5", "0.00001e5", "1e-0000000", "1e0000000000000000000000000000000000", "10000000000000000000000000000000e-31", "0.0000000000000000000000000000001e31", "-1e0"],
            "one in every spelling", "an exponent of which two digits count",
        ),
        "underflow": (
            ["1e-400", "-1e-400", "4.9e-324", "-4.9e-324", "2.4e-324", "1e-46", "-7e-46", "1.4e-45", "1.1754943e-38", "1e-99999999999999999999", "0e99999", "-0.0e-5"],
            "numbers that vanish in binary64, in binary32, or by T", "an underflow that is an error, or a zero with a sign",
        ),
    }  # fmt: skip
    for name, (decimals, what, catches) in lists.items():
        table.row(name, what, "tensor-2 json-6", written(decimals), catches)
    table.features = ["json"]
    for k, text in enumerate(
        (
            "3.4028235677973366e38",
            "-3.4028235677973366e38",
            "3.40282356779733661637539395458142568448e38",
            "340282356779733661637539395458142568447.5",
            "340282366920938463463374607431768211456",
            "1e39",
        )
    ):
        table.row(
            f"beyond-{k}", f"the decimal {text}, after ones", "tensor-2 agree-6", written(["1", "-1", text]),
            "a conversion that is undefined in some languages", expect="TENSOR_NONFINITE",
        )  # fmt: skip
    table.features = None
    return table


def written(decimals: list[str]) -> bytes:
    """A dense layer of one column with these weights, spelled so."""
    if any(len(text) > LONGEST for text in decimals):
        raise ValueError(f"too long: {decimals}")
    net = dense_net(
        input={"kind": "features", "size": len(decimals)}, tensors={"W": tensor([len(decimals), 1], [7.5])}
    )  # fmt: skip
    return tight_bytes(net).replace(b"[7.5]", f"[{','.join(decimals)}]".encode())


def fixed(value: Fraction, digits: int) -> str:
    """With so many digits behind the point, the last one down."""
    scaled = value * 10**digits
    whole = scaled.numerator // scaled.denominator
    text = f"{abs(whole):0{digits + 1}d}"
    return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def by_halves(digits: int) -> Iterator[str]:
    """Decimals next to the middle of two binary32, of which binary64 makes the middle if it can."""
    rng = random.Random(digits)  # noqa: S311 - repeatable on purpose
    step = Fraction(1, 10**digits)
    for k in range(COUNT):
        exponent = 12 - k % 3  # 2^10 up to 2^13
        middle = Fraction(2 * rng.getrandbits(23) + 2**24 + 1, 2**24) * Fraction(2) ** (
            exponent - 1
        )
        below = Fraction(fixed(middle, digits))
        yield fixed(below if k % 2 else below + step, digits)


def significant(digits: int) -> Iterator[str]:
    """Numbers of binary32 that are not tiny, in so many digits."""
    rng = random.Random(digits)  # noqa: S311 - repeatable on purpose
    for k in range(COUNT):
        word = (80 + k * 3 + rng.randrange(3)) << 23 | rng.getrandbits(23)
        value = struct.unpack("<f", struct.pack("<I", word))[0] * (1 + rng.random() * 2.0**-25)
        yield f"{value if k % 2 else -value:.{digits - 1}e}"


def middles() -> Iterator[str]:
    """The first rounding decides the second: on the middle of two binary64 next to that of two binary32."""
    rng = random.Random(64)  # noqa: S311 - repeatable on purpose
    for k in range(COUNT // 3):
        exponent = rng.randrange(26, 90)
        low = 2**23 + rng.getrandbits(22) * 2 + k % 2
        # With `low` even a tie of binary32 goes down, so what is above the middle of binary64 must go up.
        middle32 = Fraction(2 * low + 1, 2) * Fraction(2) ** exponent
        half64 = Fraction(2) ** (exponent - 30)
        middle = middle32 + half64 if k % 2 == 0 else middle32 - half64
        for offset in (Fraction(0), Fraction(1, 10**20), -Fraction(1, 10**20)):
            text = fixed(middle + offset, 20)
            yield text.rstrip("0").rstrip(".") if offset == 0 else text


def ties() -> Iterator[str]:
    """Integers on the middle of two binary32."""
    rng = random.Random(32)  # noqa: S311 - repeatable on purpose
    for k in range(COUNT):
        value = (2 * (2**23 + rng.getrandbits(22) * 2 + k % 2) + 1) << rng.randrange(60)
        if f32(float(value)) == value:
            raise ValueError("no middle")
        yield str(-value if k % 3 == 0 else value)
