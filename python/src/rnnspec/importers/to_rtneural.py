"""to_rtneural: a net as the JSON that RTNeural loads at run time (RTNeural/model_loader.h).

Layers one behind the other; matrices [inputs, outputs] in Keras' order, LSTMs i, f, c, o, GRUs z, r, h with two rows of
biases. A function behind a dense layer stands in it. rtneural.py reads it back.
"""

import json
from typing import Any, Final

import numpy as np

from rnnspec.importers.arrays import blocks
from rnnspec.importers.pattern import Notes
from rnnspec.importers.plain_chain import (
    bias,
    check,
    check_features,
    is_identity,
    lacks,
    parameters,
    shortest,
    tell_what_is_lost,
)
from rnnspec.importers.refusal import not_carried
from rnnspec.model import ActivationLayer, GruLayer, LstmLayer, Model, RecurrentLayer
from rnnspec.tensor import Float32

_RTNEURAL: Final = "RTNeural"
_KNOWN: Final = ("lstm", "gru", "dense", "affine", "activation")
_FUNCTIONS: Final = ("tanh", "relu", "sigmoid", "softmax", "elu")  # its own names are the same
_DENSE: Final = "dense"


def to_rtneural(model: Model, *, notes: Notes | None = None) -> bytes:
    """The bytes of a JSON file for RTNeural's json_parser, in float32: other storage is widened, exactly.

    An affine layer becomes a dense one of a diagonal matrix, which computes the same bits. `notes` gets what is to be
    known. Raises Refused for what RTNeural does not carry, naming it.
    """
    notes = Notes() if notes is None else notes
    width = size = check_features(model, _RTNEURAL).size
    check(model, _RTNEURAL, _KNOWN)
    layers: list[dict[str, Any]] = []
    for k, layer in enumerate(model.layers):
        if is_identity(layer):
            notes.changed(f"the layer {layer.name} is left out: linear changes nothing")
            continue
        if isinstance(layer, ActivationLayer):
            _check_function(model, k, layer)
            if layers and layers[-1]["type"] == _DENSE and not layers[-1]["activation"]:
                layers[-1]["activation"] = layer.function
            else:
                layers.append(_layer("activation", layer.function, width, []))
            continue
        given = parameters(model, layer)
        if isinstance(layer, RecurrentLayer):
            _check_cell(model, k, layer, given, notes)
            width = layer.hidden_size
            weights = _gru(given, width) if layer.type == "gru" else _lstm(given)
            layers.append(_layer(layer.type, "tanh", width, weights))
        elif layer.type == "affine":
            notes.changed(f"the layer {layer.name}, affine, is a dense one of a diagonal matrix")
            layers.append(_layer(_DENSE, "", width, [np.diag(given["s"]), given["t"]]))
        else:
            width = given["W"].shape[1]
            layers.append(_layer(_DENSE, "", width, [given["W"], bias(given)]))
    if not layers:
        raise not_carried(
            f"the net (/layers) can't go over: {_RTNEURAL} wants a layer, and these give what they read; there is nothing to compute"
        )
    tell_what_is_lost(model, notes, ())
    # A line for each layer: short enough for the eye, and no white space between numbers.
    lines = ",\n".join(json.dumps(layer, separators=(",", ":")) for layer in layers)
    return f'{{"in_shape":[null,null,{size}],"layers":[\n{lines}\n]}}\n'.encode()


def _layer(kind: str, function: str, width: int, weights: list[Float32]) -> dict[str, Any]:
    """A member of `layers`; the loader asks for all four of its members."""
    lists = [shortest(array) for array in weights]
    return {"type": kind, "activation": function, "shape": [None, None, width], "weights": lists}


def _lstm(given: dict[str, Float32]) -> list[Float32]:
    """Kernel, recurrent kernel, bias: the order of the gates is ours."""
    return [given["W"], given["R"], bias(given)]


def _gru(given: dict[str, Float32], H: int) -> list[Float32]:
    """r, z, n → z, r, h; the first row of the bias is added to the products with x, the second to those with h."""
    both = np.stack([bias(given), np.zeros(3 * H, np.float32)])
    if "rb" in given:
        both[1, 2 * H :] = given["rb"]
    return [blocks(array, "rzn", "zrn") for array in (given["W"], given["R"], both)]


def _check_function(model: Model, k: int, layer: ActivationLayer) -> None:
    """Raises Refused for what RTNeural does not know: it would add nothing, and crash."""
    if layer.function not in _FUNCTIONS:
        what = f"no activation {layer.function}, only {', '.join(_FUNCTIONS)}"
        raise lacks(model, k, _RTNEURAL, what, "train it with one of these")
    if layer.function == "elu" and np.float32(layer.alpha) != 1:
        what = f"elu with alpha = 1 alone, and this has {layer.alpha:g}"
        raise lacks(model, k, _RTNEURAL, what, "train it with 1")


def _check_cell(
    model: Model, k: int, layer: RecurrentLayer, given: dict[str, Float32], notes: Notes
) -> None:
    """Raises Refused for a GRU of another kind, and for a state that is not zeros."""
    if isinstance(layer, GruLayer) and layer.reset != "after":
        what = "a GRU whose reset acts after the product alone, as Keras' reset_after and PyTorch have it, and this acts before"
        raise lacks(model, k, _RTNEURAL, what, "train it so")
    for role in ("h0", "c0") if isinstance(layer, LstmLayer) else ("h0",):
        if role in given and given[role].any():
            what = f"zeros as the state that it begins with, and this layer has {role}"
            raise lacks(
                model, k, _RTNEURAL, what, "train it without, or export it with --to nam or onnx"
            )
        if role in given:
            notes.left_out(f"{role} of the layer {layer.name}: zeros, as RTNeural begins with")
