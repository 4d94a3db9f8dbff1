"""[tensor-8] and what [agree-6] says of int8: scales, axes, elements, and what is left unjudged."""

import base64
import math
import struct
from typing import Any

from conformance.generator.build import (
    dense_net,
    int8_tensor,
    msgpack_bytes,
    tensor,
    validate_case,
)
from conformance.generator.change import put
from conformance.generator.int8_structure import structure
from conformance.generator.table import Table
from conformance.generator.wired import layer, of_tokens
from conformance.generator.write_json import tight_bytes
from conformance.generator.write_msgpack import Raw
from conformance.oracle.float32 import bits, f32, from_bits, mul

SECTION = "int8"
Json = dict[str, Any]
LEAST = 2.0**-126
CATCHES = "a product that is not rounded once, or a scale of the wrong row"


def net(entry: Json, inputs: int | None = None) -> Json:
    """A dense layer with this W."""
    rows, columns = entry["shape"] if len(entry["shape"]) == 2 else (1, 1)
    layers = [{"name": "d", "type": "dense", "size": columns, "parameters": {"W": "W"}}]
    return dense_net(
        input={"kind": "features", "size": inputs or rows}, layers=layers, tensors={"W": entry}
    )


def words(*given: str) -> str:
    """Base64 of binary32 by their bits."""
    return base64.b64encode(b"".join(bytes.fromhex(word)[::-1] for word in given)).decode()


def cases() -> Table:
    """What is sound, structure, agreement."""
    table = Table(SECTION)
    sound(table)
    structure(table, net)
    scales(table)
    elements(table)
    several(table)
    elsewhere(table)
    return table


def sound(table: Table) -> None:
    """The values show in the fingerprint: it is that of a float32 tensor of the products."""
    q = [1, -1, 127, -127, 0, 55]
    scales = {0: [f32(0.1), f32(-0.7) * -1], 1: [f32(0.1), 3.0, f32(1e-3)]}
    for axis, scale in scales.items():
        for name, given in (
            ("list", scale),
            ("base64", words(*(struct.pack(">f", s).hex() for s in scale))),
        ):
            table.both(
                f"axis-{axis}-{name}", f"a scale for each {'column' if axis else 'row'}, as {name}", "tensor-8 tensor-1 digest-3",
                net(int8_tensor([2, 3], q, given, axis)), CATCHES,
            )  # fmt: skip
            widened = [mul(scale[k % 3 if axis else k // 3], float(v)) for k, v in enumerate(q)]
            same_values(table, tensor([2, 3], widened))
    every = [k - 127 for k in range(255)]
    odd = f32(0.1234567)
    table.row(
        "every-q", "every integer from −127 to 127 with a scale of 24 digits", "tensor-8", net(int8_tensor([255, 1], every, [odd])), CATCHES,
    )  # fmt: skip
    same_values(table, tensor([255, 1], [mul(odd, float(v)) for v in every]))
    tiny = [LEAST, 2.0**-51, 2.0**-52, 2.0**-51 * (1 - 2.0**-24)]
    flushed = int8_tensor([2, 4], [1, 1, 1, 1, 127, -1, 2, 2], tiny)
    table.row(
        "tiny", "the least scale, and scales about 2^-51: T comes after the product", "tensor-8 tiny-2", net(flushed),
        "T on the scale, or none on the value",
    )  # fmt: skip
    same_values(
        table,
        tensor([2, 4], [0.0, 2.0**-51, 0.0, 0.0, 0.0, -(2.0**-51), 2.0**-51, mul(2.0, tiny[3])]),
    )
    table.row(
        "zeros", "q of 0 with any scale: +0", "tensor-8", net(int8_tensor([1, 2], [0, 0], [f32(3e38), LEAST])), "a zero with a sign",
    )  # fmt: skip
    exact = net(int8_tensor([2, 1], [2, -3], [0.5]))
    table.row("exact", "a quantised net", "tensor-8 digest-3", exact, CATCHES)
    same_values(table, tensor([2, 1], [1.0, -1.5]))
    table.both(
        "spellings", "axis 1.0, and a scale in long decimals", "tensor-8 tensor-2 json-6",
        net(int8_tensor([1, 1], [3], [1388.0348510742187], 1.0)), "an axis told by its spelling",
    )  # fmt: skip


def same_values(table: Table, entry: Json) -> None:
    """The last case has both digests of the net with these values in float32."""
    other = validate_case("int8/other", "", ["tensor-8"], "", net(entry))
    if other.expect != table.cases[-1].expect:
        raise ValueError(f"{table.cases[-1].id}: not the values of the float32 net")


def scales(table: Table) -> None:
    """`TENSOR_SCALE` and `TENSOR_LENGTH` at the scale."""
    # 2^-126 less half of what lies below it: halfway, to even, up.
    halfway = 2.0**-126 - 2.0**-150
    table.features = None
    inside: dict[str, Any] = {"least": LEAST, "largest": f32(3.4028235e38)}
    for name, value in inside.items():
        table.row(
            f"scale-{name}", f"a scale of {value}", "agree-6 tensor-8", net(int8_tensor([1, 1], [1], [value])), "a bound that is taken for outside",
        )  # fmt: skip
    raw = net(int8_tensor([1, 1], [1], [777.0]))
    for name, text, code in (
        ("halfway", repr(halfway), ""), ("below-halfway", repr(math.nextafter(halfway, 0)), "TENSOR_SCALE"),
        ("infinite", "3.4028235677973366e38", "TENSOR_SCALE"), ("double", "1e300", "TENSOR_SCALE"),
        ("subnormal", "1e-40", "TENSOR_SCALE"), ("underflow", "1e-400", "TENSOR_SCALE"), ("zero", "0", "TENSOR_SCALE"),
        ("minus", "-0.5", "TENSOR_SCALE"), ("minus-zero", "-0", "TENSOR_SCALE"), ("minus-least", "-1.1754943508222875e-38", "TENSOR_SCALE"),
    ):  # fmt: skip
        table.features = ["json"] if code else None
        table.row(
            f"scale-decimal-{name}", f"a scale of {text}", "agree-6 tensor-2 tensor-8", tight_bytes(raw).replace(b"777", text.encode()),
            "a scale that is judged before it is a binary32, or by its sign alone", expect=code,
        )  # fmt: skip
    table.features = ["json"]
    stored = {
        "zero": "00000000", "minus-zero": "80000000", "subnormal": "007fffff", "minus": "bf800000", "infinite": "7f800000",
        "nan": "7fc00000", "minus-nan": "ffc00000",
    }  # fmt: skip
    for name, word in stored.items():
        table.row(
            f"scale-stored-{name}", f"a scale of {word} as the last of two", "agree-6 tensor-8",
            net(int8_tensor([1, 2], [1, 1], words("3f800000", word))), "a scale that a comparison with NaN lets through",
            expect="TENSOR_SCALE",
        )  # fmt: skip
    table.features = ["msgpack"]
    for name, word in (("subnormal", "007fffff"), ("nan", "7f800001")):
        table.row(
            f"scale-msgpack-{name}", f"a scale of {word} in msgpack", "agree-6 tensor-8",
            msgpack_bytes(net(int8_tensor([1, 2], [1, 1], words(word, "3f800000")))), "a scale that is not looked at", expect="TENSOR_SCALE",
        )  # fmt: skip
    table.features = ["json"]
    lengths: dict[str, tuple[Any, int, str]] = {
        "none": ([], 1, "no scale"), "short": ([1.0, 1.0], 1, "two scales for three columns"), "long": ([1.0] * 4, 1, "four scales for three columns"),
        "other-axis": ([1.0, 1.0], 1, "a scale for each row where the axis is 1"), "other-axis-0": ([1.0] * 3, 0, "a scale for each column where the axis is 0"),
        "all": ([1.0] * 6, 1, "a scale for each element"), "one": ([1.0], 0, "one scale for all"),
        "bytes": (base64.b64encode(b"\0\0\x80?" * 2 + b"\0\0\x80").decode(), 1, "eleven bytes for three scales"),
        "bytes-more": (base64.b64encode(b"\0\0\x80?" * 3 + b"\0").decode(), 1, "thirteen bytes for three scales"),
        "bytes-none": ("", 1, "no bytes"),
    }  # fmt: skip
    for name, (scale, axis, what) in lengths.items():
        table.row(
            f"scale-length-{name}", what, "agree-6 tensor-8", net(int8_tensor([2, 3], [1] * 6, scale, axis)),
            "a scale that is repeated, cut, or read beyond its end", expect="TENSOR_LENGTH",
        )  # fmt: skip
    table.features = None


def elements(table: Table) -> None:
    """The data: their number, −128, and values that are infinite."""
    one = [0.5, 0.25]
    table.features = ["json"]
    for name, count in (("none", 0), ("short", 3), ("long", 5), ("as-float32", 16)):
        table.row(
            f"data-{name}", f"{count} bytes for four elements", "agree-6 tensor-1", net(int8_tensor([2, 2], [0] * 4, one) | {"data": base64.b64encode(bytes(count)).decode()}),
            "a length in words of another dtype", expect="TENSOR_LENGTH",
        )  # fmt: skip
    table.row(
        "data-list", "int8 as a list of integers", "agree-6 tensor-4", net(int8_tensor([2, 2], [0] * 4, one) | {"data": [1, 2, 3, 4]}),
        "integers that are read as they stand", expect="TENSOR_ENCODING",
    )  # fmt: skip
    for k in range(4):
        q = [0] * 4
        q[k] = -128
        if k in (0, 3):
            table.both(
                f"quantum-{k}", f"element {k} is −128", "agree-6 tensor-8", net(int8_tensor([2, 2], q, one)),
                "a range that is not symmetric", expect="TENSOR_QUANTUM",
            )  # fmt: skip
    # 127 × the larger rounds to infinity, 127 × the smaller does not.
    low = from_bits(bits(f32(math.nextafter(2.0**128, 0) / 127)) - 2)
    while math.isfinite(mul(from_bits(bits(low) + 1), 127.0)):
        low = from_bits(bits(low) + 1)
    high = from_bits(bits(low) + 1)
    rows: tuple[tuple[str, float, int, str], ...] = (
        ("largest", low, 127, ""), ("beyond", high, 127, "TENSOR_NONFINITE"), ("minus", high, -127, "TENSOR_NONFINITE"),
        ("two", f32(3e38), 2, "TENSOR_NONFINITE"), ("one", f32(3e38), -1, ""),
    )  # fmt: skip
    for name, scale, times, code in rows:
        table.features = ["json"] if code else None
        table.row(
            f"value-{name}", f"{times} × {scale}", "agree-6 tensor-8", net(int8_tensor([1, 2], [1, times], [1.0, scale])),
            "a product that becomes infinite unseen, or a bound that is one off", expect=code,
        )  # fmt: skip
    table.features = ["json"]
    table.row(
        "value-axis-0", "an infinite value by a scale of its row", "agree-6 tensor-8",
        net(int8_tensor([2, 2], [1, 1, 1, 2], [1.0, f32(3e38)], 0)), "a scale of the column", expect="TENSOR_NONFINITE",
    )  # fmt: skip
    table.features = None


def several(table: Table) -> None:
    """[agree-6]: the scale before the data; then only the values are not judged."""
    large = f32(3e38)
    table.features = ["json"]
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "scale-and-quantum": (int8_tensor([1, 2], [-128, 1], [0.0, 1.0]), "a scale of 0 and −128: both", ("TENSOR_SCALE", "TENSOR_QUANTUM")),
        "length-and-quantum": (int8_tensor([1, 2], [-128, 1], [1.0]), "too few scales and −128: both", ("TENSOR_LENGTH", "TENSOR_QUANTUM")),
        "both-lengths": (int8_tensor([1, 2], [1], [1.0]), "too few scales and too few elements: two findings", "TENSOR_LENGTH"),
        "scale-and-length": (int8_tensor([1, 2], [1], [1.0, -1.0]), "a scale below 0 and too few elements: both", ("TENSOR_LENGTH", "TENSOR_SCALE")),
        "scale-and-encoding": (int8_tensor([1, 2], [1, 1], [1.0, -1.0]) | {"data": [1, 1]}, "a scale below 0 and a list: both", ("TENSOR_ENCODING", "TENSOR_SCALE")),
        "scale-and-value": (int8_tensor([1, 2], [2, 1], [large, 0.0]), "a scale of 0 and an infinite value: the scale alone", "TENSOR_SCALE"),
        "length-and-value": (int8_tensor([1, 2], [2, 1], [large]), "too few scales and an infinite value: the length alone", "TENSOR_LENGTH"),
        "quantum-and-value": (int8_tensor([1, 2], [2, -128], [large, 1.0]), "−128 and an infinite value: −128 alone", "TENSOR_QUANTUM"),
        "data-length-and-quantum": (int8_tensor([1, 2], [1, 1, -128], [1.0, 1.0]), "too many elements, one −128: the length alone", "TENSOR_LENGTH"),
        "list-and-quantum": (int8_tensor([1, 2], [1, 1], [1.0, 1.0]) | {"data": [-128]}, "a short list with −128: that it is a list", "TENSOR_ENCODING"),
        "scale-length-and-scale": (int8_tensor([1, 2], [1, 1], [0.0]), "too few scales, one of 0: the length alone", "TENSOR_LENGTH"),
    }  # fmt: skip
    for name, (entry, what, codes) in rows.items():
        table.row(
            f"several-{name}",
            what,
            "agree-6",
            net(entry),
            "a check that silences another, or does not",
            expect=codes,
        )
    table.features = None


def elsewhere(table: Table) -> None:
    """Where a tensor int8 may stand, and where not."""
    entry = int8_tensor([3, 2], [1, -2, 3, -4, 5, -6], [0.5, 0.25, 2.0], 0)
    table.both(
        "embedding", "an embedding with a scale for each token", "tensor-8 agree-5",
        put(of_tokens(layer("e", "embedding", size=2)), ["tensors", "e.E"], entry), "rows taken for columns",
    )  # fmt: skip
    table.features = ["json"]
    wrong = put(
        of_tokens(layer("e", "embedding", size=2)),
        ["tensors", "e.E"],
        int8_tensor([2, 3], [1] * 6, [1.0] * 3),
    )
    table.row(
        "shape",
        "an int8 tensor of the wrong shape",
        "agree-5",
        wrong,
        "a shape that is not compared",
        expect="TENSOR_SHAPE",
    )
    example = dense_net(
        examples=[{"kind": "exact", "input": "x", "output": "y"}],
        tensors=dense_net()["tensors"] | {"x": tensor([1, 1, 1], [1.0]), "y": int8_tensor([1, 2], [1, 1], [1.0, 1.0])},
    )  # fmt: skip
    table.row(
        "example", "an example's output as int8", "agree-5", example, "an example that is quantised",
        expect=("TENSOR_DTYPE", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "elements", "an int8 tensor of 2^28 elements", "tensor-5", net(int8_tensor([16_384, 16_384], [], []), inputs=1),
        "a limit in bytes", expect="LIMIT_ELEMENTS",
    )  # fmt: skip
    table.features = None
    # A scale is tensor data, by its path alone.
    wide = net(int8_tensor([1, 40], [1] * 40, [1.0] * 40))
    for name, limits, codes in (
        ("values", {"values": 32}, ""),
        ("values-less", {"values": 20}, "LIMIT_VALUES"),
    ):
        table.features = ["json"] if codes else None
        table.row(
            f"limit-{name}", f"a scale of 40 elements and the limit `values` at {limits['values']}", "json-12 limit-1", wide,
            "elements of a scale that count as values", limits=limits, expect=codes,
        )  # fmt: skip
    text = net(int8_tensor([1, 40], [1] * 40, words(*["3f800000"] * 40)))
    table.features = None
    table.row(
        "limit-string", "a scale of 216 letters and the limit `string` at 100", "json-9 limit-1", text,
        "a scale that is taken for a text", limits={"string": 100},
    )  # fmt: skip
    table.features = ["json"]
    nested = put(
        put(text, ["tensors", "W", "scale"], [[1.0] * 30] * 2), ["tensors", "W", "data"], ""
    )
    table.row(
        "limit-nested", "lists in a scale: what is in its elements counts", "json-12", nested, "an exemption for all that is below",
        limits={"values": 60}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "limit-metadata", "a scale in the metadata: no tensor data", "json-12",
        put(dense_net(), ["metadata"], {"tensors": {"W": {"scale": [0] * 30}}}), "an exemption by the name alone",
        limits={"values": 40}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "limit-float32", "a scale where none may stand: tensor data all the same", "json-12 doc-2",
        put(dense_net(), ["tensors", "W", "scale"], [0] * 100), "an exemption that hangs on the dtype", limits={"values": 40},
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "limit-msgpack", "a scale as an array in msgpack counts, element by element", "msgpack-8",
        msgpack_bytes(put(net(int8_tensor([1, 1], [1], [1.0])), ["tensors", "W", "scale"], Raw(b"\xdc\x00\x40" + b"\x01" * 64))),
        "an exemption of JSON in msgpack", limits={"values": 60}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.features = None
