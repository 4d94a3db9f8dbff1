"""The recipes against fifty digits; the form of the functions; the sum."""

import math
import random
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext

import pytest

from conformance.oracle import functions, true_functions
from conformance.oracle.float32 import bits, f32, from_bits

# The errors that SPEC.md 12.5 states, before T: ulp of the true value.
ULP = {"exp": 0.97, "log": 0.82, "tanh": 1.24, "sigmoid": 2.0}
RANGE = {
    "exp": (-35.3, 88.7),
    "tanh": (-10.0, 10.0),
    "sigmoid": (-35.3, 20.0),
    "log": (-35.0, 88.0),
}


def ours(name: str) -> Callable[[float], float]:
    function: Callable[[float], float] = getattr(functions, name)
    return function


def samples(name: str) -> Iterator[float]:
    stream = random.Random(name)
    low, high = RANGE[name]
    for _ in range(3000):
        x = stream.uniform(low, high)
        yield f32(math.exp(x)) if name == "log" else f32(x)
        if name != "log":
            yield f32(math.ldexp(x, -stream.randint(1, 20)))


@pytest.mark.parametrize("name", ULP)
def test_error_against_fifty_digits(name: str) -> None:
    worst = 0.0
    with localcontext() as context:
        context.prec = 50
        for x in samples(name):
            true = true_functions.value_of(name, x)
            if not true or abs(true) < Decimal(2) ** -51:
                continue
            ulp = Decimal(2) ** (math.frexp(float(true))[1] - 24)
            worst = max(worst, float(abs(Decimal(ours(name)(x)) - true) / ulp))
    assert 0.3 < worst <= ULP[name]


@pytest.mark.parametrize("name", ULP)
def test_monotone_between_neighbours(name: str) -> None:
    for x in samples(name):
        if x < 0 or not math.isfinite(x):
            continue
        after = from_bits(bits(x) + 1)
        assert ours(name)(x) <= ours(name)(after), x.hex()


def test_tanh_is_odd_and_never_minus_zero() -> None:
    for x in samples("tanh"):
        if functions.tanh(x) != 0:
            assert functions.tanh(-x) == -functions.tanh(x)
    assert bits(functions.tanh(-0.0)) == 0
    assert bits(functions.tanh(-(2.0**-60))) == 0


def test_ends() -> None:
    assert functions.exp(math.inf) == math.inf
    assert functions.exp(from_bits(0x42B17218)) == math.inf
    assert functions.exp(from_bits(0x42B17217)) < math.inf
    assert functions.exp(-math.inf) == 0
    assert functions.exp(0.0) == 1
    assert functions.sigmoid(math.inf) == 1
    assert functions.sigmoid(-math.inf) == 0
    assert functions.sigmoid(0.0) == 0.5
    assert functions.tanh(math.inf) == 1
    assert functions.tanh(-math.inf) == -1
    assert functions.log(math.inf) == math.inf
    assert functions.log(0.0) == -math.inf
    assert functions.log(from_bits(1)) == -math.inf
    assert bits(functions.log(1.0)) == 0
    assert math.isnan(functions.log(-1.0))
    for name in ULP:
        assert math.isnan(ours(name)(math.nan))


def test_sum16_is_exact_where_nothing_is_rounded() -> None:
    for n in range(1, 100):
        assert functions.sum16([float(k) for k in range(n)]) == n * (n - 1) / 2


def test_sum16_has_sixteen_accumulators() -> None:
    big = 2.0**24
    assert functions.sum16([big, 1.0, -big]) == 1.0
    assert functions.sum16([big] + [0.0] * 15 + [1.0] + [0.0] * 15 + [-big]) == 0.0
    assert functions.sum16([0.0] * 8 + [big, 1.0] + [0.0] * 6) == big + 0.0
    assert functions.sum16([1.0] + [0.0] * 7 + [big]) == big
