"""The level `close` through a process: what is asked by default, what passes, and what the claim says."""

import sys
from pathlib import Path

import pytest

import conformance
from conformance.case import find
from conformance.protocol import StartError
from conformance.report.summary import claim
from conformance.runner import Asking, Runtime, run
from conformance.verdict import Outcome, Verdict

ADAPTER = Path(__file__).parent / "close_adapter.py"
CASES = [
    "lstm/size-2-3",
    "lstm/size-3-16",
    "dense/",
    "decoding/caller-sample",
    "decoding/greedy-tie",
]


@pytest.fixture(autouse=True)
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(conformance.__file__).parent.parent))


def asked(lie: str, asking: Asking | None = None) -> tuple[Runtime, dict[str, Outcome]]:
    runtime, outcomes = run(find(CASES), [sys.executable, str(ADAPTER), lie], asking=asking)
    return runtime, {outcome.case.id: outcome for outcome in outcomes}


def test_an_adapter_that_is_close_is_judged_so() -> None:
    runtime, outcomes = asked("output")  # its last bit is wrong
    assert runtime.level == "close"
    assert outcomes["lstm/size-3-16"].verdict is Verdict.PASS
    assert not [name for name, outcome in outcomes.items() if outcome.verdict.failed]
    left = outcomes["decoding/caller-sample"]
    assert left.verdict is Verdict.SKIPPED
    assert "single bits" in left.details[0]
    said = claim(runtime, outcomes.values())
    assert said.startswith("rnnspec 1.0-draft.3 · close · complete · ")


def test_it_is_not_judged_at_a_level_it_does_not_claim() -> None:
    with pytest.raises(StartError, match="does not claim the level exact"):
        asked("", Asking(level="exact"))


def test_what_is_off_by_a_thousandth_fails() -> None:
    _, outcomes = asked("large", Asking(level="close"))
    outcome = outcomes["lstm/size-3-16"]
    assert outcome.verdict is Verdict.MISMATCH
    assert outcome.got is None
    assert "outside" in outcome.details[0]
