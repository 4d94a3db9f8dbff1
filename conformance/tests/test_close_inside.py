"""Why the level `close` lets a mistake pass: each reason by a mistake that has it."""

import pytest

from conformance.close import inside, mutants
from conformance.mutants.mutant import Mutant, replaced


def judged(module: str, old: str, new: str, cases: str, place: str) -> mutants.CloseJudgement:
    changed = Mutant("test", "", module, replaced(module, old, new), (cases,), place)
    return mutants.judge(changed)


def test_below_the_bound() -> None:
    """One rounding less."""
    found = judged(
        "chain", "a = add(a, mul(x[k], W[k][j]))", "a = add(a, x[k] * W[k][j])", "elman", "elman"
    )
    assert (found.killer, found.why) == (None, inside.BELOW)
    assert 0 < found.share <= 1


def test_either_answer() -> None:
    """At this level no case hangs on which example fails."""
    found = judged(
        "answer", "for n, example in enumerate(net.examples) if not passes",
        "for n, example in enumerate(net.examples) if passes", "selftest", "selftest",
    )  # fmt: skip
    assert (found.killer, found.why, found.share) == (None, inside.EITHER, 0.0)


def test_not_asked() -> None:
    """The ids of `sample` hang on single bits."""
    found = judged("decode", "hi >> 5", "hi >> 6", "state_given", "state_given")
    assert (found.killer, found.why, found.share) == (None, inside.UNASKED, 0.0)


def test_what_is_seen_has_no_reason() -> None:
    found = judged("layers", "add(mul(x[j], s[j]), t[j])", "mul(x[j], s[j])", "affine", "affine")
    assert (found.killer is not None, found.why) == (True, None)


def test_the_table_counts_each_once() -> None:
    def one(killer: str | None, why: str | None = None) -> mutants.CloseJudgement:
        return mutants.CloseJudgement(Mutant("m", "s", "", "", ()), killer, why=why)

    every = [
        one("a/b"),
        one(None, inside.BELOW),
        one(None, inside.BELOW),
        one(None, inside.UNASKED),
    ]
    assert mutants.rows(every) == [("s", [4, 1, 2, 0, 1]), ("all", [4, 1, 2, 0, 1])]
    assert "s                               4                1" in mutants.table(every)
    assert mutants.report([]) == 1


@pytest.mark.parametrize("word", inside.REASONS)
def test_every_reason_has_its_words(word: str) -> None:
    assert inside.REASONS[word].endswith(".")
