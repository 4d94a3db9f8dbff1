"""Comparison of probed layers, of CTC, and of documents whose defaults are written out."""

from typing import Any

import pytest

from conformance.case import Case
from conformance.compare import differences
from conformance.compare_arrays import MalformedError
from conformance.compare_documents import kept
from conformance.generator.change import put
from conformance.generator.wired import layer, net
from conformance.generator.write_json import tight_bytes
from conformance.messages import Answer
from conformance.oracle.reader import read

ONE = {"shape": [1], "bits": "3f800000"}
TWO = {"shape": [1], "bits": "40000000"}


def run_case(probe: dict[str, Any]) -> Case:
    chunk = {"output": ONE, "state": {}, "probe": probe}
    return Case("a/b", "", ("run-8",), ("json",), "", "run", {"chunks": [chunk]})


def told(probe: object) -> list[str]:
    chunk = {"output": ONE, "state": {}} | ({} if probe is None else {"probe": probe})
    case = run_case({"x": ONE, "y": TWO})
    return differences(case, Answer("result", {"chunks": [chunk]}), player=False)


def test_probed_layers_are_compared() -> None:
    assert told({"y": TWO, "x": ONE}) == []
    assert told({"x": ONE, "y": ONE}) == [
        "chunks[0].probe.y[0]: expected 2 (40000000), got 1 (3f800000); 1 of 1 elements differ"
    ]
    assert told({"x": ONE}) == ["chunks[0].probe: expected the layers ['x', 'y'], got ['x']"]
    assert told({"x": ONE, "y": TWO, "z": ONE})


@pytest.mark.parametrize("probe", [None, [], {"x": ONE, "y": {"shape": [1]}}])
def test_a_probe_that_is_none(probe: object) -> None:
    with pytest.raises(MalformedError):
        told(probe)


def test_ctc_is_compared_row_by_row() -> None:
    expect = {"ids": [[1], [2, 3]], "text": ["a", "bc"]}
    case = Case("a/b", "", ("decode-8",), ("json",), "", "ctc", expect)
    assert differences(case, Answer("result", expect), player=True) == []
    wrong = expect | {"ids": [[1], [2]]}
    assert differences(case, Answer("result", wrong), player=True)


def test_defaults_may_be_written_or_not() -> None:
    plain = net(layer("a", "dense", size=2), layer("b", "elman", size=1))
    written = put(put(plain, ["layers", 0, "inputs"], ["input"]), ["layers", 1, "inputs"], ["a"])
    written = put(put(written, ["layers", 1, "direction"], "forward"), ["layers", 1, "output"], "sequence")  # fmt: skip
    other = put(written, ["layers", 1, "direction"], "reverse")
    documents = [read(tight_bytes(document)).document for document in (plain, written, other)]
    one, same, different = (kept(document) for document in documents if document is not None)
    assert one == same
    assert one != different
