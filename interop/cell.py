"""One recurrent layer with random weights, as both sides know it, and the calls that are made to it."""

import math
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
class Form:
    """A cell without its numbers."""

    kind: str  # elman, lstm, gru
    activations: tuple[Activation, ...]  # elman: one; gru: gates, candidate; lstm: those and output
    reset: str = ""  # before, after: of a gru


@dataclass(frozen=True)
class Cell:
    """Matrices are [inputs, outputs], blocks in the order of SPEC.md 8 (i f g o; r z n).

    Frameworks have two biases; SPEC.md has their sum, and for a GRU with reset after a second one for n.
    """

    kind: str  # these three as in Form
    reset: str
    activations: tuple[Activation, ...]
    W: Float32  # [I, blocks H]
    R: Float32  # [H, blocks H]
    input_bias: Float32  # [blocks H]
    recurrent_bias: Float32  # [blocks H]

    @property
    def I(self) -> int:  # noqa: E743, N802 - its letter in SPEC.md
        """The width of the input."""
        return len(self.W)

    @property
    def H(self) -> int:  # noqa: N802 - its letter in SPEC.md
        """The hidden size."""
        return len(self.R)


@dataclass(frozen=True)
class Call:
    """What is run: `c` is None but for an lstm; `lengths` may be None."""

    x: Float32  # [N, T, I]
    h: Float32 | None  # [N, H]; None is zeros
    c: Float32 | None
    lengths: npt.NDArray[np.int64] | None


@dataclass(frozen=True)
class Result:
    """What came out: the output [N, T, H] and the state after it, float32 or float64."""

    y: npt.NDArray[np.floating]
    h: npt.NDArray[np.floating]  # [N, H]
    c: npt.NDArray[np.floating] | None


def random_cell(rng: np.random.Generator, form: Form, scale: int) -> Cell:
    """Weights as PyTorch draws them for RNN, LSTM and GRU, ±1/√H evenly, times `scale`."""
    I, H = int(rng.integers(1, 71)), int(rng.integers(1, 71))  # noqa: E741
    columns, bound = BLOCKS[form.kind] * H, scale / math.sqrt(H)

    def draw(*shape: int) -> Float32:
        return rng.uniform(-bound, bound, shape).astype(np.float32)

    W, R = draw(I, columns), draw(H, columns)
    biases = draw(columns), draw(columns)
    return Cell(
        form.kind,
        form.reset,
        form.activations,
        W=W,
        R=R,
        input_bias=biases[0],
        recurrent_bias=biases[1],
    )


def random_call(rng: np.random.Generator, cell: Cell, steps: int, *, shortest: int) -> Call:
    """Inputs of size 1; a state in half of the calls; lengths from `shortest` on in half of them."""
    N = int(rng.integers(1, 5))
    x = rng.standard_normal((N, steps, cell.I)).astype(np.float32)
    given, cut = rng.random(2) < 0.5
    h = rng.uniform(-1, 1, (N, cell.H)).astype(np.float32) if given else None
    c = (
        rng.uniform(-1, 1, (N, cell.H)).astype(np.float32)
        if given and cell.kind == "lstm"
        else None
    )
    return Call(x, h, c, rng.integers(shortest, steps + 1, N) if cut and steps > 1 else None)
