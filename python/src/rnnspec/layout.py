"""Layout: what each layer is made of: its parameters, states, blocks and functions (SPEC 8, 12.6, 14).

This is the only place that knows. Sizes are letters: I the width of the layer's input, V the tokens
of the input vocabulary, H the size that the layer declares (`size` or `hidden_size`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Letter: TypeAlias = Literal["I", "V", "H"]
Sizes: TypeAlias = Mapping[Letter, int | None]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A role of a layer: its shape as (factor, letter) for each axis, and whether it must be there."""

    shape: tuple[tuple[int, Letter], ...]
    required: bool = True


# The columns of W, R and b of a recurrent layer, each block H wide ([layer-2], [layer-4]).
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "elman": ("h",),
    "lstm": ("i", "f", "g", "o"),
    "gru": ("r", "z", "n"),
}

# The arrays of a recurrent layer's state, each [N, H] ([run-2]).
STATES: Final[Mapping[str, tuple[str, ...]]] = {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}

# The activations that the member `activations` of a layer names; `elman` has one, `activation`.
ACTIVATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "lstm": ("gates", "candidate", "output"),
    "gru": ("gates", "candidate"),
}


def _recurrent(layer_type: str, **more: Parameter) -> dict[str, Parameter]:
    blocks = len(BLOCKS[layer_type])
    return {
        "W": Parameter(((1, "I"), (blocks, "H"))),
        "R": Parameter(((1, "H"), (blocks, "H"))),
        "b": Parameter(((blocks, "H"),), required=False),
        **more,
        **{name + "0": Parameter(((1, "H"),), required=False) for name in STATES[layer_type]},
    }


PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "embedding": {"E": Parameter(((1, "V"), (1, "H")))},
    "one_hot": {},
    "elman": _recurrent("elman"),
    "lstm": _recurrent("lstm"),
    "gru": _recurrent("gru", rb=Parameter(((1, "H"),), required=False)),
    "dense": {
        "W": Parameter(((1, "I"), (1, "H"))),
        "b": Parameter(((1, "H"),), required=False),
    },
    "affine": {"s": Parameter(((1, "I"),)), "t": Parameter(((1, "I"),))},
    "activation": {},
    "last_step": {},
}

# The member that declares H, of the layers that do.
SIZE_MEMBER: Final[Mapping[str, str]] = {
    "embedding": "size",
    "elman": "hidden_size",
    "lstm": "hidden_size",
    "gru": "hidden_size",
    "dense": "size",
}

TOKEN_LAYERS: Final = ("embedding", "one_hot")  # first after tokens, and nowhere else ([agree-3])
TIMELESS_LAYERS: Final = ("dense", "affine", "activation")  # may stand where there is no time
OUTPUTS: Final = ("sequence", "final")  # of a recurrent layer; the first is the default

# The members that an activation needs besides `function` (SPEC 12.6).
FUNCTIONS: Final[Mapping[str, tuple[str, ...]]] = {
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

# The functions of whole vectors, and the kind of output that each asks for ([agree-7]).
VECTOR_FUNCTIONS: Final = {"softmax": "probabilities", "log_softmax": "log_probabilities"}


def shape(parameter: Parameter, sizes: Sizes) -> tuple[int, ...] | None:
    """The shape of a parameter, or None if a size it needs is unknown."""
    known: list[int] = []
    for factor, letter in parameter.shape:
        size = sizes[letter]
        if size is None:
            return None
        known.append(factor * size)
    return tuple(known)


def width(layer_type: str, sizes: Sizes) -> int | None:
    """The width of a layer's output, or None if it is unknown (SPEC 8)."""
    if layer_type in SIZE_MEMBER:
        return sizes["H"]
    return sizes["V"] if layer_type == "one_hot" else sizes["I"]


def takes_time_away(layer_type: str, output: object) -> bool:
    """Whether a layer gives one vector for each row, without time ([layer-5])."""
    return layer_type == "last_step" or (layer_type in STATES and output == "final")
