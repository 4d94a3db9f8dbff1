"""Nets of theano-nlp as its training left them, its two files, and its equations in float64. Nothing here knows rnnspec."""

import json
from pathlib import Path

import numpy as np

from .originals import Array, sigmoid


def params(
    seed: int = 1, tokens: int = 9, inputs: int = 4, sizes: tuple[int, ...] = (5, 3)
) -> dict[str, Array]:
    """Loud float32 weights by the original's names, START behind the tokens, forget bias 2.5."""
    random = np.random.default_rng(seed)

    def loud(*shape: int) -> Array:
        return random.normal(size=shape).astype(np.float32).astype(np.float64)

    found = {"V": loud(tokens + 1, inputs)}
    into = inputs
    for k, size in enumerate(sizes, 1):
        bias = loud(4, size)
        bias[1] += 2.5
        found |= {
            f"W_recurrent_{k}_input": loud(into, 4 * size),
            f"W_recurrent_{k}_hidden": loud(size, 4 * size),
            f"W_recurrent_{k}_cell": loud(size, 3 * size),
            f"b_recurrent_{k}": bias,
            f"init_recurrent_{k}_hidden": loud(size),
            f"init_recurrent_{k}_cell": loud(size),
        }
        into = size
    return found | {"W_output": loud(into, tokens + 1), "b_output": loud(tokens + 1)}


def write_json(path: Path, arrays: dict[str, Array]) -> Path:
    """As the README has it."""
    path.write_text(json.dumps({name: w.tolist() for name, w in arrays.items()}))
    return path


def write_npz(path: Path, arrays: dict[str, Array]) -> Path:
    """The same arrays in float32."""
    with path.open("wb") as file:
        np.savez(file, **{name: w.astype(np.float32) for name, w in arrays.items()})  # type: ignore[arg-type]  # the stub takes allow_pickle for one of them
    return path


def forward(
    w: dict[str, Array],
    ids: list[int],
    *,
    order: str = "ifgo",
    peepholes: str = "ifo",
    new_cell: bool = True,
    start: str = "tanh",
) -> Array:
    """Logits [T, C+1]. The options are wrong readings of the file, to see that they matter."""
    layers = sum(name.startswith("b_recurrent_") for name in w)
    state = []
    for k in range(1, layers + 1):
        h = w[f"init_recurrent_{k}_hidden"]
        h = {"tanh": np.tanh(h), "linear": h, "zero": 0 * h}[start]
        state.append((h, w[f"init_recurrent_{k}_cell"]))
    outputs = []
    for token in ids:
        x = w["V"][token]
        for k in range(1, layers + 1):
            h, c = state[k - 1]
            given = np.split(x @ w[f"W_recurrent_{k}_input"], 4)
            memory = np.split(h @ w[f"W_recurrent_{k}_hidden"], 4)
            a = {
                gate: given[at] + memory[at] + w[f"b_recurrent_{k}"][at]
                for at, gate in enumerate(order)
            }
            cell = dict(
                zip(peepholes, np.split(w[f"W_recurrent_{k}_cell"], 3, axis=1), strict=True)
            )
            i = sigmoid(a["i"] + c @ cell["i"])
            f = sigmoid(a["f"] + c @ cell["f"])
            new = f * c + i * np.tanh(a["g"])
            o = sigmoid(a["o"] + (new if new_cell else c) @ cell["o"])
            x = o * np.tanh(new)
            state[k - 1] = (x, new)
        outputs.append(x @ w["W_output"] + w["b_output"])
    return np.array(outputs)
