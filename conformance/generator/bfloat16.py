"""[tensor-6]: bfloat16 is the upper half of a binary32. The values show in the fingerprint."""

import base64
import struct
from typing import Any

from conformance.generator.build import dense_net, json_bytes, msgpack_bytes
from conformance.generator.change import put
from conformance.generator.full_cells import elman_net
from conformance.generator.table import Table

SECTION = "bfloat16"
Json = dict[str, Any]


def halves(words: list[int]) -> Json:
    """A tensor of these 16 bits each."""
    data = base64.b64encode(struct.pack(f"<{len(words)}H", *words)).decode()
    return {"dtype": "bfloat16", "shape": [len(words), 1], "data": data}


def net(words: list[int]) -> Json:
    """A dense layer of one column with these weights."""
    size = {"kind": "features", "size": len(words)}
    return dense_net(input=size, tensors={"W": halves(words)})


def cases() -> Table:
    """Values, lengths, what is not finite."""
    table = Table(SECTION)
    sound(table)
    table.features = ["json"]
    faults(table)
    return table


def sound(table: Table) -> None:
    """Zeros, subnormals, and some of every exponent."""
    words = [
        sign << 15 | exponent << 7 | fraction
        for sign in (0, 1)
        for exponent in range(255)
        for fraction in (0, 1, 85, 127)
    ]
    table.row(
        "exponents", f"{len(words)} values of bfloat16, of every exponent", "tensor-6 tensor-1 digest-3", net(words),
        "halves read as binary16, or a subnormal widened wrongly",
    )  # fmt: skip
    few = [0x3F80, 0xC000, 0x0001, 0x8000, 0x7F7F, 0xFF7F, 0x2600, 0x25FF]
    table.row(
        "msgpack", "values of bfloat16 in msgpack", "tensor-6 tensor-1", msgpack_bytes(net(few)), "the lower half of a binary32, or big-endian bytes",
    )  # fmt: skip
    table.row(
        "few",
        "the same in JSON: the same digests",
        "tensor-6 digest-3",
        net(few),
        "an encoding that the digests see",
    )
    packed = b"".join(struct.pack("<I", word << 16) for word in few)
    wide = {"dtype": "float32", "shape": [len(few), 1], "data": base64.b64encode(packed).decode()}
    table.row(
        "few-float32", "the same in float32: the same digests", "tensor-6 digest-3",
        dense_net(input={"kind": "features", "size": len(few)}, tensors={"W": wide}), "a dtype that the digests see",
    )  # fmt: skip
    if (
        len({(case.expect["structure"], case.expect["fingerprint"]) for case in table.cases[-3:]})
        != 1
    ):
        raise ValueError("bfloat16: not the values of the float32 net")
    odd = net([0x3F80, 0x4000, 0x4040])
    table.row(
        "odd", "three values: six bytes", "tensor-6 agree-6", odd, "a length in words of four bytes"
    )
    table.row(
        "vector", "bfloat16 as h0 of a cell", "tensor-6 agree-5",
        put(put(elman_net(), ["layers", 0, "parameters", "h0"], "h0"), ["tensors", "h0"], halves([0x3F80]) | {"shape": [1]}),
        "a dtype for matrices alone",
    )  # fmt: skip


def faults(table: Table) -> None:
    """[agree-5] and [agree-6]."""
    for name, word in (
        ("infinite", 0x7F80),
        ("minus-infinite", 0xFF80),
        ("nan", 0x7FC0),
        ("nan-least", 0x7F81),
        ("nan-largest", 0xFFFF),
    ):
        table.row(
            name, f"the bits {word:04x} as the last of two", "agree-6 tensor-6", net([0x3F80, word]), "weights that are not finite",
            expect="TENSOR_NONFINITE",
        )  # fmt: skip
    base = net([0x3F80])
    for name, count in (("short", 1), ("long", 3), ("as-float32", 4), ("none", 0)):
        table.row(
            f"length-{name}", f"{count} bytes for one element", "agree-6", put(base, ["tensors", "W", "data"], base64.b64encode(bytes(count)).decode()),
            "a length in words of another dtype", expect="TENSOR_LENGTH",
        )  # fmt: skip
    table.row(
        "list", "bfloat16 as a list of decimals", "agree-6 tensor-4", put(base, ["tensors", "W", "data"], [1]), "a third rounding",
        expect="TENSOR_ENCODING",
    )  # fmt: skip
    example = {"kind": "exact", "input": "x", "output": "y"}
    tensors = dense_net()["tensors"] | {
        "x": halves([0x3F80]) | {"shape": [1, 1, 1]},
        "y": halves([0x4000]) | {"shape": [1, 1, 1]},
    }
    table.row(
        "example", "an example whose tensors are bfloat16: two findings", "agree-5", dense_net(examples=[example], tensors=tensors),
        "an example that is narrowed", expect="TENSOR_DTYPE",
    )  # fmt: skip
    table.row(
        "axis", "bfloat16 with an axis", "doc-2", json_bytes(put(base, ["tensors", "W", "axis"], 0)), "a member of another dtype",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
