"""A valid document (SPEC.md 5 to 9) as the numbers that the scalar oracle computes with."""

from dataclasses import dataclass
from typing import Any, cast

from conformance.oracle.float32 import T

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
    """One layer; `inputs` is I (V after tokens), `size` the width of its output (H for lstm)."""

    name: str
    type: str
    inputs: int
    size: int
    parameters: dict[str, list[list[float]]]  # role -> rows, after T

    @property
    def bias(self) -> list[float] | None:
        """The parameter b."""
        return self.parameters["b"][0] if "b" in self.parameters else None


@dataclass(frozen=True)
class Vocabulary:
    """Tokens and the ids of the special ones."""

    tokens: list[str]
    special: dict[str, int]


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
        return [layer for layer in self.layers if layer.type == "lstm"]


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
        names = ("unknown", "start", "end", "padding")
        special = {name: int(entry[name]) for name in names if name in entry}
        vocabulary = Vocabulary(list(entry["tokens"]), special)
    width = int(given["size"]) if vocabulary is None else len(vocabulary.tokens)
    layers: list[Layer] = []
    inputs = width
    for entry in document["layers"]:
        size = int(entry.get("size", entry.get("hidden_size", inputs)))
        parameters = {
            role: [[T(v) for v in row] for row in tensors[name].rows()]
            for role, name in entry.get("parameters", {}).items()
        }
        kind = entry["function"] if entry["type"] == "activation" else entry["type"]
        layers.append(Layer(entry["name"], kind, inputs, size, parameters))
        inputs = size
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
