"""What the cases of the GRU share."""

from typing import Any

RESETS = ("before", "after")
TINY = 2.0**-51
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17)  # around the widths of vectors
LINEAR: dict[str, Any] = {"function": "linear"}
RELU: dict[str, Any] = {"function": "relu"}


def of(reset: str) -> list[str]:
    """The requirements of a cell with this reset."""
    return ["gru-1", "gru-2" if reset == "before" else "gru-3", "gru-4"]


def parts(r: list[float], z: list[float], n: list[float]) -> list[float]:
    """One row of W, R or b."""
    return [*r, *z, *n]
