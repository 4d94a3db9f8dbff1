"""Outputs of `rnnspec run`: chunks in, a file out, without holding all of it."""

import json
from collections.abc import Callable
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
import numpy.typing as npt

from rnnspec.cli.arrays import decimals

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Write = Callable[[bytes], object]

_MAGIC: Final = b"\x93NUMPY\x01\x00"


class Sink(Protocol):
    """Told of each chunk in turn, then of the end."""

    def chunk(self, output: Float32, present: Mask) -> None:
        """The output of the next t time steps [N, t, width], and which of them exist [N, t].

        Of a net whose output has no time it is [N, width].
        """
        ...

    def end(self) -> None:
        """There are no more."""
        ...


class LinesSink:
    """One sequence as .csv or .jsonl: a line a time step."""

    def __init__(self, write: Write, kind: str) -> None:
        self._write = write
        self._ends = ("", "") if kind == ".csv" else ("[", "]")

    def chunk(self, output: Float32, _: Mask) -> None:
        """Lines."""
        before, after = self._ends
        rows = decimals(output[0]).tolist()
        text = "".join(f"{before}{','.join(map(repr, row))}{after}\n" for row in rows)
        self._write(text.encode())

    def end(self) -> None:
        """Every line is whole."""


class JsonSink:
    """One sequence as a JSON list [T, width], or [1, T, width] if it came with a batch axis."""

    def __init__(self, write: Write, *, is_single: bool) -> None:
        self._write = write
        self._closing = b"]\n" if is_single else b"]]\n"
        self._separator = b"[" if is_single else b"[["

    def chunk(self, output: Float32, _: Mask) -> None:
        """Rows."""
        for row in decimals(output[0]).tolist():
            self._write(self._separator + json.dumps(row).encode())
            self._separator = b", "

    def end(self) -> None:
        """The closing brackets."""
        opening = b"" if self._separator == b", " else self._separator
        self._write(opening + self._closing)


class NpySink:
    """One sequence as .npy: its number of time steps is written last, into the header."""

    def __init__(self, target: Any, width: int, *, is_single: bool) -> None:  # noqa: ANN401  a Target
        self._target = target
        self._width = width
        self._is_single = is_single
        self._steps = 0
        target.write(self._header())

    def _header(self) -> bytes:
        shape = f"{self._steps:>20}, {self._width}"
        shape = shape if self._is_single else f"1, {shape}"
        return _padded(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}")

    def chunk(self, output: Float32, _: Mask) -> None:
        """Bytes."""
        self._steps += output.shape[1]
        self._target.write(np.ascontiguousarray(output, "<f4").tobytes())

    def end(self) -> None:
        """The header, with the number."""
        self._target.file.seek(0)
        self._target.write(self._header())


class VectorSink:
    """The output of a net without time: one vector for each sequence."""

    def __init__(self, write: Write, kind: str, *, is_single: bool) -> None:
        self._write = write
        self._kind = kind
        self._is_single = is_single
        self._vectors: Float32 | None = None  # [N, width]

    def chunk(self, output: Float32, present: Mask) -> None:
        """A sequence speaks in the chunk with its last step; one without any, in the first."""
        if self._vectors is None:
            self._vectors = output.copy()
        else:
            speaks = np.logical_or.reduce(present, axis=1)
            self._vectors = np.where(speaks[:, None], output, self._vectors)

    def end(self) -> None:
        """[N, width], or [width] of one sequence; as lines, one for each sequence."""
        assert self._vectors is not None
        if self._kind in {".csv", ".jsonl"}:
            LinesSink(self._write, self._kind).chunk(self._vectors[None], np.ones((1, 1), np.bool_))
            return
        vectors = self._vectors[0] if self._is_single else self._vectors
        if self._kind == ".npy":
            self._write(_npy_header(vectors.shape) + np.ascontiguousarray(vectors, "<f4").tobytes())
        else:
            self._write(json.dumps(decimals(vectors).tolist()).encode() + b"\n")


def _npy_header(shape: tuple[int, ...]) -> bytes:
    fields = {"descr": "<f4", "fortran_order": False, "shape": shape}
    return _padded(f"{fields!r}")


def _padded(header: str) -> bytes:
    """Magic, length, header; the array begins at a multiple of 64."""
    text = header.encode()
    text += b" " * (-(len(_MAGIC) + 2 + len(text) + 1) % 64) + b"\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text


class BatchSink:
    """Several sequences as .npy or .json: time steps come before rows, so they wait on disk."""

    def __init__(
        self, write: Write, kind: str, shape: tuple[int, int, int], scratch: BinaryIO
    ) -> None:
        self._write = write
        self._kind = kind
        self._at = 0
        self._shape = shape
        self._array: Float32 = (
            np.memmap(scratch, np.float32, "w+", shape=shape)
            if 0 not in shape
            else np.zeros(shape, np.float32)
        )

    def chunk(self, output: Float32, _: Mask) -> None:
        """To its place."""
        self._array[:, self._at : self._at + output.shape[1]] = output
        self._at += output.shape[1]

    def end(self) -> None:
        """Row after row."""
        if self._kind == ".npy":
            self._write(_npy_header(self._shape))
            for row in self._array:
                self._write(np.ascontiguousarray(row, "<f4").tobytes())
        else:
            separator = b"["
            for row in self._array:
                self._write(separator + json.dumps(decimals(row).tolist()).encode())
                separator = b", "
            self._write(b"]\n")
