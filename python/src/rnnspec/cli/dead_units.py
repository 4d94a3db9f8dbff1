"""Dead units: those that nothing reaches, and those that nothing reads."""

from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.cli.net import Array, Layer, Net, Roles, ways
from rnnspec.layout import BLOCKS, SIZE_MEMBER, VECTOR_FUNCTIONS
from rnnspec.tensor import TINY

Units: TypeAlias = npt.NDArray[np.bool_]

# Made to scale units, or to shift them: a 0 there is as good as another number.
_SCALING: Final = ("affine", "layer_norm")


def dead_units(net: Net) -> Iterator[tuple[int, str, Units, list[str]]]:
    """For each layer with dead units: its index, what is wrong, which units they are, and all names.

    The units of a projected layer are not judged: what reaches one of them goes through others.
    """
    read = _read(net)
    for k, layer in enumerate(net.layers):
        if not net.roles[k] or layer["type"] in _SCALING or "projection_size" in layer:
            continue
        both = ways(layer, net.roles[k])
        H = int(layer[SIZE_MEMBER[layer["type"]]])
        names = [f"{j}{way}" for way in both for j in range(H)]
        unreached = np.concatenate([_unreached(H, own) for own in both.values()])
        if unreached.any():
            yield k, "that nothing reaches", unreached, names
        unread = np.concatenate(
            [~part & _feeds_only_itself(own) for part, own in _parts(layer, both, read[k + 1])]
        )
        if unread.any():
            yield k, "that nothing reads", unread, names


def nonzero(array: Array) -> Units:
    """What is not 0 after T ([tiny-1])."""
    mask: Units = np.abs(array) >= TINY
    return mask


def _any(mask: Units, axis: int) -> Units:
    found: Units = np.logical_or.reduce(mask, axis=axis)
    return found


def _unreached(H: int, own: Roles) -> Units:
    """Units whose incoming weights and biases are all 0: they give the same for every input."""
    reached = np.zeros(H, np.bool_)
    for array in own.values():
        columns = _any(nonzero(array).reshape(-1, array.shape[-1]), 0)
        reached |= _any(columns.reshape(-1, H), 0)
    return ~reached


def _feeds_only_itself(own: Roles) -> Units:
    """Units whose h, or c, no other unit of the layer reads; all, in a layer without a state."""
    if "R" not in own:
        return np.ones(1, np.bool_)
    H = len(own["R"])
    reads = _any(nonzero(own["R"]).reshape(H, -1, H), 1)  # [from, to]
    if "p" in own and own["p"].shape[1] != H:  # a full peephole; a diagonal one reads its own c
        reads |= _any(nonzero(own["p"]).reshape(H, -1, H), 1)
    reads[np.arange(H), np.arange(H)] = False
    return ~_any(reads, 1)


def _parts(layer: Layer, both: dict[str, Roles], read: Units) -> Iterator[tuple[Units, Roles]]:
    """Which units of each direction are read, as its output is merged."""
    parts = np.split(read, 2) if layer.get("merge") == "concat" else [read] * len(both)
    yield from zip(parts, both.values(), strict=True)


def _read(net: Net) -> list[Units]:
    """For each place which of its units are read, by layers or as the net's output."""
    read = [np.zeros(width, np.bool_) for width in net.widths]
    read[-1][:] = True
    for k in range(len(net.layers) - 1, -1, -1):
        layer, places = net.layers[k], net.reads[k]
        widths = [net.widths[place] for place in places]
        for place, mask in zip(
            places, _asked(layer, net.roles[k], read[k + 1], widths), strict=True
        ):
            read[place] |= mask
    return read


def _asked(layer: Layer, own: Roles, read: Units, widths: list[int]) -> list[Units]:
    """Which units of each of its inputs a layer reads, if `read` of its own are."""
    match layer["type"]:
        case "embedding" | "one_hot":
            return [np.zeros(width, np.bool_) for width in widths]
        case "concat":
            return np.split(read, np.cumsum(widths)[:-1])
        case "layer_norm":
            return [np.ones(widths[0], np.bool_)]
        case "activation" if layer["function"] in VECTOR_FUNCTIONS:
            return [np.ones(widths[0], np.bool_)]
        case kind if kind == "dense" or kind in BLOCKS:
            mask = np.zeros(widths[0], np.bool_)
            for roles in ways(layer, own).values():
                mask |= _any(nonzero(roles["W"]), 1)
            return [mask]
    return [read] * len(widths)  # the others keep units apart
