"""The words of a report: what a case came to."""

from dataclasses import dataclass
from enum import Enum

from conformance.case import Case


class Verdict(Enum):
    """What became of one case."""

    PASS = "pass"  # noqa: S105 — no password
    MISMATCH = "mismatch"  # a wrong answer: the runtime is wrong
    MALFORMED = "malformed"  # no answer of the protocol: the adapter is wrong
    CRASH = "crash"  # the process ended
    TIMEOUT = "timeout"  # no answer in time
    SKIPPED = "skipped"  # it needs a feature that is not declared
    WRONGLY_SKIPPED = "wrongly skipped"  # it needs only features that are declared [claim-3]

    @property
    def failed(self) -> bool:
        """Whether it counts against the runtime."""
        return self not in (Verdict.PASS, Verdict.SKIPPED)


@dataclass(frozen=True)
class Outcome:
    """One case and its verdict; `details` says why, a line each."""

    case: Case
    verdict: Verdict
    details: tuple[str, ...]
    seconds: float
