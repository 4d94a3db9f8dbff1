"""Model: the frozen types of a file's content (SPEC 5 to 9).

A model is loaded, built from plain values (`rnnspec.build`), or made from these types and saved,
which checks it by reading it again:

    model = Model(
        input=FeatureInput(size=1),
        layers=(DenseLayer(name="double", size=1, parameters={"W": "W"}),),
        output=Output(kind="values"),
        tensors={"W": Tensor(np.array([[2]], np.float32))},
    )
    rnnspec.save(model, "double.rnn.json")

None stands for a member that is absent. Lists may be given for tuples and dicts for mappings; they
are copied, and nobody changes what a model holds. `dataclasses.replace` makes a changed model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal, TypeAlias

from rnnspec.layout import MERGING_LAYERS
from rnnspec.model.layers import (
    Activation,
    ActivationLayer,
    AddLayer,
    AffineLayer,
    ConcatLayer,
    DenseLayer,
    Direction,
    Elementwise,
    ElmanLayer,
    EmbeddingLayer,
    GruLayer,
    LastStepLayer,
    Layer,
    LayerNormLayer,
    LayerOutput,
    LstmLayer,
    Merge,
    MultiplyLayer,
    OneHotLayer,
    RecurrentLayer,
    TimeReverseLayer,
    default_inputs,
)
from rnnspec.model.members import FREE, SPELLING, Extensions, Members
from rnnspec.tensor import Tensor

__all__ = [
    "FORMAT_VERSION",
    "FREE",
    "SPELLING",
    "Activation",
    "ActivationLayer",
    "AddLayer",
    "AffineLayer",
    "ConcatLayer",
    "Decoding",
    "DenseLayer",
    "Direction",
    "Elementwise",
    "ElmanLayer",
    "EmbeddingLayer",
    "Example",
    "Extensions",
    "FeatureInput",
    "GruLayer",
    "Input",
    "LastStepLayer",
    "Layer",
    "LayerNormLayer",
    "LayerOutput",
    "LstmLayer",
    "Members",
    "Merge",
    "Mode",
    "Model",
    "MultiplyLayer",
    "OneHotLayer",
    "Output",
    "OutputKind",
    "RecurrentLayer",
    "Source",
    "StateNames",
    "TimeReverseLayer",
    "TokenInput",
    "Unit",
    "Vocabulary",
    "default_inputs",
]

FORMAT_VERSION: Final = "1.0-draft.3"

OutputKind: TypeAlias = Literal["logits", "log_probabilities", "probabilities", "values"]
Mode: TypeAlias = Literal["greedy", "sample", "ctc"]
Unit: TypeAlias = Literal["byte", "codepoint", "token"]
StateNames: TypeAlias = Mapping[str, Mapping[str, str]]  # recurrent layer → h, c, … → tensor


@dataclass(frozen=True, kw_only=True)
class TokenInput(Members):
    """Input of ids `[N, T]`, each 0 … V−1 (SPEC 5.2)."""

    MEMBERS: ClassVar = ("kind", "vocabulary")
    kind: ClassVar[Literal["tokens"]] = "tokens"
    vocabulary: str


@dataclass(frozen=True, kw_only=True)
class FeatureInput(Members):
    """Input of numbers `[N, T, size]` (SPEC 5.2)."""

    MEMBERS: ClassVar = ("kind", "size", "names", "units", "sample_rate")
    kind: ClassVar[Literal["features"]] = "features"
    size: int
    names: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    sample_rate: float | None = None  # time steps per second


Input: TypeAlias = TokenInput | FeatureInput


@dataclass(frozen=True, kw_only=True)
class Vocabulary(Members):
    """The tokens of an alphabet; the id of a token is its place (SPEC 7)."""

    MEMBERS: ClassVar = (
        *("unit", "tokens", "separator", "unknown", "start", "end", "padding", "extensions"),
    )
    unit: Unit
    tokens: tuple[str | int, ...]  # numbers for bytes
    separator: str | None = None  # between tokens, with the unit `token`
    unknown: int | None = None
    start: int | None = None
    end: int | None = None
    padding: int | None = None
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class Output(Members):
    """What the output means (SPEC 9.1)."""

    MEMBERS: ClassVar = ("kind", "vocabulary", "labels")
    kind: OutputKind
    vocabulary: str | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Decoding(Members):
    """Defaults for generating, or for the best path of a CTC net (SPEC 9.2)."""

    MEMBERS: ClassVar = ("mode", "temperature", "top_k", "top_p", "blank")
    mode: Mode
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    blank: int | None = None


@dataclass(frozen=True, kw_only=True)
class Source(Members):
    """The system that computed a reference example."""

    MEMBERS: ClassVar = ("system", "version")
    system: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Example(Members):
    """What the net gives for an input (SPEC 9.3). Arrays are names of tensors."""

    MEMBERS: ClassVar = (
        *("kind", "source", "tolerance", "input", "lengths", "state", "output", "final_state"),
    )
    kind: Literal["exact", "reference"]
    source: Source | None = None
    tolerance: float | None = None
    input: tuple[tuple[int, ...], ...] | str  # ids [N, T], or a tensor [N, T, size]
    lengths: tuple[int, ...] | None = None
    state: StateNames | None = None
    output: str
    final_state: StateNames | None = None


@dataclass(frozen=True, kw_only=True)
class Model(Members):
    """A whole file.

    A Model is immutable: share it between threads.

    Making one checks nothing: `rnnspec.save` and `rnnspec.to_bytes` do, and raise RnnspecError. It
    says for every layer which `inputs` it reads, also where that is the layer before: whoever puts a
    layer between two others names it in the `inputs` of the second.
    """

    MEMBERS: ClassVar = (
        *("schema", "name", "version", "description", "license", "metadata"),
        *("input", "vocabularies", "layers", "output", "decoding", "examples"),
        *("extensions", "extensions_required", "tensors"),
    )
    schema: str | None = None  # the member `$schema`
    name: str | None = None
    version: str | None = None  # the model's own, not the format's
    description: str | None = None
    license: str | None = None
    metadata: Mapping[str, object] | None = None  # JSON values; only the outermost level is frozen
    input: Input
    vocabularies: Mapping[str, Vocabulary] | None = None
    layers: tuple[Layer, ...]
    output: Output
    decoding: Decoding | None = None
    examples: tuple[Example, ...] | None = None
    extensions: Extensions | None = None
    extensions_required: tuple[str, ...] | None = None
    tensors: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        super().__post_init__()
        layers = tuple(
            layer
            if layer.inputs or layer.type in MERGING_LAYERS
            else replace(layer, inputs=default_inputs(self.layers, k))
            for k, layer in enumerate(self.layers)
        )
        object.__setattr__(self, "layers", layers)

    def layer_members(self) -> list[dict[str, object]]:
        """The members of each layer as a file has them: without `inputs` that are the default."""
        told = [layer.members() for layer in self.layers]
        for k, members in enumerate(told):
            if members["inputs"] == default_inputs(self.layers, k):
                del members["inputs"]
        return told

    @property
    def input_vocabulary(self) -> Vocabulary | None:
        """The vocabulary of token input, None for features."""
        if self.vocabularies is None or not isinstance(self.input, TokenInput):
            return None
        return self.vocabularies[self.input.vocabulary]

    @property
    def output_vocabulary(self) -> Vocabulary | None:
        """The vocabulary that the output's elements belong to, if it names one."""
        if self.vocabularies is None or self.output.vocabulary is None:
            return None
        return self.vocabularies[self.output.vocabulary]
