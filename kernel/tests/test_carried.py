"""Products that go along with a cell (kernel/carried.h): the same bits wherever they stand in memory."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np
import pytest
from library import TYPES, Call, Kernel, Net, aligned, at
from samples import floats, same, weights

import scalar
from scalar import F, Floats

pytestmark = pytest.mark.native

PRODUCTS, LSTM, GRU_AFTER = 1, 4, 6
BLOCKS = {LSTM: 4, GRU_AFTER: 3}
CELLS = (LSTM, GRU_AFTER)
MOST = 41  # time steps


@cache
def cell_of(kind: int, units: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Its products [MOST, blocks * units], R, rb, and its h after each time step [MOST, units], by the text."""
    random = np.random.default_rng([kind, units])
    blocks = BLOCKS[kind]
    a = floats(random, MOST, blocks * units)
    R = weights(random, "float32", units, blocks * units)[1] * F(0.25)
    R, rb = scalar.T(R), floats(random, blocks * units)
    h, c = np.zeros((1, units), F), np.zeros((1, units), F)
    y = np.empty((MOST, units), F)
    for t in range(MOST):
        if kind == LSTM:
            h, c = scalar.lstm(a[t : t + 1], h, c, R)
        else:
            h = scalar.gru_after(a[t : t + 1], h, R, rb[2 * units :])
        y[t] = h[0]
    return a, R, rb, y


def memory(elements: int) -> Floats:
    """NaN, at a multiple of 64 bytes."""
    room = aligned(4 * elements).view(F)
    room[...] = np.nan
    return room


class Pair:
    """A cell and a matrix [units, blocks * outputs] after it, in one block of time steps."""

    def __init__(
        self, kernel: Kernel, kind: int, units: int, outputs: int, blocks: int,
        *, depth: int | None = None, dtype: str = "float32",
    ) -> None:  # fmt: skip
        """`depth`: how many of the units the matrix reads, if not all."""
        random = np.random.default_rng([kind, units, outputs, blocks])
        self.kernel, self.kind, self.units, self.outputs, self.blocks = (
            *(kernel, kind, units, outputs),
            blocks,
        )
        self.a, R, rb, self.h = cell_of(kind, units)
        stored, self.W = weights(random, dtype, depth or units, blocks * outputs)
        self.R = kernel.pack(R, units, BLOCKS[kind])
        self.rb = kernel.spread(rb, units, 3) if kind == GRU_AFTER else None
        self.packed = kernel.pack(stored, outputs, blocks, is_mixed="mixed" in dtype)
        self.start = floats(random, MOST, blocks * outputs)
        self.read = kernel.columns(units, BLOCKS[kind])
        self.written = kernel.columns(outputs, blocks)

    def run(self, steps: int, room: Floats, y: int, *, is_one_start: bool) -> Floats:
        """The products [steps, blocks * outputs], which are written into `room` from y on; the cell's stand at its beginning."""
        kernel, padded = self.kernel, self.kernel.columns(self.units, 1)
        room[: steps * self.read] = kernel.spread_rows(
            self.a[:steps], self.units, BLOCKS[self.kind]
        ).ravel()
        start = kernel.spread_rows(self.start, self.outputs, self.blocks)
        h, state, backup = memory(steps * padded), np.zeros(2 * padded, F), np.zeros(2 * padded, F)
        calls = (Call * 2)(
            Call(
                call=self.kind,
                W=self.R.ctypes.data,
                start=None if self.rb is None else self.rb.ctypes.data,
                x=room.ctypes.data,
                y=h.ctypes.data,
                h=state.ctypes.data,
                c=state.ctypes.data + 4 * padded,
            ),
            Call(
                call=PRODUCTS,
                W=self.packed.ctypes.data,
                start=start.ctypes.data,
                start_stride=0 if is_one_start else self.written,
                x=h.ctypes.data,
                x_stride=padded,
                y=room.ctypes.data + 4 * y,
            ),
        )
        net = Net(
            *(ctypes.addressof(calls), 2, 1, steps, 1, 1, 0),
            *(state.ctypes.data, backup.ctypes.data, state.size),
        )
        nothing = np.zeros(steps, F)
        assert kernel.c.rnn_run(ctypes.byref(net), at(nothing), None, ctypes.c_int64(steps)) == 1
        same(h.reshape(steps, padded)[:, : self.units], self.h[:steps])
        same(state[: self.units], self.h[steps - 1])
        rows = room[y : y + steps * self.written].reshape(steps, self.written)
        return rows[:, kernel.order(self.outputs, self.blocks)]

    def want(self, steps: int, *, is_one_start: bool) -> Floats:
        """The same by the text."""
        start = self.start[np.zeros(steps, int) if is_one_start else np.arange(steps)]
        return scalar.chain(start, self.h[:steps, : len(self.W)], self.W)


# Panels of a cell: an even and an odd number of them, whole and narrow ones. What comes after: another cell of as many units,
# fewer and more groups than there are pairs to carry them, one group alone, and a narrow panel.
AFTER = ((0, 4), (0, 3), (65, 1), (5, 1), (200, 1), (37, 4), (168, 3), (1, 2))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("units", [64, 65, 80, 100, 120, 128])
@pytest.mark.parametrize("after", AFTER)
def test_what_comes_after_a_cell(
    kernel: Kernel, kind: int, units: int, after: tuple[int, int]
) -> None:
    pair = Pair(kernel, kind, units, after[0] or units, after[1])
    for is_one_start in (True, False):
        room = memory(MOST * (pair.read + pair.written))
        got = pair.run(MOST, room, MOST * pair.read, is_one_start=is_one_start)
        same(got, pair.want(MOST, is_one_start=is_one_start))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("steps", [1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 32, 33, 40, 41])
def test_any_number_of_steps(kernel: Kernel, kind: int, steps: int) -> None:
    pair = Pair(kernel, kind, 96, 96, 4)
    room = memory(steps * (pair.read + pair.written) + 64)
    got = pair.run(steps, room, steps * pair.read, is_one_start=False)
    same(got, pair.want(steps, is_one_start=False))
    assert np.isnan(room[-64:]).all()  # and nothing behind


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(("outputs", "blocks"), [(96, 4), (65, 1), (130, 4)])
@pytest.mark.parametrize("place", ["over", "later", "earlier row", "behind"])
def test_what_is_written_over_the_products_of_the_cell(
    kernel: Kernel, kind: int, outputs: int, blocks: int, place: str
) -> None:
    """Nothing that the cell has yet to read is lost, whether its rows are longer or shorter than those written."""
    pair, steps = Pair(kernel, kind, 96, outputs, blocks), 24
    y = {
        "over": 0,
        "later": 16 * pair.read,
        "earlier row": pair.read,
        "behind": steps * pair.read,
    }[place]
    room = memory(steps * pair.read + steps * pair.written + pair.read)
    got = pair.run(steps, room, y, is_one_start=True)
    same(got, pair.want(steps, is_one_start=True))


@pytest.mark.parametrize("kind", CELLS)
def test_what_reads_some_of_the_units(kernel: Kernel, kind: int) -> None:
    pair = Pair(kernel, kind, 96, 40, 1, depth=50)
    room = memory(MOST * (pair.read + pair.written))
    same(
        pair.run(MOST, room, MOST * pair.read, is_one_start=True),
        pair.want(MOST, is_one_start=True),
    )


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("dtype", TYPES[1:])
def test_halves_after_a_cell_in_float32(kernel: Kernel, kind: int, dtype: str) -> None:
    pair = Pair(kernel, kind, 96, 96, 4, dtype=dtype)
    room = memory(MOST * (pair.read + pair.written))
    same(
        pair.run(MOST, room, MOST * pair.read, is_one_start=True),
        pair.want(MOST, is_one_start=True),
    )


@pytest.mark.parametrize("kind", CELLS)
def test_a_number_that_is_not_finite(kernel: Kernel, kind: int) -> None:
    """Of the cell: the state is what it was."""
    pair, steps = Pair(kernel, kind, 96, 65, 1), 24
    pair.a = pair.a.copy()
    pair.a[11, 3] = np.nan
    room = memory(steps * (pair.read + pair.written))
    with pytest.raises(AssertionError, match="== 1"):
        pair.run(steps, room, steps * pair.read, is_one_start=True)
