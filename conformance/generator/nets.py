"""What the sections about numbers share: nets with spread weights, and cases that run them.

Weights of one size prove nothing: a famous suite of LSTM cases passes under all orders of the gates.
Here every number has its own sign, exponent and 24 digits, from a generator that is the same everywhere.
"""

import math
import random
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import array, document, features_of, json_bytes, msgpack_bytes
from conformance.generator.build import tensor as make_tensor
from conformance.oracle import truth
from conformance.oracle.answer import answer
from conformance.oracle.float32 import f32, from_bits
from conformance.oracle.net import load
from conformance.oracle.reader import read

Json = dict[str, Any]
__all__ = ["Numbers", "array", "builder", "decode_case", "evaluate_case", "run_case"]


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

    def lstm(
        self,
        H: int,
        *,
        bias: bool = True,
        W: list[float] | None = None,
        R: list[float] | None = None,
        b: list[float] | None = None,
    ) -> "builder":
        """Adds a layer."""
        name = self.name("lstm")
        parameters = {
            "W": self.tensor(name + ".W", [self.width, 4 * H], W),
            "R": self.tensor(name + ".R", [H, 4 * H], R),
        }
        if bias or b is not None:
            parameters["b"] = self.tensor(name + ".b", [4 * H], b)
        entry = {"name": name, "type": "lstm", "hidden_size": H, "parameters": parameters}
        return self.add(entry, H)

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

    def activation(self, function: str) -> "builder":
        """Adds a layer."""
        entry = {"name": self.name(function), "type": "activation", "function": function}
        return self.add(entry, self.width)

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


# --- cases ----------------------------------------------------------------------------------------


def written(id: str, net: Json, encoding: str, file: str | None) -> Document:
    """The document as a file beside the case."""
    suffix, data = (
        (".rnn.json", json_bytes(net)) if encoding == "json" else (".rnn", msgpack_bytes(net))
    )
    return Document(data, (file or id.partition("/")[2]) + suffix)


def answered(command: str, net: Document | None, request: Json) -> Json:
    """What the scalar oracle answers: the member `expect`."""
    document = None if net is None else read(net.data).document
    if net is not None and document is None:
        raise ValueError(f"an invalid document: {read(net.data).findings}")
    reply = answer(command, None if document is None else load(document), request)
    result: Json = reply.get("result", reply)
    return result


def run_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    chunks: list[Json],
    *,
    state: Json | None = None,
    interface: str | None = None,
    encoding: str = "json",
    file: str | None = None,
    true: bool = True,
) -> Case:
    """A case of the command `run`, with the true values beside the bits unless `true` is off."""
    source = written(id, net, encoding, file)
    request: Json = {"chunks": chunks}
    features = features_of(source.data)
    if state is not None:
        request["state"] = state
    if state is not None or len(chunks) > 1:
        features.append("state")
    if any("lengths" in chunk for chunk in chunks):
        features.append("lengths")
    if interface is not None:
        request["interface"] = interface
        features.append("step")
    expect = answered("run", source, request)
    document = read(source.data).document
    assert document is not None
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(features),
        catches=catches,
        command="run",
        document=source,
        request=request,
        expect=expect,
        truth=truth.run(document, request, expect["chunks"])
        if true and any("output" in c for c in expect["chunks"])
        else None,
    )


def decode_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    request: Json,
    *,
    encoding: str = "json",
    file: str | None = None,
) -> Case:
    """A case of the command `decode`."""
    source = written(id, net, encoding, file)
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=(*features_of(source.data), "decoding"),
        catches=catches,
        command="decode",
        document=source,
        request=request,
        expect=answered("decode", source, request),
    )


def selftest_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    *,
    encoding: str = "json",
) -> Case:
    """A case of the command `selftest`."""
    source = written(id, net, encoding, None)
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=(*features_of(source.data), "selftest"),
        catches=catches,
        command="selftest",
        document=source,
        expect=answered("selftest", source, {}),
    )


def evaluate_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    function: str,
    x: list[int],
) -> Case:
    """A case of the command `evaluate`; the inputs are given by their bits."""
    request: Json = {"function": function, "input": array([len(x)], [from_bits(b) for b in x])}
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=("functions",),
        catches=catches,
        command="evaluate",
        request=request,
        expect=answered("evaluate", None, request),
        truth=truth.evaluate(function, request["input"]),
    )
