"""sketchrnn_file: the JSON of sketch-rnn-js, a list of three: what it is, the shapes, and the weights as integers of 16 bits.

Every weight is base64 of little-endian integers, or, in the .full.json that the converter makes first, a list of them. w = q / 32767 × 10,
each step rounded to float32, as the program does it in a Float32Array.
"""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.source import Source, json_value
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

LARGEST: Final = 10  # of a weight; what was larger the converter cut
_UNIT: Final = 32767
GEN: Final = ("output_w", "output_b", "lstm_W_xh", "lstm_W_hh", "lstm_bias")
VAE: Final = (
    *(f"enc_{way}_lstm_{part}" for way in ("fw", "bw") for part in ("W_xh", "W_hh", "bias")),
    *("enc_mu_w", "enc_mu_b", "enc_sigma_w", "enc_sigma_b", "enc_w", "enc_b"),
    *(f"dec_{name}" for name in GEN),
)
_MODES: Final[Mapping[Value, bool]] = {"gen": False, 2.0: False, "vae": True, 0.0: True, 1.0: True}


class File(NamedTuple):
    """What a file says, and its weights by their names in the program."""

    info: Mapping[str, Value]
    vae: bool
    weights: Mapping[str, Float32]


def glance(source: Source) -> bool:
    """Whether it is a list of an object, a list of shapes and a list of weights."""
    if source.is_folder or not source.data().lstrip(b" \t\r\n").startswith(b"["):
        return False
    try:
        value = _value(source)
    except Refused:
        return False
    return _three(value) is not None


def read_file(source: Source) -> File:
    """The weights, checked. Raises Refused."""
    parts = _three(_value(source))
    if parts is None:
        raise malformed(
            "the file is no list of three, an object, a list of shapes and a list of weights: give what the converter of "
            "sketch-rnn-js wrote"
        )
    info, dims, blobs = parts
    mode = info.get("mode")
    if not isinstance(mode, str | float) or mode not in _MODES:
        raise unsupported(f"the mode is {_shown(mode)}, and gen (2) and vae (0, 1) are read")
    names = VAE if _MODES[mode] else GEN
    if len(dims) != len(blobs) or len(blobs) != len(names):
        raise unsupported(
            f"the file has {len(dims)} shapes and {len(blobs)} weights, and a net of mode {_shown(mode)} has {len(names)}: cells with layer "
            "normalisation and hyper cells have more, and sketch-rnn-js runs none of them; train with dec_model=lstm"
        )
    shapes = [
        arrays.shape_of(shape, f"weight {name}") for name, shape in zip(names, dims, strict=True)
    ]
    total = 4 * sum(map(math.prod, shapes))
    if total > source.limits.size:
        raise Refused(
            "IMPORT_LIMIT",
            f"the weights are {total:,} bytes as float32, and {source.limits.size:,} are allowed: if you trust the file, raise "
            "the limit, with --limit size=1G",
        )
    weights = {
        name: _weight(blob, shape, name)
        for name, blob, shape in zip(names, blobs, shapes, strict=True)
    }
    return File(info, _MODES[mode], weights)


def _value(source: Source) -> Value:
    """The JSON, whose texts are as long as weights are."""
    limits = replace(source.limits, string=source.limits.size)
    return json_value(source.data(), source.path.name, limits)


def _three(value: Value) -> tuple[dict[str, Value], list[Value], list[Value]] | None:
    if not isinstance(value, list) or len(value) != 3:
        return None
    info, dims, blobs = value
    listed = isinstance(dims, list) and isinstance(blobs, list)
    if not isinstance(info, dict) or "mode" not in info or not listed:
        return None
    assert isinstance(dims, list), "just seen"
    assert isinstance(blobs, list), "just seen"
    return info, dims, blobs


def _weight(blob: Value, shape: tuple[int, ...], name: str) -> Float32:
    count = math.prod(shape)
    if isinstance(blob, str):
        try:
            data = base64.b64decode(blob, validate=True)
        except (binascii.Error, ValueError):
            raise malformed(f"{name} is no base64: download or convert the file again") from None
        if len(data) != 2 * count:
            raise misfit(
                f"{name} has {len(data):,} bytes, and its shape {list(shape)} asks for {2 * count:,}, two a number: convert the "
                "model again"
            )
        q = np.frombuffer(data, "<i2").astype(np.float32)
    else:
        wide = arrays.from_lists(blob, name)
        if wide.size != count:
            raise misfit(
                f"{name} has {wide.size:,} numbers, and its shape {list(shape)} asks for {count:,}: convert the model again"
            )
        if (wide != np.rint(wide)).any() or (np.abs(wide) > _UNIT + 1).any():
            raise malformed(
                f"{name} holds what is no integer of 16 bits: convert the model again, with integers of 16 bits"
            )
        q = wide.ravel().astype(np.float32)
    return (q / np.float32(_UNIT) * np.float32(LARGEST)).reshape(shape)


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return named(value) if isinstance(value, str) else "none"
