"""Turns: everybody gets as many, and slow ones are not called more than needed."""

from time import perf_counter, sleep

import numpy as np
import pytest

from bench.python.contest import DiffersError, distance
from bench.turns import FEWEST, Turn, calibrated, medians


def waiting(seconds: float, log: list[str], name: str) -> Turn:
    def turn(calls: int) -> None:
        log.append(name)
        end = perf_counter() + calls * seconds
        while perf_counter() < end:
            pass

    return turn


def test_medians_are_of_one_call_in_us() -> None:
    log: list[str] = []
    found = medians({"fast": waiting(1e-4, log, "f"), "slow": waiting(1e-3, log, "s")}, 0.2)
    assert 100 <= found["fast"] < 1000 <= found["slow"] < 10000  # a busy machine only adds


def test_a_call_that_is_longer_than_a_turn_is_made_once_a_turn() -> None:
    log: list[str] = []
    medians({"slow": waiting(0.02, log, "s")}, 0.0)
    assert len(log) == FEWEST


def test_a_turn_is_some_milliseconds() -> None:
    calls, seconds = calibrated(lambda calls: sleep(0.002 * calls))
    assert 1 <= calls <= 3
    assert seconds >= 0.002


def test_a_peer_that_computes_another_net_is_an_error() -> None:
    ours = np.zeros((1, 100, 3), np.float32)
    assert distance(ours, ours + np.float32(1e-4), "p") == pytest.approx(1e-4)
    with pytest.raises(DiffersError, match="differs from ours"):
        distance(ours, ours + np.float32(1e-3), "p")
    with pytest.raises(DiffersError):
        distance(ours, np.full_like(ours, np.nan), "p")
    with pytest.raises(DiffersError, match="where ours is"):
        distance(ours, ours[:, :50], "p")
