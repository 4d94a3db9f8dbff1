"""Which values are left of each option when some are chosen.

The values of an option are the bits of a number, for some hundred thousand narrowings have to take seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.soak.options import OPTIONS, Item
from conformance.soak.rules import RULES

ABSENT = "–"  # where an option does not apply
INDEX = {option.name: number for number, option in enumerate(OPTIONS)}
VALUES = [(*option.values, ABSENT) for option in OPTIONS]
NONE = [1 << len(option.values) for option in OPTIONS]  # the bit of ABSENT


class ContradictionError(Exception):
    """No row has these values; the message is the reason."""


def _bits(name: str, values: Iterable[str]) -> int:
    return sum(1 << VALUES[INDEX[name]].index(value) for value in values)


@dataclass(frozen=True)
class Link:
    """Where one option has nothing but `these`, the other keeps only `allowed`."""

    one: int
    these: int
    other: int
    allowed: int
    reason: str


def _links() -> list[Link]:
    """Of the rules, and of the options that apply in places only; each both ways."""
    whole = [(NONE[k] << 1) - 1 for k in range(len(OPTIONS))]
    links: list[Link] = []

    def both_ways(one: int, these: int, other: int, allowed: int, reason: str) -> None:
        links.append(Link(one, these, other, allowed, reason))
        links.append(Link(other, whole[other] & ~allowed, one, whole[one] & ~these, reason))

    for rule in RULES:
        one, other = INDEX[rule.option], INDEX[rule.other]
        allowed = _bits(rule.other, rule.allowed) | NONE[other]
        both_ways(one, _bits(rule.option, rule.values), other, allowed, rule.reason)
    for own, option in enumerate(OPTIONS):
        assert len(option.when) <= 1, "options that need two others are not provided for"
        for name, values in option.when.items():
            other, needed = INDEX[name], _bits(name, values)
            reason = f"an option {option.where}"
            both_ways(other, needed, own, whole[own] & ~NONE[own], reason)
            both_ways(other, whole[other] & ~needed, own, NONE[own], reason)
    return links


LINKS = _links()
LINKS_OF = [[link for link in LINKS if link.one == k] for k in range(len(OPTIONS))]


class Space:
    """The values that are left of each option, and why the others are not."""

    def __init__(self, values: list[int], why: dict[tuple[int, int], str]) -> None:
        self.values = values
        self.why = why  # option and bit -> reason

    @classmethod
    def whole(cls) -> "Space":
        """Every row that there is."""
        options = zip(NONE, OPTIONS, strict=True)
        # Every value; and none at all, where the option does not always apply.
        space = cls([none - 1 | (none if option.when else 0) for none, option in options], {})
        space.settle(set(range(len(OPTIONS))))
        return space

    def narrowed(self, *items: Item) -> "Space":
        """What is left where these values are chosen; ContradictionError, if there is no such row."""
        space = Space(list(self.values), dict(self.why))
        changed: set[int] = set()
        for name, value in items:
            option, bit = INDEX[name], _bits(name, (value,))
            if not space.values[option] & bit:
                raise ContradictionError(space.why[option, bit])
            space.keep(option, bit, f"{name} has one value", changed)
        space.settle(changed)
        return space

    def left(self, name: str) -> list[str]:
        """The values that are left of an option, in its order."""
        option = INDEX[name]
        return [v for k, v in enumerate(VALUES[option]) if self.values[option] >> k & 1]

    def settle(self, changed: set[int]) -> None:
        """Takes from each option the values that the others leave no room for."""
        while changed:
            option = changed.pop()
            for link in LINKS_OF[option]:
                if not self.values[option] & ~link.these:
                    self.keep(link.other, link.allowed, link.reason, changed)

    def keep(self, option: int, allowed: int, reason: str, changed: set[int]) -> None:
        """Only these values are left of an option."""
        gone = self.values[option] & ~allowed
        if not gone:
            return
        self.values[option] &= allowed
        if not self.values[option]:
            raise ContradictionError(reason)
        changed.add(option)
        while gone:
            bit = gone & -gone
            self.why.setdefault((option, bit), reason)
            gone ^= bit
