import hashlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rnnspec.activation import FUNCTIONS, log_softmax, softmax, sum16

TINY = 2.0**-51
TRUTH: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
ULP = {"exp": 0.97, "log": 0.82, "tanh": 1.24, "sigmoid": 2.01}
EXPECTED = Path(__file__).parents[2] / "conformance" / "exhaustive" / "expected.json"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def sample() -> np.ndarray:
    """Every 4001st float32, sorted by value, without NaN."""
    bits = np.arange(0, 2**32, 4001, dtype=np.uint64).astype(np.uint32)
    values = bits.view(np.float32)
    return np.sort(values[~np.isnan(values)])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_close_to_the_truth(name: str) -> None:
    x = sample()
    x = x[(np.abs(x) >= TINY) & np.isfinite(x)] if name == "log" else x
    x = x[x > 0] if name == "log" else x
    y = FUNCTIONS[name](x)
    truth = TRUTH[name](x.astype(np.float64))
    judged = (np.abs(truth) > 2 * TINY) & (np.abs(truth) < 3.4e38)
    ulp = np.spacing(np.abs(truth[judged]).astype(np.float32)).astype(np.float64)
    assert judged.sum() > 1000
    assert (np.abs(y[judged] - truth[judged]) / ulp).max() < ULP[name]
    assert (y[np.abs(truth) < 0.5 * TINY] == 0).all()
    assert (y[truth > 3.5e38] == np.inf).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_monotone(name: str) -> None:
    x = sample()
    y = FUNCTIONS[name](x[x > 0] if name == "log" else x)
    assert (np.diff(y[np.isfinite(y)]) >= 0).all()


def test_ends() -> None:
    x = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, -1], np.float32)
    found = {name: [repr(float(v)) for v in FUNCTIONS[name](x)] for name in FUNCTIONS}
    assert found["exp"][:7] == ["1.0", "1.0", "inf", "0.0", "nan", "1.0", "1.0"]
    assert found["log"] == ["-inf", "-inf", "inf", "nan", "nan", "-inf", "-inf", "nan"]
    assert found["tanh"][:7] == ["0.0", "0.0", "1.0", "-1.0", "nan", "0.0", "0.0"]
    assert found["sigmoid"][:7] == ["0.5", "0.5", "1.0", "0.0", "nan", "0.5", "0.5"]


def test_shapes_are_kept() -> None:
    x = np.linspace(-3, 3, 24, dtype=np.float32)
    for function in FUNCTIONS.values():
        assert function(x.reshape(2, 3, 4)).tobytes() == function(x).tobytes()
        assert function(x[::2]).tobytes() == function(x)[::2].tobytes()
        assert function(x[:0]).shape == (0,)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bits_of_a_chunk_of_all_inputs(name: str) -> None:
    """The digests of conformance/exhaustive: one chunk here, all of them by its driver."""
    chunks = json.loads(EXPECTED.read_text())["chunks"][name]
    chunk = 63
    digest = hashlib.sha256()
    for first in range(chunk << 24, (chunk + 1) << 24, 1 << 16):
        x = np.arange(first, first + (1 << 16), dtype=np.uint32).view(np.float32)
        digest.update(FUNCTIONS[name](x).astype("<f4").tobytes())
    assert digest.hexdigest() == chunks[str(chunk)]


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 31, 32, 33, 100, 1000])
def test_sum_of_sixteen_parts(n: int) -> None:
    v = np.random.default_rng(n).standard_normal((3, n)).astype(np.float32)
    for row, found in zip(v, sum16(v), strict=True):
        s = [np.float32(0)] * 16
        for k, value in enumerate(row):
            s[k % 16] = s[k % 16] + value
        for width in (8, 4, 2):
            for i in range(width):
                s[i] = s[i] + s[i + width]
        assert found == s[0] + s[1]


@pytest.mark.parametrize("n", [1, 5, 70])
def test_softmax(n: int) -> None:
    x = (np.random.default_rng(n).standard_normal((4, n)) * 5).astype(np.float32)
    wide = x.astype(np.float64)
    truth = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
    assert np.allclose(softmax(x), truth, rtol=1e-5, atol=1e-15)
    assert np.allclose(log_softmax(x), np.log(truth), rtol=1e-5, atol=1e-5)
    for row in range(4):
        assert (softmax(x)[row] == softmax(x[row : row + 1])[0]).all()


def test_softmax_of_far_apart_numbers() -> None:
    x = np.array([[3e38, -3e38, 0]], np.float32)
    assert softmax(x).tolist() == [[1, 0, 0]]
    assert log_softmax(x)[0, 1] == -math.inf
