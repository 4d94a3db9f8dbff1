"""12.5: exp, log, tanh and sigmoid, at their edges and spread over their range."""

import math
import random
import struct
from collections.abc import Iterable, Iterator

from conformance.case import Case
from conformance.generator.nets import evaluate_case
from conformance.oracle.float32 import bits, f32

SECTION = "functions"
SIGN = 0x80000000
EDGES = (
    0x00000000,  # 0
    0x00000001,  # the smallest subnormal
    0x007FFFFF,  # the largest subnormal
    0x00800000,  # 2^−126
    0x25FFFFFF,  # just below 2^−51
    0x26000000,  # 2^−51
    0x26000001,
    0x33800000,  # 2^−24
    0x3F7FFFFF,
    0x3F800000,  # 1
    0x3F800001,
    0x7F7FFFFF,  # the largest
    0x7F800000,  # infinity
)
NOT_A_NUMBER = (0x7FC00000, 0xFFC00000, 0x7F800001)

# At each of these, one rounding left out or one constant changed in its last digit gives other bits.
# Found by trying all numbers for each such change; some changes show at a few numbers of 2^32 only.
WITNESSES = {
    "exp": (
        0x32000000, 0x33800000, 0x3A6851A3, 0x3AAD9091, 0x3AC587E0, 0x3C93AD50, 0x3CAA0260,
        0x3D61E532, 0x3DF9CFDE, 0x3E03DFA1, 0x3E16192A, 0x3E670B05, 0x3E790012, 0x3E7AA825,
        0x3EB17229, 0x40D2B77C, 0x41479927, 0x418A993C, 0x4246237B, 0x426FE296, 0x4297D1B8,
        0xB3000001, 0xB4200001, 0xB9C845CA, 0xBA2C908A, 0xBA885325, 0xBBCC19A3, 0xBC79EDA8,
        0xBCCFC421, 0xBDE5B66D, 0xBDE7EF2C, 0xBDF4B4BF, 0xBE3E1263, 0xBE75F954, 0xBE80DC61,
        0xBEB1721D, 0xC147A5D9, 0xC18A9988, 0xC18D66EB,
    ),
    "sigmoid": (
        0x33800001, 0x33C00001, 0x35AC0007, 0x39B50C01, 0x3A82D3B5, 0x3AC42A90, 0x3B4A767B,
        0x3CC9A264, 0x3CCFC421, 0x3E484F3D, 0x3E76C535, 0x3E80DC61, 0x3EB1721D, 0xB3800001,
        0xB4000001, 0xB43FFFFF, 0xB52FFFFC, 0xBA6851A3, 0xBB1F3176, 0xBB39E76F, 0xBCC0E853,
        0xBCE2BBE9, 0xBDADC587, 0xBDCB484F, 0xBE6F05E3, 0xBE76693D, 0xBEB17229, 0xBEE207CF,
        0xC0C7A67F, 0xC0D2B77C,
    ),
    "tanh": (
        0x39B89BA9, 0x3A46DCEE, 0x3CEE512C, 0x3D4764E7, 0x3DE14D59, 0x3E33F13F, 0x3E58E9BF,
        0x3E63E724, 0x3E7DB66D, 0x3ED70FCD, 0x3EE2239C, 0x3EE9BAA3, 0x3F02FDFB, 0x3F07CFBF,
        0x3F11D0EB, 0x3F1644E1, 0x3F200000, 0x3F200002, 0x3F200003, 0x3F200039, 0x3F20013B,
        0x3F2002AC, 0x3F200C60, 0x3F203BCC, 0x3F205A91, 0x3F20CCAF, 0x3F21352F, 0x3F24DB52,
        0x3F4A9050, 0x3F5B52A8, 0x411DD409,
    ),
    "log": (
        0x3E0023F6, 0x3E0254AD, 0x3E0570F0, 0x3E087E21, 0x3E0AC2E1, 0x3E0B88A7, 0x3E1287D2,
        0x3E15C40A, 0x3E17C481, 0x3E222A48, 0x3E247508, 0x3E2721AF, 0x3E2B8570, 0x3E2E6C4D,
        0x3E2E8DA8, 0x3E301065, 0x3E34EAF1, 0x3E4597E5, 0x3EADCD7B, 0x3EB17D6F, 0x3F2F60D7,
        0x3F3299D3, 0x3F367133, 0x3FA898AD, 0x3FB06CB7, 0x3FFB9E9D, 0x40B3FD78,
    ),
}  # fmt: skip


def both(numbers: Iterable[int]) -> list[int]:
    """With either sign."""
    return [b | sign for b in numbers for sign in (0, SIGN)]


def around(x: float, reach: int = 2) -> list[int]:
    """The bits of the binary32 nearest to x, and of its neighbours."""
    (middle,) = struct.unpack("<I", struct.pack("<f", x))
    return [middle + step for step in range(-reach, reach + 1)]


def spread(count: int, low: int, high: int, seed: int) -> list[int]:
    """Numbers of both signs, evenly spread over the exponents."""
    stream = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return [
        bits(f32(math.ldexp(1 + stream.random(), stream.randint(low, high))))
        | (SIGN if stream.random() < 0.5 else 0)
        for _ in range(count)
    ]


def halves(first: int, last: int) -> list[int]:
    """Around (n + 1/2) ln 2, where the n of the recipes steps."""
    return [b for n in range(first, last) for b in around((n + 0.5) * 0.6931471805599453, 1)]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield evaluate_case(
        "functions/exp-edges",
        "exp at its edges",
        ["function-1", "exp-1", "arith-2", "protocol-5"],
        "no clamp, no T, overflow one number early or late, NaN turned into a number",
        "exp",
        [
            *both(EDGES),
            *NOT_A_NUMBER,
            *around(-64, 3),
            *around(89, 3),
            *around(88.72283905206835, 4),  # overflow
            *around(-35.35050620855721, 6),  # e^x = 2^−51
            *around(-87.33654475055310, 2),  # e^x = 2^−126
            *around(-103.97207708399179, 2),  # e^x = 2^−150
        ],
    )
    yield evaluate_case(
        "functions/exp-spread",
        "exp where n steps, and at 300 numbers",
        ["function-1", "exp-1", "arith-1"],
        "a coefficient, an order, an fma or an n that differs",
        "exp",
        [*halves(-51, 128), *spread(200, -20, 6, 1)],
    )
    yield evaluate_case(
        "functions/sigmoid-edges",
        "sigmoid at its edges",
        ["function-1", "sigmoid-1", "arith-2", "protocol-5"],
        "no clamp, no T, NaN turned into a number",
        "sigmoid",
        [
            *both(EDGES),
            *NOT_A_NUMBER,
            *both(around(64, 3)),
            *both(around(35.35050620855721, 6)),
            *both(around(17.328679513998633, 3)),  # 1 − 2^−25
            *both(around(89, 1)),
        ],
    )
    yield evaluate_case(
        "functions/sigmoid-spread",
        "sigmoid where n steps, and at 300 numbers",
        ["function-1", "sigmoid-1", "arith-1"],
        "a coefficient, an order, an fma or an n that differs",
        "sigmoid",
        [*halves(-51, 26), *spread(300, -20, 5, 2)],
    )
    yield evaluate_case(
        "functions/tanh-edges",
        "tanh at its edges",
        ["function-1", "tanh-1", "arith-2", "protocol-5"],
        "no clamp, no T, a −0 that stays, the two branches joined at another place",
        "tanh",
        [
            *both(EDGES),
            *NOT_A_NUMBER,
            *both(around(0.625, 4)),
            *both(around(32, 2)),
            *both(around(9.010913347279288, 4)),  # 1 − 2^−25
            *both(around(64, 1)),
        ],
    )
    yield evaluate_case(
        "functions/tanh-spread",
        "tanh where n steps, and at 400 numbers",
        ["function-1", "tanh-1", "arith-1"],
        "a coefficient, an order, an fma or an n that differs",
        "tanh",
        [
            *(b for n in range(1, 27) for b in both(around((n + 0.5) * 0.34657359027997264, 1))),
            *spread(200, -12, 3, 3),
            *spread(200, -3, 2, 4),
        ],
    )
    yield evaluate_case(
        "functions/log-edges",
        "log at its edges",
        ["log-1", "arith-2", "protocol-5"],
        "no T, negative numbers, 0 and infinity, subnormals, m taken from another interval",
        "log",
        [
            *both(EDGES),
            *NOT_A_NUMBER,
            *(b for k in (-50, -10, -1, 0, 1, 2, 64, 126) for b in around(2.0**k, 3)),
            *(b for k in (-50, -3, -1, 0, 1, 2, 127) for b in around(2.0**k * 0.70710677, 3)),
            *around(1.0, 40),
        ],
    )
    yield evaluate_case(
        "functions/log-spread",
        "log at 400 numbers",
        ["log-1", "arith-1"],
        "a coefficient, an order or an fma that differs",
        "log",
        [
            *(b & ~SIGN for b in spread(250, -51, 126, 5)),
            *(b & ~SIGN for b in spread(150, -2, 1, 6)),
        ],
    )
    for function, numbers in WITNESSES.items():
        yield evaluate_case(
            f"functions/{function}-rounding",
            f"{function} where a single rounding, or the last digit of a constant, shows",
            [*([] if function == "log" else ["function-1"]), f"{function}-1", "arith-1"],
            "an operation kept wider than binary32, an fma, a constant read with another last digit",
            function,
            list(numbers),
        )
