"""What a soak has tried: every value of every option, every pair of them, how layers were wired, sizes and codes."""

from collections import Counter

from conformance.soak.covering import Pair, pairs_of
from conformance.soak.facts import FACTS
from conformance.soak.lane import Result
from conformance.soak.options import OPTIONS, Item

FULL = 10_000  # nets, of which everything is asked
LEAST = 50  # nets for each value of each option and for each fact, of FULL; of fewer in proportion
SIZES = range(1, 71)


class Table:
    """The count."""

    def __init__(self, possible: list[Pair], impossible: dict[Pair, str]) -> None:
        self.possible = possible
        self.impossible = impossible
        self.values: Counter[Item] = Counter()
        self.pairs: Counter[Pair] = Counter()  # in nets with an output
        self.forbidden: set[Pair] = set()
        self.facts: Counter[str] = Counter()
        self.sizes: set[int] = set()
        self.codes: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.nets = 0
        self.fruitless = 0  # nets without any output
        self.sampled = 0
        self.judged = 0  # nets whose true values were looked at
        self.elements = 0
        self.telling = 0

    def add(self, result: Result) -> None:
        """One net."""
        self.nets += 1
        self.values.update(result.row.items())
        self.facts.update(result.facts)
        self.sizes.update(result.sizes)
        self.codes.update(code for code in result.codes if code)
        self.refusals.update([result.refusal] if result.refusal else [])
        self.sampled += result.sampled
        if result.truth is not None and result.truth.chunks:
            self.judged += 1
            self.elements += result.truth.elements
            self.telling += result.truth.telling
        pairs = list(pairs_of(result.row))
        self.forbidden.update(pair for pair in pairs if pair in self.impossible)
        if all(result.codes):
            self.fruitless += 1
        else:
            self.pairs.update(pairs)

    def faults(self) -> list[str]:
        """What is missing of what so many nets must have tried, and what can't be."""
        least = LEAST * min(self.nets, FULL) // FULL
        found = [f"an impossible pair came up: {_pair(pair)}" for pair in self.forbidden]
        found += [
            f"{option.name} = {value}: {self.values[option.name, value]} times, not {least}"
            for option in OPTIONS
            for value in option.values
            if self.values[option.name, value] < least
        ]
        found += [
            f"{fact}: {self.facts[fact]} times, not {least}"
            for fact in FACTS
            if self.facts[fact] < least
        ]
        if self.nets < FULL:
            return found
        return found + [
            f"a pair never came up in a net with an output: {_pair(pair)}"
            for pair in self.possible
            if not self.pairs[pair]
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
        reasons = Counter(self.impossible.values())
        return [
            *found,
            "wired and called: " + " · ".join(f"{fact} {self.facts[fact]}" for fact in FACTS),
            f"widths: {sizes} of {len(SIZES)} from {SIZES[0]} to {SIZES[-1]}",
            f"calls that ended with a code: {_counted(self.codes)}; refused on purpose: {_counted(self.refusals)}",
            f"nets without any output: {self.fruitless}",
            f"asked of the scalar oracle: {self.sampled} nets; true values: {self.judged} nets, "
            f"{self.elements} numbers, {self.telling} of them with a bound below 0.1 %",
            f"pairs of values: {seen} of {len(self.possible)} possible ones in a net with an output; "
            f"impossible are {len(self.impossible)}:",
            *(f"  {times:4} {reason}" for reason, times in reasons.most_common()),
        ]


def _counted(codes: Counter[str]) -> str:
    return ", ".join(f"{code} {times}" for code, times in codes.most_common()) or "none"


def _pair(pair: Pair) -> str:
    return " with ".join(f"{name} = {value}" for name, value in pair)
