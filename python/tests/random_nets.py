"""Random nets over all of the core: every layer type, function and option."""

from typing import Any

import numpy as np

import rnnspec
from rnnspec import Model

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "linear": (), "tanh": (), "sigmoid": (), "relu": (), "leaky_relu": ("alpha",), "elu": ("alpha",),
    "softplus": (), "softsign": (), "hard_sigmoid": ("alpha", "beta"), "hard_tanh": (),
    "thresholded_relu": ("alpha",), "scaled_tanh": ("alpha", "beta"),
}  # fmt: skip
BLOCKS = {"elman": 1, "gru": 3, "lstm": 4}


class Maker:
    """Makes one net."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.layers: list[dict[str, Any]] = []
        self.tensors: dict[str, np.ndarray] = {}

    def chance(self) -> bool:
        return bool(self.rng.random() < 0.5)

    def pick(self, words: Any) -> str:  # noqa: ANN401 - any words
        return str(self.rng.choice(list(words)))

    def size(self) -> int:
        return int(self.rng.integers(1, 7))

    def parameter(self, *shape: int) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = (self.rng.standard_normal(shape) * 0.5).astype(np.float32)
        return name

    def activation(self) -> dict[str, Any]:
        function = self.pick(FUNCTIONS)
        return {
            "function": function,
            **{name: self.rng.uniform(0.1, 0.8) for name in FUNCTIONS[function]},
        }

    def rowwise(self, width: int) -> int:
        match self.pick(["dense", "affine", "activation"]):
            case "dense":
                size = self.size()
                names = {"W": self.parameter(width, size)}
                names |= {"b": self.parameter(size)} if self.chance() else {}
                self.add("dense", size=size, parameters=names)
                return size
            case "affine":
                names = {"s": self.parameter(width), "t": self.parameter(width)}
                self.add("affine", parameters=names)
            case _:
                vectorwise = self.rng.random() < 0.2
                self.add(
                    "activation", **({"function": "softmax"} if vectorwise else self.activation())
                )
        return width

    def recurrent(self, width: int, output: str | None) -> int:
        layer_type, H = self.pick(BLOCKS), self.size()
        names = {
            "W": self.parameter(width, BLOCKS[layer_type] * H),
            "R": self.parameter(H, BLOCKS[layer_type] * H),
        }
        optional = {"b": BLOCKS[layer_type] * H, "h0": H}
        options: dict[str, Any] = {"hidden_size": H}
        if layer_type == "elman":
            options["activation"] = self.activation()
        else:
            words = ["gates", "candidate"] + ["output"] * (layer_type == "lstm")
            options["activations"] = {word: self.activation() for word in words}
            if self.rng.random() < 0.25:
                options["activations"]["gates"] = {"function": "sigmoid"}
        if layer_type == "lstm":
            optional["c0"] = H
        if layer_type == "gru":
            options["reset"] = self.pick(["before", "after"])
            optional |= {"rb": H} if options["reset"] == "after" else {}
        names |= {role: self.parameter(size) for role, size in optional.items() if self.chance()}
        options |= {} if output is None else {"output": output}
        self.add(layer_type, **options, parameters=names)
        return H

    def add(self, layer_type: str, **members: Any) -> None:  # noqa: ANN401 - any members
        self.layers.append({"name": f"l{len(self.layers)}", "type": layer_type, **members})

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"output": {"kind": "values"}}
        if self.chance():
            V = self.size()
            document["vocabularies"] = {"v": {"unit": "codepoint", "tokens": list("abcdefg")[:V]}}
            document["input"] = {"kind": "tokens", "vocabulary": "v"}
            if self.chance():
                width = self.size()
                self.add("embedding", size=width, parameters={"E": self.parameter(V, width)})
            else:
                width = V
                self.add("one_hot")
        else:
            width = self.size()
            document["input"] = {"kind": "features", "size": width}
        for _ in range(int(self.rng.integers(0, 4))):
            sequence = "sequence" if self.chance() else None
            width = self.recurrent(width, sequence) if self.chance() else self.rowwise(width)
        ending = self.pick(["none", "final", "last_step"])
        if ending == "final":
            width = self.recurrent(width, "final")
        elif ending == "last_step":
            self.add("last_step")
        for _ in range(int(self.rng.integers(0, 3))):
            width = self.rowwise(width)
        if not self.layers:
            width = self.rowwise(width)
        if self.layers[-1].get("function") == "softmax":
            document["output"]["kind"] = "probabilities"
        return {**document, "layers": self.layers, "tensors": self.tensors}


def random_net(seed: int) -> Model:
    """The net of a seed."""
    return rnnspec.build(Maker(seed).document())


def random_input(net: rnnspec.Plan, N: int, T: int, seed: int) -> np.ndarray:
    """Ids [N, T] or numbers [N, T, size]."""
    rng = np.random.default_rng(seed)
    if net.tokens is not None:
        return rng.integers(0, net.tokens, (N, T))
    return rng.standard_normal((N, T, net.size or 0)).astype(np.float32)


def options_of(model: Model) -> set[str]:
    """What of the core a net uses."""
    found: set[str] = {model.input.kind}
    for layer in model.layers:
        found.add(layer.type)
        names = {f"{layer.type}.{role}" for role in getattr(layer, "parameters", {})}
        found |= names
        for member in ("output", "reset", "function"):
            if value := getattr(layer, member, None):
                found.add(f"{layer.type}.{member}={value}")
        if layer.type == "elman":
            found.add(f"elman.activation={layer.activation.function}")
        for word, activation in getattr(layer, "activations", {}).items():
            found.add(f"{layer.type}.{word}={activation.function}")
    return found
