"""onnx_file: an .onnx file as it stands, a ModelProto: nodes, initializers, inputs and outputs of its graph.

Fields that this importer has no use for are passed over, those that would change what the graph computes are refused.
"""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from rnnspec.importers.onnx_tensors import (
    DTYPES,
    FIELDS,
    LARGEST_SIZE,
    TensorReader,
    message_of,
    number_of,
    whole_of,
)
from rnnspec.importers.protobuf import BYTES, VARINT, Budget, fields, signed, text
from rnnspec.importers.refusal import Refused, malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.importers.stored import Stored

NODES: Final = 20_000
_GRAPH, _OPSETS = 7, 8  # of a ModelProto
_MODEL: Final = frozenset({*range(1, 9), 14, 20, 25, 26})

Attribute: TypeAlias = float | int | bytes | Stored | tuple[Any, ...] | None  # None: not read


@dataclass(frozen=True)
class Node:
    """An operator of the graph."""

    op: str
    name: str
    inputs: tuple[str, ...]  # "" where one is left out
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]
    domain: str

    def __str__(self) -> str:
        kind = f"{self.domain}.{self.op}" if self.domain else self.op
        told = self.name or next((name for name in self.outputs if name), "")
        return f'the node "{named(told)}" ({named(kind)})'


@dataclass(frozen=True)
class End:
    """An input or output of the graph. A size is a number, or None where it is free."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass
class OnnxFile:
    """What is read of a ModelProto."""

    nodes: list[Node] = field(default_factory=list)
    initializers: dict[str, Stored] = field(default_factory=dict)
    inputs: list[End] = field(default_factory=list)
    outputs: list[End] = field(default_factory=list)
    opset: int = 0
    producer: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


def looks_like_onnx(data: bytes) -> bool:
    """Whether the bytes are fields of a ModelProto, a graph and an operator set among them."""
    seen = set()
    try:
        for number, kind, _ in fields(memoryview(data), Budget(1000)):
            if number not in _MODEL or kind not in {VARINT, BYTES}:
                return False
            seen.add(number)
    except Refused:
        return False
    return {_GRAPH, _OPSETS} <= seen


def read_onnx(source: Source) -> OnnxFile:
    """The file. Raises Refused; OSError for the file itself."""
    return _Reader(source).model(memoryview(source.data()))


class _Reader:
    def __init__(self, source: Source) -> None:
        self._budget = Budget(FIELDS)
        self._tensors = TensorReader(source, self._budget)

    def model(self, message: memoryview) -> OnnxFile:
        file = OnnxFile()
        graphs = 0
        for number, _, value in fields(message, self._budget):
            if number == 2:
                file.producer = text(value)
            elif number == _GRAPH:
                graphs += 1
                self._graph(message_of(value), file)
            elif number == _OPSETS:
                domain, version = "", 0
                for n, _, v in fields(message_of(value), self._budget):
                    domain = text(v) if n == 1 else domain
                    version = number_of(v) if n == 2 else version
                file.opset = version if domain in {"", "ai.onnx"} else file.opset
            elif number == 14:
                key, entry = self._tensors.entry(message_of(value))
                file.metadata[key] = entry
        if graphs != 1:
            raise malformed("the file has no graph, or more than one: export the net again")
        return file

    def _graph(self, message: memoryview, file: OnnxFile) -> None:
        made: set[str] = set()
        for number, _, value in fields(message, self._budget):
            if number == 1:
                node = self._node(message_of(value))
                file.nodes.append(node)
                again = made.intersection(filter(None, node.outputs))
                made.update(node.outputs)
                if again:
                    raise malformed(f'two nodes give "{named(again.pop())}": export the net again')
                if len(file.nodes) > NODES:
                    raise Refused(
                        "IMPORT_LIMIT",
                        f"the graph has more than {NODES:,} nodes: unrolled graphs are not read; export the net "
                        "with its recurrent operators",
                    )
            elif number == 5:
                tensor = self._tensors.tensor(message_of(value), "")
                if tensor.name in file.initializers:
                    raise malformed(f"there are two initializers {tensor}: export the net again")
                file.initializers[tensor.name] = tensor
            elif number == 11:
                file.inputs.append(self._end(message_of(value)))
            elif number == 12:
                file.outputs.append(self._end(message_of(value)))
            elif number == 15:
                raise unsupported(
                    "the graph has sparse initializers, which are not read: export the net with dense ones"
                )

    def _node(self, message: memoryview) -> Node:
        inputs, outputs, name, op, domain = [], [], "", "", ""
        attributes: dict[str, Attribute] = {}
        for number, _, value in fields(message, self._budget):
            if number == 1:
                inputs.append(text(value))
            elif number == 2:
                outputs.append(text(value))
            elif number == 3:
                name = text(value)
            elif number == 4:
                op = text(value)
            elif number == 5:
                key, attribute = self._attribute(message_of(value))
                if key in attributes:
                    raise malformed(
                        f'the node "{named(name)}" has the attribute {named(key)} twice: export the net again'
                    )
                attributes[key] = attribute
            elif number == 7:
                domain = text(value)
        domain = "" if domain == "ai.onnx" else domain
        return Node(op, name, tuple(inputs), tuple(outputs), attributes, domain)

    def _attribute(self, message: memoryview) -> tuple[str, Attribute]:
        name, kind = "", 0
        single: dict[int, Attribute] = {1: 0.0, 2: 0, 3: b"", 4: None}
        several: dict[int, list[Any]] = {6: [], 7: [], 8: []}
        for number, wire, value in fields(message, self._budget):
            if number == 1:
                name = text(value)
            elif number == 20:
                kind = number_of(value)
            elif number == 2:
                (single[1],) = np.frombuffer(
                    whole_of(message_of(value), 4)[:4], "<f4"
                ).tolist() or [0.0]
            elif number == 3:
                single[2] = signed(number_of(value))
            elif number == 4:
                single[3] = bytes(message_of(value))
            elif number == 5:
                single[4] = self._tensors.tensor(message_of(value), name)
            elif number == 7:  # packed, or one after the other
                several[6] += np.frombuffer(whole_of(message_of(value), 4), "<f4").tolist()
            elif number == 8:
                several[7] += self._tensors.ints(wire, value)
            elif number == 9:
                several[8].append(bytes(message_of(value)))
        if kind in several:
            return name, tuple(several[kind])
        return name, single.get(kind)

    def _end(self, message: memoryview) -> End:
        name, dtype, shape = "", "", None
        for number, _, value in fields(message, self._budget):
            if number == 1:
                name = text(value)
            elif number == 2:
                for kind, _, inner in fields(message_of(value), self._budget):
                    if kind != 1:
                        continue  # sequences, maps and the like: their dtype stays unknown
                    for n, _, v in fields(message_of(inner), self._budget):
                        dtype = DTYPES.get(number_of(v), "") if n == 1 else dtype
                        shape = self._sizes(message_of(v)) if n == 2 else shape
        return End(name, dtype, shape)

    def _sizes(self, message: memoryview) -> tuple[int | None, ...]:
        sizes: list[int | None] = []
        for number, _, dimension in fields(message, self._budget):
            if number != 1:
                continue
            size = None
            for n, _, v in fields(message_of(dimension), self._budget):
                given = signed(number_of(v)) if n == 1 else 0
                size = given if 0 < given <= LARGEST_SIZE else size
            sizes.append(size)
        return tuple(sizes)
