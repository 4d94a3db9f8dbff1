import contextlib
import struct
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec.issue import RnnspecError
from rnnspec.limits import Limits
from rnnspec.msgpack_reader import read_msgpack

Read: TypeAlias = Any  # values of tests are compared, not typed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=34)
SCALAR = (
    st.none()
    | st.booleans()
    | TEXT
    | st.binary(max_size=40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**64 - 1)
)
VALUES = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(TEXT, inner, max_size=20),
    max_leaves=25,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=5)


def read(data: bytes, **limits: int) -> Read:
    return read_msgpack(data, Limits(**limits))


def fault(data: bytes, **limits: int) -> tuple[str, int | str]:
    with pytest.raises(RnnspecError) as caught:
        read(data, **limits)
    (issue,) = caught.value.issues
    assert str(issue)
    return issue.code, issue.place


def as_binary64(value: Read) -> Read:
    if isinstance(value, dict):
        return {key: as_binary64(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_binary64(element) for element in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(OBJECTS, st.booleans())
def test_reads_what_msgpack_writes(value: dict[str, Any], single: bool) -> None:
    data = msgpack.packb(value, use_single_float=single and no_large_float(value))
    assert read(data) == as_binary64(msgpack.unpackb(data))


def no_large_float(value: Read) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return all(no_large_float(element) for element in inner)
    return not isinstance(value, float) or abs(value) < 3e38


@settings(max_examples=30)
@given(OBJECTS)
def test_every_prefix_ends_too_early(value: dict[str, Any]) -> None:
    data = msgpack.packb(value)
    for length in range(1, len(data)):
        code, place = fault(data[:length])
        assert code == "SYNTAX_END"
        assert isinstance(place, int)
        assert 0 <= place <= length


@given(st.sampled_from([0x80, 0x81, 0x82, 0x8F, 0xDE, 0xDF]), st.binary(max_size=60))
def test_no_bytes_crash_it(first: int, data: bytes) -> None:
    with contextlib.suppress(RnnspecError):
        read(bytes([first]) + data)


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"\x81", "SYNTAX_END", 0),  # half as many members
        (b"\x81\xa1a", "SYNTAX_END", 3),
        (b"\x81\xa5a.", "SYNTAX_END", 1),
        (b"\x81\xa1a\xcd\x00", "SYNTAX_END", 3),
        (b"\x81\xa1a\xdc\x00", "SYNTAX_END", 3),
        (b"\x81\xa1a\x92\x01", "SYNTAX_END", 3),
        (b"\x81\xa1a\x81\x01", "SYNTAX_END", 3),
        (b"\xde\x00", "SYNTAX_END", 0),
        (b"\xdf\xff\xff\xff\xff", "SYNTAX_END", 0),
        (b"\x81\xa1a\xdd\xff\xff\xff\xff", "SYNTAX_END", 3),
        (b"\x81\xa1a\xc6\xff\xff\xff\xff", "SYNTAX_END", 3),
        (b"\x81\x01\x01", "SYNTAX_KEY", 1),
        (b"\x81\xc4\x01", "SYNTAX_KEY", 1),
        (b"\x81\xc1\x01", "SYNTAX_FORMAT", 1),
        (b"\x81\xa1a\xc1", "SYNTAX_FORMAT", 3),
        (b"\x81\xa1a\xd6\xff\x00\x00\x00\x00", "SYNTAX_FORMAT", 3),
        (b"\x81\xa1a\xc7\x00\x00", "SYNTAX_FORMAT", 3),
        (b"\x82\xa1a\x01\xa1a\x02", "SYNTAX_DUPLICATE_KEY", 4),
        (b"\x82\xa1a\x01\xd9\x01a\x02", "SYNTAX_DUPLICATE_KEY", 4),
        (b"\x81\xa3a\xc3(\x01", "SYNTAX_UTF8", 3),
        (b"\x81\xa1a\xa3\xed\xa0\x80", "SYNTAX_UTF8", 4),
        (b"\x81\xa1a\xca\x7f\x80\x00\x00", "SYNTAX_NUMBER_RANGE", 3),
        (b"\x81\xa1a\xcb\x7f\xf8" + bytes(6), "SYNTAX_NUMBER_RANGE", 3),
        (b"\x80\x00", "SYNTAX_TRAILING", 1),
    ],
)
def test_places(data: bytes, code: str, place: int) -> None:
    assert fault(data) == (code, place)


@pytest.mark.parametrize(
    ("data", "limits", "code", "place"),
    [
        (b"\x81\xa1a\x91\x91\x01", {"depth": 2}, "LIMIT_DEPTH", 4),
        (b"\x81\xa1a\x91\x95", {"depth": 2}, "LIMIT_DEPTH", 4),
        (b"\x81\xa1a\xa3xyz", {"string": 2}, "LIMIT_STRING", 3),
        (b"\x81\xa1a\xa3xy", {"string": 2}, "SYNTAX_END", 3),
        (b"\x81\xa1a\xa3\xff\xff\xff", {"string": 2}, "LIMIT_STRING", 3),
        (b"\x82\xa1a\x01\xa1b\x01", {"members": 1}, "LIMIT_MEMBERS", 0),
        (b"\x82\xa1a", {"members": 1}, "SYNTAX_END", 0),
        (b"\x81\xa1a\x92\x01\x01", {"values": 3}, "LIMIT_VALUES", 5),
        (b"\x81\xa1a\xc1", {"values": 1}, "SYNTAX_FORMAT", 3),
        (b"\x81\xa1a\xcd", {"values": 1}, "LIMIT_VALUES", 3),
    ],
)
def test_limits(data: bytes, limits: dict[str, int], code: str, place: int) -> None:
    assert fault(data, **limits) == (code, place)


def test_deep_nesting_ends_in_a_finding() -> None:
    assert fault(b"\x81\xa1a" * 10**6 + b"\x80") == ("LIMIT_DEPTH", 32 * 3)
    read(b"\x81\xa1a" * 200_000 + b"\x80", depth=10**6)


def test_a_bin_is_a_view_and_no_copy() -> None:
    data = b"\x81\xa1a\xc4\x03xyz"
    view = read(data)["a"]
    assert isinstance(view, memoryview)
    assert view.obj is data


def test_integers_are_rounded_to_binary64_once() -> None:
    for number in (2**53 + 1, 2**64 - 1, 2**63 + 1025):
        assert read(b"\x81\xa1a\xcf" + struct.pack(">Q", number))["a"] == float(number)
