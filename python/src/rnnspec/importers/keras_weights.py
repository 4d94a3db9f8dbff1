"""keras_weights: the arrays of each layer by their roles, from the two ways in which Keras puts them into HDF5.

The older one names groups by the layer. The newer one names them by the class of the layer and a number; the numbers
have gaps in files of TensorFlow 2.12 to 2.15, so groups are taken in the order of their numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rnnspec.importers.hdf5 import Hdf5, Numbers
from rnnspec.importers.keras_config import Layer
from rnnspec.importers.refusal import malformed, named, unsupported

CELLS: Final = ("SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU")
FORWARD, BACKWARD = "forward ", "backward "  # before a role, in a Bidirectional

_ROOTS: Final = ("layers", "_layer_checkpoint_dependencies")
_ROLES: Final = (
    "recurrent_kernel",
    "kernel",
    "bias",
    "embeddings",
    "gamma",
    "beta",
    "moving_mean",
    "moving_variance",
)
_TAIL: Final = re.compile(
    r"(?:_\d+)?(?::\d+)?"
)  # bias:0, and kernel_1:0 where a graph had one before

Roles = dict[str, Numbers]


@dataclass(frozen=True)
class Part:
    """Arrays that stand together: the place in the newer files, and the roles in their order."""

    place: str
    roles: tuple[str, ...]
    prefix: str = ""


def parts_of(layer: Layer) -> tuple[Part, ...]:
    """What a layer must have. Raises Refused."""
    if layer.kind == "TimeDistributed":
        inner = parts_of(layer.wrapped())
        return tuple(Part(f"layer/{part.place}".rstrip("/"), part.roles) for part in inner)
    if layer.kind == "Bidirectional":
        roles = _roles(layer.wrapped())
        return (
            Part("forward_layer/cell", roles, FORWARD),
            Part("backward_layer/cell", roles, BACKWARD),
        )
    roles = _roles(layer)
    return (Part("cell" if layer.kind in CELLS else "", roles),) if roles else ()


def _roles(layer: Layer) -> tuple[str, ...]:
    match layer.kind:
        case "Embedding":
            return ("embeddings",)
        case "Dense":
            return ("kernel", *_if(layer, "use_bias", "bias"))
        case "SimpleRNN" | "LSTM" | "GRU" | "CuDNNLSTM" | "CuDNNGRU":
            return ("kernel", "recurrent_kernel", *_if(layer, "use_bias", "bias"))
        case "LayerNormalization":
            return (*_if(layer, "scale", "gamma"), *_if(layer, "center", "beta"))
        case "BatchNormalization":
            learned = (*_if(layer, "scale", "gamma"), *_if(layer, "center", "beta"))
            return (*learned, "moving_mean", "moving_variance")
        case _:
            return ()


def _if(layer: Layer, member: str, role: str) -> tuple[str, ...]:
    return (role,) if layer.flag(member, True) else ()


def read_weights(file: Hdf5, layers: Sequence[Layer], *, named_too: bool) -> dict[str, Roles]:
    """Name of a layer → its arrays by role. With `named_too` the names in the newer files must be the layers'.

    Raises Refused.
    """
    learned = [layer for layer in layers if parts_of(layer)]
    for root in _ROOTS:
        if file.has(root):
            found = _by_class(file, root, learned, named_too=named_too)
            break
    else:
        base = "model_weights" if file.has("model_weights") else ""
        found = {layer.name: _by_name(file, base, layer) for layer in learned}
    for layer in learned:
        for role, array in found[layer.name].items():
            if not np.isfinite(array).all():
                raise malformed(
                    f"{role} of {layer} is not finite everywhere: the training diverged, or the file is damaged; take "
                    "an earlier checkpoint"
                )
    return found


# --- by the names of layers -----------------------------------------------------------------------------------


def _by_name(file: Hdf5, base: str, layer: Layer) -> Roles:
    group = f"{base}/{layer.name}".strip("/")
    if not file.has(group):
        there = [name for name in file.children(base) if file.arrays(f"{base}/{name}".strip("/"))]
        raise malformed(
            f"the file has no weights of {layer}; it has those of {', '.join(map(named, there[:8])) or 'no layer'}: give "
            "the layers these names in the config, or take the file that belongs to it"
        )
    wanted = {part.prefix + role for part in parts_of(layer) for role in part.roles}
    found: Roles = {}
    for path in file.arrays(group):
        inside = path[len(group) + 1 :].split("/")
        role = role_of(inside, both=layer.kind == "Bidirectional")
        if role not in wanted or role in found:
            raise unsupported(
                f'{layer} has an array "{named(inside[-1])}" that such a layer has not: it was quantised or changed by a '
                "program; build the model of plain layers"
            )
        found[role] = file.array(path)
    missing = sorted(wanted - set(found))
    if missing:
        raise malformed(
            f"{layer} has no {missing[0]} in the file: give the file that belongs to the config"
        )
    return found


def role_of(inside: Sequence[str], *, both: bool) -> str:
    """The role that an array's path inside its layer names, with its direction where there are `both`; else the last name."""
    last = inside[-1]
    for role in _ROLES:
        if last.startswith(role) and _TAIL.fullmatch(last[len(role) :]):
            break
    else:
        return last
    if not both:
        return role
    for way in (FORWARD, BACKWARD):
        if any(part.startswith(way.strip() + "_") for part in inside[:-1]):
            return way + role
    return last


# --- by the classes of layers -----------------------------------------------------------------------------------


def _by_class(
    file: Hdf5, root: str, learned: Sequence[Layer], *, named_too: bool
) -> dict[str, Roles]:
    found: dict[str, Roles] = {}
    groups = file.children(root)
    for kind in dict.fromkeys(layer.kind for layer in learned):
        layers = [layer for layer in learned if layer.kind == kind]
        pattern = re.compile(rf"{_snake(kind)}(?:_(\d+))?")
        numbered = sorted(
            (int(match[1] or 0), group) for group in groups if (match := pattern.fullmatch(group))
        )
        full = [group for _, group in numbered if file.arrays(f"{root}/{group}")]
        if len(full) != len(layers):
            raise malformed(
                f"the config has {len(layers)} layers of the class {named(kind)} with weights, and the file has {len(full)}: give "
                "the two that belong together"
            )
        for layer, group in zip(layers, full, strict=True):
            found[layer.name] = _parts(file, f"{root}/{group}", layer, named_too=named_too)
    return found


def _parts(file: Hdf5, group: str, layer: Layer, *, named_too: bool) -> Roles:
    said = file.text(f"{group}/vars", "name")
    if named_too and said not in {None, layer.name}:
        raise malformed(
            f'the weights for {layer} are those of "{named(str(said))}": the file is damaged; save the model again'
        )
    found: Roles = {}
    for part in parts_of(layer):
        place = f"{group}/{part.place}/vars".replace("//", "/")
        have = sorted(file.children(place))
        if have != [str(k) for k in range(len(part.roles))]:
            raise unsupported(
                f"{layer} has {len(have)} arrays where {len(part.roles)} are expected ({', '.join(part.roles)}): it was quantised or changed "
                "by a program, or the config belongs to another file"
            )
        for k, role in enumerate(part.roles):
            found[part.prefix + role] = file.array(f"{place}/{k}")
    return found


def _snake(kind: str) -> str:
    """As Keras makes a name of a class."""
    parts = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.escape(re.sub(r"([a-z])([A-Z])", r"\1_\2", parts).lower())
