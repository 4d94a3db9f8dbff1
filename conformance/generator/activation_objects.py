"""Section 8: the object that is an activation, in cells and in layers of its own; alpha and beta."""

from typing import Any

from conformance.generator.build import (
    GRU_ACTIVATIONS,
    LSTM_ACTIVATIONS,
    TANH,
    dense_net,
    json_bytes,
    msgpack_bytes,
)
from conformance.generator.change import put
from conformance.generator.full_cells import elman_net, gru_net
from conformance.generator.table import Table
from conformance.generator.wired import layer
from conformance.generator.wired import net as net_of
from conformance.generator.write_msgpack import Raw
from conformance.oracle.layer_structure import FUNCTIONS, OF_VECTORS

SECTION = "activation_objects"
LSTM = net_of(layer("c", "lstm", size=1), size=1)
REQUIREMENT = "doc-2 doc-6 activation-1"


def complete(function: str) -> dict[str, Any]:
    """An activation with all that it asks for."""
    return {"function": function} | dict.fromkeys(FUNCTIONS[function], 0.5)


def as_layer(activation: dict[str, Any]) -> dict[str, Any]:
    """A net whose last layer it is."""
    layers = [*dense_net()["layers"], {"name": "bend", "type": "activation"} | activation]
    return dense_net(layers=layers)


def cases() -> Table:
    """Each function, with and without alpha and beta."""
    table = Table(SECTION)
    for function in FUNCTIONS:
        every_function(table, function)
    places(table)
    vectors(table)
    numbers(table)
    several(table)
    return table


def every_function(table: Table, function: str) -> None:
    """What it must have and what it must not."""
    word = function.replace("_", "-")
    whole = complete(function)
    table.row(
        f"{word}-cell", f"{function} in an Elman cell", REQUIREMENT, elman_net(whole),
        "a function that is not known",
    )  # fmt: skip
    table.row(
        f"{word}-layer", f"{function} as a layer", REQUIREMENT, msgpack_bytes(as_layer(whole)),
        "a function that is known in one place only",
    )  # fmt: skip
    changes: dict[str, tuple[dict[str, Any], str, str]] = {
        f"without-{member}": (
            {name: value for name, value in whole.items() if name != member},
            "STRUCTURE_MISSING", "a default for what has none",
        )
        for member in ("alpha", "beta") if member in whole
    }  # fmt: skip
    foreign = [member for member in ("alpha", "beta") if member not in whole]
    if foreign:
        more = whole | dict.fromkeys(foreign, 0.5)
        changes[f"with-{'-'.join(foreign)}"] = (
            more,
            "STRUCTURE_UNKNOWN_KEY",
            "a member that is ignored",
        )
    for what, (changed, code, catches) in changes.items():
        table.features = ["msgpack"]
        table.row(
            f"{word}-{what}-cell", f"{function} {what.replace('-', ' ')}, in a cell", REQUIREMENT,
            msgpack_bytes(elman_net(changed)), catches, expect=code,
        )  # fmt: skip
        table.features = ["json"]
        table.row(
            f"{word}-{what}-layer", f"{function} {what.replace('-', ' ')}, as a layer", REQUIREMENT,
            as_layer(changed), catches, expect=code,
        )  # fmt: skip
        table.features = None


def places(table: Table) -> None:
    """Each place where an activation stands: there, absent, a word in its place, one too many."""
    nets: dict[str, tuple[dict[str, Any], list[str | int], dict[str, Any]]] = {
        "gru": (gru_net(), ["layers", 0, "activations"], GRU_ACTIVATIONS),
        "lstm": (LSTM, ["layers", 0, "activations"], LSTM_ACTIVATIONS),
    }
    for cell, (net, place, right) in nets.items():
        for gate in ("gates", "candidate", "output", "activation", "i", "recurrent"):
            if gate in right:
                smaller = {name: value for name, value in right.items() if name != gate}
                table.features = ["json"]
                table.row(
                    f"{cell}-without-{gate}", f"{cell} without the activation `{gate}`", "doc-2",
                    put(net, place, smaller), "a default activation", expect="STRUCTURE_MISSING",
                )  # fmt: skip
                for name, value, code in (
                    ("word", "tanh", "STRUCTURE_TYPE"),
                    ("list", [TANH], "STRUCTURE_TYPE"),
                    ("empty", {}, "STRUCTURE_MISSING"),
                )[: 3 if gate == "gates" else 1]:
                    table.features = ["json"]
                    table.row(
                        f"{cell}-{gate}-{name}", f"{cell}: `{gate}` is {value!r}", "doc-3 doc-6",
                        put(net, [*place, gate], value), "an activation that is no object with a function",
                        expect=code,
                    )  # fmt: skip
                    table.features = None
            else:
                table.features = ["json"]
                table.row(
                    f"{cell}-with-{gate}", f"{cell} with an activation `{gate}`", "doc-2",
                    put(net, [*place, gate], TANH), "an activation that is ignored",
                    expect="STRUCTURE_UNKNOWN_KEY",
                )  # fmt: skip
                table.features = None
    table.features = ["json"]
    for name, net in (
        ("elman-activations", put(elman_net(), ["layers", 0, "activations"], GRU_ACTIVATIONS)),
        ("gru-activation", put(gru_net(), ["layers", 0, "activation"], TANH)),
        ("lstm-activation", put(LSTM, ["layers", 0, "activation"], TANH)),
    ):
        table.row(
            name, f"{name.replace('-', ' with a member `')}`", "doc-2", net,
            "a member of another cell", expect="STRUCTURE_UNKNOWN_KEY",
        )  # fmt: skip
    words = elman_net("tanh")
    table.row(
        "elman-word", "an Elman cell with the activation \"tanh\"", "doc-3", words,
        "a word that is taken for an object", expect="STRUCTURE_TYPE",
    )  # fmt: skip
    table.features = None


def vectors(table: Table) -> None:
    """softmax and log_softmax stand in layers of type activation only."""
    for function in OF_VECTORS:
        word = function.replace("_", "-")
        table.both(
            f"{word}-elman", f"{function} in an Elman cell", "doc-4 doc-6",
            elman_net({"function": function, "alpha": 1}), "a vector's function in a cell",
            expect="STRUCTURE_ENUM",
        )  # fmt: skip
        table.features = ["json"]
        for cell, net in (("gru", gru_net()), ("lstm", LSTM)):
            for gate in ("gates", "candidate"):
                table.row(
                    f"{word}-{cell}-{gate}", f"{function} as `{gate}` of a {cell}", "doc-4",
                    put(net, ["layers", 0, "activations", gate], {"function": function}),
                    "a vector's function in a cell", expect="STRUCTURE_ENUM",
                )  # fmt: skip
        table.row(
            f"{word}-lstm-output", f"{function} as `output` of an lstm", "doc-4",
            put(LSTM, ["layers", 0, "activations", "output"], {"function": function}),
            "a vector's function in a cell", expect="STRUCTURE_ENUM",
        )  # fmt: skip
        for member in ("alpha", "beta"):
            table.row(
                f"{word}-{member}", f"a layer {function} with {member}", "doc-2",
                as_layer({"function": function, member: 1}), "a member that is ignored",
                expect="STRUCTURE_UNKNOWN_KEY",
            )  # fmt: skip
        table.features = None
    table.features = ["json"]
    for k, word in enumerate(("Tanh", "swish", "exp", "", "selu", "tanh ", "__proto__")):
        for name, net in (
            ("cell", elman_net({"function": word, "alpha": "x", "extra": 1})),
            ("layer", as_layer({"function": word, "name": 1, "extra": 1})),
        )[: 1 if k % 2 else 2]:
            table.row(
                f"word-{name}-{k}", f"the function {word!r}, and every other member wrong", "doc-4 doc-6", net,
                "a function that is guessed, or an object that is judged without one", expect="STRUCTURE_ENUM",
            )  # fmt: skip
    for name, value, code in (
        ("null", None, "STRUCTURE_TYPE"),
        ("number", 1, "STRUCTURE_TYPE"),
        ("object", TANH, "STRUCTURE_TYPE"),
    ):
        table.row(
            f"function-{name}", f"a function that is {value!r}, beside wrong members", "doc-3 doc-6",
            elman_net({"function": value, "alpha": "x", "extra": 1}),
            "an object that is judged without a function", expect=code,
        )  # fmt: skip
    table.row(
        "function-missing", "an activation without a function, beside wrong members", "doc-2 doc-6",
        elman_net({"alpha": "x", "extra": 1}), "an object that is judged without a function",
        expect="STRUCTURE_MISSING",
    )  # fmt: skip
    table.features = None


def numbers(table: Table) -> None:
    """alpha and beta: −1e38 … 1e38."""
    for member in ("alpha", "beta"):
        whole = complete("scaled_tanh")
        for k, value in enumerate((1e38, -1e38, -1e-30, 0, -1)[: 5 if member == "alpha" else 3]):
            table.row(
                f"{member}-inside-{k}", f"{member} of {value}", "doc-4 digest-2", elman_net(whole | {member: value}),
                "a range that is too small, or a number that is not rounded to binary32",
            )  # fmt: skip
        table.features = ["json"]
        for k, value in enumerate((1.0000000000000001e39, -1.1e38, 1.0000000000000002e38, -1e300)):
            table.row(
                f"{member}-outside-{k}", f"{member} of {value!r}", "doc-4", elman_net(whole | {member: value}),
                "a number that becomes infinite, or is compared after rounding", expect="STRUCTURE_RANGE",
            )  # fmt: skip
        others: dict[str, Any] = {"null": None, "true": True, "string": "0.5", "object": {}}
        for name, other in others.items():
            table.row(
                f"{member}-{name}", f"{member} is {other!r}", "doc-3", elman_net(whole | {member: other}),
                "a value that is converted to a number", expect="STRUCTURE_TYPE",
            )  # fmt: skip
        table.row(
            f"{member}-layer-range", f"{member} of −2e38 and a string, in a layer", "doc-4 doc-3",
            as_layer(whole | {member: -2e38, "name": None}), "numbers of layers that are not judged",
            expect=("STRUCTURE_RANGE", "STRUCTURE_TYPE"),
        )  # fmt: skip
        table.features = None
    raw = put(
        elman_net(complete("elu")),
        ["layers", 0, "activation", "alpha"],
        Raw(b"\xca\x3d\xcc\xcc\xcd"),
    )
    table.row(
        "alpha-float-32", "alpha as float 32 in msgpack", "msgpack-2 digest-2", msgpack_bytes(raw),
        "a number that keeps its format",
    )  # fmt: skip
    table.row(
        "alpha-integer-spelling", "alpha spelled 5e-1 and 0.5e0", "json-6 digest-2",
        json_bytes(elman_net(complete("scaled_tanh"))).replace(b'"alpha": 0.5', b'"alpha": 5e-1').replace(b'"beta": 0.5', b'"beta": 0.5e0'),
        "a number told by its spelling",
    )  # fmt: skip


def several(table: Table) -> None:
    """[stage-3]: a fault in each of three activations."""
    wrong = {
        "gates": {"function": "elu"},
        "candidate": {"function": "tanh", "alpha": 1},
        "output": {"function": "softmax"},
    }
    table.both(
        "several", "three activations with a fault each", "stage-3 doc-6",
        put(LSTM, ["layers", 0, "activations"], wrong), "a reader that stops at the first",
        expect=("STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY", "STRUCTURE_ENUM"),
    )  # fmt: skip
