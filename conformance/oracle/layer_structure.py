"""The structure of layers and activations (SPEC 8 and 12.6)."""

from conformance.oracle.checks import Check, Checks
from conformance.oracle.finding import Limits
from conformance.oracle.values import Value

MAX_SIZE = 65_536
LARGEST = 1e38  # of alpha and beta

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
        size = self.integer(1, MAX_SIZE)
        output: dict[str, Check] = {"output": self.word("sequence", "final")}
        tables: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
            "embedding": ({"size": size, "parameters": self.roles("E")}, {}),
            "one_hot": ({}, {}),
            "elman": (
                {
                    "hidden_size": size,
                    "activation": self.activation,
                    "parameters": self.roles("W", "R", "b?", "h0?"),
                },
                output,
            ),
            "lstm": (
                {
                    "hidden_size": size,
                    "activations": self.activations("lstm"),
                    "parameters": self.roles("W", "R", "b?", "h0?", "c0?"),
                },
                output,
            ),
            "gru": (
                {
                    "hidden_size": size,
                    "reset": self.word(*RESETS),
                    "activations": self.activations("gru"),
                    "parameters": self.gru_roles(value),
                },
                output,
            ),
            "dense": ({"size": size, "parameters": self.roles("W", "b?")}, {}),
            "affine": ({"parameters": self.roles("s", "t")}, {}),
            "activation": ({}, {}),
            "last_step": ({}, {}),
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
        self.members(value, place, common | required, optional | {"extensions": self.extensions})

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

    def gru_roles(self, layer: Value) -> Check:
        """[layer-4]: `rb` is allowed with reset after; without a known reset its presence is not judged."""
        reset = layer.get("reset") if isinstance(layer, dict) else None
        return self.roles("W", "R", "b?", "h0?", *(() if reset == "before" else ("rb?",)))

    def roles(self, *names: str) -> Check:
        """`parameters`: a string for each role; those with a question mark may be absent."""
        required: dict[str, Check] = {name: self.string for name in names if not name.endswith("?")}
        optional: dict[str, Check] = {
            name.removesuffix("?"): self.string for name in names if name.endswith("?")
        }
        return lambda value, place: self.members(value, place, required, optional)
