import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keras_models
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
    monkeypatch.setattr(models, "REFUSALS", ())
    monkeypatch.setattr(models, "imported", lambda *_: "")
    monkeypatch.setattr(models, "ask", lambda *_: [next(replies)])
    assert models.run(tmp_path, {"one": "", "other": ""}) == code
    assert words in capsys.readouterr().out


def test_a_file_that_is_taken_or_refused_otherwise_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    net = {"Wxh": [[1, 2]], "Whh": [[1, 0], [0, 1]], "bh": [0, 0]}
    (tmp_path / "net.json").write_text(json.dumps(net))
    (tmp_path / "empty").touch()
    monkeypatch.setattr(models, "CHECKS", ())
    monkeypatch.setattr(models, "ask", lambda *_: [])
    for row, line in (
        (models.Refusal("net.json", "IMPORT_ASK", "--input-kind"), "ok   net.json"),
        (models.Refusal("net.json", "IMPORT_SHAPE", "--input-kind"), "FAIL net.json"),
        (models.Refusal("empty", "IMPORT_MALFORMED", "is empty"), "ok   empty"),
        (models.Refusal("empty", "IMPORT_MALFORMED", "full"), "FAIL empty"),
    ):
        monkeypatch.setattr(models, "REFUSALS", (row,))
        assert models.run(tmp_path, {}) == 1, "the other file has no line"
        out = capsys.readouterr().out
        assert line in out
        assert "no line speaks of it" in out
    both = (
        models.Refusal("net.json", "IMPORT_ASK", ""),
        models.Refusal("empty", "IMPORT_MALFORMED", ""),
    )
    monkeypatch.setattr(models, "REFUSALS", both)
    assert models.run(tmp_path, {}) == 0


def fixture(folder: Path, shift: float) -> Path:
    """A SimpleRNN of one unit and two steps, with a recorded output that is `shift` away at the second."""
    path = folder / "SimpleRNN.json"
    numbers = {"input": [0.5, -0.25], "W": [0.75], "R": [0.5], "b": [0.125]}
    h, outputs = 0.0, []
    for x in numbers["input"]:
        h = math.tanh(0.75 * x + 0.5 * h + 0.125)
        outputs.append(h)
    outputs[1] += shift
    weights = [
        {"data": numbers[k], "shape": [1, 1][: 2 if k != "b" else 1]} for k in ("W", "R", "b")
    ]
    case = {
        "input": {"data": numbers["input"], "shape": [2, 1]},
        "weights": weights,
        "expected": {"data": outputs, "shape": [2, 1]},
    }
    path.write_text(json.dumps({"recurrent.SimpleRNN.0": case}))
    settings = {"units": 1, "activation": "tanh", "return_sequences": True, "class_name": "SimpleRNN", "predict_calls": 1}  # fmt: skip
    (folder / "configs.json").write_text(json.dumps({"recurrent.SimpleRNN.0": settings}))
    return path


@pytest.mark.parametrize(
    ("shift", "error", "taken"),
    [(0, 1.5e-6, True), (0, 2.5e-6, False), (3e-6, 0, True), (3e-6, -1.5e-6, False)],
)
def test_a_wider_tolerance_is_measured_and_for_one_number_alone(
    shift: float, error: float, taken: bool, tmp_path: Path
) -> None:
    path = fixture(tmp_path, shift)
    name = "recurrent.SimpleRNN.0"
    y = keras_models.true_output(path, name) + np.array([[0], [error]])
    bits = np.ascontiguousarray(y[None], ">f4").tobytes().hex()
    answer = {"chunks": [{"output": {"shape": [1, 2, 1], "bits": bits}}]}
    judge = keras_models.layer_judge(name)
    if not taken:
        with pytest.raises(AssertionError, match="away"):
            judge(path, answer)
        return
    assert ("in 1 of 2 numbers" in judge(path, answer)) == bool(shift)


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
