"""A valid document (SPEC.md 5 to 9) as the numbers that the scalar oracle computes with."""

from dataclasses import dataclass
from typing import Any, cast

from conformance.oracle.activation import Activation
from conformance.oracle.float32 import T, f32
from conformance.oracle.vocabulary import Vocabulary

Document = dict[str, Any]


@dataclass(frozen=True)
class Array:
    """Elements in row-major order."""

    shape: tuple[int, ...]
    values: list[float]

    def rows(self) -> list[list[float]]:
        """The rows of a matrix; a vector is one row."""
        width = self.shape[-1]
        return [self.values[k : k + width] for k in range(0, len(self.values), width)]


@dataclass(frozen=True)
class Layer:
    """One layer; `inputs` is I (V after tokens), `size` the width of its output (H of a cell).

    The type of a layer `activation` of function softmax or log_softmax is that function.
    """

    name: str
    type: str
    inputs: int
    size: int
    parameters: dict[str, list[list[float]]]  # role -> rows, after T
    activations: dict[str, Activation]  # gates, candidate, output; a single one is `activation`
    reset: str  # of a gru
    final: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """The arrays of its state."""
        return {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}.get(self.type, ())

    @property
    def bias(self) -> list[float] | None:
        """The parameter b."""
        return self.parameters["b"][0] if "b" in self.parameters else None


@dataclass(frozen=True)
class Net:
    """What a document means."""

    kind: str  # tokens or features
    width: int  # of the input: V or size
    layers: list[Layer]
    vocabulary: Vocabulary | None  # of the input
    generates: bool  # the output has the vocabulary of the input
    decoding: dict[str, Any]
    examples: list[dict[str, Any]]
    tensors: dict[str, Array]  # as stored, without T

    @property
    def recurrent(self) -> list[Layer]:
        """The layers that have a state."""
        return [layer for layer in self.layers if layer.parts]

    @property
    def timed(self) -> int:
        """How many layers have time: up to the one that takes it away ([layer-5]), or all."""
        for number, layer in enumerate(self.layers):
            if layer.final or layer.type == "last_step":
                return number + 1
        return len(self.layers)

    @property
    def ends(self) -> bool:
        """Whether the output has no time."""
        last = self.layers[self.timed - 1]
        return last.final or last.type == "last_step"


def layer_of(entry: Document, inputs: int, tensors: dict[str, Array]) -> Layer:
    """One element of `layers`."""
    kind = entry["type"]
    activations = dict(entry.get("activations", {}))
    if "activation" in entry:
        activations["activation"] = entry["activation"]
    if kind == "activation" and entry["function"] in ("softmax", "log_softmax"):
        kind = entry["function"]
    elif kind == "activation":
        activations["activation"] = entry
    return Layer(
        name=entry["name"],
        type=kind,
        inputs=inputs,
        size=int(cast("float", entry.get("size", entry.get("hidden_size", inputs)))),
        parameters={
            role: [[T(v) for v in row] for row in tensors[name].rows()]
            for role, name in entry.get("parameters", {}).items()
        },
        activations={role: activation_of(given) for role, given in activations.items()},
        reset=entry.get("reset", ""),
        final=entry.get("output", "sequence") == "final",
    )


def activation_of(entry: Document) -> Activation:
    """Section 8: alpha and beta are rounded to binary32, after T."""
    alpha, beta = (T(f32(entry.get(name, 0.0))) for name in ("alpha", "beta"))
    return Activation(entry["function"], alpha, beta)


def load(document: Document) -> Net:
    """Takes a document as the oracle's reader gives it: without findings, its tensors widened."""
    tensors = {
        name: Array(tuple(tensor["shape"]), list(tensor["values"]))
        for name, tensor in document["tensors"].items()
    }
    given = document["input"]
    vocabulary = None
    if given["kind"] == "tokens":
        entry = document["vocabularies"][given["vocabulary"]]
        vocabulary = Vocabulary.of_entry(entry)
    width = int(given["size"]) if vocabulary is None else len(vocabulary.tokens)
    layers: list[Layer] = []
    inputs = width
    for entry in document["layers"]:
        layers.append(layer_of(entry, inputs, tensors))
        inputs = layers[-1].size
    return Net(
        kind=given["kind"],
        width=width,
        layers=layers,
        vocabulary=vocabulary,
        generates=vocabulary is not None
        and document["output"].get("vocabulary") == given["vocabulary"],
        decoding=cast("dict[str, Any]", document.get("decoding", {})),
        examples=cast("list[dict[str, Any]]", document.get("examples", [])),
        tensors=tensors,
    )
