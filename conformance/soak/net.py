"""A row of options made into a document: the numbers, sizes and places that no option fixes are drawn."""

import random
from typing import Any

from conformance.generator.build import document
from conformance.soak.cells import another
from conformance.soak.graph import INPUT, Graph, Node
from conformance.soak.numbers import Numbers, size_of
from conformance.soak.options import CELLS, GENERATES, MERGES, TOKENS, Row
from conformance.soak.vocabulary import vocabulary

Json = dict[str, Any]
SOFTMAX = {"softmax": "probabilities", "log_softmax": "log_probabilities"}


class Draft:
    """The layers of a row, in an order of their own."""

    def __init__(self, row: Row, V: int, graph: Graph, rng: random.Random) -> None:
        self.row, self.V, self.graph, self.rng = row, V, graph, rng

    def stack(self) -> None:
        """All layers."""
        self.first()
        for kind in self.placed("before"):
            self.without_memory(kind)
        self.cells()
        for kind in self.placed("behind"):
            self.without_memory(kind)
        if self.row["last"] != "any":
            self.graph.add("activation", self.graph.top.width, {"function": self.row["last"]})
        if not self.graph.layers:
            self.graph.plain("activation", function="linear")

    def first(self) -> None:
        """Tokens become numbers; the input is read once or twice."""
        row, graph, rng = self.row, self.graph, self.rng
        twice = row["input read"] == "twice"
        kind = rng.choice(MERGES)
        if row["input"] in TOKENS:
            first = graph.from_tokens(row["input"])
            if twice:
                graph.from_tokens(
                    *rng.choice((("embedding", first.width), (row["input"], first.width)))
                )
                graph.merge(
                    kind if graph.top.width == first.width else "concat", count=2, with_=first
                )
        elif twice:
            graph.merge(kind, count=2, with_=graph.top)

    def placed(self, place: str) -> list[str]:
        """The layers without memory before or behind the cells, in any order that SPEC.md allows."""
        row, rng = self.row, self.rng
        kinds = ["affine", "activation", "layer_norm", "time_reverse", *MERGES]
        kinds = [kind for kind in kinds if row[kind] == place]
        if place == "behind":
            kinds += ["dense"] if row["dense"] != "no" else []
            kinds += ["last_step"] if row["time"] == "last_step" else []
        rng.shuffle(kinds)
        if "time_reverse" in kinds:  # nothing reads time where there is none
            kinds.sort(key="last_step".__eq__)
        if row["call"] in GENERATES and "concat" in kinds:  # the last width is the vocabulary's
            kinds.sort(key="dense".__eq__)
        return kinds

    def without_memory(self, kind: str) -> None:
        """One of them."""
        row, graph = self.row, self.graph
        if kind in MERGES:
            graph.merge(kind)
        elif kind == "dense":
            generates = row["call"] in GENERATES or self.rng.random() < 0.5
            size = self.V if self.V and generates else self.rng.randint(1, 70)
            graph.dense(size, bias=row["dense"] == "with b")
        elif kind == "last_step":
            graph.last_step()
        elif kind == "time_reverse":
            graph.add("time_reverse", graph.top.width, {})
        else:
            graph.plain(kind, function=row.get("function"))

    # --- cells ------------------------------------------------------------------------------------

    def cells(self) -> None:
        """Those of the row in any order; the final one is the last."""
        row, rng, graph = self.row, self.rng, self.graph
        kinds = [kind for kind in CELLS if row[kind] != "no"]
        rng.shuffle(kinds)
        last = row["time"].removeprefix("final ")
        kinds.sort(key=lambda kind: kind == last)
        order = [(kind, row, kind == last) for kind in kinds]
        if row["again"] != "no":
            place = rng.randrange(len(order) if last in kinds else len(order) + 1)
            order.insert(place, (row["again"], another(row["again"], row["net"], rng), False))
        before: Node | None = None  # what the cell before has read
        for kind, words, final in order:
            source = graph.top
            beside = before if before is not None and rng.random() < 0.25 else None
            other = graph.top
            self.graph.cell(kind, words, final=final, reads=beside)
            if beside is not None:  # two cells side by side
                self.join(other, final=final)
            before = source

    def join(self, other: Node, *, final: bool) -> None:
        """A cell and the one beside it, which both read the same."""
        graph = self.graph
        own = graph.top
        if final:  # `own` has no time: neither may what stands beside it
            graph.add("last_step", other.width, {}, reads=[other], timed=False)
            graph.add("concat", own.width + other.width, {}, reads=[own, graph.top])
            return
        merges = MERGES if own.width == other.width else ("concat",)
        graph.merge(self.rng.choice(merges), count=2, with_=other)


class Net:
    """A document, and what a call to it needs to know."""

    def __init__(self, row: Row, rng: random.Random) -> None:
        self.inputs = size_of(row["input size"], rng)  # V or the number of features
        numbers = Numbers(row, rng)
        graph = Graph(row, self.inputs, numbers, rng)
        entry = (
            vocabulary(row["unit"], row["special ids"], self.inputs, rng) if "unit" in row else None
        )
        if entry is not None and row.get("prime") == "none":
            entry["start"] = rng.randrange(self.inputs)
        Draft(row, self.inputs if entry is not None else 0, graph, rng).stack()
        self.work = max(1, graph.work)
        self.sizes = [node.width for node in graph.nodes]
        self.cells = graph.cells
        self.names = [layer["name"] for layer in graph.layers]
        self.outputs = graph.top.width
        self.vocabulary: Json | None = entry
        members = self.members(row, rng)
        self.document = document(layers=graph.layers, tensors=numbers.tensors, **members)

    def members(self, row: Row, rng: random.Random) -> Json:
        """All but layers and tensors."""
        entry, width = self.vocabulary, self.outputs
        output: Json = {"kind": SOFTMAX.get(row["last"], "values")}
        members: Json = {"input": {"kind": "features", "size": self.inputs}, "output": output}
        if entry is not None:
            members["input"] = {"kind": "tokens", "vocabulary": "text"}
            members["vocabularies"] = {"text": entry}
        same = entry is not None and width == self.inputs
        if row["call"] in GENERATES or (same and rng.random() < 0.5):
            output["vocabulary"] = "text"
        elif row["call"] == "ctc":
            output["vocabulary"] = "labels"
            labels = vocabulary(
                rng.choice(("byte", "codepoint", "token", "token, separator")),
                rng.choice(("no", "yes")), width, rng,
            )  # fmt: skip
            members["vocabularies"] = members.get("vocabularies", {}) | {"labels": labels}
        if "vocabulary" in output:
            output["kind"] = SOFTMAX.get(row["last"], "logits")
        if row["extras"] == "yes":
            output["labels"] = [f"label {k}" for k in range(width)]
            members["metadata"] = {"a": [None, 1e300, {"rnnspec": "no"}], "": "\u0000"}
            members["extensions"] = {"ACME_tool": {"seed": 7, "deep": [[], {}]}}
            if entry is None:
                members[INPUT] |= {
                    "names": [f"feature {k}" for k in range(self.inputs)],
                    "units": ["m/s"] * self.inputs,
                    "sample_rate": rng.choice((44100, 0.001, 24.0, 1e9 / 3)),
                }
        return members
