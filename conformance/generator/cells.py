"""Section 8: elman, lstm, gru, affine, last_step as structure; resets, outputs, roles and their shapes."""

from typing import Any

from conformance.generator.build import (
    GRU_ACTIVATIONS,
    LSTM_ACTIVATIONS,
    TANH,
    dense_net,
    lstm_net,
    tensor,
    token_net,
)
from conformance.generator.cells_agreement import examples, memory, time
from conformance.generator.change import changed, put, without
from conformance.generator.full_cells import (
    cell_net,
    gru_net,
    whole_affine,
    whole_elman,
    whole_gru,
    whole_lstm,
)
from conformance.generator.table import Table
from conformance.generator.wired import filled

SECTION = "cells"
WHOLE = {"elman": whole_elman(), "lstm": whole_lstm(), "gru": whole_gru()}
LAYER: list[str | int] = ["layers", 0]


def cases() -> Table:
    """[layer-1] to [layer-5], and the shapes of [agree-5]."""
    table = Table(SECTION)
    resets(table)
    outputs(table)
    ranges(table)
    roles(table)
    shapes(table)
    time(table)
    memory(table)
    examples(table)
    return table


def resets(table: Table) -> None:
    """[layer-4]: `reset` must be written, and `rb` goes with `after`."""
    for reset, rb in (("before", False), ("after", False), ("after", True)):
        table.both(
            f"gru-{reset}{'-rb' if rb else ''}", f"a gru with reset {reset}{' and rb' if rb else ''}", "layer-4 layer-3",
            gru_net(reset, rb=rb), "one reset alone, or an rb that is taken for necessary",
        )  # fmt: skip
    table.both(
        "gru-before-rb", "a gru with reset before, and rb", "layer-4",
        gru_net("before", rb=True), "a bias that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.both(
        "gru-before-rb-wrong", "a gru with reset before, and an rb that is no string: one finding", "layer-4 doc-6",
        put(gru_net("before"), [*LAYER, "parameters", "rb"], 1), "a member that is judged twice",
        expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.both(
        "gru-without-reset", "a gru without reset: the presence of rb is not judged", "layer-4 doc-2 doc-6",
        without(gru_net(rb=True), "layers__0__reset"), "a default for the reset", expect="STRUCTURE_MISSING",
    )  # fmt: skip
    table.features = ["json"]
    for k, word in enumerate(("After", "both", "")):
        table.row(
            f"reset-word-{k}", f"reset {word!r}, with rb", "doc-4 doc-6", gru_net(word, rb=True),
            "a word that is guessed, or an rb that is judged without a reset", expect="STRUCTURE_ENUM",
        )  # fmt: skip
    for name, value in (("true", True), ("null", None), ("number", 1)):
        table.row(
            f"reset-{name}", f"reset {value!r}, with an rb that is no string", "doc-3 doc-6",
            put(gru_net(value), [*LAYER, "parameters", "rb"], []), "an rb that is not judged for its type",
            expect="STRUCTURE_TYPE",
        )  # fmt: skip
    for cell in ("elman", "lstm"):
        table.row(
            f"reset-{cell}", f"a reset in an {cell}", "doc-2", put(WHOLE[cell], [*LAYER, "reset"], "after"),
            "a member of another cell", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.features = None


def outputs(table: Table) -> None:
    """`output` of the three cells, and of no other layer."""
    for cell, net in WHOLE.items():
        for word in ("sequence", "final"):
            table.row(
                f"output-{cell}-{word}", f"output {word} of {cell}", "layer-5 digest-4",
                put(net, [*LAYER, "output"], word), "a word that is not known",
            )  # fmt: skip
        table.row(
            f"output-{cell}-absent", f"no output of {cell}: the digests of output-{cell}-sequence", "layer-5 digest-4",
            without(net, "layers__0__output"), "a default that the digests see, or that is final",
        )  # fmt: skip
        table.features = ["json"]
        for k, word in enumerate(("Final", "last")):
            table.row(
                f"output-{cell}-word-{k}", f"output {word!r} of {cell}", "doc-4", put(net, [*LAYER, "output"], word),
                "a word that is guessed", expect="STRUCTURE_ENUM",
            )  # fmt: skip
        table.features = None
    table.features = ["json"]
    others: dict[str, dict[str, Any]] = {
        "dense": dense_net(),
        "affine": whole_affine(),
        "one-hot": token_net(),
        "last-step": with_last_step(),
        "activation": dense_net(layers=[*dense_net()["layers"], {"name": "a", "type": "activation", **TANH}]),
    }  # fmt: skip
    for name, net in others.items():
        index = 1 if name in ("last-step", "activation") else 0
        table.row(
            f"output-{name}", f"a member `output` of {name}", "doc-2", put(net, ["layers", index, "output"], "sequence"),
            "a member of another layer", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.features = None


def with_last_step(*more: Any) -> dict[str, Any]:  # noqa: ANN401 — any layers
    """An LSTM, `last_step`, and more."""
    net = lstm_net()
    return put(net, ["layers"], [*net["layers"], {"name": "last", "type": "last_step"}, *more])


def ranges(table: Table) -> None:
    """`hidden_size` of each cell."""
    for cell, net in WHOLE.items():
        table.features = ["json"]
        for k, (size, code) in enumerate(
            ((0, "STRUCTURE_RANGE"), (65_537, "STRUCTURE_RANGE"), (1.5, "STRUCTURE_TYPE"))
        ):  # fmt: skip
            table.row(
                f"hidden-size-{cell}-{k}", f"{cell} with a hidden_size of {size}", "doc-4 doc-3",
                put(net, [*LAYER, "hidden_size"], size), "a size that is clamped or cut", expect=code,
            )  # fmt: skip
        table.row(
            f"hidden-size-{cell}-size", f"{cell} with `size` in the place of `hidden_size`", "doc-2",
            without(put(net, [*LAYER, "size"], 1), "layers__0__hidden_size"), "a member that is guessed",
            expect=("STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY"),
        )  # fmt: skip
        table.features = None


def roles(table: Table) -> None:
    """The roles of parameters: optional ones absent, each foreign one refused."""
    optional = {"elman": ("b", "h0"), "lstm": ("b", "h0", "c0"), "gru": ("b", "rb", "h0")}
    foreign = {
        "elman": ("c0", "rb", "P", "B", "H0"),
        "lstm": ("rb", "P", "B", "C0"),
        "gru": ("c0", "B", "RB", "rB"),
    }
    for cell, net in WHOLE.items():
        for role in optional[cell]:
            table.row(
                f"role-{cell}-without-{role}", f"{cell} without {role}", "layer-3 doc-2",
                without(net, f"layers__0__parameters__{role}", f"tensors__{role}"),
                "a parameter that is taken for necessary",
            )  # fmt: skip
        table.features = ["json"]
        table.row(
            f"role-{cell}-with-foreign", f"{cell} with the parameters {', '.join(foreign[cell])}", "doc-2 stage-3",
            put(net, [*LAYER, "parameters"], net["layers"][0]["parameters"] | dict.fromkeys(foreign[cell], "W")),
            "a parameter that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
        table.features = None
    table.features = ["json"]
    places: tuple[tuple[str, dict[str, Any], list[str | int]], ...] = (
        ("affine-W", whole_affine(), [*LAYER, "parameters", "W"]),
        ("affine-size", whole_affine(), [*LAYER, "size"]),
        ("last-step-parameters", with_last_step(), ["layers", 1, "parameters"]),
        ("last-step-size", with_last_step(), ["layers", 1, "size"]),
    )
    for name, net, place in places:
        table.row(
            f"member-{name}", f"a member that the layer does not have: {name}", "doc-2", put(net, place, {}),
            "a member that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.features = None


def shapes(table: Table) -> None:
    """[agree-5]: two inputs, three cells, each parameter in a shape that is nearly right."""
    right = {
        "elman": {"W": [2, 3], "R": [3, 3], "b": [3], "h0": [3]},
        "lstm": {"W": [2, 12], "R": [3, 12], "b": [12], "h0": [3], "c0": [3]},
        "gru": {"W": [2, 9], "R": [3, 9], "b": [9], "rb": [3], "h0": [3]},
    }
    wrong: dict[str, dict[str, list[list[int]]]] = {
        "elman": {"W": [[3, 2], [2, 6]], "R": [[2, 3], [9]], "b": [[6], [1, 3]], "h0": [[1, 3], [2], [9]]},
        "lstm": {"W": [[12, 2]], "R": [[12, 3], [3, 9]], "b": [[24]], "h0": [[12], [1, 3]], "c0": [[1, 3], [1]]},
        "gru": {"W": [[9, 2], [2, 12]], "R": [[9, 3], [3, 6]], "b": [[18], [6], [3]], "rb": [[9], [1, 3]], "h0": [[1, 3], [9]]},
    }  # fmt: skip
    heads: dict[str, dict[str, Any]] = {
        "elman": {"activation": TANH},
        "lstm": {"activations": LSTM_ACTIVATIONS},
        "gru": {"reset": "after", "activations": GRU_ACTIVATIONS},
    }
    for cell, roles_ in right.items():
        layer = {"type": cell, "hidden_size": 3} | heads[cell]
        net = changed(cell_net(layer, roles_), input={"kind": "features", "size": 2})
        table.both(
            f"shapes-{cell}", f"{cell} of three cells over two inputs", "agree-5 layer-1", net,
            "a shape that is another layer's",
        )  # fmt: skip
        table.features = ["json"]
        for k in range(3):
            spoilt = net
            chosen = {role: shapes_[k] for role, shapes_ in wrong[cell].items() if k < len(shapes_)}
            for role, shape in chosen.items():
                spoilt = put(spoilt, ["tensors", role], filled(shape))
            if chosen:
                table.row(
                    f"shape-{cell}-{k}", f"{cell}: {', '.join(f'{r} of shape {s}' for r, s in chosen.items())}",
                    "agree-5 layer-1", spoilt, "another orientation, or a parameter for each gate or row", expect="TENSOR_SHAPE",
                )  # fmt: skip
        table.features = None
    affine = changed(whole_affine(), input={"kind": "features", "size": 2})
    table.features = ["json"]
    table.row(
        "shape-affine", "an affine layer of one factor over two inputs", "agree-5", affine,
        "one factor for all", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "shape-affine-matrix", "an affine layer with a matrix of one row", "agree-5",
        put(whole_affine(), ["tensors", "s"], tensor([1, 1], [1.0])), "a rank that is not compared", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "reference-order-gru", "one tensor for rb and h0: h0 comes later", "agree-4",
        put(without(whole_gru(), "tensors__h0"), [*LAYER, "parameters"], {"h0": "rb", "rb": "rb", "b": "b", "R": "R", "W": "W"}),
        "an order of members as in the file", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "reference-order-lstm", "one tensor for b, h0 and c0: h0 and c0 come later, and b has another shape", "agree-4 agree-5",
        put(without(whole_lstm(), "tensors__h0", "tensors__c0"), [*LAYER, "parameters"], {"c0": "b", "h0": "b", "b": "b", "R": "R", "W": "W"}),
        "an order of members as in the file", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "reference-order-state", "one tensor for h0 and c0: c0 comes later", "agree-4",
        put(without(whole_lstm(), "tensors__c0"), [*LAYER, "parameters"], {"c0": "h0", "h0": "h0", "b": "b", "R": "R", "W": "W"}),
        "an order of members as in the file", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.row(
        "reference-order-affine", "one tensor for s and t: t comes later", "agree-4",
        put(without(whole_affine(), "tensors__t"), [*LAYER, "parameters"], {"t": "s", "s": "s"}),
        "an order of members as in the file", expect="TENSOR_REUSED",
    )  # fmt: skip
    table.features = None
