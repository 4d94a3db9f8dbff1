"""Numbers that a float32 runtime may have a little otherwise: a value, and how far it may be from it.

The rules are those of SPEC.md 17.3. Values are computed in binary64, whose own errors are 2^−29 of the bounds.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from conformance.oracle.float32 import T

UNIT = 2.0**-24  # the rounding of one operation
TAU = 2.0**-51  # what T takes away
LARGE = 2.0**127  # from here on an operation may overflow in one order and not in another
BEYOND = 2.0**128  # from here on nothing is finite


class Near(NamedTuple):
    """A runtime's number lies within `e` of `v`; e is infinite where nothing is known (v is 0 then)."""

    v: float
    e: float


ZERO, ONE = Near(0.0, 0.0), Near(1.0, 0.0)
Vector = list[Near]


class CertainOverflowError(Exception):
    """Whatever the order of the operations, the call fails ([finite-1])."""


@dataclass
class Watch:
    """Whether some number of the call may overflow, so that the call may fail."""

    may_fail: bool = False

    def made(self, v: float, e: float) -> Near:
        """A result that nothing is asked of."""
        if not abs(v) + e < LARGE:
            self.may_fail = True
        return Near(v, e) if math.isfinite(v) and math.isfinite(e) else Near(0.0, math.inf)

    def through_t(self, x: Near) -> Near:
        """T(x)."""
        return self.made(x.v, x.e + TAU)

    def finite(self, x: Near) -> Near:
        """A result that [finite-1] names: finite, or the call fails."""
        if abs(x.v) - x.e >= BEYOND:
            raise CertainOverflowError
        return x

    def named(self, x: Near) -> Near:
        """T(x), where [finite-1] names it."""
        return self.through_t(self.finite(x))


def given(value: float) -> Near:
    """An element of an input or a state, with or without T."""
    return Near(T(value), abs(value - T(value)))


def gamma(n: int) -> float:
    """[close-4]: n roundings, in any order."""
    return n * UNIT / (1 - n * UNIT)


def times(a: float, b: float) -> float:
    """A product of magnitudes; infinite if one of them is, for infinity times 0 is not a number."""
    return math.inf if math.inf in (a, b) else a * b


def total(watch: Watch, bias: float, terms: list[tuple[Near, Near]]) -> Near:
    """[close-4]: bias plus products, in any order, with or without fused operations."""
    size = abs(bias) + sum(times(abs(p.v) + p.e, abs(q.v) + q.e) for p, q in terms)
    spread = sum(times(abs(p.v), q.e) + times(p.e, abs(q.v)) + times(p.e, q.e) for p, q in terms)
    v = math.fsum([bias, *(p.v * q.v for p, q in terms)]) if math.isfinite(size) else 0.0
    return summed(watch, v, size, spread + gamma(len(terms) + 1) * size)


def weighted(watch: Watch, bias: float, x: list[Near], w: list[float]) -> Near:
    """The same with factors that are exact, which is most of the work."""
    if any(math.isinf(near.e) for near in x):
        return total(watch, bias, [(near, Near(one, 0.0)) for near, one in zip(x, w, strict=True)])
    products = [near.v * one for near, one in zip(x, w, strict=True)]
    spread = sum([near.e * abs(one) for near, one in zip(x, w, strict=True)])
    size = abs(bias) + sum([abs(product) for product in products]) + spread
    return summed(watch, math.fsum([bias, *products]), size, spread + gamma(len(x) + 1) * size)


def summed(watch: Watch, v: float, size: float, e: float) -> Near:
    """A sum of terms whose magnitudes together are `size`."""
    if not size < LARGE:
        watch.may_fail = True
    if size >= LARGE and abs(v) - e < BEYOND:
        return Near(0.0, math.inf)  # infinite in one order, finite in another
    return watch.made(v, e)


def product(watch: Watch, p: Near, q: Near) -> Near:
    """p × q."""
    return total(watch, 0.0, [(p, q)])


def difference(watch: Watch, p: Near, q: Near) -> Near:
    """p − q."""
    return total(watch, 0.0, [(p, ONE), (q, Near(-1.0, 0.0))])


def divided(watch: Watch, x: Near, n: int) -> Near:
    """[close-10]: a sum by n."""
    y, e = x.v / n, x.e / n
    return watch.made(y, e + UNIT * (abs(y) + e))


def clipped(x: Near, K: float | None) -> Near:
    """[clip-1]; the number itself where there is no bound."""
    return x if K is None else Near(min(max(x.v, -K), K), x.e)
