"""to_nam: an LSTM as a .nam file, which Neural Amp Modeler's plugin and its kin play.

One list has all weights. For each layer: the matrix [4H, I + H] row by row, columns of x first, gates i, f, g, o; the bias;
the h and the c that it begins with. Then the weights of the head, and its bias. nam.py reads it back.
"""

import json
from typing import Any, Final

import numpy as np

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
from rnnspec.model import DenseLayer, LstmLayer, Model
from rnnspec.tensor import Float32

# The file's version, not NAM's: every player since 2023 reads it, as an LSTM has not changed since.
VERSION: Final = "0.5.4"
_NAM: Final = "Neural Amp Modeler"
_KNOWN: Final = ("lstm", "dense", "activation")


def to_nam(model: Model, *, notes: Notes | None = None) -> bytes:
    """The bytes of a .nam file, version 0.5.4: LSTMs of one size, one behind the other, and a dense layer of 1.

    The states that the layers begin with go along, zeros where there are none; so do the model's name and the sample
    rate. `notes` gets what is to be known. Raises Refused for what NAM does not carry, naming it.
    """
    notes = Notes() if notes is None else notes
    given = check_features(model, _NAM)
    if given.size != 1:
        raise not_carried(
            f"the input (/input/size) can't go over: {_NAM} plays one channel, and this net reads {given.size} numbers a step; "
            "train it with one, a net for each setting of the knobs"
        )
    cells, head = _layers(model)
    weights = [number for cell in cells for number in _cell(model, cell)]
    last = parameters(model, head)
    weights += [last["W"].reshape(-1), bias(last)]
    metadata: dict[str, Any] = {} if model.name is None else {"name": model.name}
    members: dict[str, Any] = {
        "version": VERSION,
        "metadata": metadata,
        "architecture": "LSTM",
        "config": {
            "input_size": 1,
            "hidden_size": cells[0].hidden_size,
            "num_layers": len(cells),
        },
        "weights": shortest(np.concatenate(weights)),
    }
    if given.sample_rate is not None:
        rate = given.sample_rate
        members["sample_rate"] = int(rate) if float(rate).is_integer() else rate
    else:
        notes.left_out("sample_rate, which the model does not say; players take 48,000 for it")
    notes.understood(f"a file of version {VERSION}, which NAM reads since 2023")
    notes.assumed(
        "NAM's player runs half a second of silence before the first sample; rnnspec begins with the stored state"
    )
    tell_what_is_lost(model, notes, ("name", "input.sample_rate"))
    return (json.dumps(members, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _layers(model: Model) -> tuple[list[LstmLayer], DenseLayer]:
    """The LSTMs and the head. Raises Refused."""
    check(model, _NAM, _KNOWN)
    cells: list[LstmLayer] = []
    head: DenseLayer | None = None
    for k, layer in enumerate(model.layers):
        if is_identity(layer):
            continue
        if isinstance(layer, LstmLayer) and head is None:
            if cells and layer.hidden_size != cells[0].hidden_size:
                what = f"layers of one size alone, the first of {cells[0].hidden_size} units and this of {layer.hidden_size}"
                raise lacks(model, k, _NAM, what, "train them of one size")
            cells.append(layer)
        elif isinstance(layer, DenseLayer) and layer.size == 1 and cells and head is None:
            head = layer
        else:
            what = f"LSTMs and then one dense layer of 1, and no {layer.type} here"
            if isinstance(layer, DenseLayer) and layer.size != 1:
                what = f"one channel that comes out, and this dense layer gives {layer.size}"
            raise lacks(
                model, k, _NAM, what, "train it so, or export it with --to rtneural or onnx"
            )
    if head is None:
        raise not_carried(
            f"the net (/layers) can't go over: {_NAM} wants a dense layer of 1 behind the LSTMs, and there is none; add one"
        )
    return cells, head


def _cell(model: Model, layer: LstmLayer) -> list[Float32]:
    """A layer's numbers in the order of the file, flat."""
    given = parameters(model, layer)
    zeros = np.zeros(layer.hidden_size, np.float32)
    both = np.concatenate([given["W"], given["R"]]).T
    states = [given.get(role, zeros) for role in ("h0", "c0")]
    return [both.reshape(-1), bias(given), *states]
