"""Graphs that tf2onnx itself made of models of Keras 2, and what Keras computes with them: NAME.onnx, and NAME.npz with x and y.

    python make.py

Written with tf2onnx 1.17.0, onnx 1.16.2, tensorflow-cpu 2.15.1, its keras 2.15.0 and numpy 1.26.4 on CPython 3.11.7; operator
set 17, but for old_both, of 13. Weights are drawn anew, loud.
"""

import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from tensorflow.keras import layers

HERE = Path(__file__).parent
VERSIONS = ("1.17.0", "1.16.2", "2.15.1", "2.15.0")
TOKENS, WIDTH, STEPS = 7, 3, 6


def stack(*parts: keras.layers.Layer) -> keras.Model:
    return keras.Sequential(list(parts))


def models() -> dict[str, keras.Model]:
    both = layers.Bidirectional
    return {
        "lstm": stack(
            layers.Input((None, WIDTH)),
            layers.LSTM(4, return_sequences=True),
            layers.LSTM(3, return_sequences=True),
            layers.Dense(2, activation="softmax"),
        ),
        "gru": stack(
            layers.Input((None, WIDTH)), layers.GRU(4, return_sequences=True), layers.Dense(2)
        ),
        "both": stack(
            layers.Input((None, WIDTH)),
            both(layers.LSTM(4, return_sequences=True)),
            both(layers.GRU(4)),
        ),
        "old_both": stack(
            layers.Input((None, WIDTH)),
            both(layers.GRU(4, return_sequences=True)),
            both(layers.LSTM(4)),
        ),
        "last": stack(
            layers.Input((None, WIDTH)), layers.LSTM(4), layers.Dense(2, activation="tanh")
        ),
        "backwards": stack(layers.Input((None, WIDTH)), layers.LSTM(4, go_backwards=True)),
        "fixed": stack(
            layers.Input((STEPS, WIDTH)),
            layers.LSTM(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
        ),
        "language": stack(
            layers.Input((None,), dtype="int32"),
            layers.Embedding(TOKENS, 3),
            layers.GRU(4, return_sequences=True),
            layers.Dense(TOKENS),
        ),
        "loop": stack(layers.Input((None, WIDTH)), layers.SimpleRNN(4)),
    }


def main() -> None:
    made = (tf2onnx.__version__, onnx.__version__, tf.__version__, keras.__version__)
    assert made == VERSIONS, f"made with {VERSIONS}"
    for k, (name, model) in enumerate(models().items()):
        pick = np.random.default_rng(k)
        for weight in model.weights:
            weight.assign(pick.normal(0, 0.7, weight.shape))
        ids = name == "language"
        x = (
            pick.integers(0, TOKENS, (2, STEPS)).astype(np.int32)
            if ids
            else pick.normal(size=(2, STEPS, WIDTH)).astype(np.float32)
        )
        shape = (None, STEPS if name == "fixed" else None, *x.shape[2:])
        given = (tf.TensorSpec(shape, x.dtype, name="input"),)
        opset = 13 if name.startswith("old") else 17
        proto, _ = tf2onnx.convert.from_keras(model, input_signature=given, opset=opset)
        onnx.save(proto, HERE / f"{name}.onnx")
        np.savez(HERE / f"{name}.npz", x=x, y=model(x).numpy())


if __name__ == "__main__":
    main()
