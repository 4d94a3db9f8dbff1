"""tensorflowjs_topology: modelTopology → the layers of a Keras model, with what TensorFlow.js itself takes where it says nothing.

TensorFlow.js writes Keras 2's JSON, in snake_case, and reads camelCase too. A null stands where its constructor has a default.
RNN(cell) and RNN(StackedRNNCells) become the recurrent layers that they are.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from rnnspec.importers.keras_config import Architecture, Layer, read_architecture
from rnnspec.importers.refusal import ask, malformed, named, unsupported
from rnnspec.json_reader import Value

HARD: Final = "hard_sigmoid"
_GATED: Final = ("LSTM", "GRU", "LSTMCell", "GRUCell")
_CELLS: Final = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}
_STACK: Final = "StackedRNNCells"
# Here null says something: no function, no merging.
_SPOKEN_NULLS: Final = frozenset({"activation", "recurrent_activation", "merge_mode"})
_FUNCTIONS: Final = frozenset({"activation", "recurrent_activation"})
_RENAMED: Final = {
    "BatchNormalizationV1": "BatchNormalization",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
}
# What an RNN has besides its cell.
_SEQUENCE: Final = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")
_OF_RNN: Final = frozenset(
    [*_SEQUENCE, "cell", "cells", "name", "trainable", "dtype", "batch_input_shape"]
)
_MASKS_SINCE: Final = (0, 9)  # of tfjs-layers, in TensorFlow.js 0.14


@dataclass(frozen=True)
class Topology:
    """The layers, and who wrote them."""

    architecture: Architecture
    writer: str | None
    generation: int | None  # of Keras, whose equations hold; None if hard_sigmoid is open
    defaulted: tuple[str, ...]  # cells whose gates take the function that is the default


def read_topology(value: Value, recurrent: str, generation: int | None) -> Topology:
    """The layers of `modelTopology`; `recurrent` is the function of gates that the file does not name.

    Raises Refused.
    """
    defaulted: list[str] = []
    plain = _plain(value, recurrent, defaulted)
    config = plain.get("model_config") if isinstance(plain, dict) else None
    whole = config if isinstance(config, dict) else plain
    said = plain.get("keras_version") if isinstance(plain, dict) else None
    said = whole.get("keras_version", said) if isinstance(whole, dict) else said
    version = said if isinstance(said, str) else None
    architecture = _without_rnn(read_architecture(whole))
    own = re.match(r"tfjs-layers (\d{1,4})\.(\d{1,4})\b", version or "")
    _check_masks(
        architecture, version if own and (int(own[1]), int(own[2])) < _MASKS_SINCE else None
    )
    if generation is None and (version or "").startswith("3."):
        _ask_hard(architecture)
    writer = (version if own else f"Keras {version}") if version else None
    return Topology(architecture, writer, generation or 2, tuple(defaulted))


# --- one spelling ----------------------------------------------------------------------------------------------


def _plain(value: Value, recurrent: str, defaulted: list[str]) -> Value:
    """The same with keys in snake_case, without nulls that say nothing. Raises Refused for a key in both spellings."""
    if isinstance(value, list):
        return [_plain(entry, recurrent, defaulted) for entry in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Value] = {}
    for key, inner in value.items():
        name = _snake(key)
        if name in found:
            raise malformed(
                f'modelTopology has "{named(name)}" in two spellings: save the model again'
            )
        found[name] = _plain(inner, recurrent, defaulted)
    for name in [
        name for name, inner in found.items() if inner is None and name not in _SPOKEN_NULLS
    ]:
        del found[name]
    for name in _FUNCTIONS & found.keys():
        function = found[name]
        found[name] = _snake(function) if isinstance(function, str) else function
    kind, config = found.get("class_name"), found.get("config")
    if isinstance(kind, str) and isinstance(config, dict):
        found["class_name"] = _RENAMED.get(kind, kind)
        if found["class_name"] in _GATED and "recurrent_activation" not in config:
            found["config"] = {**config, "recurrent_activation": recurrent}
            defaulted.append(str(config.get("name", kind)))
    return found


def _snake(name: str) -> str:
    """As TensorFlow.js spells it for Keras."""
    return re.sub(
        r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    ).lower()


# --- RNN(cell) ---------------------------------------------------------------------------------------------------


def _without_rnn(architecture: Architecture) -> Architecture:
    """With recurrent layers for each RNN: of stacked cells one layer a cell. Raises Refused."""
    layers: list[Layer] = []
    last: dict[str, str] = {}  # name of an RNN → the layer that gives its output
    for given in architecture.layers:
        layer = replace(given, inputs=tuple(last.get(name, name) for name in given.inputs))
        if layer.kind == "RNN":
            made = _of_cells(layer)
            last[layer.name] = made[-1].name
            layers += made
        else:
            layers.append(_with_plain_halves(layer) if layer.kind == "Bidirectional" else layer)
    if len({layer.name for layer in layers}) != len(layers):
        raise malformed("two layers have one name: name each layer, and save the model again")
    return Architecture(tuple(layers), architecture.shape)


def _with_plain_halves(layer: Layer) -> Layer:
    """A Bidirectional whose RNN(cell) is the recurrent layer that it is. Raises Refused."""
    inner = layer.wrapped()
    if inner.kind != "RNN":
        return layer
    cells = _of_cells(inner)
    if len(cells) != 1 or cells[0].name != inner.name:
        raise unsupported(
            f"{layer} goes over stacked cells in both directions: use a Bidirectional for each, or an RNN for each direction"
        )
    entry: Value = {"class_name": cells[0].kind, "config": dict(cells[0].config)}
    return replace(layer, config={**layer.config, "layer": entry})


def _of_cells(layer: Layer) -> list[Layer]:
    cell = layer.wrapped("cell")
    stacked = cell.kind == _STACK
    cells = [cell]
    if stacked:
        entries = cell.config.get("cells")
        if not isinstance(entries, list) or not entries:
            raise malformed(f"{layer} has no list of cells: save the model again")
        cells = [replace(cell, config={"layer": entry}).wrapped() for entry in entries]
    for part in cells:
        if part.kind not in _CELLS:
            raise unsupported(
                f"{layer} has a cell {named(part.kind)}, and {', '.join(_CELLS)} are carried: build the model of these"
            )
    known = _OF_RNN.union(*(part.config for part in cells))
    for member, value in layer.config.items():
        if member not in known and value not in (None, False):
            raise unsupported(
                f'{layer} has the setting "{named(member)}", which this importer does not know: train it without'
            )
    made = []
    before = layer.inputs
    for k, part in enumerate(cells):
        # Time is turned where the cells begin; all of them run in that order then.
        own: dict[str, Value] = {
            "return_sequences": k < len(cells) - 1 or layer.flag("return_sequences", False),
            "go_backwards": k == 0 and layer.flag("go_backwards", False),
            "stateful": layer.flag("stateful", False),
        }
        name = f"{layer.name}/RNNCell_{k}" if stacked else layer.name
        made.append(Layer(_CELLS[part.kind], name, {**part.config, **own}, before, layer.mask))
        before = (name,)
    return made


# --- what TensorFlow.js computes otherwise than Keras --------------------------------------------------------------


def _check_masks(architecture: Architecture, old: str | None) -> None:
    """Raises Refused where masks mean something else; `old` is a version that did not compute with them."""
    masks = [
        n for n in architecture.layers if n.kind == "Masking" or n.config.get("mask_zero") is True
    ]
    if masks and old is not None:
        raise unsupported(
            f"{masks[0]} masks steps, which {named(old)} did not heed, and TensorFlow.js from 0.14 on does: load the model "
            "there, and save it again"
        )
    for layer in architecture.layers:
        slope = layer.config.get("negative_slope") or layer.config.get("threshold")
        if layer.kind == "ReLU" and slope:
            raise unsupported(
                f"{layer} has a negative_slope or a threshold, which TensorFlow.js leaves out: use LeakyReLU or ThresholdedReLU"
            )
        if masks and layer.kind == "Softmax":
            raise unsupported(
                f"{layer} stands behind a mask of steps, which TensorFlow.js takes for one of features: use Activation('softmax')"
            )


def _ask_hard(architecture: Architecture) -> None:
    """Raises Refused for a hard_sigmoid of Keras 3, which TensorFlow.js computes otherwise."""
    for layer in architecture.layers:
        inner = layer.wrapped() if layer.kind in ("Bidirectional", "TimeDistributed") else layer
        if HARD in [inner.config.get(member) for member in _FUNCTIONS]:
            raise ask(
                f"{layer} computes with hard_sigmoid: x/6 + 0.5 in Keras 3, which wrote the model, and 0.2·x + 0.5 in "
                "TensorFlow.js: give --keras-version 3 for the one, --keras-version 2 for the other"
            )
