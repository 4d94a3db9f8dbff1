"""What a runtime wrote: each way to be wrong must be told, and what is free must not."""

import base64
from typing import Any

import pytest

from conformance.case import Case, Document
from conformance.compare_arrays import MalformedError
from conformance.compare_documents import compare_converted, compare_written_state
from conformance.generator.build import array, dense_net, json_bytes, msgpack_bytes, tensor
from conformance.generator.change import put, without
from conformance.generator.full_cells import ACME, whole_elman
from conformance.generator.saved_state_rows import one_layer, saved

DIGEST = "0" * 64


def answer(data: bytes) -> dict[str, Any]:
    return {"document": base64.b64encode(data).decode()}


def asked(command: str, request: dict[str, Any], document: Document | None = None) -> Case:
    return Case(
        id="fake/case", title="t", requirements=("saved-4",), features=(), catches="c",
        command=command, request=request, expect={"encoding": "json"}, document=document,
    )  # fmt: skip


STATE = {"memory": {"h": array([1, 2], [1.0, -0.0])}}
WRITE = asked("write_state", {"state": STATE, "encoding": "json"})
RIGHT = one_layer({"h": tensor([1, 2], [1.0, -0.0], as_bytes=True)})


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        (RIGHT, None),
        (RIGHT | {"$schema": "x"}, "another order"),
        (put(RIGHT, ["metadata"], {}), "another order"),
        (RIGHT | {"structure": DIGEST}, "structure: expected None"),
        (one_layer({"h": tensor([1, 2], [1.0, 0.0])}), "state.memory.h[0, 1]: expected -0"),
        (one_layer({"h": tensor([2, 1], [1.0, -0.0], as_bytes=True)}), "expected shape [1, 2]"),
        (saved({"other": ["h"]}), "expected the members ['memory']"),
        (saved({"memory": ["h", "c"]}), "expected the members ['h']"),
        (without(RIGHT, "state"), "invalid"),
        (dense_net(), "invalid"),
    ],
)
def test_written_states(document: dict[str, Any], detail: str | None) -> None:
    found = compare_written_state(WRITE, answer(json_bytes(document)))
    assert (not found) == (detail is None), found
    assert detail is None or any(detail in line for line in found), found


def test_a_state_in_the_other_encoding() -> None:
    found = compare_written_state(WRITE, answer(msgpack_bytes(RIGHT)))
    assert found == ["document: expected json, got msgpack"]


def test_no_document() -> None:
    with pytest.raises(MalformedError):
        compare_written_state(WRITE, {"document": "?"})


def test_extensions_and_defaults_are_free_in_a_conversion() -> None:
    net = put(whole_elman(), ["layers", 0, "output"], "sequence") | {"extensions": ACME}
    dropped = without(net, "layers__0__extensions", "layers__0__output", "extensions")
    case = asked("convert", {"encoding": "json"}, Document(json_bytes(net)))
    assert compare_converted(case, answer(json_bytes(dropped))) == []
    final = put(dropped, ["layers", 0, "output"], "final")
    assert compare_converted(case, answer(json_bytes(final)))
    alpha = put(dropped, ["layers", 0, "activation", "alpha"], 1.25)
    assert compare_converted(case, answer(json_bytes(alpha)))
