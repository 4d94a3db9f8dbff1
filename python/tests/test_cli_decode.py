"""`rnnspec decode`: the best path of a CTC net."""

import json
from pathlib import Path

import numpy as np
import pytest

import rnnspec

from .test_cli import call, process, saved

Capture = pytest.CaptureFixture[str]

# The largest of each row is the id that is written; the net gives its input as it is.
A, B, BLANK = (np.eye(3, dtype=np.float32)[k] for k in (1, 2, 0))


def ctc_net(*, decoding: bool = True, time: bool = True) -> rnnspec.Model:
    """Three numbers in, the same three out, as logits of a blank, a and b."""
    layers: list[object] = [{"name": "d", "type": "dense", "size": 3, "parameters": {"W": "W"}}]
    if not time:
        layers.append({"name": "last", "type": "last_step"})
    document: dict[str, object] = {
        "license": "CC0-1.0",
        "input": {"kind": "features", "size": 3},
        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["_", "a", "b"]}},
        "layers": layers,
        "output": {"kind": "logits", "vocabulary": "v"},
        "tensors": {"W": np.eye(3)},
    }
    if decoding:
        document["decoding"] = {"mode": "ctc", "blank": 0}
    return rnnspec.build(document)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return saved(ctc_net(), tmp_path / "ctc.rnn")


def written(path: Path, *rows: list[np.ndarray]) -> Path:
    np.save(path, np.array(rows[0] if len(rows) == 1 else rows))
    return path


def test_one_sequence(net: Path, tmp_path: Path, capsys: Capture) -> None:
    x = written(tmp_path / "x.npy", [A, A, BLANK, A, B, B, BLANK])
    assert call(capsys, "decode", net, "--input", x) == (0, "aab\n", "")
    out = call(capsys, "decode", net, "--input", x, "--format", "json")[1]
    assert json.loads(out) == {"text": "aab", "ids": [1, 1, 2]}


def test_a_batch_with_lengths(net: Path, tmp_path: Path, capsys: Capture) -> None:
    """A line a sequence, also for one of which nothing is left; past its length nothing is read."""
    x = written(tmp_path / "x.npy", [A, BLANK, A], [BLANK, B, B], [B, A, A])
    argv = ["decode", net, "--input", x, "--lengths", "3,1,2"]
    assert call(capsys, *argv) == (0, "aa\n\nba\n", "")
    found = json.loads(call(capsys, *argv, "--format", "json")[1])
    assert found == {"text": ["aa", "", "ba"], "ids": [[1, 1], [], [2, 1]]}


def test_the_blank_of_the_caller(net: Path, tmp_path: Path, capsys: Capture) -> None:
    x = written(tmp_path / "x.npy", [A, BLANK, A, B, B])
    assert call(capsys, "decode", net, "--input", x, "--blank", "1")[1] == "_b\n"
    bare = saved(ctc_net(decoding=False), tmp_path / "bare.rnn")
    assert call(capsys, "decode", bare, "--input", x, "--blank", "2")[1] == "a_a\n"
    for path, more in ((bare, []), (net, ["--blank", "3"]), (net, ["--blank", "-1"])):
        code, out, err = call(capsys, "decode", path, "--input", x, *more)
        assert (code, out) == (2, "")
        assert err.startswith("--blank: error RUN_OPTION: ")


def test_text_and_standard_input(net: Path) -> None:
    given = json.dumps([A.tolist(), B.tolist()]).encode()
    assert process("decode", net, "--input", "-", input=given).stdout == b"ab\n"
    lines = b"0,1,0\n0,0,1\n"
    done = process("decode", net, "--input", "-", "--input-format", "csv", input=lines)
    assert (done.returncode, done.stdout) == (0, b"ab\n")


def test_what_cannot_be_decoded(net: Path, tmp_path: Path, capsys: Capture) -> None:
    x = written(tmp_path / "x.npy", [A, B])
    path = saved(ctc_net(time=False), tmp_path / "last.rnn")
    code, out, err = call(capsys, "decode", path, "--input", x)
    assert (code, out) == (2, "")
    assert f"{path}: error RUN_DECODING: " in err
    code, out, err = call(capsys, "generate", net, "--prime", "a")
    assert (code, out) == (2, "")
    assert f"{net}: error RUN_DECODING: " in err
    wide = written(tmp_path / "wide.npy", [np.ones(4), np.ones(4)])
    assert call(capsys, "decode", net, "--input", wide)[0] == 2
    assert process("decode", "-", "--input", "-", input=b"").returncode == 2


def test_it_starts_from_a_state(tmp_path: Path, capsys: Capture) -> None:
    """The net gives its state back, so that what it writes shows where it began."""
    model = rnnspec.build(
        {
            "input": {"kind": "features", "size": 3},
            "vocabularies": {"v": {"unit": "codepoint", "tokens": ["_", "a", "b"]}},
            "layers": [
                {
                    "name": "keep",
                    "type": "elman",
                    "hidden_size": 3,
                    "activation": {"function": "linear"},
                    "parameters": {"W": "W", "R": "R"},
                }
            ],
            "output": {"kind": "logits", "vocabulary": "v"},
            "tensors": {"W": np.zeros((3, 3)), "R": np.eye(3)},
        }
    )
    path, x = saved(model, tmp_path / "a.rnn"), written(tmp_path / "x.npy", [A, A])
    state = tmp_path / "s.json"
    rnnspec.save_state({"keep": {"h": B[None]}}, state)
    argv = ["decode", path, "--input", x, "--blank", "0"]
    assert call(capsys, *argv)[1] == "\n"
    assert call(capsys, *argv, "--state", state)[1] == "b\n"
