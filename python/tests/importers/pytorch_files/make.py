"""Makes the files beside it with PyTorch 2.13.0, which is not needed to test them:

    build/interop-venv/bin/python python/tests/importers/pytorch_files/make.py

NAME.pt is a state_dict as torch.save writes it, NAME.npz its weights, the input and what PyTorch gave, in float64.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).resolve().parent
STEPS = 20
V = 11


def loud(module: nn.Module) -> nn.Module:
    """With weights so large that a mistake shows."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.7)
    return module


def given_ids() -> torch.Tensor:
    return torch.randint(0, V, (1, STEPS))


def keep(name: str, module: nn.Module, given: torch.Tensor, output: torch.Tensor) -> None:
    """NAME.npz: the numbers, for comparing."""
    weights = {key: value.double().numpy() for key, value in module.state_dict().items()}
    np.savez(HERE / f"{name}.npz", **weights, given=given.numpy(), output=output.detach().double().numpy())  # fmt: skip


def computed(links: list[nn.Module], given: torch.Tensor) -> torch.Tensor:
    """Of modules one after the other, in float64."""
    x = given if given.dtype == torch.int64 else given.double()
    for link in links:
        x = link.double()(x)
        x = x[0] if isinstance(x, tuple) else x
    return x


def save(
    name: str,
    links: dict[str, nn.Module],
    given: torch.Tensor,
    dtype: torch.dtype = torch.float32,
    **options: bool,
) -> None:
    module = loud(nn.ModuleDict(links).to(dtype))
    torch.save(module.state_dict(), HERE / f"{name}.pt", **options)
    keep(name, module, given, computed(list(links.values()), given))


def cells(name: str, cell: nn.Module, size: int) -> None:
    loud(cell)
    torch.save(cell.state_dict(), HERE / f"{name}.pt")
    x, outputs, state = torch.randn(1, STEPS, size), [], None
    for step in x.double().unbind(1):
        state = cell.double()(step, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    keep(name, cell, x, torch.stack(outputs, 1))


def main() -> None:
    torch.manual_seed(1)
    old = {"_use_new_zipfile_serialization": False}
    x = torch.randn(1, STEPS, 3)
    lstm = nn.LSTM(5, 6, num_layers=2, batch_first=True)
    save("language", {"emb": nn.Embedding(V, 5), "lstm": lstm, "fc": nn.Linear(6, V)}, given_ids())
    gru = {"gru": nn.GRU(3, 5, num_layers=2, batch_first=True), "fc": nn.Linear(5, 2)}
    save("gru_legacy_float64", gru, x, dtype=torch.float64, **old)
    rnn = nn.RNN(3, 4, nonlinearity="relu", bias=False, batch_first=True)
    with torch.no_grad():
        save("rnn_half", {"rnn": rnn}, x, dtype=torch.float16)
    save("gru_bfloat16_legacy", {"gru": nn.GRU(3, 4, batch_first=True)}, x, dtype=torch.bfloat16, **old)  # fmt: skip
    cells("lstm_cell", nn.LSTMCell(3, 4), 3)
    cells("gru_cell", nn.GRUCell(3, 4), 3)
    heads = {
        "lstm": nn.LSTM(3, 4, batch_first=True),
        "fc1": nn.Linear(4, 6),
        "fc2": nn.Linear(6, 2),
    }
    save("heads", heads, x)

    # As a GPU writes it, and as DataParallel and a training loop do.
    location = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _: "cuda:0"
    net = loud(nn.ModuleDict({"lstm": nn.LSTM(3, 4, batch_first=True), "fc": nn.Linear(4, 2)}))
    optimizer = torch.optim.Adam(net.parameters())
    state = {f"module.{key}": value for key, value in net.state_dict().items()}
    checkpoint = {
        "epoch": 3,
        "model_state_dict": state,
        "optimizer": optimizer.state_dict(),
        "loss": 0.5,
    }
    for name, options in (("checkpoint_cuda", {}), ("checkpoint_cuda_legacy", old)):
        torch.save(checkpoint, HERE / f"{name}.pt", **options)
    torch.serialization.location_tag = location
    keep("checkpoint_cuda", net, x, computed(list(net.values()), x))

    # Weights that are views: transposed, and parts of one storage.
    net = loud(nn.ModuleDict({"rnn": nn.RNN(3, 4, batch_first=True)}))
    whole = torch.randn(100)
    views = {
        key: value.T.contiguous().T if value.ndim == 2 else value
        for key, value in net.state_dict().items()
    }
    views["rnn.bias_ih_l0"], views["rnn.bias_hh_l0"] = whole[7:11], whole[20:40:5]
    net.load_state_dict(views)
    torch.save(views, HERE / "views.pt")
    keep("views", net, x, computed(list(net.values()), x))

    # What must be refused.
    torch.save(nn.LSTM(3, 4).state_dict() | {"extra": torch.zeros(2)}, HERE / "refused_extra.pt")
    torch.save(nn.LSTM(3, 4), HERE / "refused_module.pt")
    norm = nn.ModuleDict({"lstm": nn.LSTM(3, 4), "norm": nn.RMSNorm(4)})
    torch.save(norm.state_dict(), HERE / "refused_rmsnorm.pt")
    torch.jit.save(torch.jit.script(nn.RNN(1, 2)), HERE / "refused_script.pt")

    # Both directions, projections, normalisation.
    both = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    save("bidirectional_gru", {"gru": nn.GRU(3, 4, **both), "fc": nn.Linear(8, 2)}, x)
    save("bidirectional_rnn", {"rnn": nn.RNN(3, 4, **both | {"bias": False})}, x)
    save("projected", {"lstm": nn.LSTM(3, 6, num_layers=2, proj_size=4, batch_first=True)}, x)
    save("projected_both", {"lstm": nn.LSTM(3, 6, proj_size=4, **both)}, x)
    normed = {"lstm": nn.LSTM(3, 4, **both), "norm": nn.LayerNorm(8, eps=0.01)}
    save("normed", {**normed, "fc": nn.Linear(8, 2)}, x)
    # What h_n gives, forward and reverse side by side.
    net = nn.LSTM(3, 4, **both).double()
    loud(net)
    torch.save(net.float().state_dict(), HERE / "final.pt")
    _, (h, _) = net.double()(x.double())
    keep("final", net, x, torch.cat((h[-2], h[-1]), 1))


if __name__ == "__main__":
    main()
