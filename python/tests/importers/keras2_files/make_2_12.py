"""The .keras files of TensorFlow 2.12, which had two: v3.keras, a zip whose groups are numbered with gaps, and named.keras, which is HDF5.

    python make_2_12.py

Written with tensorflow-cpu 2.12.1, its keras 2.12.0, h5py 3.16.0 and numpy 1.24.3 on CPython 3.11.7. Beside each is
NAME.npz with x and y.
"""

import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

HERE = Path(__file__).parent
VERSIONS = ("2.12.1", "2.12.0")


def main() -> None:
    made = (tf.__version__, keras.__version__)
    assert made == VERSIONS, f"made with {VERSIONS}"
    pick = np.random.default_rng(50)
    model = keras.Sequential(
        [
            layers.Input((None, 2)),
            layers.Dense(3, activation="tanh"),
            layers.LSTM(4, return_sequences=True),
            layers.Dropout(0.1),
            layers.Dense(3),
            layers.LayerNormalization(),
            layers.Bidirectional(layers.GRU(3, return_sequences=True)),
            layers.LSTM(3, recurrent_activation="hard_sigmoid", return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
            layers.BatchNormalization(),
        ]
    )
    for weight in model.weights:
        drawn = pick.normal(0, 0.7, weight.shape)
        weight.assign(np.abs(drawn) + 0.2 if "variance" in weight.name else drawn)
    x = 2 * pick.normal(0, 1, (3, 6, 2)).astype(np.float32)
    y = model.predict(x, verbose=0)
    for name, form in (("v3.keras", "keras_v3"), ("named.keras", None)):
        model.save(HERE / name, save_format=form)
        np.savez(HERE / f"{name}.npz", x=x, y=y)


if __name__ == "__main__":
    main()
