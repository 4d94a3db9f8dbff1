"""Figures: medians over processes, the best peer, and how much faster we are than it."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.lines import LIMIT, OURS, Time


@dataclass(frozen=True)
class Spread:
    """A median, and the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one number a process."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class SpeedUp:
    """How many times faster one of our lines is than the fastest way of a peer."""

    ours: Time
    peer: Time
    by: Spread


def speed_up(ours: Time, peer: Time) -> SpeedUp:
    """Process by process. Raises ValueError for lines of different numbers of processes."""
    pairs = zip(peer.us_per_step, ours.us_per_step, strict=True)
    return SpeedUp(ours, peer, Spread.of([theirs / us for theirs, us in pairs]))


def beside(ours: Time, times: Iterable[Time], peers: Sequence[str] = ()) -> list[Time]:
    """The lines of peers, or of the peers named, that took turns with one of ours: each peer's fastest way, fastest first."""
    fastest: dict[str, Time] = {}
    for line in times:
        same = (line.language, line.host, line.net, line.mode) == (
            ours.language, ours.host, ours.net, ours.mode,
        )  # fmt: skip
        near = line.beside in {None, ours.path}
        if not same or not near or line.peer in {OURS, LIMIT} or (peers and line.peer not in peers):
            continue
        if line.peer not in fastest or middle(line) < middle(fastest[line.peer]):
            fastest[line.peer] = line
    return sorted(fastest.values(), key=middle)


def best(ours: Time, times: Iterable[Time], peers: Sequence[str] = ()) -> SpeedUp | None:
    """Over the fastest peer, or the fastest of those named; None if there is none."""
    found = beside(ours, times, peers)
    return speed_up(ours, found[0]) if found else None


def ours_among(times: Iterable[Time]) -> list[Time]:
    """Our lines."""
    return [line for line in times if line.peer == OURS]


def middle(line: Time) -> float:
    """The median of the processes' medians, in µs."""
    return statistics.median(line.us_per_step)


def best_paths(times: Sequence[Time]) -> list[Time]:
    """Our lines on the best path of each host, which is the first that a benchmark prints; without the kernel's own."""
    first: dict[tuple[str, str], str] = {}
    for line in ours_among(times):
        if line.language != "c":
            first.setdefault((line.language, line.host), line.path)
    return [
        line for line in ours_among(times) if first.get((line.language, line.host)) == line.path
    ]
