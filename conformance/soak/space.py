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


def _links() -> tuple[list[Link], list[tuple[int, list[tuple[int, int]], str]]]:
    """Those of two options, both ways; and those of an option with all of its `when` together."""
    whole = [(NONE[k] << 1) - 1 for k in range(len(OPTIONS))]
    links: list[Link] = []
    joint: list[tuple[int, list[tuple[int, int]], str]] = []

    def both_ways(one: int, these: int, other: int, allowed: int, reason: str) -> None:
        links.append(Link(one, these, other, allowed, reason))
        links.append(Link(other, whole[other] & ~allowed, one, whole[one] & ~these, reason))

    for rule in RULES:
        one, other = INDEX[rule.option], INDEX[rule.other]
        allowed = _bits(rule.other, rule.allowed) | NONE[other]
        both_ways(one, _bits(rule.option, rule.values), other, allowed, rule.reason)
    for own, option in enumerate(OPTIONS):
        reason = f"an option {option.where}"
        needs = [(INDEX[name], _bits(name, values)) for name, values in option.when.items()]
        for other, needed in needs:
            both_ways(other, whole[other] & ~needed, own, NONE[own], reason)
        joint.append((own, needs, reason))
    return links, joint


LINKS, JOINT = _links()
LINKS_OF = [[link for link in LINKS if link.one == k] for k in range(len(OPTIONS))]
JOINT_OF = [
    [entry for entry in JOINT if k == entry[0] or k in (need for need, _ in entry[1])]
    for k in range(len(OPTIONS))
]


class Space:
    """The values that are left of each option, and why the others are not."""

    def __init__(self, values: list[int], why: dict[tuple[int, int], str]) -> None:
        self.values = values
        self.why = why  # option and bit -> reason

    @classmethod
    def whole(cls) -> "Space":
        """Every row that there is."""
        space = cls([(none << 1) - 1 for none in NONE], {})
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
            for own, needs, reason in JOINT_OF[option]:
                self.apply(own, needs, reason, changed)

    def apply(self, own: int, needs: list[tuple[int, int]], reason: str, changed: set[int]) -> None:
        """An option applies where all that it needs is there."""
        open = [(other, need) for other, need in needs if self.values[other] & ~need]
        if not open:
            self.keep(own, ~NONE[own], reason, changed)
        elif len(open) == 1 and self.values[own] == NONE[own]:
            other, need = open[0]
            self.keep(other, ~need, reason, changed)

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
