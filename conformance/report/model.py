"""A report as an object: what every format writes, and what saved results are read into."""

from collections import Counter
from collections.abc import Iterable, Mapping
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
    """What one case came to; `case` and `got` only if it failed.

    `known` is the reason by which a list of known failures names the case, if it does.
    """

    id: str
    verdict: Verdict
    details: tuple[str, ...]
    seconds: float
    case: Case | None = None
    got: dict[str, Any] | None = None
    known: str | None = None

    @property
    def is_known(self) -> bool:
        """A failure that the list names, so that it does not fail the run."""
        return self.verdict.failed and self.known is not None

    @property
    def is_unexpected(self) -> bool:
        """A pass that the list says is a failure, so that it fails the run."""
        return self.verdict is Verdict.PASS and self.known is not None

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
    stale: tuple[str, ...] = ()  # ids that the list of known failures names, and no case has

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
    def unexpected(self) -> list[Result]:
        """The known failures that passed."""
        return [result for result in self.results if result.is_unexpected]

    @property
    def known_words(self) -> str:
        """What a list of known failures makes of the run; empty where there was none, or it said nothing."""
        known = sum(result.is_known for result in self.failures)
        unexpected, stale = len(self.unexpected), len(self.stale)
        words = []
        if known:
            words.append(
                f"{counted(known, 'known failure')}, {len(self.failures) - known:,} others"
            )
        if unexpected:
            words.append(counted(unexpected, "unexpected pass", "unexpected passes"))
        if stale:
            words.append(f"{counted(stale, 'id')} on the list of known failures that no case has")
        return "; ".join(words)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why cases were skipped, and how many; sorted."""
        skipped = [result for result in self.results if result.verdict is Verdict.SKIPPED]
        return sorted(Counter(result.details[0] for result in skipped if result.details).items())


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def of_run(
    runtime: Runtime,
    outcomes: list[Outcome],
    command: list[str],
    *,
    started: str,
    filtered: bool,
    known: Mapping[str, str] | None = None,
    stale: Iterable[str] = (),
) -> Report:
    """The report of a run that has just ended; `known` and `stale` come from a list of known failures."""
    listed = known or {}
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
                known=listed.get(outcome.case.id),
            )
            for outcome in outcomes
        ),
        stale=tuple(stale),
    )


def _carried(case: Case) -> Case:
    """The case without the file beside it, so that a report stands on its own; and without `truth`."""
    document = case.document
    if document is not None:
        document = Document(document.data, pieces=document.pieces)
    return Case(**{**vars(case), "document": document, "truth": None})
