"""Turns: contestants who take short turns, so that noise of the machine hits all of them."""

import gc
import random
import statistics
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final, TypeAlias

Turn: TypeAlias = Callable[[int], object]  # makes so many calls

TURN: Final = 0.004  # seconds that a turn should last
FEWEST: Final = 3  # turns, however slow somebody is
MOST: Final = 400


def medians(turns: Mapping[str, Turn], seconds: float, seed: int = 1) -> dict[str, float]:
    """The median time of one call of each, in µs, over turns of all that take about `seconds`.

    A turn that is shorter than its calls is one call. Else it begins with a call that is not counted, which brings back
    to the caches what the others threw out. The order of turns is drawn anew in each round.
    """
    gc.collect()
    gc.disable()
    try:
        calls, found = {}, {}
        for name, turn in turns.items():
            calls[name], seconds_of_one = calibrated(turn)
            found[name] = [seconds_of_one] if calls[name] == 1 else []  # that was a turn already
        order, rng = list(turns), random.Random(seed)  # noqa: S311  an order of turns is no secret
        end = perf_counter() + seconds
        for _ in range(MOST):
            if min(map(len, found.values())) >= FEWEST and perf_counter() > end:
                break
            rng.shuffle(order)
            for name in order:
                found[name].append(once(turns[name], calls[name]))
    finally:
        gc.enable()
    return {name: statistics.median(times) * 1e6 for name, times in found.items()}


def calibrated(turn: Turn) -> tuple[int, float]:
    """How many calls make a turn of the right length, and how long the last call took, in seconds."""
    calls = 1
    while True:
        start = perf_counter()
        turn(calls)
        seconds = perf_counter() - start
        if seconds >= TURN / 2:
            return max(1, round(calls * TURN / seconds)), seconds / calls
        calls *= 2


def once(turn: Turn, calls: int) -> float:
    """Seconds a call, of one turn."""
    if calls > 1:
        turn(1)
    start = perf_counter()
    turn(calls)
    return (perf_counter() - start) / calls
