"""Models that Keras itself saved, and what it computes with them: NAME.keras or NAME.h5, and NAME.npz with x and y.

    KERAS_BACKEND=torch python make.py

Written with Keras 3.12.0 on PyTorch 2.13.0 and h5py 3.16.0; routes, routes_whole and numbers with Keras 3.15.1, which writes down
how a Functional model computes its masks, and can't load its own .h5 of such a model. The models of the version that is there
are made. Weights are drawn anew, loud, mean and variance too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

Array = npt.NDArray[Any]
HERE = Path(__file__).parent
TOKENS = 7


def loud(model: keras.Model, pick: np.random.Generator) -> None:
    for weight in model.weights:
        if "seed" in weight.path:
            continue
        drawn = pick.normal(0, 0.7, weight.shape)
        weight.assign(np.abs(drawn) + 0.2 if "variance" in weight.path else drawn)


def language() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None,)),
            layers.Embedding(TOKENS, 5),
            layers.LSTM(6, return_sequences=True, dropout=0.1),
            layers.Dropout(0.2),
            layers.LSTM(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(TOKENS, activation="softmax")),
        ]
    )


def branches() -> keras.Model:
    given = keras.Input((None, 3))
    both = layers.Bidirectional(layers.GRU(4, return_sequences=True))(given)
    dense = layers.TimeDistributed(layers.Dense(8, activation="relu"))(both)
    added = layers.Add()([both, dense])
    product = layers.Multiply()([added, dense, both])
    wide = layers.Concatenate()([product, given])
    normal = layers.BatchNormalization()(wide)
    normal = layers.LayerNormalization()(layers.Dropout(0.5)(normal))
    last = layers.Bidirectional(layers.LSTM(3), merge_mode="sum")(normal)
    return keras.Model(given, layers.Dense(2, use_bias=False)(last))


def before() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((5, 2)),
            layers.GRU(
                4, reset_after=False, recurrent_activation="hard_sigmoid", return_sequences=True
            ),
            layers.SimpleRNN(3, go_backwards=True, return_sequences=True, use_bias=False),
            layers.GRU(3, use_bias=False, go_backwards=True, return_sequences=True),
            layers.LSTM(
                4, activation="softsign", recurrent_activation="hard_sigmoid", go_backwards=True
            ),
            layers.Activation("hard_sigmoid"),
            layers.Dense(4),
            layers.LeakyReLU(0.1),
        ]
    )


def average() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None, 2)),
            layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True), merge_mode="ave"),
            layers.Bidirectional(
                layers.GRU(3, reset_after=False, return_sequences=True), merge_mode="mul"
            ),
            layers.BatchNormalization(center=False, scale=False),
            layers.LayerNormalization(center=False),
            layers.Dense(3, activation="elu"),
        ]
    )


def masked() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None,)),
            layers.Embedding(TOKENS, 5, mask_zero=True),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
            layers.GRU(4, go_backwards=True),
            layers.Dense(3),
        ]
    )


def masking() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((None, 2)),
            layers.Masking(-1.0),
            layers.GRU(4),
            layers.Dense(3, activation="log_softmax"),
        ]
    )


def reshaped() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((6,)),
            layers.Reshape((3, 2)),
            layers.LSTM(4),
            layers.Dense(3, activation="softmax"),
        ]
    )


def routes() -> keras.Model:
    """A mask that goes through a Concatenate, an Add and a Multiply."""
    given = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(TOKENS, 4, mask_zero=True)(given)
    a = layers.LSTM(4, return_sequences=True)(steps)
    b = layers.Bidirectional(layers.GRU(2, return_sequences=True))(steps)
    wide = layers.BatchNormalization()(layers.Concatenate()([a, b, steps]))
    added = layers.Add()([layers.TimeDistributed(layers.Dense(4))(wide), a])
    product = layers.Multiply()([added, b])
    return keras.Model(given, layers.Dense(3)(layers.GRU(4)(product)))


def numbers() -> keras.Model:
    """Masked features."""
    given = keras.Input((None, 2))
    steps = layers.Masking(-1.0)(given)
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="sum")(steps)
    return keras.Model(given, layers.SimpleRNN(3)(layers.LayerNormalization()(both)))


def features(pick: np.random.Generator, *shape: int) -> Array:
    return pick.normal(0, 1, shape).astype(np.float32)


def ids(pick: np.random.Generator, lowest: int = 0) -> Array:
    return pick.integers(lowest, TOKENS, (3, 6)).astype(np.int64)


def ended(x: Array, by: float) -> Array:
    """Rows of 6, 4 and 1 steps."""
    x[1, 4:], x[2, 1:] = by, by
    return x


Models = dict[str, tuple[Callable[[], keras.Model], str, Callable[[np.random.Generator], Array]]]
MODELS: Models = {
    "language": (language, "keras", ids),
    "branches": (branches, "keras", lambda pick: features(pick, 3, 6, 3)),
    "branches_whole": (branches, "h5", lambda pick: features(pick, 3, 6, 3)),
    "before": (before, "h5", lambda pick: 3 * features(pick, 3, 5, 2)),
    "average": (average, "weights.h5", lambda pick: features(pick, 3, 6, 2)),
    "masked": (masked, "keras", lambda pick: ended(ids(pick, 1), 0)),
    "masking": (masking, "h5", lambda pick: ended(features(pick, 3, 6, 2), -1)),
    "reshaped": (reshaped, "keras", lambda pick: features(pick, 4, 6)),
}
MASKS: Models = {
    "routes": (routes, "keras", lambda pick: ended(ids(pick, 1), 0)),
    "routes_whole": (routes, "h5", lambda pick: ended(ids(pick, 1), 0)),
    "numbers": (numbers, "keras", lambda pick: ended(features(pick, 3, 6, 2), -1)),
}
VERSIONS: dict[str, Models] = {"3.12.0": MODELS, "3.15.1": MASKS}


def main() -> None:
    assert keras.__version__ in VERSIONS, f"made with {' and '.join(VERSIONS)}"
    for k, (name, (build, suffix, draw)) in enumerate(VERSIONS[keras.__version__].items()):
        keras.utils.clear_session()
        pick = np.random.default_rng(k)
        model = build()
        loud(model, pick)
        x = draw(pick)
        y = model.predict(x, verbose=0)
        path = HERE / f"{name}.{suffix}"
        if suffix == "weights.h5":
            model.save_weights(path)
            (HERE / f"{name}.json").write_text(model.to_json())
        else:
            model.save(path)
        np.savez(HERE / f"{name}.npz", x=x, y=y)


if __name__ == "__main__":
    main()
