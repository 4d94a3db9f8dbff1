"""How far three results are from each other, element by element, and what to make of it.

The bound is |ours − peer's| ≤ 1e-5 · max(1, |y|), y being the float64 value, wherever |y| < 1e4.

A recurrence can grow a difference from step to step: relu with weights at 4× does so by about 1.6 each. There nobody's
float32 is within the bound. Whether it is so is asked of the truth alone: the float64 equations are run again with
nothing changed but h and c rounded to float32 after each step (and the mean of a layer_norm). A net of which that alone moves
the output by more than a twentieth of the bound is sensitive. Then elements beyond the bound are counted as *sensitive*, if we
are not more than ten times as far from the truth as the furthest of three others: that, the peer, and the equations
with their sums of products in float32. Anywhere else they are faults.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from interop.equations import Way
from interop.net import Result

BOUND, CEILING = 1e-5, 1e4
SENSITIVE = BOUND / 20
AS_FAR = 10
WORST = ("ours, peer's", "ours, float64", "peer's, float64")
Float64 = npt.NDArray[np.float64]


@dataclass
class Count:
    """One line of the table."""

    nets: int = 0
    within: int = 0  # elements
    large: int = 0  # the float64 value is 1e4 or more
    sensitive: int = 0
    peer_not_finite: int = 0
    faults: int = 0
    worst: dict[str, float] = field(default_factory=lambda: dict.fromkeys(WORST, 0.0))

    def add(self, ours: Result, peers: Result, equations: Callable[[Way], Result]) -> None:
        """One net: every element of the output and of the state."""
        self.nets += 1
        truth, rounded = equations(Way.TRUE), equations(Way.ROUNDED)
        one, two, y, moved = (_flat(result) for result in (ours, peers, truth, rounded))
        scale = np.maximum(1, np.abs(y))
        finite = np.isfinite(two)
        two = np.where(finite, two, one)
        between, from_truth, peers_from_truth = (
            np.abs(a - b) / scale for a, b in ((one, two), (one, y), (two, y))
        )
        small = np.abs(y) < CEILING
        judged, beyond = small & finite, between > BOUND
        rounding = _most((np.abs(moved - y) / scale)[small])
        excused = False
        if np.any(judged & beyond) and rounding > SENSITIVE:
            summed = np.abs(_flat(equations(Way.SUMMED)) - y) / scale
            others = max(rounding, _most(peers_from_truth[judged]), _most(summed[judged]))
            excused = _most(from_truth[judged]) <= AS_FAR * others
        self.large += int(np.sum(~small))
        self.peer_not_finite += int(np.sum(small & ~finite))
        self.within += int(np.sum(judged & ~beyond))
        self.sensitive += int(np.sum(judged & beyond)) if excused else 0
        self.faults += 0 if excused else int(np.sum(judged & beyond))
        kept = judged & ~beyond
        for name, values in zip(WORST, (between, from_truth, peers_from_truth), strict=True):
            self.worst[name] = max(self.worst[name], _most(values[kept]))


def _most(values: Float64) -> float:
    return float(values.max(initial=0.0))


def _flat(result: Result) -> Float64:
    return np.concatenate([array.astype(np.float64).ravel() for array in result.arrays])
