"""Adapters with bad manners: each is told apart, the run goes on with a fresh process, and leaves none behind.

Every run asks A, B, C, D; the fake answers A well, does its worst at B, and a fresh process answers C well and is bad
at D (or the same one goes on, where it was not ended).
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance import pipes, runner
from conformance.case import Case, Document
from conformance.generator.build import array, dense_net, json_bytes
from conformance.messages import Answer
from conformance.protocol import Adapter, StartError
from conformance.runner import Asking, run
from conformance.verdict import Outcome, Verdict

FAKE = Path(__file__).parent / "fake_worse.py"
ROOT = Path(__file__).parents[2]


def doubled(name: str, *values: float) -> Case:
    """A case of its own numbers, with five different ones or more."""
    return Case(
        id=f"fake/{name}",
        title="doubles",
        requirements=("dense-1",),
        features=("json", "dense"),
        catches="nothing",
        command="run",
        document=Document(json_bytes(dense_net())),
        request={"chunks": [{"input": array([1, len(values), 1], list(values))}]},
        expect={
            "chunks": [{"output": array([1, len(values), 1], [2 * v for v in values]), "state": {}}]
        },
    )


A = doubled("a", 1.0, 2.0, 3.0)
B = doubled("b", 4.0, -5.0, 6.0)
C = doubled("c", 0.5, 7.0, 8.0)
D = doubled("d", 9.0, 10.0, 11.0)
CASES = [A, B, C, D]
P = Verdict.PASS


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps([[case.request_line(), {"result": case.expect}] for case in CASES]))
    return path


def put(
    mode: str, answers: Path, *cases: Case, timeout: float = 10, jobs: int = 1
) -> list[Outcome]:
    command = [sys.executable, str(FAKE), str(answers), mode]
    return run(list(cases or CASES), command, timeout=timeout, jobs=jobs)[1]


@pytest.mark.parametrize(
    ("mode", "wanted", "at", "detail"),
    [
        ("right", [P, P, P, P], 0, ""),
        ("crash", [P, Verdict.CRASH, P, Verdict.CRASH], 1, "ended with exit code 3"),
        ("hang", [P, Verdict.TIMEOUT, P, Verdict.TIMEOUT], 1, "no answer within 1 s"),
        ("half", [P, Verdict.TIMEOUT, P, Verdict.TIMEOUT], 1, "only 100 bytes of a line"),
        # B and D have had their answers; what came after is theirs, and C is asked again.
        ("twice", [P, Verdict.TWICE, P, Verdict.TWICE], 1, "was answered again"),
        ("twice-otherwise", [P, Verdict.TWICE, P, Verdict.TWICE], 3, "second thoughts"),
        ("noise-after", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "nobody asked for"),
        ("seq-before", [P, Verdict.OUT_OF_ORDER, P, Verdict.OUT_OF_ORDER], 1, "expected seq 3, got 2"),
        ("late-by-one", [P, Verdict.WRONG_CASE, P, Verdict.WRONG_CASE], 1, "the right answer to fake/a"),
        ("closes", [P, Verdict.CLOSED, P, Verdict.CLOSED], 1, "closed its output and runs on"),
        ("closes-in-line", [P, Verdict.CLOSED, P, Verdict.CLOSED], 1, "in the middle of a line"),
        ("endless", [P, Verdict.ENDLESS, P, Verdict.ENDLESS], 1, "3 MiB without a newline"),
        ("floods", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "not a line of JSON"),
        ("deep", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "not a line of JSON"),
        ("deep-enough", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "nested more than 64"),
        ("nan", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "NaN is no JSON"),
        ("skips", [P, Verdict.WRONGLY_SKIPPED, P, P], 1, "for want of 'json'"),
        ("killed", [P, Verdict.CRASH, P, Verdict.CRASH], 1, "the signal SIGSEGV"),
        ("orphan", [P, Verdict.CRASH, P, Verdict.CRASH], 1, "exit code 5, and something that it started"),
        ("stderr-flood", [P, P, P, P], 0, ""),
        ("stderr-flood-crash", [P, Verdict.CRASH, P, Verdict.CRASH], 1, "exit code 1; "),
        ("stderr-flood-crash", [P, Verdict.CRASH, P, Verdict.CRASH], 3, "the end of it"),
        ("stderr-without-end", [P, Verdict.TIMEOUT, P, Verdict.TIMEOUT], 1, "no answer within 1 s"),
        ("two-bytes-at-the-end", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "not with 0D 0A"),
        ("byte-order-mark", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "not a line of JSON"),
        ("empty-line", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "not a line of JSON"),
        ("member-twice", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "'result' stands there twice"),
        ("seq-text", [P, Verdict.MALFORMED, P, Verdict.MALFORMED], 1, "expected seq 3, got '3'"),
        ("chunk-missing", [P, Verdict.MISMATCH, P, P], 1, "chunks: expected 1, got 0"),
        ("chunk-twice", [P, Verdict.MISMATCH, P, P], 1, "chunks: expected 1, got 2"),
        ("shape-fraction", [P, Verdict.MALFORMED, P, P], 1, "the shape [1, 3.5, 1] is none"),
        ("shape-turned", [P, Verdict.MISMATCH, P, P], 1, "expected shape [1, 3, 1], got [1, 1, 3]"),
        ("decimals", [P, Verdict.MALFORMED, P, P], 1, "not an array of `shape` and `bits`"),
        ("last-bit", [P, Verdict.MISMATCH, P, P], 1, "1 of 3 elements differ"),
        ("nan-bits", [P, Verdict.MISMATCH, P, P], 1, "got nan (7fc00000)"),
        ("starts-slowly", [P, P, P, P], 0, ""),
    ],
)  # fmt: skip
def test_each_is_told_apart_and_the_run_goes_on(
    mode: str, wanted: list[Verdict], at: int, detail: str, answers: Path
) -> None:
    slow = mode in ("hang", "half", "endless", "stderr-without-end")
    outcomes = put(mode, answers, timeout=1.0 if slow else 10)
    assert [outcome.verdict for outcome in outcomes] == wanted, outcomes
    assert detail in " ".join(outcomes[at].details)


def test_the_seq_of_another_with_its_numbers(answers: Path) -> None:
    """The very line of the case before: it can only be read as a second answer to that."""
    outcomes = put("seq-before-and-its-numbers", answers, A, B)
    assert [outcome.verdict for outcome in outcomes] == [Verdict.TWICE, Verdict.PASS]


def test_an_end_after_the_answer_is_that_cases(answers: Path) -> None:
    outcomes = put("ends-after", answers)
    failed = [outcome for outcome in outcomes if outcome.verdict is not P]
    assert failed
    assert {outcome.verdict for outcome in failed} == {Verdict.CRASH}
    assert outcomes[0].verdict is P


def test_start_answered_twice_is_no_cases_fault_but_fails(answers: Path) -> None:
    outcomes = put("start-twice", answers, A)
    assert outcomes[0].verdict is Verdict.TWICE


def test_a_line_without_end_is_cut_off(answers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "MAX_LINE", 1 << 20)
    (_, outcome) = put("endless", answers, A, B)
    assert outcome.verdict is Verdict.ENDLESS
    assert outcome.seconds < 9  # told before the timeout


def test_a_small_answer_is_shared_too_often_to_tell(tmp_path: Path) -> None:
    one, two = doubled("one", 0.5), doubled("two", 0.25)
    path = tmp_path / "answers.json"
    pairs = [[case.request_line(), {"result": case.expect}] for case in (one, two)]
    path.write_text(json.dumps(pairs))
    assert [outcome.verdict for outcome in put("late-by-one", path, one, two)] == [
        *(P, Verdict.MISMATCH)
    ]


def test_whoever_ignores_an_option_mixes_nothing_up(tmp_path: Path) -> None:
    """The same input with lengths, and the answer that is right without them."""
    chunk = {**A.request["chunks"][0], "lengths": [1]}
    expect = {"chunks": [{"output": array([1, 3, 1], [2.0, 0.0, 0.0]), "state": {}}]}
    short = Case(
        **{**vars(A), "id": "fake/short", "request": {"chunks": [chunk]}, "expect": expect}
    )
    path = tmp_path / "answers.json"
    path.write_text(json.dumps([[c.request_line(), {"result": A.expect}] for c in (A, short)]))
    outcomes = put("right", path, A, short)
    assert [outcome.verdict for outcome in outcomes] == [P, Verdict.MISMATCH]


def test_an_adapter_that_never_answers_is_given_up(
    answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 2)
    outcomes = put("always-hang", answers, timeout=0.5)
    assert [outcome.verdict for outcome in outcomes] == [
        *(Verdict.TIMEOUT, Verdict.TIMEOUT, Verdict.NOT_ASKED, Verdict.NOT_ASKED),
    ]


def test_a_process_that_is_gone_is_not_waited_for(answers: Path) -> None:
    """What it started holds its output, so that its end does not come: the timeout is long, the wait is not."""
    (_, outcome) = put("orphan", answers, A, B, timeout=30)
    assert outcome.verdict is Verdict.CRASH
    assert outcome.seconds < 10


def test_a_start_that_takes_too_long(answers: Path) -> None:
    with pytest.raises(StartError, match=r"no answer to `start`: timeout: no answer within 0\.1 s"):
        put("starts-slowly", answers, timeout=0.1)


def test_a_flood_is_not_kept(answers: Path) -> None:
    with Adapter([sys.executable, str(FAKE), str(answers), "stderr-flood"], 10) as adapter:
        for case in (A, B):
            assert isinstance(adapter.ask(case.request_line()), Answer)
        assert 0 < len(adapter.last_words.end) <= pipes.LAST_BYTES


def test_an_adapter_that_starts_once(answers: Path) -> None:
    outcomes = put("once", answers)
    assert [outcome.verdict for outcome in outcomes] == [P, *[Verdict.CRASH] * 3]
    assert "no second time" in outcomes[2].details[0]


def test_fail_fast(answers: Path) -> None:
    command = [sys.executable, str(FAKE), str(answers), "crash"]
    outcomes = run(CASES, command, timeout=10, fail_fast=True)[1]
    assert [outcome.verdict for outcome in outcomes] == [P, Verdict.CRASH]


def test_a_class_that_is_not_claimed(answers: Path) -> None:
    command = [sys.executable, str(FAKE), str(answers), "right"]
    with pytest.raises(StartError, match="does not claim"):
        run(CASES, command, asking=Asking(kind="complete"))


def test_a_validator_is_asked_no_numbers(answers: Path) -> None:
    command = [sys.executable, str(FAKE), str(answers), "right"]
    outcomes = run(CASES, command, asking=Asking(kind="validator"))[1]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.SKIPPED}
    assert outcomes[0].details == ("not asked of a validator: run",)


def test_a_profile_is_asked_for_declared_or_not(answers: Path) -> None:
    gru = Case(**{**vars(A), "features": ("json", "gru")})
    command = [sys.executable, str(FAKE), str(answers), "always-skips"]
    assert run([gru], command)[1][0].verdict is Verdict.SKIPPED
    held = run([gru], command, asking=Asking(profile=frozenset({"json", "gru"})))[1][0]
    assert held.verdict is Verdict.WRONGLY_SKIPPED


# --- no orphans -----------------------------------------------------------------------------------


def running(number: int) -> bool:
    """Whether a process is there, and no zombie."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False
    )
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def children(answers: Path) -> list[int]:
    return [int(path.name.partition("-")[2]) for path in answers.parent.glob("child-*")]


def gone(numbers: list[int]) -> bool:
    end = time.monotonic() + 5
    while any(running(number) for number in numbers) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(running(number) for number in numbers)


def test_what_an_adapter_started_ends_with_it(answers: Path) -> None:
    outcomes = put("with-child", answers, timeout=1.0, jobs=2)
    assert Verdict.TIMEOUT in [outcome.verdict for outcome in outcomes]
    assert children(answers)
    assert gone(children(answers))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    """The command line, since it is that which gets the signal; the adapter answers `start` alone."""
    mute = tmp_path / "mute.py"
    mute.write_text(
        "import json, os, pathlib, sys, time\n"
        f"sys.path.insert(0, {str(FAKE.parent)!r})\n"
        "from fake import GREETING, say\n"
        "sys.stdin.readline(); say(1, result=GREETING)\n"
        f"pathlib.Path({str(tmp_path)!r}, f'child-{{os.getpid()}}').touch()\n"
        "time.sleep(120)\n"
    )
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "dense/",
        "--",
        sys.executable,
        str(mute),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=-3, stderr=-3) as process:
        end = time.monotonic() + 30
        while not children(tmp_path / "x") and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(process.pid, number)
        assert process.wait(30) == status
    assert children(tmp_path / "x")
    assert gone(children(tmp_path / "x"))
