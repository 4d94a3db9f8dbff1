"""Java: rnnspec on every path against ONNX Runtime for Java, timed by JMH.

    python -m bench.java [--quick] [--only REGEX] [--forks 5]

Prints the lines of bench/README.md. --only takes the parts whose names match: `lstm128 step`, `start lstm300`, `size`,
`allocation audio16 step`; the names are told as they begin.

JMH gives every fork a process and runs the forks of one contender one after the other. Here each round has one fork of
each contender, in an order that turns: the same place in two lines is the same round, so noise that lasts hits both,
but not the same process. The kernel's paths and ONNX Runtime can't share one: what the compiler of Java learns from the
one would slow the other. A fork reports the median of its iterations. Not pinned to a CPU: compiler and collector need
the other one.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from bench.catalogue import CALLS, NETS
from bench.java.forks import FULL, SHORT, Pace, Way, allocated, cold, fork, host, missing, ways
from bench.java.sizes import sizes
from bench.lines import OURS, Fact, Line, Missing, Time, printed
from bench.progress import note

QUICK: Final = ("lstm128", "gru128", "audio40")
STARTED: Final = ("lstm300",)
ALLOCATED: Final = ("audio16",)
UNITS: Final = {"start": "ms", "load": "ms", "memory": "MB"}


class Part(NamedTuple):
    """A piece of the work."""

    name: str
    run: Callable[[], Iterable[Line]]


def turned(given: Sequence[Way], round_: int) -> Sequence[Way]:
    """Another one begins each time."""
    k = round_ % len(given)
    return [*given[k:], *given[:k]]


def timed(net: str, mode: str, given: Sequence[Way], forks: int, pace: Pace) -> Iterator[Time]:
    """All contenders of one net in one mode, their forks in turns."""
    found: dict[Way, list[tuple[float, float]]] = {way: [] for way in given}
    for k in range(forks):
        for way in turned(given, k):
            found[way].append(fork(way, net, mode, pace))
    rows, steps = CALLS[mode]  # type: ignore[index]  # a mode of the catalogue
    for way, gathered in found.items():
        yield Time(
            language="java",
            host=host(),
            peer=way.peer,
            path=way.path,
            native=way.peer != OURS,
            net=net,
            mode=mode,
            dtype="float32",
            us_per_step=tuple(float(f"{us / rows / steps:.5g}") for us, _ in gathered),
            compared=max(compared for _, compared in gathered),
            versions=way.versions,
        )


def started(net: str, given: Sequence[Way], processes: int) -> Iterator[Fact]:
    """Cold starts: ours from both files."""
    for way in given:
        for dtype in ("float32", "float16") if way.peer == OURS else ("float32",):
            gathered = [cold(way, net, dtype) for _ in range(processes)]
            for fact in gathered[0]:
                yield Fact(
                    language="java",
                    host=host(),
                    peer=way.peer,
                    path=way.path,
                    fact=fact,
                    net=net,
                    dtype=dtype,
                    unit=UNITS[fact],
                    values=tuple(float(f"{told[fact]:.4g}") for told in gathered),
                    versions=way.versions,
                )


def allocations(net: str, given: Sequence[Way], steps: int) -> Iterator[Fact]:
    """What a step of ours allocates."""
    for way in given:
        yield Fact(
            language="java",
            host=host(),
            peer=way.peer,
            path=way.path,
            fact="allocation",
            net=net,
            dtype="float32",
            unit="B",
            values=(allocated(way, net, steps),),
        )


def parts(*, quick: bool, forks: int) -> list[Part]:
    """All the work, in the order of the tables."""
    pace, steps = (SHORT, 100_000) if quick else (FULL, 1_000_000)
    absent = missing()
    given = [way for way in ways() if way.path not in absent]
    ours = [way for way in given if way.peer == OURS]
    chosen = [net for net in NETS.values() if not quick or net.name in QUICK]
    told = [
        Missing(language="java", host=host(), peer=OURS, path=path, missing=why)
        for path, why in absent.items()
    ]

    def times(net: str, mode: str) -> Part:
        return Part(f"{net} {mode}", lambda: timed(net, mode, given, forks, pace))

    def start(net: str) -> Part:
        return Part(f"start {net}", lambda: started(net, given, forks))

    def allocation(net: str) -> Part:
        return Part(f"allocation {net} step", lambda: allocations(net, ours, steps))

    return [
        Part("paths", lambda: told),
        *(times(net.name, mode) for net in chosen for mode in net.modes),
        *(start(net) for net in STARTED),
        *(allocation(net) for net in ALLOCATED),
        Part("size", lambda: sizes(given)),
    ]


def main() -> None:
    """Runs the parts and prints their lines."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.java",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a taste: one fork, short")
    parser.add_argument("--only", type=re.compile, default=re.compile(""), metavar="REGEX")
    parser.add_argument("--forks", type=int)
    options = parser.parse_args()
    forks = options.forks or (1 if options.quick else 5)
    wanted = [
        part for part in parts(quick=options.quick, forks=forks) if options.only.search(part.name)
    ]
    if not wanted:
        parser.error(f"no part matches {options.only.pattern}")
    for k, part in enumerate(wanted, 1):
        note(f"java: {part.name} ({k} of {len(wanted)})")
        for line in part.run():
            print(printed(line), flush=True)


if __name__ == "__main__":
    main()
