"""The soak: that it finds a runtime that is wrong, and what it says at its end."""

import itertools
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import conformance
from conformance.case import Case, Document
from conformance.oracle.reader import read
from conformance.soak import lane, soak, table
from conformance.soak.example import self_test
from conformance.soak.lane import Orders, Result, codes
from conformance.soak.options import Row
from conformance.soak.task import Task
from conformance.tests.conftest import SEED

ORACLE = Path(__file__).parent / "oracle_adapter.py"
ROOT = Path(conformance.__file__).parent.parent
LIES = ("output", "state", "code", "probe", "text", "ctc", "saved", "digest", "selftest")
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _adapters_import_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def command(lie: str = "") -> str:
    return shlex.join([sys.executable, str(ORACLE), *([lie] if lie else [])])


def orders(*commands: str, oracle: int = 1, truth: int = 1) -> Orders:
    return Orders(SEED, commands, oracle, truth)


def test_honest_adapters_have_no_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert soak(6, 0, orders(command(), command()), tmp_path, 2) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"seed {SEED}: oracle, oracle; 2 lanes\n")
    assert printed.endswith("\n6 models, 0 differences\n")
    assert "models a second" in printed
    assert not list(tmp_path.iterdir())


def shows(lie: str, each: Task, expect: Json) -> bool:
    """Whether there is anything to lie about."""
    chunks = expect.get("chunks", [])
    bits = [chunk.get("output", {}).get("bits") for chunk in chunks]
    return {
        "output": any(bits),
        "state": any(chunk.get("state") for chunk in chunks),
        "code": any(code not in ("", "RUN_SHAPE") for code in codes(expect)) and bool(chunks),
        "probe": any(chunk.get("probe") for chunk in chunks) and any(bits),
        "text": bool(expect.get("ids")) and each.call.command == "decode",
        "ctc": any(expect.get("ids", ())) and each.call.command == "ctc",
        "saved": each.before is each.call and any(chunk.get("state") for chunk in chunks),
        "digest": True,
        "selftest": each.row.get("self-test") == "yes" and self_test(each, expect) is not None,
    }[lie]


@pytest.mark.parametrize(
    ("lie", "oracle"), [*((lie, 1) for lie in LIES), ("output", 1000), ("code", 1000)]
)
def test_a_wrong_adapter_is_found_and_its_net_can_be_asked_again(
    lie: str,
    oracle: int,
    tasks: list[Task],
    expected: list[Json],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the oracle asked about every net, or only where the adapters disagree: net 0 is in every sample."""
    number = next(
        each.number
        for each, expect in zip(tasks, expected, strict=True)
        if each.number and shows(lie, each, expect)
    )
    told = orders(command(), command(lie), oracle=oracle, truth=1000)
    assert soak(1, number, told, tmp_path, 1) == 1
    printed = capsys.readouterr().out
    assert "\n1 models, 0 differences" not in printed
    line = r"again: python -m conformance soak --oracle 1 --truth 1 --seed (\d+) --first (\d+) --count 1 (.*)"
    again = re.findall(line, printed)
    assert again
    assert {(int(seed), int(first)) for seed, first, _ in again} == {(SEED, number)}
    assert (tmp_path / f"{SEED}-{number}.rnn").read_bytes() == tasks[number].document
    # The honest one is never blamed alone.
    named = [shlex.split(adapters)[1::2] for _, _, adapters in again]
    assert all(command(lie) in adapters for adapters in named)
    assert soak(1, number, orders(*named[0], truth=1000), tmp_path, 1) == 1


def test_a_fault_of_the_soak_itself_fails_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lane that ends in the middle."""

    def results(lanes: list[lane.Lane], models: Iterable[tuple[int, Row]]) -> Iterator[Result]:
        for done in lane.results(lanes, models):
            yield done
            lanes[0].process.kill()

    monkeypatch.setattr("conformance.soak.results", results)
    assert soak(4, 0, orders(command()), tmp_path, 1) == 1
    printed = capsys.readouterr()
    assert "a lane of the soak ended" in printed.err
    assert printed.out.endswith(" models, 0 differences\n")


def test_a_difference_is_shrunk_to_a_case(
    tasks: list[Task],
    expected: list[Json],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    each = next(
        each
        for each, expect in zip(tasks, expected, strict=True)
        if shows("output", each, expect) and len(each.net["layers"]) > 3
    )
    assert soak(1, each.number, orders(command("output"), truth=1000), tmp_path, 1) == 1
    path = tmp_path / f"{SEED}-{each.number}.case.json"
    assert f"shrunk: {path}" in capsys.readouterr().out
    case = Case.from_json(json.loads(path.read_text("utf-8")), tmp_path)
    assert isinstance(case.document, Document)
    small = read(case.document.data).document
    assert small is not None
    assert len(small["layers"]) <= 2  # every net has a layer whose output is wrong: its first
    assert len(case.request["chunks"]) == 1


def test_ctrl_c_ends_it_with_the_summary(tmp_path: Path) -> None:
    """A process of its own, without a number of models: after its first difference."""
    arguments = ["--seed", str(SEED), "--jobs", "1", "--adapter", command("digest")]
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "soak", *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"seed {SEED}")
    assert process.stdout.readline().startswith("DIFFERENCE oracle on")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert re.search(r"\n[1-9]\d* models, [1-9]\d* differences\n$", out)
    assert process.returncode == 1


def test_without_differences_ctrl_c_ends_it_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is asked of models that were not waited for."""

    def interrupted(lanes: list[lane.Lane], models: Iterable[tuple[int, Row]]) -> Iterator[Result]:
        yield from itertools.islice(lane.results(lanes, models), 2)
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.soak.results", interrupted)
    monkeypatch.setattr(table, "FULL", 2)
    assert soak(None, 0, orders(command()), tmp_path, 1) == 0
    assert capsys.readouterr().out.endswith("\n2 models, 0 differences\n")


def test_what_was_not_tried_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(table, "FULL", 2)
    assert soak(2, 0, orders(command()), tmp_path, 1) == 1
    printed = capsys.readouterr().out
    assert f"times, not {table.LEAST}" in printed
    assert printed.endswith("\n2 models, 0 differences\n")
