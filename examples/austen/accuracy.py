"""How far are the runtime's bits from the truth? 1,000 steps of austen.rnn against float64.

    python examples/austen/accuracy.py

The truth is computed here with numpy in float64 from the equations, sharing nothing with the runtime but the
weights. Exit code 1 if the distance is above four times PyTorch's own (pytorch.json) or above 5e-6 in
probabilities, or if the likeliest character differs where it leads by more than 1e-4.
"""

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

import rnnspec
from rnnspec.vocabulary import encode

HERE = Path(__file__).parent
Float64 = npt.NDArray[np.float64]


def truth(model: rnnspec.Model, ids: list[int]) -> Float64:
    """The logits [T, V] in float64."""

    def weights(layer: str, role: str) -> Float64:
        return model.tensors[f"{layer}.{role}"].values.astype(np.float64)

    sequence = weights("embedding", "E")[ids]
    for layer in ("lstm1", "lstm2"):
        W, R, b = (weights(layer, role) for role in ("W", "R", "b"))
        h = c = np.zeros(len(R))
        steps = []
        for x in sequence:
            i, f, g, o = np.split(x @ W + h @ R + b, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            steps.append(h)
        sequence = np.array(steps)
    return sequence @ weights("dense", "W") + weights("dense", "b")


def sigmoid(x: Float64) -> Float64:
    return 1 / (1 + np.exp(-x))


def softmax(x: Float64) -> Float64:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def main() -> int:
    """Prints the table, and judges."""
    model = rnnspec.load(HERE / "austen.rnn")
    vocabulary = model.output_vocabulary
    assert vocabulary is not None
    ids = encode(vocabulary, (HERE / "thousand.txt").read_text(encoding="utf-8"))
    expected = truth(model, ids)
    got = rnnspec.run(rnnspec.compile(model), [ids])[0][0].astype(np.float64)
    pytorch = json.loads((HERE / "pytorch.json").read_text(encoding="utf-8"))

    distance = {
        "logits": np.abs(got - expected).max(),
        "probabilities": np.abs(softmax(got) - softmax(expected)).max(),
    }
    bound = {
        "logits": 4 * pytorch["logits"],
        "probabilities": min(4 * pytorch["probabilities"], 5e-6),
    }
    print(f"{len(ids)} steps    largest distance    PyTorch float32    bound")
    for name, value in distance.items():
        print(f"{name:<14}{value:>14.2e}{pytorch[name]:>19.2e}{bound[name]:>12.2e}")

    first, second = np.sort(expected, axis=-1)[:, [-1, -2]].T
    flips = (got.argmax(-1) != expected.argmax(-1)) & (first - second > 1e-4)
    print(f"likeliest character differs where it leads by more than 1e-4: {flips.sum()} times")
    return int(flips.any() or any(distance[name] > bound[name] for name in distance))


if __name__ == "__main__":
    sys.exit(main())
