import contextlib
import json
import math
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnspec import json_reader
from rnnspec.issue import RnnspecError
from rnnspec.json_reader import Base64, Decimals, read_json
from rnnspec.limits import DEFAULT, Limits

Read: TypeAlias = Any  # values of tests are compared, not typed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALAR = (
    st.none()
    | st.booleans()
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**20), 10**20)
)
VALUES = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=5)


def read(text: str | bytes, **limits: int) -> Read:
    return read_json(text if isinstance(text, bytes) else text.encode(), Limits(**limits))


def fault(text: str | bytes, **limits: int) -> tuple[str, int | str]:
    with pytest.raises(RnnspecError) as caught:
        read(text, **limits)
    (issue,) = caught.value.issues
    assert str(issue)
    return issue.code, issue.place


@given(OBJECTS, st.booleans(), st.sampled_from([None, 1, "\t\r\n"]))
def test_reads_what_the_standard_library_writes(
    value: dict[str, Any], ascii_only: bool, indent: Read
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read(text) == json.loads(text, parse_int=float)


@settings(max_examples=300)
@given(
    OBJECTS, st.integers(0), st.sampled_from(list('{}[],:"\\ 0-+.eEtfn1u\x00\x1f')), st.booleans()
)
def test_accepts_what_the_standard_library_accepts(
    value: dict[str, Any], at: int, mark: str, insert: bool
) -> None:
    text = json.dumps(value)
    at %= len(text)
    text = text[:at] + mark + text[at + (not insert) :]
    if not text.lstrip(" \t\r\n").startswith("{"):
        return
    try:
        want = json.loads(text, parse_constant=refuse, parse_int=float, object_pairs_hook=strict)
        # No lone surrogates, and nothing infinite.
        json.dumps(want, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        want = None
    try:
        found = read(text)
    except RnnspecError:
        found = None
    assert found == want


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def strict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


@settings(max_examples=30)
@given(OBJECTS)
def test_every_prefix_ends_too_early(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False).encode()
    for length in range(1, len(text)):
        code, place = fault(text[:length])
        if code == "SYNTAX_END":
            assert place == length


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a":01}', "SYNTAX_UNEXPECTED", 6),
        ('{"a":+1}', "SYNTAX_UNEXPECTED", 5),
        ('{"a":1.x}', "SYNTAX_UNEXPECTED", 7),
        ('{"a":1.5.2}', "SYNTAX_UNEXPECTED", 8),
        ('{"a":1e5e2}', "SYNTAX_UNEXPECTED", 8),
        ('{"a":1e5.2}', "SYNTAX_UNEXPECTED", 8),
        ('{"a":1e+}', "SYNTAX_UNEXPECTED", 8),
        ('{"a":-x}', "SYNTAX_UNEXPECTED", 6),
        ('{"a":-', "SYNTAX_END", 6),
        ('{"a":1.', "SYNTAX_END", 7),
        ('{"a":1e', "SYNTAX_END", 7),
        ('{"a":1e-', "SYNTAX_END", 8),
        ('{"a":NaN}', "SYNTAX_UNEXPECTED", 5),
        ('{"a":nul]', "SYNTAX_UNEXPECTED", 5),
        ('{"a":tru', "SYNTAX_END", 8),
        ('{"a":truex}', "SYNTAX_UNEXPECTED", 9),
        ('{"a":1,}', "SYNTAX_UNEXPECTED", 7),
        ('{"a":[1,]}', "SYNTAX_UNEXPECTED", 8),
        ('{"a" 1}', "SYNTAX_UNEXPECTED", 5),
        ("{a:1}", "SYNTAX_UNEXPECTED", 1),
        ('{"a":1]', "SYNTAX_UNEXPECTED", 6),
        ('{"a":"\t"}', "SYNTAX_UNEXPECTED", 6),
        ('{"a":"\\x"}', "SYNTAX_UNEXPECTED", 6),
        ('{"a":"\\u00g0"}', "SYNTAX_UNEXPECTED", 6),
        ('{"a":"\\u00', "SYNTAX_END", 10),
        ('{"a":"\\', "SYNTAX_END", 7),
        ('{"a":"\\ud800"}', "SYNTAX_SURROGATE", 6),
        ('{"a":"\\udc00"}', "SYNTAX_SURROGATE", 6),
        ('{"a":"\\ud800\\n"}', "SYNTAX_SURROGATE", 6),
        ('{"a":"\\ud800\\ud800"}', "SYNTAX_SURROGATE", 6),
        ('{"a":"\\ud800\\uz"}', "SYNTAX_UNEXPECTED", 12),
        ('{"a":"\\ud800', "SYNTAX_END", 12),
        ('{"a":"\\ud800\\', "SYNTAX_END", 13),
        ('{"a":"\\ud800\\udc0', "SYNTAX_END", 17),
        ('{"a":1,"\\u0061":2}', "SYNTAX_DUPLICATE_KEY", 7),
        ('{"a":1e400x', "SYNTAX_NUMBER_RANGE", 5),
        ('{"a":-1e400', "SYNTAX_NUMBER_RANGE", 5),
        ("{} x", "SYNTAX_TRAILING", 3),
    ],
)
def test_places(text: str, code: str, place: int) -> None:
    assert fault(text) == (code, place)


@pytest.mark.parametrize(
    ("text", "limits", "code", "place"),
    [
        ('{"a":[[1]]}', {"depth": 2}, "LIMIT_DEPTH", 6),
        ('{"a":"xyz"}', {"string": 2}, "LIMIT_STRING", 5),
        ('{"a":"\\u0061\\u0061\\u0061"}', {"string": 2}, "LIMIT_STRING", 5),
        ('{"abc":1}', {"string": 2}, "LIMIT_STRING", 1),
        ('{"abc":1,"abc":1}', {"string": 3}, "SYNTAX_DUPLICATE_KEY", 9),
        ('{"a":12345}', {"number": 4}, "LIMIT_NUMBER", 5),
        ('{"a":1e999}', {"number": 4}, "LIMIT_NUMBER", 5),
        ('{"a":1,"a', {"members": 1}, "LIMIT_MEMBERS", 7),
        ('{"a":[1,x', {"values": 2}, "LIMIT_VALUES", 6),
        ('{"a":[1,2', {"values": 3}, "LIMIT_VALUES", 8),
        ('{"a":[x', {"values": 2}, "SYNTAX_UNEXPECTED", 6),
    ],
)
def test_limits(text: str, limits: dict[str, int], code: str, place: int) -> None:
    assert fault(text, **limits) == (code, place)


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, read('{"a":-0}')["a"]) == 1
    assert math.copysign(1, read('{"a":-0.0e5}')["a"]) == 1
    assert math.copysign(1, read('{"a":-1e-400}')["a"]) == 1


def test_a_long_list_is_read_as_a_short_one() -> None:
    """Numbers are looked at together there: their values, and the other elements between them."""
    pieces = ["-0", " 12 ", "\n1.5e3\t", "0.1", "-1e-400", "7", '"1,2"', "[3,4]", "null"]
    rng = np.random.default_rng(0)
    for count, kinds in ((63, 6), (64, 6), (65, 6), (66, 6), (500, 6), (500, len(pieces))):
        chosen = [pieces[k] for k in rng.integers(0, kinds, count)]
        text = '{"a":[' + ",".join(chosen) + "]}"
        found = read(text)["a"]
        assert found == json.loads(text, parse_int=float)["a"]
        assert all(math.copysign(1, v) == 1 for v in found if v == 0)


@pytest.mark.parametrize("number", ["1", " 1", "-12.5", "1 "])
def test_the_limit_of_values_in_a_long_list(number: str) -> None:
    """Whichever element is the first too many, and however its neighbours are read."""
    text = '{"a":[' + ",".join([number] * 300) + "]}"
    step, start = len(number) + 1, 6 + number.index(number.strip())
    for limit in range(2, 302):
        assert fault(text, values=limit) == ("LIMIT_VALUES", start + step * (limit - 2))
    assert len(read(text, values=302)["a"]) == 300


@pytest.mark.parametrize(
    ("bad", "code", "at"),
    [
        ("1e400", "SYNTAX_NUMBER_RANGE", 0),
        ("  " + "1" * 65, "LIMIT_NUMBER", 2),
        ("01", "SYNTAX_UNEXPECTED", 1),
        ("1.", "SYNTAX_UNEXPECTED", 2),
        (",", "SYNTAX_UNEXPECTED", 0),
        ("1 2", "SYNTAX_UNEXPECTED", 2),
        ("NaN", "SYNTAX_UNEXPECTED", 0),
        ("]]", "SYNTAX_UNEXPECTED", 0),
    ],
)
def test_places_in_a_long_list(bad: str, code: str, at: int) -> None:
    for many in (63, 64, 65, 100, 50_000, 70_000):
        before = "1.25," * many
        for after in ("", ",1.25" * 100, ",1e400", "," + "1" * 70):
            assert fault('{"a":[' + before + bad + after + "]}") == (code, 6 + len(before) + at)
        assert fault('{"a":[' + before)[0] == "SYNTAX_END"


def test_deep_nesting_ends_in_a_finding() -> None:
    assert fault('{"a":' * 10**6) == ("LIMIT_DEPTH", 32 * 5)
    deep = 200_000
    assert fault('{"a":' * deep, depth=10**6)[0] == "SYNTAX_END"
    read('{"a":' * deep + "1" + "}" * deep, depth=10**6)


@given(st.binary(max_size=60))
def test_no_bytes_crash_it(data: bytes) -> None:
    with contextlib.suppress(RnnspecError):
        read(b"{" + data.decode("utf-8", "replace").encode())


# --- tensor data ----------------------------------------------------------------------------------


def tensor_data(text: str, **limits: int) -> Read:
    return read('{"tensors":{"W":{"data":' + text + "}}}", **limits)["tensors"]["W"]["data"]


OFFSET = len('{"tensors":{"W":{"data":')
DIGITS = st.text("0123456789", min_size=1, max_size=25)
NUMBER = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.just("0")
    | st.builds("{}{}".format, st.sampled_from("123456789"), st.text("0123456789", max_size=20)),
    st.just("") | st.builds(".{}".format, DIGITS),
    st.just("")
    | st.builds(
        "{}{}{}".format,
        st.sampled_from("eE"),
        st.sampled_from(["", "+", "-"]),
        st.integers(0, 290).map(str),
    ),
)
SPACE = st.sampled_from(["", "", "", " ", "\n\t", " \r\n  "])


def two_roundings(text: str) -> np.float32:
    with np.errstate(all="ignore"):
        return np.float32(float(text) + 0.0)


@settings(max_examples=300)
@given(st.lists(st.tuples(SPACE, NUMBER, SPACE), max_size=60), st.sampled_from([40, 300, 1 << 18]))
def test_decimals_are_rounded_twice(parts: list[tuple[str, str, str]], chunk: int) -> None:
    texts = [number for _, number, _ in parts if abs(float(number)) < 1e308]
    data = "[" + ",".join(a + number + b for a, number, b in parts if number in texts) + "]"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_reader, "_CHUNK", chunk)
        found = tensor_data(data, number=400)
    assert isinstance(found, Decimals)
    assert found.odd is None
    want = np.array([two_roundings(text) for text in texts], np.float32)
    assert found.values.view(np.uint32).tolist() == want.view(np.uint32).tolist()


def test_many_decimals_of_many_lengths() -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 40_000, np.uint32)
    floats = bits.view(np.float32)
    floats = floats[np.isfinite(floats)].astype(np.float64)
    texts = [
        f"{v:.{d}e}" for v, d in zip(floats.tolist(), rng.integers(0, 30, len(floats)), strict=True)
    ]
    found = tensor_data("[" + ",\n ".join(texts) + "]")
    want = np.array([two_roundings(text) for text in texts])
    assert (found.values.view(np.uint32) == want.view(np.uint32)).all()


def test_ties_are_rounded_twice_and_not_once() -> None:
    # Just above the middle of two binary32 numbers, by less than binary64 can see.
    text = "1.00000005960464477539062500000001"
    assert tensor_data(f"[{text}]").values[0] == np.float32(1)
    assert tensor_data(f"[{text},0]").values[0] == np.float32(1)
    assert tensor_data("[" + f"{text}," * 50 + "0]").values[0] == np.float32(1)


def test_zero_keeps_no_sign_but_what_rounds_to_zero_does() -> None:
    for many in (1, 200):
        values = tensor_data("[" + "-0,-1e-60,-0.0," * many + "1]").values
        assert np.signbit(values[:3]).tolist() == [False, True, False]


@pytest.mark.parametrize("many", [0, 3, 100, 50_000])
@pytest.mark.parametrize(
    ("bad", "code", "at"),
    [
        ("1e400", "SYNTAX_NUMBER_RANGE", 0),
        ("-1e400", "SYNTAX_NUMBER_RANGE", 0),
        ("  " + "1" * 65, "LIMIT_NUMBER", 2),
        ("0." + "1" * 63, "LIMIT_NUMBER", 0),
        ("01", "SYNTAX_UNEXPECTED", 1),
        ("1.", "SYNTAX_UNEXPECTED", 2),
        (",", "SYNTAX_UNEXPECTED", 0),
        ("1 2", "SYNTAX_UNEXPECTED", 2),
        ("NaN", "SYNTAX_UNEXPECTED", 0),
        ("[1,]", "SYNTAX_UNEXPECTED", 3),
    ],
)
def test_places_in_decimals(many: int, bad: str, code: str, at: int) -> None:
    before = "1.25," * many
    for after in ("", ",1.25" * many, ",1e400", "," + "1" * 70):
        found = fault('{"tensors":{"W":{"data":[' + before + bad + after + "]}}}")
        assert found == (code, OFFSET + 1 + len(before) + at)


def test_numbers_of_up_to_the_limit_pass() -> None:
    number = "0." + "1" * 62
    assert len(tensor_data("[" + ",".join([number] * 50) + "]").values) == 50
    assert len(tensor_data("[" + (" " * 70 + "1 ,") * 50 + "1]").values) == 51


@pytest.mark.parametrize("many", [0, 3, 100])
@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("null", None),
        ("true", True),
        ('"]"', "]"),
        ("[1,[2],3]", [1, [2], 3]),
        ('{"a":"],"}', {"a": "],"}),
    ],
)
def test_the_first_element_that_is_no_number_is_kept(
    many: int, element: str, value: object
) -> None:
    text = "[" + "1," * many + f"{element},2,false," + "3," * many + "4]"
    assert tensor_data(text).odd == (many, value)


def test_elements_are_not_values_but_what_is_in_them_is() -> None:
    assert tensor_data("[1,2,3,4]", values=4).values.tolist() == [1, 2, 3, 4]
    assert tensor_data("[1,[2,3],4]", values=6).odd == (1, [2, 3])
    outer = '{"tensors":{"W":{"data":[1,[2,3]]}}}'
    assert fault(outer, values=5) == ("LIMIT_VALUES", outer.index("3"))


def test_tensor_data_is_told_by_the_whole_path() -> None:
    for text in (
        '{"data":[1]}',
        '{"tensors":{"data":[1]}}',
        '{"x":{"W":{"data":[1]}}}',
        '{"tensors":[{"data":[1]}]}',
        '{"tensors":{"W":{"data":{"data":[1]}}}}',
    ):
        assert "Decimals" not in repr(read(text))
    assert "Decimals" in repr(read('{"tensors":{"W":{"data":[1]}}}'))


@pytest.mark.parametrize("length", [0, 3, 1022, 1023, 1024, 1025, 5000, 300_000])
@pytest.mark.parametrize("inside", ["", "\\/", "\\u002F", "é"])
def test_base64_text_of_any_length(length: int, inside: str) -> None:
    found = tensor_data('"' + "A" * length + inside + "B" * length + '"', string=10)
    assert isinstance(found, Base64)
    want = "A" * length + inside.replace("\\/", "/").replace("\\u002F", "/") + "B" * length
    assert bytes(found.text) == want.encode()


@pytest.mark.parametrize("length", [3, 1022, 1023, 1024, 1025, 5000, 300_000])
@pytest.mark.parametrize("bad", ["\n", "\\x", "\x1f"])
def test_places_in_long_strings(length: int, bad: str) -> None:
    text = '{"tensors":{"W":{"data":"' + "A" * length + bad + "A" * length
    assert fault(text) == ("SYNTAX_UNEXPECTED", OFFSET + 1 + length)
    assert fault(text.replace(bad, "A")) == ("SYNTAX_END", len(text) - len(bad) + 1)


def test_odd_elements_among_numbers_take_linear_time() -> None:
    text = "[" + "null,1," * 100_000 + "1]"
    assert tensor_data(text).odd == (0, None)


def test_defaults() -> None:
    assert DEFAULT.depth == 32
