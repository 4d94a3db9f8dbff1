"""Nets with directions and branches on the command line: info, run, and what layers gave."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import arrays

from .nets import bits, feature_net
from .test_cli import call, process, saved
from .test_cli_run import feature_input

Capture = pytest.CaptureFixture[str]

ROLES = {"W": (3, 6), "R": (1, 6), "b": (6,), "p": (2, 2), "Q": (2, 1)}


def two_ways(*, final: bool = False) -> rnnspec.Model:
    """An LSTM with all its options in both directions, and a way around it."""
    rng = np.random.default_rng(7)
    tensors: dict[str, Any] = {
        role + way: rng.normal(size=shape)
        for way in ("", "_reverse")
        for role, shape in ROLES.items()
    }
    both: dict[str, Any] = {
        "name": "both",
        "type": "lstm",
        "hidden_size": 2,
        "activations": {
            "gates": {"function": "sigmoid"},
            "candidate": {"function": "tanh"},
            "output": {"function": "tanh"},
        },
        "peephole": "diagonal",
        "coupled": "input",
        "cell_clip": 3.5,
        "projection_size": 1,
        "projection_clip": 0.75,
        "clip": 50,
        "direction": "bidirectional",
        "merge": "concat",
        "parameters": {role: role for role in tensors},
    }
    layers: list[Any] = [both, {"name": "beside", "type": "concat", "inputs": ["input", "both"]}]
    if final:
        both["output"] = "final"
        layers.pop()
    return rnnspec.build(
        {
            "license": "CC0-1.0",
            "input": {"kind": "features", "size": 3},
            "layers": layers,
            "output": {"kind": "values"},
            "tensors": tensors,
        }
    )


@pytest.fixture
def net(tmp_path: Path) -> Path:
    return saved(two_ways(), tmp_path / "both.rnn")


def test_info(net: Path, tmp_path: Path, capsys: Capture) -> None:
    out = call(capsys, "info", net)[1]
    lines = out.splitlines()
    start = lines.index("layers")
    assert lines[start + 1].startswith("  both    <- input        lstm 2 sigmoid/tanh/tanh bidirectional concat  ")  # fmt: skip
    assert "W_reverse [3, 6] float32" in lines[start + 1]
    options = "projection 1, projection clip 0.75, peephole diagonal, coupled input, clip 50, cell clip 3.5"
    assert lines[start + 2].strip() == options
    assert lines[start + 3].startswith("  beside  <- input, both  concat ")
    assert "forward     no, both is bidirectional: `rnnspec run` takes whole sequences" in lines
    facts = json.loads(call(capsys, "info", net, "--format", "json")[1])
    assert (facts["forward"], facts["backward"]) == (False, {"both": "bidirectional"})
    assert [layer["inputs"] for layer in facts["layers"]] == [["input"], ["input", "both"]]
    assert facts["layers"][0]["cell_clip"] == 3.5
    # What is as ever is not told.
    plain = saved(feature_net(), tmp_path / "plain.rnn")
    out = call(capsys, "info", plain)[1]
    assert "forward" not in out
    assert "<-" not in out
    facts = json.loads(call(capsys, "info", plain, "--format", "json")[1])
    assert (facts["forward"], facts["backward"]) == (True, {})


def test_validate_is_content(net: Path, capsys: Capture) -> None:
    code, out, _ = call(capsys, "validate", net, "--format", "json")
    (file,) = json.loads(out)["files"]
    assert (code, file["findings"], file["schema"]) == (0, [], "agrees")


@pytest.mark.parametrize("name", ["y.npy", "y.json", "y.csv", "y.jsonl"])
def test_run_takes_the_whole_sequence(
    name: str, net: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the chunks of other nets are; and lines are all read before the first is out."""
    monkeypatch.setattr("rnnspec.cli.run._ROWS", 2)
    x = feature_input(7)
    (tmp_path / "x.csv").write_text("\n".join(",".join(map(repr, row)) for row in x.tolist()))
    argv = ["run", net, "--input", tmp_path / "x.csv", "--output", tmp_path / name]
    assert call(capsys, *argv) == (0, "", f"OK {tmp_path / name}: float32 [7, 5]\n")
    expected = rnnspec.run(rnnspec.compile(two_ways()), x[None])[0][0]
    found = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        if name.endswith("l")
        else arrays.read_array(str(tmp_path / name))
    )
    assert (bits(np.array(found, np.float32)) == bits(expected)).all()
    live = process("run", net, "--input", "-", "--input-format", "csv", "--output-format", "csv", input=(tmp_path / "x.csv").read_bytes())  # fmt: skip
    assert (live.returncode, live.stdout.count(b"\n")) == (0, 7)


@pytest.mark.parametrize("suffix", ["rnn", "json", "npz"])
def test_states_of_both_directions(suffix: str, net: Path, tmp_path: Path, capsys: Capture) -> None:
    x = feature_input(2, 4)
    np.save(tmp_path / "x.npy", x)
    first, second = tmp_path / f"s.{suffix}", tmp_path / f"t.{suffix}"
    argv = ["run", net, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--lengths", "4,2"]  # fmt: skip
    assert call(capsys, *argv, "--save-state", first)[0] == 0
    assert call(capsys, *argv, "--state", first, "--save-state", second)[0] == 0
    plan = rnnspec.compile(two_ways())
    _, state = rnnspec.run(plan, x, [4, 2])
    expected, after = rnnspec.run(plan, x, [4, 2], state)
    assert (bits(np.load(tmp_path / "y.npy")) == bits(expected)).all()
    saved_state = (
        arrays.read_npz_state(str(second)) if suffix == "npz" else rnnspec.load_state(second)
    )
    assert list(saved_state["both"]) == ["h", "c", "h_reverse", "c_reverse"]
    for name, array in after["both"].items():
        assert (bits(saved_state["both"][name]) == bits(array)).all()
    (tmp_path / "bad.json").write_text("{}")
    code, out, err = call(capsys, *argv, "--state", tmp_path / "bad.json")
    assert (code, out) == (1, "")
    assert "bad.json:1:1: error VERSION_MISSING" in err
    np.save(tmp_path / "x.npy", x[:1])  # a state of two rows does not fit
    code, _, err = call(capsys, *argv[:-2], "--state", first)
    assert (code, f"--state {first}: error RUN_STATE: " in err) == (2, True)


def test_without_time_steps(net: Path, tmp_path: Path, capsys: Capture) -> None:
    """Nothing in, nothing out, and the state as it was."""
    np.save(tmp_path / "x.npy", np.zeros((2, 0, 3)))
    state = tmp_path / "s.json"
    argv = ["run", net, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"]
    code, _, err = call(capsys, *argv, "--save-state", state)
    assert (code, err) == (0, f"OK {tmp_path / 'y.npy'}: float32 [2, 0, 5]\n")
    assert np.load(tmp_path / "y.npy").shape == (2, 0, 5)
    assert all((array == 0).all() for array in rnnspec.load_state(state)["both"].values())
    final = saved(two_ways(final=True), tmp_path / "final.rnn")
    argv[1] = final
    assert call(capsys, *argv)[0] == 0
    assert np.load(tmp_path / "y.npy").tolist() == [[0, 0], [0, 0]]


# --- probes -------------------------------------------------------------------------------------------


def test_probes_as_json(net: Path, tmp_path: Path, capsys: Capture) -> None:
    x = feature_input(4)
    np.save(tmp_path / "x.npy", x)
    argv = ["run", net, "--input", tmp_path / "x.npy", "--probe", "both"]
    code, out, err = call(capsys, *argv, "--probe", "beside", "--probe", "both")
    assert (code, err) == (0, "")
    found = json.loads(out)
    plan = rnnspec.compile(two_ways())
    output, _, probed = rnnspec.run(plan, x[None], probe=["both", "beside"])
    assert list(found) == ["output", "probe"]
    assert list(found["probe"]) == ["both", "beside"]
    assert np.shape(found["output"]) == np.shape(found["probe"]["beside"]) == (4, 5)
    assert (bits(np.array(found["output"], np.float32)) == bits(output[0])).all()
    for name, array in probed.items():
        assert (bits(np.array(found["probe"][name], np.float32)) == bits(array[0])).all()
    y = tmp_path / "y.json"
    assert call(capsys, *argv, "--output", y)[2] == f"OK {y}: float32 [4, 5], both [4, 2]\n"
    assert json.loads(y.read_text())["probe"]["both"] == found["probe"]["both"]
    report = json.loads(call(capsys, *argv, "--output", y, "--format", "json")[1])
    assert report == {
        "path": str(net),
        "output": str(y),
        "shape": [4, 5],
        "probe": {"both": [4, 2]},
    }


def test_probes_as_npz(tmp_path: Path, capsys: Capture) -> None:
    """Of a forward net too, whose state goes on; and of a layer without time."""
    for model, name, shape in (
        (feature_net(), "lstm", (2, 6, 4)),
        (two_ways(final=True), "both", (2, 2)),
    ):
        path = saved(model, tmp_path / "a.rnn")
        x = feature_input(2, 6)
        np.save(tmp_path / "x.npy", x)
        y, state = tmp_path / "y.npz", tmp_path / "s.json"
        argv = ["run", path, "--input", tmp_path / "x.npy", "--lengths", "6,3", "--output", y]
        assert call(capsys, *argv, "--probe", name, "--save-state", state)[0] == 0
        output, after, probed = rnnspec.run(rnnspec.compile(model), x, [6, 3], probe=name)
        with np.load(y) as found:
            assert set(found) == {"output", f"probe/{name}"}
            assert found[f"probe/{name}"].shape == shape
            assert (bits(found["output"]) == bits(output)).all()
            assert (bits(found[f"probe/{name}"]) == bits(probed[name])).all()
        for role, array in rnnspec.load_state(state)[name].items():
            assert (bits(array) == bits(after[name][role])).all()


def test_probes_that_cannot_be(net: Path, tmp_path: Path, capsys: Capture) -> None:
    np.save(tmp_path / "x.npy", feature_input(4))
    argv = ["run", net, "--input", tmp_path / "x.npy"]
    code, out, err = call(capsys, *argv, "--probe", "bth")
    assert (code, out) == (2, "")
    assert err.startswith("--probe: error RUN_OPTION: ")
    for name in ("y.npy", "y.csv", "y"):
        code, out, err = call(capsys, *argv, "--probe", "both", "--output", tmp_path / name)
        assert (code, out) == (2, "")
        assert "is to hold several arrays: give a name that ends in .json or .npz" in err
        assert not (tmp_path / name).exists()
    # Without a probe there is one array, and .npz is for several.
    code, _, err = call(capsys, *argv, "--output", tmp_path / "y.npz")
    assert (code, "expected a name that ends in .npy" in err) == (2, True)
    code, _, err = call(capsys, *argv, "--output", tmp_path / "y", "--output-format", "npz")
    assert (code, "an .npz is for several arrays" in err) == (2, True)
