"""Nets and documents that several tests use."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import numpy as np

import rnnspec
from rnnspec import (
    Activation,
    ActivationLayer,
    DenseLayer,
    EmbeddingLayer,
    FeatureInput,
    LstmLayer,
    Model,
    OneHotLayer,
    Output,
    Tensor,
    TokenInput,
    Vocabulary,
)

LETTERS = tuple("abcdefg")
PLAIN_LSTM = {
    "gates": Activation(function="sigmoid"),
    "candidate": Activation(function="tanh"),
    "output": Activation(function="tanh"),
}
Json: TypeAlias = Any  # what the standard library reads


def array(rng: np.random.Generator, *shape: int, scale: float = 0.5) -> Tensor:
    return Tensor((rng.standard_normal(shape) * scale).astype(np.float32))


def character_net(
    first: str = "embedding", function: str | None = "softmax", seed: int = 0, hidden: int = 5
) -> Model:
    """Tokens → embedding or one_hot → two LSTMs → dense → function: it can generate."""
    rng = np.random.default_rng(seed)
    V, size = len(LETTERS), 3 if first == "embedding" else len(LETTERS)
    layers: list[rnnspec.model.Layer] = []
    tensors = {}
    if first == "embedding":
        layers.append(EmbeddingLayer(name="read", size=size, parameters={"E": "E"}))
        tensors["E"] = array(rng, V, size)
    else:
        layers.append(OneHotLayer(name="read"))
    for k, inputs in enumerate((size, hidden)):
        names = {role: f"{role}{k}" for role in "WRb"}
        layers.append(
            LstmLayer(name=f"lstm{k}", hidden_size=hidden, activations=PLAIN_LSTM, parameters=names)
        )
        tensors[f"W{k}"] = array(rng, inputs, 4 * hidden)
        tensors[f"R{k}"] = array(rng, hidden, 4 * hidden)
        tensors[f"b{k}"] = array(rng, 4 * hidden)
    layers.append(DenseLayer(name="write", size=V, parameters={"W": "W", "b": "b"}))
    tensors |= {"W": array(rng, hidden, V, scale=2), "b": array(rng, V)}
    kind: Any = "logits"
    if function:
        layers.append(ActivationLayer(name="choose", function=function))  # type: ignore[arg-type] # one of the two
        kind = {"softmax": "probabilities", "log_softmax": "log_probabilities"}[function]
    return Model(
        input=TokenInput(vocabulary="letters"),
        vocabularies={"letters": Vocabulary(unit="codepoint", tokens=LETTERS)},
        layers=tuple(layers),
        output=Output(kind=kind, vocabulary="letters"),
        tensors=tensors,
    )


def feature_net(size: int = 3, hidden: int = 4, width: int = 2, seed: int = 1) -> Model:
    """Numbers → an LSTM without bias → dense."""
    rng = np.random.default_rng(seed)
    return Model(
        input=FeatureInput(size=size),
        layers=(
            LstmLayer(
                name="lstm",
                hidden_size=hidden,
                activations=PLAIN_LSTM,
                parameters={"W": "W", "R": "R"},
            ),
            DenseLayer(name="dense", size=width, parameters={"W": "V"}),
        ),
        output=Output(kind="values"),
        tensors={
            "W": array(rng, size, 4 * hidden),
            "R": array(rng, hidden, 4 * hidden),
            "V": array(rng, hidden, width),
        },
    )


def document() -> dict[str, Any]:
    """A small document with nearly every member, as the standard library's values."""
    return {
        "rnnspec": "1.0-draft.3",
        "$schema": "urn:rnnspec:1.0",
        "name": "small",
        "metadata": {"anything": [1, 2.5, None, True, {"é": "\u0000\u202e😀"}]},
        "input": {"kind": "tokens", "vocabulary": "v"},
        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "ß", "😀"], "start": 1}},
        "layers": [
            {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
            {
                "name": "l",
                "type": "lstm",
                "hidden_size": 1,
                "activations": {
                    "gates": {"function": "sigmoid"},
                    "candidate": {"function": "tanh"},
                    "output": {"function": "tanh"},
                },
                "parameters": {"W": "W", "R": "R", "b": "b"},
            },
            {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "V"}},
            {"name": "s", "type": "activation", "function": "softmax"},
        ],
        "output": {"kind": "probabilities", "vocabulary": "v", "labels": ["x", "y", "z"]},
        "decoding": {"mode": "sample", "temperature": 0.5},
        "examples": [
            {
                "kind": "reference",
                "source": {"system": "by hand", "version": "1"},
                "tolerance": 1,
                "input": [[0, 2]],
                "lengths": [2],
                "output": "y",
                "final_state": {"l": {"h": "h", "c": "c"}},
            }
        ],
        "tensors": {
            "E": {"dtype": "float32", "shape": [3, 2], "data": [0.5, -1, 1e-3, 0, 2.25, 17]},
            "W": {"dtype": "float32", "shape": [2, 4], "data": [0.1, 0.2, 0.3, 0.4, 1, 2, 3, 4]},
            "R": {"dtype": "float32", "shape": [1, 4], "data": "AACAPwAAgD8AAIA/AACAPw=="},
            "b": {"dtype": "float16", "shape": [4], "data": "ADwAPAA8ADw="},
            "V": {"dtype": "float32", "shape": [1, 3], "data": [1, 0, -1]},
            "y": {"dtype": "float32", "shape": [1, 2, 3], "data": [0.3, 0.3, 0.4, 0.5, 0.5, 0]},
            "h": {"dtype": "float32", "shape": [1, 1], "data": [0]},
            "c": {"dtype": "float32", "shape": [1, 1], "data": [0]},
        },
    }


def as_json(value: Json) -> bytes:
    return json.dumps(value).encode()


def bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32).view(np.uint32)
