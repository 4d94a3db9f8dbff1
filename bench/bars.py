"""Bars: how much faster than which peers we have to be, and whether we are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from bench.figures import SpeedUp, best, ours_among
from bench.lines import Time

Column: TypeAlias = tuple[str, str]  # mode, net

COLUMNS: Final[tuple[Column, ...]] = (
    ("step", "lstm128"), ("step", "lstm300"), ("step", "lstm512"), ("step", "gru128"),
    ("block", "audio40"),
    ("whole", "lstm128"), ("whole", "lstm512"), ("whole", "gru128"),
    ("batch", "lstm128"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of bars. The first of its paths that a host has is judged, the others are told. Without peers: over the best of all."""

    name: str
    language: str
    paths: tuple[str, ...]
    dtype: str
    peers: tuple[str, ...]
    bars: tuple[float | None, ...]  # of COLUMNS


LEVELS: Final = ("avx512", "avx2", "baseline", "neon")
_: Final[float | None] = None  # no bar: the figure is told
ROWS: Final = (
    Row("Python, float32 file", "python", LEVELS, "float32", (), (3.2, 1.3, 1.15, 5, 2.0, 1.2, 1.0, 1.3, 1.0)),
    Row("Python, float16 file", "python", LEVELS, "float16", (), (3.2, 2.0, 1.7, 5, 2.0, 1.2, 1.2, 1.3, 1.0)),
    Row("JavaScript WebAssembly over ONNX Runtime Web", "js", ("simd128",), "float32", ("onnxruntime-web",), (3.2, 1.4, 1.2, 4, 1.6, 1.15, 1.0, 1.05, 1.4)),
    Row("JavaScript WebAssembly over onnxruntime-node (native)", "js", ("simd128",), "float32", ("onnxruntime-node",), (2.7, _, _, 3.4, _, _, _, _, _)),
    Row("Java Vector API", "java", ("vector",), "float32", (), (2.2, 1.2, _, 3.5, _, _, _, _, _)),
    Row("Java plain", "java", ("plain",), "float32", (), (_,) * 9),
    Row("Python plain", "python", ("plain",), "float32", (), (_,) * 9),
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """One bar, and what was measured on one path; `found` is None where it was not."""

    row: Row
    path: str | None  # None: the host has none of the row's
    host: str
    column: Column
    bar: float | None
    found: SpeedUp | None

    @property
    def name(self) -> str:
        """Of the row, with its path where that is not told, and with its host: a row can be of Node and of Chromium."""
        path = None if self.path == "plain" else self.path
        return ", ".join(part for part in (self.row.name, path, self.host) if part)

    @property
    def is_met(self) -> bool | None:
        """By the median. None without a bar; a bar that nobody measured is not met."""
        if self.bar is None:
            return None
        return self.found is not None and self.found.by.median >= self.bar


def judged(times: Sequence[Time], rows: Iterable[Row] = ROWS) -> list[Judged]:
    """Every bar of the languages that `times` has, host by host; a row of peers that a host can't have is left out there."""
    found = []
    for row in rows:
        mine = [line for line in times if line.language == row.language]
        for host in dict.fromkeys(line.host for line in mine):
            here = [line for line in mine if line.host == host]
            if row.peers and not any(line.peer in row.peers for line in here):
                continue
            there = {line.path for line in ours_among(here)}
            paths: list[str | None] = [path for path in row.paths if path in there]
            paths = paths or [None]
            found += [
                Judged(
                    row,
                    path,
                    host,
                    column,
                    bar if path == paths[0] else None,
                    measured(here, row, path, column),
                )
                for path in paths
                for column, bar in zip(COLUMNS, row.bars, strict=True)
            ]
    return found


def measured(times: Sequence[Time], row: Row, path: str | None, column: Column) -> SpeedUp | None:
    """The speed-up that a row asks for, on one path."""
    for line in ours_among(times):
        if (line.path, line.dtype, line.mode, line.net) == (path, row.dtype, *column):
            return best(line, times, row.peers)
    return None
