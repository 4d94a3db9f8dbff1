"""Section 8: directions, and the options of the cells, as structure and agreement."""

from typing import Any

from conformance.generator.build import dense_net
from conformance.generator.cell_options_ranges import ranges
from conformance.generator.cell_options_shapes import examples, order, shapes
from conformance.generator.change import changed, put, without
from conformance.generator.table import Table
from conformance.generator.wired import layer, with_every

SECTION = "cell_options"
Json = dict[str, Any]
LAYER: list[str | int] = ["layers", 0]
PARAMETERS: list[str | int] = [*LAYER, "parameters"]
ELMAN = layer("c", "elman", size=1)
GRU = layer("c", "gru", size=1)
LSTM = layer("c", "lstm", size=1)
BOTH: Json = {"direction": "bidirectional", "merge": "sum"}
MERGES = ("concat", "sum", "multiply", "average")


def cases() -> Table:
    """Directions, peepholes, coupled gates, projections, clips, layer_norm."""
    table = Table(SECTION)
    directions(table)
    merges(table)
    reverse_roles(table)
    options(table)
    foreign(table)
    ranges(table)
    shapes(table)
    order(table)
    examples(table)
    return table


def bare(given: Json) -> Json:
    """A net of one cell with its required parameters alone."""
    net = with_every(given)
    names = [
        role
        for role in net["layers"][0]["parameters"]
        if role.removesuffix("_reverse") in ("W", "R", "p", "Q")
    ]
    net["layers"][0]["parameters"] = {role: role for role in names}
    net["tensors"] = {role: net["tensors"][role] for role in names}
    return net


def directions(table: Table) -> None:
    """`direction`, which has a default, and what is judged without a known one."""
    table.features = None
    digests = set()
    for name, members in (
        ("absent", {}),
        ("forward", {"direction": "forward"}),
        ("reverse", {"direction": "reverse"}),
    ):
        table.row(
            f"direction-{name}", f"a direction that is {name}", "layer-5 digest-4 direction-1", bare(ELMAN | members),
            "a default that the digests see, or a direction that they forget",
        )  # fmt: skip
        digests.add((table.cases[-1].expect["structure"], table.cases[-1].expect["fingerprint"]))
    if len(digests) != 2:
        raise ValueError("the digests of the directions are not two")
    for name, given in (("elman", ELMAN), ("lstm", LSTM), ("gru", GRU)):
        table.both(
            f"bidirectional-{name}", f"a bidirectional {name} with all its parameters", "layer-8 digest-3",
            with_every(given | BOTH), "a role that is not known",
        )  # fmt: skip
    table.features = ["json"]
    whole = bare(ELMAN | BOTH)
    for k, word in enumerate(("Reverse", "backward", "bidirectional ")):
        table.row(
            f"direction-word-{k}", f"the direction {word!r}, with merge and roles of the other direction", "doc-4 doc-6",
            put(whole, [*LAYER, "direction"], word), "a word that is guessed, or a presence that is judged without a direction",
            expect="STRUCTURE_ENUM",
        )  # fmt: skip
    for name, value in (("null", None), ("number", 1), ("list", ["reverse"])):
        table.row(
            f"direction-{name}", f"a direction that is {name}, a wrong merge, and a role that is no string", "doc-3 doc-6",
            put(put(put(whole, [*LAYER, "direction"], value), [*LAYER, "merge"], "max"), [*PARAMETERS, "R_reverse"], 1),
            "a member that is judged by no rule", expect=("STRUCTURE_ENUM", "STRUCTURE_TYPE"),
        )  # fmt: skip
    spoilt = put(bare(GRU | {"reset": "before"} | BOTH), [*LAYER, "direction"], "left")
    table.row(
        "direction-word-rb", "an unknown direction, reset before, and rb_reverse: its presence is not judged", "doc-6 layer-8",
        put(spoilt, [*PARAMETERS, "rb_reverse"], "x"), "a presence that is judged without a direction", expect="STRUCTURE_ENUM",
    )  # fmt: skip
    table.row(
        "direction-word-rb-type", "the same with an rb_reverse that is no string", "doc-6 doc-3",
        put(spoilt, [*PARAMETERS, "rb_reverse"], 1), "a member that is not judged for its type", expect=("STRUCTURE_ENUM", "STRUCTURE_TYPE"),
    )  # fmt: skip
    table.row(
        "direction-word-rb-plain", "the same with rb, which no direction allows", "doc-6 layer-4",
        put(spoilt, [*PARAMETERS, "rb"], "x"), "a rule that ends with another", expect=("STRUCTURE_ENUM", "STRUCTURE_UNKNOWN_KEY"),
    )  # fmt: skip
    for cell, given in (
        ("elman", ELMAN),
        ("gru", GRU),
        ("lstm", LSTM | {"peephole": "full", "projection_size": 1}),
    ):
        table.row(
            f"direction-word-{cell}", f"an unknown direction, and every role of a bidirectional {cell}", "doc-6 layer-8",
            put(with_every(given | BOTH), [*LAYER, "direction"], "left"), "a presence that is judged without a direction",
            expect="STRUCTURE_ENUM",
        )  # fmt: skip
    odd = put(bare(LSTM | BOTH), [*LAYER, "direction"], "left")
    known = dict.fromkeys(("p_reverse", "Q_reverse", "qb_reverse"), "x")
    wrong = dict.fromkeys(("x_reverse", "W_reverse_reverse", "_reverse", "rb_reverse"), "x")
    for name, more, codes in (
        ("known", known, ()),
        ("unknown", known | wrong, ("STRUCTURE_UNKNOWN_KEY",)),
    ):
        table.row(
            f"direction-word-roles-{name}", f"an lstm of an unknown direction with {', '.join(more)}", "doc-6 layer-8",
            put(odd, PARAMETERS, odd["layers"][0]["parameters"] | more), "a role of no lstm, or one that is judged without a direction",
            expect=("STRUCTURE_ENUM", *codes),
        )  # fmt: skip
    table.features = None


def merges(table: Table) -> None:
    """`merge` goes with bidirectional."""
    for word in MERGES:
        table.features = None
        table.row(
            f"merge-{word}", f"merge {word}", "layer-8 direction-2", bare(ELMAN | BOTH | {"merge": word}), "a merge that is not known",
        )  # fmt: skip
    table.features = ["json"]
    whole = bare(ELMAN | BOTH)
    table.row(
        "merge-absent", "bidirectional without merge: no default", "doc-2 layer-8", without(whole, "layers__0__merge"),
        "a default for the merge", expect="STRUCTURE_MISSING",
    )  # fmt: skip
    for k, word in enumerate(("Concat", "mul", "ave")):
        table.row(
            f"merge-word-{k}", f"the merge {word!r}", "doc-4", put(whole, [*LAYER, "merge"], word), "a word of another system",
            expect="STRUCTURE_ENUM",
        )  # fmt: skip
    table.row(
        "merge-null", "a merge that is null", "doc-3", put(whole, [*LAYER, "merge"], None), "a null that stands for absent",
        expect="STRUCTURE_TYPE",
    )  # fmt: skip
    one = bare(GRU)
    for name, net in (
        ("absent", one),
        ("forward", put(one, [*LAYER, "direction"], "forward")),
        ("reverse", put(one, [*LAYER, "direction"], "reverse")),
    ):
        table.row(
            f"merge-{name}-direction", f"a merge with a direction that is {name}", "doc-2", put(net, [*LAYER, "merge"], "sum"),
            "a member that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.features = None


def reverse_roles(table: Table) -> None:
    """[layer-8]: each role twice; those that may be absent, for one direction alone."""
    optional = {
        "elman": (ELMAN, ("b", "h0")),
        "gru": (GRU, ("b", "rb", "h0")),
        "lstm": (LSTM | {"projection_size": 1}, ("b", "qb", "h0", "c0")),
    }
    for cell, (given, roles) in optional.items():
        whole = with_every(given | BOTH)
        for name, kept in (("forward", ""), ("reverse", "_reverse")):
            gone = [role + other for role in roles for other in ("", "_reverse") if other != kept]
            net = without(
                whole,
                *(
                    f"{part}__{role}"
                    for role in gone
                    for part in ("layers__0__parameters", "tensors")
                ),
            )
            table.features = None
            table.row(
                f"roles-{cell}-{name}-alone", f"a bidirectional {cell}: what may be absent stands for the {name} direction alone", "layer-8 layer-3",
                net, "a role that both directions must have, or none",
            )  # fmt: skip
        table.features = ["json"]
        required = [
            role
            for role in whole["layers"][0]["parameters"]
            if role.removesuffix("_reverse") not in roles
        ]
        table.row(
            f"roles-{cell}-missing", f"a bidirectional {cell} without parameters", "layer-8 doc-2 stage-3",
            put(whole, PARAMETERS, {role: role for role in whole["layers"][0]["parameters"] if role not in required}),
            "a direction that is given the other's weights", expect="STRUCTURE_MISSING",
        )  # fmt: skip
        for name, members in (("forward", {}), ("reverse", {"direction": "reverse"})):
            single = with_every(given | members)
            table.row(
                f"roles-{cell}-{name}", f"a {name} {cell} with every role of a bidirectional one", "layer-8 doc-2",
                put(single, PARAMETERS, whole["layers"][0]["parameters"]), "weights that are ignored", expect="STRUCTURE_UNKNOWN_KEY",
            )  # fmt: skip
    whole = bare(ELMAN | BOTH)
    odd = (
        "W_backward",
        "reverse_W",
        "W_Reverse",
        "rb_reverse",
        "c0_reverse",
        "E_reverse",
        "_reverse",
        "W_reverse_reverse",
    )
    table.row(
        "roles-words", "a bidirectional elman with parameters of other names", "doc-2 layer-8",
        put(whole, PARAMETERS, whole["layers"][0]["parameters"] | dict.fromkeys(odd, "x")),
        "a role that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "roles-gru-before", "a bidirectional gru with reset before, rb and rb_reverse: two findings", "layer-4 layer-8",
        changed(with_every(GRU | BOTH), layers__0__reset="before"), "a bias that is ignored in one direction", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.features = None


def options(table: Table) -> None:
    """[layer-6] and [layer-7]: members that ask for parameters."""
    wholes = {
        "peephole-diagonal": LSTM | {"peephole": "diagonal"},
        "peephole-full": LSTM | {"peephole": "full"},
        "coupled-input": LSTM | {"coupled": "input"},
        "coupled-forget": LSTM | {"coupled": "forget"},
        "projection": LSTM | {"projection_size": 1, "projection_clip": 2},
    }
    for name, given in wholes.items():
        table.features = None
        table.row(
            f"whole-{name}",
            f"an lstm with {name}",
            "layer-2 layer-6 layer-7 digest-3",
            bare(given),
            "an option that is not known",
        )
    everything = LSTM | {
        "peephole": "full", "coupled": "forget", "cell_clip": 3, "projection_size": 2, "projection_clip": 0.1, "clip": 5.5,
        "direction": "bidirectional", "merge": "average", "output": "final", "inputs": ["input"],
    }  # fmt: skip
    table.both(
        "whole-everything", "an lstm with every option and parameter", "layer-2 layer-6 layer-7 layer-8 digest-2 digest-3",
        with_every(everything), "options that exclude each other",
    )  # fmt: skip
    fifteen = without(
        with_every(everything), "layers__0__parameters__b_reverse", "tensors__b_reverse"
    )
    table.row(
        "whole-fifteen", "the same without b_reverse: fifteen parameters, the most of the short format", "digest-1 layer-8", fifteen,
        "a map whose format is not the shortest",
    )  # fmt: skip
    table.row(
        "whole-backwards", "the same with its members in the opposite order: the same digests", "doc-1 digest-1",
        put(with_every(everything), LAYER, dict(reversed(with_every(everything)["layers"][0].items()))),
        "a reader that needs an order: `parameters` come first here",
    )  # fmt: skip
    table.features = ["json"]
    plain = bare(LSTM)
    words = {
        "peephole": ("Diagonal", "none"),
        "coupled": ("Input", "output", "cifg"),
    }
    for member, wrong in words.items():
        for k, word in enumerate(wrong):
            table.row(
                f"{member}-word-{k}", f"{member} {word!r}, with p", "doc-4 doc-6",
                put(put(plain, [*LAYER, member], word), [*PARAMETERS, "p"], "p") if member == "peephole" else put(plain, [*LAYER, member], word),
                "a word that is guessed", expect="STRUCTURE_ENUM",
            )  # fmt: skip
        table.row(
            f"{member}-true", f"{member} true", "doc-3", put(bare(LSTM | {"peephole": "full"}), [*LAYER, member], True), "an option that is a switch elsewhere",
            expect="STRUCTURE_TYPE",
        )  # fmt: skip
    rows: dict[str, tuple[Json, str, str | tuple[str, ...]]] = {
        "p-alone": (put(plain, [*PARAMETERS, "p"], "W"), "p without peephole", "STRUCTURE_UNKNOWN_KEY"),
        "peephole-alone": (put(plain, [*LAYER, "peephole"], "full"), "a peephole without p", "STRUCTURE_MISSING"),
        "peephole-wrong-alone": (put(plain, [*LAYER, "peephole"], None), "a peephole of null, without p: it asks for p all the same", ("STRUCTURE_MISSING", "STRUCTURE_TYPE")),
        "p-no-string": (put(bare(LSTM | {"peephole": "full"}), [*PARAMETERS, "p"], ["p"]), "a p that is no string", "STRUCTURE_TYPE"),
        "p-alone-no-string": (put(plain, [*PARAMETERS, "p"], None), "p of null without peephole: one finding", "STRUCTURE_UNKNOWN_KEY"),
        "p-reverse-missing": (without(bare(LSTM | BOTH | {"peephole": "diagonal"}), "layers__0__parameters__p_reverse"), "a bidirectional peephole without p_reverse", "STRUCTURE_MISSING"),
        "p-reverse-alone": (put(bare(LSTM | BOTH), [*PARAMETERS, "p_reverse"], "W"), "p_reverse without peephole", "STRUCTURE_UNKNOWN_KEY"),
        "q-alone": (put(plain, [*PARAMETERS, "Q"], "W"), "Q without projection_size", "STRUCTURE_UNKNOWN_KEY"),
        "qb-alone": (put(plain, [*PARAMETERS, "qb"], "W"), "qb without projection_size", "STRUCTURE_UNKNOWN_KEY"),
        "projection-clip-alone": (put(plain, [*LAYER, "projection_clip"], 1), "projection_clip without projection_size", "STRUCTURE_UNKNOWN_KEY"),
        "projection-clip-alone-wrong": (put(plain, [*LAYER, "projection_clip"], "1"), "a wrong projection_clip without projection_size: one finding", "STRUCTURE_UNKNOWN_KEY"),
        "projection-alone": (put(plain, [*LAYER, "projection_size"], 1), "projection_size without Q", "STRUCTURE_MISSING"),
        "projection-wrong-alone": (put(plain, [*LAYER, "projection_size"], 0), "projection_size 0 without Q: it asks for Q all the same", ("STRUCTURE_MISSING", "STRUCTURE_RANGE")),
        "projection-wrong-clip": (put(put(bare(LSTM | {"projection_size": 1}), [*LAYER, "projection_size"], "1"), [*LAYER, "projection_clip"], 1), "a projection_size that is no number allows projection_clip", "STRUCTURE_TYPE"),
        "q-reverse-missing": (without(bare(LSTM | BOTH | {"projection_size": 1}), "layers__0__parameters__Q_reverse"), "a bidirectional projection without Q_reverse", "STRUCTURE_MISSING"),
    }  # fmt: skip
    for name, (net, what, codes) in rows.items():
        table.row(
            name,
            what,
            "layer-6 layer-7 layer-8 doc-6",
            net,
            "a parameter that is ignored, or taken for optional",
            expect=codes,
        )
    table.features = None


def foreign(table: Table) -> None:
    """Each option in the layers that don't have it."""
    table.features = ["json"]
    values: Json = {
        "peephole": "full", "coupled": "input", "cell_clip": 1, "projection_size": 1, "projection_clip": 1, "clip": 1,
        "direction": "reverse", "merge": "sum", "epsilon": 0.5,
    }  # fmt: skip
    of_lstm = ("peephole", "coupled", "cell_clip", "projection_size", "projection_clip")
    for name, given in (("elman", ELMAN), ("gru", GRU)):
        net = bare(given)
        table.row(
            f"foreign-{name}", f"a {name} with the options of an lstm", "doc-2 stage-3",
            put(net, LAYER, net["layers"][0] | {member: values[member] for member in (*of_lstm, "epsilon")}),
            "an option that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    kinds = (
        layer("c", "dense", size=1), layer("c", "affine"), layer("c", "layer_norm"), layer("c", "activation"), layer("c", "time_reverse"),
        layer("c", "last_step"), layer("c", "add", "input", "input"), layer("c", "concat", "input", "input"),
        layer("c", "embedding", size=1), layer("c", "one_hot"),
    )  # fmt: skip
    wholes: list[Json] = []
    roles = {"dense": ("W",), "affine": ("s", "t"), "layer_norm": ("gamma", "beta"), "embedding": ("E",)}  # fmt: skip
    for given in kinds:
        kind = given["type"]
        parameters = {"parameters": {role: role for role in roles[kind]}} if kind in roles else {}
        wholes.append({**values, **given, **parameters, "name": kind})
    for name, some in (("1", wholes[:5]), ("2", wholes[5:])):
        table.row(
            f"foreign-{name}", "layers without memory with the options of cells", "doc-2 stage-3", dense_net(layers=some),
            "an option that is ignored", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    norm = {
        "name": "n",
        "type": "layer_norm",
        "epsilon": 0.001,
        "parameters": {"gamma": "g", "beta": "b"},
    }
    for name, changed_, code in (
        ("epsilon", {k: v for k, v in norm.items() if k != "epsilon"}, "STRUCTURE_MISSING"),
        ("parameters", {k: v for k, v in norm.items() if k != "parameters"}, "STRUCTURE_MISSING"),
        ("roles", norm | {"parameters": {}}, "STRUCTURE_MISSING"),
        ("role", norm | {"parameters": {"gamma": "g", "beta": "b", "Gamma": "g"}}, "STRUCTURE_UNKNOWN_KEY"),
        ("axis", norm | {"axis": 1}, "STRUCTURE_UNKNOWN_KEY"),
    ):  # fmt: skip
        table.row(
            f"layer-norm-{name}", f"layer_norm: {name} missing or too much", "doc-2", dense_net(layers=[changed_]),
            "a default for the epsilon, or a parameter that is ignored", expect=code,
        )  # fmt: skip
    table.features = None
