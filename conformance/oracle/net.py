"""A valid document (SPEC.md 5 to 9) as the numbers that the scalar oracle computes with."""

from dataclasses import dataclass, replace
from typing import Any, cast

from conformance.oracle.activation import Activation
from conformance.oracle.float32 import T, f32
from conformance.oracle.vocabulary import Vocabulary

Document = dict[str, Any]
REVERSE = "_reverse"  # behind the roles and arrays of the other direction ([layer-8])


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
    """One layer; `inputs` is I (V after tokens, the sum for `concat`), `size` the width of its output.

    The type of a layer `activation` of function softmax or log_softmax is that function.
    """

    name: str
    type: str
    reads: tuple[str, ...]  # names of earlier layers, or `input`; the default is spelled out
    inputs: int
    size: int
    timed: bool  # whether its output has time ([layer-5])
    parameters: dict[str, list[list[float]]]  # role -> rows, after T
    activations: dict[str, Activation]  # gates, candidate, output; a single one is `activation`
    reset: str = ""  # of a gru
    final: bool = False
    hidden: int = 0  # H
    direction: str = "forward"
    merge: str = ""  # of a bidirectional layer
    peephole: str = ""  # diagonal, full, or none
    coupled: str = ""  # input, forget, or none
    projection: int | None = None  # projection_size
    clip: float | None = None
    cell_clip: float | None = None
    projection_clip: float | None = None
    epsilon: float = 0.0  # of a layer_norm

    @property
    def state_size(self) -> int:
        """P, the width of h."""
        return self.hidden if self.projection is None else self.projection

    @property
    def arrays(self) -> dict[str, int]:
        """The arrays of its state ([run-2]), each with its width; none of a layer without memory."""
        sizes = {name: self.state_size if name == "h" else self.hidden for name in self.own_parts}
        if self.direction == "bidirectional":
            sizes |= {name + REVERSE: size for name, size in sizes.items()}
        return sizes

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of these arrays."""
        return tuple(self.arrays)

    @property
    def own_parts(self) -> tuple[str, ...]:
        """Those of one direction."""
        return {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}.get(self.type, ())

    @property
    def halves(self) -> tuple[tuple[str, "Layer"], ...]:
        """[direction-2]: for each direction what stands behind its roles and arrays, and a layer of it alone."""
        if self.direction != "bidirectional":
            return (("", self),)
        one = replace(self, size=self.state_size, merge="", direction="forward")
        forward = {r: v for r, v in self.parameters.items() if not r.endswith(REVERSE)}
        other = {
            r.removesuffix(REVERSE): v for r, v in self.parameters.items() if r.endswith(REVERSE)
        }
        return (
            ("", replace(one, parameters=forward)),
            (REVERSE, replace(one, parameters=other, direction="reverse")),
        )

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
    output_vocabulary: Vocabulary | None
    generates: bool  # the output has the vocabulary of the input
    decoding: dict[str, Any]
    examples: list[dict[str, Any]]
    tensors: dict[str, Array]  # as stored, without T

    @property
    def recurrent(self) -> list[Layer]:
        """The layers that have a state."""
        return [layer for layer in self.layers if layer.parts]

    @property
    def is_forward(self) -> bool:
        """[run-4]: whether no layer takes time the other way."""
        return all(
            layer.direction == "forward" and layer.type != "time_reverse" for layer in self.layers
        )

    @property
    def ends(self) -> bool:
        """Whether the output has no time."""
        return not self.layers[-1].timed


def layer_of(
    entry: Document, reads: tuple[str, ...], inputs: int, timed: bool, tensors: dict[str, Array]
) -> Layer:
    """One element of `layers`; `timed` says whether what it reads has time."""
    kind = entry["type"]
    activations = dict(entry.get("activations", {}))
    if "activation" in entry:
        activations["activation"] = entry["activation"]
    if kind == "activation" and entry["function"] in ("softmax", "log_softmax"):
        kind = entry["function"]
    elif kind == "activation":
        activations["activation"] = entry
    final = entry.get("output", "sequence") == "final"
    return Layer(
        name=entry["name"],
        type=kind,
        reads=reads,
        inputs=inputs,
        size=width_of(entry, inputs),
        timed=timed and not final and kind != "last_step",
        parameters={
            role: [[T(v) for v in row] for row in tensors[name].rows()]
            for role, name in entry.get("parameters", {}).items()
        },
        activations={role: activation_of(given) for role, given in activations.items()},
        reset=entry.get("reset", ""),
        final=final,
        hidden=int(entry.get("hidden_size", 0)),
        direction=entry.get("direction", "forward"),
        merge=entry.get("merge", ""),
        peephole=entry.get("peephole", ""),
        coupled=entry.get("coupled", ""),
        projection=int(entry["projection_size"]) if "projection_size" in entry else None,
        clip=bound(entry, "clip"),
        cell_clip=bound(entry, "cell_clip"),
        projection_clip=bound(entry, "projection_clip"),
        epsilon=f32(entry.get("epsilon", 0.0)),
    )


def width_of(entry: Document, inputs: int) -> int:
    """Section 8: the width of a layer's output; `inputs` is that of what it reads."""
    own = entry.get("size", entry.get("projection_size", entry.get("hidden_size", inputs)))
    return int(cast("float", own)) * (2 if entry.get("merge") == "concat" else 1)


def bound(entry: Document, name: str) -> float | None:
    """Section 8: the value of a clip is that rounded to binary32."""
    return f32(entry[name]) if name in entry else None


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
    vocabularies = {
        name: Vocabulary.of_entry(entry) for name, entry in document.get("vocabularies", {}).items()
    }
    vocabulary = vocabularies.get(given.get("vocabulary"))
    width = int(given["size"]) if vocabulary is None else len(vocabulary.tokens)
    known = {"input": (width, True)}  # name -> width, whether it has time
    layers: list[Layer] = []
    before = "input"
    for entry in document["layers"]:
        reads = tuple(entry.get("inputs", [before]))
        widths = [known[name][0] for name in reads]
        inputs = sum(widths) if entry["type"] == "concat" else widths[0]
        layer = layer_of(entry, reads, inputs, known[reads[0]][1], tensors)
        layers.append(layer)
        before = layer.name
        known[before] = (layer.size, layer.timed)
    return Net(
        kind=given["kind"],
        width=width,
        layers=layers,
        vocabulary=vocabulary,
        output_vocabulary=vocabularies.get(document["output"].get("vocabulary")),
        generates=vocabulary is not None
        and document["output"].get("vocabulary") == given["vocabulary"],
        decoding=cast("dict[str, Any]", document.get("decoding", {})),
        examples=cast("list[dict[str, Any]]", document.get("examples", [])),
        tensors=tensors,
    )
