"""Random chains of plain layers, of all that the kernel knows, in every storage."""

from typing import Any

import numpy as np

import rnnspec
from rnnspec import Model

from .random_nets import BLOCKS, FUNCTIONS

SIZES = (1, 3, 15, 16, 17, 40)  # on both sides of a panel's width


class Chain:
    """Makes one net."""

    def __init__(self, seed: int, *, has_directions: bool = False) -> None:
        self.has_directions = has_directions
        self.rng = np.random.default_rng(seed)
        self.layers: list[dict[str, Any]] = []
        self.tensors: dict[str, Any] = {}
        self.values: dict[str, Any] = {}
        self.storage: Any = ("float32", "float16", "bfloat16", "int8")[seed % 4]
        # Ordinary numbers; those near where T begins; large ones, of which some nets overflow.
        self.powers = ((0, 0), (-20, 0), (0, 4 if self.storage == "float16" else 30))[seed // 4 % 3]

    def size(self) -> int:
        return int(self.rng.choice(SIZES))

    def numbers(self, *shape: int) -> str:
        name = f"t{len(self.tensors)}"
        spread = 10.0 ** self.rng.uniform(*self.powers, shape)
        values = (self.rng.standard_normal(shape) * 0.5 * spread).astype(np.float32)
        axis: Any = int(self.rng.integers(0, 2)) if self.storage == "int8" else None
        is_matrix = len(shape) == 2
        self.values[name] = values
        self.tensors[name] = rnnspec.narrow(values, self.storage, axis) if is_matrix else values
        return name

    def add(self, kind: str, **members: Any) -> None:  # noqa: ANN401 - any members
        self.layers.append({"name": f"l{len(self.layers)}", "type": kind, **members})

    def layer(self, width: int) -> int:
        """A layer that reads a width, and its own."""
        kind = str(
            self.rng.choice(["dense", "affine", "activation", "elman", "lstm", "gru", "gru"])
        )
        match kind:
            case "dense":
                size = self.size()
                names = {"W": self.numbers(width, size), "b": self.numbers(size)}
                self.add(kind, size=size, parameters=names)
                return size
            case "affine":
                self.add(kind, parameters={"s": self.numbers(width), "t": self.numbers(width)})
                return width
            case "activation":
                function = str(self.rng.choice([*FUNCTIONS, "softmax", "log_softmax"]))
                numbers = {n: self.rng.uniform(0.1, 0.8) for n in FUNCTIONS.get(function, ())}
                self.add(kind, function=function, **numbers)
                return width
        H, B = self.size(), BLOCKS[kind]
        names = {"W": self.numbers(width, B * H), "R": self.numbers(H, B * H)}
        if self.rng.random() < 0.7:
            names["b"] = self.numbers(B * H)
        if self.rng.random() < 0.3:
            names["h0"] = self.numbers(H)
        members: dict[str, Any] = {"hidden_size": H, "parameters": names}
        direction = self.rng.choice(["forward", "reverse", "bidirectional"])
        if self.has_directions and direction != "forward":
            members["direction"] = str(direction)
        gates, tanh = {"function": "sigmoid"}, {"function": "tanh"}
        if kind == "elman":
            members["activation"] = tanh
        else:
            members["activations"] = {"gates": gates, "candidate": tanh}
        if kind == "lstm":
            members["activations"]["output"] = tanh
        if kind == "gru":
            members["reset"] = str(self.rng.choice(["before", "after"]))
            if members["reset"] == "after":
                names["rb"] = self.numbers(H)
        if members.get("direction") == "bidirectional":
            members["merge"] = "concat"
            others = {f"{role}_reverse": name for role, name in names.items()}
            for role, name in others.items():
                others[role] = self.numbers(*np.shape(self.values[name]))
            members["parameters"] = names | others
        self.add(kind, **members)
        return 2 * H if "merge" in members else H

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"output": {"kind": "values"}}
        if self.rng.random() < 0.6:
            V = int(self.rng.integers(2, 9))
            document["vocabularies"] = {"v": {"unit": "codepoint", "tokens": list("abcdefgh")[:V]}}
            document["input"] = {"kind": "tokens", "vocabulary": "v"}
            if self.rng.random() < 0.5:
                width = self.size()
                names = {"E": self.numbers(V, width)}
                self.add("embedding", size=width, parameters=names)
            else:
                self.add("one_hot")
                names = {"W": self.numbers(V, 5)}
                self.add("dense", size=5, parameters=names)
                width = 5
        else:
            width = self.size()
            document["input"] = {"kind": "features", "size": width}
        for _ in range(int(self.rng.integers(1, 4))):
            width = self.layer(width)
        kinds = {"softmax": "probabilities", "log_softmax": "log_probabilities"}
        document["output"]["kind"] = kinds.get(self.layers[-1].get("function", ""), "values")
        return {**document, "layers": self.layers, "tensors": self.tensors}


def plain_net(seed: int) -> Model:
    """The net of a seed: the kernel can do all of it."""
    return rnnspec.build(Chain(seed).document())


def net_of_directions(seed: int) -> Model:
    """The same with layers that begin at the end: the kernel can do their cells."""
    return rnnspec.build(Chain(seed, has_directions=True).document())
