"""Known failures: a list of cases that a runtime is known to fail, so that only news fails a run.

A line is the id of a case and, behind a `#`, the reason. The list can't rot: a case on it that passes fails the run,
and so does an id that no case has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.case import CaseError, ids
from conformance.report.visible import short, visible
from conformance.verdict import Outcome, Verdict

MAX_REASON = 100  # characters of a line that is written


@dataclass(frozen=True)
class Judgement:
    """What a list makes of a run."""

    known: list[str]  # listed, and failed
    news: list[str]  # failed, and not listed
    unexpected: list[str]  # listed, and passed
    stale: list[str]  # listed, and no case

    @property
    def failed(self) -> bool:
        """Whether the run is no success."""
        return bool(self.news or self.unexpected or self.stale)

    def lines(self) -> list[str]:
        """What it says to people."""
        lines = [
            f"unexpected pass: {name} is listed as a known failure" for name in self.unexpected
        ]
        lines += [f"no such case: {name} is listed as a known failure" for name in self.stale]
        if self.known:
            lines.append(f"{len(self.known)} known failures, {len(self.news)} others")
        return lines


def read(path: Path) -> dict[str, str]:
    """Ids and reasons; CaseError if the file is no such list."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: {error}") from error
    listed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, reason = (part.strip() for part in line.partition("#"))
        if not name:
            continue
        if len(name.split()) > 1:
            raise CaseError(f"{path}:{number}: expected an id and `# reason`, got {visible(line)}")
        if name in listed:
            raise CaseError(f"{path}:{number}: {visible(name)} stands there twice")
        listed[name] = reason
    return listed


def judge(listed: Iterable[str], outcomes: list[Outcome]) -> Judgement:
    """The list against a run; listed cases that were not asked say nothing."""
    names = set(listed)
    failed = [outcome.case.id for outcome in outcomes if outcome.verdict.failed]
    passed = [outcome.case.id for outcome in outcomes if outcome.verdict is Verdict.PASS]
    return Judgement(
        known=[name for name in failed if name in names],
        news=[name for name in failed if name not in names],
        unexpected=[name for name in passed if name in names],
        stale=sorted(names - ids()),
    )


def write(path: Path, outcomes: list[Outcome], reasons: dict[str, str]) -> int:
    """The failures of a run as such a list; reasons that are known stay. Gives how many there are."""
    failures = [outcome for outcome in outcomes if outcome.verdict.failed]
    lines = [
        f"{outcome.case.id}  # {reasons.get(outcome.case.id) or _reason(outcome)}\n"
        for outcome in failures
    ]
    try:
        path.write_bytes("".join(lines).encode())
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error
    return len(failures)


def _reason(outcome: Outcome) -> str:
    first = outcome.details[0] if outcome.details else outcome.case.title
    return visible(short(f"{outcome.verdict.value}: {first}", MAX_REASON))
