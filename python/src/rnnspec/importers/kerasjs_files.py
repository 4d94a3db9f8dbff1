"""kerasjs_files: the config and the weights of a keras-js model, out of one protobuf, or of a JSON, a buffer and its metadata.

Later versions write a Model of protobuf with the config as a text and every weight by its name. The first ones write X_weights.buf,
all numbers one after the other, and X_metadata.json, a list of where each weight stands in it, beside the config X.json.
"""

import math
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.protobuf import BYTES, FIXED32, Budget, fields, text, varints
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.source import Source, json_value
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

LFS: Final = b"version https://git-lfs"
MOST: Final = 4096  # weights of a model
_FIELDS: Final = 200_000
_METADATA: Final = "_metadata"
_ENTRY: Final = frozenset({"layer_name", "weight_name", "offset", "length", "shape", "type"})
# Of the two messages: Model and Weights.
_VERSION, _CONFIG, _WEIGHTS = 3, 5, 6
_LAYER, _NAME, _SHAPE, _TYPE, _DATA, _LOW, _HIGH = range(1, 8)


class Weight(NamedTuple):
    """An array by its layer and its name; `values` reads it, and raises Refused."""

    layer: str
    name: str
    shape: tuple[int, ...]
    quantised: bool
    values: Callable[[], Float32]

    def __str__(self) -> str:
        return f"the weight {named(self.name)} of {named(self.layer)}"


class File(NamedTuple):
    """What is given."""

    config: Value
    weights: list[Weight]
    version: str | None  # of Keras


def is_protobuf(data: bytes) -> bool:
    """Whether the bytes are fields of a Model, with the config of a Keras model among them."""
    config = False
    try:
        for number, kind, value in fields(memoryview(data), Budget(2 * MOST)):
            if number > _WEIGHTS or kind != BYTES or isinstance(value, int):
                return False
            config |= number == _CONFIG and b'"class_name"' in bytes(value)
    except Refused:
        return False
    return config


def stem_of(source: Source) -> str | None:
    """The X of X.json or X_metadata.json, where its buffer and its metadata stand beside it."""
    stem = source.path.stem.removesuffix(_METADATA)
    beside = all(source.has(f"{stem}{end}") for end in (f"{_METADATA}.json", "_weights.buf"))
    return stem if source.path.suffix == ".json" and beside else None


def read_file(source: Source) -> File:
    """The parts of a model. Raises Refused."""
    data = source.data()
    refuse_pointer(data, source.path.name)
    if is_protobuf(data):
        found = _from_protobuf(source, data)
    elif (stem := stem_of(source)) is not None:
        found = _from_buffer(source, stem)
    else:
        raise malformed(
            f"{named(source.path.name)} is neither a .bin of keras-js with a model in it, nor a config with X_weights.buf and "
            "X_metadata.json beside it: give one of them, the whole file"
        )
    if len(found.weights) > MOST:
        raise Refused(
            "IMPORT_LIMIT", f"the model has more than {MOST:,} weights, which is the limit"
        )
    total = 4 * sum(math.prod(weight.shape) for weight in found.weights)
    if total > source.limits.size:
        raise Refused(
            "IMPORT_LIMIT",
            f"the weights are {total:,} bytes as float32, and {source.limits.size:,} are allowed: if you trust the file, raise "
            "the limit, with --limit size=1G",
        )
    return found


def refuse_pointer(data: bytes, name: str) -> None:
    """Raises Refused for what Git LFS leaves in the place of a large file."""
    if data.startswith(LFS):
        raise unsupported(
            f"{named(name)} has {len(data)} bytes and is a pointer of Git LFS, not the file itself: run git lfs pull where it "
            "comes from, and copy it again"
        )


# --- one protobuf -------------------------------------------------------------------------------------------


def _from_protobuf(source: Source, data: bytes) -> File:
    budget = Budget(_FIELDS)
    config: Value = None
    version: str | None = None
    weights = []
    for number, _, value in fields(memoryview(data), budget):
        if isinstance(value, int):
            raise malformed("a field of the file is no text: convert the model again")
        if number == _VERSION:
            version = text(value)
        elif number == _CONFIG:
            config = json_value(bytes(value), "model_config", source.limits)
        elif number == _WEIGHTS:
            weights.append(_weight(value, budget))
    return File(config, weights, version)


def _weight(message: memoryview, budget: Budget) -> Weight:
    """A message Weights. Raises Refused."""
    layer = name = kind = ""
    shape: list[int] = []
    data = memoryview(b"")
    low = high = 0.0
    for number, wire, value in fields(message, budget):
        if isinstance(value, int):
            if number != _SHAPE:
                raise _foreign()
            shape.append(value)
            continue
        if number > _HIGH or wire != (FIXED32 if number in {_LOW, _HIGH} else BYTES):
            raise _foreign()
        if number == _LAYER:
            layer = text(value)
        elif number == _NAME:
            name = text(value)
        elif number == _SHAPE:
            shape += varints(value, budget)
        elif number == _TYPE:
            kind = text(value)
        elif number == _DATA:
            data = value
        else:
            (limit,) = struct.unpack("<f", value)
            low, high = (limit, high) if number == _LOW else (low, limit)
    what = f"{named(name)} of {named(layer)}"
    if any(not 1 <= size < 2**31 for size in shape):
        raise malformed(
            f"{what} has a size of 0, or one that no array has: convert the model again"
        )
    if kind == "float32":
        return Weight(
            layer, name, tuple(shape), False, lambda: arrays.raw_float32(bytes(data), shape, what)
        )
    if kind != "uint8":
        raise unsupported(
            f"{what} is of {named(kind) or 'no type'}, and keras-js writes float32 and uint8: convert the model again"
        )
    if not (math.isfinite(low) and math.isfinite(high)):
        raise malformed(f"{what} has no smallest and largest value: convert the model again")
    return Weight(layer, name, tuple(shape), True, lambda: _widened(data, shape, low, high, what))


def _foreign() -> Refused:
    return malformed(
        "a weight of the file has a field that keras-js does not write: convert the model again"
    )


def _widened(data: memoryview, shape: list[int], low: float, high: float, what: str) -> Float32:
    """As keras-js widens: each line of it in binary64, and stored as float32."""
    if len(data) != math.prod(shape):
        raise malformed(
            f"{what} has {len(data):,} bytes, and its shape {shape} asks for {math.prod(shape):,}: convert the model again"
        )
    scaled = np.frombuffer(data, np.uint8).astype(np.float64) * ((high - low) / 255)
    with np.errstate(over="ignore"):
        wide = (scaled.astype(np.float32).astype(np.float64) + low).astype(np.float32)
    return arrays.finite(wide.reshape(shape), what)


# --- a config, a buffer, its metadata ------------------------------------------------------------------------


def _from_buffer(source: Source, stem: str) -> File:
    config = source.json(f"{stem}.json") if source.path.stem != stem else source.json()
    entries = source.json(f"{stem}{_METADATA}.json")
    name = f"{stem}_weights.buf"
    buffer = source.data(name)
    refuse_pointer(buffer, name)
    if not isinstance(entries, list):
        raise malformed(f"{named(stem)}{_METADATA}.json is no list: convert the weights again")
    weights = []
    end = 0
    for entry in entries:
        weight, end = _entry(entry, buffer, end)
        weights.append(weight)
    if end != len(buffer):
        raise misfit(
            f"{named(name)} has {len(buffer):,} bytes, and its metadata speak of {end:,}: the two are of other models, or one was "
            "cut; convert the weights again"
        )
    version = config.get("keras_version") if isinstance(config, dict) else None
    return File(config, weights, version if isinstance(version, str) else None)


def _entry(entry: Value, buffer: bytes, start: int) -> tuple[Weight, int]:
    """A weight, and where the next one begins. Raises Refused."""
    if not isinstance(entry, dict) or set(entry) != _ENTRY:
        raise malformed(
            f"an entry of the metadata has not the members {', '.join(sorted(_ENTRY))}: convert the weights again"
        )
    layer, name = entry["layer_name"], entry["weight_name"]
    if not isinstance(layer, str) or not isinstance(name, str):
        raise malformed(
            "an entry of the metadata has names that are no texts: convert the weights again"
        )
    what = f"{named(name)} of {named(layer)}"
    if entry["type"] != "float32":
        raise unsupported(
            f"{what} is of another type than float32, which keras-js alone writes there"
        )
    shape = arrays.shape_of(entry["shape"], what)
    count = math.prod(shape)
    if entry["length"] != count or entry["offset"] != start:
        raise misfit(
            f"{what} does not have {count:,} numbers from byte {start:,} on, as its shape and its place ask for: convert the "
            "weights again"
        )
    data = buffer[start : start + 4 * count]
    return (
        Weight(layer, name, shape, False, lambda: arrays.raw_float32(data, shape, what)),
        start + 4 * count,
    )
