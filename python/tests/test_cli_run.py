"""`rnnspec run`: arrays in and out, states, and nothing written by halves."""

import json
import os
import select
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import arrays
from rnnspec.cli.sinks import JsonSink, LinesSink, NpySink, Sink
from rnnspec.cli.targets import Targets

from .nets import bits, character_net, feature_net
from .test_cli import COMMAND, call, saved

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
    if path.suffix == ".jsonl":
        return np.array([json.loads(line) for line in path.read_text().splitlines()], np.float32)
    return np.asarray(arrays.read_array(str(path)), np.float32)


def write(path: Path, array: Any) -> Path:  # noqa: ANN401  as above
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".json":
        path.write_text(json.dumps(array.tolist()))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in array.tolist()))
    else:
        path.write_text("\n".join(",".join(map(repr, row)) for row in array.tolist()) + "\n")
    return path


@pytest.mark.parametrize("given", ["x.npy", "x.json", "x.csv", "x.jsonl", "x.NPY"])
@pytest.mark.parametrize("wanted", ["y.npy", "y.json", "y.csv", "y.jsonl"])
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
    argv = ["run", features, "--input", source, "--output", y, "--save-state", s]
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


@pytest.mark.parametrize("kind", ["s.npz", "s.json", "s.rnn"])
def test_a_state_goes_on(kind: str, letters: Path, tmp_path: Path, capsys: Capture) -> None:
    ids = np.array([0, 4, 2, 6, 1])
    state = tmp_path / kind
    parts: list[Any] = []
    for name, part in (("a", ids[:2]), ("b", ids[2:])):
        x = write(tmp_path / f"{name}.json", part)
        y = tmp_path / f"{name}.npy"
        argv = ["run", letters, "--input", x, "--output", y, "--save-state", state]
        assert call(capsys, *argv, *(["--state", state] if parts else []))[0] == 0
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
    present = np.ones((1, len(values)), np.bool_)
    for name in ("y.npy", "y.json", "y.csv", "y.jsonl"):
        path = tmp_path / name
        with Targets() as targets:
            target = targets.open(str(path))
            sink: Sink
            if path.suffix == ".npy":
                sink = NpySink(target, 1, is_single=True)
            elif path.suffix == ".json":
                sink = JsonSink(target.write, is_single=True)
            else:
                sink = LinesSink(target.write, path.suffix)
            half = len(values) // 2
            sink.chunk(values[None, :half], present[:, :half])
            sink.chunk(values[None, half:], present[:, half:])
            sink.end()
            targets.commit()
        assert (bits(read(path)) == bits(values)).all()
    written: list[bytes] = []
    LinesSink(written.append, ".csv").chunk(np.array([[[0.1, 2]]], np.float32), present[:, :1])
    assert written == [b"0.1,2.0\n"]


# --- larger than memory -------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [3, 100])
def test_a_batch_of_mapped_rows(
    rows: int, features: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.cli.run._ROWS", rows)
    x = feature_input(3, 7)
    source = write(tmp_path / "x.npy", x)
    expected, _ = rnnspec.run(rnnspec.compile(feature_net()), x)
    for name in ("y.npy", "y.json"):
        assert call(capsys, "run", features, "--input", source, "--output", tmp_path / name)[0] == 0
        assert (bits(read(tmp_path / name)) == bits(expected)).all()
    monkeypatch.setattr("rnnspec.cli.sources.read_array", lambda *_: pytest.fail("it was read whole"))  # fmt: skip
    assert call(capsys, "run", features, "--input", source, "--output", tmp_path / "z.npy")[0] == 0


def test_lines_are_read_as_they_come(features: Path) -> None:
    """A sensor that waits for its answer before it sends the next line."""
    argv = ["run", features, "--input", "-", "--input-format", "csv", "--output-format", "jsonl"]
    session = rnnspec.Session(rnnspec.compile(feature_net()))
    x = feature_input(3)
    command = [*COMMAND, *map(str, argv)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        for row in x:
            running.stdin.write((",".join(map(repr, row.tolist())) + "\n").encode())
            running.stdin.flush()
            ready, _, _ = select.select([running.stdout], [], [], 60)
            if not ready:
                running.kill()
            assert ready, "it waits for more"
            answer = np.array(json.loads(running.stdout.readline()), np.float32)
            assert (bits(answer) == bits(session.step(row[None])[0])).all()
        running.stdin.close()
        assert running.wait(60) == 0


def test_lines_of_ids(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.jsonl").write_text("0\n1\n\n2")
    code, out, _ = call(capsys, "run", letters, "--input", tmp_path / "x.jsonl")
    expected, _ = rnnspec.run(rnnspec.compile(character_net()), [[0, 1, 2]])
    assert code == 0
    assert (bits(np.array(json.loads(out), np.float32)) == bits(expected[0])).all()
    # With lengths it is read whole.
    argv = ["run", letters, "--input", tmp_path / "x.jsonl", "--lengths", "2"]
    out = call(capsys, *argv)[1]
    assert not np.array(json.loads(out))[2].any()


def test_memory_does_not_grow_with_the_file(features: Path, tmp_path: Path) -> None:
    script = """if True:
        import resource, sys
        from rnnspec.cli import main
        assert main(sys.argv[1:]) == 0
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    # The peak of a process starts with that of the one it was forked from: not this large one.
    between = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"

    def peak(steps: int) -> int:
        x = tmp_path / "x.csv"
        x.write_text("0.125,-0.25,0.5\n" * steps)
        argv = [sys.executable, "-c", between, sys.executable, "-c", script]
        argv += ["run", str(features), "--input", str(x), "--output", str(tmp_path / "y.npy")]
        done = subprocess.run(argv, capture_output=True, check=True, timeout=120)
        return int(done.stdout)

    # Both are several chunks; the latter are 12 MB more, as lists of floats.
    few, many = peak(20_000), peak(100_000)
    assert many < few + 3_000, (few, many)


# --- nets whose output has no time --------------------------------------------------------------------


def final_net() -> rnnspec.Model:
    """Numbers -> an LSTM that gives its last h -> dense."""
    model = feature_net()
    lstm, dense = model.layers
    assert isinstance(lstm, rnnspec.LstmLayer)
    return replace(model, layers=(replace(lstm, output="final"), dense))


@pytest.mark.parametrize("rows", [1, 4, 100])
@pytest.mark.parametrize("kind", ["npy", "json", "csv", "jsonl"])
def test_one_vector_for_each_sequence(
    kind: str, rows: int, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.cli.run._ROWS", rows)
    model = saved(final_net(), tmp_path / "final.rnn")
    x = feature_input(3, 7)
    source, y = write(tmp_path / "x.npy", x), tmp_path / f"y.{kind}"
    expected, _ = rnnspec.run(rnnspec.compile(final_net()), x, [7, 2, 0])
    argv = ["run", model, "--input", source, "--output", y, "--lengths", "7,2,0"]
    assert call(capsys, *argv) == (0, "", f"OK {y}: float32 [3, 2]\n")
    assert (bits(read(y)) == bits(expected)).all()
    one = write(tmp_path / "one.csv", x[0])
    out = call(capsys, "run", model, "--input", one)[1]
    assert (bits(np.array(json.loads(out), np.float32)) == bits(expected[0])).all()


def test_last_step_in_chunks(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that ends in an earlier chunk has its last step there ([run-4])."""
    model = feature_net()
    last = (*model.layers, rnnspec.LastStepLayer(name="last"))
    path = saved(replace(model, layers=last), tmp_path / "last.rnn")
    x = feature_input(3, 7)
    expected, _ = rnnspec.run(rnnspec.compile(rnnspec.load(path)), x, [7, 2, 0])
    assert expected[:2].any(axis=1).all()
    monkeypatch.setattr("rnnspec.cli.run._ROWS", 6)
    argv = ["run", path, "--input", write(tmp_path / "x.npy", x), "--lengths", "7,2,0"]
    out = call(capsys, *argv)[1]
    assert (bits(np.array(json.loads(out), np.float32)) == bits(expected)).all()


def test_a_sequence_without_steps(features: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.csv").write_text("")
    assert call(capsys, "run", features, "--input", tmp_path / "x.csv") == (0, "[]\n", "")
    path = saved(final_net(), tmp_path / "final.rnn")
    code, out, _ = call(capsys, "run", path, "--input", tmp_path / "x.csv")
    empty, _ = rnnspec.run(rnnspec.compile(final_net()), np.zeros((1, 0, 3)))
    assert code == 0
    assert json.loads(out) == empty[0].tolist()


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
    ("x.jsonl", b"1\n[2]\n", "line 2 holds 1 number(s); expected one token id"),
    ("x.jsonl", b"1\n\ntrue\n", "line 3 holds true or false"),
    ("x.jsonl", b"1\n{\n", "line 2 is no JSON"),
    ("x.jsonl", b"1\n\xff\n", "can't read"),
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


@pytest.mark.parametrize("kind", ["npz", "json", "rnn"])
def test_states_that_do_not_fit(kind: str, features: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / f"s.{kind}"
    x = write(tmp_path / "x.json", feature_input(2))
    zeros = np.zeros((1, 4), np.float32)
    good = {"lstm": {"h": zeros, "c": zeros}}
    argv = ["run", features, "--input", x, "--state", path]

    def store(state: Any) -> None:  # noqa: ANN401  a state
        if kind == "npz":
            path.write_bytes(arrays.npz_bytes(state))
        else:
            rnnspec.save_state(state, path)

    store(good)
    assert call(capsys, *argv)[0] == 0
    for state in ({}, {"other": good["lstm"]}, {"lstm": {"h": zeros}}, {"lstm": {"h": zeros, "c": zeros[:, 1:]}}):  # fmt: skip
        store(state)
        code, out, err = call(capsys, *argv)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"--state {path}: error RUN_STATE: ")


def test_what_is_no_state(features: Path, tmp_path: Path, capsys: Capture) -> None:
    x = write(tmp_path / "x.json", feature_input(2))
    path = tmp_path / "s.npz"
    zeros = np.zeros((1, 4), np.float32)
    good = arrays.npz_bytes({"lstm": {"h": zeros, "c": zeros}})
    argv = ["run", features, "--input", x, "--state"]
    for data in (b"", b"[]", b"PK\x03\x04" + bytes(40), good[:-9]):
        path.write_bytes(data)
        code, out, err = call(capsys, *argv, path)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"rnnspec: can't read {path} as a state: ")
    path = tmp_path / "s.json"
    for text, expected in (("", "BYTES_EMPTY"), ("{", "SYNTAX_END"), ("{}", "VERSION_MISSING")):
        path.write_text(text)
        code, out, err = call(capsys, *argv, path)
        assert (code, out) == (1, "")
        assert err.startswith(f"{path}")
        assert f"error {expected}: " in err


def test_states_are_those_of_the_library(features: Path, tmp_path: Path, capsys: Capture) -> None:
    """The serial form that other languages read (SPEC 14.1), with the digest of the net."""
    x = feature_input(5)
    source, s = write(tmp_path / "x.npy", x), tmp_path / "s.rnn"
    assert call(capsys, "run", features, "--input", source, "--save-state", s)[0] == 0
    _, expected = rnnspec.run(rnnspec.compile(feature_net()), x[None])
    found = rnnspec.load_state(s)
    for name in ("h", "c"):
        assert (bits(found["lstm"][name]) == bits(expected["lstm"][name])).all()
    assert rnnspec.structure(feature_net()).encode() in s.read_bytes()
    code, out, _ = call(capsys, "validate", s)
    assert (code, out) == (0, f"OK {s}: rnnspec {rnnspec.FORMAT_VERSION}, a saved state, 1 layer\n")


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
    argv = ["run", tmp_path / "features.rnn", "--input", x, "--output", y, "--save-state", s]
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
    for state in ("absent/s.npz", "folder.npz", "x.npy/s.rnn", "n" * 300 + ".npz"):
        for output in (tmp_path / "y.npy", "-"):
            argv = ["run", features, "--input", x, "--output", output]
            code, out, err = call(capsys, *argv, "--save-state", tmp_path / state)
            assert (code, out, err.count("\n")) == (2, "", 1)
            assert err.startswith(f"rnnspec: can't write {tmp_path / state}: ")
            assert left(tmp_path) == ["folder.npz"]


def test_ctrl_c_leaves_nothing(
    features: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnspec.cli.targets.Path.replace", interrupted)
    x = write(tmp_path / "x.npy", feature_input(2))
    argv = ["run", features, "--input", x, "--output", tmp_path / "y.npy"]
    assert call(capsys, *argv, "--save-state", tmp_path / "s.npz")[0] == 130
    assert left(tmp_path) == []


def test_names_that_clash_are_refused_before_anything_runs(
    features: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = features.rename(tmp_path / "m.json")
    before = model.read_bytes()
    x, y = write(tmp_path / "x.npy", feature_input(2)), tmp_path / "y.json"
    for more in (
        ["--output", y, "--save-state", tmp_path / "." / "y.json"],
        ["--output", "-", "--save-state", "-"],
        ["--output", model],
        ["--output", y, "--save-state", model],
        ["--output", tmp_path / "y.png"],
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
