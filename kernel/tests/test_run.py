"""rnn_run and rnn_do: a net as a list of calls, against the same functions called one by one."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from library import Call, Job, Kernel, Net, at
from numpy.typing import NDArray
from samples import floats, same, weights

import build
import scalar
from scalar import F, Floats

pytestmark = pytest.mark.native

LOOKUP, PRODUCTS, SWEEP, ELMAN, LSTM, GRU_BEFORE, GRU_AFTER = range(7)
UNITS, ENTRIES, OUTPUTS = 21, 7, 5


class Tokens:
    """Token → LSTM → GRU, reset before → GRU, reset after → Elman → dense → log_softmax."""

    def __init__(self, kernel: Kernel, rows: int, room: int) -> None:
        random = np.random.default_rng(7)
        self.kernel, self.rows = kernel, rows
        padded, self.keep = kernel.columns(UNITS, 1), []
        self.table = floats(random, ENTRIES, 4 * UNITS)
        self.R = {
            n: weights(random, "float32", UNITS, b * UNITS)[1]
            for n, b in (("lstm", 4), ("before", 3), ("after", 3), ("elman", 1))
        }
        self.W = {
            n: weights(random, "float32", UNITS, b * UNITS)[1]
            for n, b in (("before", 3), ("after", 3), ("elman", 1))
        }
        self.rb, self.dense, self.b = (
            floats(random, 3 * UNITS),
            weights(random, "float32", UNITS, OUTPUTS)[1],
            floats(random, OUTPUTS),
        )
        self.state = np.zeros((5, rows, padded), F)  # h, c of lstm; h of the others
        self.backup = np.full_like(self.state, np.nan)
        size = room * rows
        a, y, u = (np.full((size, kernel.columns(UNITS, 4)), np.nan, F) for _ in range(3))
        z = np.full((size, padded), np.nan, F)
        out = np.full((size, 16), np.nan, F)
        h = [self.state[i] for i in range(5)]
        one = {"x_stride": padded, "start_stride": 0}
        calls = [
            self.call(
                LOOKUP,
                W=kernel.spread_rows(self.table, UNITS, 4),
                y=a,
                width=kernel.columns(UNITS, 4),
                y_stride=kernel.columns(UNITS, 4),
                start_stride=ENTRIES,
            ),
            self.call(LSTM, W=kernel.pack(self.R["lstm"], UNITS, 4), x=a, y=y, h=h[0], c=h[1]),
            self.call(
                PRODUCTS,
                W=kernel.pack(self.W["before"], UNITS, 3),
                x=y,
                y=a,
                start=kernel.spread(None, UNITS, 3),
                **one,
            ),
            self.call(
                *(GRU_BEFORE,),
                W=kernel.pack(np.ascontiguousarray(self.R["before"][:, : 2 * UNITS]), UNITS, 2),
                Rn=kernel.pack(np.ascontiguousarray(self.R["before"][:, 2 * UNITS :]), UNITS, 1),
                x=a,
                y=z,
                h=h[2],
                c=u,
            ),
            self.call(
                PRODUCTS,
                W=kernel.pack(self.W["after"], UNITS, 3),
                x=z,
                y=a,
                start=kernel.spread(None, UNITS, 3),
                **one,
            ),
            self.call(
                GRU_AFTER,
                W=kernel.pack(self.R["after"], UNITS, 3),
                start=kernel.spread(self.rb, UNITS, 3),
                x=a,
                y=y,
                h=h[3],
            ),
            self.call(
                PRODUCTS,
                W=kernel.pack(self.W["elman"], UNITS, 1),
                x=y,
                y=a,
                start=kernel.spread(None, UNITS, 1),
                **one,
            ),
            self.call(ELMAN, W=kernel.pack(self.R["elman"], UNITS, 1), x=a, y=z, h=h[4]),
            self.call(
                PRODUCTS,
                W=kernel.pack(self.dense, OUTPUTS, 1),
                x=z,
                y=out,
                start=kernel.spread(self.b, OUTPUTS, 1),
                **one,
            ),
            self.call(SWEEP, function=0, x=out, y=out, x_stride=16, y_stride=16, width=OUTPUTS),
            self.call(SWEEP, function=13, x=out, x_stride=16, y_stride=OUTPUTS, width=OUTPUTS),
        ]
        self.calls = (Call * len(calls))(*calls)
        self.net = Net(
            *(ctypes.addressof(self.calls), len(calls), rows, room, 1, OUTPUTS, 0),
            *(self.state.ctypes.data, self.backup.ctypes.data, self.state.size),
        )

    def call(self, kind: int, **fields: int | NDArray[Any]) -> Call:
        for name, value in fields.items():
            if isinstance(value, np.ndarray):
                self.keep.append(value)
                fields[name] = value.ctypes.data
        return Call(call=kind, **fields)

    def run(self, ids: NDArray[np.int32]) -> tuple[Floats, int]:
        """ids [steps, rows] → [steps, rows, outputs]"""
        output = np.full((*ids.shape, OUTPUTS), np.nan, F)
        ids = np.ascontiguousarray(ids, np.int32)
        return output, int(
            self.kernel.c.rnn_run(
                ctypes.byref(self.net), at(ids), at(output), ctypes.c_int64(len(ids))
            )
        )

    def want(self, ids: NDArray[np.int32], h: Floats) -> Floats:
        """The same by the text; h [5, rows, units] is replaced."""
        output = np.empty((*ids.shape, OUTPUTS), F)
        for t, step in enumerate(ids):
            h[0], h[1] = scalar.lstm(self.table[step], h[0], h[1], self.R["lstm"])
            zero = np.zeros((self.rows, 3 * UNITS), F)
            h[2] = scalar.gru_before(
                scalar.chain(zero, h[0], self.W["before"]), h[2], self.R["before"]
            )
            h[3] = scalar.gru_after(
                scalar.chain(zero, h[2], self.W["after"]),
                h[3],
                self.R["after"],
                self.rb[2 * UNITS :],
            )
            h[4] = scalar.elman(
                scalar.chain(zero[:, :UNITS], h[3], self.W["elman"]), h[4], self.R["elman"]
            )
            dense = scalar.T(scalar.chain(np.tile(self.b, (self.rows, 1)), h[4], self.dense))
            output[t] = [scalar.log_softmax(row) for row in dense]
        return output


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("room", [1, 3, 8])
def test_blocks_of_steps(kernel: Kernel, rows: int, room: int) -> None:
    random = np.random.default_rng(8)
    net, h = Tokens(kernel, rows, room), np.zeros((5, rows, UNITS), F)
    for steps in (8, 1, 0, 5):
        ids = random.integers(0, ENTRIES, (steps, rows))
        output, fine = net.run(ids)
        assert fine == 1
        same(output, net.want(ids, h))
        same(net.state[..., :UNITS], h)
        assert not net.state[..., UNITS:].view(np.uint32).any()


@pytest.mark.parametrize("bad", [-1, ENTRIES, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize(("rows", "room"), [(1, 1), (2, 2)])
def test_an_id_of_nothing_leaves_the_state(kernel: Kernel, bad: int, rows: int, room: int) -> None:
    net = Tokens(kernel, rows, room)
    net.run(np.ones((3, rows), np.int32))
    before = net.state.copy()
    ids = np.ones((5, rows), np.int32)
    ids[4, rows - 1] = bad
    assert net.run(ids)[1] == 0
    same(net.state, before)


def test_a_row_that_two_calls_read_is_copied(kernel: Kernel) -> None:
    """One reads it from its middle: the row must stand where the calls expect it."""
    table, room = floats(np.random.default_rng(11), ENTRIES, 8), np.full(8, np.nan, F)
    calls = (Call * 3)(
        Call(
            call=LOOKUP,
            W=table.ctypes.data,
            y=room.ctypes.data,
            width=8,
            y_stride=8,
            start_stride=ENTRIES,
        ),
        Call(call=SWEEP, width=4, x_stride=8, y_stride=8, x=room.ctypes.data, y=room.ctypes.data),
        Call(call=SWEEP, width=4, x_stride=8, y_stride=4, x=room.ctypes.data + 16),
    )
    net = Net(ctypes.addressof(calls), 3, 1, 1, 1, 4, 0, None, None, 0)
    ids, y = np.array([2, 5], np.int32), np.full((2, 4), np.nan, F)
    assert kernel.c.rnn_run(ctypes.byref(net), at(ids), at(y), ctypes.c_int64(2)) == 1
    same(y, table[ids, 4:])


@pytest.mark.parametrize("place", ["table", "rb", "b"])
def test_a_number_that_is_not_finite_leaves_the_state(kernel: Kernel, place: str) -> None:
    net = Tokens(kernel, 2, 2)
    net.run(np.ones((3, 2), np.int32))
    before = net.state.copy()
    spread = {
        "table": net.keep[0],
        "rb": next(k for k in net.keep if k.shape == (kernel.columns(UNITS, 3),) and k.any()),
        "b": net.keep[-4],
    }[place]
    assert spread.any()
    spread[...] = np.nan
    assert net.run(np.ones((5, 2), np.int32))[1] == 0
    same(net.state, before)


def test_the_version_is_that_of_the_header(kernel: Kernel) -> None:
    header = (build.KERNEL / "kernel.h").read_text()
    assert f"RNN_VERSION = {kernel.c.rnn_version()} " in header


def test_features_and_one_argument(kernel: Kernel) -> None:
    """A sweep of the input first: T, and whether it is finite. rnn_do is rnn_run."""
    room = np.empty((2 * 3, 4), F)
    calls = (Call * 2)(
        Call(call=SWEEP, width=4, x_stride=4, y_stride=4, y=room.ctypes.data),
        Call(call=SWEEP, function=1, width=4, x_stride=4, y_stride=4, x=room.ctypes.data),
    )
    net = Net(ctypes.addressof(calls), 2, 3, 2, 4, 4, 0, None, None, 0)
    x = floats(np.random.default_rng(9), 5, 3, 4)
    x[0, 0, 0] = 2.0**-60
    y = np.empty_like(x)
    job = Job(ctypes.addressof(net), x.ctypes.data, y.ctypes.data, 5)
    assert kernel.c.rnn_do(ctypes.byref(job)) == 1
    same(y, scalar.tanh(scalar.T(x)))
    assert y.view(np.uint32)[0, 0, 0] == 0
    x[4, 2, 3] = np.inf
    assert kernel.c.rnn_do(ctypes.byref(job)) == 0
