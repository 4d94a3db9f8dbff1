"""Random models of Keras 3, saved by Keras in each of its ways, and what Keras computes with them. KERAS_BACKEND is torch."""

import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers

import rnnspec
from interop.travel import Array, Count
from rnnspec import importers

logging.getLogger("absl").setLevel(logging.ERROR)  # that .h5 is an old form
VERSION = str(keras.__version__)
TOKENS = "0abcdefgh"  # Keras' mask_zero leaves out the id 0
PADDING = -1.0  # what Masking leaves out
FORMS = (".keras", ".h5", ".weights.h5")
MERGES = ("concat", "sum", "mul", "ave")
GATES = ("sigmoid", "hard_sigmoid")
INSIDE = ("tanh", "tanh", "softsign", "relu", "elu", "sigmoid", "linear")
OUTSIDE = (*INSIDE, "softplus", "hard_sigmoid", "leaky_relu")


@dataclass
class Drawn:
    """A model, and what is asked of it."""

    model: Any
    x: Array
    lengths: Array | None  # the rows' own, where a mask leaves the rest out
    tokens: bool
    steps: bool  # whether a step has an output


class Builder:
    """Layers in a chain, with branches now and then."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.masked = False

    def chance(self, probability: float) -> bool:
        """Whether it comes out so."""
        return bool(self.rng.random() < probability)

    def pick(self, choices: tuple[str, ...]) -> str:
        """One of these."""
        return choices[int(self.rng.integers(len(choices)))]

    def size(self) -> int:
        """Of a layer."""
        return int(self.rng.integers(2, 13))

    def cell(self, *, sequences: bool, backwards: bool) -> Any:  # noqa: ANN401  of Keras, which is not typed here
        """SimpleRNN, LSTM or GRU; both resets, with biases and without."""
        common = {
            "activation": self.pick(INSIDE),
            "use_bias": self.chance(0.8),
            "return_sequences": sequences,
            "go_backwards": backwards,
            "dropout": 0.2 if self.chance(0.2) else 0.0,
        }
        kind = self.pick(("SimpleRNN", "LSTM", "GRU"))
        if kind == "SimpleRNN":
            common["activation"] = self.pick(("tanh", "relu", "softsign", "elu"))
            return layers.SimpleRNN(self.size(), **common)
        common["recurrent_activation"] = self.pick(GATES)
        if kind == "LSTM":
            return layers.LSTM(self.size(), **common)
        return layers.GRU(self.size(), reset_after=self.chance(0.5), **common)

    def recurrent(self, flow: Any, *, sequences: bool) -> Any:  # noqa: ANN401  of Keras
        """A cell in one direction, the other, or both."""
        if self.chance(0.4):
            inner = self.cell(sequences=sequences, backwards=False)
            return layers.Bidirectional(inner, merge_mode=self.pick(MERGES))(flow)
        # Behind a mask, outputs in reversed order stand at steps that the mask does not mean: that is refused.
        backwards = self.chance(0.25) and not (sequences and self.masked)
        return self.cell(sequences=sequences, backwards=backwards)(flow)

    def between(self, flow: Any) -> Any:  # noqa: ANN401  of Keras
        """What stands behind a recurrent layer."""
        match int(self.rng.integers(8)):
            case 0:
                return layers.LayerNormalization(
                    center=self.chance(0.8), scale=self.chance(0.8), epsilon=1e-2
                )(flow)
            case 1:
                return layers.BatchNormalization(center=self.chance(0.8), scale=self.chance(0.8))(
                    flow
                )
            case 2:
                return layers.TimeDistributed(self.dense())(flow)
            case 3:
                return layers.Activation(self.pick(OUTSIDE))(layers.Dropout(0.5)(flow))
            case 4:
                return layers.LeakyReLU(0.2)(flow)
            case 5:
                other = layers.Dense(flow.shape[-1], activation=self.pick(OUTSIDE))(flow)
                merge = (layers.Add, layers.Multiply, layers.Concatenate)[int(self.rng.integers(3))]
                return merge()([flow, other])
            case 6:
                return self.dense()(layers.SpatialDropout1D(0.1)(flow))
            case _:
                return flow

    def dense(self) -> Any:  # noqa: ANN401  of Keras
        """With a bias or without."""
        return layers.Dense(self.size(), activation=self.pick(OUTSIDE), use_bias=self.chance(0.7))


def drawn(rng: np.random.Generator) -> Drawn:
    """A model by chance, and an input."""
    build = Builder(rng)
    N, T = int(rng.integers(1, 5)), int(rng.integers(1, 13))
    tokens, build.masked = build.chance(0.35), build.chance(0.3)
    lengths = rng.integers(1, T + 1, N) if build.masked else None
    padding = np.arange(T) >= (np.full(N, T) if lengths is None else lengths)[:, None]
    if tokens:
        given = keras.Input((None,) if build.chance(0.7) else (T,), dtype="int32")
        flow = layers.Embedding(len(TOKENS), build.size(), mask_zero=build.masked)(given)
        x: Array = np.where(padding, 0, rng.integers(1, len(TOKENS), (N, T))).astype(np.int32)
    else:
        width = int(rng.integers(1, 9))
        given = keras.Input((None if build.chance(0.7) else T, width))
        flow = layers.Masking(PADDING)(given) if build.masked else given
        x = np.where(padding[..., None], PADDING, rng.normal(size=(N, T, width))).astype(np.float32)
    count = int(rng.integers(1, 4))
    steps = build.chance(0.5)
    for k in range(count):
        flow = build.recurrent(flow, sequences=steps or k < count - 1)
        if steps or k < count - 1:
            flow = build.between(flow)
    end = build.pick((*OUTSIDE, "softmax", "log_softmax"))
    model = keras.Model(given, layers.Dense(build.size(), activation=end)(flow))
    calm(model, rng)
    return Drawn(model, x, lengths, tokens, steps)


def calm(model: Any, rng: np.random.Generator) -> None:  # noqa: ANN401  of Keras
    """Weights of about one over the root of what they are summed over; what a norm divides by is not near 0."""
    for weight in model.weights:
        if "seed" in weight.path:
            continue
        last = weight.path.rsplit("/", maxsplit=1)[-1]
        values = rng.normal(size=weight.shape)
        if last in {"kernel", "recurrent_kernel"}:
            values /= math.sqrt(weight.shape[0])
        elif last == "moving_variance":
            values = np.abs(values) + 0.5
        weight.assign(values)


def saved(model: Any, form: str, folder: Path) -> tuple[Path, dict[str, Any]]:  # noqa: ANN401  of Keras
    """The file that Keras writes, and the options that it needs."""
    path = folder / f"net{form}"
    if form == ".weights.h5":
        model.save_weights(path)
        config = folder / "net.json"
        config.write_text(model.to_json(), "utf-8")
        # What to_json() writes does not name the version.
        return path, {"config": config, "keras_version": "3"}
    model.save(path)
    return path, {}


def one(rng: np.random.Generator, count: Count, folder: Path) -> None:
    """A model, its file, and our model of that."""
    keras.utils.clear_session()
    made = drawn(rng)
    what = f"net {count.nets}"
    path, options = saved(made.model, FORMS[count.nets % len(FORMS)], folder)
    count.nets += 1
    if made.tokens:
        options["tokens"] = TOKENS
    model = importers.read(path, **options).model
    expected = made.model(made.x, training=False).detach().cpu().numpy()
    output, after = rnnspec.run(rnnspec.compile(model), made.x, lengths=made.lengths)
    ours = np.asarray(output)
    count.bits(what, model, made.x, made.lengths, None, (ours, after))
    if made.steps and made.lengths is not None:  # behind its length a row has no output here
        valid = (np.arange(made.x.shape[1]) < made.lengths[:, None])[..., None]
        expected, ours = expected * valid, ours * valid
    count.judge(what, "rnnspec", {"output": expected}, {"output": ours})
    for layer in made.model.layers:
        name = told(layer)
        count.kinds[name] = count.kinds.get(name, 0) + 1


def told(layer: Any) -> str:  # noqa: ANN401  of Keras
    """The class of a layer, and of what is in it, with the settings that change what is read."""
    if isinstance(layer, layers.Bidirectional):
        return f"Bidirectional({type(layer.forward_layer).__name__}, {layer.merge_mode})"
    if isinstance(layer, layers.TimeDistributed):
        return f"TimeDistributed({told(layer.layer)})"
    words = [type(layer).__name__]
    if isinstance(layer, layers.RNN):
        words += ["backwards"] if layer.go_backwards else []
        words += ["of the last step"] if not layer.return_sequences else []
    if isinstance(layer, layers.GRU) and not layer.reset_after:
        words.append("reset before")
    if isinstance(layer, layers.Embedding) and layer.mask_zero:
        words.append("mask_zero")
    return " ".join(words)
