"""Writes what dump_checkpoint of deeplearn.js writes: manifest.json and a raw file for each variable."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

Variables = dict[str, npt.NDArray[np.float64]]


def write(folder: Path, variables: Mapping[str, npt.NDArray[np.floating]]) -> Path:
    """The folder, with the files in it."""
    folder.mkdir(exist_ok=True)
    manifest = {}
    for name, values in variables.items():
        filename = "".join(c for c in name.replace("/", "_") if c.isalnum() or c == "_")
        flat = [float(value) for value in values.reshape(-1)]
        (folder / filename).write_bytes(struct.pack(f"<{len(flat)}f", *flat))
        manifest[name] = {"filename": filename, "shape": list(values.shape)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def language_model(
    seed: int = 1, *, tokens: int = 23, embedding: int | None = 7, units: tuple[int, ...] = (11, 9)
) -> Variables:
    """A net with the names of TensorFlow 1.0, as ml5 has them; with loud weights, so that a mistake shows."""
    random = np.random.default_rng(seed)
    variables: Variables = {"Variable": np.array(0.002)}
    width = tokens
    if embedding:
        variables["embedding"] = random.normal(size=(tokens, embedding))
        width = embedding
    for k, size in enumerate(units):
        cell = f"rnnlm/multi_rnn_cell/cell_{k}/basic_lstm_cell"
        variables[f"{cell}/weights"] = random.normal(size=(width + size, 4 * size))
        variables[f"{cell}/biases"] = random.normal(size=4 * size)
        width = size
    variables["rnnlm/softmax_w"] = random.normal(size=(width, tokens))
    variables["rnnlm/softmax_b"] = random.normal(size=tokens)
    return {
        name: values.astype(np.float32).astype(np.float64) for name, values in variables.items()
    }


def renamed(variables: Variables, *pairs: tuple[str, str]) -> Variables:
    """With parts of the names replaced."""
    changed = {}
    for name, values in variables.items():
        new_name = name
        for old, new in pairs:
            new_name = new_name.replace(old, new)
        changed[new_name] = values
    return changed


TO_1_2 = (("weights", "kernel"), ("biases", "bias"), ("rnnlm/multi", "rnn/multi"))
