"""Section 6: dtypes, shapes, decimals, base64, and what is finite. The values show in the fingerprint."""

import base64
import struct
from typing import Any

from conformance.generator.build import dense_net, json_bytes, msgpack_bytes, tensor
from conformance.generator.table import Table

SECTION = "tensors"

# Decimals where one rounding and two differ, or where a parser of limited precision slips.
DECIMALS = {
    "halfway": ("1.000000059604644775390625", "halfway between 1 and the next: to even"),
    "halfway-and": (
        "1.00000005960464477539062500001",
        "a little above halfway: once rounded up, twice rounded down",
    ),
    "halfway-odd": ("1.000000178813934326171875", "halfway between an odd and an even: to even, up"),
    "halfway-odd-less": (
        "1.00000017881393432617187499999",
        "a little below halfway: once rounded down, twice rounded up",
    ),
    "1388": ("1388.03485107421874", "just below halfway between two binary32"),
    "1388-up": ("1388.034851074218749999999", "nearer to halfway than binary64 can tell"),
    "1388-over": ("1388.034851074218750000001", "the same from above"),
    "minus": ("-1388.034851074218749999999", "the same below zero"),
    "17-digits": ("0.12345678359270096", "17 digits"),
    "long": ("0.1000000014901161193847656250000000000000000000000000000000001", "62 characters"),
    "integer": ("16777217", "2^24 + 1, halfway: to even"),
    "integer-up": ("16777219", "2^24 + 3, halfway: to even, up"),
    "integer-long": ("123456789012345678901234567890", "30 digits"),
    "exponent": ("0.00000000000000000000012345678e22", "leading zeros and an exponent"),
    "exponent-minus": ("1234567800000000000000000000e-27", "trailing zeros and an exponent"),
    "largest": ("3.4028234663852886e38", "the largest binary32"),
    "largest-short": ("3.4028235e38", "the largest binary32, in 8 digits"),
    "largest-below-halfway": ("3.4028235677973362e38", "the largest binary64 that rounds to it"),
    "threshold": ("4.440892098500626e-16", "2^-51"),
    "threshold-below": ("4.4408918e-16", "just below 2^-51: zero in the fingerprint"),
    "threshold-halfway": ("4.440891966151728e-16", "halfway below 2^-51: rounds to it"),
    "tiny": ("1e-30", "a tiny number: zero in the fingerprint"),
    "pi": ("3.14159265358979323846264338327950288", "pi in 36 digits"),
    "8388608.5": ("8388608.5", "2^23 and a half, halfway: to even"),
    "9007199254740993": ("9007199254740993", "2^53 + 1, halfway between two binary64"),
    "9007199791611904.5": ("9007199791611904.5", "just above 2^53 + 2^29, halfway between two binary32"),
}  # fmt: skip

INFINITE = {
    "short": "3.4028236e38",
    "halfway": "340282356779733661637539395458142568448",
    "rounds-to-halfway": "3.4028235677973366e38",
    "below-halfway": "340282356779733661637539395458142568447",  # a binary64 is the halfway itself
    "minus": "-3.4028236e38",
    "big": "1e300",
}

BASE64: dict[str, tuple[str, str]] = {
    "white": ("AAAA QA==", "a space"),
    "newline": ("AAAAQA==\n", "a line break at the end"),
    "url": ("AAAA-_==", "the alphabet for URLs"),
    "padding-missing": ("AAAAQA", "no padding"),
    "padding-short": ("AAAAQA=", "one sign of padding too few"),
    "padding-long": ("AAAAQA===", "one sign of padding too many"),
    "padding-alone": ("====", "padding alone"),
    "padding-inside": ("AA==AAAA", "padding inside"),
    "unused-bits": ("AAAAQB==", "an unused bit that is 1"),
    "unused-bits-2": ("AAAAQAB=", "an unused bit that is 1, with one sign of padding"),
    "one-letter": ("A", "one letter"),
    "five-letters": ("AAAAQ", "five letters"),
    "after-padding": ("AAAAQA==A", "a letter after the padding"),
    "sign": ("AAAA!A==", "a sign of no alphabet"),
    "letter": ("AAAAé===", "a letter beyond ASCII"),
    "nul": ("AAAA\0A==", "U+0000"),
    "percent": ("AAAAQA%3D%3D", "padding as in a URL"),
    "full-width": ("ＡAAAQA==", "a full-width letter"),
}


def net(data: Any, *, dtype: Any = "float32", shape: Any = None) -> dict[str, Any]:  # noqa: ANN401
    """The doubler with other tensor data."""
    sizes = [1, 1] if shape is None else shape
    return dense_net(tensors={"W": {"dtype": dtype, "shape": sizes, "data": data}})


def of_text(decimal: str) -> bytes:
    """The doubler with this decimal as its weight."""
    return json_bytes(dense_net()).replace(b"[2]", f"[{decimal}]".encode())


def encoded(*words: str) -> str:
    """Base64 of bytes given in hexadecimal."""
    return base64.b64encode(bytes.fromhex("".join(words))).decode()


def cases() -> Table:
    """Section 6."""
    table = Table(SECTION)
    decimals(table)
    base64_cases(table)
    float16(table)
    table.features = ["json"]
    shapes(table)
    kinds(table)
    not_finite(table)
    return table


def decimals(table: Table) -> None:
    """[tensor-2]."""
    for name, (text, what) in DECIMALS.items():
        table.row(
            f"decimal-{name}", what, "tensor-2 json-6", of_text(text),
            "a decimal that is rounded once, three times, or not to nearest even",
        )  # fmt: skip
    exponents = [
        f"{digits}e{exponent}"
        for exponent in range(-16, 39, 3)
        for digits in ("1.2345679", "9.8765432")
    ]
    values = ", ".join(exponents[:-1])
    count = len(exponents) - 1
    wide = json_bytes(
        dense_net(
            input={"kind": "features", "size": count}, tensors={"W": tensor([count, 1], [2.0])}
        )
    )
    table.row(
        "decimal-exponents", "exponents over the whole range", "tensor-2",
        wide.replace(b"[2]", f"[{values}]".encode()), "a table of powers of ten that is too short",
    )  # fmt: skip


def base64_cases(table: Table) -> None:
    """[tensor-1] and [tensor-3]."""
    for name, net_ in (
        ("plain", net("AAAAQA==")),
        ("plus-slash", net(encoded("fbefbe3f"))),
        ("escaped-slash", net(encoded("fffffe3f"))),
    ):
        data = json_bytes(net_)
        if name == "escaped-slash":
            data = data.replace(b"//", rb"\/\u002f")
        table.row(
            f"base64-{name}", "base64 as it should be", "tensor-1 tensor-3", data,
            "another byte order, or an alphabet that is not complete",
        )  # fmt: skip
    for count in (1, 2, 3):
        weights = [1.5, -2.25, 3.125][:count]
        table.row(
            f"base64-{count}", f"{4 * count} bytes of base64", "tensor-1 tensor-3",
            dense_net(
                input={"kind": "features", "size": count},
                tensors={"W": tensor([count, 1], weights, as_bytes=True)},
            ),
            "padding of one kind only",
        )  # fmt: skip
    table.features = ["json"]
    for name, (text, what) in BASE64.items():
        table.row(
            f"base64-{name}", what, "tensor-3", net(text),
            "a decoder that skips, repairs or accepts a second spelling", expect="STRUCTURE_BASE64",
        )  # fmt: skip
    table.row(
        "base64-empty", "no base64 at all: zero bytes", "tensor-3 agree-6", net(""),
        "an empty string taken for a fault of base64", expect="TENSOR_LENGTH",
    )  # fmt: skip
    table.row(
        "base64-and-more", "wrong base64, dtype and shape: each is reported", "tensor-3 doc-6",
        net("?", dtype="int4", shape=[0]), "a tensor that is judged for one member alone",
        expect=("STRUCTURE_BASE64", "STRUCTURE_ENUM", "STRUCTURE_RANGE"),
    )  # fmt: skip
    table.features = None


def float16(table: Table) -> None:
    """[tensor-6]: zeros, subnormals, and some of every exponent."""
    words = [
        sign << 15 | exponent << 10 | fraction
        for sign in (0, 1)
        for exponent in range(31)
        for fraction in (0, 1, 2, 511, 512, 1023)
    ]
    data = struct.pack(f"<{len(words)}H", *words)
    weights = {
        "dtype": "float16",
        "shape": [len(words), 1],
        "data": base64.b64encode(data).decode(),
    }
    wide = dense_net(input={"kind": "features", "size": len(words)}, tensors={"W": weights})
    table.row(
        "float16", f"{len(words)} values of float16, in JSON", "tensor-6 tensor-1", wide,
        "a subnormal or the exponent 0 widened wrongly",
    )  # fmt: skip
    table.row(
        "float16-msgpack", "the same in msgpack", "tensor-6 tensor-1", msgpack_bytes(wide),
        "a view of the bytes as float32",
    )  # fmt: skip
    odd = {"dtype": "float16", "shape": [3, 1], "data": encoded("003c", "00c0", "0100")}
    table.row(
        "float16-odd", "three values of float16: six bytes", "tensor-6 agree-6",
        dense_net(input={"kind": "features", "size": 3}, tensors={"W": odd}),
        "a length in words of four bytes",
    )  # fmt: skip


def shapes(table: Table) -> None:
    """The table of section 6."""
    rows: dict[str, tuple[Any, str, str]] = {
        "empty": ([], "no size", "STRUCTURE_LENGTH"),
        "four": ([1, 1, 1, 1], "four sizes", "STRUCTURE_LENGTH"),
        "four-wrong": ([0, None, -1, "a"], "four wrong sizes: the list alone", "STRUCTURE_LENGTH"),
        "zero": ([0, 1], "a size of 0", "STRUCTURE_RANGE"),
        "minus": ([-1, 1], "a size of −1", "STRUCTURE_RANGE"),
        "large": ([1, 2_147_483_648], "2^31", "STRUCTURE_RANGE"),
        "huge": ([1e300, 1], "1e300, an integer", "STRUCTURE_RANGE"),
        "fraction": ([1.5, 1], "a size of 1.5", "STRUCTURE_TYPE"),
        "true": ([True, 1], "true in the place of 1", "STRUCTURE_TYPE"),
        "string": (["1", 1], 'the string "1"', "STRUCTURE_TYPE"),
        "null": ([None, 1], "null", "STRUCTURE_TYPE"),
        "list": ([[1], 1], "a list", "STRUCTURE_TYPE"),
        "number": (1, "a number in the place of the list", "STRUCTURE_TYPE"),
    }
    for name, (shape, what, code) in rows.items():
        table.row(
            f"shape-{name}", what, "doc-3 doc-4", net([2.0], shape=shape),
            "a size that overflows, is converted, or is not looked at", expect=code,
        )  # fmt: skip
    table.row(
        "shape-several", "two wrong sizes: each is reported", "stage-3 doc-6", net([2.0], shape=[0, 1.5, "x"]),
        "a list that is judged up to its first fault", expect=("STRUCTURE_RANGE", "STRUCTURE_TYPE"),
    )  # fmt: skip
    lengths: dict[str, tuple[Any, str]] = {
        "short": ([], "no element for one"),
        "long": ([2.0, 3.0], "two elements for one"),
        "bytes-short": (encoded("000000"), "three bytes for four"),
        "bytes-long": (encoded("0000004000"), "five bytes for four"),
        "bytes-twice": (encoded("0000004000000040"), "eight bytes for four"),
    }
    for name, (data, what) in lengths.items():
        table.row(
            f"length-{name}", what, "agree-6", net(data),
            "a tensor that is filled up, cut, or read beyond its end", expect="TENSOR_LENGTH",
        )  # fmt: skip
    table.row(
        "length-huge", "one element for 8,192 times 16,384", "agree-6 stage-5",
        dense_net(tensors={"W": {"dtype": "float32", "shape": [8192, 16384], "data": [2.0]}}),
        "memory for elements that are not there", expect=("TENSOR_LENGTH", "TENSOR_SHAPE"),
    )  # fmt: skip


def kinds(table: Table) -> None:
    """[tensor-4] and dtypes."""
    for word in ("float64", "int4", "uint8", "Float32", "BFLOAT16", "<f4", ""):
        table.row(
            f"dtype-{word.replace('<', 'le-') or 'empty'}", f"the dtype {word!r}", "doc-4", net([2.0], dtype=word),
            "a dtype that this draft does not have", expect="STRUCTURE_ENUM",
        )  # fmt: skip
    elements: dict[str, Any] = {
        "null": None, "true": True, "string": "2", "list": [2.0], "object": {}, "nan-string": "NaN",
    }  # fmt: skip
    for name, value in elements.items():
        table.row(
            f"element-{name}", f"{name} among the elements", "tensor-4", net([2.0, value, 3.0]),
            "an element that is converted", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "element-first-only", "three elements that are no numbers: the first", "tensor-4",
        net([2.0, "x", None, True]), "one finding for each element", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.row(
        "element-and-overflow", "an element that is no number after one that overflows", "tensor-4 stage-1",
        of_text('1e39, "x"'), "an overflow that is reported too early", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    data: dict[str, Any] = {"null": None, "true": True, "number": 2, "object": {"0": 2}}
    for name, value in data.items():
        table.row(
            f"data-{name}", f"{name} as tensor data", "tensor-4", net(value),
            "data that are converted", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "float16-list", "a list with dtype float16", "agree-6", net([2.0], dtype="float16"),
        "a third rounding", expect="TENSOR_ENCODING",
    )  # fmt: skip
    table.row(
        "float16-list-long", "a list of the wrong length with dtype float16: one finding", "agree-6",
        net([2.0, 1e39], dtype="float16"), "two findings at one place", expect="TENSOR_ENCODING",
    )  # fmt: skip


def not_finite(table: Table) -> None:
    """[agree-6]."""
    for name, text in INFINITE.items():
        table.row(
            f"infinite-{name}", f"{text} as a weight", "agree-6 tensor-2", of_text(text),
            "a decimal that becomes infinite, or the largest number", expect="TENSOR_NONFINITE",
        )  # fmt: skip
    table.row(
        "infinite-and-long", "an element that overflows, and one too many", "agree-6", of_text("1e39, 1"),
        "a wrong order, or two findings", expect="TENSOR_LENGTH",
    )  # fmt: skip
    stored = {
        "float32-infinite": ("float32", "0000807f"),
        "float32-minus-infinite": ("float32", "000080ff"),
        "float32-nan": ("float32", "0000c07f"),
        "float32-signalling-nan": ("float32", "0100807f"),
        "float16-infinite": ("float16", "007c"),
        "float16-minus-infinite": ("float16", "00fc"),
        "float16-nan": ("float16", "017e"),
    }
    for name, (dtype, word) in stored.items():
        wrong = net(encoded(word), dtype=dtype)
        table.row(
            f"stored-{name}", f"{name.replace('-', ' ')} in base64", "agree-6 tensor-6", wrong,
            "weights that are not finite", expect="TENSOR_NONFINITE",
        )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "stored-msgpack-nan", "NaN in msgpack, as the last of three", "agree-6 tensor-6",
        msgpack_bytes(
            dense_net(
                input={"kind": "features", "size": 3},
                tensors={
                    "W": {"dtype": "float32", "shape": [3, 1], "data": encoded("0000803f", "0000803f", "0000c0ff")}
                },
            )
        ),
        "a check that ends too early", expect="TENSOR_NONFINITE",
    )  # fmt: skip
