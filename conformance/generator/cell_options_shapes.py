"""[agree-4], [agree-5], [agree-9] for options and directions: shapes, order of references, states; for `cell_options`."""

import itertools
from typing import Any

from conformance.generator.build import tensor
from conformance.generator.change import put, without
from conformance.generator.table import Table
from conformance.generator.wired import cell_shapes, filled, layer, net, with_every

Json = dict[str, Any]
PARAMETERS: list[str | int] = ["layers", 0, "parameters"]
BOTH: Json = {"direction": "bidirectional", "merge": "concat"}
COMBINED: list[Json] = [
    {}, {"peephole": "diagonal", "coupled": "forget"}, {"peephole": "full", "projection_size": 3}, {"coupled": "input", "projection_size": 1},
    {"peephole": "full", "coupled": "input"}, {"peephole": "diagonal", "coupled": "forget", "projection_size": 3}, {"projection_size": 1},
]  # fmt: skip


def many(combinations: list[Json], *, spoilt: bool) -> Json:
    """An lstm of two cells for each combination, all over the net's input, and a concat of them."""
    layers: list[Json] = []
    tensors: Json = {}
    for k, members in enumerate(combinations):
        given = layer(f"l{k}", "lstm", "input", size=2, **members)
        shapes = cell_shapes(given, 1, every=True)
        names = {role: f"l{k}.{role}" for role in shapes}
        layers.append(given | {"parameters": names})
        tensors |= {
            names[role]: filled(wrong(shape) if spoilt else shape) for role, shape in shapes.items()
        }
    layers.append(layer("all", "concat", *(f"l{k}" for k in range(len(combinations)))))
    return net(size=1) | {"layers": layers, "tensors": tensors}


def wrong(shape: list[int]) -> list[int]:
    """The transpose, or one more where that is the same."""
    other = shape[::-1]
    return other if other != shape else [*shape[:-1], shape[-1] + 1]


def shapes(table: Table) -> None:
    """The shape of every parameter under all options together, right and wrong."""
    table.features = None
    table.row(
        "shapes", "lstms under combinations of peephole, coupled and projection", "agree-5 layer-2 layer-6 layer-7",
        many(COMBINED, spoilt=False), "a shape that an option should change, or should not",
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "shapes-wrong", "the same, every shape transposed or too long", "agree-5 stage-3", many(COMBINED, spoilt=True),
        "a shape that is not compared", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.features = None
    both = [BOTH | BOTH_OPTIONS[0], BOTH | {"merge": "sum"} | BOTH_OPTIONS[1]]
    table.row(
        "shapes-both", "two bidirectional lstms with all options", "agree-5 layer-8",
        many(both, spoilt=False), "a direction that has other shapes",
    )  # fmt: skip
    table.features = ["json"]
    table.row(
        "shapes-both-wrong", "the same, every shape transposed or too long", "agree-5 layer-8 stage-3",
        many(both, spoilt=True), "a direction whose shapes are not compared", expect="TENSOR_SHAPE",
    )  # fmt: skip
    singles: dict[str, tuple[Json, str, list[int], str]] = {
        "coupled-four": ({"coupled": "input"}, "W", [1, 8], "four blocks with a coupled gate"),
        "not-coupled-three": ({}, "W", [1, 6], "three blocks without a coupled gate"),
        "coupled-bias": ({"coupled": "input"}, "b", [8], "a bias of four blocks with a coupled gate"),
        "diagonal-full": ({"peephole": "diagonal"}, "p", [2, 6], "a full p with a diagonal peephole"),
        "full-diagonal": ({"peephole": "full"}, "p", [3, 2], "a diagonal p with a full peephole"),
        "diagonal-flat": ({"peephole": "diagonal"}, "p", [6], "a diagonal p in one row, as ONNX has it"),
        "diagonal-four": ({"peephole": "diagonal"}, "p", [4, 2], "a p of four blocks"),
        "projected-recurrent": ({"projection_size": 1}, "R", [2, 8], "an R of H rows with a projection"),
        "projected-h0": ({"projection_size": 1}, "h0", [2], "an h0 of H with a projection"),
        "projected-c0": ({"projection_size": 1}, "c0", [1], "a c0 of P with a projection"),
        "projected-bias": ({"projection_size": 1}, "qb", [2], "a qb of H"),
        "projected-transposed": ({"projection_size": 1}, "Q", [1, 2], "Q as PyTorch has it"),
    }  # fmt: skip
    for name, (members, role, shape, what) in singles.items():
        whole = with_every(layer("c", "lstm", size=2, **members))
        table.row(
            f"shape-{name}", what, "agree-5 layer-2 layer-6 layer-7", put(whole, ["tensors", role], filled(shape)),
            "a shape of another system", expect="TENSOR_SHAPE",
        )  # fmt: skip
    widths: dict[str, tuple[Json, int, str]] = {
        "concat": ({"direction": "bidirectional", "merge": "concat"}, 4, "2H"),
        "sum": ({"direction": "bidirectional", "merge": "sum"}, 2, "H"),
        "average": ({"direction": "bidirectional", "merge": "average"}, 2, "H"),
        "multiply": ({"direction": "bidirectional", "merge": "multiply"}, 2, "H"),
        "projection": ({"projection_size": 3}, 3, "P"),
        "projection-concat": ({"projection_size": 3, "direction": "bidirectional", "merge": "concat"}, 6, "2P"),
        "final-concat": ({"direction": "bidirectional", "merge": "concat", "output": "final"}, 4, "2H"),
    }  # fmt: skip
    for name, (members, width, what) in widths.items():
        cell = layer("c", "lstm", size=2, **members)
        table.features = None
        if name in ("concat", "projection-concat"):
            table.row(
                f"width-{name}", f"a dense layer of I = {what} behind a cell", "agree-5 layer-8", net(cell, layer("y", "dense", size=1), size=1),
                "a width that forgets the merge or the projection",
            )  # fmt: skip
        table.features = ["json"]
        other = {4: 2, 2: 4, 3: 2, 6: 3}[width]
        table.row(
            f"width-{name}-wrong", f"a dense layer of I = {other} behind a cell of width {what}", "agree-5 layer-8",
            put(net(cell, layer("y", "dense", size=1), size=1), ["tensors", "y.W"], filled([other, 1])),
            "a width that forgets the merge or the projection", expect="TENSOR_SHAPE",
        )  # fmt: skip
    table.features = None


BOTH_OPTIONS: tuple[Json, Json] = (
    {"peephole": "diagonal", "projection_size": 1},
    {"peephole": "full", "coupled": "input"},
)


def order(table: Table) -> None:
    """[agree-4]: all roles of one direction in the order of the table, then those of the other."""
    table.features = ["json"]
    given = layer("c", "lstm", size=1, peephole="diagonal", projection_size=1, **BOTH)
    whole = with_every(given)
    roles = ("W", "R", "b", "p", "Q", "qb", "h0", "c0")
    every = [*roles, *(f"{role}_reverse" for role in roles)]
    for name, first in (("even", 0), ("odd", 1)):
        # Of each pair of neighbours the first names the second's tensor, and the file has them backwards.
        pairs = dict(zip(every[first::2], every[first + 1 :: 2], strict=False))
        names = {role: pairs.get(role, role) for role in reversed(every)}
        broken = without(put(whole, PARAMETERS, names), *(f"tensors__{role}" for role in pairs))
        table.row(
            f"order-{name}", "pairs of roles name one tensor: the later one in the table is the second reference", "agree-4 layer-8",
            broken, "references in the order of the file", expect=("TENSOR_REUSED", "TENSOR_SHAPE"),
        )  # fmt: skip
    table.row(
        "order-directions", "W_reverse and b name one tensor: b comes first", "agree-4 layer-8",
        without(put(put(whole, [*PARAMETERS, "W_reverse"], "b"), [*PARAMETERS, "b"], "b"), "tensors__W_reverse"),
        "the roles of both directions in turn", expect=("TENSOR_REUSED",),
    )  # fmt: skip
    gru = with_every(layer("c", "gru", size=1))
    names = {"rb": "h0", "h0": "h0"} | {
        r: r for r in gru["layers"][0]["parameters"] if r not in ("rb", "h0")
    }
    table.row(
        "order-gru", "rb and h0 of a gru name one tensor: h0 is the second", "agree-4",
        without(put(gru, PARAMETERS, names), "tensors__rb"), "references in the order of the file", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.features = None


def examples(table: Table) -> None:
    """[agree-9]: the arrays of bidirectional and projected layers in an example's states."""
    cells = (
        layer("b", "lstm", size=1, projection_size=2, **BOTH), layer("e", "elman", size=1, direction="reverse", output="final"),
    )  # fmt: skip
    whole = net(*cells, size=1)
    arrays = {"b": {"h": "h", "c": "c", "h_reverse": "g", "c_reverse": "d"}, "e": {"h": "e"}}

    def exampled(state: Json, **other: Any) -> Json:  # noqa: ANN401 — tensors
        names = [name for given in state.values() for name in given.values()]
        added: Json = {name: filled([1, 2 if name in "hg" else 1]) for name in names}
        added |= {"x": filled([1, 1, 1]), "y": filled([1, 1])} | other
        example = {"kind": "exact", "input": "x", "state": state, "output": "y"}
        return put(put(whole, ["examples"], [example]), ["tensors"], whole["tensors"] | added)

    table.both(
        "example-state", "a state of a projected bidirectional and of a reverse layer", "agree-9 agree-5", exampled(arrays),
        "an array that is not known, or of the wrong width",
    )  # fmt: skip
    table.features = ["json"]

    def but(name: str, **given: Any) -> Json:  # noqa: ANN401 — an array's tensor, or None for none
        return arrays | {name: {k: v for k, v in (arrays[name] | given).items() if v is not None}}

    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "only-h": (exampled(but("b", c=None, h_reverse=None, c_reverse=None)), "a bidirectional lstm with h alone: three findings", "STATE_INCOMPLETE"),
        "no-h-reverse": (exampled(but("b", h_reverse=None)), "a bidirectional lstm without h_reverse", "STATE_INCOMPLETE"),
        "no-h": (exampled(but("b", h=None)), "no h: a member that is missing", "STRUCTURE_MISSING"),
        "elman-c": (exampled(but("e", c="k", h_reverse="l", c_reverse="m")), "a reverse elman with the other arrays: its state is called h, three findings", "LAYER_UNKNOWN"),
        "unknown-array": (exampled(but("e", c_back="k")), "an array of another name", "STRUCTURE_UNKNOWN_KEY"),
        "narrow": (exampled(arrays, h=filled([1, 1]), g=filled([1, 1])), "h and h_reverse of H with a projection: two findings", "TENSOR_SHAPE"),
        "wide": (exampled(arrays, c=filled([1, 2]), d=filled([2, 1])), "c and c_reverse of P, or of another N: two findings", "TENSOR_SHAPE"),
        "reverse-dtype": (exampled(arrays, d=tensor([1, 1], [0.0], "float16")), "a c_reverse in float16", "TENSOR_DTYPE"),
        "no-string": (put(exampled(arrays), ["examples", 0, "state", "b", "h_reverse"], 1), "an h_reverse that is no string", "STRUCTURE_TYPE"),
    }  # fmt: skip
    for name, (document, what, codes) in rows.items():
        table.row(
            f"example-{name}",
            what,
            "agree-9 agree-5",
            document,
            "a state that does not fit the net",
            expect=codes,
        )
    # Every two neighbours of h, c, h_reverse, c_reverse name one tensor, in the opposite order of the file.
    for one, other in itertools.pairwise(("h", "c", "h_reverse", "c_reverse")):
        names = dict(reversed((arrays["b"] | {other: arrays["b"][one]}).items()))
        table.row(
            f"example-order-{one.replace('_', '-')}", f"{one} and {other} name one tensor: {other} is the second", "agree-4 agree-9",
            exampled(arrays | {"b": names}), "references in the order of the file", expect="TENSOR_REUSED",
        )  # fmt: skip
    table.features = None
