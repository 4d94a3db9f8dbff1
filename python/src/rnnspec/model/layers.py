"""Layers: the frozen types of SPEC 8."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, TypeAlias

from rnnspec.layout import INPUT
from rnnspec.model.members import Extensions, Members

LayerOutput: TypeAlias = Literal["sequence", "final"]
Direction: TypeAlias = Literal["forward", "reverse", "bidirectional"]
Merge: TypeAlias = Literal["concat", "sum", "multiply", "average"]
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


@dataclass(frozen=True, kw_only=True)
class Activation(Members):
    """An elementwise function, with the numbers that it asks for (SPEC 12.6)."""

    MEMBERS: ClassVar = ("function", "alpha", "beta")
    function: Elementwise
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True, kw_only=True)
class LayerMembers(Members):
    """What every layer has. `inputs` are names of earlier layers, or `input`: SPEC 8.

    Without them a layer reads the one before it, the first one the net's input: a Model fills that
    in, so that a layer of a model always says what it reads.
    """

    MEMBERS: ClassVar[tuple[str, ...]] = ("name", "type", "inputs", "extensions")
    type: ClassVar[str]
    name: str
    inputs: tuple[str, ...] = ()
    extensions: Extensions | None = None


@dataclass(frozen=True, kw_only=True)
class LayerWithParameters(LayerMembers):
    """What the layers have whose numbers stand in tensors."""

    parameters: Mapping[str, str]  # role → tensor


@dataclass(frozen=True, kw_only=True)
class Recurrent(LayerWithParameters):
    """What every layer with a state has. Without `output` it gives the sequence."""

    hidden_size: int
    clip: float | None = None  # of pre-activations
    direction: Direction | None = None
    merge: Merge | None = None  # of the two directions
    output: LayerOutput | None = None


_OF_ALL: Final = ("direction", "merge", "output", "parameters", "extensions")


@dataclass(frozen=True, kw_only=True)
class EmbeddingLayer(LayerWithParameters):
    """A row of `E` for each id (SPEC 13.1)."""

    MEMBERS: ClassVar = ("name", "type", "inputs", "size", "parameters", "extensions")
    type: ClassVar[Literal["embedding"]] = "embedding"
    size: int


@dataclass(frozen=True, kw_only=True)
class OneHotLayer(LayerMembers):
    """1 at the id, else 0 (SPEC 13.2)."""

    type: ClassVar[Literal["one_hot"]] = "one_hot"


@dataclass(frozen=True, kw_only=True)
class ElmanLayer(Recurrent):
    """One activation of input and state (SPEC 13.3)."""

    MEMBERS: ClassVar = (
        *("name", "type", "inputs", "hidden_size", "activation", "clip"),
        *_OF_ALL,
    )
    type: ClassVar[Literal["elman"]] = "elman"
    activation: Activation


@dataclass(frozen=True, kw_only=True)
class LstmLayer(Recurrent):
    """Columns in blocks i, f, g, o; the forget bias is inside `b` (SPEC 13.4)."""

    MEMBERS: ClassVar = (
        *("name", "type", "inputs", "hidden_size", "activations", "peephole", "coupled"),
        *("cell_clip", "projection_size", "projection_clip", "clip"),
        *_OF_ALL,
    )
    type: ClassVar[Literal["lstm"]] = "lstm"
    activations: Mapping[str, Activation]  # gates, candidate, output
    peephole: Literal["diagonal", "full"] | None = None
    coupled: Literal["input", "forget"] | None = None  # the gate computed from the other
    cell_clip: float | None = None
    projection_size: int | None = None
    projection_clip: float | None = None


@dataclass(frozen=True, kw_only=True)
class GruLayer(Recurrent):
    """Columns in blocks r, z, n; z keeps the old state (SPEC 13.5)."""

    MEMBERS: ClassVar = (
        *("name", "type", "inputs", "hidden_size", "reset", "activations", "clip"),
        *_OF_ALL,
    )
    type: ClassVar[Literal["gru"]] = "gru"
    reset: Literal["before", "after"]  # the product with R
    activations: Mapping[str, Activation]  # gates, candidate


@dataclass(frozen=True, kw_only=True)
class DenseLayer(LayerWithParameters):
    """Row vector times matrix, plus bias (SPEC 13.6)."""

    MEMBERS: ClassVar = ("name", "type", "inputs", "size", "parameters", "extensions")
    type: ClassVar[Literal["dense"]] = "dense"
    size: int


@dataclass(frozen=True, kw_only=True)
class AffineLayer(LayerWithParameters):
    """Each element times its `s`, plus its `t` (SPEC 13.9)."""

    MEMBERS: ClassVar = ("name", "type", "inputs", "parameters", "extensions")
    type: ClassVar[Literal["affine"]] = "affine"


@dataclass(frozen=True, kw_only=True)
class LayerNormLayer(LayerWithParameters):
    """Each vector by its own mean and variance (SPEC 13.11)."""

    MEMBERS: ClassVar = ("name", "type", "inputs", "epsilon", "parameters", "extensions")
    type: ClassVar[Literal["layer_norm"]] = "layer_norm"
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class ActivationLayer(LayerMembers):
    """A function of each element, or of the whole vector (SPEC 13.7, 13.8, 13.10)."""

    MEMBERS: ClassVar = ("name", "type", "inputs", "function", "alpha", "beta", "extensions")
    type: ClassVar[Literal["activation"]] = "activation"
    function: Elementwise | Literal["softmax", "log_softmax"]
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True, kw_only=True)
class AddLayer(LayerMembers):
    """The sum of two layers or more, of one width (SPEC 13.12)."""

    type: ClassVar[Literal["add"]] = "add"
    inputs: tuple[str, ...] = field()


@dataclass(frozen=True, kw_only=True)
class MultiplyLayer(LayerMembers):
    """The product, element by element, of two layers or more, of one width (SPEC 13.12)."""

    type: ClassVar[Literal["multiply"]] = "multiply"
    inputs: tuple[str, ...] = field()


@dataclass(frozen=True, kw_only=True)
class ConcatLayer(LayerMembers):
    """The elements of two layers or more, one after the other (SPEC 13.12)."""

    type: ClassVar[Literal["concat"]] = "concat"
    inputs: tuple[str, ...] = field()


@dataclass(frozen=True, kw_only=True)
class LastStepLayer(LayerMembers):
    """The vector of each row's last valid step (SPEC 13.14)."""

    type: ClassVar[Literal["last_step"]] = "last_step"


@dataclass(frozen=True, kw_only=True)
class TimeReverseLayer(LayerMembers):
    """The valid steps of each row in the other order (SPEC 13.13)."""

    type: ClassVar[Literal["time_reverse"]] = "time_reverse"


RecurrentLayer: TypeAlias = ElmanLayer | LstmLayer | GruLayer
Layer: TypeAlias = (
    EmbeddingLayer
    | OneHotLayer
    | RecurrentLayer
    | DenseLayer
    | AffineLayer
    | LayerNormLayer
    | ActivationLayer
    | AddLayer
    | MultiplyLayer
    | ConcatLayer
    | LastStepLayer
    | TimeReverseLayer
)


def default_inputs(layers: Sequence[Layer], k: int) -> tuple[str, ...]:
    """What layer k reads if it does not say."""
    return (layers[k - 1].name if k else INPUT,)
