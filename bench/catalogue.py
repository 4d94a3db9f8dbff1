"""The catalogue of the benchmarks: which nets, in which modes, on which input."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Kind = Literal["lstm", "gru", "elman"]
Mode = Literal["step", "whole", "block", "batch"]

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "build/bench"
TOKENS, EMBEDDING = 65, 64
ROWS, STEPS = 32, 1024  # of the input
# What one call of a mode is, [rows, time steps].
CALLS: Final[dict[Mode, tuple[int, int]]] = {
    "step": (1, 1),
    "whole": (1, 1000),
    "block": (1, 128),
    "batch": (32, 100),
}
COMPARED: Final = 100  # steps, over which a peer's output must be ours


@dataclass(frozen=True)
class Net:
    """One of them. `text` has tokens, an embedding and a softmax; the others a number in and out."""

    name: str
    kind: Kind
    layers: int
    hidden: int
    text: bool = True
    swept: bool = False  # made for the plot against the hidden size alone

    @property
    def modes(self) -> tuple[Mode, ...]:
        """In which it is timed."""
        if self.swept:
            return ("step",)
        return ("step", "whole", "batch") if self.text else ("step", "whole", "block")

    @property
    def width(self) -> int:
        """Of the output."""
        return TOKENS if self.text else 1

    @property
    def seed(self) -> list[int]:
        """Of the weights: each net's own, whatever others there are."""
        return list(self.name.encode())


NETS: Final = {
    net.name: net
    for net in (
        Net("lstm128", "lstm", 2, 128),
        Net("lstm300", "lstm", 2, 300),
        Net("lstm512", "lstm", 2, 512),
        Net("gru128", "gru", 1, 128),
        Net("elman256", "elman", 1, 256),
        Net("audio16", "lstm", 1, 16, text=False),
        Net("audio40", "lstm", 1, 40, text=False),
        *(Net(f"lstm{H}", "lstm", 2, H, swept=True) for H in (16, 32, 64, 256, 1024)),
    )
}


def tokens() -> npt.NDArray[np.int32]:
    """The ids, [ROWS, STEPS]."""
    rng = np.random.default_rng(1)
    return rng.integers(0, TOKENS, (ROWS, STEPS)).astype(np.int32)


def audio() -> Float32:
    """A sound, [STEPS]: two tones and some noise within ±1."""
    t = np.arange(STEPS)
    noise = np.random.default_rng(2).uniform(-0.2, 0.2, STEPS)
    sound: Float32 = (0.5 * np.sin(t * 0.07) + 0.3 * np.sin(t * 0.31) + noise).astype(np.float32)
    return sound


def inputs_of(net: Net) -> npt.NDArray[Any]:
    """All input of a net: ids [ROWS, STEPS] int64, or numbers [1, STEPS, 1] float32."""
    return tokens().astype(np.int64) if net.text else audio()[None, :, None]
