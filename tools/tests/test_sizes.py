"""The sizes: what is too heavy, and a page that gives others, is said and fails."""

import subprocess
from pathlib import Path

import pytest

import sizes

JS = {
    name: {"minified": 40_000, "gzipped": 15_000}
    for name in ("plain", "plainAndText", "runOnly", "runAndText", "runAndFetch", "everything")
}
CELLS = "| 40.0 kB | 15.0 kB |"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three small runtimes."""
    for name, text in {
        "python/src/rnnspec/run.py": "x = 1\n",
        "python/src/rnnspec/codes.py": "y = 2\n" * 400,
        "python/src/rnnspec/cli/main.py": "z = 3\n",
        "js/src/run.js": "1;\n",
        "js/README.md": CELLS,
        "java/src/main/java/rnnspec/Run.java": "class Run {}\n",
        "java/target/rnnspec.jar": "jar",
        "java/target/rnnspec-vector.jar": "jar",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    monkeypatch.setattr(sizes, "js_sizes", lambda: JS)
    return tmp_path


def test_what_is_within_its_budget_passes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert root.exists()
    assert sizes.main() == 0
    printed = capsys.readouterr().out
    assert "TOO HEAVY" not in printed
    assert "questioned" not in printed  # generated files may be long


def test_a_heavy_runtime_fails(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "java/target/rnnspec.jar").write_bytes(bytes(251_000))
    assert sizes.main() == 1
    assert "251.0 kB of   250 kB  TOO HEAVY" in capsys.readouterr().out


def test_folders_can_be_left_out_of_the_library(root: Path) -> None:
    assert root.exists()
    assert sizes.python_size(("cli",)) < sizes.python_size()


def test_a_page_with_other_sizes_fails(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "js/README.md").write_text("| 39.9 kB | 15.0 kB |", "utf-8")
    assert sizes.main() == 1
    assert f"js/README.md gives another size: runOnly: {CELLS}" in capsys.readouterr().out


def test_long_files_are_named_but_do_not_fail(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "python/src/rnnspec/run.py").write_text("x = 1\n" * 301, "utf-8")
    assert sizes.main() == 0
    assert "python/src/rnnspec/run.py: 301 lines" in capsys.readouterr().out


def test_no_sources_and_a_failing_measurement_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="no file matches"):
        sizes.long_files()
    failed = subprocess.CompletedProcess([], 1, b"", b"no esbuild")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    (tmp_path / "js").mkdir()
    with pytest.raises(SystemExit, match="no esbuild"):
        sizes.js_sizes()
