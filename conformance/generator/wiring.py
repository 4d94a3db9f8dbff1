"""Section 8 and [agree-3]: what layers read. Names, widths, time, and layers that nobody reads."""

from typing import Any

from conformance.generator.build import json_bytes
from conformance.generator.change import changed, put, without
from conformance.generator.table import Table
from conformance.generator.wired import filled, layer, net, of_tokens
from conformance.generator.wiring_time import time, unknowns

SECTION = "wiring"
MERGING = ("add", "multiply", "concat")
TWO = (layer("a", "dense", size=2), layer("b", "dense", "input", size=2))
Rows = dict[str, tuple[Any, str, str | tuple[str, ...]]]


def cases() -> Table:
    """Names, widths, time, use."""
    table = Table(SECTION)
    defaults(table)
    members(table)
    names(table)
    widths(table)
    time(table)
    unknowns(table)
    unused(table)
    return table


def defaults(table: Table) -> None:
    """[digest-4]: `inputs` that are the default, written out; the same names elsewhere are not."""
    plain = net(
        layer("a", "dense", size=2), layer("b", "lstm", size=1), layer("c", "dense", size=1)
    )
    written = put(
        put(put(plain, ["layers", 0, "inputs"], ["input"]), ["layers", 1, "inputs"], ["a"]),
        ["layers", 2, "inputs"], ["b"],
    )  # fmt: skip
    digests = set()
    for name, document in (("absent", plain), ("written", written)):
        table.both(
            f"default-{name}", f"three layers, their inputs {name}: the same digests", "layer-5 digest-4",
            document, "a default that the digests see",
        )  # fmt: skip
        for case in table.cases[-2:]:
            digests.add((case.expect["structure"], case.expect["fingerprint"]))
    if len(digests) != 1:
        raise ValueError("the default of inputs shows in a digest")
    table.row(
        "not-default", "the last of three reads the first: no default, and the second is unused", "agree-3",
        put(changed(plain, **{"tensors__c.W": filled([2, 1])}), ["layers", 2, "inputs"], ["a"]),
        "inputs that are read by their order", expect="LAYER_UNUSED",
    )  # fmt: skip
    skip = net(
        layer("a", "dense", size=2), layer("b", "dense", size=2), layer("s", "add", "a", "b")
    )
    other = put(skip, ["layers", 2, "inputs"], ["b", "a"])
    for name, document in (("ab", skip), ("ba", other)):
        table.row(
            f"order-{name}", f"an add of {name}: its order is part of both digests", "digest-1 merge-1",
            document, "inputs that are sorted",
        )  # fmt: skip
    if table.cases[-1].expect == table.cases[-2].expect:
        raise ValueError("the order of inputs does not show in a digest")
    table.row(
        "twice", "`input` twice, and a layer twice", "agree-3",
        net(layer("s", "multiply", "input", "input"), layer("t", "concat", "s", "s", "s")),
        "a name that may stand once",
    )  # fmt: skip
    table.both(
        "diamond", "one layer read by three, and a skip to the end", "agree-3 layer-5",
        net(
            layer("a", "lstm", size=2), layer("b", "dense", "a", size=2), layer("c", "gru", "a", size=2),
            layer("s", "add", "a", "b", "c"), layer("n", "layer_norm"), layer("y", "concat", "n", "input"),
            size=3,
        ),
        "a layer that one alone may read",
    )  # fmt: skip
    table.row(
        "name-default-repeated", "the default is the layer before, also where its name stood earlier", "agree-1 agree-3",
        changed(
            net(layer("a", "dense", size=1), layer("b", "dense", size=2), layer("c", "dense", size=3)),
            layers__1__name="a", **{"tensors__c.W": filled([2, 3])},
        ),
        "a default that is looked up by name", expect="NAME_REPEATED",
    )  # fmt: skip
    table.row(
        "name-repeated-read", "a name that two layers have: the first is meant", "agree-1 agree-3",
        changed(
            net(layer("a", "dense", size=1), layer("b", "dense", size=2), layer("c", "add", "a", "b")),
            layers__1__name="a", layers__2__inputs=["a", "a"],
        ),
        "the last of a name, or a layer that is taken for read",
        expect=("LAYER_UNUSED", "NAME_REPEATED"),
    )  # fmt: skip
    table.row(
        "name-input-read", "a layer called `input`: the name means the net's input all the same", "agree-1 agree-3",
        net(layer("input", "dense", size=3), layer("y", "dense", "input", size=1), size=2),
        "a layer that hides the net's input", expect=("LAYER_UNUSED", "NAME_RESERVED"),
    )  # fmt: skip


def members(table: Table) -> None:
    """`inputs` as structure: how many, of which type, of which layers."""
    every = [
        layer("a", "dense", "input", size=2), layer("b", "elman", "a", size=2), layer("c", "lstm", "b", size=2),
        layer("d", "gru", "c", size=2), layer("e", "affine", "d"), layer("f", "layer_norm", "e"),
        layer("g", "activation", "f"), layer("h", "time_reverse", "g"), layer("i", "last_step", "h"),
    ]  # fmt: skip
    table.both(
        "every-layer", "`inputs` of every layer that has one input", "doc-2 layer-5", net(*every),
        "a layer that knows no `inputs`",
    )  # fmt: skip
    for kind, name in (("embedding", "E"), ("one_hot", "")):
        tokens = of_tokens(layer("a", kind, "input", size=2 if name else None))
        table.row(
            f"every-{kind.replace('_', '-')}", f"`inputs` of {kind}", "doc-2 agree-3", tokens,
            "a layer that knows no `inputs`",
        )  # fmt: skip
    table.features = ["json"]
    one = net(layer("a", "dense", size=2))
    for name, value, code in (
        ("none", [], "STRUCTURE_LENGTH"), ("string", "input", "STRUCTURE_TYPE"), ("null", None, "STRUCTURE_TYPE"),
        ("of-number", [0], "STRUCTURE_TYPE"), ("of-list", [["input"]], "STRUCTURE_TYPE"),
    ):  # fmt: skip
        table.row(
            f"inputs-{name}", f"a dense layer with inputs {value!r}", "doc-3 doc-4",
            put(one, ["layers", 0, "inputs"], value), "inputs that are guessed", expect=code,
        )  # fmt: skip
    # Every layer of one input, with two: the same sentence, one finding each.
    two = [given | {"inputs": ["input", "input"]} for given in every]
    table.row(
        "inputs-two-everywhere", "two inputs for each layer of one", "doc-4 stage-3", net(*two),
        "a layer that takes the first of its inputs", expect="STRUCTURE_LENGTH",
    )  # fmt: skip
    for kind in MERGING:
        whole = net(*TWO, layer("m", kind, "a", "b"))
        table.row(
            f"{kind}-absent", f"{kind} without inputs: no default", "doc-2 layer-5",
            without(whole, "layers__2__inputs"), "a default for several inputs", expect="STRUCTURE_MISSING",
        )  # fmt: skip
        table.row(
            f"{kind}-one", f"{kind} of one", "doc-4", put(whole, ["layers", 2, "inputs"], ["b"]),
            "a sum of one", expect="STRUCTURE_LENGTH",
        )  # fmt: skip
        table.row(
            f"{kind}-members", f"{kind} with parameters and a size", "doc-2",
            put(put(whole, ["layers", 2, "size"], 2), ["layers", 2, "parameters"], {}),
            "a member of another layer", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    table.row(
        "inputs-top", "`inputs` at the top level", "doc-2", put(one, ["inputs"], ["input"]),
        "a member at the wrong place", expect="STRUCTURE_UNKNOWN_KEY",
    )  # fmt: skip
    table.row(
        "inputs-unknown-type", "a layer of an unknown type with inputs that are wrong: one finding", "doc-6",
        put(one, ["layers", 0], {"name": "a", "type": "sum", "inputs": 1}), "a layer that is judged by rules of no known type",
        expect="STRUCTURE_ENUM",
    )  # fmt: skip
    table.features = None


def names(table: Table) -> None:
    """[agree-3]: a name that is no earlier layer."""
    table.features = ["json"]
    three = net(*TWO, layer("m", "add", "a", "b"))
    odd = (
        "nobody",
        "A",
        "",
        "a ",
        "z",
        "itself",
        "__proto__",
        "constructor",
        "a.W",
        "a/b~",
        "Input",
        "hasOwnProperty",
    )
    layers = [
        layer("a", "activation"),
        *(layer(f"l{k}", "activation", name) for k, name in enumerate(odd)),
        layer("itself", "activation", "itself"),
        layer("z", "activation", "a"),
    ]
    table.row(
        "unknown-names", "layers that read names of nobody, of themselves, of later layers and of tensors", "agree-3 doc-5 stage-3",
        net(*layers), "a name that is guessed, or that is looked up among later layers", expect="INPUT_UNKNOWN",
    )  # fmt: skip
    table.row(
        "unknown-two", "an add of two names that nobody has: two findings", "agree-3 stage-3",
        put(three, ["layers", 2, "inputs"], ["x", "b", "y"]), "one finding for the list", expect="INPUT_UNKNOWN",
    )  # fmt: skip
    table.row(
        "unknown-first", "the first layer reads the second", "agree-3",
        put(three, ["layers", 0, "inputs"], ["b"]), "layers that are sorted by the reader", expect="INPUT_UNKNOWN",
    )  # fmt: skip
    table.features = None
    table.both(
        "unknown-both", "a layer that reads itself", "agree-3", put(three, ["layers", 2, "inputs"], ["a", "m"]),
        "a loop", expect="INPUT_UNKNOWN",
    )  # fmt: skip


def widths(table: Table) -> None:
    """[agree-3]: what meets, and how wide it is then."""
    a, b = layer("a", "dense", size=2), layer("b", "dense", "input", size=3)
    for kind in ("add", "multiply"):
        table.row(
            f"width-{kind}", f"{kind} of 2 and 3 elements", "agree-3", net(a, b, layer("m", kind, "a", "b")),
            "a sum that stretches or cuts", expect="INPUT_WIDTH",
        )  # fmt: skip
        table.row(
            f"width-{kind}-third", f"{kind} of 2, 2 and 3 elements", "agree-3",
            net(a, b, layer("m", kind, "a", "a", "b")), "a third input that is not compared", expect="INPUT_WIDTH",
        )  # fmt: skip
    table.row(
        "width-one", "an add of 1 and 3 elements: nothing is repeated", "agree-3",
        net(layer("a", "dense", size=1), b, layer("m", "add", "a", "b")), "a broadcast", expect="INPUT_WIDTH",
    )  # fmt: skip
    table.row(
        "width-concat", "a concat of 2, 3 and 4 elements before a dense layer of 9", "agree-3 agree-5",
        net(a, b, layer("c", "concat", "a", "b", "input"), layer("y", "dense", size=1), size=4),
        "a width that is that of the first input",
    )  # fmt: skip
    table.row(
        "width-concat-wrong", "the same before a dense layer of 4", "agree-3 agree-5",
        net(a, b, layer("c", "concat", "a", "b", "input"), layer("y", "dense", size=1), size=4, wide={"y": 4}),
        "a width that is that of the last input", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "width-after", "behind an add of different widths: its own is unknown, its time is not", "agree-3 agree-5",
        labelled(a, b),
        "a width that is guessed, or a dense layer's that is forgotten",
        expect=("INPUT_WIDTH", "LABELS_COUNT"),
    )  # fmt: skip


def labelled(*two: dict[str, Any]) -> dict[str, Any]:
    """An add of two widths, layers of unknown I behind it, and labels of a known width."""
    return net(
        *two, layer("m", "add", "a", "b"), layer("n", "layer_norm"), layer("y", "dense", size=1),
        wide={"n": 7, "y": 5}, output={"kind": "values", "labels": ["x", "y"]},
    )  # fmt: skip


def unused(table: Table) -> None:
    """[agree-3]: every layer counts for the last one."""
    a, b = TWO
    table.features = ["json"]
    rows: Rows = {
        "one": (net(a, b), "the last layer reads the net's input: the first is unused", "LAYER_UNUSED"),
        "two": (
            net(a, layer("c", "dense", size=2), b), "a chain of two that leads nowhere: two findings", "LAYER_UNUSED",
        ),
        "branch": (
            net(a, layer("c", "dense", "a", size=2), layer("d", "add", "a", "c"), layer("e", "dense", "a", size=1)),
            "a branch of two behind a layer that is read", "LAYER_UNUSED",
        ),
        "and-width": (
            net(a, layer("c", "dense", "input", size=3), layer("d", "add", "a", "c"), b),
            "an unused add of different widths: both are reported", ("INPUT_WIDTH", "LAYER_UNUSED"),
        ),
        "and-unknown": (
            net(a, layer("c", "dense", "nobody", size=2), b), "unused layers and an unknown name: the name alone",
            "INPUT_UNKNOWN",
        ),
        "and-shape": (
            net(a, b, wide={"a": 5}), "an unused layer with a wrong shape: both", ("LAYER_UNUSED", "TENSOR_SHAPE"),
        ),
    }  # fmt: skip
    for name, (document, what, codes) in rows.items():
        table.row(
            f"unused-{name}", what, "agree-3", document, "weights that nobody uses", expect=codes
        )
    table.features = None
    table.both(
        "unused-tokens", "an embedding that is read by nobody, beside another", "agree-3",
        of_tokens(layer("a", "embedding", "input", size=2), layer("b", "embedding", "input", size=2)),
        "a layer that is used because it reads the input", expect="LAYER_UNUSED",
    )  # fmt: skip
    raw = json_bytes(net(a, b))
    table.features = ["json"]
    table.row(
        "unused-try-anyway", "an unused layer of another version, tried anyway", "agree-3 version-4",
        raw.replace(b"1.0-draft.3", b"1.0-draft.9"), "a rule that a caller can switch off", try_anyway=True,
        expect=("LAYER_UNUSED", "VERSION_TRIED"),
    )  # fmt: skip
    table.features = None
