"""Writes the nets of this folder with the real PyTorch, and expected.json, what it computes with them.

    build/interop-venv/bin/python python/tests/importers/rtneural_torch_files/make.py

The JSON is what RTNeural's torch_helpers load: each parameter of the state_dict as nested lists.
"""

import json
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).parent
T = 48


class Amp(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """A cell and a head, as people train amplifiers."""

    def __init__(self, cell: nn.Module, *head: nn.Module) -> None:
        super().__init__()
        self.lstm = cell
        for k, layer in enumerate(head):
            setattr(self, "dense" if len(head) == 1 else f"dense{k + 1}", layer)
        self.tanh = len(head) > 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.lstm(x)
        if not self.tanh:
            return self.dense(y)
        return self.dense2(torch.tanh(self.dense1(y)))


class HeadFirst(nn.Module):  # type: ignore[misc]  # of torch
    """Its constructor makes the head before the cell."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(5, 1)
        self.rec = nn.GRU(2, 5, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rec(x)[0])


def nets() -> dict[str, nn.Module]:
    return {
        "lstm": Amp(nn.LSTM(1, 6, batch_first=True), nn.Linear(6, 1)),
        "lstm_stack": Amp(nn.LSTM(2, 4, num_layers=3, batch_first=True), nn.Linear(4, 1)),
        "gru": Amp(nn.GRU(2, 5, batch_first=True), nn.Linear(5, 2)),
        "gru_stack": Amp(nn.GRU(1, 4, num_layers=2, batch_first=True), nn.Linear(4, 1)),
        "lstm_without_bias": Amp(nn.LSTM(1, 5, bias=False, batch_first=True), nn.Linear(5, 1, bias=False)),
        "gru_without_bias": Amp(nn.GRU(1, 5, bias=False, batch_first=True), nn.Linear(5, 1, bias=False)),
        "lstm_tanh": Amp(nn.LSTM(1, 5, batch_first=True), nn.Linear(5, 4), nn.Linear(4, 1)),
        "head_first": HeadFirst(),
    }  # fmt: skip


def main() -> None:
    torch.manual_seed(1)
    expected = {"torch": torch.__version__.partition("+")[0], "nets": {}}
    for name, net in nets().items():
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.mul_(4)  # loud: near 1, and not near 0
            width = next(m for m in net.modules() if isinstance(m, nn.RNNBase)).input_size
            steps = torch.arange(T)[:, None] * (0.7 + 0.31 * torch.arange(width))
            x = torch.round(torch.sin(1 + steps) * 512) / 256  # −2 … 2
            y = net(x[None])[0]
        lists = {key: value.tolist() for key, value in net.state_dict().items()}
        (FOLDER / f"{name}.json").write_text(json.dumps(lists))
        expected["nets"][name] = {"input": x.tolist(), "output": y.tolist()}
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
