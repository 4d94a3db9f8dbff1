"""Section 16: each limit at its bound and one beyond; and what comes first where two apply."""

import string

from conformance.case import Document
from conformance.generator.build import dense_net, document, json_bytes, msgpack_bytes, tensor
from conformance.generator.limits_text import AFTER, BEFORE, depth, in_msgpack, numbers, strings
from conformance.generator.table import SKELETON, Table, in_metadata, in_value
from conformance.generator.write_json import tight_bytes
from conformance.generator.write_msgpack import map_head, pack
from conformance.oracle.finding import Limits
from conformance.oracle.json_reader import JsonReader

SECTION = "limits"
LETTERS = string.ascii_letters + string.digits


def values_in(text: str) -> int:
    """How many values a sound text counts [json-12]."""
    reader = JsonReader(text.encode(), Limits())
    reader.document()
    return reader.values


def cases() -> Table:
    """Limit by limit; `size` is in `bytes`."""
    table = Table(SECTION)
    depth(table)
    strings(table)
    numbers(table)
    members(table)
    values(table)
    layers(table)
    elements(table)
    tokens(table)
    return table


def members(table: Table) -> None:
    """[json-11]."""
    limit = {"members": 8}

    def keys(count: int) -> str:
        return ", ".join(f'"{letter}": 1' for letter in "abcdefghijkl"[:count])

    table.features = None
    table.row(
        "members-at", "8 members under a limit of 8", "json-11 limit-1",
        in_metadata("{" + keys(8) + "}"), "a limit that is one too low", limits=limit,
    )  # fmt: skip
    table.features = ["json"]
    for name, text, what in (
        ("plain", "{" + keys(9) + "}", "9 members"),
        ("duplicate", "{" + keys(8) + ', "a": 2}', "a ninth member with an earlier key"),
        ("broken-key", "{" + keys(8) + r', "\x": 2}', "a ninth member with a broken key"),
        ("unclosed-key", "{" + keys(8) + ', "', "a ninth member whose key never ends"),
    ):
        table.row(
            f"members-{name}-beyond", f"{what} under a limit of 8", "json-11 limit-1",
            in_metadata(text), "a wrong order, or a limit that is one too high",
            limits=limit, expect="LIMIT_MEMBERS",
        )  # fmt: skip
    table.row(
        "members-comma", "a comma after the eighth of 8 members", "json-11 json-1",
        in_metadata("{" + keys(8) + ", }"), "a limit that is judged before a key begins",
        limits=limit, expect="SYNTAX_UNEXPECTED",
    )  # fmt: skip
    # The offset of the first key beyond the limit tells a limit of one more and of one less apart.
    keys_ = (f"{LETTERS[k // 62 % 62]}{LETTERS[k % 62]}{k // 3844 or ''}" for k in range(4097))
    many = ",".join(f'"{key}":0' for key in keys_)
    table.row(
        "members-default-beyond", "4,097 members", "json-11 limit-1", in_metadata("{" + many + "}"),
        "a limit that is one too high or too low", expect="LIMIT_MEMBERS",
    )  # fmt: skip
    table.features = ["msgpack"]

    def packed(count: int) -> bytes:
        return map_head(count) + b"".join(pack(f"{k}") + b"\x00" for k in range(count))

    table.row(
        "members-msgpack-beyond", "9 members under a limit of 8", "msgpack-8 limit-1",
        in_msgpack(packed(9)), "no limit in msgpack", limits=limit, expect="LIMIT_MEMBERS",
    )  # fmt: skip
    table.row(
        "members-msgpack-duplicate", "9 members with one key under a limit of 8", "msgpack-8",
        in_msgpack(map_head(9) + b"\xa1a\x00" * 9), "a count that is judged too late",
        limits=limit, expect="LIMIT_MEMBERS",
    )  # fmt: skip
    table.row(
        "members-msgpack-bomb", "65,535 members that are not there", "msgpack-8 msgpack-6",
        map_head(1) + pack("x") + b"\xde\xff\xff", "a wrong order: what is not there comes first",
        expect="SYNTAX_END",
    )  # fmt: skip
    table.features = None
    table.row(
        "members-msgpack-at", "8 members under a limit of 8", "msgpack-8 limit-1",
        in_msgpack(packed(8)), "a limit that is one too low", limits=limit,
    )  # fmt: skip


def values(table: Table) -> None:
    """[json-12]."""
    text = in_value('[1, "a", {"b": null}, [], true]')
    count = values_in(text)
    table.features = None
    table.row(
        "values-at", f"{count} values under that limit", "json-12 limit-1", text,
        "a count that takes keys or tensor data for values", limits={"values": count},
    )  # fmt: skip
    weights = [k / 4 for k in range(64)]
    wide = json_bytes(
        dense_net(input={"kind": "features", "size": 64}, tensors={"W": tensor([64, 1], weights)})
    )
    exact = {"values": values_in(wide.decode())}
    table.row(
        "values-data-exempt", "64 elements of tensor data that don't count", "json-12", wide,
        "a count that takes tensor data for values", limits=exact,
    )  # fmt: skip
    table.row(
        "values-data-escaped", "the same, the keys with escapes", "json-12 json-4",
        wide.replace(b'"tensors"', rb'"\u0074ensors"').replace(b'"data"', rb'"dat\u0061"'),
        "a path that compares bytes of the text", limits=exact,
    )  # fmt: skip
    packed = msgpack_bytes(dense_net())
    table.row(
        "values-msgpack-at", "as many values as the limit allows, in msgpack", "msgpack-8 limit-1",
        packed, "a count that takes keys for values",
        limits={"values": values_in(SKELETON) - 1},
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "values-beyond", f"{count} values under a limit of {count - 1}", "json-12 limit-1", text,
        "a count that forgets containers", limits={"values": count - 1}, expect="LIMIT_VALUES",
    )  # fmt: skip
    for name, value, what, code in (
        ("bad-literal", "trux", "a broken literal", "LIMIT_VALUES"),
        ("bad-number", "-x", "a broken number", "LIMIT_VALUES"),
        ("deep", "[", "a bracket", "LIMIT_VALUES"),
        ("no-value", "x", "a letter that starts no value", "SYNTAX_UNEXPECTED"),
        ("bracket", "]", "a closing bracket", "SYNTAX_UNEXPECTED"),
        ("end", "", "the end of the input", "SYNTAX_END"),
    ):
        table.row(
            f"values-then-{name}", f"the first value beyond a limit of 3 is {what}", "json-12",
            '{"a": [1, ' + value, "a wrong order", limits={"values": 3}, expect=code,
        )  # fmt: skip
    table.row(
        "values-and-depth", "a bracket beyond both limits", "json-12 json-8", '{"a": [[',
        "a wrong order: values come before depth",
        limits={"values": 2, "depth": 2}, expect="LIMIT_VALUES",
    )  # fmt: skip
    in_data = '{"tensors": {"W": {"shape": [1], "data": [[1, 2], [3, '
    table.row(
        "values-in-data", "lists inside tensor data: what is in them counts", "json-12", in_data,
        "an exemption that is too wide", limits={"values": 8}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "values-not-data", "a list called data in another place", "json-12",
        '{"metadata": {"tensors": {"W": {"data": [1, 2',
        "an exemption that is too wide", limits={"values": 6}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "values-not-tensors", "a list called data below another top-level member", "json-12",
        '{"weights": {"W": {"data": [1, 2', "a path whose first key is not compared",
        limits={"values": 5}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "values-list-of-tensors", "tensors as a list: no tensor data", "json-12",
        '{"tensors": [{"data": [1, 2', "a path that counts a list as a level",
        limits={"values": 5}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "values-data-deeper", "a member data of tensor data: no tensor data", "json-12",
        '{"tensors": {"W": {"data": {"data": [1, 2',
        "an exemption that is too wide", limits={"values": 6}, expect="LIMIT_VALUES",
    )  # fmt: skip
    table.row(
        "values-default-beyond", "a list of 1,000,000 zeros", "json-12 limit-1",
        Document.of_pieces((BEFORE + '{"x": [', 1), ("0,", 999_999), ("0]}" + AFTER, 1)),
        "no limit", expect="LIMIT_VALUES",
    )  # fmt: skip
    table.features = ["msgpack"]
    table.row(
        "values-msgpack-beyond", "one value more than the limit allows, in msgpack", "msgpack-8 limit-1",
        packed, "no limit in msgpack", limits={"values": values_in(SKELETON) - 2},
        expect="LIMIT_VALUES",
    )  # fmt: skip
    for name, data, code in (
        ("forbidden", b"\xc1", "SYNTAX_FORMAT"),
        ("end", b"", "SYNTAX_END"),
        ("cut", b"\xcd", "LIMIT_VALUES"),
        ("nan", b"\xca\x7f\xc0\x00\x00", "LIMIT_VALUES"),
    ):
        table.row(
            f"values-msgpack-then-{name}", f"the first value beyond the limit is {name}", "msgpack-8",
            map_head(2) + pack("aaaa") + b"\x00" + pack("b") + data,
            "a wrong order", limits={"values": 2}, expect=code,
        )  # fmt: skip
    table.row(
        "values-msgpack-data", "an array as tensor data counts", "msgpack-8",
        map_head(1) + pack("tensors") + map_head(1) + pack("W") + map_head(1) + pack("data")
        + b"\x92\x01\x02",
        "an exemption that only JSON has", limits={"values": 5}, expect="LIMIT_VALUES",
    )  # fmt: skip


def layers(table: Table) -> None:
    """[doc-7]."""

    def net(count: int) -> bytes:
        names = [{"name": f"s{k}", "type": "activation", "function": "relu"} for k in range(count)]
        return tight_bytes(document(layers=names, tensors={}))

    table.features = None
    table.row(
        "layers-at", "4 layers under a limit of 4", "doc-7 limit-1", net(4),
        "a limit that is one too low", limits={"layers": 4},
    )  # fmt: skip
    table.row(
        "layers-default-at", "256 layers", "doc-7 limit-1", net(256), "a limit that is one too low"
    )
    table.features = ["json"]
    table.row(
        "layers-beyond", "5 layers under a limit of 4", "doc-7 limit-1", net(5),
        "a limit that is one too high", limits={"layers": 4}, expect="LIMIT_LAYERS",
    )  # fmt: skip
    table.row(
        "layers-default-beyond", "257 layers", "doc-7 limit-1",
        Document.of_pieces(
            ('{"rnnspec":"1.0-draft.3","input":{"kind":"features","size":1},"output":{"kind":"values"},"tensors":{},"layers":[', 1),
            ("1,", 256), ("1]}", 1),
        ),
        "a limit that is one too high, or layers that are judged beyond it", expect="LIMIT_LAYERS",
    )  # fmt: skip
    table.row(
        "layers-not-judged", "5 broken layers under a limit of 4", "doc-7 doc-6",
        json_bytes(dense_net(layers=[None, 1, {}, {"type": "gru"}, []], extra=1)),
        "layers that are judged all the same", limits={"layers": 4},
        expect=("LIMIT_LAYERS", "STRUCTURE_UNKNOWN_KEY"),
    )  # fmt: skip


def elements(table: Table) -> None:
    """[tensor-5]."""

    def net(shape: list[int]) -> bytes:
        return json_bytes(
            dense_net(tensors={"W": {"dtype": "float32", "shape": shape, "data": [2.0]}})
        )

    table.features = None
    table.row(
        "elements-at", "1 element under a limit of 1", "tensor-5 limit-1", net([1, 1]),
        "a limit that is one too low", limits={"elements": 1},
    )  # fmt: skip
    table.features = ["json"]
    for name, shape, what in (
        ("default", [134_217_729], "134,217,729 elements"),
        ("square", [65_536, 65_536], "65,536 times 65,536, which is 0 modulo 2^32"),
        ("cube", [2_147_483_647] * 3, "three times 2,147,483,647"),
        ("wrap", [2**31 - 1, 2**31 - 1, 4], "a product just below 2^64"),
        ("wrap-32", [65_536, 65_537], "65,536 times 65,537, which is 65,536 modulo 2^32"),
        ("wrap-64", [2**22, 2**21, 2**21], "2^64, which is 0 modulo 2^64"),
    ):
        table.row(
            f"elements-{name}-beyond", what, "tensor-5 limit-1", net(shape),
            "a product that overflows, or memory for elements that are not there",
            expect="LIMIT_ELEMENTS",
        )  # fmt: skip
    table.row(
        "elements-beyond", "2 elements under a limit of 1", "tensor-5 limit-1", net([2, 1]),
        "a limit that is one too high", limits={"elements": 1}, expect="LIMIT_ELEMENTS",
    )  # fmt: skip
    table.row(
        "elements-default-at", "134,217,728 elements that are not there", "tensor-5 agree-6 stage-5",
        net([134_217_728]), "memory for elements that are not there",
        expect=("TENSOR_LENGTH", "TENSOR_SHAPE"),
    )  # fmt: skip


def tokens(table: Table) -> None:
    """Section 7: a vocabulary's length is no limit that a caller sets, so the list has to be as long."""
    most = 2_097_152
    head = (
        '{"rnnspec":"1.0-draft.3","input":{"kind":"tokens","vocabulary":"v"},"output":{"kind":"values"},'
        '"layers":[{"name":"a","type":"one_hot"}],"tensors":{},"vocabularies":{"v":{"unit":"byte","tokens":['
    )
    table.features = ["json", "byte"]
    for name, count, tail, code in (
        ("beyond", most + 1, "0]}}}", "STRUCTURE_LENGTH"),
        # A second fault, so that nobody has to warn of two million repeated tokens.
        ("at", most, '0]}},"extra":0}', "STRUCTURE_UNKNOWN_KEY"),
    ):
        table.row(
            f"tokens-{name}", f"a vocabulary of {count:,} tokens", "doc-4 limit-1",
            Document.of_pieces((head, 1), ("0,", count - 1), (tail, 1)),
            "no bound, or one that is one too high or too low",
            limits={"values": 3_000_000}, expect=code,
        )  # fmt: skip
