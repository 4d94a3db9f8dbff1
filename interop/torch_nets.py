"""Random modules of PyTorch there and back, and modules and models that must be refused."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import rnnspec
from interop.travel import Array, Count, Outputs
from rnnspec.importers import Refused

TOKENS = "abcdefghijklmnop"
ACTIVATIONS: tuple[Callable[[], nn.Module], ...] = (
    nn.ReLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.Softsign,
    nn.Softplus,
    lambda: nn.LeakyReLU(0.2),
    lambda: nn.ELU(0.7),
    nn.Hardtanh,
    nn.Hardsigmoid,
)
ENDS = ("all", "last", "final")


class Random(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """Recurrent layers one behind the other, and around them whatever chance puts there."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.tokens = rng.random() < 0.3
        self.width_in = width = int(rng.integers(1, 9))
        self.emb = nn.Embedding(len(TOKENS), width) if self.tokens else None
        self.first = bool(rng.integers(2))  # batch_first
        self.cells, self.between = nn.ModuleList(), nn.ModuleList()
        for _ in range(int(rng.integers(1, 3))):
            made, width = cell(rng, width, batch_first=self.first)
            self.cells.append(made)
            self.between.append(nn.LayerNorm(width) if rng.random() < 0.3 else nn.Dropout(0.5))
        self.end = ENDS[int(rng.integers(len(ENDS)))]
        self.head = nn.Linear(width, int(rng.integers(1, 6)), bias=bool(rng.integers(2)))
        self.activation = ACTIVATIONS[int(rng.integers(len(ACTIVATIONS)))]()
        self.soft = nn.LogSoftmax(-1) if rng.random() < 0.3 else nn.Identity()
        self.skip = rng.random() < 0.3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, …], or [T, N, …] where batch_first is not so."""
        y = x if self.emb is None else self.emb(x)
        if self.emb is not None and not self.first:
            y = y.transpose(0, 1)
        last = None
        for recurrent, between in zip(self.cells, self.between, strict=True):
            before = y
            y, state = recurrent(y)
            last = state[0] if isinstance(recurrent, nn.LSTM) else state
            y = between(y)
            if self.skip:
                y = torch.cat([y, before], -1)[..., : y.shape[-1]]
        if self.end == "last":
            y = y[:, -1] if self.first else y[-1]
        elif self.end == "final":
            assert last is not None, "there is a cell"
            y = torch.cat([last[-2], last[-1]], 1) if recurrent.bidirectional else last[-1]
        elif not self.first:
            y = y.permute(1, 0, 2)
        return self.soft(self.activation(self.head(y)))


def cell(rng: np.random.Generator, width: int, *, batch_first: bool) -> tuple[nn.Module, int]:
    """An nn.RNN, LSTM or GRU, and how wide its output is."""
    H = int(rng.integers(2, 17))
    kind = (nn.RNN, nn.LSTM, nn.GRU)[int(rng.integers(3))]
    options: dict[str, Any] = {
        "num_layers": int(rng.integers(1, 3)),
        "bias": rng.random() < 0.8,
        "bidirectional": rng.random() < 0.4,
        "batch_first": batch_first,
    }
    if kind is nn.RNN:
        options["nonlinearity"] = ("tanh", "relu")[int(rng.integers(2))]
    P = H
    if kind is nn.LSTM and rng.random() < 0.4:
        options["proj_size"] = P = int(rng.integers(1, H))
    return kind(width, H, **options), P * (2 if options["bidirectional"] else 1)


def one(rng: np.random.Generator, count: Count, _: Path) -> None:
    """A module, its model, and the module of that."""
    torch.manual_seed(int(rng.integers(2**31)))
    module = Random(rng).eval()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if "norm" not in name and parameter.ndim == 2:
                parameter.copy_(torch.randn_like(parameter) / math.sqrt(parameter.shape[1]))
    model = rnnspec.from_torch(module, tokens=TOKENS if module.tokens else None)
    back = rnnspec.to_torch(model)
    what = f"net {count.nets}"
    count.nets += 1
    N, T = int(rng.integers(1, 5)), int(rng.integers(1, 13))
    x = rng.integers(0, len(TOKENS), (N, T)) if module.tokens else rng.normal(size=(N, T, module.width_in)).astype(np.float32)  # fmt: skip
    turned = x if module.first or module.tokens else x.swapaxes(0, 1)
    plan = rnnspec.compile(model)
    output, state = rnnspec.run(plan, x)
    with torch.no_grad():
        given = torch.from_numpy(np.ascontiguousarray(turned))
        original = {"output": module(given).numpy()}
        count.judge(what, "rnnspec", original, {"output": np.asarray(output)})
        count.judge(what, "torch again", original, {"output": back(torch.from_numpy(x)).numpy()})
        start = {
            name: {key: rng.normal(size=a.shape).astype(np.float32) for key, a in arrays.items()}
            for name, arrays in state.items()
        }
        output, after = rnnspec.run(plan, x, state=start)
        count.bits(what, model, x, None, start, (np.asarray(output), after))
        ours = _flat(output, after)
        tensors = {n: {k: torch.from_numpy(a) for k, a in s.items()} for n, s in start.items()}
        y, ends = back.run(torch.from_numpy(x), tensors)
        theirs = _flat(
            y.numpy(), {n: {k: t.numpy() for k, t in s.items()} for n, s in ends.items()}
        )
    count.judge(what, "torch again, with states", ours, theirs)
    lengths = rng.integers(1, T + 1, N)
    output, after = rnnspec.run(plan, x, lengths=lengths, state=start)
    count.bits(f"{what}, lengths", model, x, lengths, start, (np.asarray(output), after))
    with torch.no_grad():
        y, ends = back.run(torch.from_numpy(x), tensors, lengths.tolist())
    theirs = _flat(y.numpy(), {n: {k: t.numpy() for k, t in s.items()} for n, s in ends.items()})
    count.judge(what, "torch again, with lengths", _flat(output, after), theirs)


def _flat(output: Any, state: Any) -> Outputs:  # noqa: ANN401  of numpy or of rnnspec
    found: dict[str, Array] = {"output": np.asarray(output)}
    found |= {
        f"{name}/{key}": np.asarray(a)
        for name, arrays in state.items()
        for key, a in arrays.items()
    }
    return found


# --- what must be refused ---------------------------------------------------------------------------------


@dataclass
class Missed:
    """Which near-misses were refused, and which were taken."""

    refused: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


class _With(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """An LSTM, and then whatever is given."""

    def __init__(self, then: Callable[..., Any], *parts: nn.Module) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, 2, batch_first=True)
        self.parts = nn.ModuleList(parts)
        self._then = then

    def forward(self, x: torch.Tensor) -> Any:  # noqa: ANN401  whatever it is
        y, (_, c) = self.lstm(x)
        return self._then(y, c) if self._then.__code__.co_argcount == 2 else self._then(y)


class _Loop(nn.Module):  # type: ignore[misc]  # of torch
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = None
        for k in range(x.size(1)):
            state = self.cell(x[:, k], state)
        assert state is not None, "there is a step"
        return state[0]


class _Handed(nn.Module):  # type: ignore[misc]  # of torch
    """The state of one layer begins another."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.LSTM(3, 4, batch_first=True), nn.LSTM(3, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.b(x, self.a(x)[1])
        return y


def _then(then: Callable[..., Any]) -> object:
    return rnnspec.from_torch(_With(then))


def _odd(kind: str, **members: object) -> rnnspec.Model:
    """A model of one recurrent layer with something that PyTorch has not."""
    B = {"elman": 1, "gru": 3, "lstm": 4}[kind]
    functions = {
        n: {"function": f}
        for n, f in (("gates", "sigmoid"), ("candidate", "tanh"), ("output", "tanh"))
    }
    usual: dict[str, dict[str, object]] = {
        "elman": {"activation": {"function": "tanh"}},
        "gru": {"reset": "after", "activations": {n: functions[n] for n in ("gates", "candidate")}},
        "lstm": {"activations": functions},
    }
    layer = {"name": "cell", "type": kind, "hidden_size": 2, **usual[kind], **members}
    arrays = {"W": np.ones((1, 2 * B)), "R": np.ones((2, 2 * B))}
    if "peephole" in members:
        arrays["p"] = np.ones((3, 2))
    if "coupled" in members:
        arrays = {"W": np.ones((1, 6)), "R": np.ones((2, 6))}
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [{**layer, "parameters": {role: role for role in arrays}}],
            "output": {"kind": "values"},
            "tensors": arrays,
        }
    )


_HARD = {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}
_NEAR: dict[str, tuple[str, Callable[[], object]]] = {
    "GELU": ("GELU", lambda: rnnspec.from_torch(nn.Sequential(nn.Linear(3, 4), nn.GELU()))),
    "attention": ("MultiheadAttention", lambda: rnnspec.from_torch(nn.MultiheadAttention(4, 1))),
    "BatchNorm1d": ("BatchNorm1d", lambda: rnnspec.from_torch(nn.Sequential(nn.BatchNorm1d(3)))),
    "a mean over time": ("mean", lambda: _then(lambda y: y.mean(1))),
    "a step in the middle": ("place 3", lambda: _then(lambda y: y[:, 3])),
    "features cut": ("cuts", lambda: _then(lambda y: y[..., :2])),
    "the cell state": ("cell state", lambda: _then(lambda _, c: c[-1])),
    "a branch on data": ("torch.fx", lambda: _then(lambda y: y if y.sum() > 0 else -y)),
    "a loop over a cell": ("torch.fx", lambda: rnnspec.from_torch(_Loop())),
    "a state handed over": ("other layers", lambda: rnnspec.from_torch(_Handed())),
    "output and states at once": ("take [0] of it", lambda: rnnspec.from_torch(nn.Sequential(nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)))),
    "softmax over time": ("along the axis 1", lambda: _then(lambda y: y.softmax(1))),
    "softplus of another beta": ("beta", lambda: rnnspec.from_torch(nn.Sequential(nn.Linear(3, 4), nn.Softplus(2.0)))),
    "an embedding with max_norm": ("max_norm", lambda: rnnspec.from_torch(nn.Sequential(nn.Embedding(3, 4, max_norm=1.0)), tokens="abc")),
    "no vocabulary": ("--tokens", lambda: rnnspec.from_torch(nn.Sequential(nn.Embedding(3, 4)))),
    "to_torch: an elman of sigmoid": ("sigmoid", lambda: rnnspec.to_torch(_odd("elman", activation={"function": "sigmoid"}))),
    "to_torch: hard gates": ("hard_sigmoid for gates", lambda: rnnspec.to_torch(_odd("lstm", activations={"gates": _HARD, "candidate": {"function": "tanh"}, "output": {"function": "tanh"}}))),
    "to_torch: reset before": ("reset before", lambda: rnnspec.to_torch(_odd("gru", reset="before"))),
    "to_torch: peepholes": ("peepholes", lambda: rnnspec.to_torch(_odd("lstm", peephole="diagonal"))),
    "to_torch: coupled gates": ("coupled", lambda: rnnspec.to_torch(_odd("lstm", coupled="input"))),
    "to_torch: clip": ("a clip", lambda: rnnspec.to_torch(_odd("gru", clip=1.0))),
    "to_torch: cell_clip": ("a clip", lambda: rnnspec.to_torch(_odd("lstm", cell_clip=1.0))),
}  # fmt: skip


def near_misses() -> Missed:
    """All of them, once; refused counts only with the words that name what is wrong."""
    missed = Missed()
    for name, (words, attempt) in _NEAR.items():
        try:
            attempt()
            missed.taken.append(name)
        except Refused as refused:
            (missed.refused if words in str(refused) else missed.taken).append(f"{name}: {refused}")
    return missed
