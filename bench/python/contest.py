"""A contestant: one way of one runtime to run one net in one mode.

first()      our numbers for the first COMPARED steps, [rows, COMPARED, width], from the initial state
turn(calls)  so many calls, as a user of the runtime would write the loop
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.catalogue import CALLS, COMPARED, FOLDER, Float32, Mode, Net, inputs_of

CARRIED: Final = ("step", "block")  # modes in which the state goes on from call to call
TOLERANCE: Final = 2e-4


class DiffersError(Exception):
    """A contestant computes another net."""


@dataclass(frozen=True)
class Task:
    """What is to be run."""

    net: Net
    mode: Mode
    folder: Path = FOLDER

    @property
    def is_carried(self) -> bool:
        """Whether the state goes on from call to call."""
        return self.mode in CARRIED

    def pieces(self) -> list[Any]:
        """The input of calls one after the other, [rows, steps] or [rows, steps, 1]."""
        rows, steps = CALLS[self.mode]
        given = inputs_of(self.net)[:rows]
        if not self.is_carried:
            return [given[:, :steps].copy()]
        return [given[:, k : k + steps].copy() for k in range(0, given.shape[1], steps)]


class Contestant(ABC):
    """See above. A subclass makes all that can be made beforehand when it is made."""

    task: Task

    @abstractmethod
    def turn(self, calls: int) -> None:
        """Makes so many calls, from wherever the last turn ended."""

    @abstractmethod
    def outputs(self) -> Iterator[Float32]:
        """What call after call gives from the initial state on, each [rows, steps, width]."""

    def first(self) -> Float32:
        """The output of the first COMPARED steps, [rows, COMPARED, width]."""
        steps = CALLS[self.task.mode][1]
        needed = -(-COMPARED // steps)
        parts = [part.copy() for part in islice(self.outputs(), needed)]
        whole: Float32 = np.concatenate(parts, axis=1)[:, :COMPARED]
        return whole


def around(pieces: list[Any], calls: int) -> Iterator[Any]:
    """So many pieces, beginning again when they end."""
    return islice(cycle(pieces), calls)


def distance(ours: Float32, theirs: Float32, who: str) -> float:
    """The largest difference. Raises DiffersError beyond the tolerance, for another shape and for what is not finite."""
    if ours.shape != theirs.shape:
        raise DiffersError(f"{who}: an output of {theirs.shape}, where ours is {ours.shape}")
    found = float(np.abs(ours.astype(np.float64) - theirs).max())
    if not found <= TOLERANCE:
        raise DiffersError(
            f"{who}: its output differs from ours by {found:.2g}, more than {TOLERANCE:g}"
        )
    return found
