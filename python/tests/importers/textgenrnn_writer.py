"""Files of textgenrnn as its program wrote them, and what it computes, in 50 digits: nothing here knows the importer.

Weights are nested lists of floats; a net is an object: embeddings, rnns (each kernel, recurrent_kernel, bias; two of each with
`both`), attention (a list of numbers; None for the first nets), kernel and bias of the output.
"""

import json
from collections.abc import Sequence
from decimal import Decimal, localcontext
from itertools import chain
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from . import fifty_digits as fifty
from .keras_fifty import gru, lstm, softmax, transposed

Json = Any
WAYS = ("forward", "backward")
LOUD = 3.0


def cell(seed: int, inputs: int, units: int, blocks: int = 4, bias: int = 1) -> dict[str, Json]:
    """A layer as Keras has it, [inputs, blocks·units]."""
    return {
        "kernel": fifty.rows(seed, inputs, blocks * units, LOUD / 2),
        "recurrent_kernel": fifty.rows(seed + 1, units, blocks * units, LOUD / 2),
        "bias": fifty.spread(seed + 2, blocks * units * bias),
    }


def net(
    rows: int = 7,
    width: int = 3,
    units: int = 2,
    layers: int = 2,
    both: bool = False,
    attention: bool = True,
    blocks: int = 4,
) -> dict[str, Json]:
    out = units * (2 if both else 1)
    heights = [width, *[out] * (layers - 1)]
    rnns = [
        [cell(10 * k + 100 * way, height, units, blocks) for way in range(2 if both else 1)]
        for k, height in enumerate(heights)
    ]
    joined = width + out * layers if attention else out
    return {
        "embeddings": fifty.rows(1, rows, width, LOUD),
        "rnns": rnns,
        "attention": fifty.spread(2, joined, LOUD) if attention else None,
        "kernel": fifty.rows(3, joined, rows, LOUD / 2),
        "bias": fifty.spread(4, rows),
    }


def arrays_of(given: dict[str, Json]) -> dict[str, Json]:
    """Path → numbers, as Keras names them."""
    found = {"embedding/embedding/embeddings:0": given["embeddings"]}
    for k, ways in enumerate(given["rnns"]):
        for way, one in zip(WAYS, ways, strict=False):
            number = k + 1
            place = f"rnn_{number}/rnn_{number}"
            if len(ways) == 2:  # the counter of the session goes on, the inner name does not
                place = f"bidirectional_{number + 8}/bidirectional_{number + 8}/{way}_rnn_{number}"
            elif given["attention"] is None:
                place = "rnn/rnn"
            found |= {f"{place}/{role}:0": array for role, array in one.items()}
    if given["attention"] is not None:
        found["attention/attention/attention_W:0"] = [[w] for w in given["attention"]]
    return found | {
        "output/output/kernel:0": given["kernel"],
        "output/output/bias:0": given["bias"],
    }


def write(
    folder: Path,
    given: dict[str, Json],
    vocabulary: Json = None,
    config: Json = None,
    model: Json = None,
    name: str = "net",
) -> Path:
    """The three files; the path of the weights. `model` makes a whole model of them."""
    return write_arrays(folder, arrays_of(given), vocabulary, config, model, name)


def write_arrays(
    folder: Path,
    arrays: dict[str, Json],
    vocabulary: Json = None,
    config: Json = None,
    model: Json = None,
    name: str = "net",
) -> Path:
    path = folder / f"{name}_weights.hdf5"
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.1.5"
        if model is not None:
            file.attrs["model_config"] = json.dumps(model).encode()
        for place, numbers in arrays.items():
            whole = place if model is None else f"model_weights/{place}"
            file[whole] = np.array(numbers, np.float32)
        for empty in ("input", "rnn_concat"):
            file.require_group(empty if model is None else f"model_weights/{empty}")
    for value, ending in ((vocabulary, "vocab"), (config, "config")):
        if value is not None:
            (folder / f"{name}_{ending}.json").write_text(json.dumps(value, ensure_ascii=False))
    return path


# --- what it computes -----------------------------------------------------------------------------------------


def average(w: fifty.Vector, inputs: Sequence[fifty.Vector], epsilon: str) -> fifty.Vector:
    """AttentionWeightedAverage, with the constant that Keras adds to the sum."""
    logits = [sum((a * b for a, b in zip(x, w, strict=True)), Decimal(0)) for x in inputs]
    e = [(a - max(logits)).exp() for a in logits]
    total = sum(e, Decimal(epsilon))
    shares = [a / total for a in e]
    return [
        sum((s * x[k] for s, x in zip(shares, inputs, strict=True)), Decimal(0))
        for k in range(len(w))
    ]


def original(
    given: dict[str, Json],
    ids: Sequence[int],
    hard: bool | None = None,
    epsilon: str = "1e-7",
    uniform: bool = False,
    join: bool = True,
) -> fifty.Vector:
    """The probabilities after a window of ids. The last two are there to see that the average and the join matter."""
    with localcontext() as context:
        context.prec = fifty.DIGITS
        attention = given["attention"]
        slow = attention is None if hard is None else hard
        flow = [fifty.exact(given["embeddings"][k]) for k in ids]
        parts = [flow]
        for ways in given["rnns"]:
            blocks = len(ways[0]["kernel"][0]) // len(ways[0]["recurrent_kernel"])
            ran = [
                (gru(one, steps) if blocks == 3 else lstm(one, steps, slow))
                for one, steps in zip(ways, (flow, flow[::-1]), strict=False)
            ]
            flow = ran[0]
            if len(ran) == 2:
                flow = [a + b for a, b in zip(ran[0], ran[1][::-1], strict=True)]
            parts.append(flow)
        if attention is None:
            last = flow[-1]
        else:
            order = parts if join else parts[1:] + parts[:1]
            joined = [[*chain.from_iterable(steps)] for steps in zip(*order, strict=True)]
            w = [Decimal(0)] * len(attention) if uniform else fifty.exact(attention)
            last = average(w, joined, epsilon)
        W, b = transposed(given["kernel"]), fifty.exact(given["bias"])
        return softmax(fifty.plus(fifty.product(W, last), b))
