"""Rows of options: drawn so that every pair of values that can stand together soon has, and counted.

The rows of a block depend on the seed and the block alone: to draw one again, only its block is drawn.
"""

import functools
import itertools
import random
from collections.abc import Iterator

from conformance.soak.options import OPTIONS, Item, Row
from conformance.soak.space import ABSENT, ContradictionError, Space

BLOCK = 1000  # rows, of which the first few hundred hold every pair
Pair = tuple[Item, Item]


@functools.cache
def judge_pairs() -> tuple[list[Pair], dict[Pair, str]]:
    """The pairs of values of two options: those that are possible, and the others with the reason."""
    items = [(option.name, value) for option in OPTIONS for value in option.values]
    space = Space.whole()
    alone = {item: space.narrowed(item) for item in items}
    possible: list[Pair] = []
    impossible: dict[Pair, str] = {}
    for one, other in itertools.combinations(items, 2):
        if one[0] == other[0]:
            continue
        try:
            alone[one].narrowed(other)
        except ContradictionError as contradiction:
            impossible[one, other] = str(contradiction)
        else:
            possible.append((one, other))
    return possible, impossible


class Rows:
    """The rows of a seed, in order or one alone."""

    def __init__(self, seed: int, possible: list[Pair]) -> None:
        self.seed = seed
        self.possible = possible
        self.space = Space.whole()

    def block(self, number: int) -> Iterator[Row]:
        """All rows of one block."""
        rng = random.Random(f"soak/{self.seed}/{number}")  # noqa: S311 - repeatable on purpose
        wanted = set(self.possible)
        queue = rng.sample(self.possible, len(self.possible))
        for _ in range(BLOCK):
            while queue and queue[-1] not in wanted:
                queue.pop()
            row = self.draw(rng, wanted, queue[-1] if queue else ())
            wanted.difference_update(pairs_of(row))
            yield row

    def since(self, first: int) -> Iterator[tuple[int, Row]]:
        """The rows from number `first` on, without end."""
        for block in itertools.count(first // BLOCK):
            for number, row in enumerate(self.block(block), block * BLOCK):
                if number >= first:
                    yield number, row

    def draw(self, rng: random.Random, wanted: set[Pair], forced: Pair | tuple[()]) -> Row:
        """A row with the forced pair; each further value brings as many wanted pairs as any."""
        space = self.space.narrowed(*forced)
        row: Row = {}
        for option in OPTIONS:
            values = space.left(option.name)
            if len(values) > 1:
                rng.shuffle(values)
                if forced:
                    values.sort(key=lambda value: -_gain(row, (option.name, value), wanted))
                space = space.narrowed((option.name, values[0]))
            idle = option.unless and all(row[name] == "no" for name in option.unless)
            if values[0] != ABSENT and not idle:
                row[option.name] = values[0]
        return row


def _gain(row: Row, item: Item, wanted: set[Pair]) -> int:
    return sum((other, item) in wanted for other in row.items())


def pairs_of(row: Row) -> Iterator[Pair]:
    """The pairs of a row, in the order of OPTIONS."""
    ordered = [(option.name, row[option.name]) for option in OPTIONS if option.name in row]
    return itertools.combinations(ordered, 2)
