"""Random nets: every layer type, function and option, and layers that read several others."""

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
        self.has_directions = seed % 2 == 1  # so that half of the nets are forward
        self.layers: list[dict[str, Any]] = []
        self.tensors: dict[str, np.ndarray] = {}
        self.values: dict[
            str, tuple[int, bool]
        ] = {}  # that can be read: width, whether it has time
        self.unread: list[str] = []

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

    def read(self, *, of_time: bool | None = None) -> tuple[str, int]:
        """A value to read, mostly the last one: its name and width."""
        names = [n for n, (_, time) in self.values.items() if of_time in {None, time}]
        name = names[-1] if self.rng.random() < 0.7 else self.pick(names)
        return name, self.values[name][0]

    def rowwise(self) -> None:
        name, width = self.read()
        match self.pick(["dense", "affine", "activation", "layer_norm", "merge"]):
            case "dense":
                size = self.size()
                names = {"W": self.parameter(width, size)}
                names |= {"b": self.parameter(size)} if self.chance() else {}
                self.add("dense", [name], size, size=size, parameters=names)
            case "affine":
                names = {"s": self.parameter(width), "t": self.parameter(width)}
                self.add("affine", [name], width, parameters=names)
            case "layer_norm":
                names = {"gamma": self.parameter(width), "beta": self.parameter(width)}
                epsilon = float(10 ** self.rng.uniform(-3, 0))
                self.add("layer_norm", [name], width, epsilon=epsilon, parameters=names)
            case "merge":
                self.merge(name)
            case _:
                vectorwise = self.rng.random() < 0.2
                function = {"function": "softmax"} if vectorwise else self.activation()
                self.add("activation", [name], width, **function)

    def merge(self, name: str) -> None:
        """Two or three values like `name`."""
        width, time = self.values[name]
        layer_type = self.pick(["add", "multiply", "concat"])
        alike = [
            n
            for n, (w, t) in self.values.items()
            if t == time and (w == width or layer_type == "concat")
        ]
        inputs = [name, *(self.pick(alike) for _ in range(int(self.rng.integers(1, 3))))]
        total = sum(self.values[n][0] for n in inputs)
        self.add(layer_type, inputs, total if layer_type == "concat" else width)

    def recurrent(self, output: str | None) -> None:
        name, width = self.read(of_time=True)
        layer_type, H = self.pick(BLOCKS), self.size()
        B, P = BLOCKS[layer_type], H
        options: dict[str, Any] = {"hidden_size": H}
        shapes: dict[str, tuple[int, ...]] = {}
        if layer_type == "elman":
            options["activation"] = self.activation()
        else:
            words = ["gates", "candidate"] + ["output"] * (layer_type == "lstm")
            options["activations"] = {word: self.activation() for word in words}
            if self.rng.random() < 0.25:
                options["activations"]["gates"] = {"function": "sigmoid"}
        optional: dict[str, tuple[int, ...]] = {}
        if layer_type == "lstm":
            if self.rng.random() < 0.3:
                options["coupled"] = self.pick(["input", "forget"])
                B = 3
            if self.rng.random() < 0.4:
                options["peephole"] = self.pick(["diagonal", "full"])
                shapes["p"] = (B - 1, H) if options["peephole"] == "diagonal" else (H, (B - 1) * H)
            if self.rng.random() < 0.3:
                options["cell_clip"] = self.rng.uniform(0.1, 1)
            if self.rng.random() < 0.4:
                P = options["projection_size"] = self.size()
                shapes["Q"], optional["qb"] = (H, P), (P,)
                if self.chance():
                    options["projection_clip"] = self.rng.uniform(0.05, 0.5)
            optional["c0"] = (H,)
        if layer_type == "gru":
            options["reset"] = self.pick(["before", "after"])
            optional |= {"rb": (H,)} if options["reset"] == "after" else {}
        if self.rng.random() < 0.3:
            options["clip"] = self.rng.uniform(0.1, 1)
        shapes |= {"W": (width, B * H), "R": (P, B * H)}
        optional |= {"b": (B * H,), "h0": (P,)}
        ends, own = [""], P
        if self.has_directions and self.chance():
            options["direction"] = self.pick(["reverse", "bidirectional", "forward"])
            if options["direction"] == "bidirectional":
                options["merge"] = self.pick(["concat", "sum", "multiply", "average"])
                ends, own = ["", "_reverse"], 2 * P if options["merge"] == "concat" else P
        names = {
            role + end: self.parameter(*shape)
            for end in ends
            for role, shape in {
                **shapes,
                **{role: shape for role, shape in optional.items() if self.chance()},
            }.items()
        }
        options |= {} if output is None else {"output": output}
        self.add(layer_type, [name], own, **options, parameters=names)

    def add(self, layer_type: str, inputs: list[str], width: int, **members: Any) -> None:  # noqa: ANN401 - any members
        name = f"l{len(self.layers)}"
        before = self.layers[-1]["name"] if self.layers else "input"
        spelled = {} if inputs == [before] and self.chance() else {"inputs": inputs}
        takes_time = layer_type == "last_step" or members.get("output") == "final"
        time = not takes_time and (inputs == ["input"] or self.values[inputs[0]][1])
        self.layers.append({"name": name, "type": layer_type, **spelled, **members})
        self.values[name] = (width, time)
        self.unread = [n for n in self.unread if n not in inputs] + [name]

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"output": {"kind": "values"}}
        if self.chance():
            V = self.size()
            document["vocabularies"] = {"v": {"unit": "codepoint", "tokens": list("abcdefg")[:V]}}
            document["input"] = {"kind": "tokens", "vocabulary": "v"}
            if self.chance():
                size = self.size()
                names = {"E": self.parameter(V, size)}
                self.add("embedding", ["input"], size, size=size, parameters=names)
            else:
                self.add("one_hot", ["input"], V)
        else:
            size = self.size()
            document["input"] = {"kind": "features", "size": size}
            self.values["input"] = (size, True)
        for _ in range(int(self.rng.integers(1, 5))):
            if self.chance():
                self.recurrent(
                    self.pick(["sequence", "sequence", "final"]) if self.chance() else None
                )
            else:
                self.rowwise()
            if self.has_directions and self.rng.random() < 0.15:
                name, width = self.read(of_time=True)
                self.add("time_reverse", [name], width)
            if self.rng.random() < 0.1:
                name, width = self.read(of_time=True)
                self.add("last_step", [name], width)
        self.join()
        for _ in range(int(self.rng.integers(0, 3))):
            last = self.layers[-1]["name"]
            self.values = {last: self.values[last]}
            self.rowwise()
        if self.layers[-1].get("function") == "softmax":
            document["output"]["kind"] = "probabilities"
        return {**document, "layers": self.layers, "tensors": self.tensors}

    def join(self) -> None:
        """The last layer depends on all others."""
        if any(not self.values[name][1] for name in self.unread):
            for name in list(self.unread):
                if self.values[name][1]:
                    self.add("last_step", [name], self.values[name][0])
        if len(self.unread) > 1:
            parts = list(self.unread)
            self.add("concat", parts, sum(self.values[name][0] for name in parts))


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
    """What a net uses."""
    found: set[str] = {model.input.kind}
    for layer in model.layers:
        found.add(layer.type)
        names = {f"{layer.type}.{role}" for role in getattr(layer, "parameters", {})}
        found |= names
        for member in ("output", "reset", "function", "direction", "merge", "peephole", "coupled"):
            if value := getattr(layer, member, None):
                found.add(f"{layer.type}.{member}={value}")
        for member in ("clip", "cell_clip", "projection_size", "projection_clip"):
            if getattr(layer, member, None) is not None:
                found.add(f"{layer.type}.{member}")
        if layer.type == "elman":
            found.add(f"elman.activation={layer.activation.function}")
        for word, activation in getattr(layer, "activations", {}).items():
            found.add(f"{layer.type}.{word}={activation.function}")
    return found
