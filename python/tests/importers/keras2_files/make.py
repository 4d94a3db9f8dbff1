"""Models that Keras 2, in TensorFlow, itself saved, and what it computes with them: NAME.h5 or NAME.keras, and NAME.npz with x and y.

    python make.py

Written with tensorflow-cpu 2.15.1, its keras 2.15.0, h5py 3.16.0 and numpy 1.26.4 on CPython 3.11.7. Weights are drawn
anew, loud. CuDNN's layers run on a GPU alone: their weights are drawn and saved, and Keras' own loader converts them
for the plain layers, which then compute y.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.keras import layers

Array = npt.NDArray[Any]
HERE = Path(__file__).parent
VERSIONS = ("2.15.1", "2.15.0", "3.16.0")
TOKENS = 7
OLD = tf.compat.v1.keras.layers  # CuDNN's, and the layers with the defaults of Keras 2.0 to 2.2


def loud(model: keras.Model, pick: np.random.Generator) -> None:
    for weight in model.weights:
        drawn = pick.normal(0, 0.7, weight.shape)
        weight.assign(np.abs(drawn) + 0.2 if "variance" in weight.name else drawn)


def hard() -> keras.Model:
    """The hard sigmoid of this generation, in cells and alone."""
    return keras.Sequential(
        [
            layers.Input((None, 2)),
            layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True),
            layers.GRU(
                3, recurrent_activation="hard_sigmoid", reset_after=False, return_sequences=True
            ),
            layers.Activation("hard_sigmoid"),
            layers.LSTM(3, return_sequences=True, use_bias=False),
            layers.LeakyReLU(0.1),
            layers.Dense(3, activation="softmax"),
        ]
    )


def old() -> keras.Model:
    """The layers as TensorFlow 1 had them: hard_sigmoid and reset before are their defaults."""
    return keras.Sequential(
        [
            layers.Input((None, 2)),
            OLD.LSTM(4, return_sequences=True),
            OLD.GRU(3, return_sequences=True, go_backwards=True),
            layers.SimpleRNN(3, return_sequences=True, activation="relu"),
            layers.ThresholdedReLU(0.1),
        ]
    )


def masked() -> keras.Model:
    """Ids, a mask, branches."""
    given = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(TOKENS, 4, mask_zero=True)(given)
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(steps)
    wide = layers.Concatenate()([both, steps])
    normal = layers.LayerNormalization()(layers.BatchNormalization()(wide))
    dense = layers.TimeDistributed(layers.Dense(10, activation="elu"))(layers.Dropout(0.3)(normal))
    last = layers.Bidirectional(layers.GRU(3), merge_mode="ave")(layers.Add()([dense, normal]))
    return keras.Model(given, layers.Dense(3)(last))


def directions() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None, 2)),
            layers.Bidirectional(
                layers.SimpleRNN(3, return_sequences=True, use_bias=False), merge_mode="mul"
            ),
            layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="sum"),
            layers.GRU(4, go_backwards=True, return_sequences=True),
            layers.LSTM(4, go_backwards=True),
            layers.Dense(2),
        ]
    )


def cudnn() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None, 3)),
            OLD.CuDNNLSTM(4, return_sequences=True),
            layers.Bidirectional(OLD.CuDNNGRU(2, return_sequences=True)),
            OLD.CuDNNGRU(3, return_sequences=True, go_backwards=True),
        ]
    )


def plain() -> keras.Model:
    """What CuDNN's layers are elsewhere."""
    return keras.Sequential(
        [
            layers.Input((None, 3)),
            layers.LSTM(4, return_sequences=True),
            layers.Bidirectional(layers.GRU(2, return_sequences=True)),
            layers.GRU(3, return_sequences=True, go_backwards=True),
        ]
    )


def features(pick: np.random.Generator) -> Array:
    return 2 * pick.normal(0, 1, (3, 6, 2)).astype(np.float32)


def ended(pick: np.random.Generator) -> Array:
    """Rows of 6, 4 and 1 steps."""
    x = pick.integers(1, TOKENS, (3, 6))
    x[1, 4:], x[2, 1:] = 0, 0
    return x


MODELS: dict[str, tuple[Callable[[], keras.Model], Callable[[np.random.Generator], Array]]] = {
    "hard.h5": (hard, features),
    "hard.keras": (hard, features),
    "old.h5": (old, features),
    "masked.h5": (masked, ended),
    "masked.keras": (masked, ended),
    "directions.weights.h5": (directions, features),
    "directions.hdf5": (directions, features),  # weights as Keras wrote them until TensorFlow 2.11
    "directions.keras": (directions, features),
}


def main() -> None:
    made = (tf.__version__, keras.__version__, h5py.__version__)
    assert made == VERSIONS, f"made with {VERSIONS}"
    for k, (file, (build, draw)) in enumerate(MODELS.items()):
        keras.backend.clear_session()
        pick = np.random.default_rng(k)
        model = build()
        loud(model, pick)
        x = draw(pick)
        y = model.predict(x, verbose=0)
        if file.endswith((".weights.h5", ".hdf5")):
            model.save_weights(HERE / file)
            (HERE / f"{file}.json").write_text(model.to_json())
        else:
            model.save(HERE / file)
        np.savez(HERE / f"{file}.npz", x=x, y=y)
    keras.backend.clear_session()
    pick = np.random.default_rng(99)
    gpu = cudnn()
    loud(gpu, pick)
    gpu.save(HERE / "cudnn.h5")
    gpu.save_weights(HERE / "cudnn.hdf5")
    cpu = plain()
    for layer, other in zip(gpu.layers, cpu.layers, strict=True):
        other._name = layer.name  # the loader goes by the names
    cpu.load_weights(HERE / "cudnn.hdf5", by_name=True)
    cpu.save(HERE / "converted.h5")  # the same net in the plain layout, as Keras converted it
    (HERE / "cudnn.hdf5").unlink()
    x = np.concatenate([features(pick), features(pick)[..., :1]], -1)
    y = cpu.predict(x, verbose=0)
    for name in ("cudnn", "converted"):
        np.savez(HERE / f"{name}.h5.npz", x=x, y=y)
    keras.backend.clear_session()
    small = keras.Sequential([layers.Input((None, 1)), layers.SimpleRNN(1)])
    small.save(HERE / "saved_model", save_format="tf", save_traces=False)
    shutil.rmtree(HERE / "saved_model/assets")
    small.save_weights(HERE / "checkpoint/weights", save_format="tf")


if __name__ == "__main__":
    main()
