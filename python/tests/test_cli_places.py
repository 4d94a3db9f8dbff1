"""Lines and columns of what JSON Pointers name."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rnnspec.cli.places import Place, locate, places
from rnnspec.issue import Issue, child

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


def pointers(value: Any, at: str = "") -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Every pointer into a value, with what is there."""
    found = {at: value}
    if isinstance(value, dict):
        for key, member in value.items():
            found |= pointers(member, child(at, key))
    elif isinstance(value, list):
        for k, element in enumerate(value):
            found |= pointers(element, child(at, k))
    return found


@given(
    st.dictionaries(st.text(), VALUES), st.sampled_from([None, 1, "\t"]), st.booleans(), st.data()
)
def test_what_stands_there_is_what_the_pointer_names(
    value: dict[str, Any],
    indent: int | str | None,
    ascii_only: bool,
    data: st.DataObject,
) -> None:
    text = " \n" + json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which no file has
        return
    known = pointers(value)
    wanted = data.draw(st.lists(st.sampled_from(sorted(known)), min_size=1))
    found = locate(raw, wanted)
    decoder = json.JSONDecoder()
    for pointer in wanted:
        key, at = found[pointer]
        assert decoder.raw_decode(raw[at:].decode())[0] == known[pointer]
        name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        parent = known[pointer.rpartition("/")[0]]
        if pointer and isinstance(parent, dict):
            assert decoder.raw_decode(raw[key:].decode())[0] == name


def test_line_and_column() -> None:
    text = '{\n "a": [1, 2],\n "ü": {"b\\"]": 3}\n}'
    data = text.encode()

    def at(code: str, pointer: str) -> Place | None:
        return places(data, [Issue(code, pointer, {})])[0]

    assert at("STRUCTURE_TYPE", "/a") == (2, 7)
    assert at("STRUCTURE_TYPE", "/a/1") == (2, 11)
    assert at("STRUCTURE_TYPE", '/ü/b"]') == (3, 16)
    assert at("STRUCTURE_UNKNOWN_KEY", '/ü/b"]') == (3, 8)  # the key, not its value
    assert at("STRUCTURE_MISSING", "/ü/c") == (3, 7)  # the object that lacks it
    assert at("STRUCTURE_MISSING", "/c/d") == (1, 1)
    assert at("VERSION_MISSING", "") == (1, 1)


def test_offsets_and_other_encodings() -> None:
    data = b'{"a":\n nul}'
    issues = [Issue("SYNTAX_UNEXPECTED", 7, {}), Issue("LIMIT_SIZE", 0, {})]
    assert places(data, issues) == [(2, 2), None]
    assert places(b"\x81\xa1a\x01", [Issue("STRUCTURE_TYPE", "/a", {})]) == [None]
    assert places(b'{"a": "\xe9"}', [Issue("BYTES_UTF8", 7, {})]) == [(1, 8)]
