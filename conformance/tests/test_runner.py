"""Each fake fails in one way; the runner must tell it, end, and not pass it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.case import Case, Document
from conformance.generator.build import array, dense_net, json_bytes, validate_case
from conformance.generator.saved_state_rows import Saved, saved
from conformance.protocol import StartError
from conformance.runner import run
from conformance.verdict import Outcome, Verdict

FAKE = Path(__file__).parent / "fake.py"
ROOT = Path(__file__).parents[2]

VALID = validate_case("fake/valid", "valid", ["doc-1"], "nothing", dense_net())
INVALID = validate_case("fake/invalid", "invalid", ["doc-2"], "nothing", dense_net(extra=1))
RUN = Case(
    id="fake/run",
    title="doubles",
    requirements=("dense-1",),
    features=("json", "dense"),
    catches="nothing",
    command="run",
    document=Document(json_bytes(dense_net())),
    request={"chunks": [{"input": array([1, 2, 1], [1.0, -3.0])}]},
    expect={"chunks": [{"output": array([1, 2, 1], [2.0, -6.0]), "state": {}}]},
)
OTHER = Case(
    **{
        **vars(RUN),
        "id": "fake/other",
        "request": {"chunks": [{"input": array([1, 2, 1], [0.5, 5.0])}]},
        "expect": {"chunks": [{"output": array([1, 2, 1], [1.0, 10.0]), "state": {}}]},
    }
)
REFUSED = Case(
    id="fake/refused",
    title="an error",
    requirements=("protocol-3",),
    features=("json",),
    catches="nothing",
    command="run",
    document=Document(json_bytes(dense_net(extra=1))),
    request={"chunks": []},
    expect={"error": {"code": "STRUCTURE_UNKNOWN_KEY"}},
)
GRU = Case(**{**vars(VALID), "id": "fake/gru", "features": ("json", "gru")})
saved_states = Saved("fake")
saved_states.row("state", "a state", "saved-1", saved({"a": ["h"]}), "nothing")
saved_states.row(
    "no-state", "none", "saved-1", saved({}, extra=1), "nothing", expect="STRUCTURE_UNKNOWN_KEY"
)
STATE, NO_STATE = saved_states.cases
START = Case(
    id="fake/start",
    title="start",
    requirements=("protocol-1",),
    features=(),
    catches="nothing",
    command="start",
    expect={"among": {"formats": ["1.0-draft.3"]}, "known": {"features": list(report.FEATURES)}},
)
STOP = Case(**{**vars(START), "id": "fake/stop", "command": "stop", "expect": {}})


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    pairs = []
    for case in (VALID, INVALID, RUN, OTHER, REFUSED, STATE, NO_STATE):
        answer = case.expect if "error" in case.expect else {"result": case.expect}
        pairs.append([case.request_line(), answer])
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(pairs))
    return path


def put(
    mode: str, answers: Path, *cases: Case, timeout: float = 10, jobs: int = 1
) -> list[Outcome]:
    command = [sys.executable, str(FAKE), str(answers), mode]
    return run(list(cases), command, timeout=timeout, jobs=jobs)[1]


def verdicts(outcomes: list[Outcome]) -> list[Verdict]:
    return [outcome.verdict for outcome in outcomes]


def test_the_right_one_passes(answers: Path) -> None:
    outcomes = put(
        "right", answers, START, STOP, VALID, INVALID, RUN, REFUSED, STATE, NO_STATE, GRU
    )
    assert verdicts(outcomes) == [Verdict.PASS] * 8 + [Verdict.SKIPPED]


def test_several_at_once_keep_the_order(answers: Path) -> None:
    cases = [VALID, INVALID, RUN, REFUSED] * 10
    outcomes = put("right", answers, *cases, jobs=3)
    assert [outcome.case for outcome in outcomes] == cases
    assert set(verdicts(outcomes)) == {Verdict.PASS}


@pytest.mark.parametrize(
    ("mode", "case", "verdict", "detail"),
    [
        ("crash", RUN, Verdict.CRASH, "exit code 3; the last words"),
        ("crash-in-line", RUN, Verdict.CRASH, "in the middle of a line"),
        ("hang", RUN, Verdict.TIMEOUT, "no answer within"),
        ("garbage", RUN, Verdict.MALFORMED, "not a line of JSON"),
        ("not-utf8", RUN, Verdict.MALFORMED, "not a line of JSON"),
        ("not-object", RUN, Verdict.MALFORMED, "not an object"),
        ("noise", RUN, Verdict.MALFORMED, "not a line of JSON"),
        ("out-of-order", RUN, Verdict.OUT_OF_ORDER, "expected seq"),
        ("seq-true", RUN, Verdict.MALFORMED, "expected seq"),
        ("two-kinds", RUN, Verdict.MALFORMED, "expected seq and one of"),
        ("result-list", RUN, Verdict.MALFORMED, "is not an object"),
        ("other-case", RUN, Verdict.MALFORMED, "`chunks` is not a list"),
        ("other-run", RUN, Verdict.MISMATCH, "2 of 2 elements differ"),
        ("other-case", INVALID, Verdict.MISMATCH, "missing STRUCTURE_UNKNOWN_KEY"),
        ("skips", RUN, Verdict.WRONGLY_SKIPPED, "'dense'"),
        ("always-valid", INVALID, Verdict.MISMATCH, "missing STRUCTURE_UNKNOWN_KEY"),
        ("always-valid", VALID, Verdict.MISMATCH, "structure: expected"),
        ("always-error", VALID, Verdict.MISMATCH, "got the error 'SYNTAX_END'"),
        ("always-error", REFUSED, Verdict.MISMATCH, "expected the error STRUCTURE_UNKNOWN_KEY"),
        ("own-fault", REFUSED, Verdict.MISMATCH, "out of memory"),
        ("wrong-bits", RUN, Verdict.MISMATCH, "chunks[0].output[0, 0, 0]: expected 2 (40000000)"),
        ("bad-hex", RUN, Verdict.MALFORMED, "hexadecimal digits"),
        ("one-finding-less", INVALID, Verdict.MISMATCH, "missing STRUCTURE_UNKNOWN_KEY"),
        ("place-off-by-one", INVALID, Verdict.MISMATCH, "not expected STRUCTURE_UNKNOWN_KEY"),
        ("finding-without-stage", INVALID, Verdict.MALFORMED, "a finding has the members"),
        ("no-digests", VALID, Verdict.MISMATCH, "fingerprint: expected"),
        ("other-state-bit", STATE, Verdict.MISMATCH, "state.a.h[0, 0]: expected 0.5"),
        ("no-state", STATE, Verdict.MISMATCH, "state: missing"),
        ("always-valid", NO_STATE, Verdict.MISMATCH, "missing STRUCTURE_UNKNOWN_KEY"),
        ("one-finding-less", NO_STATE, Verdict.MISMATCH, "missing STRUCTURE_UNKNOWN_KEY"),
    ],
)
def test_each_fake_is_told_apart(
    mode: str, case: Case, verdict: Verdict, detail: str, answers: Path
) -> None:
    (outcome,) = put(mode, answers, case, timeout=1.0 if mode == "hang" else 10)
    assert outcome.verdict is verdict, outcome.details
    assert any(detail in line for line in outcome.details), outcome.details


def test_a_new_process_after_each_crash(answers: Path) -> None:
    assert verdicts(put("crash", answers, RUN, RUN, VALID)) == [Verdict.CRASH] * 3


def test_an_adapter_that_does_not_read(answers: Path) -> None:
    big = Case(**{**vars(VALID), "document": Document(b" " * 1_000_000)})
    (outcome,) = put("deaf", answers, big, timeout=1.0)
    assert outcome.verdict is Verdict.TIMEOUT


@pytest.mark.parametrize("mode", ["mute", "greets-badly"])
def test_no_run_without_a_greeting(mode: str, answers: Path) -> None:
    with pytest.raises(StartError):
        put(mode, answers, VALID)


def test_no_run_without_a_command(answers: Path) -> None:
    with pytest.raises(StartError):
        run([VALID], [str(answers.parent / "nothing")])


@pytest.mark.parametrize(
    ("mode", "detail"),
    [
        ("talks-at-stop", "expected an empty result"),
        ("ends-badly", "expected exit code 0, it ended with exit code 4"),
        ("talks-after-stop", "something after the answer to `stop`: 'goodbye'"),
        (
            "leaves-a-child",
            "it has ended after `stop`, and something that it started holds its output",
        ),
        ("stays", "still running"),
    ],
)
def test_stop(mode: str, detail: str, answers: Path) -> None:
    (outcome,) = put(mode, answers, STOP, timeout=1.0 if mode == "stays" else 10)
    assert outcome.verdict is Verdict.MISMATCH
    assert detail in outcome.details[0]


def test_unknown_features_are_told(answers: Path) -> None:
    (outcome,) = put("boasts", answers, START)
    assert "'telepathy' is none of" in outcome.details[0]


def test_a_players_codes_are_not_compared(answers: Path) -> None:
    assert set(verdicts(put("player", answers, VALID, INVALID, RUN, REFUSED, STATE, NO_STATE))) == {
        Verdict.PASS
    }


# --- the command line -----------------------------------------------------------------------------


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip


def real_answers(tmp_path: Path, folder: str) -> Path:
    from conformance.case import find  # noqa: PLC0415 — only here are the real cases needed

    pairs: list[Any] = []
    for case in find([folder]):
        first = case.expect["findings"]
        if "any" in case.expect:  # errors first, and no more than there may be
            first = sorted(first, key=lambda finding: str(finding["severity"]))[:100]
        answer = {name: part for name, part in case.expect.items() if name != "any"}
        pairs.append([case.request_line(), {"result": answer | {"findings": first}}])
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(pairs))
    return path


@pytest.mark.parametrize(("mode", "status"), [("right", 0), ("place-off-by-one", 1), ("crash", 1)])
def test_exit_status_and_last_lines(mode: str, status: int, tmp_path: Path) -> None:
    path = str(real_answers(tmp_path, "versions/"))
    done = call("run", "versions/", "--", sys.executable, str(FAKE), path, mode)
    assert done.returncode == status, done.stderr
    claim, counts = done.stdout.splitlines()[-2:]
    assert re.fullmatch(r"rnnspec 1\.0-draft\.3 · exact · complete · \S+ · \d+/\d+", claim)
    assert re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped", counts)


def test_json_report(tmp_path: Path) -> None:
    path = str(real_answers(tmp_path, "versions/"))
    done = call(
        "run", "versions/", "--format", "json", "--", sys.executable, str(FAKE), path, "right"
    )
    report_ = json.loads(done.stdout)
    assert report_["failed"] == 0
    assert report_["passed"] == len(report_["cases"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "--"),
        ("list", "--", "true"),
        ("run", "--jobs", "0", "--", "true"),
        ("run", "--features", "telepathy", "--", "true"),
        ("run", "no-such-case", "--", "true"),
        ("generate", "no-such-section"),
        ("nonsense",),
    ],
)
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).returncode == 2


def test_skipping_everything_is_no_pass(tmp_path: Path) -> None:
    path = str(real_answers(tmp_path, "versions/"))
    done = call(
        "run", "versions/this", "--features", "lstm", "--", sys.executable, str(FAKE), path, "right"
    )
    assert done.returncode == 1
