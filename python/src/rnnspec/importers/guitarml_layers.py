"""The layers of a net of GuitarML or AIDA-X: PyTorch's names or RTNeural's list, and the channels that skip them."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.arrays import Float64
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.sizes import of_weights
from rnnspec.json_reader import Value

_BLOCKS: Final = {"lstm": 4, "gru": 3, "rnn": 1}
_MOST_LAYERS: Final = 256
_MOST_NUMBERS: Final = 1_000_000  # of the layer that chooses channels
_MODEL: Final = {
    *("model", "input_size", "output_size", "unit_type"),
    *("num_layers", "hidden_size", "skip", "bias_fl"),
}
_DENSE: Final = ("dense", "time-distributed-dense")
_FUNCTIONS: Final = ("tanh", "relu", "sigmoid")
_AGAIN: Final = "export the net again"


class Chain:
    """Layers one behind the other, and what goes into the first of them, for `skip`."""

    def __init__(self, net: Net, gain: float) -> None:
        """`gain` multiplies the first channel of the input, the sound."""
        self.net = net
        self.inputs = 0  # features that go in; 0 until `begin`
        self.width = 0  # of the last layer
        self.has_gains = gain != 1
        self._gain = gain
        self._first = "input"

    def begin(self, width: int) -> None:
        """So many features go in."""
        self.inputs = self.width = width
        if self._gain != 1:
            s = np.ones(width, np.float32)
            s[0] = self._gain
            self._first = self.net.layer("affine", s=s, t=np.zeros(width, np.float32))
            self.net.notes.understood(
                "in_gain, as a layer of its own: the sound alone is multiplied"
            )

    def cell(self, kind: str, size: int, parts: Mapping[str, Float64]) -> None:
        """A recurrent layer: W and R as [inputs, outputs], blocks in the order of SPEC 8."""
        members: dict[str, Any] = dict(arrays.rounded(parts, self.net.notes))
        if kind == "lstm":
            self.net.layer("lstm", hidden_size=size, activations=LSTM, **members)
        elif kind == "gru":
            gates = {name: LSTM[name] for name in ("gates", "candidate")}
            self.net.layer("gru", hidden_size=size, reset="after", activations=gates, **members)
        else:
            self.net.layer("elman", hidden_size=size, activation={"function": "tanh"}, **members)
        self.width = size

    def dense(self, W: Float64, b: Float64 | None) -> None:
        """A layer W, [inputs, outputs], and b."""
        parts = {"W": W} | ({} if b is None else {"b": b})
        self.net.layer("dense", size=W.shape[1], **arrays.rounded(parts, self.net.notes))
        self.width = W.shape[1]

    def skip(self, count: int) -> None:
        """Adds the first `count` channels of what went in to what comes out, as `y + x[:, :, 0:count]` does. Raises Refused."""
        taken = min(count, self.inputs)
        if not taken:
            return
        if taken not in {1, self.width}:
            raise unsupported(
                f"skip is {count}, and {self.width} {'channel comes' if self.width == 1 else 'channels come'} out: PyTorch would spread "
                "or refuse them; train the net with as many as come out"
            )
        last, source = self.net.layers[-1]["name"], self._first
        if not taken == self.inputs == self.width:
            if self.inputs * self.width > _MOST_NUMBERS:
                raise Refused(
                    "IMPORT_LIMIT",
                    f"to choose channels of {self.inputs:,} for {self.width:,} takes more than {_MOST_NUMBERS:,} numbers: no amplifier has so many",
                )
            # Ones and zeros choose channels exactly.
            W = np.zeros((self.inputs, self.width), np.float32)
            places = np.arange(self.width)
            W[places if taken > 1 else 0, places] = 1
            source = self.net.layer("dense", size=self.width, inputs=[source], W=W)
            self.net.notes.changed(
                "the channels that are skipped are chosen by a dense layer of zeros and ones"
            )
        self.net.layer("add", inputs=[last, source])
        self.net.notes.understood(
            f"{taken} {'channel' if taken == 1 else 'channels'} of the input added to the output"
        )

    def gain(self, factor: float) -> None:
        """Multiplies all that comes out."""
        if factor != 1:
            self.has_gains = True
            s = np.full(self.width, factor, np.float32)
            self.net.layer("affine", s=s, t=np.zeros(self.width, np.float32))
            self.net.notes.understood("out_gain, as a layer of its own")


# --- GuitarML: PyTorch's names ------------------------------------------------------------------------------------


def torch_layers(chain: Chain, value: Mapping[str, Value]) -> int:
    """The layers of model_data and state_dict; gives `skip`. Raises Refused."""
    about, weights = value.get("model_data"), value.get("state_dict")
    if not isinstance(about, dict):
        raise malformed(f"model_data is no object: {_AGAIN}")
    model = about.get("model", "SimpleRNN")
    if model != "SimpleRNN":
        raise unsupported(
            f"the model is {named(str(model))}, and SimpleRNN alone is carried: train one"
        )
    for member in about:
        if member not in _MODEL:
            raise unsupported(f"model_data has a member {named(member)}, which means nothing here")
    if not isinstance(weights, dict):
        raise malformed(f"the file has no state_dict, so no weights: {_AGAIN}")
    unit = about.get("unit_type")
    if unit not in ("LSTM", "GRU", "RNN"):  # no set: it may be a list
        raise unsupported(f"unit_type is {named(str(unit))}, and LSTM, GRU and RNN are carried")
    kind = str(unit).lower()
    width, hidden, out = (
        size(about, name) for name in ("input_size", "hidden_size", "output_size")
    )
    layers = size(about, "num_layers", _MOST_LAYERS)
    if about.get("bias_fl", True) not in (True, False):
        raise malformed(f"bias_fl is neither true nor false: {_AGAIN}")
    skip = channels(about.get("skip"), "skip")
    tall = _BLOCKS[kind] * hidden
    shapes: dict[str, tuple[int, ...]] = {}
    for k in range(layers):
        shapes |= {
            f"rec.weight_ih_l{k}": (tall, width if k == 0 else hidden),
            f"rec.weight_hh_l{k}": (tall, hidden),
            f"rec.bias_ih_l{k}": (tall,),
            f"rec.bias_hh_l{k}": (tall,),
        }
    shapes["lin.weight"] = (out, hidden)
    if about.get("bias_fl", True):
        shapes["lin.bias"] = (out,)
    w = _all(weights, shapes)
    chain.begin(width)
    for k in range(layers):
        W, R = w[f"rec.weight_ih_l{k}"].T, w[f"rec.weight_hh_l{k}"].T
        chain.cell(kind, hidden, {"W": W, "R": R, **_biases(kind, w, k, hidden)})
    chain.dense(w["lin.weight"].T, w.get("lin.bias"))
    chain.net.notes.understood(f"{layers} × {unit} of {hidden}, and a dense layer")
    chain.net.notes.changed("matrices transposed, and each two biases added up where one is kept")
    return skip


def _biases(kind: str, w: Mapping[str, Float64], k: int, hidden: int) -> dict[str, Float64]:
    into, back = w[f"rec.bias_ih_l{k}"], w[f"rec.bias_hh_l{k}"]
    return two_biases(into, back, hidden) if kind == "gru" else {"b": into + back}


def two_biases(into: Float64, back: Float64, hidden: int) -> dict[str, Float64]:
    """Those of a GRU, r, z, n: only n keeps its two apart."""
    added = np.concatenate([(into + back)[: 2 * hidden], into[2 * hidden :]])
    return {"b": added, "rb": back[2 * hidden :]}


def _all(weights: Mapping[str, Value], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Float64]:
    """The arrays of a state_dict, these and no others. Raises Refused."""
    for name in weights:
        if name not in shapes:
            raise unsupported(
                f"state_dict has {named(name)}, which a SimpleRNN of these sizes has not"
            )
    found = {}
    for name, shape in shapes.items():
        if name not in weights:
            raise malformed(f"state_dict has no {name}: {_AGAIN}")
        found[name] = fitting(weights[name], shape, name)
    return found


# --- AIDA-X: RTNeural's list --------------------------------------------------------------------------------------


def keras_layers(chain: Chain, value: Mapping[str, Value]) -> None:
    """The layers of a list, in Keras' order of gates. Raises Refused."""
    layers = value.get("layers")
    if not isinstance(layers, list) or not layers:
        raise malformed(f"the file has no list of layers: {_AGAIN}")
    if len(layers) > _MOST_LAYERS:
        raise unsupported(f"there are {len(layers)} layers, and {_MOST_LAYERS} are allowed")
    chain.begin(_last(value.get("in_shape"), "in_shape"))
    kinds = []
    for number, layer in enumerate(layers):
        kind = layer.get("type") if isinstance(layer, dict) else None
        if not isinstance(layer, dict) or not isinstance(kind, str):
            raise malformed(f"layer {number + 1} has no type: {_AGAIN}")
        _keras_layer(chain, kind, layer, f"layer {number + 1} ({named(kind)})")
        kinds.append(kind)
    chain.net.notes.understood(", ".join(kinds[:8]) + (" and more" if len(kinds) > 8 else ""))
    chain.net.notes.assumed(
        "sigmoid gates, and tanh, as the plugin computes them; the file does not say what the net was trained with"
    )


def _keras_layer(chain: Chain, kind: str, layer: Mapping[str, Value], what: str) -> None:
    if kind not in {"lstm", "gru", *_DENSE}:
        raise unsupported(
            f"{what} is none that is carried, which are lstm, gru, {', '.join(_DENSE)}"
        )
    for member in layer:
        if member not in {"type", "activation", "shape", "weights"}:
            raise unsupported(f"{what} has a member {named(member)}, which means nothing here")
    hidden, width = _last(layer.get("shape"), f"shape of {what}"), chain.width
    weights, function = layer.get("weights"), layer.get("activation", "")
    at, axis = (1, 0) if kind in _BLOCKS else (0, 1)
    if isinstance(weights, list) and len(weights) > at:
        matrix = arrays.from_lists(weights[at], f"array {at + 1} of {what}")
        hidden = of_weights(matrix, axis, hidden, what, chain.net.notes)
    tall = _BLOCKS.get(kind, 1) * hidden
    shapes: list[tuple[int, ...]] = [(width, tall)]
    if kind in _BLOCKS:
        shapes += [(hidden, tall), (2, tall) if kind == "gru" else (tall,)]
    else:
        shapes += [(tall,)]
    if not isinstance(weights, list) or len(weights) != len(shapes):
        raise malformed(f"{what} has not the {len(shapes)} arrays that it needs: {_AGAIN}")
    if function not in ("", *(("tanh",) if kind in _BLOCKS else _FUNCTIONS)):
        raise unsupported(
            f"{what} has the activation {named(str(function))}, which is not carried there"
        )
    pairs = enumerate(zip(weights, shapes, strict=True))
    w = [fitting(array, shape, f"array {k + 1} of {what}") for k, (array, shape) in pairs]
    if kind == "lstm":
        chain.cell(kind, hidden, {"W": w[0], "R": w[1], "b": w[2]})
    elif kind == "gru":
        W, R, both = (_turned(array) for array in w)
        chain.cell(kind, hidden, {"W": W, "R": R, **two_biases(both[0], both[1], hidden)})
        chain.net.notes.changed(
            "gates of a GRU from z, r, h to r, z, n; two biases added up where one is kept"
        )
    else:
        chain.dense(w[0], w[1])
        if function:
            chain.net.layer("activation", function=function)


def _turned(array: Float64) -> Float64:
    """Blocks z, r, h → r, z, n."""
    z, r, n = np.split(array, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


# --- both ---------------------------------------------------------------------------------------------------------


def fitting(value: Value, shape: tuple[int, ...], name: str) -> Float64:
    """An array of this shape. Raises Refused."""
    array = arrays.from_lists(value, name)
    if array.shape != shape:
        raise misfit(
            f"{named(name)} is {list(array.shape)}, and the sizes in the file ask for {list(shape)}: it is of another net, or damaged"
        )
    return array


def size(about: Mapping[str, Value], name: str, most: int = 65_536) -> int:
    """A size of model_data. Raises Refused."""
    number = about.get(name)
    if type(number) is not float or not number.is_integer() or not 1 <= number <= most:
        raise malformed(f"{name} is no whole number from 1 to {most:,}: {_AGAIN}")
    return int(number)


def channels(count: Value, name: str) -> int:
    """How many channels skip the net, as a number or as true. Raises Refused."""
    if isinstance(count, bool):
        return int(count)
    if not isinstance(count, float) or not count.is_integer() or not 0 <= count <= 65_536:
        raise malformed(f"{name} is no number of channels: {_AGAIN}")
    return int(count)


def _last(shape: Value, what: str) -> int:
    """The last size of a shape such as [null, null, 1]. Raises Refused."""
    number = shape[-1] if isinstance(shape, list) and shape else None
    if type(number) is not float or not number.is_integer() or not 1 <= number <= 65_536:
        raise malformed(f"{what} does not end in a whole number from 1: {_AGAIN}")
    return int(number)
