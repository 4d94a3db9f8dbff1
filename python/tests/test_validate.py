import copy
import random
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnspec
from rnnspec import Limits, RnnspecError, load, validate

from .nets import Json, as_json, document


def findings(value: Json, limits: Limits | None = None) -> set[tuple[str, int | str]]:
    found = validate(value if isinstance(value, bytes) else as_json(value), limits)
    assert all(str(issue) for issue in found)
    return {(issue.code, issue.place) for issue in found}


def changed(path: str, value: Json) -> Json:
    """The document with another value at a place; `...` removes the member."""
    top = document()
    inner: Any = top
    *way, last = path.split("/")
    for step in way:
        inner = inner[int(step) if isinstance(inner, list) else step]
    key: Any = int(last) if isinstance(inner, list) else last
    if value is ...:
        del inner[key]
    else:
        inner[key] = value
    return top


def test_the_document_is_valid() -> None:
    assert findings(document()) == set()


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "BYTES_EMPTY", 0),
        (b"PK\x03\x04", "BYTES_FOREIGN", 0),
        (b"\x80\x04\x95", "BYTES_FOREIGN", 0),
        (b" \n<html>", "BYTES_FOREIGN", 0),
        (b"version https://git-lfs.github.com/spec/v1", "BYTES_FOREIGN", 0),
        (b"\xef\xbb\xbf{}", "BYTES_BOM", 0),
        (b"  ", "BYTES_UNRECOGNISED", 2),
        (b" [1]", "BYTES_UNRECOGNISED", 1),
        (b" \x80", "BYTES_UNRECOGNISED", 1),
        (b'{"a":"\xff"', "BYTES_UTF8", 6),
        (b'{"a":"\xe2\x82', "BYTES_UTF8", 6),
    ],
)
def test_bytes(data: bytes, code: str, place: int) -> None:
    assert findings(data) == {(code, place)}


@pytest.mark.parametrize("sequence", ["é", "€", "😀"])
@pytest.mark.parametrize("short", [1, 2, 3])
def test_utf8_across_the_pieces_it_is_checked_in(sequence: str, short: int) -> None:
    piece = 1 << 18
    head = b'{"' + b" " * (piece - 2 - short)
    assert findings(head + sequence.encode() * piece) == {("SYNTAX_END", len(head) + len(sequence.encode()) * piece)}  # fmt: skip
    for cut in range(1, len(sequence.encode())):
        bad = head + sequence.encode()[:cut] + b" " * piece
        assert findings(bad) == {("BYTES_UTF8", len(head))}
        assert findings(head + sequence.encode()[:cut]) == {("BYTES_UTF8", len(head))}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("rnnspec", ..., {("VERSION_MISSING", "")}),
        ("rnnspec", 1, {("VERSION_MALFORMED", "/rnnspec")}),
        ("rnnspec", "01.0", {("VERSION_MALFORMED", "/rnnspec")}),
        ("rnnspec", "1.0\n", {("VERSION_MALFORMED", "/rnnspec")}),
        ("rnnspec", "1.0", {("VERSION_UNSUPPORTED", "/rnnspec")}),
        ("rnnspec", "1.0-draft.0", {("VERSION_UNSUPPORTED", "/rnnspec")}),
        ("name", None, {("STRUCTURE_TYPE", "/name")}),
        ("other/x", 1, {("STRUCTURE_UNKNOWN_KEY", "/other")}),
        ("layers", [], {("STRUCTURE_LENGTH", "/layers")}),
        ("layers/0/type", "peephole", {("STRUCTURE_ENUM", "/layers/0/type")}),
        ("layers/0/type", ..., {("STRUCTURE_MISSING", "/layers/0/type")}),
        ("layers/0/size", 2.5, {("STRUCTURE_TYPE", "/layers/0/size")}),
        ("layers/0/size", True, {("STRUCTURE_TYPE", "/layers/0/size")}),
        ("layers/0/size", 0, {("STRUCTURE_RANGE", "/layers/0/size")}),
        ("layers/0/size", 65537, {("STRUCTURE_RANGE", "/layers/0/size")}),
        ("layers/0/name", "9", {("STRUCTURE_NAME", "/layers/0/name")}),
        ("layers/0/name", "a" * 129, {("STRUCTURE_NAME", "/layers/0/name")}),
        ("layers/0/parameters/E", ..., {("STRUCTURE_MISSING", "/layers/0/parameters/E")}),
        ("layers/1/parameters/c", "W", {("STRUCTURE_UNKNOWN_KEY", "/layers/1/parameters/c")}),
        ("vocabularies/v/tokens/0", "ab", {("STRUCTURE_TOKEN", "/vocabularies/v/tokens/0")}),
        ("vocabularies/v/start", -1, {("STRUCTURE_RANGE", "/vocabularies/v/start")}),
        ("vocabularies/v/unit", "word", {("STRUCTURE_ENUM", "/vocabularies/v/unit")}),
        ("vocabularies/v/unit", "byte", {("STRUCTURE_TOKEN", f"/vocabularies/v/tokens/{k}") for k in range(3)}),
        ("vocabularies/v/separator", " ", {("STRUCTURE_UNKNOWN_KEY", "/vocabularies/v/separator")}),
        ("decoding/temperature", ..., {("STRUCTURE_MISSING", "/decoding/temperature")}),
        ("decoding/mode", "greedy", {("STRUCTURE_UNKNOWN_KEY", "/decoding/temperature")}),
        ("decoding/mode", "best", {("STRUCTURE_ENUM", "/decoding/mode")}),
        ("decoding/temperature", 0, {("STRUCTURE_RANGE", "/decoding/temperature")}),
        ("examples/0/kind", "exact", {("STRUCTURE_UNKNOWN_KEY", "/examples/0/source"), ("STRUCTURE_UNKNOWN_KEY", "/examples/0/tolerance")}),
        ("examples/0/input", [], {("STRUCTURE_LENGTH", "/examples/0/input")}),
        ("examples/0/input", [[]], {("STRUCTURE_LENGTH", "/examples/0/input/0")}),
        ("examples/0/input/0/1", -1, {("STRUCTURE_RANGE", "/examples/0/input/0/1")}),
        ("tensors/E/shape", [3, 2, 1, 1], {("STRUCTURE_LENGTH", "/tensors/E/shape")}),
        ("tensors/E/shape/0", 0, {("STRUCTURE_RANGE", "/tensors/E/shape/0")}),
        ("tensors/E/shape", [2**31 - 1] * 3, {("LIMIT_ELEMENTS", "/tensors/E/shape")}),
        ("tensors/E/data/3", None, {("STRUCTURE_TYPE", "/tensors/E/data/3")}),
        ("tensors/E/data", {}, {("STRUCTURE_TYPE", "/tensors/E/data")}),
        ("tensors/E/data", "AAA", {("STRUCTURE_BASE64", "/tensors/E/data")}),
        # agreement
        ("layers/1/name", "e", {("NAME_REPEATED", "/layers/1/name"), ("LAYER_UNKNOWN", "/examples/0/final_state/l"), ("STATE_INCOMPLETE", "/examples/0/final_state")}),
        ("layers/0/name", "input", {("NAME_RESERVED", "/layers/0/name")}),
        ("input/vocabulary", "w", {("VOCABULARY_UNKNOWN", "/input/vocabulary")}),
        ("vocabularies/w", {"unit": "codepoint", "tokens": ["", "a", "a"]}, {("VOCABULARY_UNUSED", "/vocabularies/w"), ("VOCABULARY_EMPTY", "/vocabularies/w/tokens/0"), ("VOCABULARY_REPEATED", "/vocabularies/w/tokens/2")}),
        ("vocabularies/v/start", 3, {("ID_RANGE", "/vocabularies/v/start")}),
        ("layers/0/parameters/E", "F", {("TENSOR_UNKNOWN", "/layers/0/parameters/E"), ("TENSOR_UNUSED", "/tensors/E")}),
        ("layers/1/parameters/R", "W", {("TENSOR_REUSED", "/layers/1/parameters/R"), ("TENSOR_UNUSED", "/tensors/R")}),
        ("layers/0/size", 3, {("TENSOR_SHAPE", "/layers/0/parameters/E"), ("TENSOR_SHAPE", "/layers/1/parameters/W")}),
        ("tensors/E/dtype", "float16", {("TENSOR_ENCODING", "/tensors/E/data")}),
        ("tensors/h", {"dtype": "float16", "shape": [1, 1], "data": "ADw="}, {("TENSOR_DTYPE", "/examples/0/final_state/l/h")}),
        ("tensors/E/data", [1, 2, 3, 4, 5], {("TENSOR_LENGTH", "/tensors/E/data")}),
        ("tensors/R/data", "AAAA", {("TENSOR_LENGTH", "/tensors/R/data")}),
        ("tensors/E/data/5", 4e38, {("TENSOR_NONFINITE", "/tensors/E/data")}),
        ("tensors/b/data", "ADwAPAA8AHw=", {("TENSOR_NONFINITE", "/tensors/b/data")}),
        ("output/kind", "logits", {("OUTPUT_KIND", "/output/kind")}),
        ("output/vocabulary", ..., {("DECODING_OUTPUT", "/decoding")}),
        ("output/labels", ["x"], {("LABELS_COUNT", "/output/labels")}),
        ("examples/0/input", "E", {("EXAMPLE_INPUT", "/examples/0/input"), ("TENSOR_REUSED", "/examples/0/input")}),
        ("examples/0/input/0/0", 3, {("ID_RANGE", "/examples/0/input/0/0")}),
        ("examples/0/lengths", [1, 2], {("LABELS_COUNT", "/examples/0/lengths")}),
        ("examples/0/lengths", [3], {("ID_RANGE", "/examples/0/lengths/0")}),
        ("examples/0/final_state/l/c", ..., {("STATE_INCOMPLETE", "/examples/0/final_state/l"), ("TENSOR_UNUSED", "/tensors/c")}),
    ],
)  # fmt: skip
def test_structure_and_agreement(path: str, value: Json, expected: set[tuple[str, str]]) -> None:
    if path == "other/x":
        assert findings({**document(), "other": value}) == expected
    else:
        assert findings(changed(path, value)) == expected


def test_errors_are_not_crowded_out_by_warnings() -> None:
    tokens = ["a"] * 300
    top = changed("vocabularies/v/tokens", tokens)
    found = validate(as_json(top))
    assert len(found) == 100
    assert found[0].severity == "error"
    assert {issue.code for issue in found} >= {"VOCABULARY_SIZE", "TENSOR_SHAPE"}


def test_many_errors_are_capped() -> None:
    assert len(validate(as_json(changed("vocabularies/v/tokens", ["ab"] * 300)))) == 100


def test_warnings_do_not_stop_a_load() -> None:
    top = changed("vocabularies/v/tokens", ["a", "", "a"])
    assert findings(top) == {("VOCABULARY_REPEATED", "/vocabularies/v/tokens/2")}
    load(as_json(top))


def test_metadata_may_be_anything_but_bytes() -> None:
    top = document()
    top["metadata"] = {"deep": [{"bytes": b"x"}]}
    del top["tensors"]
    packed = msgpack.packb(top)
    assert ("STRUCTURE_TYPE", "/metadata/deep/0/bytes") in findings(packed)


def as_msgpack(value: Json) -> bytes:
    return rnnspec.to_bytes(load(as_json(value)), "msgpack")


@pytest.mark.parametrize("data", [as_json(document()), as_msgpack(document())])
def test_every_prefix_and_every_extra_byte_is_refused(data: bytes) -> None:
    assert findings(data) == set()
    for length in range(len(data)):
        with pytest.raises(RnnspecError):
            load(data[:length])
    with pytest.raises(RnnspecError):
        load(data + b"x")


@pytest.mark.parametrize("data", [as_json(document()), as_msgpack(document())])
def test_no_changed_bit_crashes_it(data: bytes) -> None:
    generator = random.Random(0)
    for _ in range(1500):
        spoilt = bytearray(data)
        spoilt[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        for issue in validate(bytes(spoilt)):
            assert str(issue).isprintable()


ODD: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, -1, 0, 2.5, 1e300, "", "W", "\u202e", [], [[]], {}, {"h": "W"}, [1, [2]], "AAAA", 10**9]
)  # fmt: skip


@given(st.data())
def test_no_odd_value_anywhere_crashes_it(data: st.DataObject) -> None:
    top = document()
    for _ in range(data.draw(st.integers(1, 4))):
        inner: Any = top
        while isinstance(inner, dict | list) and inner:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            key = data.draw(st.sampled_from(keys))
            if data.draw(st.integers(0, 2)) == 0 or not isinstance(inner[key], dict | list):
                inner[key] = copy.deepcopy(data.draw(ODD))
                break
            inner = inner[key]
    issues = validate(as_json(top))
    assert len({issue.stage for issue in issues}) <= 1
    assert all(str(issue).isprintable() for issue in issues)
    if not any(issue.severity == "error" for issue in issues):
        rnnspec.compile(load(as_json(top)))


def test_limits_can_be_raised_and_lowered() -> None:
    assert findings(document(), Limits(layers=3)) == {("LIMIT_LAYERS", "/layers")}
    assert findings(document(), Limits(elements=7)) == {("LIMIT_ELEMENTS", "/tensors/W/shape")}  # fmt: skip
    size = len(as_json(document()))
    assert findings(document(), Limits(size=size)) == set()
    assert findings(document(), Limits(size=size - 1)) == {("LIMIT_SIZE", 0)}
    for wrong in (-1, 1.5, True):
        with pytest.raises(ValueError, match="the limit size"):
            Limits(size=wrong)  # type: ignore[arg-type] # that is the point


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.rnn"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert [issue.code for issue in validate(path)] == ["LIMIT_SIZE"]


def test_a_path_and_its_bytes_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "net.rnn.json"
    path.write_bytes(as_json(document()))
    assert load(path) == load(str(path)) == load(path.read_bytes())
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent")


def test_arrays_of_a_model_are_those_of_the_file() -> None:
    tensors = load(as_json(document())).tensors
    assert tensors["R"].values.tolist() == [[1, 1, 1, 1]]
    assert tensors["b"].dtype == "float16"
    assert tensors["b"].values.tolist() == [1, 1, 1, 1]
    assert tensors["E"].values.tolist() == np.array([[0.5, -1], [1e-3, 0], [2.25, 17]], np.float32).tolist()  # fmt: skip
