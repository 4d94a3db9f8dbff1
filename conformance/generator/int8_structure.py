"""Section 6: the members `axis` and `scale`, and the rank of an int8 tensor; for `int8`."""

from collections.abc import Callable
from typing import Any

from conformance.generator.build import int8_tensor, msgpack_bytes, tensor
from conformance.generator.change import put, without
from conformance.generator.table import Table
from conformance.generator.write_msgpack import Raw

Json = dict[str, Any]
TENSOR: list[str | int] = ["tensors", "W"]


def structure(table: Table, net: Callable[[Json], Json]) -> None:
    """Presence, types, ranges, rank."""
    table.features = ["json"]
    base = net(int8_tensor([1, 2], [1, 1], [1.0, 2.0]))
    for member in ("axis", "scale"):
        table.row(
            f"without-{member}", f"int8 without {member}", "doc-2 tensor-8", without(base, f"tensors__W__{member}"),
            "a default for what a weight means", expect="STRUCTURE_MISSING",
        )  # fmt: skip
    for k, (value, code) in enumerate(
        ((2, "STRUCTURE_RANGE"), (-1, "STRUCTURE_RANGE"), (1e300, "STRUCTURE_RANGE"), (0.5, "STRUCTURE_TYPE"), (True, "STRUCTURE_TYPE"), (None, "STRUCTURE_TYPE"), ("1", "STRUCTURE_TYPE"), ([1], "STRUCTURE_TYPE"))
    ):  # fmt: skip
        table.row(
            f"axis-wrong-{k}", f"an axis of {value!r}", "doc-3 doc-4", put(base, [*TENSOR, "axis"], value),
            "an axis that is counted from the end, or guessed", expect=code,
        )  # fmt: skip
    scales: dict[str, tuple[Any, str]] = {
        "null": (None, "STRUCTURE_TYPE"), "number": (1, "STRUCTURE_TYPE"), "true": (True, "STRUCTURE_TYPE"), "object": ({}, "STRUCTURE_TYPE"),
        "of-null": ([1, None, "1"], "STRUCTURE_TYPE"), "of-true": ([True, 1], "STRUCTURE_TYPE"), "of-list": ([[1, 1]], "STRUCTURE_TYPE"),
        "not-base64": ("AAAAQA", "STRUCTURE_BASE64"), "unused-bits": ("AAAAQB==", "STRUCTURE_BASE64"),
    }  # fmt: skip
    for name, (value, code) in scales.items():
        table.row(
            f"scale-{name}", f"a scale that is {name.replace('-', ' ')}", "tensor-3 tensor-4 tensor-8", put(base, [*TENSOR, "scale"], value),
            "one scale for all, or a list of which each wrong element is reported", expect=code,
        )  # fmt: skip
    table.row(
        "everything-wrong", "wrong base64 as scale and as data, and a wrong axis: three findings", "tensor-3 doc-6 stage-3",
        put(base, TENSOR, {"dtype": "int8", "shape": [1, 2], "axis": 3, "scale": "?", "data": "?"}), "a tensor that is judged for one member alone",
        expect=("STRUCTURE_BASE64", "STRUCTURE_RANGE"),
    )  # fmt: skip
    for dtype in ("float32", "float16", "bfloat16"):
        entry = {"dtype": dtype, "shape": [1, 2], "axis": 7, "scale": None, "data": ""}
        table.row(
            f"other-{dtype}", f"axis and scale in a tensor {dtype}, both wrong: two findings", "doc-2 doc-6", put(base, TENSOR, entry),
            "members that are ignored, or judged twice", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    unknown = int8_tensor([1, 2], [1, 1], [1.0, 2.0]) | {"dtype": "int4"}
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "present": (unknown, "axis and scale: their presence is not judged", "STRUCTURE_ENUM"),
        "absent": (tensor([2], [1.0, 2.0]) | {"dtype": "int4"}, "neither axis nor scale, and rank 1", "STRUCTURE_ENUM"),
        "wrong": (unknown | {"axis": 2, "scale": [None]}, "wrong ones are judged for what they are", ("STRUCTURE_ENUM", "STRUCTURE_RANGE", "STRUCTURE_TYPE")),
        "rank": (unknown | {"shape": [1, 2, 1]}, "three sizes", "STRUCTURE_ENUM"),
        "missing": ({name: part for name, part in unknown.items() if name != "dtype"}, "no dtype at all", "STRUCTURE_MISSING"),
        "null": (unknown | {"dtype": None, "shape": [3]}, "a dtype of null, and rank 1", "STRUCTURE_TYPE"),
    }  # fmt: skip
    for name, (entry, what, codes) in rows.items():
        table.row(
            f"unknown-dtype-{name}", f"an unknown dtype: {what}", "doc-6", put(base, TENSOR, entry), "a presence or a rank that is judged without a dtype",
            expect=codes,
        )  # fmt: skip
    ranks: dict[str, tuple[list[Any], str]] = {
        "1": ([2], "one size"), "3": ([1, 2, 1], "three sizes"), "1-wrong": ([0], "one wrong size: the list alone"),
        "3-large": ([2**31 - 1, 2**31 - 1, 2], "three sizes whose product is too large: the list alone"), "0": ([], "no size"),
        "4": ([1, 1, 1, 2], "four sizes: one finding"),
    }  # fmt: skip
    for name, (shape, what) in ranks.items():
        table.row(
            f"rank-{name}", f"int8 with {what}", "tensor-8 doc-4 doc-6", put(base, [*TENSOR, "shape"], shape),
            "a vector that is quantised", expect="STRUCTURE_LENGTH",
        )  # fmt: skip
    table.features = ["msgpack"]
    wrong: dict[str, tuple[bytes, str]] = {
        "list": (b"\x92\x01\x01", "an array"), "string": (b"\xa4AAAA", "a str"), "number": (b"\x01", "a number"),
    }  # fmt: skip
    for name, (raw, what) in wrong.items():
        table.row(
            f"scale-msgpack-{name}", f"a scale that is {what} in msgpack", "tensor-4 tensor-8", msgpack_bytes(put(base, [*TENSOR, "scale"], Raw(raw))),
            "a scale that is read as in JSON", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "axis-msgpack-bytes", "an axis of bytes", "doc-3", msgpack_bytes(put(base, [*TENSOR, "axis"], Raw(b"\xc4\x01\x01"))), "bytes that are a number",
        expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.features = None
