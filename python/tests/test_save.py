import dataclasses
import decimal
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnspec
from rnnspec import DenseLayer, Model, RnnspecError, Tensor, load, save, to_bytes
from rnnspec.save import Encoding, Numbers

from .nets import Json, array, as_json, character_net, document, feature_net

WAYS: list[tuple[Encoding, Numbers]] = [
    ("json", "base64"),
    ("json", "decimal"),
    ("msgpack", "base64"),
]


def one_tensor(values: np.ndarray) -> Model:
    """A net with all the values in its bias."""
    bias = Tensor(values)
    return Model(
        input=rnnspec.FeatureInput(size=1),
        layers=(DenseLayer(name="d", size=len(values), parameters={"W": "W", "b": "b"}),),
        output=rnnspec.Output(kind="values"),
        tensors={"W": array(np.random.default_rng(0), 1, len(values)), "b": bias},
    )


@pytest.mark.parametrize(("encoding", "numbers"), WAYS)
def test_everything_comes_back(encoding: Encoding, numbers: Numbers) -> None:
    model = load(as_json(document()))
    data = to_bytes(model, encoding, numbers)
    again = load(data)
    assert again == model
    assert again.metadata == document()["metadata"]
    assert to_bytes(again, encoding, numbers) == data


@pytest.mark.parametrize(("encoding", "numbers"), WAYS)
def test_others_read_the_same(encoding: Encoding, numbers: Numbers) -> None:
    want = document()
    data = to_bytes(load(as_json(want)), encoding, numbers)
    found: Json = json.loads(data) if encoding == "json" else msgpack.unpackb(data)
    assert list(found) == [name for name in ORDER if name in want]
    for top in (want, found):
        for tensor in top["tensors"].values():
            tensor["data"] = None
    assert found == want


ORDER = ["rnnspec", "$schema", "name", "version", "description", "license", "metadata", "input", "vocabularies", "layers", "output", "decoding", "examples", "tensors"]  # fmt: skip


def test_empty_and_absent_are_told_apart() -> None:
    top = json.loads(to_bytes(feature_net(), "json"))
    top |= {"vocabularies": {}, "examples": [], "metadata": {}}
    for encoding, numbers in WAYS:
        data = to_bytes(load(as_json(top)), encoding, numbers)
        found: Json = json.loads(data) if encoding == "json" else msgpack.unpackb(data)
        assert (found["vocabularies"], found["examples"], found["metadata"]) == ({}, [], {})
    assert b"vocabularies" not in to_bytes(feature_net(), "json")


def test_json_is_for_people() -> None:
    lines = to_bytes(load(as_json(document())), "json", "decimal").decode().splitlines()
    assert '"name": "small",' in lines
    assert '  {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "V"}},' in lines
    assert '  "V": {"dtype": "float32", "shape": [1, 3], "data": [1,0,-1]},' in lines


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=100))
def test_decimals_come_back_as_the_same_bits(bits: list[int]) -> None:
    values = np.array(bits, np.uint32).view(np.float32)
    values = values[np.isfinite(values)]
    if len(values):
        model = one_tensor(values)
        assert load(to_bytes(model, "json", "decimal")).tensors == model.tensors


def test_awkward_decimals_come_back() -> None:
    # 7.038531e-26 is the one whose shortest decimal means another number when it is rounded twice.
    bits = [
        0x15AE43FD,
        0x95AE43FD,
        0x80000000,
        0,
        1,
        0x80000001,
        0x7F7FFFFF,
        0x00800000,
        0x3DCCCCCD,
    ]
    values = np.array(bits, np.uint32).view(np.float32)
    model = one_tensor(values)
    data = to_bytes(model, "json", "decimal")
    assert load(data).tensors == model.tensors
    written = data.decode().partition('"b": {')[2].partition("[")[2].partition("[")[2]
    assert "0.1]" in written
    assert "7.038531e-26" not in written


def test_decimals_are_short() -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal(2000).astype(np.float32)
    data = to_bytes(one_tensor(values), "json", "decimal").decode()
    numbers = json.loads(data)["tensors"]["b"]["data"]
    assert [float(str(v)) for v in values] == numbers


def test_float16_stays() -> None:
    values = np.array([1, -0.0, 6e-8, 65504], np.float16)
    for encoding, numbers in WAYS:
        model = one_tensor(values)
        assert load(to_bytes(model, encoding, numbers)).tensors == model.tensors


def test_a_wrong_model_is_refused() -> None:
    net = feature_net()
    with pytest.raises(RnnspecError) as caught:
        to_bytes(dataclasses.replace(net, layers=net.layers[:1]), "msgpack")
    assert {issue.code for issue in caught.value.issues} == {"TENSOR_UNUSED"}
    with pytest.raises(RnnspecError):
        to_bytes(one_tensor(np.array([np.inf], np.float32)), "json", "decimal")
    with pytest.raises(RnnspecError):
        to_bytes(one_tensor(np.array([np.nan], np.float32)), "json")
    with pytest.raises(TypeError, match="set has no place"):
        to_bytes(dataclasses.replace(net, metadata={"a": {1}}), "json")
    with pytest.raises(TypeError, match="set has no place"):
        to_bytes(dataclasses.replace(net, metadata={"a": {1}}), "msgpack")
    with pytest.raises(ValueError, match="nan has no place"):
        to_bytes(dataclasses.replace(net, metadata={"a": float("nan")}), "json")
    with pytest.raises(ValueError, match="no such encoding"):
        to_bytes(net, "xml")  # type: ignore[arg-type] # that is the point


def test_numbers_of_numpy_are_numbers() -> None:
    net = feature_net()
    given = dataclasses.replace(
        net,
        input=rnnspec.FeatureInput(size=np.int64(3), sample_rate=np.float64(0.5)),  # type: ignore[arg-type] # people do
        metadata={"a": np.float32(0.5), "b": [np.int8(1)], "c": (1, 2)},
    )
    for encoding, numbers in WAYS:
        again = load(to_bytes(given, encoding, numbers))
        assert again.metadata == {"a": 0.5, "b": [1], "c": [1, 2]}
        assert again.input == given.input


def test_deep_metadata() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    net = dataclasses.replace(feature_net(), metadata={"deep": deep})
    for encoding, numbers in WAYS:
        assert load(to_bytes(net, encoding, numbers)).metadata == {"deep": deep}


@pytest.mark.parametrize(
    ("name", "first"), [("net.rnn.json", b"{"), ("net.rnn", b"\x85"), ("net", b"\x85")]
)
def test_the_suffix_says_the_encoding(tmp_path: Path, name: str, first: bytes) -> None:
    path = tmp_path / name
    net = feature_net()
    save(net, path)
    assert path.read_bytes()[:1] == first
    assert load(path) == net
    save(net, str(path), encoding="json")
    assert path.read_bytes()[:1] == b"{"
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_failed_save_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.rnn"
    save(feature_net(), path)
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask(tmp_path)
    with pytest.raises(RnnspecError):
        save(one_tensor(np.array([np.nan], np.float32)), path)

    def fail(_self: Path, _target: Path) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no room"):
        save(character_net(), path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["net.rnn"]


def test_links_and_modes_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "real.bin", tmp_path / "net.rnn.json"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    save(feature_net(), link)
    assert link.is_symlink()
    assert target.read_bytes()[:1] == b"{"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "net.rnn"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    found: list[bytes] = []
    reader.start()
    save(feature_net(), pipe)
    reader.join()
    assert load(found[0]) == feature_net()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def umask(folder: Path) -> int:
    fresh = folder / "fresh"
    fresh.touch()
    mode = stat.S_IMODE(fresh.stat().st_mode)
    fresh.unlink()
    return 0o666 & ~mode


# --- digits -----------------------------------------------------------------------------------------


def numbers_of(data: bytes, name: str) -> list[str]:
    """The decimals of a tensor, as they are spelt."""
    entry = data.decode().partition(f'"{name}": {{"dtype"')[2]
    return entry.partition('"data": [')[2].partition("]")[0].split(",")


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60), st.integers(1, 12))
def test_digits_are_the_exact_value_rounded_half_to_even(bits: list[int], digits: int) -> None:
    values = np.array(bits, np.uint32).view(np.float32)
    values = values[np.abs(values) < 3e38]
    if not len(values):
        return
    data = to_bytes(one_tensor(values), "json", digits=digits)
    context = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_EVEN)
    want = [context.plus(decimal.Decimal(float(value))) for value in values]
    assert (load(data).tensors["b"].values == np.array(want, np.float64).astype(np.float32)).all()
    for text in numbers_of(data, "b"):
        mantissa = text.lstrip("-").partition("e")[0].replace(".", "").strip("0")
        assert len(mantissa) <= digits


def test_digits_of_a_tie() -> None:
    values = np.array([0.125, 0.375, 2.5, 3.5, -0.0, 1e-45, 9.96], np.float32)
    assert numbers_of(to_bytes(one_tensor(values), "json", digits=1), "b") == ["0.1", "0.4", "2", "4", "-1e-99", "1e-45", "10"]  # fmt: skip
    assert numbers_of(to_bytes(one_tensor(values), "json", digits=2), "b")[:2] == ["0.12", "0.38"]
    many = np.random.default_rng(0).standard_normal(500).astype(np.float32)
    texts = numbers_of(to_bytes(one_tensor(many), "json", digits=5), "b")
    assert [float(text) for text in texts] == [float(f"{value:.4e}") for value in many.tolist()]
    assert max(len(text.lstrip("-0.")) for text in texts if "e" not in text) <= 6


def test_digits_drop_exact_examples_alone(tmp_path: Path) -> None:
    net = feature_net()
    arrays = {name: Tensor(np.full(shape, 1 / 3, np.float32)) for name, shape in {"x": (1, 2, 3), "y": (1, 2, 2), "z": (1, 1, 3), "w": (1, 1, 2), "h": (1, 4), "c": (1, 4)}.items()}  # fmt: skip
    state = {"lstm": {"h": "h", "c": "c"}}
    exact = rnnspec.Example(kind="exact", input="x", output="y", state=state)
    source = rnnspec.Source(system="s", version="1")
    reference = rnnspec.Example(kind="reference", source=source, tolerance=1, input="z", output="w")
    model = dataclasses.replace(net, tensors={**net.tensors, **arrays}, examples=(exact, reference))
    model = load(to_bytes(model, "msgpack"))
    path = tmp_path / "few.rnn.json"
    save(model, path, digits=3)
    few = load(path)
    assert few.examples == (reference,)
    assert set(few.tensors) == {*net.tensors, "z", "w"}
    assert few.tensors["z"] == arrays["z"]  # what another system computed stays
    assert few.tensors["W"].values[0, 0] == np.float32(f"{model.tensors['W'].values[0, 0]:.2e}")
    # Nothing changes, nothing is dropped.
    assert load(to_bytes(few, "json", digits=3)) == few
    assert load(to_bytes(model, "json", digits=17)) == model
    none = dataclasses.replace(net, examples=None)
    assert load(to_bytes(none, "json", digits=3)).examples is None


def test_digits_are_for_float32_and_json() -> None:
    halves = one_tensor(np.array([1 / 3], np.float16))
    assert load(to_bytes(halves, "json", digits=1)).tensors["b"] == halves.tensors["b"]
    for arguments in (("msgpack",), ("json", "base64")):
        with pytest.raises(ValueError, match="JSON alone"):
            to_bytes(halves, *arguments, digits=3)
    for wrong in (0, 18, 2.5, True, "3"):
        with pytest.raises(ValueError, match="digits must be an integer from 1 to 17"):
            to_bytes(halves, "json", digits=wrong)  # type: ignore[arg-type] # that is the point
    largest = one_tensor(np.array([3.4028235e38], np.float32))
    with pytest.raises(ValueError, match="4 digits make a value of the tensor b infinite"):
        to_bytes(largest, "json", digits=4)  # 3.403e38
    assert numbers_of(to_bytes(largest, "json", digits=3), "b") == ["3.4e+38"]
