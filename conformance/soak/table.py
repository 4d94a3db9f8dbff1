"""What a soak has tried: every value of every option, every pair of them, sizes and codes."""

from collections import Counter

from conformance.soak.covering import Pair, pairs_of
from conformance.soak.options import OPTIONS, Item
from conformance.soak.task import Task

ENOUGH = 3000  # nets, from which on nothing may be missing
LEAST = 50  # nets for each value of each option, then
SIZES = range(1, 71)


class Table:
    """The count."""

    def __init__(self, possible: list[Pair], impossible: dict[Pair, str]) -> None:
        self.possible = possible
        self.impossible = impossible
        self.values: Counter[Item] = Counter()
        self.pairs: Counter[Pair] = Counter()
        self.sizes: set[int] = set()
        self.codes: Counter[str] = Counter()
        self.nets = 0
        self.fruitful: set[Pair] = set()  # pairs in nets with an output
        self.fruitless = 0  # nets without any

    def add(self, task: Task) -> None:
        """One net."""
        self.nets += 1
        self.values.update(task.row.items())
        self.pairs.update(pairs_of(task.row))
        self.sizes.update(task.sizes)
        self.codes.update(code for code in task.codes if code)
        if all(task.codes):
            self.fruitless += 1
        else:
            self.fruitful.update(pairs_of(task.row))

    def faults(self) -> list[str]:
        """What is missing; with less than ENOUGH nets nothing is asked for, but what can't be."""
        found = [
            f"an impossible pair came up: {_pair(pair)}"
            for pair in self.pairs
            if pair in self.impossible
        ]
        if self.nets < ENOUGH:
            return found
        found += [
            f"{option.name} = {value}: {self.values[option.name, value]} times, not {LEAST}"
            for option in OPTIONS
            for value in option.values
            if self.values[option.name, value] < LEAST
        ]
        return found + [
            f"a pair never came up: {_pair(pair)}" for pair in self.possible if not self.pairs[pair]
        ]

    def lines(self) -> list[str]:
        """The table, an option a line, and what stands behind it."""
        width = max(len(option.name) for option in OPTIONS)
        found = [
            f"{option.name:{width}}  "
            + " · ".join(f"{value} {self.values[option.name, value]}" for value in option.values)
            for option in OPTIONS
        ]
        seen = sum(1 for pair in self.possible if self.pairs[pair])
        sizes = sum(1 for size in SIZES if size in self.sizes)
        codes = ", ".join(f"{code} {times}" for code, times in self.codes.most_common())
        reasons = Counter(self.impossible.values())
        return [
            *found,
            f"widths: {sizes} of {len(SIZES)} from {SIZES[0]} to {SIZES[-1]}",
            f"calls that ended with a code: {codes or 'none'}; nets without any output: {self.fruitless}",
            f"pairs of values: {seen} of {len(self.possible)} possible ones, "
            f"{len(self.fruitful)} in a net with an output; impossible are {len(self.impossible)}:",
            *(f"  {times:4} {reason}" for reason, times in reasons.most_common()),
        ]


def _pair(pair: Pair) -> str:
    return " with ".join(f"{name} = {value}" for name, value in pair)
