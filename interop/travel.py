"""How far a net is from the original after each leg of its way, and whether that is too far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

BOUND: Final = 1e-5
Array = npt.NDArray[Any]
Outputs = Mapping[str, Array]  # what a net gave, by names that all three have


@dataclass
class Count:
    """One direction of travel."""

    nets: int = 0
    worst: dict[str, float] = field(default_factory=dict)  # leg of the way → the largest distance
    faults: list[str] = field(default_factory=list)

    def judge(self, what: str, leg: str, original: Outputs, found: Outputs) -> None:
        """One net on one leg; every output that the original has."""
        for name, expected in original.items():
            away = distance(expected, found[name])
            self.worst[leg] = max(self.worst.get(leg, 0.0), away)
            if not away <= BOUND:
                self.faults.append(f"{what}, {leg}: {name} is {away:.2g} away")


def distance(expected: Array, found: Array) -> float:
    """The largest |found − expected| / max(1, |expected|); infinite where shapes differ or a number is none."""
    if expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    scale = np.maximum(1, np.abs(expected.astype(np.float64)))
    return float((np.abs(found.astype(np.float64) - expected) / scale).max(initial=0.0))


def report(name: str, count: Count) -> list[str]:
    """For people."""
    legs = ", ".join(f"{leg} within {away:.1e}" for leg, away in count.worst.items())
    lines = [f"{name}: {count.nets} nets, {legs}, {len(count.faults)} faults"]
    return lines + [f"  {fault}" for fault in count.faults[:10]]
