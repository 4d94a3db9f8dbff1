"""rtneural: the JSON that RTNeural's scripts write of a Keras model, computed as RTNeural computes it.

Layers one behind the other; matrices [inputs, outputs] in Keras' order, LSTMs i, f, c, o and GRUs z, r, h with two rows of
biases, reset after the product. The file does not say what the gates compute with, and RTNeural has sigmoid alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.arrays import Float64
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import INPUT, OUTPUT, TOKENS, VOCABULARY, System
from rnnspec.importers.refusal import malformed, misfit, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

_DENSE: Final = ("dense", "time-distributed-dense")
_BLOCKS: Final = {"lstm": 4, "gru": 3}
_FUNCTIONS: Final[Mapping[str, dict[str, Any]]] = {
    "tanh": {"function": "tanh"},
    "relu": {"function": "relu"},
    "sigmoid": {"function": "sigmoid"},
    "elu": {"function": "elu", "alpha": 1.0},
    "softmax": {"function": "softmax"},
}
_MEMBERS: Final = {"type", "activation", "shape", "weights"}
_MOST_LAYERS: Final = 256
# AIDA-X's files have the same form, and these are computed around the layers.
_AIDAX: Final = ("in_skip", "in_gain", "out_gain")


def recognise(source: Source) -> bool:
    """An object with a list of layers, and the shape of what goes in."""
    members = None if source.is_folder else source.json_object()
    return {"in_shape", "layers"} <= set(members or {})


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
) -> Import:
    """The net in a JSON file.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    value = net.source.json()
    layers = value.get("layers") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(layers, list) or not layers:
        raise malformed("the file has no list of layers: write it again with RTNeural's script")
    if len(layers) > _MOST_LAYERS:
        raise unsupported(f"there are {len(layers)} layers, and {_MOST_LAYERS} are allowed")
    for name in _AIDAX:
        if value.get(name):
            raise unsupported(
                f"the file has {name}, which AIDA-X computes around the layers: import it with --from guitarml"
            )
    width = _last(value.get("in_shape"), "in_shape")
    ends.plain_input(net, width, input_kind or "features", vocabulary, tokens)
    if input_kind is None:
        net.notes.assumed(
            f"{width} features a step go in; --input-kind tokens, if they are one-hot vectors of tokens"
        )
    for number, layer in enumerate(layers):
        width = _layer(net, number, layer, width)
    kinds = [str(layer["type"]) for layer in layers if isinstance(layer, dict)]
    net.notes.understood(", ".join(map(named, kinds[:8])) + (" and more" if len(kinds) > 8 else ""))
    if set(kinds) & set(_BLOCKS):
        net.notes.assumed(
            "sigmoid gates, and tanh, as RTNeural computes them; of a net that was trained with other gates, such as "
            "hard_sigmoid, import Keras' own file"
        )
        net.notes.assumed(
            "zeros as the state that a call begins with, as after RTNeural's reset(); give the state of a call to the next one"
        )
    if "gru" in kinds:
        net.notes.changed(
            "gates of GRUs from z, r, h to r, z, n; two biases added up where one is kept"
        )
    other = sorted(set(value) - {"in_shape", "layers"})
    if other:
        net.notes.left_out(", ".join(map(named, other[:8])))
    ends.close(net, width, output_kind)
    return imported(SYSTEM.name, net)


def _layer(net: Net, number: int, layer: Value, width: int) -> int:
    """Adds a layer; gives its width. Raises Refused."""
    kind = layer.get("type") if isinstance(layer, dict) else None
    if not isinstance(layer, dict) or not isinstance(kind, str):
        raise malformed(
            f"layer {number + 1} has no type: write the file again with RTNeural's script"
        )
    what = f"layer {number + 1} ({named(kind)})"
    if kind not in (*_DENSE, *_BLOCKS, "activation"):
        raise unsupported(
            f"{what} is none that is carried, which are {', '.join((*_DENSE, *_BLOCKS, 'activation'))}: let the model do without it"
        )
    for member in layer:
        if member not in _MEMBERS:
            raise unsupported(f"{what} has a member {named(member)}, which means nothing here")
    function = layer.get("activation", "")
    if not isinstance(function, str) or (function and function not in _FUNCTIONS):
        raise unsupported(
            f"{what} has the activation {named(str(function))}, and known are {', '.join(_FUNCTIONS)}: train it with one of these"
        )
    size = _last(layer.get("shape"), f"shape of {what}")
    if kind in _BLOCKS:
        if function not in {"", "tanh"}:
            raise unsupported(
                f"{what} was trained with {function}, and RTNeural computes tanh, so it gives something else: import Keras' own file"
            )
        _cell(net, kind, _weights(layer, what), size, width, what)
        return size
    if kind != "activation":
        W, b = _named(_weights(layer, what), {"kernel": (width, size), "bias": (size,)}, what)
        net.layer("dense", size=size, **arrays.rounded({"W": W, "b": b}, net.notes))
    elif size != width:
        raise misfit(f"{what} is {size} wide, and what goes in {width}: the file is damaged")
    if function:
        net.layer("activation", **_FUNCTIONS[function])
    return size


def _cell(net: Net, kind: str, given: list[Float64], size: int, width: int, what: str) -> None:
    tall = _BLOCKS[kind] * size
    bias = (tall,) if kind == "lstm" else (2, tall)
    shapes = {"kernel": (width, tall), "recurrent kernel": (size, tall), "bias": bias}
    W, R, b = _named(given, shapes, what)
    if kind == "lstm":
        parts = arrays.rounded({"W": W, "R": R, "b": b}, net.notes)
        net.layer("lstm", hidden_size=size, activations=LSTM, **parts)
        return
    # Only n keeps its two biases apart.
    one = b[0] + np.where(np.arange(tall) < 2 * size, b[1], 0)
    turned = {}
    for role, array in (("W", W), ("R", R), ("b", one)):
        z, r, n = np.split(array, 3, axis=-1)
        turned[role] = np.concatenate([r, z, n], axis=-1)
    parts = arrays.rounded({**turned, "rb": b[1, 2 * size :]}, net.notes)
    gates = {name: LSTM[name] for name in ("gates", "candidate")}
    net.layer("gru", hidden_size=size, reset="after", activations=gates, **parts)


def _weights(layer: Mapping[str, Value], what: str) -> list[Float64]:
    weights = layer.get("weights")
    if not isinstance(weights, list):
        raise malformed(
            f"{what} has no list of weights: write the file again with RTNeural's script"
        )
    return [arrays.from_lists(array, f"array {k + 1} of {what}") for k, array in enumerate(weights)]


def _named(given: list[Float64], shapes: Mapping[str, tuple[int, ...]], what: str) -> list[Float64]:
    """The arrays, as many and as large as they must be. Raises Refused."""
    if len(given) != len(shapes):
        raise malformed(
            f"{what} has {len(given)} arrays, and {len(shapes)} are expected, {', '.join(shapes)}: train it with biases, and write it again"
        )
    for array, (name, shape) in zip(given, shapes.items(), strict=True):
        if array.shape != shape:
            raise misfit(
                f"the {name} of {what} is {list(array.shape)}, and its shape asks for {list(shape)}: the file is of another net, or damaged"
            )
    return given


def _last(shape: Value, what: str) -> int:
    """The last size of a shape such as [null, null, 8]. Raises Refused."""
    size = shape[-1] if isinstance(shape, list) and shape else None
    if type(size) is not float or not size.is_integer() or not 1 <= size <= 65_536:
        raise malformed(f"{what} does not end in a whole number from 1: write the file again")
    return int(size)


SYSTEM: Final = System(
    name="rtneural",
    title="JSON of RTNeural's scripts, made of a Keras model",
    reads=("a JSON file with in_shape and layers",),
    versions=("RTNeural since 2020; its JSON of a PyTorch model is read by pytorch",),
    carries=(
        "lstm, gru, dense, time-distributed-dense, activation, one behind the other",
        f"{', '.join(_FUNCTIONS)}",
    ),
    refuses=(
        "conv1d, conv2d, batchnorm, prelu, and every other type",
        "cells that were trained with another activation than tanh",
    ),
    limits=("256 MiB", "10,000,000 numbers", f"{_MOST_LAYERS} layers"),
    options=(INPUT, OUTPUT, VOCABULARY, TOKENS),
    recognise=recognise,
    read=read,
)
