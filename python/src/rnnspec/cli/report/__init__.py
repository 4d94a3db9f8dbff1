"""How `rnnspec validate` tells what it found: as text, JSON, SARIF or GitHub's workflow commands."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rnnspec import Issue
from rnnspec.cli.places import Place


class Report(NamedTuple):
    """What was found in one file that could be read."""

    path: str
    findings: Sequence[tuple[Issue, Place | None]]
    valid: bool  # no finding is an error
    sound: bool  # and none is a warning, where --fail-on counts those
    facts: Sequence[str]  # about a valid model, for people
    opinion: str  # what the published schema says: agrees, disagrees, or why it was not asked


class Totals(NamedTuple):
    """What was found in all files."""

    sound: int
    unsound: int
    unread: int


class Reporter(Protocol):
    """Told of each file in turn, then of the end."""

    def file(self, report: Report) -> None:
        """A file that was read."""
        ...

    def unread(self, path: str, reason: str) -> None:
        """A file that could not be read; standard error has the reason already."""
        ...

    def end(self, totals: Totals) -> None:
        """There are no more files."""
        ...
