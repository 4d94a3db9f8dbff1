import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, build

from .nets import as_json, document


def simple(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any members
    top = {
        "input": {"kind": "features", "size": 1},
        "layers": [{"name": "double", "type": "dense", "size": 2, "parameters": {"W": "W"}}],
        "output": {"kind": "values"},
        "tensors": {"W": np.array([[2, 3]], np.float32)},
    }
    return {name: value for name, value in {**top, **changes}.items() if value is not ...}


def findings(top: Mapping[str, object]) -> set[tuple[str, int | str]]:
    with pytest.raises(RnnspecError) as caught:
        build(top)
    return {(issue.code, issue.place) for issue in caught.value.issues}


def test_it_runs() -> None:
    plan = rnnspec.compile(build(simple()))
    assert rnnspec.run(plan, [[[21]]])[0].tolist() == [[[42, 63]]]


def test_the_same_document_as_a_file_is_the_same_model() -> None:
    """json.loads and load read one text; lists of decimals are arrays here."""
    top = document()
    model = rnnspec.load(as_json(top))
    for name, tensor in top["tensors"].items():
        tensor["data"] = model.tensors[name].array
    assert build(top) == model
    assert build({**top, "tensors": {n: t.array for n, t in model.tensors.items()}}) == model
    assert rnnspec.fingerprint(build(top)) == rnnspec.fingerprint(model)
    text = json.loads(as_json(simple(rnnspec="1.0-draft.3", tensors={"W": {"dtype": "float32", "shape": [1, 2], "data": [0.1, 3]}})))  # fmt: skip
    assert rnnspec.load(as_json(text)) == build(simple(tensors={"W": [[0.1, 3]]}))


@pytest.mark.parametrize(
    "given",
    [
        [[2, 3]],
        ((2.0, 3.0),),
        np.array([[2, 3]]),
        np.array([[2, 3]], ">f4"),
        np.array([[2, 3]], np.int8),
        np.array([[2], [3]], np.float64).T,
        {"data": [[2, 3]]},
        {"dtype": "float32", "shape": [1, 2], "data": [2, 3]},
        {"dtype": "float32", "shape": (1, np.int64(2)), "data": np.array([2, 3], np.float32)},
        {"dtype": "float32", "shape": [1, 2], "data": np.array([2, 3], "<f4").tobytes()},
        MappingProxyType({"data": [[2, 3]], "extensions": {}}),
    ],
)
def test_tensors_of_every_kind(given: object) -> None:
    tensor = build(simple(tensors={"W": given})).tensors["W"]
    assert tensor.dtype == "float32"
    assert tensor.values.tolist() == [[2, 3]]


def test_float16_stays_and_others_are_rounded_once() -> None:
    halves = build(simple(tensors={"W": np.array([[1, 2]], np.float16)})).tensors["W"]
    assert halves.dtype == "float16"
    value = 1 + 2**-24 + 2**-50  # binary64; half way between two binary32, and a little more
    assert build(simple(tensors={"W": [[value, 0]]})).tensors["W"].values[0, 0] == 1 + 2**-23


def test_arrays_are_copied() -> None:
    given = np.array([[2, 3]], np.float32)
    model = build(simple(tensors={"W": given}))
    given[:] = 9
    assert model.tensors["W"].values.tolist() == [[2, 3]]
    with pytest.raises(ValueError, match="read-only"):
        model.tensors["W"].array[0, 0] = 1


def test_the_document_is_left_alone() -> None:
    top = simple()
    before = dict(top)
    build(top)
    assert top == before


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rnnspec": "9.0"}, {("VERSION_UNSUPPORTED", "/rnnspec")}),
        ({"tensors": ...}, {("STRUCTURE_MISSING", "/tensors")}),
        ({"tensors": []}, {("STRUCTURE_TYPE", "/tensors")}),
        ({"tensors": {"W": None}}, {("STRUCTURE_TYPE", "/tensors/W")}),
        ({"tensors": {"W": 3}}, {("STRUCTURE_TYPE", "/tensors/W")}),
        ({"tensors": {"W": {"data": "AAAA", "dtype": "float32", "shape": [1]}}}, {("STRUCTURE_TYPE", "/tensors/W/data")}),
        ({"tensors": {"W": {}}}, {("STRUCTURE_MISSING", f"/tensors/W/{name}") for name in ("dtype", "shape", "data")}),
        ({"tensors": {"W": np.array(3.0)}}, {("STRUCTURE_LENGTH", "/tensors/W/shape")}),
        ({"tensors": {"W": np.zeros((1, 0))}}, {("STRUCTURE_RANGE", "/tensors/W/shape/1")}),
        ({"tensors": {"W": [[1, 2, 3]]}}, {("TENSOR_SHAPE", "/layers/0/parameters/W")}),
        ({"tensors": {"W": [[1, 1e39]]}}, {("TENSOR_NONFINITE", "/tensors/W/data")}),
        ({"tensors": {"W": [[1, float("nan")]]}}, {("TENSOR_NONFINITE", "/tensors/W/data")}),
        ({"tensors": {"W": {"dtype": "float16", "data": [[1, 2]]}}}, {("TENSOR_LENGTH", "/tensors/W/data")}),
        ({"metadata": {"a": [b"x"]}}, {("STRUCTURE_TYPE", "/metadata/a/0")}),
        ({"name": np.bool_(True)}, {("STRUCTURE_TYPE", "/name")}),
        ({"layers": ()}, {("STRUCTURE_LENGTH", "/layers"), }),
        ({"other": 1}, {("STRUCTURE_UNKNOWN_KEY", "/other")}),
    ],
)  # fmt: skip
def test_findings_are_those_of_a_file(changes: Any, expected: Any) -> None:  # noqa: ANN401 - anything
    assert findings(simple(**changes)) == expected


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("changes", "error", "place"),
    [
        ({"metadata": {"a": {1}}}, TypeError, "/metadata/a"),
        ({"metadata": {"a": {1: 2}}}, TypeError, "/metadata/a"),
        ({"metadata": {"a": np.zeros(3)}}, TypeError, "/metadata/a"),
        ({"metadata": {"a": float("inf")}}, ValueError, "/metadata/a"),
        ({"metadata": {"a": 10**400}}, ValueError, "/metadata/a"),
        ({"metadata": {"a": "\ud800"}}, ValueError, "/metadata/a"),
        ({"metadata": {"a": {"\ud800": 1}}}, ValueError, "/metadata/a"),
        ({"metadata": {"a": LOOP}}, ValueError, "/metadata/a/0"),
        ({"tensors": {"W": ["a"]}}, TypeError, "/tensors/W/data"),
        ({"tensors": {"W": [True]}}, TypeError, "/tensors/W/data"),
        ({"tensors": {"W": np.zeros(2, complex)}}, TypeError, "/tensors/W/data"),
        ({"tensors": {"W": [[1], [1, 2]]}}, ValueError, "/tensors/W/data"),
        ({"tensors": {3: [[1]]}}, TypeError, "/tensors"),
    ],
)
def test_what_no_file_can_hold(changes: Any, error: type[Exception], place: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(error, match=f"at {place}[/0…]*:"):
        build(simple(**changes))
