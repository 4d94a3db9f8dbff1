"""The limits `depth`, `string` and `number`; the section is in `limits`."""

from conformance.case import Document
from conformance.generator.build import dense_net, json_bytes, msgpack_bytes, tensor
from conformance.generator.table import HERE, SKELETON, Table, in_value
from conformance.generator.write_msgpack import Raw, map_head, pack, string

BEFORE, AFTER = SKELETON.split(f'"{HERE}"')


def nested(levels: int) -> str:
    """A list so many levels deep."""
    return "[" * levels + "]" * levels


def in_msgpack(data: bytes) -> bytes:
    """A sound msgpack file with these bytes as the value of `metadata`."""
    return msgpack_bytes(dense_net(metadata=Raw(data)))


def depth(table: Table) -> None:
    """[json-8]. In `metadata` a list has depth 3 if it is a member's value."""
    for name, text, what in (
        ("lists", nested(30), "lists"),
        ("objects", '{"a":' * 30 + "1" + "}" * 30, "objects"),
    ):
        table.row(
            f"depth-{name}-at", f"32 levels of {what}", "json-8 limit-1", in_value(text),
            "a limit that is one too low",
        )  # fmt: skip
    mixed = '[{"a":' * 15
    table.features = ["json"]
    for name, text, what in (
        ("lists", nested(31), "33 levels of lists"),
        ("objects", '{"a":' * 31 + "1" + "}" * 31, "33 levels of objects"),
        ("mixed", mixed + "[]" + "}]" * 15, "33 levels of both"),
        ("unclosed", "[" * 31, "33 levels, never closed"),
    ):
        table.row(
            f"depth-{name}-beyond", what, "json-8 limit-1", in_value(text),
            "a limit that is one too high, or an offset that is not that of the bracket",
            expect="LIMIT_DEPTH",
        )  # fmt: skip
    table.row(
        "depth-bomb", "100,000 opening brackets", "json-8 stage-5",
        Document.of_pieces(('{"a":', 1), ("[", 100_000)),
        "a recursion without bound: a crash", expect="LIMIT_DEPTH",
    )  # fmt: skip
    table.row(
        "depth-bomb-objects", "50,000 nested objects", "json-8 stage-5",
        Document.of_pieces(('{"a":', 50_000)),
        "a recursion without bound: a crash", expect="LIMIT_DEPTH",
    )  # fmt: skip
    data = '{"tensors": {"W": {"data": ' + "[" * 30
    table.row(
        "depth-in-data", "33 levels, the last ones tensor data", "json-8", data,
        "tensor data with rules of its own", expect="LIMIT_DEPTH",
    )  # fmt: skip
    table.row(
        "depth-lowered", "a limit of 3 in place of 32", "limit-1 json-8", in_value("[[]]"),
        "an option that is not looked at", limits={"depth": 3}, expect="LIMIT_DEPTH",
    )  # fmt: skip
    table.features = None
    table.row(
        "depth-raised", "a limit of 64 in place of 32", "limit-1 json-8", in_value(nested(62)),
        "an option that is not looked at", limits={"depth": 64},
    )  # fmt: skip
    deep = map_head(1) + pack("x")
    table.row(
        "depth-msgpack-at", "32 levels of msgpack arrays", "msgpack-8 limit-1",
        in_msgpack(deep + b"\x91" * 29 + b"\x90"), "a limit that is one too low",
    )  # fmt: skip
    table.features = ["msgpack"]
    for name, data_, what in (
        ("arrays", deep + b"\x91" * 30 + b"\x90", "33 levels of msgpack arrays"),
        ("maps", deep + b"\x81\xa1a" * 30 + b"\x80", "33 levels of msgpack maps"),
        ("count", deep + b"\x91" * 30 + b"\xdd\xff\xff\xff\xff", "33 levels, the last a bomb"),
    ):
        table.row(
            f"depth-msgpack-{name}-beyond", what, "msgpack-8 limit-1", in_msgpack(data_),
            "a wrong order, or a limit that is one too high", expect="LIMIT_DEPTH",
        )  # fmt: skip
    table.row(
        "depth-msgpack-bomb", "5,000 arrays of one element", "msgpack-8 stage-5",
        b"\x81\xa1a" + b"\x91" * 5_000, "a recursion without bound: a crash", expect="LIMIT_DEPTH",
    )  # fmt: skip
    table.row(
        "depth-msgpack-no-count", "33 levels, the last without its count", "msgpack-8 msgpack-6",
        map_head(1) + pack("x") + b"\x91" * 31 + b"\xdc\x00",
        "a wrong order: the length field is read first", expect="SYNTAX_END",
    )  # fmt: skip


def strings(table: Table) -> None:
    """[json-9]."""
    limit = {"string": 16}
    table.features = None
    for name, text, what in (
        ("ascii", '"' + "a" * 16 + '"', "16 letters"),
        ("utf8", '"' + "é" * 8 + '"', "8 letters of two bytes"),
        ("escaped", '"' + r"\u0041" * 16 + '"', "16 escaped letters"),
        ("pairs", '"' + r"\ud83d\ude00" * 4 + '"', "4 escaped pairs"),
        ("key", '{"' + "k" * 16 + '": 1}', "a key of 16 letters"),
    ):
        table.row(
            f"string-{name}-at", f"{what} under a limit of 16 bytes", "json-9 limit-1",
            in_value(text), "a limit that counts something else than bytes of UTF-8", limits=limit,
        )  # fmt: skip
    table.row(
        "string-default-at", "65,536 letters", "json-9 limit-1",
        Document.of_pieces((BEFORE + '{"x": "', 1), ("a", 65_536), ('"}' + AFTER, 1)),
        "a limit that is one too low",
    )  # fmt: skip
    base64 = tensor([16, 1], [1.0] * 16, as_bytes=True)
    net = json_bytes(dense_net(input={"kind": "features", "size": 16}, tensors={"W": base64}))
    table.row(
        "string-data-exempt", "base64 beyond the limit", "json-9", net,
        "a limit for tensor data, or a path that is not known", limits=limit,
    )  # fmt: skip
    escaped = net.replace(b'"tensors"', rb'"t\u0065nsors"').replace(b'"data"', rb'"\u0064ata"')
    table.row(
        "string-data-escaped", "base64 beyond the limit, its keys with escapes", "json-9 json-4", escaped,
        "a path that compares bytes of the text", limits=limit,
    )  # fmt: skip
    table.features = ["json"]
    for name, text, what in (
        ("ascii", '"' + "a" * 17 + '"', "17 letters"),
        ("utf8", '"' + "é" * 8 + 'a"', "17 bytes in 9 letters"),
        ("escaped", '"' + r"\u00e9" * 9 + '"', "9 escaped letters of two bytes"),
        ("key", '{"' + "k" * 17 + '": 1}', "a key of 17 letters"),
        ("key-twice", f'{{"{"k" * 17}": 1, "{"k" * 17}": 2}}', "a long key twice"),
        (
            "no-data",
            f'{{"tensors": {{"W": {{"data": "{"a" * 17}"}}}}}}',
            "no tensor data: `tensors` of metadata",
        ),
    ):
        table.row(
            f"string-{name}-beyond", f"{what} under a limit of 16 bytes", "json-9 limit-1",
            in_value(text), "a limit that counts something else than bytes of UTF-8",
            limits=limit, expect="LIMIT_STRING",
        )  # fmt: skip
    table.row(
        "string-element", "a long string as an element of tensor data", "json-9",
        '{"tensors": {"W": {"data": [1, "' + "a" * 17 + '"]}}}',
        "an exemption that is too wide", limits=limit, expect="LIMIT_STRING",
    )  # fmt: skip
    table.row(
        "string-not-tensors", "a long string called data below another top-level member", "json-9",
        '{"weights": {"W": {"data": "' + "a" * 17 + '"}}}',
        "a path whose first key is not compared", limits=limit, expect="LIMIT_STRING",
    )  # fmt: skip
    table.row(
        "string-shape", "a long string beside tensor data", "json-9",
        '{"tensors": {"W": {"dtype": "' + "a" * 17 + '"}}}',
        "an exemption that is too wide", limits=limit, expect="LIMIT_STRING",
    )  # fmt: skip
    table.row(
        "string-deeper", "a long string inside an element of tensor data", "json-9",
        '{"tensors": {"W": {"data": {"data": "' + "a" * 17 + '"}}}}',
        "an exemption that is too wide", limits=limit, expect="LIMIT_STRING",
    )  # fmt: skip
    table.row(
        "string-error-inside", "a bad escape at the end of a long string", "json-9 json-1",
        in_value('"' + "a" * 17 + r'\x"'), "a string that is judged before it is read whole",
        limits=limit, expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    table.row(
        "string-no-end", "a long string without its end", "json-9 json-2",
        '{"a": "' + "a" * 17, "a string that is judged before it is read whole",
        limits=limit, expect="SYNTAX_END",
    )  # fmt: skip
    table.row(
        "string-default-beyond", "65,537 letters", "json-9 limit-1",
        Document.of_pieces((BEFORE + '{"x": "', 1), ("a", 65_537), ('"}' + AFTER, 1)),
        "a limit that is one too high", expect="LIMIT_STRING",
    )  # fmt: skip
    table.features = ["msgpack"]
    x = map_head(1) + pack("x")
    for name, data, what, code in (
        ("beyond", x + string(b"a" * 17), "17 letters", "LIMIT_STRING"),
        (
            "key-beyond",
            map_head(1) + string(b"k" * 17) + b"\x00",
            "a key of 17 letters",
            "LIMIT_STRING",
        ),
        ("before-utf8", x + string(b"\xff" * 17), "17 wrong bytes", "LIMIT_STRING"),
    ):
        table.row(
            f"string-msgpack-{name}", f"{what} under a limit of 16 bytes", "msgpack-8 limit-1",
            in_msgpack(data), "a wrong order, or no limit in msgpack", limits=limit, expect=code,
        )  # fmt: skip
    table.row(
        "string-msgpack-end", "a long str that is cut off", "msgpack-8 msgpack-6",
        x + b"\xb1aaa", "a wrong order: what is not there comes first",
        limits=limit, expect="SYNTAX_END",
    )  # fmt: skip
    table.features = None
    table.row(
        "string-msgpack-at", "16 letters under a limit of 16 bytes", "msgpack-8 limit-1",
        in_msgpack(x + string(b"a" * 16)), "a limit that is one too low", limits=limit,
    )  # fmt: skip
    sixteen = dense_net(input={"kind": "features", "size": 16}, tensors={"W": base64})
    table.row(
        "string-msgpack-bin", "a bin of 64 bytes under a limit of 16", "msgpack-8",
        msgpack_bytes(sixteen), "a limit for bytes", limits=limit,
    )  # fmt: skip


def numbers(table: Table) -> None:
    """[json-10]."""
    table.features = None
    table.row(
        "number-at", "a number of 64 characters", "json-10 limit-1", in_value("0." + "1" * 62),
        "a limit that is one too low",
    )  # fmt: skip
    in_data = json_bytes(dense_net())
    table.row(
        "number-data-at", "tensor data of 64 characters", "json-10 tensor-2",
        in_data.replace(b"[2]", b"[-" + b"1" * 30 + b"." + b"0" * 28 + b"e-10"[:4] + b"]"),
        "a buffer for the digits that is too short",
    )  # fmt: skip
    table.features = ["json"]
    for name, text, what in (
        ("decimal", "0." + "1" * 63, "a number of 65 characters"),
        ("integer", "1" * 65, "an integer of 65 digits"),
        ("minus", "-" + "1" * 64, "a minus sign and 64 digits"),
        ("infinite", "1" + "0" * 60 + "e400", "a long number that is infinite"),
        ("thousand", "1" * 5000, "an integer of 5,000 digits"),
    ):
        table.row(
            f"number-{name}-beyond", what, "json-10 limit-1", in_value(text),
            "a limit that is one too high, or a wrong order", expect="LIMIT_NUMBER",
        )  # fmt: skip
    table.row(
        "number-data-beyond", "tensor data of 65 characters", "json-10",
        in_data.replace(b"[2]", b"[2." + b"0" * 63 + b"]"),
        "tensor data with rules of its own", expect="LIMIT_NUMBER",
    )  # fmt: skip
    table.row(
        "number-error-inside", "a long number with a fault at its end", "json-10 json-1",
        in_value("0." + "1" * 70 + "e]"), "a number that is judged before it is read whole",
        expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    table.row(
        "number-lowered", "a limit of 4 characters", "limit-1 json-10", in_value("12345"),
        "an option that is not looked at", limits={"number": 4}, expect="LIMIT_NUMBER",
    )  # fmt: skip
    table.row(
        "number-cut", "a long number that ends the input", "json-10 json-2", '{"a":' + "1" * 65,
        "a number that is judged only with what follows it", expect="LIMIT_NUMBER",
    )  # fmt: skip
    table.row(
        "number-infinite-cut", "1e400 that ends the input", "json-6 json-2", '{"a":1e400',
        "a number that is judged only with what follows it", expect="SYNTAX_NUMBER_RANGE",
    )  # fmt: skip
