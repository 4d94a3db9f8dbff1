"""Nets of the soak, drawn once for all of its tests."""

import itertools
from typing import Any

import pytest

from conformance.soak.covering import Pair, Rows, judge_pairs
from conformance.soak.oracle import Oracle
from conformance.soak.task import Task, task

SEED, NETS = 5, 60


@pytest.fixture(scope="session")
def pairs() -> tuple[list[Pair], dict[Pair, str]]:
    """Pairs of values that are possible, and the others with the reason."""
    return judge_pairs()


@pytest.fixture(scope="session")
def tasks(pairs: tuple[list[Pair], dict[Pair, str]]) -> list[Task]:
    """The first nets of a seed."""
    drawn = itertools.islice(Rows(SEED, pairs[0]).since(0), NETS)
    return [task(SEED, number, row) for number, row in drawn]


@pytest.fixture(scope="session")
def oracles(tasks: list[Task]) -> list[Oracle]:
    """The oracle of each net, which reads it once."""
    return [Oracle(each.document) for each in tasks]


@pytest.fixture(scope="session")
def expected(tasks: list[Task], oracles: list[Oracle]) -> list[dict[str, Any]]:
    """What the oracle says to the call of each net."""
    return [oracle.expect(each.call) for each, oracle in zip(tasks, oracles, strict=True)]
