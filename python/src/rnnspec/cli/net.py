"""Net: a sound document as advice looks at it: what reads what, and the parameters of each direction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import graph
from rnnspec.layout import REVERSE
from rnnspec.validate import Reading

Layer: TypeAlias = dict[str, Any]
Array: TypeAlias = npt.NDArray[np.floating]
Roles: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Net:
    """Values have places, as in `graph`: 0 is the input, k + 1 what layer k gives."""

    layers: list[Layer]
    roles: list[Roles]  # of each layer
    reads: list[tuple[int, ...]]  # the places that each layer reads
    widths: list[int]  # of each place; of token input, 0


def net_of(reading: Reading) -> Net:
    """The net of a document without errors."""
    document = cast(dict[str, Any], reading.document)
    layers: list[Layer] = document["layers"]
    given = document["input"]
    is_features = given["kind"] == "features"
    size = int(given["size"]) if is_features else None
    tokens = None if is_features else len(document["vocabularies"][given["vocabulary"]]["tokens"])
    nodes = graph.nodes(layers, size, tokens)
    return Net(
        layers,
        [
            {
                role: reading.tensors[name].values
                for role, name in layer.get("parameters", {}).items()
            }
            for layer in layers
        ],
        [tuple(place for place in node.reads if place is not None) for node in nodes],
        [size or 0, *(node.width or 0 for node in nodes)],
    )


def ways(layer: Layer, roles: Roles) -> dict[str, Roles]:
    """The directions of a layer, '' and perhaps '_reverse', each with its roles by their plain names."""
    if layer.get("direction") != "bidirectional":
        return {"": roles}
    behind = {r.removesuffix(REVERSE): array for r, array in roles.items() if r.endswith(REVERSE)}
    return {"": {r: a for r, a in roles.items() if not r.endswith(REVERSE)}, REVERSE: behind}
