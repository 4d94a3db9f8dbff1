"""A report as an object: what every format writes, and what saved results are read into."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.case import Case, Document
from conformance.report.summary import VERSION, claim, counts
from conformance.runner import Runtime
from conformance.verdict import Outcome, Verdict


class ReportError(ValueError):
    """Saved results that can't be read, or a report that can't be written."""


@dataclass(frozen=True)
class Result:
    """What one case came to; `case` and `got` only if it failed."""

    id: str
    verdict: Verdict
    details: tuple[str, ...]
    seconds: float
    case: Case | None = None
    got: dict[str, Any] | None = None

    @property
    def section(self) -> str:
        """The folder of the case."""
        return self.id.partition("/")[0]


@dataclass(frozen=True)
class Report:
    """One run of one runtime."""

    rnnspec: str  # the version of SPEC.md that was asked about
    runtime: Runtime
    command: tuple[str, ...]
    started: str  # 2026-01-31T23:59:59Z
    filtered: bool  # a part of the suite only: no claim
    claim: str
    results: tuple[Result, ...]  # in the order of the cases

    @property
    def title(self) -> str:
        """The runtime, for a heading."""
        return f"{self.runtime.name} {self.runtime.version} ({self.runtime.language})"

    @cached_property
    def counts(self) -> tuple[int, int, int]:
        """Passed, failed, skipped."""
        return counts(result.verdict for result in self.results)

    @property
    def failures(self) -> list[Result]:
        """The results that count against the runtime."""
        return [result for result in self.results if result.verdict.failed]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why cases were skipped, and how many; sorted."""
        skipped = [result for result in self.results if result.verdict is Verdict.SKIPPED]
        return sorted(Counter(result.details[0] for result in skipped if result.details).items())


def of_run(
    runtime: Runtime,
    outcomes: list[Outcome],
    command: list[str],
    *,
    started: str,
    filtered: bool,
) -> Report:
    """The report of a run that has just ended."""
    return Report(
        rnnspec=VERSION,
        runtime=runtime,
        command=tuple(command),
        started=started,
        filtered=filtered,
        claim=claim(runtime, outcomes),
        results=tuple(
            Result(
                id=outcome.case.id,
                verdict=outcome.verdict,
                details=outcome.details,
                seconds=round(outcome.seconds, 4),
                case=_carried(outcome.case) if outcome.verdict.failed else None,
                got=outcome.got,
            )
            for outcome in outcomes
        ),
    )


def _carried(case: Case) -> Case:
    """The case without the file beside it, so that a report stands on its own; and without `truth`."""
    document = case.document
    if document is not None:
        document = Document(document.data, pieces=document.pieces)
    return Case(**{**vars(case), "document": document, "truth": None})
