"""What narrower tensors mean, and how numbers are made narrower (SPEC 6)."""

import base64
import json
from fractions import Fraction
from typing import Any

import msgpack  # type: ignore[import-untyped] # it has no types
import numpy as np
import pytest

import rnnspec
from rnnspec import Limits, Model, RnnspecError, Tensor, load, narrow, to_bytes, validate
from rnnspec.save import with_dtype
from rnnspec.tensor import Axis, Dtype

from .nets import Json, array, as_json, bits, character_net

PATTERNS = np.arange(2**16, dtype=np.uint16)
# Bits of the exponent and of the fraction.
HALVES: dict[Dtype, tuple[int, int]] = {"float16": (5, 10), "bfloat16": (8, 7)}


def stored(pattern: np.ndarray, dtype: Dtype) -> Tensor:
    """A tensor with these bits."""
    return Tensor(pattern.view(np.float16) if dtype == "float16" else pattern)


def value(pattern: int, dtype: Dtype) -> Fraction | float:
    """IEEE-754's definition; infinities and NaN as floats."""
    exponents, fractions = HALVES[dtype]
    sign = -1 if pattern >> 15 else 1
    exponent, fraction = pattern >> fractions & 2**exponents - 1, pattern & 2**fractions - 1
    if exponent == 2**exponents - 1:
        return float("nan") if fraction else sign * float("inf")
    bias = 2 ** (exponents - 1) - 1
    mantissa = Fraction(fraction, 2**fractions) + (1 if exponent else 0)
    power: Fraction = Fraction(2) ** (max(exponent, 1) - bias)
    return power * mantissa * sign


@pytest.mark.parametrize("dtype", HALVES)
def test_every_pattern_widens_to_its_value_and_comes_back(dtype: Dtype) -> None:
    tensor = stored(PATTERNS, dtype)
    assert tensor.dtype == dtype
    values = tensor.values
    truth = [value(pattern, dtype) for pattern in PATTERNS.tolist()]
    for k, (got, want) in enumerate(zip(values.tolist(), truth, strict=True)):
        if isinstance(want, float):
            assert got == want or (np.isnan(got) and np.isnan(want)), k
        else:
            assert Fraction(got) == want, k
    assert (np.signbit(values[::257]) == (PATTERNS[::257] >> 15 == 1)).all()  # −0 too
    finite = np.array([isinstance(want, Fraction) for want in truth])
    again = narrow(values[finite], dtype)
    assert again.dtype == dtype
    assert (again.bits == PATTERNS[finite]).all()


def neighbours(dtype: Dtype) -> tuple[np.ndarray, np.ndarray]:
    """All finite positive values in order, as binary64, and their bits."""
    exponents, fractions = HALVES[dtype]
    last = (2**exponents - 1) << fractions
    return stored(PATTERNS[:last], dtype).values.astype(np.float64), PATTERNS[:last]


@pytest.mark.parametrize("dtype", HALVES)
def test_narrowing_goes_to_the_nearest_and_ties_to_even(dtype: Dtype) -> None:
    values, pattern = neighbours(dtype)
    ties = ((values[:-1] + values[1:]) / 2).astype(np.float32)  # exact: binary32 has more digits
    exact = ties.astype(np.float64) == (values[:-1] + values[1:]) / 2
    assert exact[1:].all()
    even = np.where(pattern[:-1] % 2 == 0, pattern[:-1], pattern[1:])
    for sign, high in ((1, 0), (-1, 0x8000)):
        assert (narrow(sign * ties[1:], dtype).bits == even[1:] + high).all()
        below, above = (np.nextafter(ties[1:], np.float32(to)) for to in (0, np.inf))
        assert (narrow(sign * below, dtype).bits == pattern[1:-1] + high).all()
        assert (narrow(sign * above, dtype).bits == pattern[2:] + high).all()


@pytest.mark.parametrize(
    ("dtype", "largest", "infinite"),
    [("float16", 65519.996, 65520), ("bfloat16", 3.3961773e38, 3.3961776e38)],
)
def test_what_becomes_infinite_is_refused(dtype: Dtype, largest: float, infinite: float) -> None:
    assert np.isfinite(narrow([largest, -largest], dtype).values).all()
    for bad in (infinite, -infinite, 3.4e38, np.inf, np.nan, 1e39):
        with pytest.raises(ValueError, match=f"{dtype} can't hold"):
            narrow([1, bad], dtype)


# --- int8 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1])
def test_an_int8_is_its_scale_times_q(axis: Axis) -> None:
    rng = np.random.default_rng(axis)
    q = rng.integers(-127, 128, (700, 500)).astype(np.int8)  # more than one block
    scale = rng.random((q.shape[axis],), np.float32) + np.float32(1e-3)
    tensor = Tensor(q, axis=axis, scale=scale)
    want = q.astype(np.float32) * np.expand_dims(scale, 1 - axis)
    assert (bits(tensor.values) == bits(want)).all()
    assert (bits(np.concatenate(list(tensor.blocks()))) == bits(want).reshape(-1)).all()
    assert tensor.values[3, 4] == np.float32(int(q[3, 4])) * scale[3 if axis == 0 else 4]
    for held in (tensor.array, tensor.scale, tensor.values):
        assert held is not None
        assert not held.flags.writeable
    other = Tensor(q, axis=axis, scale=scale * np.float32(2))
    assert tensor == Tensor(q.copy(), None, axis, scale.copy())
    assert tensor != other
    assert tensor.values.tolist() != Tensor(q[:500], axis=axis, scale=scale[:500]).values.tolist()


@pytest.mark.parametrize("axis", [0, 1])
def test_quantising(axis: Axis) -> None:
    rows = [
        [127, -127, 0.5, 1.5, 2.5, -0.5, 63.49],  # a scale of 1: ties go to the even one
        [0, 0, 0, -0.0, 0, 0, 0],
        [2.0**-120, 2.0**-121, 0, 0, 0, 0, 0],  # / 127 is no normal number any more
        [2.54, -1.27, 0.63, 0, 0, 0, 0],
        [3e38, -1e38, 0, 0, 0, 0, 0],
    ]
    values = np.array(rows, np.float32)
    tensor = narrow(values if axis == 0 else values.T, "int8", axis)
    assert tensor.scale is not None
    q = tensor.array if axis == 0 else tensor.array.T
    assert tensor.scale[:3].tolist() == [1, 1, 1]
    assert tensor.scale[3] == np.float32(2.54) / np.float32(127)
    assert q[0].tolist() == [127, -127, 0, 2, 2, 0, 63]
    assert q[1:3].any() == np.False_
    assert q[3].tolist() == [127, -64, 32, 0, 0, 0, 0]
    assert q[4].tolist() == [127, -42, 0, 0, 0, 0, 0]
    step = np.expand_dims(tensor.scale, 1 - axis)
    error = np.abs(tensor.values - (values if axis == 0 else values.T))
    assert (error <= 0.5001 * step).all()


def test_quantising_what_it_can_not_hold() -> None:
    largest = np.finfo(np.float32).max
    for top in np.nextafter(largest, np.zeros(2000, np.float32)), largest - np.arange(9) * 2e31:
        for number in np.unique(top.astype(np.float32)):
            product = float(number / np.float32(127)) * 127
            if product < 2**128 - 2**103:
                assert np.isfinite(narrow([[number]], "int8", 0).values).all()
            else:
                with pytest.raises(ValueError, match="int8 can't hold"):
                    narrow([[number]], "int8", 0)
    for bad in (np.inf, np.nan):
        with pytest.raises(ValueError, match="int8 can't hold"):
            narrow([[1, bad]], "int8", 1)
    with pytest.raises(ValueError, match=r"\[rows, columns\]"):
        narrow([1.0, 2.0], "int8", 0)


@pytest.mark.parametrize(
    ("dtype", "axis"), [("int8", None), ("float16", 0), ("float64", None), ("int8", 2)]
)
def test_other_storages(dtype: Any, axis: Any) -> None:  # noqa: ANN401 - that is the point
    with pytest.raises(ValueError, match="no such storage"):
        narrow([[1.0]], dtype, axis)


ONES = np.ones((2, 3), np.int8)


@pytest.mark.parametrize(
    ("held", "axis", "scale"),
    [
        (ONES, None, None),
        (ONES, 0, None),
        (ONES, None, np.ones(2, np.float32)),
        (ONES, 0, np.ones(3, np.float32)),
        (ONES, 1, np.ones(3)),
        (ONES, 2, np.ones(3, np.float32)),
        (ONES[0], 0, np.ones(3, np.float32)),
        (ONES.astype(np.float32), 0, np.ones(2, np.float32)),
        (ONES.astype(np.float16), 0, None),
    ],
)
def test_scales_belong_to_int8(held: np.ndarray, axis: Any, scale: np.ndarray | None) -> None:  # noqa: ANN401 - that is the point
    with pytest.raises(ValueError, match=r"int8|scale"):
        Tensor(held, axis=axis, scale=scale)


# --- files ----------------------------------------------------------------------------------------


def with_tensors(**tensors: Tensor) -> Model:
    """Two dense layers over the tensors W [2, 3] and b [3], and V [3, 2]."""
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": 2},
            "layers": [
                {"name": "a", "type": "dense", "size": 3, "parameters": {"W": "W", "b": "b"}},
                {"name": "z", "type": "dense", "size": 2, "parameters": {"W": "V"}},
            ],
            "output": {"kind": "values"},
            "tensors": tensors,
        }
    )


NUMBERS = np.array([[1.5, -0.25, 3], [0.1, 7, -2]], np.float32)
MIXED = with_tensors(
    W=narrow(NUMBERS, "int8", 1), b=narrow(NUMBERS[0], "bfloat16"), V=narrow(NUMBERS.T, "int8", 0)
)


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
def test_every_dtype_comes_back(encoding: Any) -> None:  # noqa: ANN401 - one of two words
    data = to_bytes(MIXED, encoding)
    again = load(data)
    assert again == MIXED
    assert to_bytes(again, encoding) == data
    other = load(to_bytes(again, "msgpack" if encoding == "json" else "json"))
    assert other == MIXED
    for name, tensor in MIXED.tensors.items():
        assert (other.tensors[name].bits == tensor.bits).all()
    plain = with_tensors(**{name: Tensor(t.values) for name, t in MIXED.tensors.items()})
    assert rnnspec.fingerprint(plain) == rnnspec.fingerprint(MIXED)
    assert rnnspec.structure(plain) == rnnspec.structure(MIXED)
    x = [[[1, 2]]]
    one, two = (rnnspec.run(rnnspec.compile(model), x)[0] for model in (plain, again))
    assert (bits(one) == bits(two)).all()


def test_others_read_what_was_written() -> None:
    for encoding, read in (("json", json.loads), ("msgpack", msgpack.unpackb)):
        found = read(to_bytes(MIXED, encoding))["tensors"]  # type: ignore[arg-type] # one of two
        assert list(found["W"]) == ["dtype", "shape", "axis", "scale", "data"]
        data, scale = found["W"]["data"], found["W"]["scale"]
        if encoding == "json":
            data, scale = base64.b64decode(data), base64.b64decode(scale)
        assert (found["W"]["dtype"], found["W"]["axis"]) == ("int8", 1)
        largest = np.abs(NUMBERS).max(axis=0)
        assert np.frombuffer(scale, "<f4").tolist() == (largest / np.float32(127)).tolist()
        assert np.frombuffer(data, np.int8).reshape(2, 3).max(axis=0).tolist() == [127, 127, 127]
        assert found["b"]["dtype"] == "bfloat16"
    decimal = json.loads(to_bytes(MIXED, "json", "decimal"))["tensors"]["V"]
    largest = np.abs(NUMBERS.T).max(axis=1)
    assert np.array(decimal["scale"], np.float32).tolist() == (largest / np.float32(127)).tolist()
    assert load(as_json({**json.loads(to_bytes(MIXED, "json")), "name": "x"})).name == "x"


def test_storing_parameters_otherwise() -> None:
    model = character_net(hidden=3)
    for dtype in HALVES:
        stored = load(to_bytes(model, "msgpack", dtype=dtype))
        assert {tensor.dtype for tensor in stored.tensors.values()} == {dtype}
        for name, tensor in stored.tensors.items():
            assert tensor == narrow(model.tensors[name].values, tensor.dtype)
    quantised = with_dtype(model, "int8", 0)
    for name, tensor in quantised.tensors.items():
        assert tensor.dtype == ("int8" if len(tensor.shape) == 2 else "float32"), name
        assert tensor.axis == (0 if tensor.dtype == "int8" else None)
    # What is stored that way stays as it is, scale and all; the other axis is another thing.
    assert with_dtype(quantised, "int8", 0) == quantised
    assert with_dtype(quantised, "int8", 1) != quantised
    widened = with_dtype(quantised, "float32")
    assert {tensor.dtype for tensor in widened.tensors.values()} == {"float32"}
    assert rnnspec.fingerprint(widened) == rnnspec.fingerprint(quantised)


def test_somebody_elses_scale_is_kept() -> None:
    """No q is 127: quantised again it would have another scale."""
    coarse = Tensor(
        np.array([[5, -3, 1], [0, 2, 4]], np.int8), axis=1, scale=np.ones(3, np.float32)
    )
    model = with_tensors(W=coarse, b=Tensor(NUMBERS[0]), V=Tensor(NUMBERS.T))
    assert with_dtype(model, "int8", 1).tensors["W"] == coarse
    assert with_dtype(model, "int8", 0).tensors["W"] != coarse


def test_extensions_stay_with_their_tensor() -> None:
    model = character_net()
    tensors = dict(model.tensors)
    tensors["W"] = Tensor(tensors["W"].array, {"A_b": 1})
    changed = with_dtype(rnnspec.load(to_bytes(model, "json")), "int8", 1)
    assert changed.tensors["W"].extensions is None
    kept = with_dtype(rnnspec.build(_document(model, tensors)), "int8", 1)
    assert kept.tensors["W"].extensions == {"A_b": 1}


def _document(model: Model, tensors: dict[str, Tensor]) -> dict[str, Any]:
    document: Json = json.loads(to_bytes(model, "json"))
    return {**document, "tensors": tensors}


def test_examples_that_hold_no_more_are_dropped() -> None:
    model = character_net()
    document: Json = json.loads(to_bytes(model, "json"))
    output, _ = rnnspec.run(rnnspec.compile(model), [[0, 1]])
    document["examples"] = [{"kind": "exact", "input": [[0, 1]], "output": "y"}]
    document["tensors"] = {**model.tensors, "y": Tensor(output)}
    model = rnnspec.build(document)
    assert with_dtype(model, "float32") == model
    narrower = with_dtype(model, "bfloat16")
    assert narrower.examples == ()
    assert "y" not in narrower.tensors
    assert load(to_bytes(model, "json", dtype="int8", axis=0)).examples == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int8"}, "axis"),
        ({"axis": 1}, "axis"),
        ({"dtype": "float16", "axis": 1}, "axis"),
        ({"dtype": "float64"}, "no such dtype"),
        ({"dtype": "bfloat16", "digits": 3}, "digits"),
    ],
)
def test_options_that_contradict_each_other(options: Json, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_bytes(character_net(), "json", **options)


def test_a_parameter_that_does_not_fit_is_named() -> None:
    large = with_tensors(
        W=Tensor(NUMBERS * np.float32(1e10)), b=Tensor(NUMBERS[0]), V=Tensor(NUMBERS.T)
    )
    with pytest.raises(ValueError, match="the tensor W: float16 can't hold"):
        to_bytes(large, "json", dtype="float16")


# --- what is wrong with a file --------------------------------------------------------------------

I8 = {"dtype": "int8", "shape": [2, 1], "axis": 0, "scale": [1, 0.5], "data": "gX8="}
ONE = {"dtype": "float32", "shape": [1], "data": [1]}
T = "/tensors/W"


def findings(tensor: Json, limits: Limits | None = None) -> list[tuple[str, int | str]]:
    """Of a file with one tensor W [2, 1]."""
    document = {
        "rnnspec": rnnspec.FORMAT_VERSION,
        "input": {"kind": "features", "size": 2},
        "layers": [{"name": "d", "type": "dense", "size": 1, "parameters": {"W": "W"}}],
        "output": {"kind": "values"},
        "tensors": {"W": {k: v for k, v in tensor.items() if v is not ...}},
    }
    return [(issue.code, issue.place) for issue in validate(as_json(document), limits)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"axis": 1, "scale": [2]}, []),
        ({"axis": 1}, [("TENSOR_LENGTH", f"{T}/scale")]),
        ({"axis": 2}, [("STRUCTURE_RANGE", f"{T}/axis")]),
        ({"axis": ...}, [("STRUCTURE_MISSING", f"{T}/axis")]),
        ({"scale": ...}, [("STRUCTURE_MISSING", f"{T}/scale")]),
        ({"scale": [1, "x"]}, [("STRUCTURE_TYPE", f"{T}/scale/1")]),
        ({"scale": "AACAPwAAAD8="}, []),
        ({"scale": "AACAPwAAAD"}, [("STRUCTURE_BASE64", f"{T}/scale")]),
        ({"scale": [1, 0]}, [("TENSOR_SCALE", f"{T}/scale")]),
        ({"scale": [1, -1]}, [("TENSOR_SCALE", f"{T}/scale")]),
        ({"scale": [1, 1e39]}, [("TENSOR_SCALE", f"{T}/scale")]),
        ({"scale": [1, 2.0**-126]}, []),
        ({"scale": [1, 2.0**-126 - 2.0**-149]}, [("TENSOR_SCALE", f"{T}/scale")]),
        ({"scale": [1, 3e38]}, [("TENSOR_NONFINITE", f"{T}/data")]),
        ({"data": "gH8="}, [("TENSOR_QUANTUM", f"{T}/data")]),
        ({"data": "gH8=", "scale": [0, 1]}, [("TENSOR_SCALE", f"{T}/scale"), ("TENSOR_QUANTUM", f"{T}/data")]),
        ({"data": [1, 2]}, [("TENSOR_ENCODING", f"{T}/data")]),
        ({"data": "gX9/"}, [("TENSOR_LENGTH", f"{T}/data")]),
        ({"shape": [2]}, [("STRUCTURE_LENGTH", f"{T}/shape")]),
        ({"shape": [2, 1, 1]}, [("STRUCTURE_LENGTH", f"{T}/shape")]),
        ({"dtype": "float32"}, [("STRUCTURE_UNKNOWN_KEY", f"{T}/axis"), ("STRUCTURE_UNKNOWN_KEY", f"{T}/scale")]),
        ({"dtype": "int4", "axis": 7, "shape": [2]}, [("STRUCTURE_ENUM", f"{T}/dtype"), ("STRUCTURE_RANGE", f"{T}/axis")]),
        ({"dtype": ["int8"], "scale": ..., "axis": ...}, [("STRUCTURE_TYPE", f"{T}/dtype")]),
        ({"dtype": "bfloat16", "axis": ..., "scale": ..., "data": "gD+AfwA="}, [("TENSOR_LENGTH", f"{T}/data")]),
        ({"dtype": "bfloat16", "axis": ..., "scale": ..., "data": "gD+Afw=="}, [("TENSOR_NONFINITE", f"{T}/data")]),
        ({"dtype": "bfloat16", "axis": ..., "scale": ..., "data": "gD9/fw=="}, []),
    ],
)  # fmt: skip
def test_findings(change: Json, expected: list[tuple[str, str]]) -> None:
    assert sorted(findings({**I8, **change})) == sorted(expected)


def test_a_scale_is_tensor_data() -> None:
    """Its elements are no values, and a string of it may be long."""
    document = json.loads(to_bytes(MIXED, "json", "decimal"))
    few = sum(1 for _ in _values({**document, "tensors": {}})) + 2 + 6 * 3 + 7
    assert validate(as_json(document), Limits(values=few)) == []
    with pytest.raises(RnnspecError, match="LIMIT_VALUES"):
        load(as_json(document), Limits(values=few - 8))
    long = narrow(np.ones((20_000, 1)), "int8", 0)
    scale = {**I8, "shape": [20_000, 1], "data": base64.b64encode(bytes(20_000)).decode()}
    scale["scale"] = base64.b64encode(np.ones(20_000, "<f4").tobytes()).decode()
    assert long.scale is not None
    assert findings(scale) == [("TENSOR_SHAPE", "/layers/0/parameters/W")]


def _values(value: Json) -> Any:  # noqa: ANN401 - a generator of anything
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():  # fmt: skip
        yield from _values(inner)


# --- decimals that round twice --------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "7.038531e-26",  # the shortest decimal of one binary32, which does not come back
        "-7.038531e-26",
        "7.0385307e-26",
        "1388.0348510742187",  # 13 decimals: rounded twice it is another number than rounded once
        "0.12345678359270096",
        "16777217.0000000001",  # just above a tie of binary32, on it in binary64
        "16777217",
        "16777219",
        "1.00000005960464477539062501",
        "3.4028235677973366e38",  # 2^128 − 2^103
        "3.4028235677973365e38",
        "3.4028234663852886e38",
        "1.401298464324817e-45",
        "7.006492321624085e-46",  # half of the smallest: a tie, to even
        "7.006492321624086e-46",
        "1.1754943508222874e-38",
        "123456789e-30",
        "9007199254740993",
    ],
)
def test_decimals_are_rounded_twice(text: str) -> None:
    """binary64 first, by Python's own conversion; then binary32, by the definition of the nearest."""
    document = f"""{{"rnnspec": "{rnnspec.FORMAT_VERSION}", "input": {{"kind": "features", "size": 1}},
        "layers": [{{"name": "d", "type": "dense", "size": 1, "parameters": {{"W": "W", "b": "b"}}}}],
        "output": {{"kind": "values"}}, "tensors": {{
        "W": {{"dtype": "float32", "shape": [1, 1], "data": [{text}]}},
        "b": {{"dtype": "float32", "shape": [1], "data": [1]}}}}}}"""
    want = nearest_binary32(Fraction(float(text)))
    if want is None:
        assert [issue.code for issue in validate(document.encode())] == ["TENSOR_NONFINITE"]
        return
    assert Fraction(float(load(document.encode()).tensors["W"].values[0, 0])) == want
    many = document.replace(f"[{text}]", "[" + ", ".join([text] * 300) + "]").replace(
        '"shape": [1, 1]', '"shape": [1, 300]'
    )
    many = many.replace('"size": 1, "parameters"', '"size": 300, "parameters"')
    many = many.replace(', "b": "b"', "").partition(',\n        "b"')[0] + "}}"
    values = load(many.encode()).tensors["W"].values
    assert values.shape == (1, 300)
    assert all(Fraction(float(v)) == want for v in values[0])


def nearest_binary32(x: Fraction) -> Fraction | None:
    """The nearest binary32, ties to even; None for an infinity."""
    if x == 0:
        return x
    exponent = -149
    while abs(x) >= Fraction(2) ** (exponent + 24):
        exponent += 1
    unit = Fraction(2) ** exponent
    rounded = round(x / unit) * unit  # Python's round of a Fraction takes ties to even
    return None if abs(rounded) >= Fraction(2) ** 128 else rounded


def test_that_oracle() -> None:
    rng = np.random.default_rng(0)
    doubles = rng.standard_normal(500) * 10.0 ** rng.uniform(-46, 38, 500)
    for x in doubles.tolist():
        assert nearest_binary32(Fraction(x)) == Fraction(float(np.float32(x)))
    assert array(rng, 1).dtype == "float32"
