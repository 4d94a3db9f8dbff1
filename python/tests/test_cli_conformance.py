"""`rnnspec conformance` hands everything on to the suite, or says how to get it."""

import sys
from pathlib import Path

import pytest

from rnnspec.cli import main


def test_without_the_suite_it_says_how_to_install_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conformance", "list"]) == 2
    assert "pip install rnnspec-conformance" in capsys.readouterr().err


def test_everything_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "rnnspec_conformance"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "cli.py").write_text("def main(given):\n    raise SystemExit(repr(given))\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        with pytest.raises(SystemExit) as ended:
            main(["conformance", "run", "--jobs", "2", "json/", "--", "node", "--x", "a.js"])
    finally:
        for name in ("rnnspec_conformance", "rnnspec_conformance.cli"):
            sys.modules.pop(name, None)
    wanted = ["run", "--jobs", "2", "json/", "--", "node", "--x", "a.js"]
    assert ended.value.code == repr(wanted)
