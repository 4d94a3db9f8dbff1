"""`rnnspec diff`: equal, different, trouble."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec import Tensor

from .nets import character_net, feature_net
from .test_cli import call, process, saved
from .test_cli_verbs import with_examples

Capture = pytest.CaptureFixture[str]


def moved(model: rnnspec.Model, tensor: str, index: tuple[int, ...], by: float) -> rnnspec.Model:
    array = model.tensors[tensor].array.copy()
    array[index] += by
    return replace(model, tensors={**model.tensors, tensor: Tensor(array)})


def test_equal_is_one_fingerprint(tmp_path: Path, capsys: Capture) -> None:
    """Names, metadata, tensor names, examples, encoding and storage do not count."""
    a = saved(with_examples(), tmp_path / "a.rnn")
    model = feature_net()
    names = {"W": "one", "R": "two", "V": "three"}
    lstm, dense = model.layers
    assert isinstance(lstm, rnnspec.LstmLayer)
    assert isinstance(dense, rnnspec.DenseLayer)
    lstm = replace(lstm, parameters={"W": "one", "R": "two"}, output="sequence")
    other = replace(
        model,
        name="other",
        metadata={"x": 1},
        tensors={names[name]: tensor for name, tensor in model.tensors.items()},
        layers=(lstm, replace(dense, parameters={"W": "three"})),
    )
    b = saved(other, tmp_path / "b.json")
    code, out, err = call(capsys, "diff", a, b)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "structure  equal"
    assert out.splitlines()[-1] == f"EQUAL {a} {b}"
    assert "example 0 of A          0\n" in out
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    assert report["equal"]
    assert report["structure"] == {"equal": True, "differences": 0, "first": []}
    assert [output["largest"] for output in report["outputs"]] == [0, 0, 0]


def test_weights_by_layer_and_role(tmp_path: Path, capsys: Capture) -> None:
    before = with_examples()
    after = moved(moved(before, "W", (1, 7), 0.25), "V", (2, 1), -0.5)
    # Its exact example would not hold, and diff does not care: it runs the inputs.
    a, b = saved(before, tmp_path / "a.rnn"), saved(after, tmp_path / "b.rnn")
    code, out, _ = call(capsys, "diff", a, b)
    assert code == 1
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    weights = {(w["layer"], w["name"], w["role"]): w for w in report["weights"]}
    assert set(weights) == {(0, "lstm", "W"), (0, "lstm", "R"), (1, "dense", "W")}
    W = weights[0, "lstm", "W"]
    assert (W["at"], W["changed"], W["of"]) == ([1, 7], 1, 48)
    assert W["largest"] == pytest.approx(0.25, abs=1e-6)
    assert weights[0, "lstm", "R"]["changed"] == 0
    assert weights[1, "dense", "W"]["at"] == [2, 1]
    assert "lstm W                  0.25" in out
    assert out.splitlines()[-1] == f"DIFFERENT {a} {b}"


def test_outputs_on_the_examples_of_both(tmp_path: Path, capsys: Capture) -> None:
    before = with_examples()
    after = moved(before, "V", (2, 1), -0.5)
    a, b = saved(before, tmp_path / "a.rnn"), saved(after, tmp_path / "b.rnn")
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    x = before.tensors["x"].values
    start = {"h": before.tensors["h"].values, "c": before.tensors["c"].values}
    ours, theirs = (
        rnnspec.run(rnnspec.compile(model), x, [4, 2], {"lstm": start})[0]
        for model in (before, after)
    )
    largest = float(np.abs(ours.astype(np.float64) - theirs).max())
    assert largest > 0
    outputs = {(o["examples_of"], o["example"]): o["largest"] for o in report["outputs"]}
    assert set(outputs) == {(owner, k) for owner in "ab" for k in range(3)}
    assert outputs["a", 0] == outputs["b", 0] == largest


def test_structure_names_the_places(tmp_path: Path, capsys: Capture) -> None:
    a = saved(character_net(), tmp_path / "a.rnn")
    b = saved(character_net(function=None, hidden=6), tmp_path / "b.rnn")
    code, out, _ = call(capsys, "diff", a, b)
    assert code == 1
    assert out.splitlines()[0] == "structure  different"
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    assert not report["structure"]["equal"]
    first = {place["pointer"]: (place["a"], place["b"]) for place in report["structure"]["first"]}
    assert first["/layers"] == ("a list of 5", "a list of 4")
    c = saved(character_net(hidden=6), tmp_path / "c.rnn")
    report = json.loads(call(capsys, "diff", a, c, "--format", "json")[1])
    first = {place["pointer"]: (place["a"], place["b"]) for place in report["structure"]["first"]}
    assert first["/layers/1/hidden_size"] == ("5", "6")
    assert first["/layers/1/parameters/W"] == ("[3, 20]", "[3, 24]")
    assert report["structure"]["differences"] > len(first) == 5
    assert f"and {report['structure']['differences'] - 5} more places" in call(capsys, "diff", a, c)[1]  # fmt: skip


def test_nets_of_other_inputs(tmp_path: Path, capsys: Capture) -> None:
    a = saved(with_examples(), tmp_path / "a.rnn")
    b = saved(character_net(), tmp_path / "b.rnn")
    code, out, err = call(capsys, "diff", a, b)
    assert (code, err) == (1, "")
    assert "example 0 of A          can't be compared: RUN_SHAPE" in out


def test_decoding_counts(tmp_path: Path, capsys: Capture) -> None:
    a = saved(character_net(), tmp_path / "a.rnn")
    decoding = rnnspec.Decoding(mode="sample", temperature=0.5)
    b = saved(replace(character_net(), decoding=decoding), tmp_path / "b.rnn")
    code, out, _ = call(capsys, "diff", a, b)
    assert code == 1
    assert "/decoding: nothing | " in out
    assert out.splitlines()[0] == "structure  equal"


def test_directions_inputs_and_options(tmp_path: Path, capsys: Capture) -> None:
    """What is said of a layer counts, and what is only its default does not."""
    model = feature_net()
    lstm, dense = model.layers
    assert isinstance(lstm, rnnspec.LstmLayer)
    a = saved(model, tmp_path / "a.rnn")
    told = replace(model, layers=(replace(lstm, direction="forward"), dense))
    b = saved(told, tmp_path / "b.rnn")
    code, out, _ = call(capsys, "diff", a, b)
    assert (code, out.splitlines()[0]) == (0, "structure  equal")
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    assert report["structure"]["differences"] == 0
    other = replace(lstm, direction="reverse", clip=2.5, cell_clip=1.5)
    add = rnnspec.AddLayer(name="sum", inputs=("dense", "dense"))
    c = saved(replace(model, layers=(other, dense)), tmp_path / "c.rnn")
    report = json.loads(call(capsys, "diff", a, c, "--format", "json")[1])
    first = {place["pointer"]: (place["a"], place["b"]) for place in report["structure"]["first"]}
    assert first == {
        "/layers/0/direction": ("nothing", '"reverse"'),
        "/layers/0/clip": ("nothing", "2.5"),
        "/layers/0/cell_clip": ("nothing", "1.5"),
    }
    once, twice = (
        saved(replace(model, layers=(lstm, dense, layer)), tmp_path / f"{k}.rnn")
        for k, layer in enumerate((add, replace(add, inputs=("dense", "dense", "dense"))))
    )
    report = json.loads(call(capsys, "diff", once, twice, "--format", "json")[1])
    (place,) = report["structure"]["first"]
    assert (place["pointer"], place["a"]) == ("/layers/2/inputs", '["dense", "dense"]')


def test_numbers_are_those_of_binary32(tmp_path: Path, capsys: Capture) -> None:
    """[digest-2]: decimals that round to one number are the same."""
    model = feature_net()
    lstm, dense = model.layers
    assert isinstance(lstm, rnnspec.LstmLayer)
    a, b = (
        saved(replace(model, layers=(replace(lstm, clip=clip), dense)), tmp_path / name)
        for name, clip in (("a.rnn", 0.1), ("b.rnn", 0.10000000149011612))
    )
    report = json.loads(call(capsys, "diff", a, b, "--format", "json")[1])
    assert report["structure"] == {"equal": True, "differences": 0, "first": []}


def test_storage_is_told_and_does_not_count(tmp_path: Path, capsys: Capture) -> None:
    model = feature_net()
    exact = {name: Tensor(np.full(t.shape, 0.5, np.float32)) for name, t in model.tensors.items()}
    a = saved(replace(model, tensors=exact), tmp_path / "a.rnn")
    half = {name: rnnspec.narrow(t.values, "bfloat16") for name, t in exact.items()}
    b = saved(replace(model, tensors=half), tmp_path / "b.rnn")
    code, out, _ = call(capsys, "diff", a, b)
    assert code == 0
    assert "  lstm W                  0           stored as float32 | bfloat16\n" in out
    moved_on = {**half, "V": rnnspec.narrow(np.arange(8.0).reshape(4, 2), "int8", 1)}
    c = saved(replace(model, tensors=moved_on), tmp_path / "c.rnn")
    code, out, _ = call(capsys, "diff", b, c)
    assert code == 1
    assert "at [3, 1], 8 of 8 differ, stored as bfloat16 | int8 axis 1\n" in out
    report = json.loads(call(capsys, "diff", b, c, "--format", "json")[1])
    assert report["weights"][2]["dtypes"] == ["bfloat16", "int8 axis 1"]


def test_trouble(tmp_path: Path, capsys: Capture) -> None:
    a, broken = saved(character_net(), tmp_path / "a.rnn"), tmp_path / "b.rnn"
    broken.write_text("{")
    for other in (broken, tmp_path / "no", tmp_path):
        code, out, err = call(capsys, "diff", a, other)
        assert (code, out) == (2, "")
        assert err
    assert process("diff", "-", "-", input=b"").returncode == 2
    assert process("diff", a, "-", input=a.read_bytes()).returncode == 0
