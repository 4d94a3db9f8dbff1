"""Nets with spread weights, layer by layer.

Weights of one size prove nothing: a famous suite of LSTM cases passes under all orders of the gates.
Here every number has its own sign, exponent and 24 digits, from a generator that is the same everywhere.
"""

import math
import random
from typing import Any

from conformance.generator.build import GRU_ACTIVATIONS, LSTM_ACTIVATIONS, TANH, array, document
from conformance.generator.build import tensor as make_tensor
from conformance.oracle.float32 import f32

Json = dict[str, Any]


class Numbers:
    """A stream of spread binary32 numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def one(self, low: int = -5, high: int = 0) -> float:
        """Either sign, 2^low up to 2^(high+1), evenly spread over the exponents."""
        value = math.ldexp(1 + self.random.random(), self.random.randint(low, high))
        return f32(-value if self.random.random() < 0.5 else value)

    def many(self, count: int, low: int = -5, high: int = 0) -> list[float]:
        """As many of them."""
        return [self.one(low, high) for _ in range(count)]

    def array(self, shape: list[int], low: int = -5, high: int = 0) -> Json:
        """An array of the protocol."""
        return array(shape, self.many(math.prod(shape), low, high))

    def ids(self, rows: int, steps: int, size: int) -> list[list[int]]:
        """Token input."""
        return [[self.random.randrange(size) for _ in range(steps)] for _ in range(rows)]


class builder:  # noqa: N801 - reads as a verb: net = builder(…).lstm(…)
    """A document, layer by layer; numbers not given are drawn from the stream."""

    def __init__(self, inputs: int | str, seed: int, low: int = -5, high: int = 0) -> None:
        self.numbers = Numbers(seed)
        self.range = (low, high)
        self.dtype = "float32"
        self.as_bytes = False
        self.layers: list[Json] = []
        self.tensors: Json = {}
        self.more: Json = {}
        self.file: str | None = None  # the name of the model's file, if cases share it
        if isinstance(inputs, str):
            self.tokens(list(inputs))
        else:
            self.width = inputs
            self.input: Json = {"kind": "features", "size": inputs}

    def tokens(self, tokens: list[str], **special: int) -> "builder":
        """Tokens as input."""
        self.width = len(tokens)
        self.input = {"kind": "tokens", "vocabulary": "text"}
        entry: Json = {"unit": "codepoint", "tokens": tokens} | special
        self.more["vocabularies"] = {"text": entry}
        return self

    def tensor(self, name: str, shape: list[int], values: list[float] | None = None) -> str:
        """Stores a tensor; spread numbers unless values are given."""
        if values is None:
            values = self.numbers.many(math.prod(shape), *self.range)
            if self.dtype == "float16":
                values = [f32(math.ldexp(round(math.ldexp(v, 11)), -11)) for v in values]
        self.tensors[name] = make_tensor(shape, values, self.dtype, as_bytes=self.as_bytes)
        return name

    def name(self, stem: str) -> str:
        """A name for the next layer."""
        return f"{stem}{len(self.layers)}"

    def embedding(self, size: int, E: list[float] | None = None) -> "builder":
        """Adds a layer."""
        name = self.name("embedding")
        parameters = {"E": self.tensor(name + ".E", [self.width, size], E)}
        entry = {"name": name, "type": "embedding", "size": size, "parameters": parameters}
        return self.add(entry, size)

    def one_hot(self) -> "builder":
        """Adds a layer."""
        return self.add({"name": self.name("one_hot"), "type": "one_hot"}, self.width)

    def elman(
        self,
        H: int,
        activation: Json = TANH,
        *,
        bias: bool = True,
        final: bool = False,
        **given: Any,  # noqa: ANN401 - lists of numbers, which mypy cannot tell from the options
    ) -> "builder":
        """Adds a layer; W, R, b, h0 as given (h0 by its values alone)."""
        entry: Json = {"activation": activation}
        return self.cell("elman", 1, H, entry, final, {"b": H if bias else 0, "h0": 0}, given)

    def lstm(
        self,
        H: int,
        activations: Json = LSTM_ACTIVATIONS,
        *,
        bias: bool = True,
        final: bool = False,
        **given: Any,  # noqa: ANN401 - lists of numbers, which mypy cannot tell from the options
    ) -> "builder":
        """Adds a layer; W, R, b, h0, c0 as given."""
        entry: Json = {"activations": activations}
        optional = {"b": 4 * H if bias else 0, "h0": 0, "c0": 0}
        return self.cell("lstm", 4, H, entry, final, optional, given)

    def gru(
        self,
        H: int,
        reset: str,
        activations: Json = GRU_ACTIVATIONS,
        *,
        bias: bool = True,
        rb: bool | list[float] | None = None,
        final: bool = False,
        **given: Any,  # noqa: ANN401 - lists of numbers, which mypy cannot tell from the options
    ) -> "builder":
        """Adds a layer; W, R, b, rb, h0 as given. With reset `after`, rb goes with the bias."""
        entry: Json = {"reset": reset, "activations": activations}
        second = reset == "after" and (bias if rb is None else bool(rb))
        if isinstance(rb, list):
            given["rb"] = rb
        optional = {"b": 3 * H if bias else 0, "rb": H if second else 0, "h0": 0}
        return self.cell("gru", 3, H, entry, final, optional, given)

    def cell(
        self,
        kind: str,
        blocks: int,
        H: int,
        entry: Json,
        final: bool,
        optional: dict[str, int],
        given: dict[str, list[float]],
    ) -> "builder":
        """Adds a recurrent layer; `optional` are the sizes of vectors, 0 if only given ones stand."""
        name = self.name(kind)
        parameters = {
            "W": self.tensor(name + ".W", [self.width, blocks * H], given.get("W")),
            "R": self.tensor(name + ".R", [H, blocks * H], given.get("R")),
        }
        for role, size in optional.items():
            if size or role in given:
                count = size or len(given[role])
                parameters[role] = self.tensor(f"{name}.{role}", [count], given.get(role))
        whole = {"name": name, "type": kind, "hidden_size": H} | entry
        if final:
            whole["output"] = "final"
        return self.add(whole | {"parameters": parameters}, H)

    def dense(
        self,
        size: int,
        *,
        bias: bool = True,
        W: list[float] | None = None,
        b: list[float] | None = None,
    ) -> "builder":
        """Adds a layer."""
        name = self.name("dense")
        parameters = {"W": self.tensor(name + ".W", [self.width, size], W)}
        if bias or b is not None:
            parameters["b"] = self.tensor(name + ".b", [size], b)
        entry = {"name": name, "type": "dense", "size": size, "parameters": parameters}
        return self.add(entry, size)

    def affine(self, s: list[float] | None = None, t: list[float] | None = None) -> "builder":
        """Adds a layer."""
        name = self.name("affine")
        parameters = {
            role: self.tensor(f"{name}.{role}", [self.width], values)
            for role, values in (("s", s), ("t", t))
        }
        return self.add({"name": name, "type": "affine", "parameters": parameters}, self.width)

    def activation(self, function: str, **constants: float) -> "builder":
        """Adds a layer; the constants are alpha and beta."""
        entry = {"name": self.name(function), "type": "activation", "function": function}
        return self.add(entry | constants, self.width)

    def last_step(self) -> "builder":
        """Adds a layer."""
        return self.add({"name": self.name("last_step"), "type": "last_step"}, self.width)

    def add(self, entry: Json, width: int) -> "builder":
        """Adds any layer."""
        self.layers.append(entry)
        self.width = width
        return self

    def document(self, **more: Any) -> Json:  # noqa: ANN401 - members of any type
        """The document; its output is named by its last layer."""
        last = self.layers[-1].get("function", "")
        kind = {"softmax": "probabilities", "log_softmax": "log_probabilities"}.get(last, "values")
        output: Json = {"kind": kind}
        if self.input["kind"] == "tokens":
            tokens = self.more["vocabularies"]["text"]["tokens"]
            if len(tokens) == self.width:
                output = {"kind": "logits" if kind == "values" else kind, "vocabulary": "text"}
        members = {"input": self.input, "output": output} | self.more | more
        return document(layers=self.layers, tensors=self.tensors, **members)
