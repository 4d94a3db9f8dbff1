"""Inputs of `rnnspec run`: arrays in memory or on disk, and lines that come one time step each."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from rnnspec import FeatureInput, Model
from rnnspec.cli.arrays import Numbers, mapped_npy, number, read_array, row_of
from rnnspec.cli.files import UsageError, cannot_read, reason, standard_input
from rnnspec.cli.text import safe, shown

LINES: Final = (".csv", ".jsonl")  # a line a time step, where the input is features
_PIECE: Final = 1 << 18  # bytes of lines that are taken at once, if they are there


class ArraySource:
    """Sequences of known lengths: [N, T] or [N, T, size], in memory or mapped from a file."""

    def __init__(self, x: Numbers) -> None:
        self.x = x
        self.N: int = x.shape[0]
        self.T: int | None = x.shape[1]

    def chunks(self, steps: int) -> Iterator[Numbers]:
        """[N, at most `steps`], one after the other."""
        for first in range(0, self.x.shape[1], steps):
            yield self.x[:, first : first + steps]


class LineSource:
    """One sequence whose end is not known: a line a time step, read as they come."""

    N = 1
    T: int | None = None

    def __init__(self, path: str, kind: str, model: Model) -> None:
        self._path = path
        self._kind = kind
        self._model = model

    def chunks(self, steps: int) -> Iterator[Numbers]:
        """[1, at most `steps`]: what is there is not kept waiting for more. Raises UsageError."""
        line = 0
        try:
            for texts in self._lines():
                for first in range(0, len(texts), steps):
                    rows = []
                    for text in texts[first : first + steps]:
                        line += 1
                        if text.strip():
                            rows.append(self._row(text, line))
                    if rows:
                        yield np.array(rows, np.float64)[None]
        except (OSError, ValueError) as error:
            raise UsageError(
                f"can't read {shown(self._path)} as a sequence: {reason(error)}"
            ) from None

    def _lines(self) -> Iterator[list[str]]:
        """Whole lines, as many as there are."""
        with self._file() as file:
            rest = b""
            while piece := file.read1(_PIECE):  # type: ignore[attr-defined]  # all our files are buffered
                *lines, rest = (rest + piece).split(b"\n")
                yield [line.decode("utf-8-sig") for line in lines]
            yield [rest.decode("utf-8-sig")] if rest else []

    def _file(self) -> BinaryIO:
        try:
            return standard_input() if self._path == "-" else Path(self._path).open("rb")
        except (OSError, ValueError) as error:
            raise cannot_read(self._path, error) from None

    def _row(self, text: str, line: int) -> float | list[float]:
        if self._kind == ".csv":
            (cells,) = csv.reader([text])
            row: float | list[float] = row_of(cells, line)
        else:
            try:
                value = json.loads(text)
            except ValueError as error:
                raise ValueError(f"line {line} is no JSON: {error}") from None
            row = [number(cell, line) for cell in value] if isinstance(value, list) else number(value, line)  # fmt: skip
        size = self._model.input.size if isinstance(self._model.input, FeatureInput) else None
        got = len(row) if isinstance(row, list) else None
        if got != size:
            wanted = f"{size} numbers" if size else "one token id"
            raise ValueError(f"line {line} holds {got or 'one'} number(s); expected {wanted}")
        return row


Source = ArraySource | LineSource


def open_source(path: str, kind: str, model: Model, *, whole: bool) -> tuple[Source, bool]:
    """The input, and whether it is one sequence without a batch axis.

    `whole` asks for all of it at once. Raises UsageError for what does not fit the model.
    """
    is_features = isinstance(model.input, FeatureInput)
    if kind == ".jsonl" or (kind == ".csv" and is_features):
        source = LineSource(path, kind, model)
        if not whole:
            return source, True
        rows = list(source.chunks(1 << 16))
        empty = np.zeros((1, 0, model.input.size) if isinstance(model.input, FeatureInput) else (1, 0))  # fmt: skip
        return ArraySource(np.concatenate(rows, axis=1) if rows else empty), True
    given = (mapped_npy(path) if kind == ".npy" else None) if path != "-" else None
    x = read_array(path, kind) if given is None else given
    is_single = _is_single(model, x, path)
    return ArraySource(x[None] if is_single else x), is_single


def _is_single(model: Model, given: Numbers, path: str) -> bool:
    """Whether the input is one sequence, without a batch axis. Raises UsageError for another shape."""
    if isinstance(model.input, FeatureInput):
        size = model.input.size
        expected = f"features: expected numbers [N, T, {size}] or [T, {size}]"
        axes, fits = 2, given.shape[-1:] == (size,)
    else:
        expected = f"token ids: expected {ids_of(model)}, [N, T] or [T]"
        axes, fits = 1, True
    if given.ndim not in {axes, axes + 1} or not fits or (given.ndim > axes and not len(given)):
        found = f"{given.dtype} {list(given.shape)}"
        raise UsageError(f"{shown(path)} does not fit: this model reads {expected}, got {found}")
    return given.ndim == axes


def check_ids(model: Model, x: Numbers, path: str) -> None:
    """Raises UsageError for features where ids are wanted."""
    broken = x[x != np.floor(x)]
    if broken.size:
        raise UsageError(
            f"{shown(path)} does not fit: this model reads token ids: expected {ids_of(model)}, got {safe(str(broken[0]))}"
        )


def ids_of(model: Model) -> str:
    """The ids that a model reads, in words."""
    vocabulary = model.input_vocabulary
    return f"integers from 0 to {len(vocabulary.tokens) - 1}" if vocabulary else "integers"
