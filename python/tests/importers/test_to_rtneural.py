"""to_rtneural against RTNeural's own equations in 50 digits on the file that is written, and what must be refused.

The reading here is that of RTNeural's loader (RTNeural/model_loader.h): the members that it asks for by name, indexes of
weights that it asks for by number, and the layers that it knows.
"""

import json
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.cli import main
from rnnspec.importers import Refused
from rnnspec.importers.pattern import Notes
from rnnspec.importers.to_rtneural import to_rtneural

from . import fifty_digits as fifty
from .small_nets import NOT_PLAIN, SHAPES, TANH, Document, H, bits_of, layer, model, of_cell

D, T = 2, 64
INPUTS = fifty.loud(T, D)


def turned(rows: list[Any]) -> list[Any]:
    """Columns as rows: W[k][i] = wVals[i][k]."""
    return [list(column) for column in zip(*rows, strict=True)]


def softmax(x: fifty.Vector) -> fifty.Vector:
    e = [v.exp() for v in x]
    return [v / sum(e) for v in e]


FUNCTIONS: dict[str, Callable[[fifty.Vector], fifty.Vector]] = {
    "tanh": lambda x: [fifty.tanh(v) for v in x],
    "relu": lambda x: [max(Decimal(0), v) for v in x],
    "sigmoid": lambda x: [fifty.sigmoid(v) for v in x],
    "elu": lambda x: [v if v > 0 else v.exp() - 1 for v in x],
    "softmax": softmax,
}


def original(data: bytes, order: str = "zrn") -> list[fifty.Vector]:
    """What RTNeural computes from the file, in 50 digits."""
    file = json.loads(data)
    width = file["in_shape"][-1]
    assert type(width) is int
    flow = fifty.exact(INPUTS)
    for one in file["layers"]:
        size, weights = one["shape"][-1], one["weights"]
        zeros = [Decimal(0)] * size
        if one["type"] in {"lstm", "gru"}:
            kernel, recurrent = weights[0], weights[1]
            blocks = {"lstm": 4, "gru": 3}[one["type"]]
            assert (len(kernel), len(kernel[0])) == (width, blocks * size)
            assert (len(recurrent), len(recurrent[0])) == (size, blocks * size)
            cell = {
                "ih": fifty.exact(turned(kernel)),
                "hh": fifty.exact(turned(recurrent)),
                "h": zeros,
            }
            if one["type"] == "lstm":
                cell |= {"b": fifty.exact(weights[2]), "c": zeros}
                flow = fifty.lstm(cell, flow)
            else:
                assert len(weights[2]) == 2, "two rows of biases"
                cell |= {"b_ih": fifty.exact(weights[2][0]), "b_hh": fifty.exact(weights[2][1])}
                flow = fifty.gru(cell, flow, order)
            width = size
            continue  # its activation is not read
        if one["type"] == "dense":
            assert (len(weights[0]), len(weights[0][0]), len(weights[1])) == (width, size, size)
            flow = fifty.head(fifty.exact(turned(weights[0])), fifty.exact(weights[1]), flow)
            width = size
        else:
            assert one["type"] == "activation"
            assert size == width
        if one["activation"]:
            with localcontext() as context:
                context.prec = fifty.DIGITS
                flow = [FUNCTIONS[one["activation"]](x) for x in flow]
    return flow


def wide(shapes: dict[str, tuple[int, ...]], name: str, width: int) -> Document:
    """The shapes of a cell that reads so many."""
    return {
        f"{name}.{role}": (width, *shape[1:]) if role == "W" else shape
        for role, shape in shapes.items()
    }


def net(kind: str, *, bias: bool = True, ends: str = "") -> rnnspec.Model:
    """Two cells, an affine layer, two dense ones with functions."""
    shapes = {r: s for r, s in SHAPES[kind].items() if bias or r not in {"b", "rb"}}
    arrays = {**wide(shapes, "one", D), **wide(shapes, "two", H)}
    arrays |= {"s.s": (H,), "s.t": (H,), "d.W": (H, 4), "e.W": (4, 2), "e.b": (2,)}
    layers = [
        layer(kind, "one"),
        layer("activation", "f", function="sigmoid"),
        layer(kind, "two"),
        layer("affine", "s"),
        layer("dense", "d", size=4),
        layer("activation", "g", function="elu", alpha=1.0),
        layer("activation", "g2", function="relu"),
        layer("dense", "e", size=2),
        *([layer("activation", "h", function=ends)] if ends else []),
    ]
    return model(layers, arrays, D, "probabilities" if ends == "softmax" else "values")


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("ends", ["", "softmax", "tanh"])
@pytest.mark.parametrize("bias", [True, False])
def test_rtneural_computes_the_same_from_the_file(kind: str, ends: str, bias: bool) -> None:
    given = net(kind, ends=ends, bias=bias)
    output, _ = rnnspec.run(rnnspec.compile(given), [INPUTS])
    assert fifty.away(original(to_rtneural(given)), output[0].tolist()) < 1e-6


def test_a_wrong_order_shows() -> None:
    data = to_rtneural(net("gru"))
    assert fifty.away(original(data), original(data, "rzn")) > 0.05


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_there_and_back_gives_the_same_bits(kind: str, tmp_path: Path) -> None:
    given = net(kind)
    path = tmp_path / "net.json"
    path.write_bytes(to_rtneural(given))
    found = importers.read(path, input_kind="features", output_kind="values")
    assert found.system == "rtneural"
    assert bits_of(given, [INPUTS]) == bits_of(found.model, [INPUTS])


def test_the_members_are_those_of_the_loader() -> None:
    file = json.loads(to_rtneural(net("gru", ends="tanh")))
    assert list(file) == ["in_shape", "layers"]
    assert file["in_shape"] == [None, None, D]
    assert [list(one) for one in file["layers"]] == [["type", "activation", "shape", "weights"]] * 7
    assert [(one["type"], one["activation"]) for one in file["layers"]] == [
        ("gru", "tanh"),
        ("activation", "sigmoid"),
        ("gru", "tanh"),
        ("dense", ""),
        ("dense", "elu"),
        ("activation", "relu"),
        ("dense", "tanh"),
    ]
    assert all(type(one["shape"][-1]) is int for one in file["layers"])


def test_halves_are_widened(tmp_path: Path) -> None:
    given = of_cell("gru")
    half = model(
        [layer("gru"), layer("dense", "head", size=1)],
        {name: tensor.array.astype(np.float16) for name, tensor in given.tensors.items()},
    )
    path = tmp_path / "net.json"
    path.write_bytes(to_rtneural(half))
    found = importers.read(path, input_kind="features")
    x = fifty.loud(8, 1)
    assert bits_of(half, [x]) == bits_of(found.model, [x])


def test_what_is_lost_and_changed_is_told() -> None:
    notes = Notes()
    given = of_cell("lstm", {"a.h0": np.zeros(H, np.float32)})
    to_rtneural(given, notes=notes)
    assert [note.text for note in notes] == ["h0 of the layer a: zeros, as RTNeural begins with"]
    notes.clear()
    sound = {"kind": "features", "size": 1, "sample_rate": 48000}
    layers = [layer("affine", "s"), layer("activation", "l", function="linear")]
    given = model(layers, {"s.s": (1,), "s.t": (1,)}, input=sound, name="n", description="d")
    to_rtneural(given, notes=notes)
    assert [(note.kind, note.text) for note in notes] == [
        ("changed", "the layer s, affine, is a dense one of a diagonal matrix"),
        ("changed", "the layer l is left out: linear changes nothing"),
        ("left out", "name, description, input.sample_rate; none of it changes what is computed"),
    ]


ONE = {"a.W": (1, 1)}
TOKENS: Document = {
    "input": {"kind": "tokens", "vocabulary": "v"},
    "vocabularies": {"v": {"unit": "token", "tokens": ["x"]}},
}
REFUSED: dict[str, tuple[Any, str]] = {
    "reset before": (lambda: model([layer("gru", reset="before")], {"a.W": (1, 9), "a.R": (3, 9)}), "whose reset acts after the product alone"),
    "an initial h": (lambda: of_cell("gru", {"a.h0": (H,)}), '"a" (/layers/0) can\'t go over: RTNeural has zeros as the state that it begins with, and this layer has h0'),
    "an initial c": (lambda: of_cell("lstm", {"a.c0": (H,)}), "this layer has c0; train it without, or export it with --to nam or onnx"),
    "elman": (lambda: of_cell("elman"), "has no elman, only lstm, gru, dense, affine, activation"),
    "another function": (lambda: model([layer("activation", function="softplus")], {}), "no activation softplus, only tanh, relu, sigmoid, softmax, elu"),
    "another elu": (lambda: model([layer("activation", function="elu", alpha=0.5)], {}), "elu with alpha = 1 alone, and this has 0.5"),
    "log_softmax": (lambda: model([layer("activation", function="log_softmax")], {}, kind="log_probabilities"), "no activation log_softmax"),
    "nothing": (lambda: model([layer("activation", function="linear")], {}), "there is nothing to compute"),
    "an embedding": (lambda: model([layer("embedding", size=1)], {"a.E": (1, 1)}, **TOKENS), '(/input) can\'t go over: RTNeural reads numbers, and this net ids of the vocabulary "v"'),
    "another candidate": (lambda: of_cell("gru", activations={"gates": {"function": "sigmoid"}, "candidate": {"function": "relu"}}), "tanh alone as the activation of candidate in a cell, and this is relu"),
    "gates of a gru": (lambda: of_cell("gru", activations={"gates": TANH, "candidate": TANH}), "sigmoid alone as the activation of gates"),
    **{name: (made, words.replace("{}", "RTNeural")) for name, (made, words) in NOT_PLAIN.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_rtneural_does_not_carry_is_refused(name: str) -> None:
    made, words = REFUSED[name]
    with pytest.raises(Refused) as refused:
        to_rtneural(made())
    assert refused.value.code == "EXPORT_UNSUPPORTED"
    assert words in str(refused.value)


def test_the_command_line(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    source, target = tmp_path / "net.rnn", tmp_path / "net.json"
    rnnspec.save(of_cell("lstm"), source)
    assert main(["export", str(source), "--to", "rtneural", "-o", str(target)]) == 0
    out = capfdbinary.readouterr().out.decode()
    assert out == f"OK {target}: rtneural, {target.stat().st_size:,} bytes\n"
    rnnspec.save(of_cell("elman"), source)
    assert main(["export", str(source), "--to", "rtneural", "-o", str(target)]) == 1
    assert b'the layer "a" (/layers/0)' in capfdbinary.readouterr().err
    words = ["export", str(source), "--to", "rtneural", "-o", str(target), "--format", "json"]
    assert main(words) == 1
    report = json.loads(capfdbinary.readouterr().out)
    assert report["refused"]["code"] == "EXPORT_UNSUPPORTED"
