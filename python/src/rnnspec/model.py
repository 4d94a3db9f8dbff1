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
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Literal, TypeAlias

from rnnspec.tensor import Tensor

FORMAT_VERSION: Final = "1.0-draft.2"

OutputKind: TypeAlias = Literal["logits", "log_probabilities", "probabilities", "values"]
Mode: TypeAlias = Literal["greedy", "sample"]
Unit: TypeAlias = Literal["byte", "codepoint", "token"]
Elementwise: TypeAlias = Literal[
    "linear",
    "tanh",
    "sigmoid",
    "relu",
    "leaky_relu",
    "elu",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "hard_tanh",
    "thresholded_relu",
    "scaled_tanh",
]
LayerOutput: TypeAlias = Literal["sequence", "final"]
Extensions: TypeAlias = Mapping[str, object]  # JSON values; only the outermost level is frozen
StateNames: TypeAlias = Mapping[str, Mapping[str, str]]  # recurrent layer → h, c → tensor

# Members whose spelling in a file is no Python name.
SPELLING: Final = {"schema": "$schema"}
# Members that hold anybody's values.
FREE: Final = frozenset({"metadata", "extensions"})


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(member) for key, member in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen(element) for element in value)
    return value


class Members:
    """An object of the file: what all types here have, its members in the order of SPEC.md's tables."""

    MEMBERS: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for name in self.MEMBERS:
            value = getattr(self, name)
            if isinstance(value, Mapping | list) or (isinstance(value, tuple) and value):
                free = name in FREE and isinstance(value, Mapping)
                frozen = MappingProxyType(dict(value)) if free else _frozen(value)
                object.__setattr__(self, name, frozen)

    def members(self) -> dict[str, object]:
        """The members that are there, by their names in the file."""
        values = {SPELLING.get(name, name): getattr(self, name) for name in self.MEMBERS}
        return {name: value for name, value in values.items() if value is not None}


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
class Activation(Members):
    """An elementwise function, with the numbers that it asks for (SPEC 12.6)."""

    MEMBERS: ClassVar = ("function", "alpha", "beta")
    function: Elementwise
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True, kw_only=True)
class EmbeddingLayer(Members):
    """A row of `E` for each id (SPEC 13.1)."""

    MEMBERS: ClassVar = ("name", "type", "size", "parameters", "extensions")
    type: ClassVar[Literal["embedding"]] = "embedding"
    name: str
    size: int
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class OneHotLayer(Members):
    """1 at the id, else 0 (SPEC 13.2)."""

    MEMBERS: ClassVar = ("name", "type", "extensions")
    type: ClassVar[Literal["one_hot"]] = "one_hot"
    name: str
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class ElmanLayer(Members):
    """One activation of input and state (SPEC 13.3). Without `output` it gives the sequence."""

    MEMBERS: ClassVar = (
        *("name", "type", "hidden_size", "activation", "output", "parameters", "extensions"),
    )
    type: ClassVar[Literal["elman"]] = "elman"
    name: str
    hidden_size: int
    activation: Activation
    output: LayerOutput | None = None
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class LstmLayer(Members):
    """Columns in blocks i, f, g, o; the forget bias is inside `b` (SPEC 13.4)."""

    MEMBERS: ClassVar = (
        *("name", "type", "hidden_size", "activations", "output", "parameters", "extensions"),
    )
    type: ClassVar[Literal["lstm"]] = "lstm"
    name: str
    hidden_size: int
    activations: Mapping[str, Activation]  # gates, candidate, output
    output: LayerOutput | None = None
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class GruLayer(Members):
    """Columns in blocks r, z, n; z keeps the old state (SPEC 13.5)."""

    MEMBERS: ClassVar = (
        *("name", "type", "hidden_size", "reset", "activations", "output", "parameters"),
        "extensions",
    )
    type: ClassVar[Literal["gru"]] = "gru"
    name: str
    hidden_size: int
    reset: Literal["before", "after"]  # the product with R
    activations: Mapping[str, Activation]  # gates, candidate
    output: LayerOutput | None = None
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class DenseLayer(Members):
    """Row vector times matrix, plus bias (SPEC 13.6)."""

    MEMBERS: ClassVar = ("name", "type", "size", "parameters", "extensions")
    type: ClassVar[Literal["dense"]] = "dense"
    name: str
    size: int
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class AffineLayer(Members):
    """Each element times its `s`, plus its `t` (SPEC 13.9)."""

    MEMBERS: ClassVar = ("name", "type", "parameters", "extensions")
    type: ClassVar[Literal["affine"]] = "affine"
    name: str
    parameters: Mapping[str, str]  # role → tensor
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationLayer(Members):
    """A function of each element, or of the whole vector (SPEC 13.7, 13.8, 13.10)."""

    MEMBERS: ClassVar = ("name", "type", "function", "alpha", "beta", "extensions")
    type: ClassVar[Literal["activation"]] = "activation"
    name: str
    function: Elementwise | Literal["softmax", "log_softmax"]
    alpha: float | None = None
    beta: float | None = None
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class LastStepLayer(Members):
    """The vector of each row's last valid step (SPEC 13.11)."""

    MEMBERS: ClassVar = ("name", "type", "extensions")
    type: ClassVar[Literal["last_step"]] = "last_step"
    name: str
    extensions: Extensions | None = None


RecurrentLayer: TypeAlias = ElmanLayer | LstmLayer | GruLayer
Layer: TypeAlias = (
    EmbeddingLayer
    | OneHotLayer
    | RecurrentLayer
    | DenseLayer
    | AffineLayer
    | ActivationLayer
    | LastStepLayer
)


@dataclass(frozen=True, kw_only=True)
class Output(Members):
    """What the output means (SPEC 9.1)."""

    MEMBERS: ClassVar = ("kind", "vocabulary", "labels")
    kind: OutputKind
    vocabulary: str | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Decoding(Members):
    """Defaults for generating (SPEC 9.2)."""

    MEMBERS: ClassVar = ("mode", "temperature", "top_k", "top_p")
    mode: Mode
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None


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

    Making one checks nothing: `rnnspec.save` and `rnnspec.to_bytes` do, and raise RnnspecError.
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
