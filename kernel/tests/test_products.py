"""rnn_pack, rnn_spread and rnn_products against [chain-1] in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from library import TYPES, Kernel, at
from samples import floats, same, weights

import scalar
from scalar import F

# Around the widths of panels (16, and 64 for one block), and twice those.
UNITS = (1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 70, 127, 128, 129, 144, 200)


@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", TYPES)
def test_products(kernel: Kernel, kind: str, blocks: int) -> None:
    random = np.random.default_rng(1)
    for units in UNITS:
        for rows, depth in ((1, 7), (2, 1), (3, 4), (4, 70), (5, 3), (8, 33), (9, 5), (13, 9)):
            W, value = weights(random, kind, depth, blocks * units)
            x, start = floats(random, rows, depth), floats(random, blocks * units)
            packed = kernel.pack(W, units, blocks, is_mixed=kind.startswith("mixed"))
            same(
                kernel.products(start, x, packed, units, blocks),
                scalar.chain(np.tile(start, (rows, 1)), x, value),
            )


@pytest.mark.parametrize("units", range(1, 71))
def test_every_size(kernel: Kernel, units: int) -> None:
    random = np.random.default_rng(units)
    for blocks in (1, 2, 3, 4):
        W, value = weights(random, "float32", units, blocks * units)
        x, start = floats(random, 5, units), floats(random, 5, blocks * units)
        packed = kernel.pack(W, units, blocks)
        same(kernel.products(start, x, packed, units, blocks), scalar.chain(start, x, value))


@pytest.mark.native
@pytest.mark.parametrize(
    ("units", "blocks", "columns"),
    [(40, 4, 160), (40, 3, 128), (40, 2, 80), (40, 1, 48), (41, 4, 192), (8, 4, 32), (0, 4, 0), (128, 4, 512)],
)  # fmt: skip
def test_columns(kernel: Kernel, units: int, blocks: int, columns: int) -> None:
    """Where 8 units or fewer are left, the last panel of a cell has 8 of each block."""
    assert kernel.columns(units, blocks) == columns
    assert int(kernel.c.rnn_packed_bytes(7, units, blocks, 1)) == 64 + 2 * 7 * columns
    assert int(kernel.c.rnn_packed_bytes(7, units, blocks, 4)) == 64 + (4 * 2 + 3 * 4) * columns


def test_part_of_a_larger_matrix_and_of_larger_rows(kernel: Kernel) -> None:
    random = np.random.default_rng(2)
    W, value = weights(random, "float16", 6, 50)
    x, start = floats(random, 3, 20), floats(random, 19)
    packed = kernel.pack(W[:, 11:30], 19, 1, stride=50)
    same(
        kernel.products(start, x[:, 5:11], packed, 19, 1),
        scalar.chain(np.tile(start, (3, 1)), x[:, 5:11], value[:, 11:30]),
    )


@pytest.mark.parametrize("units", [1, 3, 4, 5])
@pytest.mark.parametrize("rows", [1, 7, 8, 9, 16, 23])
@pytest.mark.parametrize("is_in_place", [False, True])
def test_few_outputs(kernel: Kernel, units: int, rows: int, is_in_place: bool) -> None:
    """Of many rows; the columns behind are those of the start."""
    random = np.random.default_rng([units, rows])
    wide, depth = kernel.columns(units, 1), 21
    W, value = weights(random, "float32", depth, units)
    x, start = floats(random, rows, depth + 3), floats(random, rows, wide)
    packed, want = kernel.pack(W, units, 1), start.copy()
    want[:, :units] = scalar.chain(start[:, :units], x[:, :depth], value)
    y = start if is_in_place else np.full((rows + 1, wide), np.nan, F)
    kernel.c.rnn_products(at(y), at(start), wide, at(x), depth + 3, at(packed), rows)
    same(y[:rows], want)
    assert is_in_place or np.isnan(y[rows]).all()


def test_in_place_and_without_rows_or_inputs(kernel: Kernel) -> None:
    random = np.random.default_rng(3)
    W, value = weights(random, "float32", 4, 33)
    wide = kernel.columns(33, 1)
    x, y = floats(random, 2, 4), floats(random, 2, wide)
    want = scalar.chain(y[:, :33], x, value)
    behind = y[:, 33:].copy()
    packed = kernel.pack(W, 33, 1)
    kernel.c.rnn_products(at(y), at(y), wide, at(x), 4, at(packed), 2)
    same(y[:, :33], want)
    same(y[:, 33:], behind)
    nothing = kernel.pack(np.zeros((0, 33), F), 33, 1)
    same(kernel.products(y[0, :33].copy(), x[:, :0], nothing, 33, 1), np.tile(y[0, :33], (2, 1)))


def test_a_bias_has_nothing_tiny(kernel: Kernel) -> None:
    b = np.array([-0.0, 2.0**-52, 1.5, -(2.0**-51), 2.0**-140], F)
    for blocks, units in ((1, 5), (5, 1)):
        same(kernel.spread(b, units, blocks)[kernel.order(units, blocks)], scalar.T(b))
    assert not kernel.spread(None, 5, 2).view(np.uint32).any()


def test_not_finite_sums_are_those_of_the_text(kernel: Kernel) -> None:
    """No function of products says so: an infinite sum saturates in the cell that follows."""
    W = np.full((3, 20), 3e38, F)
    x = np.full((5, 3), 2, F)
    x[1] *= -1
    got = kernel.products(np.zeros(20, F), x, kernel.pack(W, 20, 1), 20, 1)
    same(got, scalar.chain(np.zeros((5, 20), F), x, W))
    assert np.isinf(got).all()
