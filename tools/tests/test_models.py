from pathlib import Path
from typing import Any

import pytest

import models


def judge(_: Path, answer: dict[str, Any]) -> str:
    assert answer["text"] == "314", f"got {answer['text']}"
    return "314"


CHECK = models.Check("pi", {}, "digits", lambda _: {"command": "decode"}, judge)


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        (({"text": "314"}, {"text": "314"}), 0, "ok   pi"),
        (({"text": "315"}, {"text": "315"}), 1, "FAILED: got 315"),
        (({"text": "314"}, {"text": "315"}), 1, "DIFFERENT BITS"),
        (({"text": "314", "ids": [3]}, {"text": "314", "ids": [4]}), 1, "DIFFERENT BITS"),
    ],
)
def test_a_wrong_answer_and_different_bits_fail(
    answers: tuple[dict[str, Any], ...],
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    replies = iter(answers)
    monkeypatch.setattr(models, "CHECKS", (CHECK,))
    monkeypatch.setattr(models, "imported", lambda *_: "")
    monkeypatch.setattr(models, "ask", lambda *_: [next(replies)])
    assert models.run(tmp_path, {"one": "", "other": ""}) == code
    assert words in capsys.readouterr().out


def test_an_adapter_that_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(models, "CHECKS", (CHECK,))
    monkeypatch.setattr(models, "imported", lambda *_: "")
    assert models.run(tmp_path, {"sh": "sh -c 'echo broken >&2'"}) == 1
    assert "ended early: broken" in capsys.readouterr().out


def test_without_the_folder_it_says_so_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("RNNSPEC_MODELS", str(tmp_path / "absent"))
    assert models.main([]) == 0
    assert "left out" in capsys.readouterr().out
