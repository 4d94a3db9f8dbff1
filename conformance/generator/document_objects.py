"""Every object of the format, in a sound document: where it stands, and what it must have; for `document`."""

from typing import Any

from conformance.generator.build import dense_net
from conformance.generator.full import (
    bare_tokens,
    embedded,
    full_features,
    full_tokens,
    small_example,
    small_tokens,
)
from conformance.generator.full_cells import (
    full_cells,
    full_texts,
    whole_affine,
    whole_elman,
    whole_gru,
    whole_lstm,
)

TOKENS, BARE = full_tokens(), bare_tokens()
FEATURES, EMBEDDED = full_features(), embedded()
CELLS, TEXTS = full_cells(), full_texts()
AFFINE, ELMAN, GRU, LSTM = whole_affine(), whole_elman(), whole_gru(), whole_lstm()
ELU = {"name": "bend", "type": "activation", "function": "elu", "alpha": 0.5}
BEND = dense_net(layers=[*dense_net()["layers"], ELU])

# Where an object stands, in which document, for faults of its members.
SMALL = small_tokens()
EXAMPLE = small_example()
OBJECTS: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "input-tokens": (SMALL, ["input"]),
    "input-features": (FEATURES, ["input"]),
    "tensor": (FEATURES, ["tensors", "sum.W"]),
    "vocabulary": (SMALL, ["vocabularies", "text"]),
    "embedding": (EMBEDDED, ["layers", 0]),
    "embedding-parameters": (EMBEDDED, ["layers", 0, "parameters"]),
    "one-hot": (SMALL, ["layers", 0]),
    "lstm": (LSTM, ["layers", 0]),
    "lstm-parameters": (LSTM, ["layers", 0, "parameters"]),
    "dense": (SMALL, ["layers", 1]),
    "dense-parameters": (SMALL, ["layers", 1, "parameters"]),
    "activation": (EMBEDDED, ["layers", 1]),
    "output": (SMALL, ["output"]),
    "decoding": (SMALL, ["decoding"]),
    "example-reference": (EXAMPLE, ["examples", 0]),
    "example-exact": (FEATURES, ["examples", 0]),
    "source": (EXAMPLE, ["examples", 0, "source"]),
    "state": (EXAMPLE, ["examples", 0, "state", "memory"]),
    "tensor-extended": (AFFINE, ["tensors", "s"]),
    "affine": (AFFINE, ["layers", 0]),
    "affine-parameters": (AFFINE, ["layers", 0, "parameters"]),
    "elman": (ELMAN, ["layers", 0]),
    "elman-activation": (ELMAN, ["layers", 0, "activation"]),
    "elman-parameters": (ELMAN, ["layers", 0, "parameters"]),
    "lstm-activations": (LSTM, ["layers", 0, "activations"]),
    "lstm-initial": (LSTM, ["layers", 0, "parameters"]),
    "gru": (GRU, ["layers", 0]),
    "gru-activations": (GRU, ["layers", 0, "activations"]),
    "gru-candidate": (GRU, ["layers", 0, "activations", "candidate"]),
    "gru-parameters": (GRU, ["layers", 0, "parameters"]),
    "activation-elu": (BEND, ["layers", 1]),
    "vocabulary-token": (TEXTS, ["vocabularies", "words"]),
    "vocabulary-byte": (TEXTS, ["vocabularies", "bytes"]),
    "last-step": (TEXTS, ["layers", 1]),
    "decoding-cut": (TEXTS, ["decoding"]),
}
TOP: dict[str, tuple[dict[str, Any], list[str | int]]] = {"top": (FEATURES, [])}

# The same, with the members that only this document has.
PEOPLE: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "top-tokens": (TOKENS, []),
    "top-cells": (CELLS, []),
}

# The required members of each, but for those that tell what an object is.
REQUIRED = {
    "top": "input layers output tensors",
    "input-tokens": "vocabulary",
    "input-features": "size",
    "tensor": "dtype shape data",
    "vocabulary": "tokens",
    "embedding": "name size parameters",
    "embedding-parameters": "E",
    "one-hot": "name",
    "lstm": "name hidden_size activations parameters",
    "lstm-parameters": "W R",
    "dense": "name size parameters",
    "dense-parameters": "W",
    "activation": "name function",
    "output": "",
    "decoding": "mode temperature",
    "example-reference": "source tolerance input output",
    "example-exact": "input output",
    "source": "system version",
    "state": "h",
    "tensor-extended": "",
    "affine": "name parameters",
    "affine-parameters": "s t",
    "elman": "name hidden_size activation parameters",
    "elman-activation": "alpha beta",
    "elman-parameters": "W R",
    "lstm-activations": "gates candidate output",
    "lstm-initial": "",
    "gru": "name hidden_size reset activations parameters",
    "gru-activations": "gates candidate",
    "gru-candidate": "alpha",
    "gru-parameters": "W R",
    "activation-elu": "name alpha",
    "vocabulary-token": "tokens",
    "vocabulary-byte": "tokens",
    "last-step": "name",
    "decoding-cut": "temperature",
}

# Members whose absence or change says more about their object than about themselves.
TELLING = ("kind", "type", "unit", "function", "rnnspec")

TYPES: dict[str, Any] = {
    "null": None, "true": True, "number": 1, "fraction": 1.5, "string": "x", "list": [], "object": {},
}  # fmt: skip


def at(document: Any, place: list[str | int]) -> Any:  # noqa: ANN401 — any JSON
    """The value at a place."""
    for part in place:
        document = document[part]
    return document
