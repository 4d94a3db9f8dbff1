"""The peer PyTorch: RNN with tanh and relu, LSTM, GRU in stacks and both ways, LayerNorm, on the CPU in float32."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from interop.draw import BOTH_WAYS, FORWARD, Kind
from interop.net import Activation, Call, Float32, Net, Norm, Recurrent, Result

NAME, VERSION = "PyTorch", torch.__version__
TANH, SIGMOID, RELU = Activation("tanh"), Activation("sigmoid"), Activation("relu")
STACK: dict[str, Any] = {"layers": 3, "directions": (FORWARD, BOTH_WAYS)}
LSTM = ((SIGMOID,), (TANH,), (TANH,))
KINDS = {
    "RNN tanh": Kind("elman", ((TANH,),), **STACK),
    "RNN relu": Kind("elman", ((RELU,),), **STACK),
    "LSTM": Kind("lstm", LSTM, **STACK),
    "LSTM proj_size": Kind("lstm", LSTM, projection=True, **STACK),
    "GRU": Kind("gru", ((SIGMOID,), (TANH,)), "after", **STACK),
    "LSTM, each layer with a LayerNorm": Kind("lstm", LSTM, norm=True, **STACK),
    "LayerNorm": Kind(""),
}
SHORTEST = 1  # pack_padded_sequence refuses a length of 0
torch.set_num_threads(1)  # for nets as small as these, a second thread is eighty times slower
ROLES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
Values = list[torch.Tensor]


def module(layers: Sequence[Recurrent]) -> torch.nn.RNNBase:
    """Layers of one form; PyTorch has the order of SPEC.md's blocks, and [outputs, inputs]."""
    first = layers[0]
    kind = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[first.kind]
    more: dict[str, Any] = {}
    if first.kind == "elman":
        more["nonlinearity"] = first.activations[0].function
    if first.weights[0].Q is not None:
        more["proj_size"] = first.P
    made = kind(
        first.I,
        first.H,
        num_layers=len(layers),
        bias=first.weights[0].input_bias is not None,
        batch_first=True,
        bidirectional=len(first.weights) == 2,
        **more,
    )
    stored = {}
    for number, layer in enumerate(layers):
        for weights, suffix in zip(layer.weights, ("", "_reverse"), strict=False):
            matrices = (weights.W, weights.R, weights.input_bias, weights.recurrent_bias, weights.Q)
            for role, values in zip(ROLES, matrices, strict=True):
                if values is not None:
                    stored[f"{role}_l{number}{suffix}"] = torch.tensor(values.T)
    made.load_state_dict(stored)
    return made


def norm(layer: Norm) -> torch.nn.LayerNorm:
    """LayerNorm over the last dimension."""
    made = torch.nn.LayerNorm(len(layer.gamma), eps=layer.epsilon)
    made.load_state_dict({"weight": torch.tensor(layer.gamma), "bias": torch.tensor(layer.beta)})
    return made


def pieces(net: Net) -> list[Norm | list[Recurrent]]:
    """The layers as modules have them: recurrent ones behind each other are one."""
    found: list[Norm | list[Recurrent]] = []
    for layer in net.layers:
        if isinstance(layer, Norm):
            found.append(layer)
        elif found and isinstance(found[-1], list):
            found[-1].append(layer)
        else:
            found.append([layer])
    return found


def run(net: Net, call: Call) -> Result:
    """The same call."""
    y = torch.tensor(call.x)
    lengths = None if call.lengths is None else torch.tensor(call.lengths)
    hs: Values = []
    cs: Values = []
    with torch.no_grad():
        for piece in pieces(net):
            if isinstance(piece, Norm):
                y = norm(piece)(y)
                continue
            given = slice(len(hs), len(hs) + sum(len(layer.weights) for layer in piece))
            state: Any = None if call.h is None else stacked(call.h[given])
            if call.c is not None:
                state = (state, stacked(call.c[given]))
            made = module(piece)
            if lengths is None:
                y, after = made(y, state)
            else:
                packed = pack_padded_sequence(y, lengths, batch_first=True, enforce_sorted=False)
                y, after = made(packed, state)
                y, _ = pad_packed_sequence(y, batch_first=True, total_length=call.x.shape[1])
            h, c = after if net.has_c else (after, ())
            hs += list(h)
            cs += list(c)
    output = np.array(y)
    if call.lengths is not None:  # LayerNorm knows no lengths: what it makes of padding is nothing
        output[np.arange(output.shape[1]) >= call.lengths[:, None]] = 0
    return Result(output, tuple(np.asarray(h) for h in hs), tuple(np.asarray(c) for c in cs))


def stacked(arrays: Sequence[Float32]) -> torch.Tensor:
    """[directions and layers, N, width]."""
    return torch.tensor(np.stack(arrays))
