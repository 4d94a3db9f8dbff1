"""Nets with spread weights, layer by layer."""

import math
from typing import Any

from conformance.generator.build import GRU_ACTIVATIONS, LSTM_ACTIVATIONS, TANH, document
from conformance.generator.spread import Json, Numbers, narrowed, quantised, stored

__all__ = ["Json", "Numbers", "builder"]
OPTIONS = (  # members of a recurrent layer that a builder takes as they are
    "direction", "merge", "output", "clip", "cell_clip", "projection_clip", "peephole", "coupled",
)  # fmt: skip


class builder:  # noqa: N801 - reads as a verb: net = builder(…).lstm(…)
    """A document, layer by layer; numbers not given are drawn from the stream.

    A layer reads the one before it, or those that `reading` names.
    """

    def __init__(self, inputs: int | str, seed: int, low: int = -5, high: int = 0) -> None:
        self.numbers = Numbers(seed)
        self.range = (low, high)
        self.dtype = "float32"
        self.axis = 1  # of int8
        self.as_bytes = False
        self.layers: list[Json] = []
        self.tensors: Json = {}
        self.more: Json = {}
        self.inputs: list[str] = []  # of the next layer, if it names them
        self.file: str | None = None  # the name of the model's file, if cases share it
        if isinstance(inputs, str):
            self.tokens(list(inputs))
        else:
            self.width = inputs
            self.input: Json = {"kind": "features", "size": inputs}
        self.widths = {"input": self.width}

    def tokens(self, tokens: list[str], **special: int) -> "builder":
        """Tokens as input."""
        self.width = len(tokens)
        self.widths = {"input": self.width}
        self.input = {"kind": "tokens", "vocabulary": "text"}
        entry: Json = {"unit": "codepoint", "tokens": tokens} | special
        self.more["vocabularies"] = {"text": entry}
        return self

    def tensor(self, name: str, shape: list[int], values: list[float] | None = None) -> str:
        """Stores a tensor; spread numbers unless values are given. A vector can't be int8."""
        dtype = "float32" if self.dtype == "int8" and len(shape) != 2 else self.dtype
        if dtype == "int8" and values is None:
            self.tensors[name] = quantised(shape, self.axis, self.numbers, *self.range)
            return name
        if values is None:
            values = narrowed(self.numbers.many(math.prod(shape), *self.range), dtype)
        self.tensors[name] = stored(shape, values, dtype, as_bytes=self.as_bytes)
        return name

    def name(self, stem: str) -> str:
        """A name for the next layer."""
        return f"{stem}{len(self.layers)}"

    def reading(self, *names: str) -> "builder":
        """The next layer reads these."""
        self.inputs = list(names)
        self.width = self.widths[names[0]]
        return self

    # --- layers that read tokens --------------------------------------------------------------------

    def embedding(self, size: int, E: list[float] | None = None) -> "builder":
        """Adds a layer."""
        name = self.name("embedding")
        parameters = {"E": self.tensor(name + ".E", [self.width, size], E)}
        entry = {"name": name, "type": "embedding", "size": size, "parameters": parameters}
        return self.add(entry, size)

    def one_hot(self) -> "builder":
        """Adds a layer."""
        return self.add({"name": self.name("one_hot"), "type": "one_hot"}, self.width)

    # --- recurrent layers ---------------------------------------------------------------------------

    def elman(self, H: int, activation: Json = TANH, **options: Any) -> "builder":  # noqa: ANN401
        """Adds a layer; see `cell`."""
        shapes: dict[str, list[int]] = {"b": [H], "h0": [H]}
        return self.cell("elman", H, H, H, {"activation": activation}, shapes, options)

    def lstm(
        self,
        H: int,
        activations: Json = LSTM_ACTIVATIONS,
        *,
        projection: int = 0,
        qb: bool | list[float] = False,
        **options: Any,  # noqa: ANN401 - see `cell`
    ) -> "builder":
        """Adds a layer; see `cell`. With a projection, Q, and qb if wished."""
        B = 3 if "coupled" in options else 4
        P = projection or H
        shapes = {"b": [B * H]}
        if "peephole" in options:
            full = options["peephole"] == "full"
            shapes["p"] = [H, (B - 1) * H] if full else [B - 1, H]
        entry: Json = {"activations": activations}
        if projection:
            entry["projection_size"] = projection
            shapes["Q"] = [H, P]
        if qb:
            shapes["qb"] = [P]
            options |= {"qb": qb} if isinstance(qb, list) else {}
        shapes |= {"h0": [P], "c0": [H]}
        return self.cell("lstm", H, B * H, P, entry, shapes, options)

    def gru(
        self,
        H: int,
        reset: str,
        activations: Json = GRU_ACTIVATIONS,
        *,
        rb: bool | list[float] | None = None,
        **options: Any,  # noqa: ANN401 - see `cell`
    ) -> "builder":
        """Adds a layer; see `cell`. With reset `after`, rb goes with the bias."""
        options["second"] = options.get("bias", True) if rb is None else bool(rb)
        if isinstance(rb, list):
            options["rb"] = rb
        shapes = {"b": [3 * H]} | ({"rb": [H]} if reset == "after" else {}) | {"h0": [H]}
        entry: Json = {"reset": reset, "activations": activations}
        return self.cell("gru", H, 3 * H, H, entry, shapes, options)

    def cell(
        self,
        kind: str,
        H: int,
        columns: int,
        P: int,
        entry: Json,
        shapes: dict[str, list[int]],
        options: Json,
    ) -> "builder":
        """Adds a recurrent layer.

        Its options are the members named in OPTIONS; `final` and `bias` (off or on); `initial`, for
        spread h0 and c0; and values of parameters by their roles. h0 and c0 stand only if asked for.
        """
        name = self.name(kind)
        shapes = {"W": [self.width, columns], "R": [P, columns]} | shapes
        members = {option: options.pop(option) for option in OPTIONS if option in options}
        if options.pop("final", False):
            members["output"] = "final"
        wanted = {"b": options.pop("bias", True), "rb": options.pop("second", False)}
        wanted["h0"] = wanted["c0"] = options.pop("initial", False)
        both = ["", "_reverse"] if members.get("direction") == "bidirectional" else [""]
        parameters: Json = {}
        for suffix in both:
            for plain, shape in shapes.items():
                role = plain + suffix
                if role in options or wanted.get(plain, True):
                    values = options.pop(role, None)
                    parameters[role] = self.tensor(f"{name}.{role}", shape, values)
        if options:
            raise ValueError(f"no option of a layer {kind}: {', '.join(options)}")
        whole = {"name": name, "type": kind, "hidden_size": H} | entry | members
        width = P * 2 if members.get("merge") == "concat" else P
        return self.add(whole | {"parameters": parameters}, width)

    # --- layers without a state ---------------------------------------------------------------------

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
        return self.of_vectors("affine", {"s": s, "t": t}, {})

    def layer_norm(
        self,
        epsilon: float = 1e-5,
        gamma: list[float] | None = None,
        beta: list[float] | None = None,
    ) -> "builder":
        """Adds a layer."""
        return self.of_vectors("layer_norm", {"gamma": gamma, "beta": beta}, {"epsilon": epsilon})

    def of_vectors(
        self, kind: str, roles: dict[str, list[float] | None], members: Json
    ) -> "builder":
        """Adds a layer whose parameters are vectors of its width."""
        name = self.name(kind)
        parameters = {
            role: self.tensor(f"{name}.{role}", [self.width], values)
            for role, values in roles.items()
        }
        entry = {"name": name, "type": kind} | members | {"parameters": parameters}
        return self.add(entry, self.width)

    def activation(self, function: str, **constants: float) -> "builder":
        """Adds a layer; the constants are alpha and beta."""
        entry = {"name": self.name(function), "type": "activation", "function": function}
        return self.add(entry | constants, self.width)

    def plain(self, kind: str, *names: str) -> "builder":
        """Adds a layer without members of its own: add, multiply, concat, last_step, time_reverse."""
        if names:
            self.reading(*names)
        width = sum(self.widths[name] for name in names) if kind == "concat" else self.width
        return self.add({"name": self.name(kind), "type": kind}, width)

    def last_step(self) -> "builder":
        """Adds a layer."""
        return self.plain("last_step")

    def add(self, entry: Json, width: int) -> "builder":
        """Adds any layer."""
        if self.inputs:
            head = {"name": entry["name"], "type": entry["type"], "inputs": self.inputs}
            entry, self.inputs = head | entry, []
        self.layers.append(entry)
        self.width = self.widths[entry["name"]] = width
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
