"""Section 4: formats, keys, UTF-8, and what the bytes that are there can hold. Limits are in `limits`."""

import struct
from typing import Any

from conformance.generator.build import dense_net, lstm_net, msgpack_bytes
from conformance.generator.table import Table
from conformance.generator.write_msgpack import Raw, array_head, map_head, pack, string

SECTION = "msgpack"

X = pack("x")
SOUND = msgpack_bytes(dense_net())

FORMATS: dict[str, tuple[bytes, str]] = {
    "nil": (b"\xc0", "nil"),
    "booleans": (b"\x92\xc2\xc3", "false and true"),
    "fixint": (b"\x94\x00\x7f\xff\xe0", "fixint from −32 to 127"),
    "uint": (
        b"\x94\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff\xcf" + b"\xff" * 8,
        "the largest uint of each size",
    ),
    "int": (
        b"\x94\xd0\x80\xd1\x80\x00\xd2\x80\x00\x00\x00\xd3\x80" + b"\x00" * 7,
        "the smallest int of each size",
    ),
    "integer-long-forms": (
        b"\x94\xcd\x00\x01\xce\x00\x00\x00\x01\xd2\x00\x00\x00\x01\xd3" + b"\xff" * 8,
        "small integers in long forms",
    ),
    "float": (b"\x92\xca\x7f\x7f\xff\xff\xcb\x7f\xef" + b"\xff" * 6, "the largest floats"),
    "float-zero": (b"\x92\xca\x80\x00\x00\x00\xcb\x80" + b"\x00" * 7, "−0 as float 32 and 64"),
    "float-subnormal": (
        b"\x92\xca\x00\x00\x00\x01\xcb" + b"\x00" * 7 + b"\x01",
        "subnormal floats",
    ),
    "str": (b"\x94\xa1a\xd9\x01a\xda\x00\x01a\xdb\x00\x00\x00\x01a", "a str in each form"),
    "str-empty": (
        b"\x94\xa0\xd9\x00\xda\x00\x00\xdb\x00\x00\x00\x00",
        "the empty str in each form",
    ),
    "str-borders": (
        array_head(8) + b"".join(string(b"a" * n) for n in (15, 16, 30, 31, 32, 33, 255, 256)),
        "strings at the borders of the forms",
    ),
    "array-borders": (
        array_head(3) + b"".join(array_head(n) + b"\x61" * n for n in (14, 15, 16)),
        "arrays at the borders of the forms",
    ),
    "map-borders": (
        array_head(3)
        + b"".join(
            map_head(n) + b"".join(string(bytes([97 + k])) + b"\x00" for k in range(n))
            for n in (14, 15, 16)
        ),
        "maps at the borders of the forms",
    ),
    "array": (b"\x93\x91\x00\xdc\x00\x01\x00\xdd\x00\x00\x00\x01\x00", "an array in each form"),
    "array-empty": (b"\x93\x90\xdc\x00\x00\xdd\x00\x00\x00\x00", "the empty array in each form"),
    "map": (
        b"\x93\x81\xa1a\x00\xde\x00\x01\xa1a\x00\xdf\x00\x00\x00\x01\xa1a\x00",
        "a map in each form",
    ),
    "map-empty": (b"\x93\x80\xde\x00\x00\xdf\x00\x00\x00\x00", "the empty map in each form"),
}

FORBIDDEN = {
    "c1": b"\xc1",
    "ext-8": b"\xc7\x01\x05\x00",
    "ext-16": b"\xc8\x00\x01\x05\x00",
    "ext-32": b"\xc9\x00\x00\x00\x01\x05\x00",
    "fixext-1": b"\xd4\x05\x00",
    "fixext-2": b"\xd5\x05\x00\x00",
    "fixext-4-timestamp": b"\xd6\xff\x00\x00\x00\x00",
    "fixext-8": b"\xd7\x05" + b"\x00" * 8,
    "fixext-16": b"\xd8\x05" + b"\x00" * 16,
}

KEYS = {
    "integer": (b"\x01", "an integer"),
    "nil": (b"\xc0", "nil"),
    "true": (b"\xc3", "true"),
    "float": (b"\xca\x3f\x80\x00\x00", "a float"),
    "bin": (b"\xc4\x01x", "a bin"),
    "array": (b"\x91\xa1x", "an array"),
    "map": (b"\x80", "a map"),
    "bin-cut": (b"\xc4\xff", "a bin whose bytes are not there"),
    "array-bomb": (b"\xdd\xff\xff\xff\xff", "an array of 4,294,967,295"),
    "float-nan": (b"\xcb\x7f\xf8" + b"\x00" * 6, "NaN"),
}

# A value at the end of the input, and what is missing.
CUTS = {
    "value": (b"", "a value"),
    "uint-8": (b"\xcc", "the byte of a uint 8"),
    "uint-64": (b"\xcf" + b"\x00" * 7, "a byte of a uint 64"),
    "int-16": (b"\xd1\x00", "a byte of an int 16"),
    "float-32": (b"\xca\x00\x00\x00", "a byte of a float 32"),
    "float-64": (b"\xcb" + b"\x00" * 7, "a byte of a float 64"),
    "fixstr": (b"\xa3ab", "a byte of a fixstr"),
    "str-8-length": (b"\xd9", "the length of a str 8"),
    "str-16-length": (b"\xda\x00", "a byte of the length of a str 16"),
    "str-32": (b"\xdb\xff\xff\xff\xffab", "nearly all of a str of 4 GiB"),
    "bin-8": (b"\xc4\x03ab", "a byte of a bin 8"),
    "bin-16-length": (b"\xc5\x00", "a byte of the length of a bin 16"),
    "bin-32": (b"\xc6\xff\xff\xff\xff", "all of a bin of 4 GiB"),
    "fixarray": (b"\x93\x00\x00", "an element of a fixarray"),
    "array-16-length": (b"\xdc\x00", "a byte of the count of an array 16"),
    "array-16": (b"\xdc\xff\xff\x00", "nearly all of an array 16"),
    "array-32": (b"\xdd\xff\xff\xff\xff", "all of an array of 4,294,967,295"),
    "array-32-sparse": (b"\xdd\x01\x00\x00\x00", "an array of 16,777,216 in five bytes"),
    "fixmap": (b"\x82\xa1a\x00", "a member of a fixmap"),
    "map-16-length": (b"\xde\x00", "a byte of the count of a map 16"),
    "map-32": (b"\xdf\xff\xff\xff\xff\xa1a\x00", "nearly all of a map of 4,294,967,295"),
    "map-32-overflow": (b"\xdf\x80\x00\x00\x00", "a map of 2,147,483,648, twice which is 2^32"),
    "map-half": (b"\x82\xa1a\xa1", "a map of two members in three bytes"),
    "nested": (b"\x91\x91\x92\x00", "an element of the innermost array"),
}

ILL_FORMED = {
    "continuation": (b"ab\x80", "a continuation byte alone"),
    "overlong": (b"ab\xc0\xafcd", "an overlong form of two bytes"),
    "overlong-3": (b"ab\xe0\x80\xaf", "an overlong form of three bytes"),
    "surrogate": (b"ab\xed\xa0\x80", "a surrogate"),
    "above": (b"ab\xf4\x90\x80\x80", "U+110000"),
    "cut": (b"ab\xe2\x82", "a character that is cut off"),
    "ff": (b"\xff", "the byte FF"),
}


def in_metadata(data: bytes) -> bytes:
    """A sound file with these bytes as the value of `metadata`."""
    return msgpack_bytes(dense_net(metadata=Raw(data)))


def in_value(data: bytes) -> bytes:
    """A sound file with these bytes as a value inside `metadata`."""
    return in_metadata(map_head(1) + X + data)


def at_end(data: bytes) -> bytes:
    """A file that ends with these bytes as the value of its only member."""
    return map_head(1) + X + data


def cases() -> Table:
    """Section 4 in its order."""
    table = Table(SECTION, features=["msgpack"])
    for name, (data, what) in FORMATS.items():
        table.row(
            f"format-{name}",
            what,
            "msgpack-1 msgpack-2",
            in_value(data),
            "a format that is not known",
        )
    for name, data in FORBIDDEN.items():
        table.row(
            f"forbidden-{name}", f"the format {name}", "msgpack-1", in_value(data),
            "an extension that is read, skipped or taken for a value", expect="SYNTAX_FORMAT",
        )  # fmt: skip
    table.row(
        "forbidden-cut", "an ext 8 without its length", "msgpack-1", at_end(b"\xc7"),
        "a length that is asked for before the format is judged", expect="SYNTAX_FORMAT",
    )  # fmt: skip
    table.row(
        "forbidden-key", "C1 as a key", "msgpack-1 msgpack-3", in_metadata(b"\x81\xc1\x00"),
        "a wrong order: the format is judged before the key", expect="SYNTAX_FORMAT",
    )  # fmt: skip
    numbers(table)
    keys(table)
    for name, (data, what) in ILL_FORMED.items():
        table.row(
            f"utf8-{name}", what, "msgpack-5", in_value(string(data)),
            "a decoder that repairs, or another place", expect="SYNTAX_UTF8",
        )  # fmt: skip
    table.row(
        "utf8-in-key", "a surrogate in a key", "msgpack-5",
        in_metadata(map_head(1) + string(b"a\xed\xa0\x80") + b"\x00"),
        "keys that are decoded by another path", expect="SYNTAX_UTF8",
    )  # fmt: skip
    table.row(
        "utf8-str-32", "wrong UTF-8 in a str 32", "msgpack-5",
        in_value(b"\xdb\x00\x00\x00\x02a\xff"),
        "an offset that forgets the length field", expect="SYNTAX_UTF8",
    )  # fmt: skip
    ends(table)
    content(table)
    return table


def numbers(table: Table) -> None:
    """[msgpack-2]."""
    infinite = {
        "float-32-infinite": b"\xca\x7f\x80\x00\x00",
        "float-32-minus-infinite": b"\xca\xff\x80\x00\x00",
        "float-32-nan": b"\xca\x7f\xc0\x00\x00",
        "float-64-infinite": b"\xcb\x7f\xf0" + b"\x00" * 6,
        "float-64-nan": b"\xcb\x7f\xf0" + b"\x00" * 5 + b"\x01",
    }
    for name, data in infinite.items():
        table.row(
            name, name.replace("-", " "), "msgpack-2", in_value(data),
            "a number that is none", expect="SYNTAX_NUMBER_RANGE",
        )  # fmt: skip
    spelled: dict[str, bytes] = {
        "uint-8": b"\xcc\x01",
        "uint-64": b"\xcf" + struct.pack(">Q", 1),
        "int-8": b"\xd0\x01",
        "int-64": b"\xd3" + struct.pack(">q", 1),
        "float-32": b"\xca" + struct.pack(">f", 1),
        "float-64": b"\xcb" + struct.pack(">d", 1),
    }
    for name, data in spelled.items():
        table.row(
            f"integer-{name}", f"a size of 1 as {name}", "msgpack-2 doc-3",
            msgpack_bytes(dense_net(input={"kind": "features", "size": Raw(data)})),
            "an integer told by its format",
        )  # fmt: skip
    table.row(
        "uint-64-rounds", "uint 64 rounds to the nearest binary64, ties to even", "msgpack-2 digest-2",
        msgpack_bytes(
            dense_net(
                metadata={"x": 2**53 + 1, "y": 2**64 - 1},
                input={"kind": "features", "size": 1, "sample_rate": Raw(b"\xcf" + struct.pack(">Q", 2**24 + 1))},
            )
        ),
        "a number that is cut to 32 bits",
    )  # fmt: skip


def keys(table: Table) -> None:
    """[msgpack-3] and [msgpack-4]."""
    for name, (data, what) in KEYS.items():
        table.row(
            f"key-{name}", f"{what} as a key", "msgpack-3", in_metadata(b"\x81" + data + b"\x00"),
            "a key that is turned into a string, or judged in the wrong order", expect="SYNTAX_KEY",
        )  # fmt: skip
    table.row(
        "key-at-end", "a key that is no str, and ends the input", "msgpack-3 msgpack-6",
        map_head(1) + b"\xcd\x00", "a wrong order", expect="SYNTAX_KEY",
    )  # fmt: skip
    twice = {
        "plain": (pack("a"), pack("a"), "a key twice"),
        "forms": (b"\xa1a", b"\xd9\x01a", "a key twice, as fixstr and as str 8"),
        "proto": (pack("__proto__"), pack("__proto__"), "`__proto__` twice"),
        "empty": (pack(""), pack(""), "the empty key twice"),
    }
    for name, (one, other, what) in twice.items():
        table.row(
            f"duplicate-{name}", what, "msgpack-4",
            in_metadata(map_head(2) + one + b"\x01" + other + b"\x02"),
            "the last one wins", expect="SYNTAX_DUPLICATE_KEY",
        )  # fmt: skip
    table.row(
        "duplicate-not", "keys that only look equal", "msgpack-4 json-7",
        in_metadata(pack({"a": 1, "A": 2, "é": 3, "e\u0301": 4, "__proto__": {"a": 1}, "\0": 5})),
        "keys compared after folding or normalising",
    )  # fmt: skip


def ends(table: Table) -> None:
    """[msgpack-6] and [msgpack-7]."""
    for name, (data, what) in CUTS.items():
        table.row(
            f"end-{name}", f"without {what}", "msgpack-6", at_end(data),
            "reading past the end, or memory for what is not there", expect="SYNTAX_END",
        )  # fmt: skip
    table.row(
        "end-key", "without a key", "msgpack-6", b"\x82" + X + X,
        "reading past the end", expect="SYNTAX_END",
    )  # fmt: skip
    table.row(
        "end-top", "a map 32 without its count", "msgpack-6", b"\xdf\x00\x00", "reading past the end",
        expect="SYNTAX_END",
    )  # fmt: skip
    table.row(
        "end-data", "tensor data that is cut off", "msgpack-6", SOUND[:-1],
        "weights read from beyond the end", expect="SYNTAX_END",
    )  # fmt: skip
    after = {
        "nil": (b"\xc0", "a nil"), "zero": (b"\x00", "the byte 0"), "newline": (b"\n", "a line break"),
        "second": (SOUND, "a second document"), "forbidden": (b"\xc1", "the byte C1"),
    }  # fmt: skip
    for name, (data, what) in after.items():
        table.row(
            f"trailing-{name}", f"{what} after the end", "msgpack-7", SOUND + data,
            "a reader that stops at the end of the map", expect="SYNTAX_TRAILING",
        )  # fmt: skip


def content(table: Table) -> None:
    """What only msgpack can hold: bytes, and tensor data at any address."""
    for count in (15, 16):
        members = b"".join(pack(chr(97 + k)) + b"\x00" for k in range(count))
        table.row(
            f"map-{count}", f"a map of {count} members, none of them the version", "msgpack-1 version-1",
            map_head(count) + members, "a form of map that is not known", expect="VERSION_MISSING",
        )  # fmt: skip
    table.row(
        "empty-map", "an empty map", "bytes-5 version-1", b"\x80", "a document without members",
        expect="VERSION_MISSING",
    )  # fmt: skip
    places: dict[str, Any] = {
        "metadata": {"x": b"a"},
        "metadata-deep": {"x": [0, {"y": b""}]},
        "metadata-itself": b"a",
        "metadata-list": [b"a"],
    }
    for name, place in places.items():
        table.row(
            f"bytes-in-{name}", f"bytes in {name}", "doc-3", msgpack_bytes(dense_net(metadata=place)),
            "a value that JSON can't hold", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    table.row(
        "bytes-for-string", "bytes in the place of a string", "doc-3",
        msgpack_bytes(dense_net(name=b"a net")), "bytes taken for text", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    wrong: dict[str, tuple[Any, str]] = {
        "base64": ("AAAAQA==", "base64"),
        "array": ([2.0], "an array of numbers"),
        "nil": (None, "nil"),
    }
    for name, (data, what) in wrong.items():
        entry = {"dtype": "float32", "shape": [1, 1], "data": Raw(pack(data))}
        table.row(
            f"data-{name}", f"{what} as tensor data", "tensor-4",
            msgpack_bytes(dense_net(tensors={"W": entry})),
            "a form of JSON in msgpack", expect="STRUCTURE_TYPE",
        )  # fmt: skip
    for bits, head in ((16, b"\xc5\x00\x04"), (32, b"\xc6\x00\x00\x00\x04")):
        entry = {"dtype": "float32", "shape": [1, 1], "data": Raw(head + b"\x00\x00\x00\x40")}
        table.row(
            f"data-bin-{bits}", f"tensor data as bin {bits}", "msgpack-1",
            msgpack_bytes(dense_net(tensors={"W": entry})),
            "a length form that is not known",
        )  # fmt: skip
    for shift in range(4):
        net = lstm_net(name="x" * shift)
        table.row(
            f"alignment-{shift}", f"tensor data shifted by {shift} bytes", "tensor-1", msgpack_bytes(net),
            "a view of words that needs an aligned address",
        )  # fmt: skip
    table.row(
        "array-32-everywhere", "the longest forms everywhere", "msgpack-1", _longest(dense_net()),
        "a length form that is known in some places only",
    )  # fmt: skip


def _longest(value: Any) -> bytes:  # noqa: ANN401 — any part of a document
    """The document with 32-bit lengths and float 64 numbers."""
    match value:
        case {"dtype": str(dtype), "shape": shape, "data": list(data)}:
            numbers_ = struct.pack(f"<{len(data)}f", *data)
            entry = b"".join(
                _longest(key) + part
                for key, part in (
                    ("dtype", _longest(dtype)),
                    ("shape", _longest(shape)),
                    ("data", b"\xc6" + struct.pack(">I", len(numbers_)) + numbers_),
                )
            )
            return b"\xdf\x00\x00\x00\x03" + entry
        case dict():
            members = b"".join(_longest(key) + _longest(part) for key, part in value.items())
            return b"\xdf" + struct.pack(">I", len(value)) + members
        case list():
            head = b"\xdd" + struct.pack(">I", len(value))
            return head + b"".join(_longest(part) for part in value)
        case str():
            return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
    return b"\xcb" + struct.pack(">d", value)
