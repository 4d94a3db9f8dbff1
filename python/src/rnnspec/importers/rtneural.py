"""rtneural: the JSON that RTNeural's scripts write of a Keras model, computed as RTNeural computes it, or of a PyTorch model.

Of Keras, layers one behind the other; matrices [inputs, outputs] in Keras' order, LSTMs i, f, c, o and GRUs z, r, h with two rows of
biases, reset after the product. The file does not say what the gates compute with, and RTNeural has sigmoid alone.
Of PyTorch, a state_dict: rtneural_torch.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays, ends, rtneural_torch
from rnnspec.importers.arrays import Float64
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import ENDS, GATE_FUNCTIONS, Option, System, chosen
from rnnspec.importers.refusal import ask, malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.sizes import SIZES, check_sizes, of_weights
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value

# Whose hard_sigmoid: what x is multiplied with before 0.5 is added.
_SLOPES: Final[Mapping[str, float]] = {"2": 0.2, "3": 1 / 6}
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
    """An object with a list of layers and the shape of what goes in, or one of PyTorch's names that RTNeural knows."""
    members = (None if source.is_folder else source.json_object()) or {}
    return {"in_shape", "layers"} <= set(members) or rtneural_torch.is_state_dict(members)


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    recurrent_activation: str | None = None,
    keras_version: str | None = None,
    modules: str | None = None,
    sizes: str | None = None,
) -> Import:
    """The net in a JSON file.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    value = net.source.json()
    gates = _gates(recurrent_activation, keras_version)
    if isinstance(value, dict) and "layers" not in value and rtneural_torch.has_names(value):
        if recurrent_activation is not None:
            raise wrong_option(
                "--recurrent-activation: PyTorch's cells have sigmoid gates, and no other; leave it out"
            )
        width = rtneural_torch.layers(net, modules, input_kind, vocabulary, tokens)
    else:
        if modules is not None:
            raise wrong_option(
                "--modules: the file lists its layers in their order; it is for a state_dict of PyTorch"
            )
        width = _keras(net, value, gates, input_kind, vocabulary, tokens)
    if {layer["type"] for layer in net.layers} & set(_BLOCKS):
        net.notes.assumed(
            "zeros as the state that a call begins with, as after RTNeural's reset(); give the state of a call to the next one"
        )
    check_sizes(net, sizes)
    ends.close(net, width, output_kind)
    return imported(SYSTEM.name, net)


def _gates(function: str | None, version: str | None) -> dict[str, Any]:
    """What the gates of a Keras model compute with. Raises Refused."""
    if function is not None:
        chosen("recurrent_activation", function, GATE_FUNCTIONS)
    if version is not None:
        chosen("keras_version", version, tuple(_SLOPES))
    if function != "hard_sigmoid":
        if version is not None:
            raise wrong_option(
                "--keras-version says whose hard_sigmoid it is: give --recurrent-activation hard_sigmoid with it"
            )
        return {"function": "sigmoid"}
    if version is None:
        raise ask(
            "hard_sigmoid has the slope 0.2 in Keras 2 and 1/6 in Keras 3: give --keras-version 2 or 3"
        )
    return {"function": "hard_sigmoid", "alpha": _SLOPES[version], "beta": 0.5}


def _keras(
    net: Net,
    value: Value,
    gates: dict[str, Any],
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> int:
    """Input and layers of a net in Keras' order; gives the width of what comes out. Raises Refused."""
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
        width = _layer(net, number, layer, width, gates)
    kinds = [str(layer["type"]) for layer in layers if isinstance(layer, dict)]
    net.notes.understood(", ".join(map(named, kinds[:8])) + (" and more" if len(kinds) > 8 else ""))
    if set(kinds) & set(_BLOCKS):
        net.notes.assumed(
            "sigmoid gates, and tanh, as RTNeural computes them; of a net that was trained with other gates, give "
            "--recurrent-activation hard_sigmoid, or import Keras' own file"
            if gates["function"] == "sigmoid"
            else "hard_sigmoid gates, as you said, and tanh; RTNeural itself computes sigmoid, and gives something else"
        )
    if "gru" in kinds:
        net.notes.changed(
            "gates of GRUs from z, r, h to r, z, n; two biases added up where one is kept"
        )
    other = sorted(set(value) - {"in_shape", "layers"})
    if other:
        net.notes.left_out(", ".join(map(named, other[:8])))
    return width


def _layer(net: Net, number: int, layer: Value, width: int, gates: dict[str, Any]) -> int:
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
        weights = _weights(layer, what)
        if len(weights) > 1:
            size = of_weights(weights[1], 0, size, what, net.notes)
        _cell(net, kind, weights, size, width, what, gates)
        return size
    if kind != "activation":
        weights = _weights(layer, what)
        if weights:
            size = of_weights(weights[0], 1, size, what, net.notes)
        W, b = _named(weights, {"kernel": (width, size), "bias": (size,)}, what)
        net.layer("dense", size=size, **arrays.rounded({"W": W, "b": b}, net.notes))
    elif size != width:
        raise misfit(f"{what} is {size} wide, and what goes in {width}: the file is damaged")
    if function:
        net.layer("activation", **_FUNCTIONS[function])
    return size


def _cell(
    net: Net,
    kind: str,
    given: list[Float64],
    size: int,
    width: int,
    what: str,
    gates: dict[str, Any],
) -> None:
    tall = _BLOCKS[kind] * size
    bias = (tall,) if kind == "lstm" else (2, tall)
    shapes = {"kernel": (width, tall), "recurrent kernel": (size, tall), "bias": bias}
    W, R, b = _named(given, shapes, what)
    if kind == "lstm":
        parts = arrays.rounded({"W": W, "R": R, "b": b}, net.notes)
        net.layer("lstm", hidden_size=size, activations={**LSTM, "gates": gates}, **parts)
        return
    # Only n keeps its two biases apart.
    one = b[0] + np.where(np.arange(tall) < 2 * size, b[1], 0)
    turned = {}
    for role, array in (("W", W), ("R", R), ("b", one)):
        z, r, n = np.split(array, 3, axis=-1)
        turned[role] = np.concatenate([r, z, n], axis=-1)
    parts = arrays.rounded({**turned, "rb": b[1, 2 * size :]}, net.notes)
    functions = {"gates": gates, "candidate": LSTM["candidate"]}
    net.layer("gru", hidden_size=size, reset="after", activations=functions, **parts)


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
    title="JSON of RTNeural, made of a Keras or a PyTorch model",
    reads=(
        "a JSON file with in_shape and layers, as its scripts write it of a Keras model",
        'a JSON file {"lstm.weight_ih_l0": [[…]], …}, the state_dict of a PyTorch model',
    ),
    versions=("RTNeural since 2020",),
    carries=(
        "lstm, gru, dense, time-distributed-dense, activation, one behind the other",
        "gates with sigmoid, as RTNeural computes them, or as --recurrent-activation says",
        f"{', '.join(_FUNCTIONS)}",
        "of PyTorch nn.LSTM and nn.GRU, of one layer or more, and nn.Linear",
    ),
    refuses=(
        "conv1d, conv2d, batchnorm, prelu, and every other type",
        "cells that were trained with another activation than tanh",
        "of PyTorch nn.RNN, both directions, projections and all that RTNeural does not load; pytorch reads them",
    ),
    limits=("256 MiB", "10,000,000 numbers", f"{_MOST_LAYERS} layers"),
    options=(
        *ENDS,
        Option(
            name="recurrent_activation",
            choices=GATE_FUNCTIONS,
            help="what the gates of an LSTM or GRU compute with where the file does not say it",
        ),
        Option(
            name="keras_version",
            choices=tuple(_SLOPES),
            help="whose hard_sigmoid it is",
        ),
        Option(
            name="modules",
            metavar="NAMES",
            help="the modules of a state_dict in the order in which they compute, with activations between: lstm,fc1,tanh,fc2",
        ),
        SIZES,
    ),
    recognise=recognise,
    read=read,
)
