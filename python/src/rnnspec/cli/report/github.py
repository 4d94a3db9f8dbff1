"""Findings as GitHub's workflow commands, which its runner shows beside the lines of a change."""

from rnnspec.cli.report import Report, Totals
from rnnspec.cli.report.text import summary
from rnnspec.cli.text import plural, safe


class GithubReporter:
    """Prints `::error file=…,line=…,col=…,title=CODE::message` as it goes."""

    def file(self, report: Report) -> None:
        """A command for each finding."""
        for issue, place in report.findings:
            properties = {"file": report.path} if report.path != "-" else {}
            if place:
                properties |= {"line": str(place.line), "col": str(place.column)}
            _print(issue.severity, {**properties, "title": issue.code}, issue.message)

    def unread(self, path: str, reason: str) -> None:
        """An error of the whole file."""
        properties = {"file": path} if path != "-" else {}
        _print("error", {**properties, "title": "can't read"}, reason)

    def end(self, totals: Totals) -> None:
        """A line in the log."""
        print(f"{plural(sum(totals), 'file')}: {summary(totals)}")


def _print(command: str, properties: dict[str, str], message: str) -> None:
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    print(f"::{command} {listed}::{_data(safe(message))}")


def _data(text: str) -> str:
    """What follows the second pair of colons."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
