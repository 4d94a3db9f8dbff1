"""Every object of the format, in a sound document: where it stands, and what it must have; for `document`."""

from typing import Any

from conformance.generator.build import dense_net, int8_tensor
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
from conformance.generator.wired import layer, with_every
from conformance.generator.wired import net as wired

TOKENS, BARE = full_tokens(), bare_tokens()
FEATURES, EMBEDDED = full_features(), embedded()
CELLS, TEXTS = full_cells(), full_texts()
AFFINE, ELMAN, GRU, LSTM = whole_affine(), whole_elman(), whole_gru(), whole_lstm()
ELU = {"name": "bend", "type": "activation", "function": "elu", "alpha": 0.5}
BEND = dense_net(layers=[*dense_net()["layers"], ELU])

EVERY = layer(
    "c", "lstm", "input", size=1, peephole="full", coupled="forget", cell_clip=2.5, projection_size=1,
    projection_clip=0.5, clip=8.5, direction="bidirectional", merge="average", output="final",
)  # fmt: skip
OPTIONS = with_every(EVERY)
WIRED = wired(
    layer("a", "dense", "input", size=2), layer("m", "multiply", "a", "input"), layer("n", "layer_norm", "m"),
    layer("t", "time_reverse", "n"), decoding={"mode": "ctc", "blank": 1},
)  # fmt: skip
QUANTISED = dense_net(
    layers=[{"name": "d", "type": "dense", "size": 2, "parameters": {"W": "W"}}],
    tensors={"W": int8_tensor([1, 2], [1, 2], [0.5, 0.25])},
)

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
    "options": (OPTIONS, ["layers", 0]),
    "options-parameters": (OPTIONS, ["layers", 0, "parameters"]),
    "multiply": (WIRED, ["layers", 1]),
    "layer-norm": (WIRED, ["layers", 2]),
    "layer-norm-parameters": (WIRED, ["layers", 2, "parameters"]),
    "time-reverse": (WIRED, ["layers", 3]),
    "decoding-ctc": (WIRED, ["decoding"]),
    "tensor-int8": (QUANTISED, ["tensors", "W"]),
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
    "options": "name hidden_size activations merge parameters",
    "options-parameters": "W R p Q W_reverse R_reverse p_reverse Q_reverse",
    "multiply": "name inputs",
    "layer-norm": "name epsilon parameters",
    "layer-norm-parameters": "gamma beta",
    "time-reverse": "name",
    "decoding-ctc": "blank",
    "tensor-int8": "axis scale",
}

# Members whose absence or change says more about their object than about themselves.
TELLING = ("kind", "type", "unit", "function", "rnnspec")

# Every document in which one of these objects stands.
NETS = {
    "features": FEATURES, "tokens": TOKENS, "cells": CELLS, "small": SMALL, "embedded": EMBEDDED, "example": EXAMPLE,
    "affine": AFFINE, "elman": ELMAN, "lstm": LSTM, "gru": GRU, "bend": BEND, "texts": TEXTS, "options": OPTIONS,
    "wired": WIRED, "int8": QUANTISED,
}  # fmt: skip
# Members that may be numbers with a fraction.
REALS = (
    "tolerance", "temperature", "sample_rate", "top_p", "alpha", "beta", "epsilon", "clip", "cell_clip", "projection_clip",
)  # fmt: skip

TYPES: dict[str, Any] = {
    "null": None, "true": True, "number": 1, "fraction": 1.5, "string": "x", "list": [], "object": {},
}  # fmt: skip


def at(document: Any, place: list[str | int]) -> Any:  # noqa: ANN401 — any JSON
    """The value at a place."""
    for part in place:
        document = document[part]
    return document
