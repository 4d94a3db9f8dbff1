"""Saved states that are refused, in every stage; the section is in `saved_state`."""

from typing import Any

from conformance.case import Document
from conformance.generator.build import dense_net, json_bytes, lstm_net, msgpack_bytes, tensor
from conformance.generator.change import changed, put, without
from conformance.generator.saved_state_rows import Saved, one_layer, saved
from conformance.generator.write_msgpack import Raw

BASE = saved({"memory": ["h", "c"]}, structure="0123456789abcdef" * 4)
BAD_NAMES = (
    "", "1a", "_a", "a b", "a/b", "a~", "é", "a\n", "__proto__", "a" * 129,
)  # fmt: skip


def faults(table: Saved) -> None:
    """One stage after the other."""
    early(table)
    structure(table)
    tensors(table)
    agreement(table)


def early(table: Saved) -> None:
    """Bytes, syntax, limits, version."""
    data = json_bytes(BASE)
    for name, source, code, what in (
        ("empty", b"", "BYTES_EMPTY", "no bytes"),
        ("foreign", b"PK\x03\x04" + data, "BYTES_FOREIGN", "a zip"),
        ("bom", b"\xef\xbb\xbf" + data, "BYTES_BOM", "a byte order mark"),
        ("utf8", data.replace(b"memory", b"memor\xff", 1), "BYTES_UTF8", "a byte that is no UTF-8"),
        ("end", data[:-3], "SYNTAX_END", "a text without its end"),
        ("trailing", data + b"1", "SYNTAX_TRAILING", "a byte after the end"),
        ("duplicate", data.replace(b'"c":', b'"h":', 1), "SYNTAX_DUPLICATE_KEY", "h twice"),
        ("msgpack-end", msgpack_bytes(BASE)[:-1], "SYNTAX_END", "msgpack without its last byte"),
        (
            "msgpack-trailing",
            msgpack_bytes(BASE) + b"\xc0",
            "SYNTAX_TRAILING",
            "a byte after the end of msgpack",
        ),
    ):
        table.row(
            f"fault-{name}", what, "saved-1 stage-1 stage-2", source, "a reader of states with rules of its own",
            expect=code,
        )  # fmt: skip
    limits: dict[str, tuple[int, str]] = {
        "size": (len(data) - 1, "LIMIT_SIZE"), "depth": (2, "LIMIT_DEPTH"), "string": (10, "LIMIT_STRING"),
        "members": (3, "LIMIT_MEMBERS"), "values": (5, "LIMIT_VALUES"), "elements": (1, "LIMIT_ELEMENTS"),
    }  # fmt: skip
    for name, (limit, code) in limits.items():
        table.row(
            f"fault-limit-{name}", f"the limit `{name}` at {limit}", "saved-1 limit-1", data,
            "limits that hold for models only", limits={name: limit}, expect=code,
        )  # fmt: skip
    table.row(
        "limit-layers", "three layers and the limit `layers` at 1: it is about the layers of models", "saved-1 doc-7",
        saved({"one": ["h"], "two": ["h"], "three": ["h"]}), "a limit that is applied to a state", limits={"layers": 1},
    )  # fmt: skip
    for version, code in (
        ("1.0-draft.1", "VERSION_UNSUPPORTED"), ("1.0-draft.2", "VERSION_UNSUPPORTED"), ("1.0", "VERSION_UNSUPPORTED"),
        ("1.0.0", "VERSION_MALFORMED"), (1, "VERSION_MALFORMED"), (None, "VERSION_MALFORMED"),
    ):  # fmt: skip
        table.row(
            f"fault-version-{version}".lower(), f"the version {version!r}, and nothing else right", "saved-1 version-1 version-2",
            changed(BASE, rnnspec=version, state=1, tensors=2), "a state of another version that is read all the same",
            expect=code,
        )  # fmt: skip
    table.row(
        "fault-version-missing", "no version", "saved-1 version-1", without(BASE, "rnnspec"),
        "a version that is taken for granted", expect="VERSION_MISSING",
    )  # fmt: skip


def structure(table: Saved) -> None:
    """[saved-1]."""
    for member in ("state", "tensors"):
        table.both(
            f"missing-{member}", f"no `{member}`", "saved-1 doc-2", without(BASE, member),
            "a member that is taken for optional", expect="STRUCTURE_MISSING",
        )  # fmt: skip
    table.both(
        "model", "a model in the place of a state", "saved-1 doc-2", lstm_net(), "a file that is taken for what it is not",
        expect=("STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY"),
    )  # fmt: skip
    table.both(
        "unknown", "members of models, and extensions, at the top", "saved-1 doc-2",
        changed(BASE, name="n", layers=[], examples=[], extensions={}, extensions_required=["ACME_x"], extra=1),
        "a member that is ignored, or an extension that is judged where there can be none", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    for name, value in (
        ("null", None),
        ("true", True),
        ("number", 1),
        ("string", "x"),
        ("list", []),
        ("object", {}),
    ):
        broken: dict[str, Any] = dict(BASE)
        for member in ("$schema", "metadata", "structure", "state", "tensors"):
            right = (
                name == "object" if member in ("metadata", "state", "tensors") else name == "string"
            )
            if not right:
                broken[member] = value
        table.row(
            f"type-{name}", f"members that can't be of the type {name}", "saved-1 doc-3 stage-3", broken,
            "a value of another type", expect="STRUCTURE_TYPE",
        )  # fmt: skip
        if name in ("null", "string", "list"):
            table.row(
                f"type-layer-{name}", f"a layer's arrays are {value!r}", "saved-1 doc-3", put(BASE, ["state", "memory"], value),
                "a value of another type", expect="STRUCTURE_TYPE",
            )  # fmt: skip
        if name in ("null", "number", "object"):
            table.row(
                f"type-array-{name}", f"h and c are {value!r}", "saved-1 doc-3",
                put(BASE, ["state", "memory"], {"h": value, "c": value}), "a value of another type", expect="STRUCTURE_TYPE",
            )  # fmt: skip
    for name, text in {
        "short": "0" * 63, "long": "0" * 65, "empty": "", "capital": "A" * 64, "letter": "g" * 64,
        "newline": "0" * 64 + "\n", "prefix": "sha256:" + "0" * 57, "full-width": "０" * 64, "hex": "0x" + "0" * 62,
    }.items():  # fmt: skip
        table.row(
            f"structure-{name}", f"a structure digest: {name.replace('-', ' ')}", "saved-1",
            put(BASE, ["structure"], text), "a digest that is none", expect="STRUCTURE_ENUM",
        )  # fmt: skip
    table.both(
        "names", "layers with names that are not allowed, one with a fault of its own", "saved-1 doc-5 stage-3",
        put(BASE, ["state"], {name: {"h": "x"} for name in BAD_NAMES} | {"a b": {}}),
        "another grammar of names, or a layer that is not judged for its name",
        expect=("STRUCTURE_NAME", "STRUCTURE_MISSING"),
    )  # fmt: skip
    for name, arrays, codes in (
        ("without-h", {"c": "memory.c"}, "STRUCTURE_MISSING"),
        ("none", {}, "STRUCTURE_MISSING"),
        ("more", {"h": "memory.h", "c": "memory.c", "x": "x"}, "STRUCTURE_UNKNOWN_KEY"),
        (
            "capital",
            {"H": "memory.h", "C": "memory.c"},
            ("STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY"),
        ),
    ):
        table.row(
            f"arrays-{name}", f"a layer with the arrays {', '.join(arrays) or 'of none'}", "saved-1 doc-2",
            put(BASE, ["state", "memory"], arrays), "an array that is ignored or made up", expect=codes,
        )  # fmt: skip
    table.row(
        "bytes-metadata", "bytes in the metadata", "saved-1 doc-3", msgpack_bytes(put(BASE, ["metadata"], {"a": [Raw(b"\xc4\x01x")]})),
        "bytes that become a string", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.row(
        "bytes-structure", "bytes as the structure digest", "saved-1 doc-3",
        msgpack_bytes(put(BASE, ["structure"], Raw(b"\xc4\x20" + b"0" * 32))), "bytes that become a string", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.row(
        "stage-structure-first", "a fault of structure and one of agreement", "saved-1 stage-1",
        put(changed(BASE, extra=1), ["state", "memory", "h"], "nothing"), "findings of a later stage",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "large", "a state of 70,000 elements", "saved-1 json-12",
        Document.of_pieces(
            ('{"rnnspec":"1.0-draft.3","state":{"a":{"h":"a"}},"tensors":{"a":{"dtype":"float32","shape":[1,70000],"data":[', 1),
            ("0,", 69_999), ("0,0]}}}", 1),
        ),
        "tensor data of a state that count as values", limits={"values": 20}, expect="TENSOR_LENGTH",
    )  # fmt: skip


def tensors(table: Saved) -> None:
    """[saved-1] by section 6, and [agree-6]."""
    rows: dict[str, tuple[dict[str, Any], str, str | tuple[str, ...]]] = {
        "dtype": ({"dtype": "float64", "shape": [1, 2], "data": [1, 2]}, "a dtype that is not known", "STRUCTURE_ENUM"),
        "shape-empty": ({"dtype": "float32", "shape": [], "data": [1]}, "an empty shape", "STRUCTURE_LENGTH"),
        "shape-four": ({"dtype": "float32", "shape": [1, 1, 1, 2], "data": [1, 2]}, "a shape of rank 4", "STRUCTURE_LENGTH"),
        "shape-zero": ({"dtype": "float32", "shape": [0, 2], "data": []}, "no rows", "STRUCTURE_RANGE"),
        "shape-fraction": ({"dtype": "float32", "shape": [1.5, 2], "data": [1, 2]}, "a row and a half", "STRUCTURE_TYPE"),
        "data-null": ({"dtype": "float32", "shape": [1, 2], "data": [None, 1]}, "null among the data", "STRUCTURE_TYPE"),
        "base64": ({"dtype": "float32", "shape": [1, 2], "data": "AAAAAAAAAAA"}, "base64 without padding", "STRUCTURE_BASE64"),
        "short": ({"dtype": "float32", "shape": [1, 2], "data": [1]}, "too few elements", "TENSOR_LENGTH"),
        "long": ({"dtype": "float32", "shape": [1, 2], "data": [1, 2, 3]}, "too many elements", "TENSOR_LENGTH"),
        "infinite": ({"dtype": "float32", "shape": [1, 2], "data": [1, 1e39]}, "an element that becomes infinite", "TENSOR_NONFINITE"),
        "nan": ({"dtype": "float32", "shape": [1, 2], "data": "AADAfwAAgD8="}, "a NaN", "TENSOR_NONFINITE"),
        "encoding": ({"dtype": "float16", "shape": [1, 2], "data": [1, 2]}, "float16 as decimals", ("TENSOR_ENCODING", "TENSOR_DTYPE")),
        "extensions": (tensor([1, 2], [1, 2]) | {"extensions": {"no": 1}}, "an extension with a wrong name", "STRUCTURE_NAME"),
        "unknown": (tensor([1, 2], [1, 2]) | {"scale": 1}, "an unknown member", "STRUCTURE_UNKNOWN_KEY"),
    }  # fmt: skip
    for name, (entry, what, codes) in rows.items():
        table.row(
            f"tensor-{name}", what, "saved-1 saved-2 agree-6", one_layer({"h": entry}), "a tensor that is judged less strictly in a state",
            expect=codes,
        )  # fmt: skip
    table.row(
        "tensor-names", "tensors with names that are not allowed", "saved-1 doc-5",
        put(BASE, ["tensors"], {name: tensor([1, 1], [0.0]) for name in BAD_NAMES}), "another grammar of names",
        expect="STRUCTURE_NAME",
    )  # fmt: skip
    data = msgpack_bytes(one_layer({"h": tensor([1, 2], [1.0, float("inf")])}))
    table.row(
        "tensor-infinite-msgpack", "an infinite element in msgpack", "saved-2 agree-6", data, "an element that is not looked at",
        expect="TENSOR_NONFINITE",
    )  # fmt: skip


def agreement(table: Saved) -> None:
    """[saved-2]."""
    two, three = tensor([2, 2], [0.5] * 4), tensor([3, 2], [0.5] * 6)
    flat, deep = tensor([2], [0.5] * 2), tensor([2, 1, 2], [0.5] * 4)
    half = tensor([2, 2], [0.5] * 4, "float16")
    rows: dict[str, tuple[dict[str, Any], str, str | tuple[str, ...]]] = {
        "unknown": (put(BASE, ["state", "memory", "c"], "memory.C"), "a tensor that is not there", ("TENSOR_UNKNOWN", "TENSOR_UNUSED")),
        "unused": (put(BASE, ["tensors", "extra"], tensor([7], [0.0] * 7)), "a tensor that nothing names: its shape is not judged", "TENSOR_UNUSED"),
        "all-unused": (put(BASE, ["state"], {}), "an empty state, and tensors", "TENSOR_UNUSED"),
        "reused": (without(put(BASE, ["state", "memory", "c"], "memory.h"), "tensors__memory.c"), "one tensor for h and c", "TENSOR_REUSED"),
        "reused-c-first": (
            {**BASE, "state": {"memory": {"c": "memory.h", "h": "memory.h"}}, "tensors": {"memory.h": two}},
            "one tensor for c and h, c first in the file: h comes before c all the same", "TENSOR_REUSED",
        ),
        "reused-layers": (
            {**BASE, "state": {"b": {"h": "x"}, "a": {"h": "x"}}, "tensors": {"x": two}},
            "one tensor for two layers: the later in the file", "TENSOR_REUSED",
        ),
        "reused-wrong": (
            {**BASE, "state": {"b": {"h": "y"}, "a": {"h": "x", "c": "x"}}, "tensors": {"x": half, "y": three}},
            "a repeated reference to a wrong tensor: judged once", ("TENSOR_REUSED", "TENSOR_SHAPE", "TENSOR_DTYPE"),
        ),
        "rows": (one_layer({"h": two, "c": three}), "h of two rows, c of three", "TENSOR_SHAPE"),
        "rows-layers": (
            {**BASE, "state": {"a": {"h": "x"}, "b": {"h": "y"}, "c": {"h": "z"}}, "tensors": {"z": three, "y": two, "x": three}},
            "the second of three layers has another N: that of the first reference holds, not of the first tensor", "TENSOR_SHAPE",
        ),
        "flat": (one_layer({"h": flat}), "h of rank 1", "TENSOR_SHAPE"),
        "deep": (one_layer({"h": deep}), "h of rank 3", "TENSOR_SHAPE"),
        "flat-first": (one_layer({"h": flat, "c": three}), "h of rank 1, c of three rows: N is three", "TENSOR_SHAPE"),
        "flat-first-three": (
            {**BASE, "state": {"a": {"h": "x", "c": "y"}, "b": {"h": "z"}}, "tensors": {"x": deep, "y": three, "z": two}},
            "rank 3, three rows, two rows: N is three, and two are wrong", "TENSOR_SHAPE",
        ),
        "unknown-first": (
            {**BASE, "state": {"a": {"h": "none", "c": "y"}, "b": {"h": "z"}}, "tensors": {"y": three, "z": two}},
            "the first tensor is not there: N is the next one's", ("TENSOR_UNKNOWN", "TENSOR_SHAPE"),
        ),
        "dtype": (one_layer({"h": two, "c": half}), "c in float16", "TENSOR_DTYPE"),
        "dtype-first": (one_layer({"h": put(half, ["shape"], [4, 1]), "c": two}), "h in float16 with four rows: N is its own", ("TENSOR_DTYPE", "TENSOR_SHAPE")),
        "dtype-shape": (one_layer({"h": tensor([4], [0.5] * 4, "float16")}), "h in float16 and of rank 1", ("TENSOR_DTYPE", "TENSOR_SHAPE")),
        "proto": (put(BASE, ["state", "memory", "c"], "__proto__"), "a reference to __proto__", ("TENSOR_UNKNOWN", "TENSOR_UNUSED")),
        "several": (
            {**BASE, "state": {"a": {"h": "x", "c": "none"}, "b": {"h": "y", "c": "x"}}, "tensors": {"x": two, "y": flat, "z": {"dtype": "float32", "shape": [2], "data": [1]}}},
            "five faults: each is reported", ("TENSOR_UNKNOWN", "TENSOR_REUSED", "TENSOR_SHAPE", "TENSOR_UNUSED", "TENSOR_LENGTH"),
        ),
    }  # fmt: skip
    for name, (document, what, codes) in rows.items():
        add = table.both if name == "several" else table.row
        add(
            f"agree-{name}", what, "saved-2 agree-4", document, "a state that is stretched, cut or shared", expect=codes,
        )  # fmt: skip
    table.row(
        "not-a-state", "a model's bytes with a fault of agreement", "saved-1 stage-1",
        dense_net(tensors={}), "a model that is judged as one",
        expect=("STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY"),
    )  # fmt: skip
