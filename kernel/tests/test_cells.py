"""The cells against 13.3 to 13.5 in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from library import TYPES, Bytes, Kernel
from samples import floats, same, weights

import scalar
from scalar import Floats

BLOCKS = {"elman": 1, "lstm": 4, "gru_before": 3, "gru_after": 3}
CELLS = list(BLOCKS)


def run(
    name: str, a: Floats, h: Floats, c: Floats, R: Floats, rb: Floats
) -> tuple[Floats, Floats, Floats]:
    """All steps by the text."""
    y = np.empty((a.shape[0], *h.shape), np.float32)
    for t, at in enumerate(a):
        if name == "elman":
            h = scalar.elman(at, h, R)
        elif name == "lstm":
            h, c = scalar.lstm(at, h, c, R)
        elif name == "gru_before":
            h = scalar.gru_before(at, h, R)
        else:
            h = scalar.gru_after(at, h, R, rb[2 * h.shape[1] :])
        y[t] = h
    return y, h, c


class Case:
    """A cell with random numbers."""

    def __init__(
        self, kernel: Kernel, name: str, kind: str, units: int, rows: int, steps: int
    ) -> None:
        random = np.random.default_rng(units * 1000 + rows * 10 + steps)
        self.kernel, self.name, self.units = kernel, name, units
        stored, self.R = weights(random, kind, units, BLOCKS[name] * units)
        if name == "gru_before":
            parts = [(stored[:, : 2 * units], 2), (stored[:, 2 * units :], 1)]
        else:
            parts = [(stored, BLOCKS[name])]
        self.matrices: list[Bytes] = [
            kernel.pack(W, units, blocks, stride=stored.shape[1], is_mixed=kind.startswith("mixed"))
            for W, blocks in parts
        ]
        self.a = floats(random, steps, rows, BLOCKS[name] * units, scale=3)
        self.h, self.c = np.clip(floats(random, rows, units), -1, 1), floats(random, rows, units)
        self.rb = floats(random, 3 * units)

    def got(self) -> tuple[Floats, Floats, Floats | None, int]:
        """What the kernel gives."""
        c = self.c if self.name == "lstm" else None
        rb = self.rb if self.name == "gru_after" else None
        return self.kernel.cell(self.name, self.a, self.h, self.matrices, self.units, c, rb)

    def check(self) -> None:
        """The same bits as the text."""
        y, h, c, finite = self.got()
        want_y, want_h, want_c = run(self.name, self.a, self.h, self.c, self.R, self.rb)
        same(y, want_y)
        same(h, want_h)
        if c is not None:
            same(c, want_c)
        assert finite == 1


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", TYPES)
def test_rows_and_steps(kernel: Kernel, name: str, kind: str) -> None:
    for units in (1, 15, 16, 17, 32, 33, 40, 65, 130):
        for rows, steps in (
            (1, 5),
            (2, 2),
            (3, 1),
            (4, 3),
            (5, 2),
            (9, 2),
            (13, 1),
            (1, 0),
            (4, 0),
        ):
            Case(kernel, name, kind, units, rows, steps).check()


@pytest.mark.parametrize("name", CELLS)
def test_every_size(kernel: Kernel, name: str) -> None:
    """With all sums of a row at once (up to 64 units) and panel by panel, whole panels and narrow ones."""
    for units in range(1, 81):
        for rows, steps in ((1, 3), (5, 2)):
            Case(kernel, name, TYPES[units % 5], units, rows, steps).check()
            Case(kernel, name, "float32", units, rows, steps).check()


@pytest.mark.parametrize("name", CELLS)
def test_not_finite(kernel: Kernel, name: str) -> None:
    """A NaN in a pre-activation is found in any unit and row; an infinite one saturates."""
    for units in (1, 17, 40, 96):
        for rows in (1, 5):
            case = Case(kernel, name, "float32", units, rows, 2)
            for block in range(BLOCKS[name]):
                a = case.a.copy()
                for unit in {0, units // 2, units - 1}:
                    case.a[1, rows - 1, block * units + unit] = np.nan
                    assert case.got()[3] == 0
                    case.a = a.copy()
                case.a[1, 0, block * units] = np.inf
                assert case.got()[3] == 1
                case.check()
                case.a = a


@pytest.mark.parametrize(("units", "rows"), [(20, 5), (40, 1), (96, 1)])
def test_an_infinite_cell_is_found(kernel: Kernel, units: int, rows: int) -> None:
    """c may overflow while h = o × tanh(c) does not."""
    for unit in (0, units - 1):
        case = Case(kernel, "lstm", "float32", units, rows, 1)
        case.c[rows // 2, unit] = np.inf
        assert case.got()[3] == 0


@pytest.mark.parametrize("name", ["lstm", "gru_after"])
@pytest.mark.parametrize("units", [81, 88, 89, 96, 97, 104, 105, 112, 113])
def test_one_row_pair_by_pair(kernel: Kernel, name: str, units: int) -> None:
    """With a panel left over, or none, whole or narrow."""
    Case(kernel, name, "float32", units, 1, 3).check()


@pytest.mark.parametrize("units", range(33, 41))
def test_a_small_lstm(kernel: Kernel, units: int) -> None:
    """One row of 33 to 40 units, of which a step begins the products of the next one."""
    for steps in (1, 2, 40):
        Case(kernel, "lstm", "float32", units, 1, steps).check()


def test_a_small_lstm_of_special_numbers(kernel: Kernel) -> None:
    """Where sigmoid and tanh change their formula, and around it; what falls below 2^-51; infinity."""
    edges = [2.0**-51, 2.0**-50, 0.625, 32, 35.35, float.fromhex("0x1.1acdd6p+5"), 64, 2.0**-126]
    near = np.array([0.0, *edges], np.float32).view(np.uint32)[:, None] + np.arange(-3, 4)
    special = near[1:].astype(np.uint32).view(np.float32).ravel()
    special = np.concatenate([special, -special, np.array([0, -0.0, np.inf, -np.inf], np.float32)])
    random = np.random.default_rng(0)
    for scale in (0, 1):
        case = Case(kernel, "lstm", "float32", 40, 1, 60)
        case.R *= np.float32(scale)
        case.matrices = [kernel.pack(case.R, 40, 4)]
        case.a = random.choice(special, case.a.shape)
        case.c = scalar.T(random.choice(special[np.isfinite(special)], case.c.shape))
        case.check()


def test_what_is_not_finite_stays_to_the_end(kernel: Kernel) -> None:
    """A small LSTM looks at its last step alone: NaN and an infinite c of the first are found there."""
    for unit in (0, 17, 39):
        for block in range(4):
            case = Case(kernel, "lstm", "float32", 40, 1, 6)
            case.a[0, 0, block * 40 + unit] = np.nan
            assert case.got()[3] == 0
        case = Case(kernel, "lstm", "float32", 40, 1, 6)
        case.c[0, unit] = -np.inf
        assert case.got()[3] == 0


def test_an_infinite_reset_state_is_found(kernel: Kernel) -> None:
    case = Case(kernel, "gru_before", "float32", 20, 5, 1)
    case.h[4, 19] = np.inf
    assert case.got()[3] == 0
