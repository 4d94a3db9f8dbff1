"""Model: the frozen types of a file's content (SPEC 5 to 9).

A model is loaded, or made from these types and saved, which checks it by reading it again:

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

FORMAT_VERSION: Final = "1.0-draft.1"

OutputKind: TypeAlias = Literal["logits", "log_probabilities", "probabilities", "values"]
Mode: TypeAlias = Literal["greedy", "sample"]
StateNames: TypeAlias = Mapping[str, Mapping[str, str]]  # recurrent layer → h, c → tensor

# Members whose spelling in a file is no Python name.
SPELLING: Final = {"schema": "$schema"}


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(member) for key, member in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen(element) for element in value)
    return value


class _Object:
    """An object of the file: its members in the order of SPEC.md's tables."""

    MEMBERS: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for name in self.MEMBERS:
            value = getattr(self, name)
            if isinstance(value, Mapping | list) or (isinstance(value, tuple) and value):
                object.__setattr__(self, name, self._freeze(name, value))

    def _freeze(self, name: str, value: object) -> object:  # noqa: ARG002 - Model needs the name
        return _frozen(value)

    def members(self) -> dict[str, object]:
        """The members that are there, by their names in the file."""
        values = {SPELLING.get(name, name): getattr(self, name) for name in self.MEMBERS}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class TokenInput(_Object):
    """Input of ids `[N, T]`, each 0 … V−1 (SPEC 5.2)."""

    MEMBERS: ClassVar = ("kind", "vocabulary")
    kind: ClassVar[Literal["tokens"]] = "tokens"
    vocabulary: str


@dataclass(frozen=True, kw_only=True)
class FeatureInput(_Object):
    """Input of numbers `[N, T, size]` (SPEC 5.2)."""

    MEMBERS: ClassVar = ("kind", "size", "names", "units", "sample_rate")
    kind: ClassVar[Literal["features"]] = "features"
    size: int
    names: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    sample_rate: float | None = None  # time steps per second


Input: TypeAlias = TokenInput | FeatureInput


@dataclass(frozen=True, kw_only=True)
class Vocabulary(_Object):
    """The tokens of an alphabet; the id of a token is its place (SPEC 7)."""

    MEMBERS: ClassVar = ("unit", "tokens", "unknown", "start", "end", "padding")
    unit: ClassVar[Literal["codepoint"]] = "codepoint"
    tokens: tuple[str, ...]
    unknown: int | None = None
    start: int | None = None
    end: int | None = None
    padding: int | None = None


@dataclass(frozen=True, kw_only=True)
class EmbeddingLayer(_Object):
    """A row of `E` for each id (SPEC 13.1)."""

    MEMBERS: ClassVar = ("name", "type", "size", "parameters")
    type: ClassVar[Literal["embedding"]] = "embedding"
    name: str
    size: int
    parameters: Mapping[str, str]  # role → tensor


@dataclass(frozen=True, kw_only=True)
class OneHotLayer(_Object):
    """1 at the id, else 0 (SPEC 13.2)."""

    MEMBERS: ClassVar = ("name", "type")
    type: ClassVar[Literal["one_hot"]] = "one_hot"
    name: str


@dataclass(frozen=True, kw_only=True)
class LstmLayer(_Object):
    """Columns in blocks i, f, g, o; the forget bias is inside `b` (SPEC 13.3)."""

    MEMBERS: ClassVar = ("name", "type", "hidden_size", "parameters")
    type: ClassVar[Literal["lstm"]] = "lstm"
    name: str
    hidden_size: int
    parameters: Mapping[str, str]  # role → tensor


@dataclass(frozen=True, kw_only=True)
class DenseLayer(_Object):
    """Row vector times matrix, plus bias (SPEC 13.4)."""

    MEMBERS: ClassVar = ("name", "type", "size", "parameters")
    type: ClassVar[Literal["dense"]] = "dense"
    name: str
    size: int
    parameters: Mapping[str, str]  # role → tensor


@dataclass(frozen=True, kw_only=True)
class ActivationLayer(_Object):
    """A function of the whole vector (SPEC 13.5, 13.6)."""

    MEMBERS: ClassVar = ("name", "type", "function")
    type: ClassVar[Literal["activation"]] = "activation"
    name: str
    function: Literal["softmax", "log_softmax"]


Layer: TypeAlias = EmbeddingLayer | OneHotLayer | LstmLayer | DenseLayer | ActivationLayer


@dataclass(frozen=True, kw_only=True)
class Output(_Object):
    """What the output means (SPEC 9.1)."""

    MEMBERS: ClassVar = ("kind", "vocabulary", "labels")
    kind: OutputKind
    vocabulary: str | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Decoding(_Object):
    """Defaults for generating (SPEC 9.2)."""

    MEMBERS: ClassVar = ("mode", "temperature")
    mode: Mode
    temperature: float | None = None


@dataclass(frozen=True, kw_only=True)
class Source(_Object):
    """The system that computed a reference example."""

    MEMBERS: ClassVar = ("system", "version")
    system: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Example(_Object):
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
class Model(_Object):
    """A whole file. Immutable; threads may share it.

    Making one checks nothing: `rnnspec.save` and `rnnspec.to_bytes` do, and raise RnnspecError.
    """

    MEMBERS: ClassVar = (
        *("schema", "name", "version", "description", "license", "metadata"),
        *("input", "vocabularies", "layers", "output", "decoding", "examples", "tensors"),
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
    tensors: Mapping[str, Tensor]

    def _freeze(self, name: str, value: object) -> object:
        if name == "metadata" and isinstance(value, Mapping):
            return MappingProxyType(dict(value))
        return _frozen(value)

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
