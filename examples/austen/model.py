"""The net: Embedding -> two LSTM layers -> Linear, and how its parameters are kept in a file."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

EMBEDDING, HIDDEN, LAYERS = 48, 136, 2


class CharNet(nn.Module):
    def __init__(self, vocabulary, embedding=EMBEDDING, hidden=HIDDEN, layers=LAYERS):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, num_layers=layers)
        self.linear = nn.Linear(hidden, vocabulary)

    def forward(self, ids, state=None):
        """Ids [time, batch] -> logits [time, batch, vocabulary], (h, c) [layers, batch, hidden]."""
        y, state = self.lstm(self.embedding(ids), state)
        return self.linear(y), state


def float16_parameters(net):
    """The parameters as float16, by their names in state_dict.

    PyTorch's LSTM adds two biases, b_ih + b_hh. Their sum is put into b_ih and b_hh becomes
    zero, before the one rounding to float16: a format with a single bias can then hold the same
    numbers, exactly.
    """
    values = {k: v.detach().cpu().numpy().astype(np.float32) for k, v in net.state_dict().items()}
    for name in [k for k in values if ".bias_ih_" in k]:
        other = name.replace(".bias_ih_", ".bias_hh_")
        values[name] = values[name] + values[other]
        values[other] = np.zeros_like(values[other])
    out = {k: v.astype(np.float16) for k, v in values.items()}  # numpy rounds to nearest even
    if not all(np.isfinite(v).all() for v in out.values()):
        raise ValueError("a parameter does not fit into float16")
    return out


def load(path, dtype=torch.float32):
    """The net of an .npz file; float16 is widened, which is exact."""
    with np.load(path) as file:
        values = {k: torch.from_numpy(file[k].astype(np.float64)).to(dtype) for k in file.files}
    vocabulary, embedding = values["embedding.weight"].shape
    hidden = values["lstm.weight_hh_l0"].shape[1]
    layers = sum(".weight_hh_l" in k for k in values)
    net = CharNet(vocabulary, embedding, hidden, layers).to(dtype)
    net.load_state_dict(values)
    return net.eval()


def write(path, function):
    """Let function(file) write; the file appears under its name only when it is complete."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        function(file)
    part.replace(path)
