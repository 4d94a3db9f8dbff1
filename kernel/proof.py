"""Computes kernel/proof.json, the number by which a kernel proves itself: proof.c again, from SPEC.md, in plain numpy.

python kernel/proof.py             writes it
python kernel/proof.py --check     whether it is that
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import scalar
from scalar import F, Floats

UNITS, ROWS, STEPS, WIDTH, DEPTH = 19, 5, 2, 37, 3
FILE: Final = Path(__file__).parent / "proof.json"


class Proof:
    """The numbers in their order, and the digest (FNV-1a over words)."""

    def __init__(self) -> None:
        self.seed = 1
        self.digest = 2166136261

    def word(self) -> int:
        """The next word of the generator."""
        self.seed = (self.seed * 1664525 + 1013904223) % 2**32
        return self.seed

    def numbers(self, *shape: int, scale: float = 1.0) -> Floats:
        """-2 ≤ number < 2 in steps of 2^-22, times `scale`."""
        signed = [
            (w - 2**32 if w >= 2**31 else w) >> 8
            for w in (self.word() for _ in range(int(np.prod(shape))))
        ]
        return np.array([v * 2.0**-22 * scale for v in signed], F).reshape(shape)

    def stored(self, kind: int, *shape: int) -> Floats:
        """Weights as float32, float16 or bfloat16 has them, widened, after T."""
        if kind == 0:
            return scalar.T(self.numbers(*shape, scale=0.125))
        values: list[int] = []
        for i in range(int(np.prod(shape))):
            seed = self.word()
            exponent = (
                ((seed >> 10) % 14) << 10 if kind == 1 else (120 if i % 7 else 70 + i % 10) << 7
            )
            values.append((seed >> 16 & 0x8000) | exponent | (seed >> 20 & 0x7F))
        half: NDArray[np.uint16] = np.array(values, np.uint16)
        wide = (
            half.view(np.float16).astype(F) if kind == 1 else (half.astype(np.uint32) << 16).view(F)
        )
        return scalar.T(wide).reshape(shape)

    def add(self, *arrays: Floats) -> None:
        """Takes the bits of the arrays into the digest."""
        for array in arrays:
            for word in np.ascontiguousarray(array, F).view(np.uint32).ravel().tolist():
                self.digest = ((self.digest ^ word) * 16777619) % 2**32

    def finite(self, *arrays: Floats) -> None:
        """The 1 or 0 that comes back."""
        self.digest = (self.digest + all(np.isfinite(a).all() for a in arrays)) % 2**32


def prove_sweeps(p: Proof) -> None:
    """All functions, two rows."""
    for name in scalar.NAMES:
        x = p.numbers(2 * WIDTH) * np.resize(np.array([16, 1, 2.0**-10, 2.0**-51], F), 2 * WIDTH)
        y = [scalar.activation(name, row, F(0.25), F(0.75)) for row in x.reshape(2, WIDTH)]
        p.finite(*y)
        p.add(*y)


def prove_products(p: Proof, blocks: int, kind: int) -> None:
    """[chain-1] from a bias on."""
    columns = blocks * (131 if blocks == 1 else 35)
    W = p.stored(kind, DEPTH, columns)
    x = p.numbers(ROWS, DEPTH)
    bias = scalar.T(p.numbers(columns))
    p.add(scalar.chain(np.broadcast_to(bias, (ROWS, columns)), x, W))


def prove_cell(p: Proof, cell: int, kind: int) -> None:
    """Two steps of elman, lstm, gru_before, gru_after: one row, and several."""
    blocks = (1, 4, 3, 3)[cell]
    R = p.stored(kind, UNITS, blocks * UNITS)
    for rows in (1, ROWS):
        a = scalar.T(p.numbers(STEPS, rows, blocks * UNITS))
        rb = scalar.T(p.numbers(blocks * UNITS))[(blocks - 1) * UNITS :]
        h, c = np.zeros((rows, UNITS), F), np.zeros((rows, UNITS), F)
        for n in range(rows):
            h[n], c[n] = p.numbers(UNITS, scale=0.5), p.numbers(UNITS)
        y = []
        for t in range(STEPS):
            if cell == 0:
                h = scalar.elman(a[t], h, R)
            elif cell == 1:
                h, c = scalar.lstm(a[t], h, c, R)
            elif cell == 2:
                h = scalar.gru_before(a[t], h, R)
            else:
                h = scalar.gru_after(a[t], h, R, rb)
            y.append(h)
        p.finite(*y, c)
        p.add(*y, h, c)


def proof() -> int:
    """What rnn_proof() must return."""
    p = Proof()
    with np.errstate(all="ignore"):
        prove_sweeps(p)
        for blocks in range(1, 5):
            for kind in (0, 1, 2, 1, 2):  # mixed ones are halves too
                prove_products(p, blocks, kind)
        for cell in range(4):
            prove_cell(p, cell, cell % 3)
    return p.digest


def main() -> int:
    text = json.dumps({"proof": proof()}) + "\n"
    if "--check" in sys.argv:
        return 0 if FILE.read_text() == text else 1
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
