"""The native library at each of its levels, through ctypes, with numpy arrays; and the WebAssembly module likewise."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))
from wasm import Module, Place

import build
from scalar import F, Floats

LEVELS: Final = ("baseline", "avx2", "avx512", "neon", "simd128")
TYPES: Final = ("float32", "float16", "bfloat16", "mixed float16", "mixed bfloat16")
TARGET: Final = next(target for target in build.TARGETS if target.name == build.this_machine())

Bytes = NDArray[np.uint8]


class Call(ctypes.Structure):
    """rnn_call"""

    _fields_ = (
        *(
            (name, ctypes.c_int32)
            for name in ("call", "function", "width", "x_stride", "y_stride", "start_stride")
        ),
        *((name, ctypes.c_float) for name in ("alpha", "beta")),
        *((name, ctypes.c_void_p) for name in ("W", "Rn", "start", "x", "y", "h", "c")),
    )


class Net(ctypes.Structure):
    """rnn_net"""

    _fields_ = (
        ("calls", ctypes.c_void_p),
        *(
            (name, ctypes.c_int32)
            for name in ("count", "rows", "steps", "input_width", "output_width", "reserved")
        ),
        *((name, ctypes.c_void_p) for name in ("state", "backup")),
        ("state_size", ctypes.c_int64),
    )


class Job(ctypes.Structure):
    """rnn_job"""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("net", "input", "output")),
        ("steps", ctypes.c_int64),
    )


def at(array: NDArray[Any] | None) -> Place | None:
    """Where an array is."""
    if array is None:
        return None
    assert array.flags.c_contiguous
    return Place(array)


def aligned(count: int) -> Bytes:
    """Bytes at a multiple of 64, of which each is set, so that nothing seems to be +0 by chance."""
    room = np.full(count + 64, 0x77, np.uint8)
    first = -room.ctypes.data % 64
    return room[first : first + count]


class Kernel:
    """One level. Matrices come and go in their natural order; the padded ones are checked here."""

    def __init__(self, level: str) -> None:
        self.level = level
        self.c: Any
        if level == "simd128":
            self.c, self.there = Module(), True
            return
        self.c = ctypes.CDLL(str(build.OUT / TARGET.file))
        self.c.rnn_packed_bytes.restype = ctypes.c_int64
        self.c.rnn_proof.restype = ctypes.c_uint32
        self.there = self.choose()

    def choose(self) -> bool:
        """Takes the level into use; false if this processor does not have it."""
        wanted = LEVELS.index(level) if (level := self.level) in TARGET.levels else -2
        return int(self.c.rnn_choose(wanted)) == wanted

    def columns(self, units: int, blocks: int) -> int:
        """rnn_columns"""
        return int(self.c.rnn_columns(units, blocks))

    def order(self, units: int, blocks: int) -> NDArray[np.int64]:
        """Where output j of [blocks * units] stands in a row of products.

        Panels have 16 units of each block; the last one of a cell has 8 where that is enough.
        """
        unit = np.arange(units)
        if self.level == "simd128":  # panels of 4
            place = [unit // 4 * 4 * blocks + block * 4 + unit % 4 for block in range(blocks)]
            return np.concatenate(place).astype(np.int64)
        is_last = unit // 16 == units // 16
        wide = np.where(is_last & (blocks > 1) & (units % 16 <= 8), 8, 16)
        panel = unit // 16 * 16 * blocks
        place = [panel + block * wide + unit % 16 for block in range(blocks)]
        return np.concatenate(place).astype(np.int64)

    def pack(
        self,
        W: NDArray[Any],
        units: int,
        blocks: int,
        stride: int | None = None,
        *,
        is_mixed: bool = False,
    ) -> Bytes:
        """W [rows, blocks * units] of float32, float16, or uint16 as bfloat16; halves may be mixed."""
        if self.level == "simd128" and W.dtype.name != "float32":  # widened, as JavaScript does
            halves = W.dtype.name == "float16"
            W = W.astype(F) if halves else (W.astype(np.uint32) << 16).view(F)
            stride = None
        kind = {"float32": 0, "float16": 1, "uint16": 2}[W.dtype.name]
        kind += 2 if is_mixed and kind else 0
        rows = W.shape[0]
        to = aligned(int(self.c.rnn_packed_bytes(rows, units, blocks, kind)))
        self.c.rnn_pack(at(to), Place(W), stride or W.shape[1], rows, units, blocks, kind)
        return to

    def spread(self, b: Floats | None, units: int, blocks: int) -> Floats:
        """A bias as a row of products, which is checked to be padded with +0."""
        to = np.full(self.columns(units, blocks), np.nan, F)
        self.c.rnn_spread(at(to), at(b), units, blocks)
        padding = np.delete(to, self.order(units, blocks))
        assert not padding.view(np.uint32).any()
        return to

    def spread_rows(self, rows: Floats, units: int, blocks: int) -> Floats:
        """Rows [n, blocks * units] as rows of products."""
        to = np.zeros((*rows.shape[:-1], self.columns(units, blocks)), F)
        to[..., self.order(units, blocks)] = rows
        return to

    def pad(self, rows: Floats) -> Floats:
        """Rows [n, units] as rows of h."""
        return self.spread_rows(rows, rows.shape[-1], 1)

    def products(self, start: Floats, x: Floats, W: Bytes, units: int, blocks: int) -> Floats:
        """start [blocks * units] for all rows or [n, …]; x [n, k], of which further columns may follow."""
        count = len(x)
        first = self.spread_rows(np.atleast_2d(start), units, blocks)
        y = np.full((count, self.columns(units, blocks)), np.nan, F)
        stride = first.shape[1] if start.ndim == 2 else 0
        self.c.rnn_products(
            at(y),
            at(first),
            stride,
            Place(x),
            x.strides[0] // 4,
            at(W),
            count,
        )
        padding = np.delete(y, self.order(units, blocks), axis=1)
        assert not padding.view(np.uint32).any()
        return y[:, self.order(units, blocks)]

    def sweep(
        self, function: int, x: Floats, alpha: float = 0, beta: float = 0, gap: int = 0
    ) -> tuple[Floats, int]:
        """x [n, width]; the rows of y stand `gap` apart, and what is between them stays."""
        count, width = x.shape
        y = np.full((count, width + gap), 7, F)
        fine = self.c.rnn_sweep(
            *(
                function,
                ctypes.c_float(alpha),
                ctypes.c_float(beta),
                at(y),
                width + gap,
                at(x),
                width,
                width,
                count,
            )
        )
        assert (y[:, width:] == 7).all()
        return y[:, :width].copy(), int(fine)

    def cell(
        self,
        name: str,
        a: Floats,
        h: Floats,
        matrices: list[Bytes],
        units: int,
        c: Floats | None = None,
        rb: Floats | None = None,
    ) -> tuple[Floats, Floats, Floats | None, int]:
        """a [steps, rows, blocks * units], h and c [rows, units] → y, h, c and the 1 or 0."""
        steps, rows, wide = a.shape
        given, hidden, cell = (
            self.spread_rows(a, units, wide // units),
            self.pad(h),
            None if c is None else self.pad(c),
        )
        y = np.full((steps, *hidden.shape), np.nan, F)
        u = np.full_like(hidden, np.nan)
        extra = {
            "elman": [],
            "lstm": [],
            "gru_before": [at(u)],
            "gru_after": [None if rb is None else at(self.spread(rb, units, 3))],
        }[name]
        keep = self.spread(rb, units, 3) if rb is not None else None
        if keep is not None:
            extra = [at(keep)]
        state = [at(hidden)] if cell is None else [at(hidden), at(cell)]
        function = getattr(self.c, f"rnn_{name}")
        fine = function(at(y), *state, at(given), *(at(m) for m in matrices), *extra, steps, rows)
        if fine:
            for array in (y, hidden, cell):
                assert array is None or not array[..., units:].view(np.uint32).any(), "padding"
        return (
            y[..., :units],
            hidden[:, :units],
            None if cell is None else cell[:, :units],
            int(fine),
        )
