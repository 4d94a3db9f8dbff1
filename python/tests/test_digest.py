import dataclasses
import hashlib
import struct
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnspec import Decoding, FeatureInput, Tensor, build, fingerprint, load, structure, to_bytes
from rnnspec.digest import pack

from .nets import Json, as_json, character_net, document, feature_net

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**63), 2**64 - 1),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(TEXT, inner, max_size=40),
    max_leaves=50,
)


@given(VALUES)
def test_packs_as_msgpack_does(value: Json) -> None:
    assert b"".join(pack(value)) == msgpack.packb(value)


@given(st.dictionaries(TEXT, st.integers(0, 3), max_size=40))
def test_sorts_keys_by_their_bytes(value: dict[str, int]) -> None:
    keys = sorted(value, key=str.encode)
    assert b"".join(pack(value, sort=True)) == msgpack.packb({key: value[key] for key in keys})


def test_packs_long_things_in_the_shortest_format() -> None:
    for length in (31, 32, 255, 256, 65535, 65536):
        for value in ("a" * length, [0] * length, {str(k): 0 for k in range(length)}):
            assert b"".join(pack(value)) == msgpack.packb(value)
        assert b"".join(pack(memoryview(bytes(length)))) == msgpack.packb(bytes(length))
    for edge in (0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, -1, -32, -33, -128, -129):
        assert b"".join(pack(edge)) == msgpack.packb(edge)
        assert b"".join(pack(float(edge))) == msgpack.packb(edge)
    assert b"".join(pack(0.5)) == msgpack.packb(0.5)
    assert b"".join(pack(np.float32(4))) == b"\xca\x40\x80\x00\x00"


def canonical(top: Json, arrays: dict[str, np.ndarray], *, weights: bool) -> bytes:
    """The canonical form, from the document and with the msgpack package."""

    def sort(value: Json) -> Json:
        if isinstance(value, dict):
            return {key: sort(value[key]) for key in sorted(value, key=str.encode)}
        return [sort(element) for element in value] if isinstance(value, list) else value

    form: dict[str, Any] = {name: top[name] for name in ("input", "layers", "output")}
    form["layers"] = [dict(layer) for layer in top["layers"]]
    for layer in form["layers"]:
        for role, name in layer.get("parameters", {}).items():
            values = np.where(np.abs(arrays[name]) < 2.0**-51, 0, arrays[name]).astype("<f4")
            shape: Any = list(values.shape)
            entry = [shape, hashlib.sha256(values.tobytes()).digest()] if weights else shape
            layer["parameters"] = {**layer["parameters"], role: entry}
    if top.get("vocabularies"):
        form["vocabularies"] = top["vocabularies"]
    if weights and "decoding" in top:
        form["decoding"] = top["decoding"]
    packed = msgpack.packb(sort(form), use_single_float=True)
    assert isinstance(packed, bytes)
    return packed


def test_digests_are_those_of_the_canonical_form() -> None:
    top = document()
    model = load(as_json(top))
    arrays = {name: tensor.values for name, tensor in model.tensors.items()}
    assert structure(model) == hashlib.sha256(canonical(top, arrays, weights=False)).hexdigest()
    assert fingerprint(model) == hashlib.sha256(canonical(top, arrays, weights=True)).hexdigest()


def test_numbers_of_activations_defaults_and_extensions() -> None:
    """[digest-2], [digest-4]: the form by hand, packed by the msgpack package."""
    gates = {"function": "hard_sigmoid", "alpha": 0.1, "beta": 1e-20}
    layer = {
        "name": "g",
        "type": "gru",
        "hidden_size": 1,
        "reset": "before",
        "activations": {"gates": gates, "candidate": {"function": "elu", "alpha": 2}},
        "output": "sequence",
        "parameters": {"W": "W", "R": "R"},
        "extensions": {"A_b": 1},
    }
    vocabulary = {"unit": "byte", "tokens": [0, 255], "extensions": {"A_b": 1}}
    top: dict[str, Any] = {
        "input": {"kind": "tokens", "vocabulary": "v"},
        "vocabularies": {"v": vocabulary},
        "layers": [{"name": "o", "type": "one_hot"}, layer, {**layer, "name": "h", "output": "final"}],
        "output": {"kind": "values", "vocabulary": "w"},
        "decoding": {"mode": "sample", "temperature": 1, "top_k": 5, "top_p": 0.3},
        "tensors": {"W": np.ones((2, 3)), "R": np.ones((1, 3)), "V": np.ones((1, 3)), "Q": np.ones((1, 3))},
    }  # fmt: skip
    top["vocabularies"]["w"] = {"unit": "token", "tokens": ["a"], "separator": " "}
    top["layers"][2] |= {"parameters": {"W": "V", "R": "Q"}}
    model = build(top)
    gates_then = {"alpha": 0.1, "beta": 0.0, "function": "hard_sigmoid"}
    layer_then = {
        "activations": {"candidate": {"alpha": 2.0, "function": "elu"}, "gates": gates_then},
        "hidden_size": 1,
        "name": "g",
        "parameters": {"R": [1, 3], "W": [2, 3]},
        "reset": "before",
        "type": "gru",
    }
    final = {"activations": layer_then["activations"], "hidden_size": 1, "name": "h", "output": "final", "parameters": {"R": [1, 3], "W": [1, 3]}, "reset": "before", "type": "gru"}  # fmt: skip
    form: Json = {
        "input": {"kind": "tokens", "vocabulary": "v"},
        "layers": [{"name": "o", "type": "one_hot"}, layer_then, final],
        "output": {"kind": "values", "vocabulary": "w"},
        "vocabularies": {
            "v": {"tokens": [0, 255], "unit": "byte"},
            "w": {"separator": " ", "tokens": ["a"], "unit": "token"},
        },
    }
    packed: Any = msgpack.packb(form, use_single_float=True)
    assert structure(model) == hashlib.sha256(packed).hexdigest()
    for entry in form["layers"][1:]:
        entry["parameters"] = {
            role: [shape, hashlib.sha256(np.ones(shape, "<f4").tobytes()).digest()]
            for role, shape in entry["parameters"].items()
        }
    decoding = {"mode": "sample", "temperature": 1.0, "top_k": 5, "top_p": 0.3}
    packed = msgpack.packb({"decoding": decoding, **form}, use_single_float=True)
    assert fingerprint(model) == hashlib.sha256(packed).hexdigest()


def test_numbers_that_are_no_integers_are_binary32() -> None:
    net = dataclasses.replace(feature_net(), input=FeatureInput(size=3, sample_rate=44100))
    other = dataclasses.replace(net, input=FeatureInput(size=3, sample_rate=44100.0001))
    assert structure(net) == structure(other)
    packed = b"".join(pack({"sample_rate": np.float32(44100)}))
    assert packed == b"\x81\xabsample_rate" + struct.pack(">Bf", 0xCA, 44100)


def test_what_digests_depend_on() -> None:
    net = character_net()
    for same in (
        load(to_bytes(net, "json")),
        load(to_bytes(net, "json", "decimal")),
        load(to_bytes(net, "msgpack")),
        dataclasses.replace(net, name="other", metadata={"a": 1}, examples=()),
    ):
        assert (structure(same), fingerprint(same)) == (structure(net), fingerprint(net))
    decoding = dataclasses.replace(net, decoding=Decoding(mode="greedy"))
    assert structure(decoding) == structure(net)
    assert fingerprint(decoding) != fingerprint(net)
    values = net.tensors["b"].values.copy()
    values[0] = 1e-20
    tiny = dataclasses.replace(net, tensors={**net.tensors, "b": Tensor(values)})
    values[0] = -0.0
    zero = dataclasses.replace(net, tensors={**net.tensors, "b": Tensor(values)})
    assert fingerprint(tiny) == fingerprint(zero)
    assert structure(tiny) == structure(net)
    assert fingerprint(tiny) != fingerprint(net)
