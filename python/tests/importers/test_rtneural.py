"""rtneural against RTNeural's own equations, which are Keras' with sigmoid and tanh, and what must be refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import compile as compile_model
from rnnspec import importers, run
from rnnspec.importers import Refused, rtneural

from . import keras_originals as original

Json = Any
Array = Any
D, H, T = 2, 3, 7


def drawn(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(0, 0.8, shape).astype(np.float32).astype(np.float64)


ARRAYS: dict[str, list[Array]] = {
    "lstm": [drawn(1, D, 4 * H), drawn(2, H, 4 * H), drawn(3, 4 * H)],
    "gru": [drawn(4, D, 3 * H), drawn(5, H, 3 * H), drawn(6, 2, 3 * H)],
    "dense": [drawn(7, H, 2), drawn(8, 2)],
}


def layer(kind: str, size: int, activation: str = "", weights: list[Array] | None = None) -> Json:
    lists = [array.tolist() for array in weights or []]
    return {"type": kind, "activation": activation, "shape": [None, None, size], "weights": lists}


def net(kind: str = "lstm", head: str = "sigmoid") -> Json:
    return {
        "in_shape": [None, None, D],
        "layers": [
            layer(kind, H, "tanh", ARRAYS[kind]),
            layer("dense", 2, head, ARRAYS["dense"]),
        ],
    }


def write(folder: Path, value: Json) -> Path:
    path = folder / "net.json"
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("head", ["", "sigmoid", "tanh", "relu"])
def test_outputs_are_those_of_rtneural(kind: str, head: str, tmp_path: Path) -> None:
    found = importers.read(write(tmp_path, net(kind, head)))
    assert found.system == "rtneural"
    w = dict(zip(("kernel", "recurrent_kernel", "bias"), ARRAYS[kind], strict=True))
    x = drawn(9, T, D)
    h = original.lstm(w, x) if kind == "lstm" else original.gru(w, x, reset_after=True)
    y = h @ ARRAYS["dense"][0] + ARRAYS["dense"][1]
    functions: dict[str, Callable[[Array], Array]] = {
        "": lambda a: a, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0), "sigmoid": original.sigmoid
    }  # fmt: skip
    output, _ = run(compile_model(found.model), x[None].astype(np.float32))
    assert np.abs(np.asarray(output)[0] - functions[head](y)).max() < 1e-6
    assert any("sigmoid gates" in note.text for note in found.notes if note.kind == "assumed")


def test_another_order_of_gates_shows() -> None:
    w = dict(zip(("kernel", "recurrent_kernel", "bias"), ARRAYS["gru"], strict=True))
    x = drawn(9, T, D)
    right = original.gru(w, x, reset_after=True)
    assert np.abs(right - original.gru(w, x, reset_after=True, order="rzh")).max() > 1e-2


def test_a_layer_of_activation_and_the_authors_members(tmp_path: Path) -> None:
    value = net()
    value["layers"].append(layer("activation", 2, "softmax"))
    found = rtneural.read(
        write(tmp_path, {**value, "author": "me", "esr": 0.1}), output_kind="probabilities"
    )
    assert [one.type for one in found.model.layers] == ["lstm", "dense", "activation", "activation"]
    assert any(note.text == "author, esr" for note in found.notes if note.kind == "left out")


def changed(**members: Json) -> Callable[[], Json]:
    """With other members of the first layer."""

    def made() -> Json:
        value = copy.deepcopy(net())
        value["layers"][0] |= members
        return value

    return made


def of_gru(bias: Array) -> Json:
    value = copy.deepcopy(net("gru"))
    value["layers"][0]["weights"][2] = bias.tolist()
    return value


NEAR_MISSES: dict[str, tuple[Callable[[], Json], str, str]] = {
    "an unknown layer": (changed(type="conv1d", kernel_size=[3], dilation=[1]), "IMPORT_UNSUPPORTED", "layer 1 (conv1d) is none that is carried"),
    "an odd activation": (changed(activation="relu"), "IMPORT_UNSUPPORTED", "was trained with relu"),
    "an unknown activation": (lambda: net(head="gelu"), "IMPORT_UNSUPPORTED", "has the activation gelu"),
    "a member too many": (changed(recurrent_activation="hard_sigmoid"), "IMPORT_UNSUPPORTED", "has a member recurrent_activation"),
    "a missing bias": (changed(weights=[a.tolist() for a in ARRAYS["lstm"][:2]]), "IMPORT_MALFORMED", "has 2 arrays, and 3 are expected"),
    "another size": (changed(weights=[[[0.5] * 8] * 2, *[a.tolist() for a in ARRAYS["lstm"][1:]]]), "IMPORT_SHAPE", "the kernel of layer 1 (lstm) is [2, 8]"),
    "a head of another net": (lambda: net() | {"layers": [net()["layers"][0], layer("dense", 2, "", [drawn(7, 4, 2), drawn(8, 2)])]}, "IMPORT_SHAPE", "the kernel of layer 2 (dense) is [4, 2]"),
    "a GRU that resets before": (lambda: of_gru(drawn(1, 3 * H)), "IMPORT_SHAPE", "the bias of layer 1 (gru) is [9]"),
    "another input": (lambda: {**net(), "in_shape": [None, None, 3]}, "IMPORT_SHAPE", "asks for [3, 12]"),
    "no shape": (changed(shape=[]), "IMPORT_MALFORMED", "shape of layer 1 (lstm)"),
    "no number": (changed(weights=[[["x"]], [], []]), "IMPORT_MALFORMED", "no number"),
    "no layers": (lambda: {**net(), "layers": []}, "IMPORT_MALFORMED", "no list of layers"),
    "no type": (changed(type=3), "IMPORT_MALFORMED", "has no type"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, tmp_path: Path) -> None:
    value, code, words = NEAR_MISSES[name]
    with pytest.raises(Refused) as refused:
        importers.read(write(tmp_path, value()))
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


@pytest.mark.parametrize(("name", "value"), [("in_skip", 1), ("in_gain", 2.0), ("out_gain", -3.0)])
def test_what_aidax_computes_around_the_layers_is_not_dropped(
    name: str, value: float, tmp_path: Path
) -> None:
    path = write(tmp_path, {**net(), name: value})
    with pytest.raises(Refused, match=f"has {name}, which AIDA-X .* --from guitarml"):
        rtneural.read(path)
    assert rtneural.read(write(tmp_path, {**net(), name: 0})).system == "rtneural"


def test_where_shape_and_weights_differ_the_weights_count(tmp_path: Path) -> None:
    """The shared bad_lstm.json is such a file; the caller who states its size is told."""
    value = net()
    value["layers"][0]["shape"] = [None, None, 7]
    path = write(tmp_path, value)
    found = importers.read(path)
    assert found.model.layers[0].hidden_size == H  # type: ignore[union-attr]  # an lstm
    (told,) = [note.text for note in found.notes if "its shape says 7" in note.text]
    assert told.startswith(f"{H} units of layer 1 (lstm)")
    assert importers.read(path, sizes=f"{D},{H},2").system == "rtneural"
    with pytest.raises(Refused, match=f"the net in the file is {D},{H},2") as refused:
        importers.read(path, sizes=f"{D},7,2")
    assert refused.value.code == "IMPORT_OPTION"


@pytest.mark.parametrize(("version", "slope"), [("2", 0.2), ("3", 1 / 6)])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gates_that_the_file_does_not_say(
    kind: str, version: str, slope: float, tmp_path: Path
) -> None:
    options = {"recurrent_activation": "hard_sigmoid", "keras_version": version}
    found = importers.read(write(tmp_path, net(kind, "")), **options)
    w = dict(zip(("kernel", "recurrent_kernel", "bias"), ARRAYS[kind], strict=True))
    x = drawn(9, T, D)
    gate = original.hard_sigmoid(slope)
    h = original.lstm(w, x, gate) if kind == "lstm" else original.gru(w, x, reset_after=True, gate=gate)  # fmt: skip
    y = h @ ARRAYS["dense"][0] + ARRAYS["dense"][1]
    output, _ = run(compile_model(found.model), x[None].astype(np.float32))
    assert np.abs(np.asarray(output)[0] - y).max() < 1e-6
    plain, _ = run(compile_model(importers.read(write(tmp_path, net(kind, ""))).model), x[None].astype(np.float32))  # fmt: skip
    assert np.abs(np.asarray(output) - np.asarray(plain)).max() > 0.02


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"recurrent_activation": "hard_sigmoid"}, "IMPORT_ASK", "give --keras-version 2 or 3"),
        ({"keras_version": "2"}, "IMPORT_OPTION", "--recurrent-activation hard_sigmoid with it"),
        ({"recurrent_activation": "relu"}, "IMPORT_OPTION", "--recurrent-activation relu"),
        ({"modules": "lstm,dense"}, "IMPORT_OPTION", "--modules: the file lists its layers"),
    ],
)
def test_options_that_do_not_go_together(
    options: dict[str, str], code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        rtneural.read(write(tmp_path, net()), **options)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value
