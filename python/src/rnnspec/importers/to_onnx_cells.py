"""to_onnx_cells: recurrent layers as the operators RNN, LSTM and GRU of ONNX have them."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from rnnspec import Activation, ElmanLayer, GruLayer, LstmLayer
from rnnspec.importers.arrays import blocks
from rnnspec.importers.onnx_writer import Attribute
from rnnspec.importers.refusal import Refused, not_carried
from rnnspec.model import RecurrentLayer
from rnnspec.tensor import Float32

FUNCTIONS: Final = {
    "linear": "Affine",  # with alpha = 1 and beta = 0
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "hard_sigmoid": "HardSigmoid",
    "thresholded_relu": "ThresholdedRelu",
    "scaled_tanh": "ScaledTanh",
}
_GATES: Final = {"elman": ("h", "h"), "lstm": ("ifco", "iofc"), "gru": ("rzh", "zrh")}
OPERATORS: Final = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}


def check(layer: RecurrentLayer) -> None:
    """Raises Refused for what the operators of ONNX do not compute."""
    if isinstance(layer, LstmLayer):
        if layer.projection_size is not None:
            raise _lacks(layer, "a projection")
        if layer.cell_clip is not None:
            raise _lacks(layer, "a clip of the cell, only one of the pre-activations")
        if layer.peephole == "full":
            raise _lacks(layer, "full peepholes, only diagonal ones")
        if layer.coupled == "input":
            raise _lacks(
                layer,
                "an input gate made of the forget gate, only the forget gate of the input gate",
            )
    for activation in _functions(layer):
        if activation.function not in FUNCTIONS:
            raise _lacks(layer, f"the activation {activation.function} in a cell")


def _lacks(layer: RecurrentLayer, what: str) -> Refused:
    return not_carried(
        f"the layer \"{layer.name}\" can't go over: ONNX's {OPERATORS[layer.type]} has not {what}"
    )


def _functions(layer: RecurrentLayer) -> list[Activation]:
    if isinstance(layer, ElmanLayer):
        return [layer.activation]
    names = (
        ("gates", "candidate", "output") if isinstance(layer, LstmLayer) else ("gates", "candidate")
    )
    return [layer.activations[name] for name in names]


def attributes_of(layer: RecurrentLayer, directions: int) -> dict[str, Attribute]:
    """Of the operator of a layer, `directions` of it."""
    functions = _functions(layer) * directions
    attributes: dict[str, Attribute] = {
        "hidden_size": layer.hidden_size,
        "direction": layer.direction or "forward",
        "activations": [FUNCTIONS[one.function] for one in functions],
    }
    usual = {"alpha": 1.0, "beta": 0.0}  # of Affine, which makes `linear`
    for key, value in usual.items():
        linear = {"linear": value}
        given = [linear.get(one.function, getattr(one, key)) for one in functions]
        numbers = [float(number) for number in given if number is not None]
        if numbers:
            attributes[f"activation_{key}"] = numbers
    if layer.clip is not None:
        attributes["clip"] = float(layer.clip)
    if isinstance(layer, GruLayer):
        attributes["linear_before_reset"] = int(layer.reset == "after")
    if isinstance(layer, LstmLayer) and layer.coupled == "forget":
        attributes["input_forget"] = 1
    return attributes


def roles_of(
    layer: RecurrentLayer, parameters: Mapping[str, Float32], way: str
) -> dict[str, Float32]:
    """W, R, B and P of one direction, as ONNX has them."""
    H = layer.hidden_size
    ours, theirs = _GATES[layer.type]
    given = {
        role.removesuffix(way): values for role, values in parameters.items() if role.endswith(way)
    }
    if isinstance(layer, LstmLayer) and layer.coupled == "forget":
        given = {role: _with_forget(role, values, H) for role, values in given.items()}
    of_W = given.get("b", np.zeros(len(ours) * H, np.float32))
    of_R = np.zeros_like(of_W)
    if "rb" in given:
        of_R[2 * H :] = given["rb"]
    bias = [blocks(one, ours, theirs) for one in (of_W, of_R)]
    roles = {
        "W": blocks(given["W"], ours, theirs).T,
        "R": blocks(given["R"], ours, theirs).T,
        "B": np.concatenate(bias),
    }
    if "p" in given:
        roles["P"] = blocks(given["p"].reshape(-1), "ifo", "iof")
    return roles


def _with_forget(role: str, values: Float32, H: int) -> Float32:
    """With zeros where ONNX wants the weights of a forget gate that it does not read then."""
    if role == "p":
        return np.insert(values, 1, 0, axis=0)
    if role not in {"W", "R", "b"}:
        return values
    shape = (*values.shape[:-1], H)
    return np.concatenate([values[..., :H], np.zeros(shape, np.float32), values[..., H:]], axis=-1)
