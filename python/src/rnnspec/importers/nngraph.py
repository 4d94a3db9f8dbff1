"""nngraph: what a graph of Torch's nngraph computes, as terms; and terms against patterns.

A term is (operation, attributes, *inputs), and stands in a table under a number, so that equal terms have equal
numbers. The order of the inputs of `add` and `multiply` means nothing. A pattern is a term whose inputs
may be patterns or numbers, and whose attributes may be names such as "?a", which match anything once.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Any, Final, TypeAlias

from rnnspec.importers.refusal import malformed, named, unsupported
from rnnspec.importers.torch7 import Object, Storage, Table, Value

Pattern: TypeAlias = "int | tuple[object, ...]"
Bound: TypeAlias = dict[str, object]

_FUNCTIONS: Final = {
    "nn.Sigmoid": "sigmoid",
    "nn.Tanh": "tanh",
    "nn.LogSoftMax": "log_softmax",
    "nn.CAddTable": "add",
    "nn.CMulTable": "multiply",
    "OneHot": "one_hot",
}
_ANY_ORDER: Final = ("add", "multiply")


class Graph:
    """The terms of one nn.gModule: `inputs` by number from 1, `outputs` in order, `linears` by their attribute."""

    def __init__(self, module: Object) -> None:
        """Raises Refused."""
        self.terms: list[tuple[Any, ...]] = []
        self.linears: list[Object] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._of_data: dict[int, int] = {}  # identity of a node's data → term
        self._source: Table | None = None
        self.outputs: list[int] = []
        nodes = module.fields.get("forwardnodes")
        for node in nodes.list() if isinstance(nodes, Table) else []:
            self._node(node)
        if not self.outputs:
            raise malformed("the graph of the net has no outputs: take another checkpoint")

    def term(self, *term: object) -> int:
        """The number of a term."""
        if term[0] in _ANY_ORDER:
            term = (*term[:2], *sorted(part for part in term[2:] if isinstance(part, int)))
        if term not in self._numbers:
            self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return self._numbers[term]

    def match(self, pattern: Pattern, number: int, bound: Bound) -> Iterator[Bound]:
        """The ways in which the term is the pattern: what the names stand for."""
        if isinstance(pattern, int):
            if pattern == number:
                yield bound
            return
        operation, wanted, *parts = pattern
        found, given, *inputs = self.terms[number]
        attributes = _bind(wanted, given, bound)
        if found != operation or len(parts) != len(inputs) or attributes is None:
            return
        orders = permutations(inputs) if operation in _ANY_ORDER else [tuple(inputs)]
        for order in orders:
            ways = [attributes]
            for part, child in zip(parts, order, strict=True):
                ways = [more for way in ways for more in self.match(part, child, way)]  # type: ignore[arg-type]
            yield from ways

    def _node(self, node: Value) -> None:
        data = node.fields.get("data") if isinstance(node, Object) else None
        children = node.fields.get("children") if isinstance(node, Object) else None
        if not isinstance(data, Table) or not isinstance(children, Table):
            raise malformed("a node of the graph has no data: take another checkpoint")
        from_nodes = data.get("mapindex")
        parents = from_nodes.list() if isinstance(from_nodes, Table) else []
        module = data.get("module")
        if module is None and self._source is None:
            self._source = from_nodes if isinstance(from_nodes, Table) else Table()
            self._of_data[id(data)] = self.term("source", ())
            return
        inputs = []
        for parent in parents:
            if id(parent) not in self._of_data:
                raise malformed("the nodes of the graph are not in order: take another checkpoint")
            inputs.append(self._of_data[id(parent)])
        if not children.items and module is None:
            self.outputs = inputs
            return
        number = self._source.items.get(data) if self._source else None
        if isinstance(number, float) and len(inputs) == 1:  # older graphs number their inputs here
            inputs = [self.term("input", (int(number),))]
        if isinstance(module, Object):
            self._of_data[id(data)] = self._module(module, inputs)
        elif len(inputs) == 1:
            self._of_data[id(data)] = self._select(data.get("selectindex"), inputs[0])
        else:
            raise unsupported("the graph joins nodes in a way that char-rnn does not")

    def _select(self, index: Value, parent: int) -> int:
        if index is None:
            return parent
        operation, attributes, *inputs = self.terms[parent]
        if not isinstance(index, float) or not index.is_integer() or index < 1:
            raise malformed("a node of the graph selects no whole number: take another checkpoint")
        if operation == "source":
            return self.term("input", (int(index),))
        if operation == "split" and isinstance(attributes, tuple) and isinstance(inputs[0], int):
            count, width = attributes
            if index <= count:
                return self._narrow(int(index - 1) * width, width, inputs[0])
        raise unsupported("the graph selects a part in a way that char-rnn does not")

    def _module(self, module: Object, inputs: list[int]) -> int:
        kind, fields = module.kind, module.fields
        if kind in {"nn.CAddTable", "nn.CMulTable"} and len(inputs) == 2:
            return self.term(_FUNCTIONS[kind], (), *inputs)
        if len(inputs) == 1:
            (x,) = inputs
            if kind == "nn.Identity" or (kind == "nn.Dropout" and _drops_nothing(fields)):
                return x
            if kind == "nn.Linear":
                self.linears.append(module)
                return self.term("linear", (len(self.linears) - 1,), x)
            if kind in _FUNCTIONS and kind not in {"nn.CAddTable", "nn.CMulTable"}:
                return self.term(_FUNCTIONS[kind], (), x)
            if kind == "nn.Narrow" and fields.get("dimension") == 2:
                return self._narrow(
                    _whole(fields.get("index")) - 1, _whole(fields.get("length")), x
                )
            if kind == "nn.Reshape" and len(sizes := _sizes(fields.get("size"))) == 2:
                return self.term("reshape", sizes, x)
            operation, attributes, *below = self.terms[x]
            if kind == "nn.SplitTable" and fields.get("dimension") == 2 and operation == "reshape":
                return self.term("split", attributes, *below)
            if kind in {"nn.AddConstant", "nn.MulConstant"}:
                constant = fields.get("constant_scalar")
                return self.term("plus" if kind == "nn.AddConstant" else "times", (constant,), x)
        raise unsupported(
            f"the net has a {named(kind)} where char-rnn has none, or of another kind: only unchanged LSTM, GRU and "
            "RNN nets of char-rnn are read; export such a net from its own program"
        )

    def _narrow(self, start: int, width: int, x: int) -> int:
        """A part of a vector; of a function's result it is the function of the part."""
        operation, attributes, *inputs = self.terms[x]
        if operation in {"sigmoid", "tanh"} and self.terms[inputs[0]][0] not in {"sigmoid", "tanh"}:
            return self.term(operation, (), self._narrow(start, width, inputs[0]))
        if operation == "narrow" and isinstance(attributes, tuple) and isinstance(inputs[0], int):
            if start + width > attributes[1]:
                raise malformed("the graph takes more than there is: take another checkpoint")
            return self._narrow(attributes[0] + start, width, inputs[0])
        return self.term("narrow", (start, width), x)


def _bind(wanted: object, given: object, bound: Bound) -> Bound | None:
    if not isinstance(wanted, tuple) or not isinstance(given, tuple) or len(wanted) != len(given):
        return None
    bound = dict(bound)
    for name, value in zip(wanted, given, strict=True):
        if isinstance(name, str):
            if bound.setdefault(name, value) != value:
                return None
        elif name != value:
            return None
    return bound


def _drops_nothing(fields: Table) -> bool:
    """Whether the layer leaves its input as it is once training is over. The first nn.Dropout scaled it then."""
    return fields.get("v2") is True or fields.get("p") == 0


def _whole(value: Value) -> int:
    if not isinstance(value, float) or not value.is_integer() or not 1 <= value < 1 << 31:
        raise malformed(
            "a part of the graph has no whole number for its size: take another checkpoint"
        )
    return int(value)


def _sizes(value: Value) -> tuple[int, ...]:
    return tuple(int(size) for size in value.values) if isinstance(value, Storage) else ()
