"""Colour, quiet, help: how the command line looks."""

import os
from pathlib import Path

import pytest

from rnnspec.cli.color import PLAIN, style_for

from .test_cli import at_a_terminal, call, process
from .test_cli_validate import broken, licensed

Capture = pytest.CaptureFixture[str]


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("mode", "variables", "painted"),
    [
        ("auto", {}, True),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": ""}, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ("auto", {"FORCE_COLOR": "0"}, False),
        ("auto", {"TERM": "dumb"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_decides_about_colour(
    mode: str,
    variables: dict[str, str],
    painted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    text = style_for(Terminal(), mode).paint("error", "x")  # type: ignore[arg-type] # all that is asked
    assert text == ("\x1b[1;31mx\x1b[0m" if painted else "x")


def test_a_pipe_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert style_for(None) is not None
    assert style_for(None).paint("ok", "x") == PLAIN.paint("ok", "x") == "x"


def test_findings_in_colour(tmp_path: Path) -> None:
    bad = broken(tmp_path)
    env = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR"}}
    assert b"\x1b" not in process("validate", bad, env=env).stdout
    assert b"\x1b[1;31merror" in process("validate", bad, env={**env, "FORCE_COLOR": "1"}).stdout
    assert b"\x1b[1;31merror" in process("validate", bad, "--color", "always", env=env).stdout
    assert b"\x1b[1;31merror" in process("--color", "always", "validate", bad, env=env).stdout
    assert b"\x1b[1;31merror" in process("info", bad, "--color", "always", env=env).stderr


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals")
def test_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1;32mOK" in at_a_terminal("validate", licensed(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in at_a_terminal("validate", licensed(tmp_path))


def test_quiet_everywhere(tmp_path: Path, capsys: Capture) -> None:
    good = licensed(tmp_path)
    x = tmp_path / "x.json"
    x.write_text("[0, 1]")
    for argv in (
        ["validate", good],
        ["selftest", good],
        ["diff", good, good],
        ["convert", good, tmp_path / "out.rnn"],
        ["run", good, "--input", x, "--output", tmp_path / "y.json"],
    ):
        code, out, err = call(capsys, *argv)
        assert (code, bool(out or err)) == (0, True)
        assert call(capsys, *argv, "--quiet") == (0, "", "")
