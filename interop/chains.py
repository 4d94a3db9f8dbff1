"""Random models that small players play: plain forward layers, one behind the other."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

import rnnspec
from interop.net import Float32

Document = dict[str, Any]

_TANH: Final = {"function": "tanh"}
_GATES: Final = {"gates": {"function": "sigmoid"}, "candidate": _TANH}
_ALPHA: Final = {"leaky_relu": 0.25, "elu": 0.5, "thresholded_relu": 0.125}
_BOTH: Final = {"hard_sigmoid": (0.2, 0.5), "scaled_tanh": (1.7, 0.66)}
FUNCTIONS: Final = (
    *("linear", "tanh", "sigmoid", "relu", "softplus", "softsign", "hard_tanh"),
    *(*_ALPHA, *_BOTH),
)
SCALE: Final = 0.7  # of weights: loud, so that what is misread is heard


class Chain:
    """A document that grows."""

    def __init__(self, rng: np.random.Generator, width: int, tokens: int = 0) -> None:
        self.rng = rng
        self.width = width
        self.layers: list[Document] = []
        self.tensors: dict[str, Any] = {}
        self.members: Document = {"input": {"kind": "features", "size": width}}
        if tokens:
            self.members = {
                "input": {"kind": "tokens", "vocabulary": "t"},
                "vocabularies": {
                    "t": {"unit": "token", "tokens": [f"t{k}" for k in range(tokens)]}
                },
            }
        self.half = rng.random() < 0.25  # stored as float16

    def add(self, kind: str, shapes: Mapping[str, tuple[int, ...]], **members: object) -> None:
        """A layer with random arrays."""
        name = f"{kind}-{len(self.layers)}"
        layer: Document = {"name": name, "type": kind, **members}
        if shapes:
            layer["parameters"] = {role: f"{name}.{role}" for role in shapes}
        for role, shape in shapes.items():
            self.tensors[f"{name}.{role}"] = self.drawn(shape)
        self.layers.append(layer)

    def drawn(self, shape: tuple[int, ...]) -> Any:  # noqa: ANN401  float32 or float16
        """Numbers of every kind: a few are zero, or so tiny that they count as zero."""
        array = (self.rng.normal(size=shape) * SCALE).astype(np.float32)
        odd = self.rng.random(shape)
        array[odd < 0.02] = 0
        array[odd > 0.98] *= np.float32(1e-20)
        return array.astype(np.float16) if self.half else array

    def maybe(self, chance: float = 0.75) -> bool:
        """True as often as that."""
        return bool(self.rng.random() < chance)

    def size(self, most: int) -> int:
        """From 1 on; most often small, and around the sizes of the kernel's groups."""
        return (
            int(self.rng.choice([1, 2, 3, 8, 15, 16, 17, 20, 33, 40]))
            if most >= 40
            else int(self.rng.integers(1, most + 1))
        )

    def cell(self, kind: str, H: int, *, reset: str = "after", starts: bool = False) -> None:
        """A recurrent layer, the plain one."""
        blocks = {"lstm": 4, "gru": 3, "elman": 1}[kind]
        shapes: dict[str, tuple[int, ...]] = {"W": (self.width, blocks * H), "R": (H, blocks * H)}
        if self.maybe():
            shapes["b"] = (blocks * H,)
        members: Document = {"hidden_size": H}
        if kind == "elman":
            members["activation"] = _TANH
        else:
            members["activations"] = {**_GATES, **({"output": _TANH} if kind == "lstm" else {})}
        if kind == "gru":
            members["reset"] = reset
            if reset == "after" and self.maybe():
                shapes["rb"] = (H,)
        for role in ("h0", "c0") if kind == "lstm" else ("h0",):
            if starts and self.maybe():
                shapes[role] = (H,)
        self.add(kind, shapes, **members)
        self.width = H

    def dense(self, size: int) -> None:
        """A dense layer, with a bias or without."""
        self.add(
            "dense",
            {"W": (self.width, size), **({"b": (size,)} if self.maybe() else {})},
            size=size,
        )
        self.width = size

    def affine(self) -> None:
        """Each element by itself."""
        self.add("affine", {"s": (self.width,), "t": (self.width,)})

    def function(self, name: str) -> None:
        """An activation, with the numbers that it asks for."""
        alpha, beta = _BOTH.get(name, (_ALPHA.get(name), None))
        numbers = {key: n for key, n in (("alpha", alpha), ("beta", beta)) if n is not None}
        self.add("activation", {}, function=name, **numbers)

    def model(self) -> rnnspec.Model:
        """The model, checked."""
        kinds = {"softmax": "probabilities", "log_softmax": "log_probabilities"}
        output = {"kind": kinds.get(self.layers[-1].get("function", ""), "values")}
        return rnnspec.build(
            {**self.members, "layers": self.layers, "output": output, "tensors": self.tensors}
        )


def for_rtneural(rng: np.random.Generator) -> rnnspec.Model:
    """LSTMs and GRUs, dense and affine layers, the functions that RTNeural has."""
    chain = Chain(rng, int(rng.integers(1, 5)))
    for _ in range(int(rng.integers(1, 4))):
        chain.cell(str(rng.choice(["lstm", "gru"])), chain.size(40))
        if chain.maybe(0.3):
            chain.function(str(rng.choice(["tanh", "relu", "sigmoid", "linear"])))
    for _ in range(int(rng.integers(0, 3))):
        chain.dense(chain.size(9))
        if chain.maybe(0.5):
            chain.function(str(rng.choice(["tanh", "relu", "sigmoid", "linear"])))
        if chain.maybe(0.2):
            chain.affine()
    if chain.maybe(0.2):
        chain.function("softmax")
    return chain.model()


def for_nam(rng: np.random.Generator) -> rnnspec.Model:
    """LSTMs of one size with the states that they begin with, and a head."""
    chain = Chain(rng, 1)
    if chain.maybe():
        chain.members["input"]["sample_rate"] = float(rng.choice([44100, 48000, 96000.5]))
    H = chain.size(40)
    for _ in range(int(rng.integers(1, 4))):
        chain.cell("lstm", H, starts=True)
    chain.dense(1)
    return chain.model()


def for_c_header(rng: np.random.Generator) -> rnnspec.Model:
    """Whatever the kernel knows, of features or tokens."""
    tokens = int(rng.integers(1, 30)) if rng.random() < 0.4 else 0
    chain = Chain(rng, int(rng.integers(1, 5)), tokens)
    if tokens and chain.maybe(0.5):
        chain.width = chain.size(9)
        chain.add("embedding", {"E": (tokens, chain.width)}, size=chain.width)
    elif tokens:
        chain.add("one_hot", {})
        chain.width = tokens
        if chain.maybe(0.6):
            reset = str(rng.choice(["before", "after"]))
            chain.cell(str(rng.choice(["lstm", "gru"])), chain.size(40), reset=reset)
        elif chain.maybe(0.6):
            chain.dense(chain.size(9))
        else:
            chain.affine()
    for _ in range(int(rng.integers(0, 4))):
        kind = str(rng.choice(["lstm", "gru", "elman", "dense", "affine", "function"]))
        if kind == "dense":
            chain.dense(chain.size(40))
        elif kind == "affine":
            chain.affine()
        elif kind == "function":
            chain.function(str(rng.choice(FUNCTIONS)))
        else:
            reset = str(rng.choice(["before", "after"]))
            chain.cell(kind, chain.size(40), reset=reset, starts=True)
    if chain.maybe(0.2) or not chain.layers:
        chain.function(str(rng.choice(["softmax", "log_softmax"])))
    return chain.model()


MAKERS: Final[Mapping[str, Callable[[np.random.Generator], rnnspec.Model]]] = {
    "rtneural": for_rtneural,
    "nam": for_nam,
    "c-header": for_c_header,
}


def given(model: rnnspec.Model, rng: np.random.Generator, rows: int, steps: int) -> Any:  # noqa: ANN401  ids or Float32
    """An input, loud: ids [rows, steps], or features [rows, steps, size]."""
    if isinstance(model.input, rnnspec.FeatureInput):
        x: Float32 = rng.normal(size=(rows, steps, model.input.size)).astype(np.float32)
        return x
    assert model.input_vocabulary is not None
    return rng.integers(0, len(model.input_vocabulary.tokens), (rows, steps))
