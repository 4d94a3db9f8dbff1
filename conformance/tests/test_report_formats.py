"""Text, JSON and JUnit: what they hold, and that nothing in them breaks out."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conformance.case import Document
from conformance.report import Report, ReportError, document, files, junit, page, text
from conformance.report.matrix import columns, matrix
from conformance.report.visible import short, visible
from conformance.runner import Runtime
from conformance.tests.report_samples import (
    COMMAND,
    EXTRA,
    HOSTILE,
    KNOWN,
    OUTCOMES,
    RUN,
    RUNTIME,
    hostile,
    listed,
    outcome,
    report,
)
from conformance.verdict import MAX_ANSWER, Verdict, kept

SCHEMAS = Path(__file__).parents[1] / "schema"
CLAIM = "rnnspec 1.0-draft.3 · exact · complete · json+dense · 1/5"


# --- text -----------------------------------------------------------------------------------------


def test_text_tells_each_failure_and_ends_with_claim_and_counts() -> None:
    lines = text.write(report()).splitlines()
    assert lines[-2:] == [CLAIM, "1 passed, 4 failed, 1 skipped"]
    assert lines[0] == "MISMATCH  dense/run  (doubles)"
    assert "    it catches: a product that is left out" in lines
    assert "    see dense-1, chain-1 in SPEC.md; cases/dense/run.case.json" in lines
    assert "1 skipped, not declared: gru" in lines
    assert "mine 0.1 (Go): ./mine --adapter 'a b'" in lines
    assert "3 mismatch, 1 crash" in lines


def test_text_of_a_part_is_no_claim() -> None:
    assert "so this is no claim:" in text.write(report(filtered=True)).splitlines()[-3]


def test_text_shows_few_reasons_and_says_how_many_more() -> None:
    many = report([outcome(RUN, Verdict.MISMATCH, *(f"line {k}" for k in range(20)))])
    lines = text.write(many).splitlines()
    assert "    line 5" in lines
    assert "    … and 14 more" in lines
    assert "    line 6" not in lines


def test_the_hostile_adds_no_line_and_no_escape_to_text() -> None:
    written = text.write(hostile()) + text.write_matrix([hostile()])
    assert all(line.isprintable() for line in written.splitlines())
    assert "0 failed" not in written.splitlines()
    assert r"\u001b[2J\u202e\u2066\ud800\ufffe" in written


def test_text_of_several_is_a_matrix() -> None:
    other = report([OUTCOMES[0]], Runtime("other", "2", "C", (), frozenset()))
    lines = text.write_matrix([report(), other]).splitlines()
    assert re.split("  +", lines[0]) == ["section", "mine", "other"]
    assert re.split("  +", lines[3]) == ["document", "1 passed, 1 failed", "1 passed"]
    assert re.split("  +", lines[4]) == ["gru", "1 skipped", "not asked"]


def test_text_tells_known_failures_apart() -> None:
    lines = text.write(listed()).splitlines()
    assert lines[-2:] == [CLAIM, "1 passed, 4 failed, 1 skipped"]  # it hides nothing
    assert lines[-3] == (
        "2 known failures, 2 others; 1 unexpected pass; "
        "1 id on the list of known failures that no case has"
    )
    assert lines[0] == "KNOWN MISMATCH  dense/run  (doubles)"
    assert lines[1] == "    known: ours: issue 7"
    assert "KNOWN CRASH  document/extra  (a member `extra`)" in lines
    assert "MISMATCH  json/cut  (cut off)" in lines
    assert "UNEXPECTED PASS  document/valid  (a known failure: mended?)" in lines
    assert "NO SUCH CASE  json/gone  (a known failure)" in lines
    assert not listed().results[-1].is_known  # skipped, it says nothing


def test_the_matrix_tells_known_failures_apart() -> None:
    cells = dict(matrix([listed()]).rows)
    assert [cells[name][0].words for name in ("dense", "document", "json")] == [
        *("1 failed (1 known)", "1 passed (1 unexpectedly), 1 failed (1 known)", "1 failed"),
    ]
    assert [cells[name][0].is_bad for name in ("dense", "document", "json")] == [False, True, True]


def test_columns_have_different_names() -> None:
    js, go = replace(RUNTIME, language="JavaScript"), RUNTIME
    other = replace(RUNTIME, name="other")
    runs = [report(runtime=one) for one in (js, go, other)]
    assert columns(runs[:1]) == ("mine (JavaScript)",)
    assert columns(runs[1:]) == ("mine", "other")
    assert columns(runs[:2]) == ("JavaScript", "Go")
    assert columns(runs) == ("mine (JavaScript)", "mine (Go)", "other (Go)")
    assert columns([runs[0], runs[0]]) == ("mine (JavaScript), run 1", "mine (JavaScript), run 2")


def test_the_matrix_counts() -> None:
    table = matrix([report()])
    assert [section for section, _ in table.rows] == [
        "decoding", "dense", "document", "gru", "json",
    ]  # fmt: skip
    assert table.totals[0].words == "1 passed, 4 failed, 1 skipped"


def test_visible() -> None:
    assert visible("a é 木 ✓") == "a é 木 ✓"
    assert (
        visible("\x00\n\x7f\u202e\ud800\U000e0001") == r"\u0000\u000a\u007f\u202e\ud800\U000e0001"
    )
    assert short("12345", 5) == "12345"
    assert short("123456", 5) == "1234…"


# --- JSON -----------------------------------------------------------------------------------------


def schema_validator() -> Draft202012Validator:
    schemas = [json.loads(path.read_bytes()) for path in SCHEMAS.glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas]
    )
    return Draft202012Validator(
        {"$ref": "urn:rnnspec:1.0-draft.3:conformance:report"}, registry=registry
    )


@pytest.mark.parametrize(
    "written",
    [
        report(),
        report(filtered=True),
        report([]),
        report(runtime=replace(RUNTIME, level="close")),
        listed(),
    ],
)
def test_json_follows_its_schema_and_comes_back(written: Report) -> None:
    value = json.loads(document.write(written))
    schema_validator().validate(value)
    back = document.of_json(value)
    assert back == written
    assert [result.case for result in back.results] == [result.case for result in written.results]


def test_json_holds_cases_and_answers_of_failures_only() -> None:
    value = json.loads(document.write(report()))
    assert (value["claim"], value["passed"], value["failed"], value["skipped"]) == (CLAIM, 1, 4, 1)
    assert value["runtime"]["command"] == COMMAND
    with_case = [one["id"] for one in value["cases"] if "case" in one]
    assert with_case == ["dense/run", "json/cut", "document/extra", "decoding/greedy"]
    assert [one["id"] for one in value["cases"] if "got" in one] == [
        "dense/run", "json/cut", "decoding/greedy",
    ]  # fmt: skip


def test_json_tells_known_failures_apart() -> None:
    value = json.loads(document.write(listed()))
    assert value["stale"] == ["json/gone"]
    assert {one["id"]: one["known"] for one in value["cases"] if "known" in one} == KNOWN
    plain = json.loads(document.write(report()))
    assert "stale" not in plain
    assert not any("known" in one for one in plain["cases"])


def test_json_carries_a_document_that_stood_in_a_file() -> None:
    beside = replace(RUN, document=Document(b"\xff\x00", file="x.rnn"), truth=[1])
    value = json.loads(document.write(report([outcome(beside, Verdict.MISMATCH)])))
    assert value["cases"][0]["case"]["document"] == {"base64": "/wA="}
    assert "truth" not in value["cases"][0]["case"]
    schema_validator().validate(value)


def test_the_hostile_comes_back_from_json() -> None:
    written = document.write(hostile())
    assert written.isascii()
    assert document.of_json(json.loads(written)) == hostile()


def test_the_schema_knows_every_verdict() -> None:
    schema = json.loads((SCHEMAS / "report.schema.json").read_bytes())
    known = schema["$defs"]["result"]["properties"]["verdict"]["enum"]
    assert known == [verdict.value for verdict in Verdict]
    not_failed = schema["$defs"]["result"]["if"]["properties"]["verdict"]["enum"]
    assert not_failed == [verdict.value for verdict in Verdict if not verdict.failed]


def saved() -> Any:  # noqa: ANN401 — any JSON
    return json.loads(document.write(report()))


def changed(change: Callable[[Any], object]) -> Any:  # noqa: ANN401 — any JSON
    value = saved()
    change(value)
    return value


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.pop("report"),
        lambda value: value.update(report=2),
        lambda value: value.update(report=True),
        lambda value: value.update(started="yesterday"),
        lambda value: value.update(runtime=[]),
        lambda value: value["runtime"].update(command=[1]),
        lambda value: value["cases"].append(1),
        lambda value: value["cases"][1].pop("case"),
        lambda value: value["cases"][1].update(verdict="good"),
        lambda value: value["cases"][1].update(got=[]),
        lambda value: value["cases"][1].update(got={"result": []}),
        lambda value: value["cases"][1].update(got={"result": {}, "error": {}}),
        lambda value: value["cases"][1].update(got={"cut": "9", "start": ""}),
        lambda value: value["cases"][1].update(seconds=-1),
        lambda value: value["cases"][1].update(known=True),
        lambda value: value.update(stale=[1]),
        lambda value: value["cases"][1]["case"]["expect"].update(chunks=3),
        lambda value: value["cases"][1]["case"].pop("title"),
        lambda value: value["cases"][1]["case"].update(request=[]),
        lambda value: value["cases"][1]["case"].update(document={"file": "secret.rnn"}),
        lambda value: value["cases"][1]["case"].update(document={"text": 1}),
        lambda value: value["cases"][1]["case"].update(document={"pieces": [["x", "y"]]}),
    ],
)
def test_no_results(change: Callable[[Any], object], tmp_path: Path) -> None:
    value = changed(change)
    refused(value, tmp_path)
    assert not schema_validator().is_valid(value)


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["cases"][1].update(seconds=float("nan")),
        lambda value: value["cases"][2]["case"]["expect"].update(findings=[3]),
        lambda value: value["cases"][1]["case"].update(id="dense/other"),
        lambda value: value["cases"][1]["case"].update(document={"base64": "?"}),
        lambda value: value["cases"][1]["case"].update(document={"pieces": [["x", 1 << 40]]}),
    ],
)
def test_no_results_though_no_schema_sees_it(
    change: Callable[[Any], object], tmp_path: Path
) -> None:
    refused(changed(change), tmp_path)


def refused(value: Any, folder: Path) -> None:  # noqa: ANN401 — any JSON
    path = folder / "results.json"
    path.write_text(json.dumps(value))
    with pytest.raises(ReportError, match=r"results\.json"):
        document.read(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_no_json(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=r"results\.json"):
        document.read(path)
    with pytest.raises(ReportError, match=r"other\.json"):
        document.read(tmp_path / "other.json")


def test_answers_are_kept_up_to_a_size() -> None:
    assert kept("result", {"a": [1]}) == {"result": {"a": [1]}}
    long = kept("result", {"a": "x" * MAX_ANSWER})
    assert long["cut"] > MAX_ANSWER
    assert len(long["start"]) == 1000
    assert kept("result", {"a": float("nan")})["start"] == '{"result": {"a": NaN}}'
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    assert kept("result", {"a": deep})["cut"] == 0


# --- JUnit XML ------------------------------------------------------------------------------------

# What the usual schemas ask of each element: attributes, and children in order.
SUITE = ["id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "skipped"]
SUITE_CHILDREN = ["properties", "testcase", "system-out", "system-err"]
TIME = r"[0-9]+\.[0-9]{3}"  # Ant asks for a decimal, Jenkins' junit-10.xsd for three digits at most


def suites(*reports: Report) -> list[ET.Element]:
    root = ET.fromstring(junit.write(list(reports)))
    assert root.tag == "testsuites"
    return list(root)


def test_junit_has_the_usual_structure() -> None:
    found = suites(report())
    assert [suite.get("name") for suite in found] == [
        f"mine (Go) {section}" for section in ("document", "dense", "json", "decoding", "gru")
    ]
    for suite in found:
        assert suite.tag == "testsuite"
        assert list(suite.keys()) == [*SUITE, "time"]
        tags = [child.tag for child in suite]
        assert list(dict.fromkeys(tags)) == SUITE_CHILDREN
        assert tags == sorted(tags, key=SUITE_CHILDREN.index)
        assert suite.get("timestamp") == "2026-01-31T23:59:59"
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        for child, attribute in (
            ("failure", "failures"),
            ("error", "errors"),
            ("skipped", "skipped"),
        ):
            assert suite.get(attribute) == str(len(suite.findall(f"testcase/{child}")))
        for case in cases:
            assert list(case.keys()) == ["classname", "name", "time"]
            assert len(case) <= 1
        for element in (suite, *cases):
            assert re.fullmatch(TIME, element.get("time", ""))
    assert [suite.get("id") for suite in found] == ["0", "1", "2", "3", "4"]


def test_junit_tells_failures_from_errors() -> None:
    every = [outcome(replace(EXTRA, id=f"a/{v.name}"), v, "why") for v in Verdict]
    (suite,) = suites(report(every))
    told = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert told["PASS"] == []
    assert told["MISMATCH"] == told["WRONGLY_SKIPPED"] == ["failure"]
    assert told["SKIPPED"] == ["skipped"]
    assert told["CRASH"] == told["TIMEOUT"] == told["MALFORMED"] == ["error"]
    error = suite.find("testcase[@name='CRASH']/error")
    assert error is not None
    assert (error.get("type"), error.get("message")) == ("crash", "why")
    assert "it catches: a member read over" in (error.text or "")


def test_junit_says_what_the_exit_status_says_of_known_failures() -> None:
    told = {}
    for suite in suites(listed()):
        for kind, attribute in (
            ("failure", "failures"),
            ("error", "errors"),
            ("skipped", "skipped"),
        ):
            assert suite.get(attribute) == str(len(suite.findall(f"testcase/{kind}")))
        for case in suite.iter("testcase"):
            name = f"{(case.get('classname') or '').rpartition('.')[2]}/{case.get('name')}"
            told[name] = [(child.tag, child.get("type"), child.get("message")) for child in case]
    assert told["dense/run"] == [("skipped", None, "known failure: ours: issue 7")]
    assert told["document/extra"] == [("skipped", None, "known failure: ")]
    assert told["document/valid"] == [
        ("failure", "unexpected pass", "it passes, and is a known failure: mended?")
    ]
    assert told["known failures/json/gone"] == [
        ("failure", "no such case", "on the list of known failures, and no case")
    ]
    assert told["json/cut"][0][0] == "failure"
    assert told["gru/one"][0][0] == "skipped"


def test_junit_of_several() -> None:
    other = report([OUTCOMES[0]], Runtime("other", "2", "C", (), frozenset()))
    names = [suite.get("name") for suite in suites(report(), other)]
    assert names[0] == "mine document"
    assert names[-1] == "other document"


def test_the_hostile_is_text_in_junit() -> None:
    written = junit.write([hostile()])
    root = ET.fromstring(written)  # well-formed
    assert all(line.isprintable() for line in written.splitlines())
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped",
        "system-out", "system-err",
    }  # fmt: skip
    failure = root.find(".//failure")
    assert failure is not None
    assert visible(HOSTILE) in (failure.text or "")


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "chosen", "start"),
    [
        ("a.txt", None, "MISMATCH  dense/run"),
        ("a.json", None, "{"),
        ("a.xml", None, "<?xml"),
        ("a.HTML", None, "<!doctype html>"),
        ("a.htm", None, "<!doctype html>"),
        ("a", "junit", "<?xml"),
        ("a.txt", "json", "{"),
    ],
)
def test_the_suffix_chooses_unless_told(
    name: str, chosen: str | None, start: str, tmp_path: Path
) -> None:
    files.check([tmp_path / name], chosen)
    files.write(report(), tmp_path / name, chosen)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize("name", ["a", "a.pdf", "none/a.json", "."])
def test_what_cant_be_written_is_told_before(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError):
        files.check([tmp_path / name], "json" if name == "." else None)


@pytest.mark.skipif(sys.platform == "win32", reason="/dev/full is of Linux")
def test_a_full_disk_is_told() -> None:
    if Path("/dev/full").exists():
        with pytest.raises(ReportError, match="No space"):
            files.put(Path("/dev/full"), "x" * 100_000)


def test_every_format_of_the_hostile_is_utf8(tmp_path: Path) -> None:
    for name in ("a.txt", "a.json", "a.xml", "a.html"):
        files.write(hostile(), tmp_path / name, None)
        assert "\x1b" not in (tmp_path / name).read_text(encoding="utf-8")


def test_a_page_from_saved_results_is_that_of_the_run(tmp_path: Path) -> None:
    files.write(report(), tmp_path / "a.json", None)
    assert page.write([document.read(tmp_path / "a.json")]) == page.write([report()])
