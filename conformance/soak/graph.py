"""Layers that name what they read: a document that grows layer by layer (SPEC.md 8)."""

import random
from dataclasses import dataclass
from typing import Any

from conformance.soak.cells import Cell, Shapes, activation
from conformance.soak.numbers import Numbers
from conformance.soak.options import FUNCTIONS, MERGES, Row

Json = dict[str, Any]
INPUT = "input"
WIDEST = 140  # of a concat
# Names that are something else in a language or in the format.
ODD_NAMES = (
    "constructor",
    "toString",
    "length",
    "values",
    "h",
    "c",
    "W",
    "state",
    "output",
    "None",
)


@dataclass(frozen=True)
class Node:
    """What can be read: a layer, or the input."""

    name: str
    width: int
    timed: bool


def _width(node: Node) -> int:
    return node.width


class Graph:
    """The layers so far; `top` is the one that the next layer reads."""

    def __init__(self, row: Row, width: int, numbers: Numbers, rng: random.Random) -> None:
        self.row = row
        self.rng = rng
        self.numbers = numbers
        self.layers: list[Json] = []
        self.nodes = [Node(INPUT, width, timed=True)]
        self.cells: dict[str, dict[str, int]] = {}  # name -> arrays of its state
        self.work = 0  # multiplications for one step of one row

    @property
    def top(self) -> Node:
        """The layer that is read next."""
        return self.nodes[-1]

    # --- any layer --------------------------------------------------------------------------------

    def add(
        self, kind: str, width: int, members: Json, shapes: Shapes | None = None,
        *, reads: list[Node] | None = None, timed: bool | None = None,
    ) -> Node:  # fmt: skip
        """A layer over the top, or over `reads`."""
        given = [self.top] if reads is None else reads
        name = self.name(kind)
        entry: Json = {"name": name, "type": kind}
        is_default = [node.name for node in given] == [self.nodes[-1].name]
        if kind in MERGES or not is_default or self.says():
            entry["inputs"] = [node.name for node in given]
        entry |= members
        if shapes:
            entry["parameters"] = {
                role: self.numbers.tensor(f"{name}.{role}", shape, usual)
                for role, (shape, usual) in shapes.items()
            }
            self.work += sum(shape[0] * shape[1] for shape, _ in shapes.values() if len(shape) == 2)
        if self.row["extras"] == "yes" and self.rng.random() < 0.5:
            entry["extensions"] = {"ACME_note": {"seen": [None, True, name]}}
        self.layers.append(entry)
        self.nodes.append(Node(name, width, given[0].timed if timed is None else timed))
        return self.top

    def name(self, kind: str) -> str:
        """One that is not taken."""
        taken = {node.name for node in self.nodes}
        odd = self.rng.choice(ODD_NAMES)
        if self.row["extras"] == "yes" and odd not in taken and self.rng.random() < 0.3:
            return odd
        return f"{kind}{len(self.layers)}"

    def says(self) -> bool:
        """Whether the default of `inputs` is spelled out."""
        words = self.row["inputs"]
        return words == "spelled out" or (words == "mixed" and self.rng.random() < 0.5)

    def readable(self) -> list[Node]:
        """All that layers but the first can read."""
        return [
            node for node in self.nodes if node.name != INPUT or self.row["input"] == "features"
        ]

    # --- the layers of section 13 -----------------------------------------------------------------

    def from_tokens(self, kind: str, size: int | None = None) -> Node:
        """`embedding` or `one_hot`."""
        tokens = self.nodes[0]
        if kind == "one_hot":
            return self.add("one_hot", tokens.width, {}, reads=[tokens])
        width = size or self.rng.randint(1, 24)
        shapes: Shapes = {"E": ([tokens.width, width], 1.0)}
        return self.add("embedding", width, {"size": width}, shapes, reads=[tokens])

    def cell(self, kind: str, words: Row, *, final: bool, reads: Node | None = None) -> Node:
        """A recurrent layer; `words` are the options that begin with its name."""
        given = reads or self.top
        cell = Cell(kind, words, given.width, self.rng)
        if final:
            cell.members["output"] = "final"
        elif self.rng.random() < 0.3:
            cell.members["output"] = "sequence"  # the default, said aloud
        node = self.add(kind, cell.width, cell.members, cell.shapes, reads=[given], timed=not final)
        self.cells[node.name] = cell.arrays
        return node

    def plain(self, kind: str, *, reads: Node | None = None, function: str | None = None) -> Node:
        """A layer without memory that leaves the width as it is."""
        given = reads or self.top
        width, members = given.width, {}
        shapes: Shapes = {}
        if kind == "affine":
            shapes = {"s": ([width], 1.5), "t": ([width], 1.0)}
        elif kind == "layer_norm":
            members = {"epsilon": self.epsilon()}
            shapes = {"gamma": ([width], 1.5), "beta": ([width], 1.0)}
        elif kind == "activation":
            members = activation(function or self.rng.choice(FUNCTIONS), self.rng)
        return self.add(kind, width, members, shapes, reads=[given])

    def epsilon(self) -> float:
        """Of a layer_norm."""
        words = self.row.get("epsilon", "usual")
        if words == "usual":
            return self.rng.choice((1e-3, 1e-5, 1e-8, 1e-12))
        return 1.0 if words == "1" else 2.0**-50

    def dense(self, size: int, *, bias: bool, reads: Node | None = None) -> Node:
        """A matrix."""
        given = reads or self.top
        bound = given.width**-0.5
        shapes: Shapes = {"W": ([given.width, size], bound)}
        if bias:
            shapes["b"] = ([size], bound)
        return self.add("dense", size, {"size": size}, shapes, reads=[given])

    def last_step(self) -> Node:
        """The end of time."""
        return self.add("last_step", self.top.width, {}, timed=False)

    # --- two inputs and more ----------------------------------------------------------------------

    def merge(self, kind: str, *, count: int | None = None, with_: Node | None = None) -> Node:
        """`add`, `multiply` or `concat` of the top and others: earlier layers, new branches, the top again."""
        rng, top = self.rng, self.top
        chosen = [top, *([with_] if with_ else [])]
        for _ in range((count or self.merged_inputs()) - len(chosen)):
            beside = [node for node in self.readable() if node.timed == top.timed]
            if kind == "concat":
                room = WIDEST - sum(node.width for node in chosen)
                other = rng.choice(
                    [node for node in beside if node.width <= room] or [min(beside, key=_width)]
                )
            else:
                other = rng.choice([node for node in beside if node.width == top.width])
            if rng.random() < 0.4:
                other = (
                    self.branch(rng.choice(beside), top.width)
                    if kind != "concat"
                    else self.plain(rng.choice(("activation", "affine")), reads=other)
                )
            chosen.append(other)
        rng.shuffle(chosen)
        width = sum(node.width for node in chosen) if kind == "concat" else top.width
        return self.add(kind, width, {}, reads=chosen)

    def branch(self, source: Node, width: int) -> Node:
        """A layer more of a width, over any earlier one."""
        if source.width != width:
            return self.dense(width, bias=self.rng.random() < 0.5, reads=source)
        return self.plain(self.rng.choice(("activation", "affine")), reads=source)

    def merged_inputs(self) -> int:
        """How many."""
        low, _, high = self.row.get("merged inputs", "2").partition("–")
        return self.rng.randint(int(low), int(high or low))
