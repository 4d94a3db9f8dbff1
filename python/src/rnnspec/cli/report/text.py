"""Findings for people: a line each, then a verdict for each file."""

from rnnspec.cli.color import Style
from rnnspec.cli.report import Report, Totals
from rnnspec.cli.text import error_line, plural, shown


class TextReporter:
    """Prints as it goes. With `quiet`, findings alone."""

    def __init__(self, style: Style, *, quiet: bool) -> None:
        self._style = style
        self._quiet = quiet

    def file(self, report: Report) -> None:
        """Findings, and the verdict as the last line."""
        for issue, place in report.findings:
            print(error_line(report.path, issue, place, self._style))
        if self._quiet:
            return
        severities = [issue.severity for issue, _ in report.findings]
        counts = [
            plural(severities.count(severity), severity)
            for severity in ("error", "warning")
            if severity in severities
        ]
        verdict = self._style.paint("ok", "OK") if report.valid else self._style.paint("error", "INVALID")  # fmt: skip
        print(f"{verdict} {shown(report.path)}: {', '.join([*report.facts, *counts])}")

    def unread(self, path: str, reason: str) -> None:
        """Standard error has said it."""

    def end(self, totals: Totals) -> None:
        """The sum, where there is something to add."""
        if sum(totals) > 1 and not self._quiet:
            print(f"{plural(sum(totals), 'file')}: {summary(totals)}")


def summary(totals: Totals) -> str:
    """`2 sound, 1 not, 1 not read`."""
    not_read = f", {totals.unread} not read" if totals.unread else ""
    return f"{totals.sound} sound, {totals.unsound} not{not_read}"
