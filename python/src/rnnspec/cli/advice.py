"""Advice: what is allowed, and still looks like a mistake. None of it is part of SPEC.md.

Each finding is proved, not guessed: a unit is called dead or a gate stuck only if no input can
change it. What a caller's own state could do is left aside: it may hold any number.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import Issue, codes
from rnnspec.issue import child, issue, quoted
from rnnspec.layout import BLOCKS, SIZE_MEMBER, VECTOR_FUNCTIONS
from rnnspec.tensor import TINY
from rnnspec.validate import Reading

Layer: TypeAlias = dict[str, Any]
Roles: TypeAlias = Mapping[str, npt.NDArray[np.floating]]
Bounds: TypeAlias = npt.NDArray[np.float64]
Units: TypeAlias = npt.NDArray[np.bool_]

HUGE: Final = 10_000.0

_CANDIDATES: Final = {"elman": "h", "lstm": "g", "gru": "n"}  # the blocks that are no gates
# Functions whose values are from −1 to 1.
_BOUNDED: Final = frozenset({"tanh", "sigmoid", "hard_sigmoid", "hard_tanh", "softsign"})
# Beyond this, a function is within 1e-7 of its limit.
_STUCK: Final = {"sigmoid": 17.0, "tanh": 8.5}
_SHOWN: Final = 3


def advice(reading: Reading) -> list[Issue]:
    """What a sound document would better be without."""
    layers = cast(list[Layer], reading.document["layers"])
    roles: list[Roles] = [
        {role: reading.tensors[name] for role, name in layer.get("parameters", {}).items()}
        for layer in layers
    ]
    found: list[Issue] = []
    if "license" not in reading.document:
        found.append(issue(codes.ADVICE_LICENSE, "/license"))
    for k, layer in enumerate(layers):
        found += _about_tensors(layer, roles[k])
        place, name = f"/layers/{k}", quoted(layer["name"])
        if dead := _dead(layers, roles, k):
            found.append(issue(codes.ADVICE_DEAD_UNITS, place, name=name, got=dead))
    for k, stuck in _stuck(layers, roles):
        place, name = f"/layers/{k}", quoted(layers[k]["name"])
        found.append(issue(codes.ADVICE_SATURATED_UNITS, place, name=name, got=stuck))
    return found


# --- tensors --------------------------------------------------------------------------------------


def _about_tensors(layer: Layer, roles: Roles) -> Iterator[Issue]:
    for role, array in roles.items():
        tensor = layer["parameters"][role]
        place, name = child("/tensors", tensor), quoted(tensor)
        lowest, highest = float(array.min()), float(array.max())
        if max(-lowest, highest) < TINY:
            # Shifting by nothing, and starting from nothing, are ordinary.
            if role not in {"t", "h0", "c0"}:
                of = f"{role} of {quoted(layer['name'])}"
                yield issue(codes.ADVICE_ZERO, place, name=name, expected=of)
        elif max(-lowest, highest) > HUGE and layer["type"] != "affine":  # which is made to scale
            flat = array.reshape(-1)
            beyond = (flat > HUGE) | (flat < -HUGE)
            largest = max(lowest, highest, key=abs)
            got = f"{_counted(beyond)}; the farthest is {largest:.3g}"
            yield issue(codes.ADVICE_HUGE, place, name=name, limit=f"{HUGE:,.0f}", got=got)


def _counted(units: Units, names: Sequence[str] | None = None) -> str:
    """`12 of 64 (3, 5, 9, ...)`."""
    indexes = np.flatnonzero(units)
    first = [names[k] if names else str(k) for k in indexes[:_SHOWN].tolist()]
    more = ", ..." if len(indexes) > _SHOWN else ""
    return f"{len(indexes):,} of {len(units):,} ({', '.join(first)}{more})"


# --- dead units -----------------------------------------------------------------------------------


def _dead(layers: list[Layer], roles: list[Roles], k: int) -> str:
    """Which units of a layer nothing reaches and which nothing reads, in words."""
    own = roles[k]
    parts = []
    if own and layers[k]["type"] != "affine":
        unreached = _unreached(layers[k], own)
        if unreached.any():
            parts.append(f"{_counted(unreached)} that nothing reaches")
        reader = _reader(layers, k)
        if reader is not None:
            unread = ~_any(_nonzero(roles[reader]["W"]), 1)
            if "R" in own:
                unread &= _feeds_only_itself(own["R"])
            if unread.any():
                parts.append(f"{_counted(unread)} that nothing reads")
    return " and ".join(parts)


def _nonzero(array: npt.NDArray[np.floating]) -> Units:
    nonzero: Units = np.abs(array) >= TINY
    return nonzero


def _any(mask: Units, axis: int) -> Units:
    found: Units = np.logical_or.reduce(mask, axis=axis)
    return found


def _unreached(layer: Layer, own: Roles) -> Units:
    """Units whose incoming weights and biases are all 0: they give the same for every input."""
    H = int(layer[SIZE_MEMBER[layer["type"]]])
    reached = np.zeros(H, np.bool_)
    for array in own.values():
        columns = _any(_nonzero(array).reshape(-1, array.shape[-1]), 0)
        reached |= _any(columns.reshape(-1, H), 0)
    return ~reached


def _feeds_only_itself(R: npt.NDArray[np.floating]) -> Units:
    """Units whose h no other unit of the layer reads."""
    H = len(R)
    reads = _any(_nonzero(R).reshape(H, -1, H), 1)  # [from, to]
    reads[np.arange(H), np.arange(H)] = False
    return ~_any(reads, 1)


def _reader(layers: list[Layer], k: int) -> int | None:
    """The next layer with a matrix, if all between them keep units apart."""
    for later in range(k + 1, len(layers)):
        layer = layers[later]
        if layer["type"] in {"dense", *BLOCKS}:
            return later
        if layer.get("function") in VECTOR_FUNCTIONS:
            return None
    return None


# --- stuck gates ----------------------------------------------------------------------------------


def _stuck(layers: list[Layer], roles: list[Roles]) -> Iterator[tuple[int, str]]:
    """Layers with gates that no input moves, in words: |b| is out of reach of all that is added.

    What is added is at most the sum of |W| times the largest |x| and of |R| times the largest |h|.
    """
    inputs: Bounds | None = None  # the largest |x| of each unit; None if there is no such number
    is_one_hot = False
    for k, layer in enumerate(layers):
        own = roles[k]
        reach = None if "W" not in own else _reach(own["W"], inputs, is_one_hot=is_one_hot)
        if layer["type"] in BLOCKS:
            h = _largest_h(layer, own)
            if reach is not None and h is not None and "b" in own:
                stuck = _stuck_gates(layer, own, reach, h)
                if stuck.any():
                    names = [
                        f"{block}[{j}]"
                        for block in BLOCKS[layer["type"]]
                        for j in range(int(layer["hidden_size"]))
                    ]
                    yield k, f"{_counted(stuck, names)} stuck"
            inputs = None if h is None else np.full(int(layer["hidden_size"]), h)
        else:
            inputs = _largest_output(layer, own, inputs, reach)
        is_one_hot = layer["type"] == "one_hot"


def _reach(
    W: npt.NDArray[np.floating], inputs: Bounds | None, *, is_one_hot: bool
) -> Bounds | None:
    """The largest |x W| of each column."""
    if is_one_hot:
        return _largest(W)
    return None if inputs is None else inputs @ np.abs(W)


def _largest(matrix: npt.NDArray[np.floating]) -> Bounds:
    """The largest magnitude of each column."""
    largest: Bounds = np.maximum(matrix.max(axis=0), -matrix.min(axis=0)).astype(np.float64)
    return largest


def _stuck_gates(layer: Layer, own: Roles, reach: Bounds, h: float) -> Units:
    H = int(layer["hidden_size"])
    moved = reach + h * np.abs(own["R"]).sum(axis=0, dtype=np.float64)
    if "rb" in own:
        moved[-H:] += np.abs(own["rb"])
    limits = [
        _STUCK.get(_function(layer, is_candidate=block == _CANDIDATES[layer["type"]]), np.inf)
        for block in BLOCKS[layer["type"]]
    ]
    stuck: Units = np.abs(own["b"].astype(np.float64)) - moved > np.repeat(limits, H)
    return stuck


def _function(layer: Layer, *, is_candidate: bool) -> str:
    """The function of a block."""
    if layer["type"] == "elman":
        return str(layer["activation"]["function"])
    return str(layer["activations"]["candidate" if is_candidate else "gates"]["function"])


def _largest_h(layer: Layer, own: Roles) -> float | None:
    """The largest |h| from the layer's own initial state on; None if there is no such number."""
    functions = [layer["activation"]] if layer["type"] == "elman" else layer["activations"].values()
    if any(function["function"] not in _BOUNDED for function in functions):
        return None
    # A GRU mixes the old h and a candidate by z, which has to be from 0 to 1.
    if layer["type"] == "gru" and "sigmoid" not in layer["activations"]["gates"]["function"]:
        return None
    return max(1.0, float(np.abs(own["h0"]).max()) if "h0" in own else 0.0)


def _largest_output(
    layer: Layer, own: Roles, inputs: Bounds | None, reach: Bounds | None
) -> Bounds | None:
    """The largest |y| of each unit of a layer without a state."""
    match layer["type"]:
        case "embedding":
            return _largest(own["E"])
        case "dense" if reach is not None:
            return reach + (np.abs(own["b"]) if "b" in own else 0)
        case "affine" if inputs is not None:
            return inputs * np.abs(own["s"]) + np.abs(own["t"])
        case "last_step":
            return inputs
        case "activation" if inputs is not None and layer["function"] in _BOUNDED:
            return np.ones_like(inputs)
    return None
