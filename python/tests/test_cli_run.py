"""`rnnspec run`: arrays in and out, states, and nothing written by halves."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import arrays

from .nets import bits, character_net, feature_net
from .test_cli import call, saved

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return saved(character_net(), tmp_path / "letters.rnn")


@pytest.fixture
def features(tmp_path: Path) -> Path:
    return saved(feature_net(), tmp_path / "features.rnn")


def feature_input(*shape: int) -> Any:  # noqa: ANN401  an array
    return np.random.default_rng(5).standard_normal((*shape, 3)).astype(np.float32)


def read(path: Path) -> Any:  # noqa: ANN401  as above
    return np.asarray(arrays.read_array(str(path)), np.float32)


def write(path: Path, array: Any) -> Path:  # noqa: ANN401  as above
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".json":
        path.write_text(json.dumps(array.tolist()))
    else:
        path.write_text("\n".join(",".join(map(repr, row)) for row in array.tolist()) + "\n")
    return path


@pytest.mark.parametrize("given", ["x.npy", "x.json", "x.csv", "x.NPY"])
@pytest.mark.parametrize("wanted", ["y.npy", "y.json", "y.csv"])
def test_one_sequence_of_features(
    given: str, wanted: str, features: Path, tmp_path: Path, capsys: Capture
) -> None:
    x = feature_input(7)
    source = write(tmp_path / given.lower(), x).rename(tmp_path / given)
    code, out, err = call(capsys, "run", features, "--input", source, "--output", tmp_path / wanted)
    assert (code, out, err) == (0, "", f"OK {tmp_path / wanted}: float32 [7, 2]\n")
    expected, _ = rnnspec.run(rnnspec.compile(feature_net()), x[None])
    y = read(tmp_path / wanted)
    assert y.shape == (7, 2)
    assert (bits(y) == bits(expected[0])).all()


@pytest.mark.parametrize("rows", [1, 4, 100])
def test_chunks_and_lengths_do_not_show(
    rows: int, features: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.cli.run._ROWS", rows)
    x = feature_input(3, 7)
    x[1, 5:] = np.nan  # past the length nothing exists
    source = write(tmp_path / "x.npy", x)
    y, s = tmp_path / "y.npy", tmp_path / "s.npz"
    argv = ["run", features, "--input", source, "--output", y, "--state-out", s]
    assert call(capsys, *argv, "--lengths", "7,5,0")[0] == 0
    expected, state = rnnspec.run(rnnspec.compile(feature_net()), x, [7, 5, 0])
    assert (bits(read(y)) == bits(expected)).all()
    with np.load(s) as entries:
        assert set(entries.files) == {"lstm/h", "lstm/c"}
        assert (bits(entries["lstm/c"]) == bits(state["lstm"]["c"])).all()
    for name, text in (("l.json", "[7, 5, 0]"), ("l.csv", "7,5,0\n"), ("m.csv", "7\n5\n0\n")):
        y.unlink()
        (tmp_path / name).write_text(text)
        assert call(capsys, *argv, "--lengths", tmp_path / name)[0] == 0
        assert (bits(read(y)) == bits(expected)).all()


@pytest.mark.parametrize("kind", ["s.npz", "s.json"])
def test_a_state_goes_on(kind: str, letters: Path, tmp_path: Path, capsys: Capture) -> None:
    ids = np.array([0, 4, 2, 6, 1])
    state = tmp_path / kind
    parts: list[Any] = []
    for name, part in (("a", ids[:2]), ("b", ids[2:])):
        x = write(tmp_path / f"{name}.json", part)
        y = tmp_path / f"{name}.npy"
        argv = ["run", letters, "--input", x, "--output", y, "--state-out", state]
        assert call(capsys, *argv, *(["--state-in", state] if parts else []))[0] == 0
        parts.append(read(y))
    whole, _ = rnnspec.run(rnnspec.compile(character_net()), ids[None])
    assert (bits(np.concatenate(parts)) == bits(whole[0])).all()


def test_standard_output_is_json(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    x = write(tmp_path / "x.csv", np.array([[0, 1, 2]]))  # a line a sequence
    code, out, err = call(capsys, "run", letters, "--input", x)
    assert (code, err) == (0, "")
    expected, _ = rnnspec.run(rnnspec.compile(character_net()), [[0, 1, 2]])
    assert (bits(np.array(json.loads(out), np.float32)) == bits(expected)).all()


def test_every_float_comes_back(tmp_path: Path) -> None:
    special = np.array([0x15AE43FD, 0x00000001, 0x7F7FFFFF, 0x80000000, 0x3F800001], np.uint32)
    random = np.random.default_rng(0).integers(0, 2**32, 5000, np.uint32)
    values = np.concatenate([special, random]).view(np.float32)
    values = values[np.isfinite(values)].reshape(-1, 1)
    for name in ("y.npy", "y.json", "y.csv"):
        path = tmp_path / name
        path.write_bytes(arrays.array_bytes(str(path), values))
        assert (bits(read(path)) == bits(values)).all()
    assert arrays.array_bytes("y.csv", np.array([[0.1, 2]], np.float32)) == b"0.1,2.0\n"


# --- what does not fit --------------------------------------------------------------------------------

BAD_ARRAYS = [
    ("x.json", b"[[1, 2], [3]]", "unequal length"),
    ("x.json", b"[true]", "true or false"),
    ("x.json", b'["1"]', "a text"),
    ("x.json", b"[null]", "null"),
    ("x.json", b'{"a": 1}', "an object"),
    ("x.json", b"[1", "it is no JSON"),
    ("x.json", b"", "it is no JSON"),
    ("x.json", b"\xff\xfe\xff", "can't read"),
    ("x.json", b"[" * 100_000, "nested too deep"),
    ("x.json", b"[1" + b"0" * 30 + b"]", "more than 64 bits"),
    ("x.json", b"[1" + b"0" * 5000 + b"]", "can't read"),
    ("x.csv", b"time,x\n1,2\n", "line 1 holds 'time'"),
    ("x.csv", b"1,2\n1,\x1b\n", "line 2 holds '\\x1b'"),
    ("x.csv", b"1,2\n3\n", "line 2 has 1 numbers"),
    ("x.csv", b"1;2\n", "commas between"),
    ("x.csv", b"\xe9", "can't read"),
    ("x.npy", b"", "no .npy array"),
    ("x.npy", b"PK\x03\x04", "no .npy array"),
    ("x.npy", b"\x93NUMPY\x01\x00", "can't read"),
    ("x.npy", b"\x93NUMPY\x01\x00\x04\x00((((", "can't read"),
    ("x.txt", b"1", "can't tell the format"),
    ("x", b"1", "can't tell the format"),
]


@pytest.mark.parametrize(("name", "data", "expected"), BAD_ARRAYS)
def test_a_bad_array_is_a_line(
    name: str, data: bytes, expected: str, letters: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / name).write_bytes(data)
    y = tmp_path / "y.npy"
    code, out, err = call(capsys, "run", letters, "--input", tmp_path / name, "--output", y)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert expected in err
    assert str(tmp_path / name) in err
    assert not y.exists()


def test_bad_numpy_arrays(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "x.npy"
    header = b"{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000000,), }\n"
    files = [b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header]
    for array in (np.array(["a"]), np.array([1j]), np.array([True]), np.array([{}], object)):
        np.save(path, array, allow_pickle=True)
        files.append(path.read_bytes())
    np.save(path, np.arange(3))
    files += [path.read_bytes()[:-1], path.read_bytes() + b"x"]
    for data in files:
        path.write_bytes(data)
        code, out, err = call(capsys, "run", letters, "--input", path)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"rnnspec: can't read {path} as an array: ")


def test_features_for_a_model_of_tokens(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    for array in (feature_input(2, 5), feature_input(5), np.array(3)):
        x = write(tmp_path / "x.npy", array)
        code, out, err = call(capsys, "run", letters, "--input", x)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "this model reads token ids: expected integers from 0 to 6" in err
    # A whole number is an id, however it is spelt.
    (tmp_path / "x.json").write_text("[1.0, 2e0]")
    assert call(capsys, "run", letters, "--input", tmp_path / "x.json")[0] == 0


def test_tokens_for_a_model_of_features(features: Path, tmp_path: Path, capsys: Capture) -> None:
    for array in (np.array([1, 2, 3]), np.array([[1, 2], [3, 4]]), np.zeros((0, 2, 3))):
        x = write(tmp_path / "x.npy", array)
        code, out, err = call(capsys, "run", features, "--input", x)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "this model reads features: expected numbers [N, T, 3] or [T, 3], got" in err
        assert str(list(array.shape)) in err


def test_an_id_out_of_range_names_the_option(
    letters: Path, tmp_path: Path, capsys: Capture
) -> None:
    x = write(tmp_path / "x.json", np.array([0, 7]))
    code, _, err = call(capsys, "run", letters, "--input", x)
    assert code == 2
    assert err.startswith(f"--input {x}: error RUN_TOKEN: the token id 7 is out of range")


@pytest.mark.parametrize(
    "lengths", ["4", "-1", "1,2", "1.5", "x", "", "99999999999999999999", "no.json", "[1]"]
)
def test_lengths_that_do_not_fit(
    lengths: str, letters: Path, tmp_path: Path, capsys: Capture
) -> None:
    x = write(tmp_path / "x.json", np.array([0, 1, 2]))
    code, out, err = call(capsys, "run", letters, "--input", x, f"--lengths={lengths}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--lengths" in err or "no.json" in err


@pytest.mark.parametrize("kind", ["npz", "json"])
def test_states_that_do_not_fit(kind: str, features: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / f"s.{kind}"
    x = write(tmp_path / "x.json", feature_input(2))
    zeros = np.zeros((1, 4), np.float32)
    good = {"lstm": {"h": zeros, "c": zeros}}
    argv = ["run", features, "--input", x, "--state-in", path]
    path.write_bytes(arrays.state_bytes(str(path), good))
    assert call(capsys, *argv)[0] == 0
    for state in ({}, {"other": good["lstm"]}, {"lstm": {"h": zeros}}, {"lstm": {"h": zeros, "c": zeros[:, 1:]}}):  # fmt: skip
        path.write_bytes(arrays.state_bytes(str(path), state))
        code, out, err = call(capsys, *argv)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"--state-in {path}: error RUN_STATE: ")
    files = [b"", b"[]", b'{"lstm": 1}', b'{"lstm": {"h": "x"}}', b"PK\x03\x04" + bytes(40)]
    for data in [*files, arrays.state_bytes("s.npz", good)[:-9]]:
        path.write_bytes(data)
        code, out, err = call(capsys, *argv)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"rnnspec: can't read {path} as a state: ")


# --- whole or not at all ------------------------------------------------------------------------------


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.name not in {"features.rnn", "x.npy"})  # fmt: skip


def test_an_overflow_writes_nothing(tmp_path: Path, capsys: Capture) -> None:
    big = rnnspec.Tensor(np.full((1, 1), 3e38, np.float32))
    model = rnnspec.Model(
        input=rnnspec.FeatureInput(size=1),
        layers=(rnnspec.DenseLayer(name="d", size=1, parameters={"W": "W"}),),
        output=rnnspec.Output(kind="values"),
        tensors={"W": big},
    )
    rnnspec.save(model, tmp_path / "features.rnn")
    x = write(tmp_path / "x.npy", np.array([[1.0], [9.0]]))
    y, s = tmp_path / "y.npy", tmp_path / "s.npz"
    y.write_text("before")
    argv = ["run", tmp_path / "features.rnn", "--input", x, "--output", y, "--state-out", s]
    code, out, err = call(capsys, *argv)
    assert (code, out) == (1, "")
    assert "error RUN_NONFINITE: " in err
    assert left(tmp_path) == ["y.npy"]
    assert y.read_text() == "before"


def test_if_the_state_cannot_be_written_nothing_is(
    features: Path, tmp_path: Path, capsys: Capture
) -> None:
    x = write(tmp_path / "x.npy", feature_input(2))
    (tmp_path / "folder.npz").mkdir()
    for state in ("absent/s.npz", "folder.npz", "x.npy/s.npz", "n" * 300 + ".npz"):
        for output in (tmp_path / "y.npy", "-"):
            argv = ["run", features, "--input", x, "--output", output]
            code, out, err = call(capsys, *argv, "--state-out", tmp_path / state)
            assert (code, out, err.count("\n")) == (2, "", 1)
            assert err.startswith(f"rnnspec: can't write {tmp_path / state}: ")
            assert left(tmp_path) == ["folder.npz"]


def test_ctrl_c_leaves_nothing(
    features: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnspec.cli.files.Path.replace", interrupted)
    x = write(tmp_path / "x.npy", feature_input(2))
    argv = ["run", features, "--input", x, "--output", tmp_path / "y.npy"]
    assert call(capsys, *argv, "--state-out", tmp_path / "s.npz")[0] == 130
    assert left(tmp_path) == []


def test_names_that_clash_are_refused_before_anything_runs(
    features: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = features.rename(tmp_path / "m.json")
    before = model.read_bytes()
    x, y = write(tmp_path / "x.npy", feature_input(2)), tmp_path / "y.json"
    for more in (
        ["--output", y, "--state-out", tmp_path / "." / "y.json"],
        ["--output", "-", "--state-out", "-"],
        ["--output", model],
        ["--output", y, "--state-out", model],
        ["--output", tmp_path / "y.png"],
        ["--output", y, "--state-out", tmp_path / "s.npy"],
    ):
        code, out, _ = call(capsys, "run", model, "--input", x, *more)
        assert (code, out) == (2, "")
        assert not y.exists()
    assert model.read_bytes() == before


def test_two_sequences_do_not_fit_into_csv(features: Path, tmp_path: Path, capsys: Capture) -> None:
    x, y = write(tmp_path / "x.npy", feature_input(2, 3)), tmp_path / "y.csv"
    code, _, err = call(capsys, "run", features, "--input", x, "--output", y)
    assert code == 2
    assert "can't write 2 sequences" in err
    assert left(tmp_path) == []


def test_links_modes_and_devices(features: Path, tmp_path: Path, capsys: Capture) -> None:
    x = write(tmp_path / "x.json", feature_input(2))
    target, link = tmp_path / "real.npy", tmp_path / "link.npy"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    assert call(capsys, "run", features, "--input", x, "--output", link)[0] == 0
    assert link.is_symlink()
    assert read(target).shape == (2, 2)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    # A pipe of our own stands for every device: were it replaced, nothing else would suffer.
    pipe = tmp_path / "pipe.npy"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert call(capsys, "run", features, "--input", x, "--output", pipe)[0] == 0
        assert os.read(reader, 6) == b"\x93NUMPY"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
