"""to_nam against Neural Amp Modeler's own equations in 50 digits on the file that is written, and what must be refused.

The reading here is that of NAM's loader (NAM/lstm.cpp of its core): one walk over the list of weights.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.cli import main
from rnnspec.importers import Refused
from rnnspec.importers.pattern import Notes
from rnnspec.importers.to_nam import to_nam

from . import fifty_digits as fifty
from .small_nets import NOT_PLAIN, H, bits_of, layer, model

AMP = Path(__file__).parents[3] / "examples/amp"
T = 96
INPUTS = fifty.loud(T, 1)


def amp(
    layers: int = 2, *, starts: bool = True, bias: bool = True, **members: object
) -> rnnspec.Model:
    cells = [layer("lstm", f"cell{k}") for k in range(layers)]
    arrays: dict[str, Any] = {}
    for k in range(layers):
        name = f"cell{k}"
        arrays |= {f"{name}.W": (1 if k == 0 else H, 4 * H), f"{name}.R": (H, 4 * H)}
        arrays |= {f"{name}.b": (4 * H,)} if bias else {}
        arrays |= {f"{name}.h0": (H,), f"{name}.c0": (H,)} if starts else {}
    arrays |= {"head.W": (H, 1), **({"head.b": (1,)} if bias else {})}
    return model([*cells, layer("dense", "head", size=1)], arrays, 1, "values", **members)


def original(data: bytes, order: str = "ifgo", *, state: bool = True) -> list[fifty.Vector]:
    """What NAM computes from the file, in 50 digits."""
    file = json.loads(data)
    config, weights = file["config"], iter(fifty.exact(file["weights"]))
    hidden = config["hidden_size"]

    def take(count: int) -> fifty.Vector:
        return [next(weights) for _ in range(count)]

    flow = fifty.exact(INPUTS)
    for k in range(config["num_layers"]):
        width = config["input_size"] if k == 0 else hidden
        rows = [take(width + hidden) for _ in range(4 * hidden)]
        cell: dict[str, list[Any]] = {
            "ih": [row[:width] for row in rows],
            "hh": [row[width:] for row in rows],
            "b": take(4 * hidden),
            "h": take(hidden),
            "c": take(hidden),
        }
        if not state:
            cell |= {"h": [fifty.Number(0)] * hidden, "c": [fifty.Number(0)] * hidden}
        flow = fifty.lstm(cell, flow, order)
    found = fifty.head([take(hidden)], take(1), flow)
    assert next(weights, None) is None, "the loader asserts that nothing is left"
    return found


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("starts", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_nam_computes_the_same_from_the_file(layers: int, starts: bool, bias: bool) -> None:
    given = amp(layers, starts=starts, bias=bias)
    output, _ = rnnspec.run(rnnspec.compile(given), [INPUTS])
    assert fifty.away(original(to_nam(given)), output[0].tolist()) < 1e-6


def test_a_wrong_reading_shows() -> None:
    data = to_nam(amp())
    for wrong in ({"order": "igfo"}, {"order": "ifog"}, {"state": False}):
        assert fifty.away(original(data), original(data, **wrong)) > 0.1


def test_the_members_are_those_of_the_loader() -> None:
    given = amp(name="my amp", input={"kind": "features", "size": 1, "sample_rate": 44100})
    file = json.loads(to_nam(given))
    assert {key: value for key, value in file.items() if key != "weights"} == {
        "version": "0.5.4",
        "metadata": {"name": "my amp"},
        "architecture": "LSTM",
        "config": {"input_size": 1, "hidden_size": H, "num_layers": 2},
        "sample_rate": 44100,
    }
    # nlohmann's JSON gives the loader an int, and not 44100.0, where it asks for one.
    assert all(type(size) is int for size in file["config"].values())
    assert type(file["sample_rate"]) is int
    assert len(file["weights"]) == sum(4 * H * (w + H) + 6 * H for w in (1, H)) + H + 1


def test_there_and_back_gives_the_same_bits(tmp_path: Path) -> None:
    given = amp(input={"kind": "features", "size": 1, "sample_rate": 48000})
    path = tmp_path / "amp.nam"
    path.write_bytes(to_nam(given))
    found = importers.read(path)
    assert found.system == "nam"
    assert bits_of(given, [INPUTS]) == bits_of(found.model, [INPUTS])
    assert found.model.input == given.input


def test_every_number_comes_back_as_the_loader_reads_it() -> None:
    """As binary64, then rounded to binary32: that has one number whose shortest decimal does not come back."""
    odd = np.array([7.038531e-26, 1e-38, 2**-149, 3.4e38, 1 / 3, -0.0, 2**-51, 0.1], np.float32)
    given = amp(1)
    tensors = {**given.tensors}
    tensors["head.W"] = rnnspec.Tensor(np.array([[odd[4]], [odd[6]], [odd[7]]]))
    tensors["cell0.b"] = rnnspec.Tensor(np.resize(odd, 4 * H))
    weights = json.loads(to_nam(replace(given, tensors=tensors)))["weights"]
    after_T = np.where(np.abs(odd) < 2.0**-51, 0, odd).astype(np.float32)
    begin = 4 * H * (1 + H)
    read = np.array(weights, np.float64).astype(np.float32)
    assert read[begin : begin + len(odd)].tobytes() == after_T.tobytes()
    assert read[-4:-1].tolist() == odd[[4, 6, 7]].tolist()


def test_halves_are_widened(tmp_path: Path) -> None:
    given = amp(1)
    halves = {n: t.array.astype(np.float16) for n, t in given.tensors.items()}
    half = model([layer("lstm", "cell0"), layer("dense", "head", size=1)], halves, width=1)
    path = tmp_path / "amp.nam"
    path.write_bytes(to_nam(half))
    assert bits_of(half, [INPUTS]) == bits_of(importers.read(path).model, [INPUTS])


def test_a_linear_activation_changes_nothing() -> None:
    plain = amp(1)
    cells = [layer("lstm", "cell0"), layer("activation", "lin", function="linear"), layer("dense", "head", size=1)]  # fmt: skip
    assert to_nam(model(cells, dict_of(plain), width=1)) == to_nam(plain)


def dict_of(given: rnnspec.Model) -> dict[str, Any]:
    return {name: tensor.array for name, tensor in given.tensors.items()}


def test_what_is_lost_is_told() -> None:
    notes = Notes()
    to_nam(amp(license="MIT", metadata={"k": 1}), notes=notes)
    told = {note.kind: note.text for note in notes}
    assert told["left out"] == "license, metadata; none of it changes what is computed"
    assert "version 0.5.4" in told["understood"]
    assert "half a second of silence" in told["assumed"]
    assert any("48,000" in note.text for note in notes), "there is no sample rate"


CELL = {"a.W": (1, 4 * H), "a.R": (H, 4 * H)}
TOKENS = {"kind": "tokens", "vocabulary": "v"}
REFUSED: dict[str, tuple[Any, str]] = {
    "two channels in": (lambda: model([layer("lstm"), layer("dense", "head", size=1)], {**CELL, "a.W": (2, 4 * H), "head.W": (H, 1)}, width=2), "(/input/size) can't go over: Neural Amp Modeler plays one channel, and this net reads 2"),
    "two channels out": (lambda: model([layer("lstm"), layer("dense", "head", size=2)], {**CELL, "head.W": (H, 2)}, width=1), '"head" (/layers/1) can\'t go over: Neural Amp Modeler has one channel that comes out'),
    "no head": (lambda: model([layer("lstm")], CELL, width=1), "wants a dense layer of 1 behind the LSTMs"),
    "no cell": (lambda: model([layer("dense", size=1)], {"a.W": (1, 1)}, width=1), "LSTMs and then one dense layer of 1"),
    "two heads": (lambda: model([layer("lstm"), layer("dense", "b", size=1), layer("dense", "c", size=1)], {**CELL, "b.W": (H, 1), "c.W": (1, 1)}, width=1), '"c" (/layers/2)'),
    "other sizes": (lambda: model([layer("lstm"), layer("lstm", "b", hidden_size=2), layer("dense", "c", size=1)], {**CELL, "b.W": (H, 8), "b.R": (2, 8), "c.W": (2, 1)}, width=1), "layers of one size alone, the first of 3 units and this of 2"),
    "a function behind": (lambda: model([layer("lstm"), layer("dense", "b", size=1), layer("activation", "c", function="tanh")], {**CELL, "b.W": (H, 1)}, width=1), '"c" (/layers/2) can\'t go over: Neural Amp Modeler has LSTMs and then one dense layer of 1, and no activation here'),
    "a GRU": (lambda: model([layer("gru")], {"a.W": (1, 9), "a.R": (3, 9)}, width=1), "has no gru, only lstm, dense, activation"),
    "tokens": (lambda: model([layer("one_hot", "o"), layer("lstm"), layer("dense", "b", size=1)], {**CELL, "b.W": (H, 1)}, input=TOKENS, vocabularies={"v": {"unit": "token", "tokens": ["x"]}}), '(/input) can\'t go over: Neural Amp Modeler reads numbers, and this net ids of the vocabulary "v"'),
    **{name: (made, words.replace("{}", "Neural Amp Modeler")) for name, (made, words) in NOT_PLAIN.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_nam_does_not_carry_is_refused(name: str) -> None:
    made, words = REFUSED[name]
    with pytest.raises(Refused) as refused:
        to_nam(made())
    assert refused.value.code == "EXPORT_UNSUPPORTED"
    assert words in str(refused.value)


def test_the_shipped_amplifier_is_the_same_in_both_files() -> None:
    given = rnnspec.load(AMP / "amp.rnn")
    assert (AMP / "amp.nam").read_bytes() == to_nam(given)
    assert rnnspec.selftest(rnnspec.compile(given)).reference == 1
    assert not rnnspec.selftest(rnnspec.compile(given)).failed
    found = importers.read(AMP / "amp.nam").model
    assert rnnspec.fingerprint(found) == rnnspec.fingerprint(given)
    assert (AMP / "amp.nam").stat().st_size < 20_000


def test_the_command_line(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source, target = str(AMP / "amp.rnn"), tmp_path / "amp.nam"
    assert main(["export", source, "--to", "nam", "-o", str(target)]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[-1] == f"OK {target}: nam, {target.stat().st_size:,} bytes"
    assert [line.split("  ")[1].strip() for line in lines[:-1]] == [
        "understood",
        "assumed",
        "left out",
    ]
    assert main(["export", source, "--to", "nam", "-o", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert out == target.read_bytes()
    assert b"left out" in err
    assert main(["export", source, "--to", "nam", "-o", str(target), "--format", "json"]) == 0
    report = json.loads(capfdbinary.readouterr().out)
    assert [note["kind"] for note in report["notes"]] == ["understood", "assumed", "left out"]
    assert main(["export", source, "--to", "nam", "-o", str(target), "--quiet"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")


def test_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    source = str(AMP / "amp.rnn")
    for words, told in (
        ([source, "--to", "nam"], "expected -o"),
        ([source, "-o", "x"], "expected --to, one of onnx, npz, rtneural, nam, c-header"),
        (["--to", "nam", "-o", "x"], "expected MODEL"),
        ([source, "--to", "nam", "-o", "x", "--name", "y"], "--name is for --to c-header"),
        ([source, "--to", "nam", "-o", "x", "--lengths"], "--lengths is for --to onnx"),
        ([source, "--to", "nam", "-o", "-", "--format", "json"], "both go to standard output"),
    ):
        assert main(["export", *words]) == 2
        assert told in capsys.readouterr().err


def test_the_list_names_every_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--list"]) == 0
    heads = [
        line.partition(":")[0] for line in capsys.readouterr().out.splitlines() if line[:1].strip()
    ]
    assert heads == ["onnx", "npz", "rtneural", "nam", "c-header"]
    assert main(["export", "--list", "--to", "nam", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["options"]) == ("nam", [])
