"""The nets whose states `resume.py` saves: the shipped one, and one that reads both ways."""

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "examples/austen/austen.rnn"
TEXT = ROOT / "examples/austen/thousand.txt"
SAVED_AFTER = 500  # steps of the shipped net
STEPS = (5, 4)  # of the other, before and after the state is saved
ROWS = 2
IN, H, P, G, E, OUT = 3, 5, 2, 4, 3, 2  # widths: input, lstm, projection, gru, elman, output
Json: TypeAlias = Any


@dataclass(frozen=True)
class Net:
    """A document with what it reads before and after its state is saved."""

    name: str
    document: str  # base64, as the protocol wants it
    first: Json
    second: Json
    whole: Json | None  # both as one input, where that gives the same bits ([run-4])


def shipped(tokens: list[int]) -> Net:
    """The shipped net over the ids of its thousand characters."""
    document = base64.b64encode(MODEL.read_bytes()).decode()
    first, second = [tokens[:SAVED_AFTER]], [tokens[SAVED_AFTER:]]
    return Net("austen", document, first, second, [tokens])


def both_ways() -> Net:
    """Three layers with every array that a state can have: h and c of two sizes, each in two directions."""
    tanh, sigmoid = {"function": "tanh"}, {"function": "sigmoid"}
    lstm = {"gates": sigmoid, "candidate": tanh, "output": tanh}
    shapes = {"W": [IN, 4 * H], "R": [P, 4 * H], "b": [4 * H], "p": [3, H], "Q": [H, P]}
    layers = [
        ("both", {"type": "lstm", "hidden_size": H, "activations": lstm, "peephole": "diagonal",
                  "projection_size": P, "direction": "bidirectional", "merge": "concat"},
         shapes | {role + "_reverse": shape for role, shape in shapes.items()}),
        ("back", {"type": "gru", "hidden_size": G, "reset": "after", "direction": "reverse",
                  "activations": {"gates": sigmoid, "candidate": tanh}},
         {"W": [2 * P, 3 * G], "R": [G, 3 * G], "b": [3 * G], "rb": [G], "h0": [G]}),
        ("sum", {"type": "elman", "hidden_size": E, "activation": tanh,
                 "direction": "bidirectional", "merge": "sum"},
         {"W": [G, E], "R": [E, E], "W_reverse": [G, E], "R_reverse": [E, E], "h0_reverse": [E]}),
        ("out", {"type": "dense", "size": OUT}, {"W": [E, OUT], "b": [OUT]}),
    ]  # fmt: skip
    numbers = _numbers()
    tensors: dict[str, Json] = {}
    written: list[Json] = []
    for name, members, roles in layers:
        for role, shape in roles.items():
            count = shape[0] * (shape[1] if len(shape) == 2 else 1)
            values = [next(numbers) for _ in range(count)]
            tensors[f"{name}.{role}"] = {"dtype": "float32", "shape": shape, "data": values}
        parameters = {role: f"{name}.{role}" for role in roles}
        written.append({"name": name, **members, "parameters": parameters})
    document = {
        "rnnspec": json.loads((ROOT / "schema/issues.json").read_text("utf-8"))["version"],
        "input": {"kind": "features", "size": IN},
        "layers": written,
        "output": {"kind": "values"},
        "tensors": tensors,
    }
    first, second = (
        _array([ROWS, T, IN], [2 * next(numbers) for _ in range(ROWS * T * IN)]) for T in STEPS
    )
    data = base64.b64encode(json.dumps(document).encode()).decode()
    return Net("both ways", data, first, second, None)


def _numbers() -> Iterator[float]:
    """Numbers from −1 to 1 without a pattern, exact in binary32."""
    word = 1
    while True:
        word = (word * 1103515245 + 12345) % 2**31
        yield ((word >> 15) - 2**15) / 2**15


def _array(shape: list[int], values: list[float]) -> Json:
    """As an array travels in the protocol."""
    return {"shape": shape, "bits": "".join(struct.pack(">f", value).hex() for value in values)}
