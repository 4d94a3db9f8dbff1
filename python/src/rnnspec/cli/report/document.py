"""Findings for programs: one JSON document."""

import json
from typing import Any

from rnnspec import FORMAT_VERSION, Issue, __version__
from rnnspec.cli.places import Place
from rnnspec.cli.report import Report, Totals


class JsonReporter:
    """Prints at the end."""

    def __init__(self) -> None:
        self._files: list[dict[str, Any]] = []

    def file(self, report: Report) -> None:
        """One object of `files`."""
        self._files.append(
            {
                "path": report.path,
                "valid": report.valid,
                "sound": report.sound,
                "schema": report.opinion,
                "findings": [finding(issue, place) for issue, place in report.findings],
            }
        )

    def unread(self, path: str, reason: str) -> None:
        """One object of `files`, with the member `unread`."""
        self._files.append({"path": path, "unread": reason})

    def end(self, totals: Totals) -> None:
        """The document."""
        tool = {"tool": "rnnspec", "version": __version__, "format": FORMAT_VERSION}
        print(json.dumps({**tool, **totals._asdict(), "files": self._files}, indent=2))


def finding(issue: Issue, place: Place | None) -> dict[str, Any]:
    """A finding as a JSON object."""
    return {
        "code": issue.code,
        "severity": issue.severity,
        "stage": issue.stage,
        ("offset" if isinstance(issue.place, int) else "pointer"): issue.place,
        **(place._asdict() if place else {}),
        "message": issue.message,
    }
