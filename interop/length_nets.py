"""Random models of ours with rows of several lengths, exported to ONNX and to PyTorch: what lies behind a length does not exist."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

import rnnspec
from interop.onnx_nets import run
from interop.travel import Count

MERGES = ("concat", "sum", "multiply", "average")
TANH, SIGMOID = {"function": "tanh"}, {"function": "sigmoid"}
CELLS: dict[str, tuple[int, dict[str, Any]]] = {
    "elman": (1, {"activation": TANH}),
    "lstm": (4, {"activations": {"gates": SIGMOID, "candidate": TANH, "output": TANH}}),
    "gru": (3, {"reset": "after", "activations": {"gates": SIGMOID, "candidate": TANH}}),
}


def drawn(rng: np.random.Generator) -> tuple[rnnspec.Model, int]:
    """Two recurrent layers, time turned round before, between or behind, and an end with steps or without; and its width."""
    size = width = int(rng.integers(1, 6))
    layers: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}

    def add(kind: str, members: dict[str, Any], **parameters: tuple[int, ...]) -> None:
        name = f"layer{len(layers)}"
        roles = {role: f"{name}.{role}" for role in parameters}
        for role, shape in parameters.items():
            arrays[roles[role]] = rng.normal(size=shape) / math.sqrt(shape[0])
        layers.append(
            {"name": name, "type": kind, **members, **({"parameters": roles} if roles else {})}
        )

    end = ("steps", "last_step", "final")[int(rng.integers(3))]
    for k in range(2):
        if rng.random() < 0.4:
            add("time_reverse", {})
        kind = ("elman", "lstm", "gru")[int(rng.integers(3))]
        blocks, members = CELLS[kind]
        H = int(rng.integers(1, 9))
        direction = ("forward", "reverse", "bidirectional")[int(rng.integers(3))]
        ways = ("", "_reverse") if direction == "bidirectional" else ("",)
        shapes = {"W": (width, blocks * H), "R": (H, blocks * H), "b": (blocks * H,)}
        own = {"hidden_size": H, "direction": direction, **members}
        merge = MERGES[int(rng.integers(4))]
        if len(ways) == 2:
            own["merge"] = merge
        if end == "final" and k:
            own["output"] = "final"
        add(kind, own, **{f"{role}{way}": shape for way in ways for role, shape in shapes.items()})
        width = 2 * H if len(ways) == 2 and merge == "concat" else H
    if end == "last_step":
        add("last_step", {})
    elif end == "steps" and rng.random() < 0.4:
        add("time_reverse", {})
    add("dense", {"size": 3}, W=(width, 3), b=(3,))
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": size},
            "layers": layers,
            "output": {"kind": "values"},
            "tensors": arrays,
        }
    ), size


def one(rng: np.random.Generator, count: Count, _: Path) -> None:
    """A model, and what ONNX Runtime and PyTorch give for it."""
    model, width = drawn(rng)
    what = f"net {count.nets}"
    count.nets += 1
    N, T = int(rng.integers(1, 5)), int(rng.integers(1, 13))
    x = rng.normal(size=(N, T, width)).astype(np.float32)
    lengths = rng.integers(1, T + 1, N).astype(np.int32)
    output, after = rnnspec.run(rnnspec.compile(model), x, lengths=lengths)
    count.bits(what, model, x, lengths, None, (np.asarray(output), after))
    ours = {"output": np.asarray(output)} | {
        f"{layer}/{key}": np.asarray(a)
        for layer, parts in after.items()
        for key, a in parts.items()
    }
    found = run(rnnspec.to_onnx(model, lengths=True), {"input": x, "lengths": lengths})
    count.judge(what, "onnx", ours, {k.removesuffix("_next"): a for k, a in found.items()})
    with torch.no_grad():
        y, ends = rnnspec.to_torch(model).run(torch.from_numpy(x), lengths=lengths.tolist())
    theirs = {"output": y.numpy()} | {
        f"{layer}/{key}": t.numpy() for layer, parts in ends.items() for key, t in parts.items()
    }
    count.judge(what, "torch", ours, theirs)
