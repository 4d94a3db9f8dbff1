"""Stuck gates: those that no input moves, for their bias is out of reach of all that is added."""

from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.cli.dead_units import Units
from rnnspec.cli.net import Array, Layer, Net, Roles, ways
from rnnspec.layout import BLOCKS, blocks

Bounds: TypeAlias = npt.NDArray[np.float64]

_CANDIDATES: Final = {"elman": "h", "lstm": "g", "gru": "n"}  # the blocks that are no gates
# Functions whose values are from −1 to 1.
_BOUNDED: Final = frozenset({"tanh", "sigmoid", "hard_sigmoid", "hard_tanh", "softsign", "softmax"})
# Beyond this, a function is within 1e-7 of its limit.
_STUCK: Final = {"sigmoid": 17.0, "tanh": 8.5}


def stuck_gates(net: Net) -> Iterator[tuple[int, Units, list[str]]]:
    """For each layer with stuck gates: its index, which they are, and the names of all its gates.

    What is added to a bias is at most the sum of |W| times the largest |x| and of |R| times the
    largest |h|. A layer with peepholes is not judged: its c has no such bound.
    """
    largest: list[Bounds | None] = [
        None
    ]  # the largest |x| of each unit of each place, if there is one
    one_hot = {k + 1 for k, layer in enumerate(net.layers) if layer["type"] == "one_hot"}
    for k, layer in enumerate(net.layers):
        own, places = net.roles[k], net.reads[k]
        inputs = [largest[place] for place in places]
        if layer["type"] not in BLOCKS:
            if layer["type"] in {"last_step", "time_reverse"} and places[0] in one_hot:
                one_hot.add(k + 1)
            reach = _reach(own["W"], inputs[0], places[0] in one_hot) if "W" in own else None
            largest.append(_largest_output(layer, own, inputs, reach, net.widths[k + 1]))
            continue
        both = ways(layer, own)
        outputs = [_largest_h(layer, roles) for roles in both.values()]
        found = []
        for h, roles in zip(outputs, both.values(), strict=True):
            reach = _reach(roles["W"], inputs[0], places[0] in one_hot)
            judged = h is not None and reach is not None and "b" in roles and "p" not in roles
            found.append(
                _stuck(layer, roles, reach, h)
                if judged and h is not None and reach is not None
                else np.zeros(roles["W"].shape[1], np.bool_)
            )
        stuck = np.concatenate(found)
        if stuck.any():
            H = int(layer["hidden_size"])
            yield (
                k,
                stuck,
                [f"{b}{way}[{j}]" for way in both for b in blocks(layer) for j in range(H)],
            )
        largest.append(_merged(layer, outputs))


def _reach(W: Array, inputs: Bounds | None, is_one_hot: bool) -> Bounds | None:
    """The largest |x W| of each column."""
    if is_one_hot:
        return _column_largest(W)
    return None if inputs is None else inputs @ np.abs(W)


def _column_largest(matrix: Array) -> Bounds:
    largest: Bounds = np.maximum(matrix.max(axis=0), -matrix.min(axis=0)).astype(np.float64)
    return largest


def _stuck(layer: Layer, own: Roles, reach: Bounds, h: Bounds) -> Units:
    """Which pre-activations stay where the function, or `clip`, has come to its end."""
    H = int(layer["hidden_size"])
    moved = reach + h @ np.abs(own["R"].astype(np.float64))
    if "rb" in own:
        moved[-H:] += np.abs(own["rb"])
    clip = float(layer.get("clip", np.inf))
    limits = [
        min(
            clip, _STUCK.get(_function(layer, is_candidate=b == _CANDIDATES[layer["type"]]), np.inf)
        )
        for b in blocks(layer)
    ]
    stuck: Units = np.abs(own["b"].astype(np.float64)) - moved > np.repeat(limits, H)
    return stuck


def _function(layer: Layer, *, is_candidate: bool) -> str:
    """The function of a block."""
    if layer["type"] == "elman":
        return str(layer["activation"]["function"])
    return str(layer["activations"]["candidate" if is_candidate else "gates"]["function"])


def _largest_h(layer: Layer, own: Roles) -> Bounds | None:
    """The largest |h| from the layer's own initial state on, [P]; None if there is no such number."""
    functions = [layer["activation"]] if layer["type"] == "elman" else layer["activations"].values()
    if any(function["function"] not in _BOUNDED for function in functions):
        return None
    # A GRU mixes the old h and a candidate by z, which has to be from 0 to 1.
    if layer["type"] == "gru" and "sigmoid" not in layer["activations"]["gates"]["function"]:
        return None
    h: Bounds = np.ones(own["R"].shape[0])
    if "Q" in own:  # |u| is at most 1
        h = np.abs(own["Q"].astype(np.float64)).sum(axis=0)
        h += np.abs(own["qb"]) if "qb" in own else 0
        h = np.minimum(h, float(layer.get("projection_clip", np.inf)))
    return np.maximum(h, np.abs(own["h0"])) if "h0" in own else h


def _merged(layer: Layer, outputs: list[Bounds | None]) -> Bounds | None:
    """The largest output of one direction, or of two, merged."""
    known = [h for h in outputs if h is not None]
    if len(known) < len(outputs):
        return None
    if len(known) == 1:
        return known[0]
    one, other = known
    match layer["merge"]:
        case "concat":
            return np.concatenate(known)
        case "multiply":
            return one * other
    return one + other  # which is more than their average


def _largest_output(
    layer: Layer, own: Roles, inputs: list[Bounds | None], reach: Bounds | None, width: int
) -> Bounds | None:
    """The largest |y| of each unit of a layer without a state."""
    known = [bounds for bounds in inputs if bounds is not None]
    match layer["type"]:
        case "one_hot":
            return np.ones(width)
        case "embedding":
            return _column_largest(own["E"])
        case "dense" if reach is not None:
            return reach + (np.abs(own["b"]) if "b" in own else 0)
        case "layer_norm":  # the farthest of n is less than sqrt(n) deviations from their mean
            spread: Bounds = np.sqrt(width) * np.abs(own["gamma"].astype(np.float64))
            return spread + np.abs(own["beta"])
        case "activation" if layer["function"] in _BOUNDED:
            return np.ones(width)
    if len(known) < len(inputs):
        return None
    match layer["type"]:
        case "affine":
            return known[0] * np.abs(own["s"]) + np.abs(own["t"])
        case "last_step" | "time_reverse":
            return known[0]
        case "add":
            added: Bounds = np.sum(known, axis=0)
            return added
        case "multiply":
            multiplied: Bounds = np.prod(known, axis=0)
            return multiplied
        case "concat":
            return np.concatenate(known)
    return None
