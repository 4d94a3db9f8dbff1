"""Lines and records: what goes in comes out, and what is none is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.lines import LineError, facts_of, members_of, parse, printed
from bench.record import newest, read, record_of, text_of
from bench.tests.samples import MACHINE, lines, record


def test_lines_come_back() -> None:
    for one in lines():
        assert parse(printed(one)) == one


@pytest.mark.parametrize(
    "text",
    [
        "ONNX Runtime warns of something",
        "[1]",
        '{"language": "python"}',
        '{"language": "python", "host": "x", "peer": "y", "path": "z", "missing": "w", "more": 1}',
    ],
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(LineError):
        parse(text)


@pytest.mark.parametrize("numbers", [[], [0.0], [-1.0], [float("nan")], ["1"], [float("inf")]])
def test_times_are_positive_numbers(numbers: list[object]) -> None:
    members = {**members_of(lines()[0]), "us_per_step": numbers}
    with pytest.raises(LineError, match="positive"):
        parse(json.dumps(members))


def test_a_fact_may_be_zero() -> None:
    fact = facts_of(lines())[0]
    assert parse(printed(replace(fact, values=(0.0,)))) == replace(fact, values=(0.0,))


def test_a_record_keeps_the_fastest_way_of_a_peer_and_all_paths_of_ours(tmp_path: Path) -> None:
    made = record_of("python", MACHINE, lines())
    assert made.versions == {"rnnspec": "1", "onnxruntime": "1", "pytorch": "1"}
    ways = [(one.peer, one.path) for one in made.lines if getattr(one, "mode", "") == "step"]
    assert ("onnxruntime", "io binding") in ways
    assert ("onnxruntime", "run") not in ways
    assert {path for peer, path in ways if peer == "rnnspec"} == {"avx2", "plain"}
    path = tmp_path / "2026-01-02-python.json"
    path.write_text(text_of(made))
    assert read(path) == made


def test_the_newest_record_of_each_language_counts(tmp_path: Path) -> None:
    for day in ("2026-01-02", "2026-02-01"):
        for language in ("python", "c"):
            made = record(language)
            text = text_of(made).replace(MACHINE["date"][:10], day)
            (tmp_path / f"{day}-{language}.json").write_text(text)
    found = newest(tmp_path)
    assert [one.name for one in found] == ["python", "c"]
    assert all(one.machine["date"].startswith("2026-02-01") for one in found)
