import base64
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, Session, load_state, save_state, state_to_bytes, validate_state
from rnnspec.save import Encoding

from .nets import Json, as_json, bits, character_net, feature_net

ENCODINGS: list[Encoding] = ["json", "msgpack"]
AWKWARD = np.array([[0x80000000, 1, 0x3F800000], [0x7F7FFFFF, 0x80000001, 0x25000000]], np.uint32)
STATE = {
    "second": {"h": AWKWARD.view(np.float32)},
    "first": {"c": np.zeros((2, 1), np.float32), "h": np.full((2, 4), 0.1, np.float32)},
}


def document() -> dict[str, Any]:
    return {
        "rnnspec": "1.0-draft.3",
        "$schema": "urn:rnnspec:state",
        "metadata": {"step": 500},
        "structure": "0123456789abcdef" * 4,
        "state": {"l": {"h": "x", "c": "y"}, "g": {"h": "z"}},
        "tensors": {
            "x": {"dtype": "float32", "shape": [2, 1], "data": [1, -1]},
            "y": {"dtype": "float32", "shape": [2, 2], "data": "AACAPwAAgD8AAIA/AACAPw=="},
            "z": {"dtype": "float32", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6.5]},
        },
    }


def test_a_file_by_hand() -> None:
    assert validate_state(as_json(document())) == []
    state = load_state(as_json(document()))
    assert list(state) == ["l", "g"]
    assert state["l"]["h"].tolist() == [[1], [-1]]
    assert state["l"]["c"].tolist() == [[1, 1], [1, 1]]
    assert state["g"]["h"].tolist() == [[1, 2, 3], [4, 5, 6.5]]
    state["g"]["h"][0, 0] = 7  # an array of the caller's own
    assert all(a.dtype == np.float32 for arrays in state.values() for a in arrays.values())


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_bit_comes_back(encoding: Encoding) -> None:
    again = load_state(state_to_bytes(STATE, encoding))
    assert list(again) == ["second", "first"]
    for layer, arrays in STATE.items():
        assert list(again[layer]) == sorted(arrays, reverse=True)
        for role, values in arrays.items():
            assert (bits(again[layer][role]) == bits(values)).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_others_read_what_was_written(encoding: Encoding) -> None:
    data = state_to_bytes(STATE, encoding, "ab" * 32)
    found: Json = json.loads(data) if encoding == "json" else msgpack.unpackb(data)
    assert list(found) == ["rnnspec", "structure", "state", "tensors"]
    assert found["structure"] == "ab" * 32
    assert list(found["state"]["first"]) == ["h", "c"]
    tensor = found["tensors"][found["state"]["second"]["h"]]
    assert (tensor["dtype"], tensor["shape"]) == ("float32", [2, 3])
    raw = base64.b64decode(tensor["data"]) if encoding == "json" else tensor["data"]
    assert raw == AWKWARD.astype("<u4").tobytes()


def test_a_state_of_a_net_without_memory() -> None:
    for encoding in ENCODINGS:
        assert load_state(state_to_bytes({}, encoding)) == {}


@pytest.mark.parametrize("name", ["half.rnnstate", "half.rnnstate.json"])
def test_half_way_through_a_file(tmp_path: Path, name: str) -> None:
    plan = rnnspec.compile(character_net())
    ids = np.random.default_rng(0).integers(0, 7, (3, 40))
    whole, _ = rnnspec.run(plan, ids)
    session = Session(plan, 3)
    session.run(ids[:, :23])
    path = tmp_path / name
    save_state(session.state(), path, structure=rnnspec.structure(plan.model))
    assert path.read_bytes()[:1] == (b"{" if name.endswith(".json") else b"\x84")
    assert [found.name for found in tmp_path.iterdir()] == [name]
    other = Session(rnnspec.compile(character_net()), 3)
    other.restore(load_state(path))
    assert (bits(other.run(ids[:, 23:])) == bits(whole[:, 23:])).all()


def test_a_failed_save_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "state"
    save_state(STATE, str(path))
    before = path.read_bytes()
    path.chmod(0o640)
    with pytest.raises(RnnspecError):
        save_state({"l": {"h": [[np.nan]]}}, path)
    assert path.read_bytes() == before
    save_state({}, path, "json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["state"]  # noqa: PTH208 - names alone


def test_a_state_that_does_not_fit_is_refused_by_the_session() -> None:
    session = Session(rnnspec.compile(feature_net()))
    with pytest.raises(RnnspecError) as caught:
        session.restore(load_state(as_json(document())))
    assert caught.value.code == "RUN_STATE"


# --- writing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"l": {"h": [1, 2]}}, "RUN_STATE"),
        ({"l": {"h": [[[1]]]}}, "RUN_STATE"),
        ({"l": {"h": [["a"]]}}, "RUN_STATE"),
        ({"l": {"h": [[True]]}}, "RUN_STATE"),
        ({"l": {"h": np.zeros((0, 2))}}, "RUN_STATE"),
        ({"l": {"h": np.zeros((2, 0))}}, "RUN_STATE"),
        ({"l": {"h": [[1]], "c": [[1], [2]]}}, "RUN_STATE"),
        ({"l": {"h": [[1]]}, "m": {"h": [[1], [2]]}}, "RUN_STATE"),
        ({"l": {"c": [[1]]}}, "RUN_STATE"),
        ({"l": {}}, "RUN_STATE"),
        ({"l": {"h": [[1]], "x": [[1]]}}, "RUN_STATE"),
        ({"l": {"h_reverse": [[1]]}}, "RUN_STATE"),
        ({"l": {"h": [[1]], "c_reverse": [[1], [2]]}}, "RUN_STATE"),
        ({"l": {"h": [[1]], "c_reverse": [[np.nan]]}}, "RUN_NONFINITE_INPUT"),
        ({"": {"h": [[1]]}}, "STRUCTURE_NAME"),
        ({"l": {"h": [[np.inf]]}, "m": {"h": [1]}}, "RUN_STATE"),
        ({"l": {"h": [[np.inf]]}}, "RUN_NONFINITE_INPUT"),
        ({"l": {"h": [[np.nan]]}}, "RUN_NONFINITE_INPUT"),
        ({"l": {"h": [[1e39]]}}, "RUN_NONFINITE_INPUT"),
        ({"9\u202e": {"h": [[1]]}}, "STRUCTURE_NAME"),
    ],
)
def test_what_is_no_state_is_not_written(state: Any, code: str) -> None:  # noqa: ANN401 - anything
    for encoding in ENCODINGS:
        with pytest.raises(RnnspecError) as caught:
            state_to_bytes(state, encoding)
        assert caught.value.code == code
        assert str(caught.value).isprintable()


def test_other_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="no such encoding"):
        state_to_bytes(STATE, "xml")  # type: ignore[arg-type] # that is the point
    with pytest.raises(RnnspecError) as caught:
        state_to_bytes(STATE, "json", "AB" * 32)
    assert caught.value.code == "STRUCTURE_ENUM"


def test_lists_and_float64_are_rounded_once() -> None:
    again = load_state(state_to_bytes({"l": {"h": [[0.1]], "c": np.full((1, 1), 0.1)}}))
    assert again["l"]["h"] == again["l"]["c"] == np.float32(0.1)


# --- reading --------------------------------------------------------------------------------------


def findings(top: Json, *, try_anyway: bool = False) -> set[tuple[str, int | str]]:
    data = top if isinstance(top, bytes) else as_json(top)
    issues = validate_state(data, try_anyway=try_anyway)
    if any(issue.severity == "error" for issue in issues):
        with pytest.raises(RnnspecError) as caught:
            load_state(data, try_anyway=try_anyway)
        assert list(caught.value.issues) == issues
    assert all(re.fullmatch(r"[ -~…é]+", str(issue)) for issue in issues)
    return {(issue.code, issue.place) for issue in issues}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rnnspec": ...}, {("VERSION_MISSING", "")}),
        ({"rnnspec": "2.0"}, {("VERSION_UNSUPPORTED", "/rnnspec")}),
        ({"state": ...}, {("STRUCTURE_MISSING", "/state")}),
        ({"tensors": ...}, {("STRUCTURE_MISSING", "/tensors")}),
        ({"layers": []}, {("STRUCTURE_UNKNOWN_KEY", "/layers")}),
        ({"extensions": {}}, {("STRUCTURE_UNKNOWN_KEY", "/extensions")}),
        ({"metadata": []}, {("STRUCTURE_TYPE", "/metadata")}),
        ({"structure": 1}, {("STRUCTURE_TYPE", "/structure")}),
        ({"structure": "A" * 64}, {("STRUCTURE_ENUM", "/structure")}),
        ({"structure": "a" * 63}, {("STRUCTURE_ENUM", "/structure")}),
        ({"structure": "a" * 64 + "\n"}, {("STRUCTURE_ENUM", "/structure")}),
        ({"state": {"9": {"h": "x", "d": "y"}}}, {("STRUCTURE_NAME", "/state/9"), ("STRUCTURE_UNKNOWN_KEY", "/state/9/d")}),
        ({"state": {"l": {"c": "x"}}}, {("STRUCTURE_MISSING", "/state/l/h")}),
        ({"state": {"l": {"h": "x"}, "g": {"h": "z"}}}, {("TENSOR_UNUSED", "/tensors/y")}),
        ({"state": {"l": {"h": "x", "c": "x"}, "g": {"h": "w"}}}, {("TENSOR_REUSED", "/state/l/c"), ("TENSOR_UNKNOWN", "/state/g/h"), ("TENSOR_UNUSED", "/tensors/y"), ("TENSOR_UNUSED", "/tensors/z")}),
    ],
)  # fmt: skip
def test_faults_of_a_document(change: Json, expected: set[tuple[str, str]]) -> None:
    top = {**document(), **change}
    assert findings({name: value for name, value in top.items() if value is not ...}) == expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ({"shape": [2]}, {("TENSOR_SHAPE", "/state/l/h")}),  # then y says N = 2
        ({"shape": [1, 2]}, {("TENSOR_SHAPE", "/state/l/c"), ("TENSOR_SHAPE", "/state/g/h")}),
        ({"shape": [2, 1, 1]}, {("TENSOR_SHAPE", "/state/l/h")}),
        ({"dtype": "float16", "data": "AAAAAA=="}, {("TENSOR_DTYPE", "/state/l/h")}),
        ({"data": [1]}, {("TENSOR_LENGTH", "/tensors/x/data")}),
        ({"data": [1, 4e38]}, {("TENSOR_NONFINITE", "/tensors/x/data")}),
        ({"extensions": {"A_b": 1}}, set()),
        ({"extensions": {"a_b": 1}}, {("STRUCTURE_NAME", "/tensors/x/extensions/a_b")}),
    ],
)
def test_faults_of_a_tensor(x: Json, expected: set[tuple[str, str]]) -> None:
    top = document()
    top["tensors"]["x"] |= x
    assert findings(top) == expected


def test_trying_anyway() -> None:
    top = {**document(), "rnnspec": "1.0-draft.9"}
    assert findings(top, try_anyway=True) == {("VERSION_TRIED", "/rnnspec")}
    assert list(load_state(as_json(top), try_anyway=True)) == ["l", "g"]
    del top["state"]
    assert findings(top, try_anyway=True) == {("VERSION_TRIED", "/rnnspec"), ("STRUCTURE_MISSING", "/state")}  # fmt: skip


def test_every_prefix_is_refused() -> None:
    for encoding in ENCODINGS:
        data = state_to_bytes(STATE, encoding)
        for length in range(len(data) - 1):
            assert findings(data[:length])


# --- both directions ------------------------------------------------------------------------------

BOTH = {
    "l": {
        "c_reverse": np.full((1, 3), 4, np.float32),
        "h_reverse": np.full((1, 2), 3, np.float32),
        "c": np.full((1, 3), 2, np.float32),
        "h": np.full((1, 2), 1, np.float32),
    },
    "m": {"h_reverse": np.zeros((1, 1), np.float32), "h": np.ones((1, 1), np.float32)},
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_four_arrays(encoding: Encoding) -> None:
    data = state_to_bytes(BOTH, encoding)
    again = load_state(data)
    assert list(again["l"]) == ["h", "c", "h_reverse", "c_reverse"]
    assert list(again["m"]) == ["h", "h_reverse"]
    for layer, arrays in BOTH.items():
        for role, values in arrays.items():
            assert (bits(again[layer][role]) == bits(values)).all()
    found: Json = json.loads(data) if encoding == "json" else msgpack.unpackb(data)
    assert list(found["state"]["l"]) == ["h", "c", "h_reverse", "c_reverse"]


def test_references_of_four_arrays_stand_in_order() -> None:
    top = document()
    top["state"]["l"] = {"c_reverse": "x", "h": "x", "h_reverse": "y"}
    assert findings(top) == {("TENSOR_REUSED", "/state/l/c_reverse")}
    top["state"]["l"] = {"c_reverse": "x", "c": "y"}
    assert findings(top) == {("STRUCTURE_MISSING", "/state/l/h")}
    top["state"]["l"] = {"h": "x", "h_forward": "y"}
    assert findings(top) == {("STRUCTURE_UNKNOWN_KEY", "/state/l/h_forward")}
