"""PyTorch as a runtime: `python -m conformance.peers.pytorch` is the adapter.

nn.RNN, nn.LSTM and nn.GRU run the cells that they can express; the others, such as a GRU with reset before, are
made of tensor operations, each of them PyTorch's own.
"""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from conformance.oracle.activation import Activation
from conformance.oracle.net import Layer
from conformance.peers import cells
from conformance.peers.features import FEATURES
from conformance.peers.serve import Float32, Parts, serve

TANH, SIGMOID, RELU = Activation("tanh"), Activation("sigmoid"), Activation("relu")


class Operations:
    """Of cells.Operations."""

    add, subtract, multiply, matmul = torch.add, torch.sub, torch.mul, torch.matmul

    def constant(self, rows: list[list[float]]) -> torch.Tensor:
        return torch.tensor(rows, dtype=torch.float32)

    def block(self, a: torch.Tensor, number: int, size: int) -> torch.Tensor:
        return a[:, number * size : number * size + size]

    def activation(self, given: Activation, a: torch.Tensor) -> torch.Tensor:
        alpha, beta = given.alpha, given.beta
        match given.function:
            case "linear":
                return a
            case "leaky_relu":
                return functional.leaky_relu(a, alpha)
            case "elu":
                return functional.elu(a, alpha)
            case "softplus":
                return functional.softplus(a)
            case "softsign":
                return functional.softsign(a)
            case "hard_sigmoid":
                return (alpha * a + beta).clamp(0.0, 1.0)
            case "hard_tanh":
                return functional.hardtanh(a)
            case "thresholded_relu":
                return functional.threshold(a, alpha, 0.0)
            case "scaled_tanh":
                return alpha * torch.tanh(beta * a)
        return {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}[given.function](a)


class PyTorch:
    """Of serve.Peer."""

    name = "PyTorch"
    version = torch.__version__
    features = FEATURES

    def __init__(self) -> None:
        self.to = Operations()
        self.modules: dict[int, tuple[Layer, Any]] = {}  # by id, with the layer so that it lives

    def first(self, layer: Layer, ids: npt.NDArray[np.int64]) -> Float32:
        tokens = torch.tensor(ids)
        if layer.type == "one_hot":
            return np.asarray(functional.one_hot(tokens, layer.size).to(torch.float32))
        return np.asarray(functional.embedding(tokens, self.to.constant(layer.parameters["E"])))

    def plain(self, layer: Layer, x: Float32) -> Float32:
        given, weights = torch.tensor(x), layer.parameters
        match layer.type:
            case "dense":
                bias = None if layer.bias is None else torch.tensor(layer.bias)
                made = functional.linear(given, self.to.constant(weights["W"]).T, bias)
            case "affine":
                made = given * self.to.constant(weights["s"]) + self.to.constant(weights["t"])
            case "softmax":
                made = torch.softmax(given, 1)
            case "log_softmax":
                made = torch.log_softmax(given, 1)
            case _:
                made = self.to.activation(layer.activations["activation"], given)
        return np.asarray(made)

    def cell(self, layer: Layer, x: Float32, old: Parts) -> Parts:
        given = torch.tensor(x)
        state = {part: torch.tensor(values) for part, values in old.items()}
        if id(layer) not in self.modules:
            self.modules[id(layer)] = layer, module(layer)
        made = self.modules[id(layer)][1]
        if made is None:
            new = cells.cell(self.to, layer, given, state)
        else:
            before = tuple(state[part][None] for part in layer.parts)
            _, after = made(given[:, None], before if layer.type == "lstm" else before[0])
            parts = after if layer.type == "lstm" else (after,)
            new = {part: values[0] for part, values in zip(layer.parts, parts, strict=True)}
        return {part: np.asarray(values) for part, values in new.items()}

    def evaluate(self, function: str, x: Float32) -> Float32:
        functions = {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh}
        return np.asarray(functions.get(function, torch.sigmoid)(torch.tensor(x)))


def module(layer: Layer) -> torch.nn.Module | None:
    """PyTorch's own module for a cell, if it has one."""
    used = list(layer.activations.values())
    named: dict[str, Any] = {}
    if layer.type == "elman" and used[0] in (TANH, RELU):
        kind, named = torch.nn.RNN, {"nonlinearity": used[0].function}
    elif layer.type == "lstm" and used == [SIGMOID, TANH, TANH]:
        kind = torch.nn.LSTM
    elif layer.type == "gru" and layer.reset == "after" and used == [SIGMOID, TANH]:
        kind = torch.nn.GRU
    else:
        return None
    made = kind(layer.inputs, layer.size, batch_first=True, **named)
    second = torch.zeros(made.bias_hh_l0.shape)
    if "rb" in layer.parameters:
        second[2 * layer.size :] = torch.tensor(layer.parameters["rb"][0])
    weights = {
        "weight_ih_l0": torch.tensor(layer.parameters["W"]).T,
        "weight_hh_l0": torch.tensor(layer.parameters["R"]).T,
        "bias_ih_l0": torch.zeros(second.shape) if layer.bias is None else torch.tensor(layer.bias),
        "bias_hh_l0": second,
    }
    made.load_state_dict(weights)
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        sys.exit(serve(PyTorch()))
