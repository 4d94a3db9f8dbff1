"""Writes files as Torch7's torch.save does, and the graphs of char-rnn in them. It shares no code with the importer."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(eq=False)
class Obj:
    """An object of a Lua class."""

    kind: str
    fields: dict[Any, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Raw:
    """Bytes in the place of a value."""

    data: bytes


class Hashable(dict[Any, Any]):  # a table that can be a key, as Lua's can
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class T7:
    """`T7("Cuda").bytes(value)`; arrays become tensors of that type."""

    def __init__(self, tensors: str = "Double") -> None:
        self.tensors = tensors
        self.out = bytearray()
        self.numbers: dict[int, int] = {}
        self.alive: list[Any] = []

    def file(self, value: Any) -> bytes:  # noqa: ANN401
        self.value(value)
        return bytes(self.out)

    def ints(self, *numbers: int) -> None:
        self.out += struct.pack(f"<{len(numbers)}i", *numbers)

    def string(self, text: bytes) -> None:
        self.ints(len(text))
        self.out += text

    def first_time(self, tag: int, value: Any) -> bool:  # noqa: ANN401
        self.ints(tag)
        known = id(value) in self.numbers
        self.alive.append(value)
        self.ints(self.numbers.setdefault(id(value), len(self.numbers) + 1))
        return not known

    def head(self, kind: str) -> None:
        self.string(b"V 1")
        self.string(kind.encode())

    def value(self, value: Any) -> None:  # noqa: ANN401
        match value:
            case None:
                self.ints(0)
            case bool():
                self.ints(5, int(value))
            case int() | float():
                self.ints(1)
                self.out += struct.pack("<d", value)
            case str():
                self.value(value.encode())
            case bytes():
                self.ints(2)
                self.string(value)
            case Raw():
                self.out += value.data
            case list():
                self.pairs(value, list(enumerate(value, 1)))
            case dict():
                self.pairs(value, list(value.items()))
            case Obj():
                if self.first_time(4, value):
                    self.head(value.kind)
                    self.value(value.fields)
            case np.ndarray():
                if self.first_time(4, value):
                    self.tensor(value)

    def pairs(self, key: Any, pairs: list[tuple[Any, Any]]) -> None:  # noqa: ANN401
        if self.first_time(3, key):
            self.ints(len(pairs))
            for name, value in pairs:
                self.value(name)
                self.value(value)

    def tensor(self, array: Array) -> None:
        """With three numbers before it in its storage, as parameters flattened for training have."""
        self.head(f"torch.{self.tensors}Tensor")
        strides = [stride // 8 for stride in np.zeros(array.shape).strides]
        self.ints(array.ndim)
        self.out += struct.pack(f"<{2 * array.ndim + 1}q", *array.shape, *strides, 4)
        self.ints(4, len(self.numbers) + 1)
        self.numbers[-len(self.numbers) - 1] = len(self.numbers) + 1
        self.head(f"torch.{self.tensors}Storage")
        flat = [7.0, 8.0, 9.0, *(float(x) for x in array.reshape(-1))]
        letter = "d" if self.tensors == "Double" else "f"
        self.out += struct.pack(f"<q{len(flat)}{letter}", len(flat), *flat)


class Nodes:
    """The nodes of an nngraph net, made in the order in which they run. `Nodes.add` gives the data of a node."""

    def __init__(self, inputs: int, *, old: bool = False) -> None:
        self.nodes: list[Obj] = []
        self.source = self.add(None)
        self.source["mapindex"] = Hashable()
        holder = self.source if old else self.add(None, self.source)
        self.inputs = []
        for k in range(1, inputs + 1):
            if old:
                start = self.add(Obj("nn.Identity"), holder)
                self.source["mapindex"].update({k: start, start: k})
            else:
                start = self.add(Obj("nn.Identity"), self.add(None, holder, selectindex=k))
            self.inputs.append(start)

    def add(self, module: Obj | None, *parents: Any, **members: Any) -> Hashable:  # noqa: ANN401
        data = Hashable(mapindex=Hashable(), **members)
        if module is not None:
            data["module"] = module
        for k, parent in enumerate(parents, 1):
            data["mapindex"].update({k: parent, parent: k})
        node = Obj("nngraph.Node", {"data": data, "children": {}})
        for earlier in self.nodes:
            if any(earlier.fields["data"] is parent for parent in parents):
                children = earlier.fields["children"]
                children[len(children) + 1] = node
        self.nodes.append(node)
        return data

    def linear(self, pair: tuple[Array, Array | None], x: Hashable) -> Hashable:
        fields = {"weight": pair[0]} if pair[1] is None else {"weight": pair[0], "bias": pair[1]}
        return self.add(Obj("nn.Linear", fields), x)

    def call(self, kind: str, *parents: Hashable, **fields: Any) -> Hashable:  # noqa: ANN401
        return self.add(Obj(kind, fields), *parents)

    def module(self, outputs: Sequence[Hashable]) -> Obj:
        self.add(None, *outputs)
        return Obj("nn.gModule", {"forwardnodes": self.nodes, "nInputs": len(self.inputs)})


Linears = dict[str, tuple[Array, Array]]


def linears(model: str, seed: int = 1, tokens: int = 9, units: int = 5, layers: int = 2) -> Linears:
    """Loud weights by name, [outputs, inputs], float32 each; a GRU has six a layer."""
    random = np.random.default_rng(seed)
    names = {"lstm": ["i2h", "h2h"], "rnn": ["i2h", "h2h"], "gru": ["zx", "zh", "rx", "rh", "nh", "nx"]}  # fmt: skip
    blocks = 4 if model == "lstm" else 1
    made = {}
    for k in range(layers):
        for name in names[model]:
            from_below = name in {"i2h", "zx", "rx", "nx"}
            width = (units if k else tokens) if from_below else units
            made[f"{name}_{k}"] = (
                _loud(random, blocks * units, width),
                _loud(random, blocks * units),
            )
    made["decoder"] = (_loud(random, tokens, units), _loud(random, tokens))
    return made


def _loud(random: np.random.Generator, *shape: int) -> Array:
    return random.normal(size=shape).astype(np.float32).astype(np.float64)


def lstm_graph(
    w: Linears, layers: int, *, old: bool = False, gates: str = "ifog", dropout: Obj | None = None
) -> Obj:
    """char-rnn's LSTM: `old` takes gates with Narrow and numbers inputs in the source, else Reshape and SplitTable."""
    tokens, units = w["decoder"][0].shape
    n = Nodes(2 * layers + 1, old=old)
    x = n.call("OneHot", n.inputs[0], outputSize=tokens)
    outputs = []
    for k in range(layers):
        c, h = n.inputs[2 * k + 1 : 2 * k + 3]
        sums = n.call("nn.CAddTable", n.linear(w[f"i2h_{k}"], x), n.linear(w[f"h2h_{k}"], h))
        if old:
            # The three sigmoids side by side, before or behind g.
            first = 1 if gates[-1] == "g" else units + 1
            others = gates.replace("g", "")
            wide = n.call(
                "nn.Sigmoid",
                n.call("nn.Narrow", sums, dimension=2, index=first, length=3 * units),
            )
            part = {
                gate: n.call(
                    "nn.Narrow",
                    wide,
                    dimension=2,
                    index=others.index(gate) * units + 1,
                    length=units,
                )
                for gate in "ifo"
            }
            last = n.call(
                "nn.Narrow", sums, dimension=2, index=gates.index("g") * units + 1, length=units
            )
        else:
            size = Raw(b"")  # set below: a LongStorage
            reshaped = n.call("nn.Reshape", sums, size=size)
            size.data = long_storage(4, units, number=10_000 + k)
            holder = n.add(None, n.call("nn.SplitTable", reshaped, dimension=2), nSplitOutputs=4)
            parts = [n.add(None, holder, selectindex=j) for j in range(1, 5)]
            part = {gate: n.call("nn.Sigmoid", parts[gates.index(gate)]) for gate in "ifo"}
            last = parts[gates.index("g")]
        g = n.call("nn.Tanh", last)
        c = n.call(
            "nn.CAddTable",
            n.call("nn.CMulTable", part["f"], c),
            n.call("nn.CMulTable", part["i"], g),
        )
        h = n.call("nn.CMulTable", part["o"], n.call("nn.Tanh", c))
        outputs += [c, h]
        x = h if dropout is None or k == layers - 1 else n.add(dropout, h)
    return n.module([*outputs, n.call("nn.LogSoftMax", n.linear(w["decoder"], x))])


def rnn_graph(w: Linears, layers: int, function: str = "nn.Tanh") -> Obj:
    n = Nodes(layers + 1)
    x = n.call("OneHot", n.inputs[0], outputSize=len(w["decoder"][0]))
    outputs = []
    for k in range(layers):
        h = n.inputs[k + 1]
        x = n.call(
            function,
            n.call("nn.CAddTable", n.linear(w[f"i2h_{k}"], x), n.linear(w[f"h2h_{k}"], h)),
        )
        outputs.append(x)
    return n.module([*outputs, n.call("nn.LogSoftMax", n.linear(w["decoder"], x))])


def gru_graph(w: Linears, layers: int) -> Obj:
    n = Nodes(layers + 1)
    x = n.call("OneHot", n.inputs[0], outputSize=len(w["decoder"][0]))
    outputs = []
    for k in range(layers):
        h = n.inputs[k + 1]
        z, r = (
            n.call(
                "nn.Sigmoid",
                n.call(
                    "nn.CAddTable", n.linear(w[f"{gate}x_{k}"], x), n.linear(w[f"{gate}h_{k}"], h)
                ),
            )
            for gate in "zr"
        )
        p2 = n.linear(w[f"nh_{k}"], n.call("nn.CMulTable", r, h))
        p1 = n.linear(w[f"nx_{k}"], x)
        candidate = n.call("nn.Tanh", n.call("nn.CAddTable", p1, p2))
        less = n.call(
            "nn.AddConstant",
            n.call("nn.MulConstant", z, constant_scalar=-1),
            constant_scalar=1,
        )
        x = n.call(
            "nn.CAddTable", n.call("nn.CMulTable", z, candidate), n.call("nn.CMulTable", less, h)
        )
        outputs.append(x)
    return n.module([*outputs, n.call("nn.LogSoftMax", n.linear(w["decoder"], x))])


def long_storage(*numbers: int, number: int) -> bytes:
    kind = b"torch.LongStorage"
    head = struct.pack("<iii3si", 4, number, 3, b"V 1", len(kind)) + kind
    return head + struct.pack(f"<{len(numbers) + 1}q", len(numbers), *numbers)


def checkpoint(net: Obj, vocab: str = "\n abcdefg", **parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "protos": {"rnn": net, "criterion": Obj("nn.ClassNLLCriterion")},
        "opt": {"model": "lstm"},
        "val_losses": {1000: 1.5},
        "vocab": {c: k for k, c in enumerate(vocab, 1)},
        **parts,
    }
