"""Sections × runtimes, counted."""

from dataclasses import dataclass

from conformance.report.model import Report
from conformance.report.summary import counts
from conformance.verdict import Verdict


@dataclass(frozen=True)
class Cell:
    """What a runtime made of a section."""

    passed: int
    failed: int
    skipped: int

    @property
    def words(self) -> str:
        """The numbers that are not 0, with their words."""
        named = (("passed", self.passed), ("failed", self.failed), ("skipped", self.skipped))
        return ", ".join(f"{count:,} {word}" for word, count in named if count) or "not asked"


@dataclass(frozen=True)
class Matrix:
    """Rows by the names of sections, sorted; a cell for each report; and the totals."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    totals: tuple[Cell, ...]


def matrix(reports: list[Report]) -> Matrix:
    """The matrix of one or several runs."""
    verdicts: list[dict[str, list[Verdict]]] = []
    for report in reports:
        by_section: dict[str, list[Verdict]] = {}
        for result in report.results:
            by_section.setdefault(result.section, []).append(result.verdict)
        verdicts.append(by_section)
    sections = sorted({section for by_section in verdicts for section in by_section})
    return Matrix(
        columns=columns(reports),
        rows=tuple(
            (section, tuple(Cell(*counts(of.get(section, ()))) for of in verdicts))
            for section in sections
        ),
        totals=tuple(Cell(*report.counts) for report in reports),
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
