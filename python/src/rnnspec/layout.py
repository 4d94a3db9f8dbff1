"""Layout: which parameters and states each layer has, in which shapes and blocks (SPEC 8, 14).

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


LSTM_BLOCKS: Final = ("i", "f", "g", "o")  # [layer-2]: the order of the columns, each H wide

PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "embedding": {"E": Parameter(((1, "V"), (1, "H")))},
    "one_hot": {},
    "lstm": {
        "W": Parameter(((1, "I"), (4, "H"))),
        "R": Parameter(((1, "H"), (4, "H"))),
        "b": Parameter(((4, "H"),), required=False),
    },
    "dense": {
        "W": Parameter(((1, "I"), (1, "H"))),
        "b": Parameter(((1, "H"),), required=False),
    },
    "activation": {},
}

# The member that declares H, of the layers that do.
SIZE_MEMBER: Final[Mapping[str, str]] = {
    "embedding": "size",
    "lstm": "hidden_size",
    "dense": "size",
}

# The arrays of a recurrent layer's state, each [N, H] ([run-2]).
STATES: Final[Mapping[str, tuple[str, ...]]] = {"lstm": ("h", "c")}

TOKEN_LAYERS: Final = ("embedding", "one_hot")  # first after tokens, and nowhere else ([agree-3])


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
