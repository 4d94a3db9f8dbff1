"""How far a net is from the original after each leg of its way, and whether that is too far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import rnnspec
from interop.elsewhere import Elsewhere, State

BOUND: Final = 1e-5
Array = npt.NDArray[Any]
Outputs = Mapping[str, Array]  # what a net gave, by names that all three have


@dataclass
class Count:
    """One direction of travel."""

    nets: int = 0
    worst: dict[str, float] = field(default_factory=dict)  # leg of the way → the largest distance
    faults: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(
        default_factory=dict
    )  # layers that were there, where they are counted
    elsewhere: Elsewhere = field(default_factory=lambda: Elsewhere(()))
    asked: int = 0  # calls that went to the other runtimes
    different: int = 0  # answers with other bits

    def judge(self, what: str, leg: str, original: Outputs, found: Outputs) -> None:
        """One net on one leg; every output that the original has."""
        for name, expected in original.items():
            away = distance(expected, found[name])
            self.worst[leg] = max(self.worst.get(leg, 0.0), away)
            if not away <= BOUND:
                self.faults.append(f"{what}, {leg}: {name} is {away:.2g} away")

    def bits(
        self,
        what: str,
        model: rnnspec.Model,
        x: Array,
        lengths: Sequence[int] | Array | None,
        state: State | None,
        ours: tuple[Array, State],
    ) -> None:
        """One call of one model in the other runtimes: their bits must be ours."""
        self.asked += 1
        given = None if lengths is None else [int(length) for length in lengths]
        for language in self.elsewhere.others(model, x, given, state, ours):
            self.different += 1
            self.faults.append(f"{what}: {language} has other bits")


def distance(expected: Array, found: Array) -> float:
    """The largest |found − expected| / max(1, |expected|); infinite where shapes differ or a number is none."""
    if expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    scale = np.maximum(1, np.abs(expected.astype(np.float64)))
    return float((np.abs(found.astype(np.float64) - expected) / scale).max(initial=0.0))


def layers(count: Count) -> str:
    """Which there were, and how many of each."""
    return ", ".join(f"{n} {kind}" for kind, n in sorted(count.kinds.items()))


def report(name: str, count: Count) -> list[str]:
    """For people."""
    legs = ", ".join(f"{leg} within {away:.1e}" for leg, away in count.worst.items())
    lines = [f"{name}: {count.nets} nets, {legs}, {len(count.faults)} faults"]
    if count.elsewhere.languages:
        languages = " and ".join(count.elsewhere.languages)
        lines.append(
            f"  {count.asked} calls in {languages} too, {count.different} answers with other bits"
        )
    if count.kinds:
        lines.append(f"  layers: {layers(count)}")
    return lines + [f"  {fault}" for fault in count.faults[:10]]


def table(name: str, count: Count) -> list[str]:
    """Rows of a page: one for each leg of the way."""
    where = " and ".join(count.elsewhere.languages) or "none"
    return [
        f"| {name}: {leg} | {count.nets} | {away:.1e} | {len(count.faults)} | {count.asked} in {where} | {count.different} |"
        for leg, away in count.worst.items()
    ]
