"""The structure of layers and activations (SPEC 8 and 12.6)."""

from typing import TypeAlias

from conformance.oracle.checks import Check, Checks
from conformance.oracle.finding import Limits
from conformance.oracle.values import Value

MAX_SIZE = 65_536
LARGEST = 1e38  # of alpha, beta and clips

# 12.6: function → the members that it has besides.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "linear": (),
    "tanh": (),
    "sigmoid": (),
    "relu": (),
    "leaky_relu": ("alpha",),
    "elu": ("alpha",),
    "softplus": (),
    "softsign": (),
    "hard_sigmoid": ("alpha", "beta"),
    "hard_tanh": (),
    "thresholded_relu": ("alpha",),
    "scaled_tanh": ("alpha", "beta"),
}
# They need the whole vector, and stand in layers of type `activation` only.
OF_VECTORS = ("softmax", "log_softmax")

GATES = {"gru": ("gates", "candidate"), "lstm": ("gates", "candidate", "output")}
RESETS = ("before", "after")
DIRECTIONS = ("forward", "reverse", "bidirectional")
# Cell → its roles.
ROLES = {
    "elman": ("W", "R", "b", "h0"),
    "lstm": ("W", "R", "b", "p", "Q", "qb", "h0", "c0"),
    "gru": ("W", "R", "b", "rb", "h0"),
}
RECURRENT = tuple(ROLES)
MERGING = ("add", "multiply", "concat")
LEAST = 2.0**-50  # of clips and epsilon

Tables: TypeAlias = "tuple[dict[str, Check], dict[str, Check]]"  # required and optional members


def other_way(cell: str, direction: Value, roles: tuple[str, ...]) -> list[str]:
    """[layer-8]: the roles with `_reverse`; where the direction is unknown, any of the cell may stand."""
    if direction == "bidirectional":
        return [f"{r[:-1]}_reverse?" if r.endswith("?") else f"{r}_reverse" for r in roles]
    return [] if direction in DIRECTIONS else [f"{role}_reverse?" for role in ROLES[cell]]


class LayerStructure(Checks):
    """Judges the layers."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits

    def layers(self, value: Value, place: str) -> None:
        """The list of layers; too many are not judged [doc-7]."""
        if isinstance(value, list) and len(value) > self.limits.layers:
            self.add("LIMIT_LAYERS", place)
            return
        self.list_of(self.layer, 1)(value, place)

    def layer(self, value: Value, place: str) -> None:
        """One layer, by its type."""
        size: dict[str, Check] = {"size": self.integer(1, MAX_SIZE)}
        tables: dict[str, Tables] = {
            "embedding": (size | {"parameters": self.roles("E")}, {}),
            "one_hot": ({}, {}),
            "elman": self.cell(
                "elman", value, {"activation": self.activation}, {}, "W", "R", "b?", "h0?"
            ),
            "lstm": self.lstm(value),
            "gru": self.gru(value),
            "dense": (size | {"parameters": self.roles("W", "b?")}, {}),
            "affine": ({"parameters": self.roles("s", "t")}, {}),
            "layer_norm": (
                {"epsilon": self.number(LEAST, 1), "parameters": self.roles("gamma", "beta")},
                {},
            ),
            "activation": ({}, {}),
            "add": ({}, {}),
            "multiply": ({}, {}),
            "concat": ({}, {}),
            "last_step": ({}, {}),
            "time_reverse": ({}, {}),
        }
        kind = self.variant(value, place, "type", tuple(tables))
        if kind is None:
            return
        required, optional = tables[kind]
        if kind == "activation":
            # Of an unknown function the object is judged for that alone [doc-6].
            function = self.variant(value, place, "function", (*FUNCTIONS, *OF_VECTORS))
            if function is None:
                return
            required = self.members_of(function)
        common: dict[str, Check] = {"name": self.name, "type": self.skip}
        inputs: dict[str, Check] = {"inputs": self.list_of(self.string, 1, 1)}
        if kind in MERGING:
            common["inputs"] = self.list_of(self.string, 2)
            inputs = {}
        optional = optional | inputs | {"extensions": self.extensions}
        self.members(value, place, common | required, optional)

    # --- cells ------------------------------------------------------------------------------------

    def cell(
        self,
        cell: str,
        layer: Value,
        required: dict[str, Check],
        optional: dict[str, Check],
        *roles: str,
    ) -> Tables:
        """These members and roles, and what section 8 calls *recurrent*."""
        given = layer if isinstance(layer, dict) else {}
        direction = given.get("direction", "forward")
        merge: dict[str, Check] = {"merge": self.word("concat", "sum", "multiply", "average")}
        required = required | {
            "hidden_size": self.integer(1, MAX_SIZE),
            "parameters": self.roles(*roles, *other_way(cell, direction, roles)),
        }
        optional = optional | {
            "clip": self.number(LEAST, LARGEST),
            "direction": self.word(*DIRECTIONS),
            "output": self.word("sequence", "final"),
        }
        if direction == "bidirectional":
            required |= merge
        elif direction not in DIRECTIONS:  # its presence is not judged
            optional |= merge
        return required, optional

    def lstm(self, layer: Value) -> Tables:
        """Whatever the value of `peephole` and `projection_size`, they ask for what they need [doc-6]."""
        given = layer if isinstance(layer, dict) else {}
        optional: dict[str, Check] = {
            "peephole": self.word("diagonal", "full"),
            "coupled": self.word("input", "forget"),
            "cell_clip": self.number(LEAST, LARGEST),
            "projection_size": self.integer(1, MAX_SIZE),
        }
        roles = ["W", "R", "b?", "h0?", "c0?"]
        if "peephole" in given:  # [layer-6]
            roles.append("p")
        if "projection_size" in given:  # [layer-7]
            roles += ["Q", "qb?"]
            optional["projection_clip"] = self.number(LEAST, LARGEST)
        return self.cell("lstm", layer, {"activations": self.activations("lstm")}, optional, *roles)

    def gru(self, layer: Value) -> Tables:
        """[layer-4]: `rb` is allowed with reset after; without a known reset its presence is not judged."""
        reset = layer.get("reset") if isinstance(layer, dict) else None
        required = {"reset": self.word(*RESETS), "activations": self.activations("gru")}
        rb = () if reset == "before" else ("rb?",)
        return self.cell("gru", layer, required, {}, "W", "R", "b?", *rb, "h0?")

    def activation(self, value: Value, place: str) -> None:
        """One activation of a cell: an elementwise one."""
        function = self.variant(value, place, "function", tuple(FUNCTIONS))
        if function is not None:
            self.members(value, place, self.members_of(function))

    def members_of(self, function: str) -> dict[str, Check]:
        """What an object with this function must have."""
        number = self.number(-LARGEST, LARGEST)
        numbers: dict[str, Check] = dict.fromkeys(FUNCTIONS.get(function, ()), number)
        return {"function": self.skip} | numbers

    def activations(self, cell: str) -> Check:
        """`activations` of a GRU or an LSTM."""
        table: dict[str, Check] = dict.fromkeys(GATES[cell], self.activation)
        return lambda value, place: self.members(value, place, table)

    def roles(self, *names: str) -> Check:
        """`parameters`: a string for each role; those with a question mark may be absent."""
        required: dict[str, Check] = {name: self.string for name in names if not name.endswith("?")}
        optional: dict[str, Check] = {
            name.removesuffix("?"): self.string for name in names if name.endswith("?")
        }
        return lambda value, place: self.members(value, place, required, optional)
