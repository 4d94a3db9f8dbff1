"""Writes one.npz and both.npz: nets as textgenrnn builds them, in one direction and in two, and what Keras computes of windows.

    build/interop-venv/bin/python python/tests/importers/textgenrnn_files/make.py

The attention is written here again, by the text of textgenrnn's own layer. Weights stand in Keras' order.
Written with Keras 3.15.1 on PyTorch 2.13.0.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers, ops

HERE = Path(__file__).resolve().parent
ROWS, WIDTH, UNITS, STEPS = 12, 6, 5, 20
EPSILON = 1e-7  # Keras' own


class Average(layers.Layer):  # type: ignore[misc]  # Keras has no types
    def build(self, shape: tuple[int, ...]) -> None:
        self.w = self.add_weight(shape=(shape[-1], 1), name="attention_W")

    def call(self, x: Any) -> Any:  # noqa: ANN401
        logits = ops.matmul(x, self.w)[..., 0]
        weights = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
        shares = weights / (ops.sum(weights, axis=1, keepdims=True) + EPSILON)
        return ops.sum(x * ops.expand_dims(shares, -1), axis=1)


def model(two: bool) -> Any:  # noqa: ANN401
    start = keras.Input((STEPS,))
    flow = layers.Embedding(ROWS, WIDTH, name="embedding")(start)
    parts = [flow]
    for k in (1, 2):
        cell = layers.LSTM(UNITS, return_sequences=True, name=f"rnn_{k}")
        flow = (layers.Bidirectional(cell) if two else cell)(flow)
        parts.append(flow)
    mean = Average(name="attention")(layers.Concatenate()(parts))
    return keras.Model(start, layers.Dense(ROWS, activation="softmax", name="output")(mean))


def main() -> None:
    drawn = np.random.default_rng(8)
    for name, two in (("one", False), ("both", True)):
        net = model(two)
        weights = [drawn.normal(size=w.shape).astype(np.float32) for w in net.get_weights()]
        net.set_weights(weights)
        ids = drawn.integers(1, ROWS, (4, STEPS))
        ids[1, :7] = ids[2, :18] = 0  # padded on the left
        given = {f"weight_{k:02}": w for k, w in enumerate(weights)}
        np.savez(HERE / f"{name}.npz", ids=ids, y=net.predict(ids, verbose=0), **given)


if __name__ == "__main__":
    main()
