"""kerasjs_keras1: the config of a Keras 1 model in the words of Keras 2, and its weights by the roles of Keras 2.

Keras 1 has a weight for each gate: W_i, U_i, b_i and so on, one after the other in the order i, c, f, o of an LSTM and z, r, h of a GRU.
The names tell them apart, so no order is taken for granted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers.hdf5 import Numbers
from rnnspec.importers.keras_config import Layer
from rnnspec.importers.keras_weights import BACKWARD, FORWARD, Roles
from rnnspec.importers.refusal import malformed, misfit, named, unsupported
from rnnspec.json_reader import Value

CARRIED: Final = (
    "SimpleRNN",
    "LSTM",
    "GRU",
    "Bidirectional",
    "TimeDistributed",
    "TimeDistributedDense",
    "Embedding",
    "Dense",
    "Activation",
    "Dropout",
    "InputLayer",
)
_CELLS: Final = ("SimpleRNN", "LSTM", "GRU")
_MODELS: Final = ("Sequential", "Model")
# Members of another name in Keras 2, and those that say nothing about what a trained layer computes.
_RENAMED: Final = {"inner_activation": "recurrent_activation", "bias": "use_bias"}
_SILENT: Final = frozenset(
    [
        "init",
        "inner_init",
        "forget_bias_init",
        "dropout_W",
        "dropout_U",
        "consume_less",
        "input_dtype",
        "input_dim",
        "p",
    ]
)
_BLOCKS: Final = {"SimpleRNN": ("",), "LSTM": ("_i", "_f", "_c", "_o"), "GRU": ("_z", "_r", "_h")}
_NAME: Final = re.compile(r"(.*?)_?([WUb](?:_[ifcozrh])?)(?:_\d+)?(?::\d+)?")
_WAYS: Final = {"forward_": FORWARD, "backward_": BACKWARD}


def in_keras_2(config: Value) -> Value:
    """The same model in the words of Keras 2. Raises Refused for layers that are not carried."""
    kind, inner = _class(config, "the model")
    if kind not in _MODELS:
        raise unsupported(
            f"the model is of the class {named(kind)}, and of Keras 1 Sequential and Model are read"
        )
    if isinstance(inner, list):
        return {"class_name": kind, "config": [_layer(entry) for entry in inner]}
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(layers, list):
        raise malformed("the config of the model has no layers: save it again")
    return {"class_name": kind, "config": {**inner, "layers": [_layer(entry) for entry in layers]}}


def _class(value: Value, what: str) -> tuple[str, Value]:
    kind = value.get("class_name") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not isinstance(value, dict):
        raise malformed(f"{what} has no class_name: give the config as Keras wrote it")
    return kind, value.get("config")


def _layer(entry: Value) -> Value:
    kind, given = _class(entry, "a layer")
    if not isinstance(given, dict) or not isinstance(entry, dict):
        raise malformed(f"a layer of the class {named(kind)} has no config: save the model again")
    name = given.get("name")
    if kind not in CARRIED:
        raise unsupported(
            f'the layer "{named(str(name))}" ({named(kind)}) is none that is carried of Keras 1: carried are {", ".join(CARRIED)}'
        )
    config: dict[str, Any] = {}
    for member, value in given.items():
        ends = member.endswith(("_regularizer", "_constraint"))
        if ends or (member in _SILENT and (kind, member) != ("Embedding", "input_dim")):
            continue
        if member == "output_dim" and kind != "Embedding":
            config["units"] = value
        else:
            config[_RENAMED.get(member, member)] = value
    if "layer" in config:
        config["layer"] = _layer(config["layer"])
    if kind == "TimeDistributedDense":
        dense = {"class_name": "Dense", "config": config}
        shape = {k: v for k, v in config.items() if k in ("name", "batch_input_shape")}
        return {**entry, "class_name": "TimeDistributed", "config": {**shape, "layer": dense}}
    return {**entry, "config": config}


# --- weights ------------------------------------------------------------------------------------------------


def roles_of(layer: Layer, given: Mapping[str, Numbers]) -> Roles:
    """The arrays of a layer, by the names of Keras 1, as those of Keras 2. Raises Refused."""
    found: dict[str, dict[str, Numbers]] = {}  # direction → W_i and so on
    inner = layer.wrapped() if layer.kind in ("Bidirectional", "TimeDistributed") else layer
    for name, array in given.items():
        match = _NAME.fullmatch(name.rpartition("/")[2])
        if match is None:
            raise unsupported(
                f'{layer} has a weight "{named(name)}" that Keras 1 does not write: it was changed by a program'
            )
        way = next((w for start, w in _WAYS.items() if match[1].startswith(start)), "")
        way = way if layer.kind == "Bidirectional" else ""
        part = found.setdefault(way, {})
        if match[2] in part:
            raise malformed(f"{layer} has the weight {match[2]} twice: convert the model again")
        part[match[2]] = array
    roles: Roles = {}
    for way in (FORWARD, BACKWARD) if layer.kind == "Bidirectional" else ("",):
        made = _roles(inner, found.pop(way, {}))
        roles |= {way + role: array for role, array in made.items()}
    if found:
        raise malformed(f"{layer} has weights of no direction: convert the model again")
    return roles


def _roles(layer: Layer, part: dict[str, Numbers]) -> Roles:
    wanted: dict[str, tuple[str, ...]]
    if layer.kind == "Embedding":
        wanted = {"embeddings": ("W",)}
    elif layer.kind in _CELLS:
        blocks = _BLOCKS[layer.kind]
        wanted = {
            role: tuple(letter + block for block in blocks)
            for role, letter in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))
        }
    else:
        wanted = {"kernel": ("W",), **({"bias": ("b",)} if layer.flag("use_bias", True) else {})}
    names = [name for parts in wanted.values() for name in parts]
    for name in names:
        if name not in part:
            shown = ", ".join(sorted(part)) or "none"
            raise malformed(
                f"{layer} has no weight {name}; it has {shown}: keras-js reads a weight for each gate, as Keras 1 writes them with "
                "consume_less='cpu' or 'mem'"
            )
    other = sorted(set(part) - set(names))
    if other:
        raise unsupported(f"{layer} has a weight {other[0]} that such a layer has not")
    return {role: _joined(layer, [part[name] for name in parts]) for role, parts in wanted.items()}


def _joined(layer: Layer, parts: Sequence[Numbers]) -> Numbers:
    if len({array.shape for array in parts}) != 1 or parts[0].ndim == 0:
        raise misfit(
            f"the weights of the gates of {layer} are not of one size: convert the model again"
        )
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
