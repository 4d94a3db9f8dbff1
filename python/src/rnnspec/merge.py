"""Merge: several values become one, and the other order of time (SPEC 13.12, 13.13)."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec.tensor import Float32, tiny

Merge: TypeAlias = Callable[[Sequence[Float32]], Float32]

_HALF: Final = np.float32(0.5)


def add(parts: Sequence[Float32]) -> Float32:
    """[M, width] each → [M, width], with T behind every + ([merge-1])."""
    y = tiny(parts[0] + parts[1])
    for x in parts[2:]:
        y = tiny(y + x)
    return y


def multiply(parts: Sequence[Float32]) -> Float32:
    """[M, width] each → [M, width], with T behind every × ([merge-1])."""
    y = tiny(parts[0] * parts[1])
    for x in parts[2:]:
        y = tiny(y * x)
    return y


def concat(parts: Sequence[Float32]) -> Float32:
    """[M, width] each → [M, all widths] ([merge-1])."""
    return np.concatenate(parts, axis=1)


def average(parts: Sequence[Float32]) -> Float32:
    """The two directions, [M, P] each → [M, P] ([direction-2])."""
    y, w = parts
    return tiny((y + w) * _HALF)


LAYERS: Final[dict[str, Merge]] = {"add": add, "multiply": multiply, "concat": concat}
DIRECTIONS: Final[dict[str, Merge]] = {  # `merge` of a bidirectional layer
    "concat": concat,
    "sum": add,
    "multiply": multiply,
    "average": average,
}


def reversal(present: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Which of a sequence's rows stands where when time is reversed ([time-reverse-1]).

    `present` [T, N] says which steps are valid: for each row of the batch the first ones. The rows
    are the valid steps, time step after time step.
    """
    rank = np.cumsum(present.ravel()).reshape(present.shape) - 1
    steps, rows = np.nonzero(present)
    other = np.count_nonzero(present, axis=0)[rows] - 1 - steps
    order: npt.NDArray[np.intp] = rank[other, rows]
    return order
