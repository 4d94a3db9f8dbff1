"""rnn_sweep against 12.6, 13.7 and 13.8, and its functions against the digests of conformance/exhaustive."""

from __future__ import annotations

import ctypes
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from library import Kernel, at
from samples import floats, same

import scalar
from scalar import NAMES, F, Floats

EXPECTED = json.loads(
    (Path(__file__).parents[2] / "conformance" / "exhaustive" / "expected.json").read_text()
)


def special() -> Floats:
    """Where the functions bend, saturate, overflow, and what is not finite."""
    edges = [
        0.0,
        0.625,
        9.0,
        17.3,
        64.0,
        88.7,
        89.0,
        1.0,
        0.5,
        1e-3,
        2.0**-51,
        2.0**-50,
        3e38,
        np.inf,
    ]
    near = np.array(edges, F)
    near = np.concatenate([near, np.nextafter(near, F(0)), np.nextafter(near, F(np.inf)), -near])
    return np.concatenate([near, np.array([np.nan, 2.0**-52, -0.0, 2.0**-140, -(2.0**-149)], F)])


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_every_width(kernel: Kernel, name: str) -> None:
    random = np.random.default_rng(4)
    for width in (*range(1, 36), 48, 63, 64, 65, 70, 256):
        for rows, gap in ((1, 0), (3, 0), (2, 5)):
            x = floats(random, rows, width, scale=8)
            got, finite = kernel.sweep(NAMES.index(name), x, 0.3, -0.7, gap)
            same(got, np.stack([scalar.activation(name, row, F(0.3), F(-0.7)) for row in x]))
            assert finite == 1


@pytest.mark.parametrize("name", [n for n in NAMES if "softmax" not in n])
def test_special_values(kernel: Kernel, name: str) -> None:
    x = special()
    got, finite = kernel.sweep(NAMES.index(name), x[None, :], 0.2, 0.5)
    want = scalar.activation(name, x, F(0.2), F(0.5))
    same(got[0], want)
    assert finite == int(np.isfinite(want).all()) == 0  # NaN goes through every function


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_not_finite_rows(kernel: Kernel, name: str) -> None:
    random = np.random.default_rng(5)
    for width in (1, 7, 16, 40):
        for at_ in {0, width // 2, width - 1}:
            for bad in (np.nan, np.inf):
                x = floats(random, 2, width)
                x[1, at_] = bad
                assert kernel.sweep(NAMES.index(name), x)[1] == 0
    assert kernel.sweep(NAMES.index(name), np.array([[3e38, -3e38, 0]], F))[1] == (
        name == "softmax"
    )


@pytest.mark.parametrize("width", [1, 15, 16, 17, 33])
def test_each_element_is_looked_at(kernel: Kernel, width: int) -> None:
    for k in range(width):
        for bad in (np.inf, -np.inf, np.nan):
            x = np.ones((1, width), F)
            x[0, k] = bad
            assert kernel.sweep(0, x)[1] == 0
    assert kernel.sweep(0, np.ones((1, width), F))[1] == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1, 2, 15, 16, 17])
@pytest.mark.parametrize("is_in_place", [False, True])
def test_rows_that_come_closer(kernel: Kernel, name: str, width: int, is_in_place: bool) -> None:
    """From rows with gaps, in which is no number, to rows without; nothing is written behind them."""
    given = np.full((9, width + 3), np.nan, F)
    given[:, :width] = floats(np.random.default_rng(width), 9, width, scale=8)
    want = np.stack([scalar.activation(name, row[:width], F(0.3), F(-0.7)) for row in given])
    y = given if is_in_place else np.full(9 * width + 1, 7, F)
    behind = y.ravel()[9 * width :].copy()
    finite = kernel.c.rnn_sweep(
        *(NAMES.index(name), ctypes.c_float(0.3), ctypes.c_float(-0.7)),
        *(at(y), width, at(given), width + 3, width, 9),
    )
    same(y.ravel()[: 9 * width].reshape(9, width), want)
    same(y.ravel()[9 * width :], behind)
    assert finite == 1


@pytest.mark.parametrize("name", NAMES)
def test_in_place(kernel: Kernel, name: str) -> None:
    x = floats(np.random.default_rng(6), 3, 37)
    want = kernel.sweep(NAMES.index(name), x, 1, 1)[0]
    one = ctypes.c_float(1)
    kernel.c.rnn_sweep(NAMES.index(name), one, one, at(x), 37, at(x), 37, 37, 3)
    same(x, want)


@pytest.mark.parametrize("function", ["tanh", "sigmoid"])
def test_digests_of_all_numbers_of_a_chunk(kernel: Kernel, function: str) -> None:
    """Every input of one chunk of 2^24; conformance/exhaustive has all 256 (drivers/kernel_driver.py)."""
    chunk = 62
    x = np.arange(chunk << 24, (chunk + 1) << 24, dtype=np.uint32).view(F)
    y = kernel.sweep(NAMES.index(function), x[None, :])[0]
    assert (
        hashlib.sha256(y.view("<u4").tobytes()).hexdigest()
        == EXPECTED["chunks"][function][str(chunk)]
    )
