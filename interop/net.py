"""Nets as both sides know them: recurrent layers and layer_norm one behind the other, and the calls that are made to them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
BLOCKS = {"elman": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Activation:
    """By the names of SPEC.md 12.6."""

    function: str
    alpha: float | None = None
    beta: float | None = None


@dataclass(frozen=True)
class Weights:
    """Those of one direction. Matrices are [inputs, outputs], with all blocks in the order of SPEC.md 8 (i f g o; r z n).

    Frameworks have two biases; SPEC.md has their sum, and for a GRU with reset after a second one for n. A coupled
    gate's block is here too, for ONNX stores it; it is never read.
    """

    W: Float32  # [I, blocks H]
    R: Float32  # [P, blocks H]
    input_bias: Float32 | None  # [blocks H]; both or neither
    recurrent_bias: Float32 | None
    p: Float32 | None = None  # [3, H]: peepholes of i, f, o
    Q: Float32 | None = None  # [H, P]


@dataclass(frozen=True)
class Recurrent:
    """One recurrent layer; `weights` are one, or two of a bidirectional layer."""

    kind: str  # elman, lstm, gru
    activations: tuple[Activation, ...]  # elman: one; gru: gates, candidate; lstm: those and output
    weights: tuple[Weights, ...]
    reset: str = ""  # before, after: of a gru
    direction: str = "forward"
    merge: str = "concat"
    clip: float | None = None
    coupled: bool = False  # f = 1 − i

    @property
    def I(self) -> int:  # noqa: E743, N802 - its letter in SPEC.md
        """The width of the input."""
        return len(self.weights[0].W)

    @property
    def H(self) -> int:  # noqa: N802 - its letter in SPEC.md
        """The hidden size."""
        return int(self.weights[0].W.shape[1] // BLOCKS[self.kind])

    @property
    def P(self) -> int:  # noqa: N802 - its letter in SPEC.md
        """The width of h."""
        return len(self.weights[0].R)

    @property
    def reversed(self) -> tuple[bool, ...]:
        """For each of `weights`, whether it goes from the last step to the first."""
        return {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}[
            self.direction
        ]


@dataclass(frozen=True)
class Norm:
    """A layer_norm."""

    gamma: Float32  # [I]
    beta: Float32  # [I]
    epsilon: float


@dataclass(frozen=True)
class Net:
    """Layers, each of which reads the one before it."""

    layers: tuple[Recurrent | Norm, ...]

    @property
    def I(self) -> int:  # noqa: E743, N802 - its letter in SPEC.md
        """The width of the input."""
        first = self.layers[0]
        return first.I if isinstance(first, Recurrent) else len(first.gamma)

    @property
    def recurrent(self) -> tuple[Recurrent, ...]:
        """The layers that have a state."""
        return tuple(layer for layer in self.layers if isinstance(layer, Recurrent))

    @property
    def has_c(self) -> bool:
        """Whether its state has cells."""
        return any(layer.kind == "lstm" for layer in self.recurrent)


@dataclass(frozen=True)
class Call:
    """What is run. A state has one array for each direction of each layer, in this order; None is zeros."""

    x: Float32  # [N, T, I]
    h: tuple[Float32, ...] | None  # [N, P] each
    c: tuple[Float32, ...] | None  # [N, H] each; of an lstm
    lengths: npt.NDArray[np.int64] | None


@dataclass(frozen=True)
class Result:
    """What came out: the output [N, T, width] and the state after it as in Call, float32 or float64."""

    y: npt.NDArray[np.floating]
    h: tuple[npt.NDArray[np.floating], ...]
    c: tuple[npt.NDArray[np.floating], ...]  # empty but for lstm

    @property
    def arrays(self) -> tuple[npt.NDArray[np.floating], ...]:
        """All of them."""
        return (self.y, *self.h, *self.c)
