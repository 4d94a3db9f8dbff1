"""Layout: what each layer is made of: its parameters, states, blocks and functions (SPEC 8, 12.6, 14).

This is the only place that knows. A layer is given by its members, as they stand in a file. Sizes are
letters: I the width of the layer's input, V the tokens of the input vocabulary, H the size that the
layer declares (`size` or `hidden_size`), P the width of its h, B the blocks of its columns, G the
blocks of its peepholes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Letter: TypeAlias = Literal["I", "V", "H", "P", "B", "G"]
Sizes: TypeAlias = Mapping[Letter, int | None]
Layer: TypeAlias = Mapping[str, object]  # its members


@dataclass(frozen=True, slots=True)
class Parameter:
    """A role of a layer: for each axis the letters whose product it is, and whether it must be there."""

    shape: tuple[tuple[Letter, ...], ...]
    required: bool = True


# The columns of W, R and b of a recurrent layer, each block H wide ([layer-2], [layer-4]).
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "elman": ("h",),
    "lstm": ("i", "f", "g", "o"),
    "gru": ("r", "z", "n"),
}
PEEPHOLES: Final = ("i", "f", "o")  # the blocks of p ([layer-6])
COUPLED: Final = {"input": "i", "forget": "f"}  # `coupled` → the block that is absent

# The arrays of a recurrent layer's state in one direction ([run-2]): h is [N, P], c [N, H].
STATES: Final[Mapping[str, tuple[str, ...]]] = {"elman": ("h",), "lstm": ("h", "c"), "gru": ("h",)}
REVERSE: Final = "_reverse"  # behind a role or an array of the other direction ([layer-8])
ARRAYS: Final = ("h", "c", "h_reverse", "c_reverse")  # of any state, in order
_LETTERS: Final[Mapping[str, Letter]] = {"h": "P", "c": "H"}

# The activations that the member `activations` of a layer names; `elman` has one, `activation`.
ACTIVATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "lstm": ("gates", "candidate", "output"),
    "gru": ("gates", "candidate"),
}

INPUT: Final = "input"  # what `inputs` calls the net's input
TOKEN_LAYERS: Final = ("embedding", "one_hot")  # read tokens, and nothing else ([agree-3])
MERGING_LAYERS: Final = ("add", "multiply", "concat")  # read two layers or more
# May read what has no time ([layer-5]).
TIMELESS_LAYERS: Final = ("dense", "affine", "layer_norm", "activation", *MERGING_LAYERS)
OUTPUTS: Final = ("sequence", "final")  # of a recurrent layer; the first is the default
DIRECTIONS: Final = ("forward", "reverse", "bidirectional")  # likewise
MERGES: Final = ("concat", "sum", "multiply", "average")  # of the two directions
LARGEST_SIZE: Final = 65_536  # of a layer

# The member that declares H, of the layers that do.
SIZE_MEMBER: Final[Mapping[str, str]] = {
    "embedding": "size",
    "elman": "hidden_size",
    "lstm": "hidden_size",
    "gru": "hidden_size",
    "dense": "size",
}

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


def _vector(*letters: Letter, required: bool = False) -> Parameter:
    return Parameter((letters,), required)


_MATRICES: Final = {
    "W": Parameter((("I",), ("B", "H"))),
    "R": Parameter((("P",), ("B", "H"))),
    "b": _vector("B", "H"),
}
_PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "embedding": {"E": Parameter((("V",), ("H",)))},
    "one_hot": {},
    "elman": {**_MATRICES, "h0": _vector("P")},
    "lstm": {
        **_MATRICES,
        "p": Parameter((("G",), ("H",))),
        "Q": Parameter((("H",), ("P",))),
        "qb": _vector("P"),
        "h0": _vector("P"),
        "c0": _vector("H"),
    },
    "gru": {**_MATRICES, "rb": _vector("H"), "h0": _vector("P")},
    "dense": {"W": Parameter((("I",), ("H",))), "b": _vector("H")},
    "affine": {"s": _vector("I", required=True), "t": _vector("I", required=True)},
    "layer_norm": {"gamma": _vector("I", required=True), "beta": _vector("I", required=True)},
    "activation": {},
    "add": {},
    "multiply": {},
    "concat": {},
    "last_step": {},
    "time_reverse": {},
}
TYPES: Final = tuple(_PARAMETERS)
_FULL_PEEPHOLE: Final = Parameter((("H",), ("G", "H")))


def parameters(layer: Layer) -> dict[str, Parameter]:
    """The roles that a layer of a known type has by its other members, in the order of the table.

    Where a member is none of its words, roles that hang on it may be there or not ([doc-6]).
    """
    every = _PARAMETERS[str(layer["type"])]
    roles = dict(every)
    if layer.get("reset") == "before":
        roles.pop("rb", None)
    if "peephole" not in layer:
        roles.pop("p", None)
    elif "p" in roles and layer["peephole"] == "full":
        roles["p"] = _FULL_PEEPHOLE
    if "projection_size" not in layer:
        roles.pop("Q", None)
        roles.pop("qb", None)
    if layer["type"] not in STATES:
        return roles
    match layer.get("direction", DIRECTIONS[0]):
        case "forward" | "reverse":
            return roles
        case "bidirectional":
            return roles | {role + REVERSE: of for role, of in roles.items()}
        case _:
            return roles | {
                role + REVERSE: replace(of, required=False) for role, of in every.items()
            }


def blocks(layer: Layer) -> tuple[str, ...]:
    """The blocks of a recurrent layer's columns that are there ([layer-2])."""
    absent = COUPLED.get(str(layer.get("coupled")))
    return tuple(block for block in BLOCKS[str(layer["type"])] if block != absent)


def states(layer: Layer) -> dict[str, Letter]:
    """The arrays of a layer's state, with the letter of their width; none for others than recurrent ones."""
    own = STATES.get(str(layer["type"]), ())
    both = ("", REVERSE) if layer.get("direction") == "bidirectional" else ("",)
    return {name + way: _LETTERS[name] for way in both for name in own}


def sizes(layer: Layer, width: int | None = None, tokens: int | None = None) -> Sizes:
    """What the letters mean for a sound layer that reads a `width`, or tokens."""
    layer_type = str(layer["type"])
    own = _integer(layer.get(SIZE_MEMBER.get(layer_type, "")))
    count = len(blocks(layer)) if layer_type in BLOCKS else None
    projected = _integer(layer.get("projection_size"))
    return {
        "I": width,
        "V": tokens,
        "H": own,
        "P": own if projected is None else projected,
        "B": count,
        "G": None if count is None else count - 1,
    }


def shape(parameter: Parameter, sizes: Sizes) -> tuple[int, ...] | None:
    """The shape of a parameter, or None if a size it needs is unknown."""
    known: list[int] = []
    for letters in parameter.shape:
        product = 1
        for letter in letters:
            size = sizes[letter]
            if size is None:
                return None
            product *= size
        known.append(product)
    return tuple(known)


def is_forward(layer: Layer) -> bool:
    """Whether a layer can be run step by step ([run-4])."""
    return layer["type"] != "time_reverse" and layer.get("direction", "forward") == "forward"


def _integer(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
