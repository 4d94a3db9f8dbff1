"""to_onnx: what is written is ONNX by its field numbers, comes back with the same bits, and refuses by name.

That ONNX Runtime computes the same is shown by `make interop`, where it is installed.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers, to_onnx
from rnnspec.cli import main
from rnnspec.importers import Refused, onnx_file, onnx_tensors

AUSTEN = Path(__file__).parents[3] / "examples/austen/austen.rnn"
TANH = {"function": "tanh"}
GATES = {"gates": {"function": "sigmoid"}, "candidate": TANH}
Document = dict[str, Any]


def document(layers: list[Document], arrays: dict[str, tuple[int, ...]]) -> Document:
    """A net of features with random arrays; each layer takes those that begin with its name."""
    rng = np.random.default_rng(6)
    for layer in layers:
        own = [name for name in arrays if name.startswith(f"{layer['name']}.")]
        if own:
            layer["parameters"] = {name.partition(".")[2]: name for name in own}
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in arrays.items()}
    usual = {"input": {"kind": "features", "size": 3}, "output": {"kind": "values"}}
    return {**usual, "layers": layers, "tensors": tensors}


def lstm(**members: Any) -> Document:  # noqa: ANN401  of a layer
    usual = {
        "name": "a",
        "type": "lstm",
        "hidden_size": 2,
        "activations": {**GATES, "output": TANH},
    }
    return {**usual, **members}


PLAIN = {"a.W": (3, 8), "a.R": (2, 8), "a.b": (8,)}


@pytest.mark.parametrize(
    ("layers", "arrays"),
    [
        ([lstm()], PLAIN | {"a.h0": (2,), "a.c0": (2,)}),
        ([lstm(direction="reverse", clip=1.5, peephole="diagonal")], PLAIN | {"a.p": (3, 2)}),
        ([lstm(coupled="forget", peephole="diagonal", output="final")], {"a.W": (3, 6), "a.R": (2, 6), "a.p": (2, 2)}),
        ([lstm(direction="bidirectional", merge="concat")], PLAIN | {f"{name}_reverse": shape for name, shape in PLAIN.items()}),
        ([lstm(direction="bidirectional", merge="sum", output="final")], PLAIN | {"a.W_reverse": (3, 8), "a.R_reverse": (2, 8), "a.h0_reverse": (2,)}),
        ([{"name": "a", "type": "gru", "hidden_size": 2, "reset": "after", "activations": GATES}], {"a.W": (3, 6), "a.R": (2, 6), "a.b": (6,), "a.rb": (2,)}),
        ([{"name": "a", "type": "gru", "hidden_size": 2, "reset": "before", "activations": GATES}, {"name": "last", "type": "last_step"}], {"a.W": (3, 6), "a.R": (2, 6)}),
        (
            [
                {"name": "a", "type": "elman", "hidden_size": 3, "activation": {"function": "elu", "alpha": 0.5}},
                {"name": "n", "type": "layer_norm", "epsilon": 0.25},
                {"name": "m", "type": "multiply", "inputs": ["n", "input"]},
                {"name": "c", "type": "concat", "inputs": ["m", "n", "input"]},
                {"name": "d", "type": "dense", "size": 4},
                {"name": "s", "type": "affine"},
                {"name": "h", "type": "activation", "function": "hard_tanh"},
            ],
            {"a.W": (3, 3), "a.R": (3, 3), "n.gamma": (3,), "n.beta": (3,), "d.W": (9, 4), "d.b": (4,), "s.s": (4,), "s.t": (4,)},
        ),
    ],
)  # fmt: skip
def test_there_and_back_gives_the_same_bits(
    layers: list[Document], arrays: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    model = rnnspec.build(document(layers, arrays))
    path = tmp_path / "net.onnx"
    path.write_bytes(to_onnx(model))
    assert importers.recognise(path).name == "onnx"
    back = importers.read(path).model
    assert [layer.type for layer in back.layers] == [layer.type for layer in model.layers]
    x = np.random.default_rng(7).normal(size=(2, 5, 3)).astype(np.float32)
    (output, state), (again, after) = (rnnspec.run(rnnspec.compile(m), x) for m in (model, back))
    assert output.tobytes() == again.tobytes()
    for one, other in zip(state.values(), after.values(), strict=True):
        assert {key: array.tobytes() for key, array in one.items()} == {
            key: array.tobytes() for key, array in other.items()
        }


def test_the_shipped_net_keeps_vocabulary_and_fingerprint(tmp_path: Path) -> None:
    model = rnnspec.load(AUSTEN)
    path = tmp_path / "austen.onnx"
    path.write_bytes(to_onnx(model))
    found = importers.read(path)
    assert found.model.vocabularies == model.vocabularies
    assert found.model.decoding == model.decoding
    assert [one.type for one in found.model.layers] == [one.type for one in model.layers]
    both = [
        rnnspec.generate_text(rnnspec.compile(m), "It is", 40, seed=3) for m in (model, found.model)
    ]
    assert "".join(both[0]) == "".join(both[1])


def test_the_ends_of_the_graph(tmp_path: Path) -> None:
    model = rnnspec.build(document([lstm()], PLAIN | {"a.c0": (2,)}))
    path = tmp_path / "net.onnx"
    path.write_bytes(to_onnx(model))
    file = onnx_file.read_onnx(importers.Source(path))
    assert [(end.name, end.shape) for end in file.inputs] == [
        ("input", (None, None, 3)),
        ("a/h", (None, 2)),
        ("a/c", (None, 2)),
    ]
    assert [(end.name, end.shape) for end in file.outputs] == [
        ("output", (None, None, 2)),
        ("a/h_next", (None, 2)),
        ("a/c_next", (None, 2)),
    ]
    assert onnx_tensors.numbers(file.initializers["a/c"]).tolist() == [
        model.tensors["a.c0"].values.tolist()
    ]
    assert file.opset == 17


def test_lengths_are_an_input_where_they_are_asked_for(tmp_path: Path) -> None:
    """What ONNX Runtime and PyTorch then compute is shown by `make interop`."""
    model = rnnspec.build(document([lstm(direction="reverse")], PLAIN))
    path, net = tmp_path / "net.onnx", tmp_path / "net.rnn"
    rnnspec.save(model, net)
    assert main(["export", str(net), "--to", "onnx", "--lengths", "-o", str(path)]) == 0
    assert path.read_bytes() == to_onnx(model, lengths=True)
    file = onnx_file.read_onnx(importers.Source(path))
    assert [end.name for end in file.inputs] == ["input", "lengths", "a/h", "a/c"]
    (cell,) = [node for node in file.nodes if node.op == "LSTM"]
    assert cell.inputs[4] == "lengths"
    with pytest.raises(Refused, match="export the model again without --lengths"):
        importers.read(path)
    assert main(["export", str(net), "--to", "npz", "--lengths", "-o", str(path)]) == 2


def test_halves_are_widened(tmp_path: Path) -> None:
    given = document([lstm()], PLAIN)
    given["tensors"] = {name: array.astype(np.float16) for name, array in given["tensors"].items()}
    half = rnnspec.build(given)
    assert half.tensors["a.W"].dtype == "float16"
    path = tmp_path / "net.onnx"
    path.write_bytes(to_onnx(half))
    back = importers.read(path).model
    x = np.ones((1, 4, 3), np.float32)
    outputs = [rnnspec.run(rnnspec.compile(m), x)[0].tobytes() for m in (half, back)]
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(
    ("layer", "arrays", "words"),
    [
        (lstm(projection_size=1), {"a.W": (3, 8), "a.R": (1, 8), "a.Q": (2, 1)}, "LSTM has not a projection"),
        (lstm(cell_clip=1.0), PLAIN, "a clip of the cell"),
        (lstm(peephole="full"), PLAIN | {"a.p": (2, 6)}, "full peepholes"),
        (lstm(coupled="input"), {"a.W": (3, 6), "a.R": (2, 6)}, "an input gate made of the forget gate"),
        (lstm(activations={**GATES, "output": {"function": "hard_tanh"}}), PLAIN, "the activation hard_tanh in a cell"),
    ],
)  # fmt: skip
def test_what_onnx_does_not_carry(
    layer: Document,
    arrays: dict[str, tuple[int, ...]],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = rnnspec.build(document([layer], arrays))
    with pytest.raises(Refused, match=words) as refused:
        to_onnx(model)
    assert refused.value.code == "EXPORT_UNSUPPORTED"
    assert 'the layer "a"' in str(refused.value)
    rnnspec.save(model, tmp_path / "a.rnn")
    arguments = ["export", str(tmp_path / "a.rnn"), "--to", "onnx", "-o", str(tmp_path / "a.onnx")]
    assert main(arguments) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "a.onnx").exists()
    assert main([*arguments, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "EXPORT_UNSUPPORTED"


def test_the_command_line(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    target = tmp_path / "austen.onnx"
    assert main(["export", str(AUSTEN), "--to", "onnx", "-o", str(target)]) == 0
    out, err = capfdbinary.readouterr()
    assert out.decode() == f"OK {target}: onnx, {target.stat().st_size:,} bytes\n"
    assert err == b""
    assert main(["export", str(AUSTEN), "--to", "onnx", "-o", str(target), "--format", "json"]) == 0
    report = json.loads(capfdbinary.readouterr().out)
    assert report["bytes"] == target.stat().st_size
    assert report["fingerprint"] == rnnspec.fingerprint(rnnspec.load(AUSTEN))
    assert main(["export", str(AUSTEN), "--to", "onnx", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out == target.read_bytes()
