"""PyTorch: its module over whole layers, or its cells one step at a time; eager or traced and frozen; with mkldnn and without.

Everything runs under inference_mode, which does what no_grad does and a little more.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

import rnnspec
from bench.catalogue import CALLS, EMBEDDING, TOKENS, Float32, Net
from bench.python.contest import Contestant, Task, around
from bench.python.ours import file_of

Arrays = dict[str, Float32]
WHOLE = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}
CELL = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "elman": nn.RNNCell}
# Our blocks i, f, g, o and r, z, n are PyTorch's too.


def filled(module: nn.Module, suffix: str, weights: Arrays, name: str, hidden: int) -> None:
    """Copies the weights of one recurrent layer into a module or a cell."""
    bias = np.zeros_like(weights[f"{name}.b"])
    if f"{name}.rb" in weights:
        bias[2 * hidden :] = weights[f"{name}.rb"]
    given = {
        "weight_ih": weights[f"{name}.W"].T,
        "weight_hh": weights[f"{name}.R"].T,
        "bias_ih": weights[f"{name}.b"],
        "bias_hh": bias,
    }
    for role, array in given.items():
        getattr(module, role + suffix).data.copy_(torch.from_numpy(array.copy()))


class Ends(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """What stands around the recurrent layers."""

    def __init__(self, net: Net, weights: Arrays) -> None:
        super().__init__()
        self.text = net.text
        self.before: nn.Module = nn.Identity()
        if net.text:
            self.before = nn.Embedding(TOKENS, EMBEDDING)
            self.before.weight.data.copy_(torch.from_numpy(weights["embedding.E"].copy()))
        self.after = nn.Linear(net.hidden, net.width)
        self.after.weight.data.copy_(torch.from_numpy(weights["dense.W"].T.copy()))
        self.after.bias.data.copy_(torch.from_numpy(weights["dense.b"].copy()))

    def out(self, y: torch.Tensor) -> torch.Tensor:
        """The output of the last recurrent layer's."""
        y = self.after(y)
        return torch.softmax(y, -1) if self.text else y


class Whole(Ends):
    """Sequences [time, batch]; the state is that of nn.LSTM, nn.GRU or nn.RNN."""

    def __init__(self, net: Net, weights: Arrays) -> None:
        super().__init__(net, weights)
        self.layers = WHOLE[net.kind](EMBEDDING if net.text else 1, net.hidden, net.layers)
        for k in range(net.layers):
            filled(self.layers, f"_l{k}", weights, f"{net.kind}{k + 1}", net.hidden)

    def forward(self, x: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        y, state = self.layers(self.before(x), state)
        return self.out(y), state


class Cells(Ends):
    """One step of [batch]; the state is a tuple of the cells' ones."""

    def __init__(self, net: Net, weights: Arrays) -> None:
        super().__init__(net, weights)
        self.is_lstm = net.kind == "lstm"
        self.cells = nn.ModuleList()
        width = EMBEDDING if net.text else 1
        for k in range(net.layers):
            self.cells.append(CELL[net.kind](width, net.hidden))
            filled(self.cells[k], "", weights, f"{net.kind}{k + 1}", net.hidden)
            width = net.hidden

    def forward(self, x: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        y, after = self.before(x), []
        for cell, given in zip(self.cells, state, strict=True):
            new = cell(y, given)
            y = new[0] if self.is_lstm else new
            after.append(new)
        return self.out(y), tuple(after)


class Torch(Contestant):
    """One of the modules, in one of the ways."""

    def __init__(self, task: Task, *, cells: bool, traced: bool, mkldnn: bool) -> None:
        self.task = task
        net, rows = task.net, CALLS[task.mode][0]
        self._cells, self._mkldnn = cells, mkldnn
        model = rnnspec.load(file_of(task, "float32"))
        weights = {name: np.asarray(tensor.values) for name, tensor in model.tensors.items()}
        self.module: Any = (Cells if cells else Whole)(net, weights).eval()
        turned = [torch.from_numpy(np.ascontiguousarray(x.swapaxes(0, 1))) for x in task.pieces()]
        self._pieces = [x[0] for x in turned] if cells else turned
        shape = (rows, net.hidden) if cells else (net.layers, rows, net.hidden)
        is_pair = net.kind == "lstm"
        one = (torch.zeros(shape), torch.zeros(shape)) if is_pair else torch.zeros(shape)
        self.zero: Any = (one,) * net.layers if cells else one
        self._after = self.zero
        if traced:
            with torch.backends.mkldnn.flags(enabled=mkldnn), torch.inference_mode():
                example = (self._pieces[0], self.zero)
                self.module = torch.jit.freeze(torch.jit.trace(self.module, example))

    def turn(self, calls: int) -> None:
        """See Contestant."""
        module, after = self.module, self._after
        with torch.backends.mkldnn.flags(enabled=self._mkldnn), torch.inference_mode():
            if self.task.is_carried:
                for x in around(self._pieces, calls):
                    _, after = module(x, after)
            else:
                for x in around(self._pieces, calls):
                    module(x, after)
        self._after = after

    def outputs(self) -> Iterator[Float32]:
        """See Contestant."""
        after = self.zero
        for x in self._pieces:
            with torch.backends.mkldnn.flags(enabled=self._mkldnn), torch.inference_mode():
                y, new = self.module(x, after)
            after = new if self.task.is_carried else after
            array: Float32 = y.numpy()
            yield array[:, None] if self._cells else array.swapaxes(0, 1)


def ways(task: Task) -> dict[str, Callable[[Task], Contestant]]:
    """All that are worth trying. At each call with mkldnn the weights are packed again: that is for long calls."""
    if task.mode == "step":
        return {
            "module": partial(Torch, cells=False, traced=False, mkldnn=False),
            "module, traced": partial(Torch, cells=False, traced=True, mkldnn=False),
            "cells, traced": partial(Torch, cells=True, traced=True, mkldnn=False),
        }
    return {
        "module": partial(Torch, cells=False, traced=False, mkldnn=False),
        "module, mkldnn": partial(Torch, cells=False, traced=False, mkldnn=True),
        "module, traced, mkldnn": partial(Torch, cells=False, traced=True, mkldnn=True),
    }


def versions() -> dict[str, str]:
    """Of what was timed."""
    return {"pytorch": torch.__version__}
