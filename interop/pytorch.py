"""The peer PyTorch: RNN with tanh and relu, LSTM, GRU, on the CPU in float32."""

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from interop.cell import Activation, Call, Cell, Form, Result

NAME, VERSION = "PyTorch", torch.__version__
TANH, SIGMOID = Activation("tanh"), Activation("sigmoid")
KINDS = {
    "RNN tanh": Form("elman", (TANH,)),
    "RNN relu": Form("elman", (Activation("relu"),)),
    "LSTM": Form("lstm", (SIGMOID, TANH, TANH)),
    "GRU": Form("gru", (SIGMOID, TANH), "after"),
}
SHORTEST = 1  # pack_padded_sequence refuses a length of 0


def run(cell: Cell, call: Call) -> Result:
    """The same call; PyTorch has the order of SPEC.md's blocks, and [outputs, inputs]."""
    kind = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell.kind]
    more = {"nonlinearity": cell.activations[0].function} if cell.kind == "elman" else {}
    net = kind(cell.I, cell.H, batch_first=True, **more)
    given = (cell.W.T, cell.R.T, cell.input_bias, cell.recurrent_bias)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    net.load_state_dict({name: torch.tensor(v) for name, v in zip(names, given, strict=True)})
    x = torch.tensor(call.x)
    state = None
    if call.h is not None:
        h = torch.tensor(call.h)[None]
        state = h if call.c is None else (h, torch.tensor(call.c)[None])
    with torch.no_grad():
        if call.lengths is None:
            y, after = net(x, state)
        else:
            lengths = torch.tensor(call.lengths)
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            y, after = net(packed, state)
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
    h, c = after if cell.kind == "lstm" else (after, None)
    return Result(np.asarray(y), np.asarray(h[0]), None if c is None else np.asarray(c[0]))
