"""PyTorch as a runtime: `python -m conformance.peers.pytorch` is the adapter.

nn.RNN, nn.LSTM and nn.GRU run the layers that they can express, over whole packed sequences and both ways; the others,
such as a GRU with reset before, are made of tensor operations step by step, each of them PyTorch's own.
"""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from conformance.oracle.activation import Activation
from conformance.oracle.net import Layer
from conformance.peers import cells
from conformance.peers.features import FEATURES
from conformance.peers.net import Float32, Lengths, Parts, reversed_steps, stepwise
from conformance.peers.serve import serve

TANH, SIGMOID, RELU = Activation("tanh"), Activation("sigmoid"), Activation("relu")


class Operations:
    """Of cells.Operations."""

    add, subtract, multiply, matmul = torch.add, torch.sub, torch.mul, torch.matmul

    def constant(self, rows: list[list[float]]) -> torch.Tensor:
        return torch.tensor(rows, dtype=torch.float32)

    def clip(self, a: torch.Tensor, bound: float) -> torch.Tensor:
        return a.clamp(-bound, bound)

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
    """Of net.Peer."""

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
            case "layer_norm":
                gamma, beta = (torch.tensor(weights[role][0]) for role in ("gamma", "beta"))
                made = functional.layer_norm(given, gamma.shape, gamma, beta, layer.epsilon)
            case "softmax":
                made = torch.softmax(given, 1)
            case "log_softmax":
                made = torch.log_softmax(given, 1)
            case _:
                made = self.to.activation(layer.activations["activation"], given)
        return np.asarray(made)

    def combined(self, kind: str, x: list[Float32]) -> Float32:
        return np.asarray(cells.combined(self.to, kind, [torch.tensor(v) for v in x]))

    def recurrent(
        self, layer: Layer, x: Float32, lengths: Lengths, old: Parts
    ) -> tuple[list[Float32], Parts]:
        if id(layer) not in self.modules:
            self.modules[id(layer)] = layer, module(layer)
        made = self.modules[id(layer)][1]
        if made is None:
            return stepwise(self.step, layer, x, lengths, old)
        backwards = layer.direction == "reverse"  # it has forward and both: the steps are turned
        packed = pack_padded_sequence(
            torch.tensor(reversed_steps(x, lengths) if backwards else x),
            torch.tensor(lengths),
            batch_first=True,
            enforce_sorted=False,
        )
        suffixes = [suffix for suffix, _ in layer.halves]
        before = [
            torch.tensor(np.stack([old[part + suffix] for suffix in suffixes]))
            for part in layer.own_parts
        ]
        found, after = made(packed, tuple(before) if layer.type == "lstm" else before[0])
        y = np.asarray(pad_packed_sequence(found, batch_first=True)[0])
        parts = after if layer.type == "lstm" else (after,)
        new = {
            part + suffix: np.asarray(values[k])
            for part, values in zip(layer.own_parts, parts, strict=True)
            for k, suffix in enumerate(suffixes)
        }
        outputs = np.split(y, len(suffixes), axis=2)
        return ([reversed_steps(y, lengths)] if backwards else outputs), new

    def step(self, layer: Layer, x: Float32, old: Parts) -> Parts:
        """One step of a cell that no module has."""
        state = {part: torch.tensor(values) for part, values in old.items()}
        new = cells.step(self.to, layer, torch.tensor(x), state)
        return {part: np.asarray(values) for part, values in new.items()}

    def evaluate(self, function: str, x: Float32) -> Float32:
        functions = {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh}
        return np.asarray(functions.get(function, torch.sigmoid)(torch.tensor(x)))


def module(layer: Layer) -> torch.nn.Module | None:
    """PyTorch's own module for a layer, if it has one."""
    used = list(layer.activations.values())
    named: dict[str, Any] = {}
    if layer.clip is not None or layer.cell_clip is not None or layer.peephole or layer.coupled:
        return None
    if layer.projection is not None:
        biased = any(role.startswith("qb") for role in layer.parameters)
        if biased or layer.projection_clip is not None or layer.projection >= layer.hidden:
            return None
        named["proj_size"] = layer.projection
    if layer.type == "elman" and used[0] in (TANH, RELU):
        kind, named = torch.nn.RNN, {"nonlinearity": used[0].function}
    elif layer.type == "lstm" and used == [SIGMOID, TANH, TANH]:
        kind = torch.nn.LSTM
    elif layer.type == "gru" and layer.reset == "after" and used == [SIGMOID, TANH]:
        kind = torch.nn.GRU
    else:
        return None
    both = layer.direction == "bidirectional"
    made = kind(layer.inputs, layer.hidden, batch_first=True, bidirectional=both, **named)
    weights: dict[str, torch.Tensor] = {}
    for suffix, half in layer.halves:
        second = torch.zeros(made.bias_hh_l0.shape)
        if "rb" in half.parameters:
            second[2 * half.hidden :] = torch.tensor(half.parameters["rb"][0])
        first = torch.zeros(second.shape) if half.bias is None else torch.tensor(half.bias)
        weights |= {
            "weight_ih_l0" + suffix: torch.tensor(half.parameters["W"]).T,
            "weight_hh_l0" + suffix: torch.tensor(half.parameters["R"]).T,
            "bias_ih_l0" + suffix: first,
            "bias_hh_l0" + suffix: second,
        }
        if "Q" in half.parameters:
            weights["weight_hr_l0" + suffix] = torch.tensor(half.parameters["Q"]).T
    made.load_state_dict(weights)
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    with torch.no_grad():
        sys.exit(serve(PyTorch()))
