"""`run --report` and `report` from the command line, with an adapter that answers an error to everything."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.tests.fake import GREETING

ROOT = Path(__file__).parents[2]
ADAPTER = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    starts = request["command"] == "start"
    answer = {"result": %s if starts else {}} if starts or request["command"] == "stop" else {"error": {"code": "OTHER"}}
    print(json.dumps({"seq": request["seq"], **answer}), flush=True)
    if request["command"] == "stop":
        break
"""


@pytest.fixture
def adapter(tmp_path: Path) -> list[str]:
    path = tmp_path / "adapter.py"
    path.write_text(ADAPTER % json.dumps(GREETING))
    return [sys.executable, str(path)]


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip


def test_reports_of_a_run(adapter: list[str], tmp_path: Path) -> None:
    paths = [tmp_path / f"report.{suffix}" for suffix in ("txt", "json", "xml", "html")]
    options = [part for path in paths for part in ("--report", str(path))]
    done = call("run", "dense/", *options, "--", *adapter)
    assert done.returncode == 1, done.stderr
    written, saved, junit, html = (path.read_text(encoding="utf-8") for path in paths)
    assert written in done.stdout
    count = json.loads(saved)["failed"]
    assert count >= 5
    assert len(ET.fromstring(junit).findall(".//failure")) == count
    assert html.count('class="failure"') == count

    one, both = tmp_path / "one.html", tmp_path / "both.html"
    assert call("report", str(paths[1]), "--html", str(one)).returncode == 0
    assert one.read_text(encoding="utf-8") == html
    files = ["--html", str(both), "--junit", str(tmp_path / "both.xml")]
    assert call("report", str(paths[1]), str(paths[1]), *files).returncode == 0
    assert "fake (Python), run 2" in both.read_text(encoding="utf-8")
    assert len(ET.parse(tmp_path / "both.xml").findall("testsuite")) == 2
    table = call("report", str(paths[1])).stdout.splitlines()
    assert table[0].split() == ["section", "fake", "(Python)"]
    assert table[1].split() == ["dense", str(count), "failed"]


def test_one_format_for_every_file(adapter: list[str], tmp_path: Path) -> None:
    path = tmp_path / "report"
    given = ("--report-format", "junit", "--report", str(path))
    assert call("run", "dense/", *given, "--", *adapter).returncode == 1
    assert ET.parse(path).getroot().tag == "testsuites"


@pytest.mark.parametrize("name", ["report", "none/report.html"])
def test_a_report_that_cant_be_written_is_told_before_the_run(name: str, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    touch = [sys.executable, "-c", f"open({str(asked)!r}, 'w')"]
    done = call("run", "dense/", "--report", str(tmp_path / name), "--", *touch)
    assert done.returncode == 2
    assert name in done.stderr
    assert not asked.exists()


def test_results_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("{}")
    done = call("report", str(path), "--html", str(tmp_path / "page.html"))
    assert done.returncode == 2
    assert "results.json: no results of `run --report`" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "page.html").exists()
