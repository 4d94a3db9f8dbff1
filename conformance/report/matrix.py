"""Sections × runtimes, counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.report.model import Report, Result
from conformance.report.summary import counts


@dataclass(frozen=True)
class Cell:
    """What a runtime made of a section."""

    passed: int
    failed: int
    skipped: int
    known: int = 0  # of those failed, on a list of known failures
    unexpected: int = 0  # of those passed, likewise

    @property
    def words(self) -> str:
        """The numbers that are not 0, with their words."""
        named = (
            (self.passed, "passed", self.unexpected, "unexpectedly"),
            (self.failed, "failed", self.known, "known"),
            (self.skipped, "skipped", 0, ""),
        )
        words = [
            f"{count:,} {word}" + (f" ({some:,} {how})" if some else "")
            for count, word, some, how in named
            if count
        ]
        return ", ".join(words) or "not asked"

    @property
    def is_bad(self) -> bool:
        """Whether something here fails the run."""
        return self.failed > self.known or self.unexpected > 0


def cell(results: Iterable[Result]) -> Cell:
    """The counts of some results."""
    every = list(results)
    return Cell(
        *counts(result.verdict for result in every),
        known=sum(result.is_known for result in every),
        unexpected=sum(result.is_unexpected for result in every),
    )


@dataclass(frozen=True)
class Matrix:
    """Rows by the names of sections, sorted; a cell for each report; and the totals."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    totals: tuple[Cell, ...]


def matrix(reports: list[Report]) -> Matrix:
    """The matrix of one or several runs."""
    results: list[dict[str, list[Result]]] = []
    for report in reports:
        by_section: dict[str, list[Result]] = {}
        for result in report.results:
            by_section.setdefault(result.section, []).append(result)
        results.append(by_section)
    sections = sorted({section for by_section in results for section in by_section})
    return Matrix(
        columns=columns(reports),
        rows=tuple(
            (section, tuple(cell(of.get(section, ())) for of in results)) for section in sections
        ),
        totals=tuple(cell(report.results) for report in reports),
    )


def columns(reports: list[Report]) -> tuple[str, ...]:
    """A short name for each run, no two alike: by name, or language, or both and a number."""
    runtimes = [report.runtime for report in reports]
    both = [f"{runtime.name} ({runtime.language})" for runtime in runtimes]
    if len(reports) == 1:
        return tuple(both)
    for names in ([one.name for one in runtimes], [one.language for one in runtimes], both):
        if len(set(names)) == len(names):
            return tuple(names)
    return tuple(f"{name}, run {index + 1}" for index, name in enumerate(both))
