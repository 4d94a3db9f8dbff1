"""Findings as SARIF 2.1.0, which editors and code hosts read."""

import json
import os
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from rnnspec import Issue, __version__
from rnnspec.cli.places import Place
from rnnspec.cli.report import Report, Totals
from rnnspec.codes import CODES, Code

_VERSION: Final = "2.1.0"
_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# No argument of a run is ever wrong here.
_RULES: Final = tuple(code for code in CODES.values() if code.stage != "run")
_INDEXES: Final = {code.code: index for index, code in enumerate(_RULES)}


class SarifReporter:
    """Prints one log with one run at the end."""

    def __init__(self) -> None:
        self._results: list[dict[str, Any]] = []
        self._faults: list[dict[str, Any]] = []

    def file(self, report: Report) -> None:
        """A result for each finding."""
        self._results += [_result(report.path, *finding) for finding in report.findings]

    def unread(self, path: str, reason: str) -> None:
        """A notification of the tool: it is no finding about the file."""
        where = [{"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}]
        self._faults.append({"level": "error", "message": {"text": reason}, "locations": where})

    def end(self, totals: Totals) -> None:
        """The log."""
        driver = {"name": "rnnspec", "version": __version__, "rules": [_rule(c) for c in _RULES]}
        invocation: dict[str, Any] = {"executionSuccessful": not totals.unread}
        if self._faults:
            invocation["toolExecutionNotifications"] = self._faults
        run = {
            "tool": {"driver": driver},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": self._results,
        }
        print(json.dumps({"$schema": _SCHEMA, "version": _VERSION, "runs": [run]}, indent=2))


def _rule(code: Code) -> dict[str, Any]:
    what, expected, fix = (text.format_map(_Names()) for text in (code.what, code.expected, code.fix))  # fmt: skip
    return {
        "id": code.code,
        "shortDescription": {"text": f"{what}."},
        "fullDescription": {"text": f"{what}: {expected}."},
        "help": {"text": f"{fix}."},
        "defaultConfiguration": {"level": code.severity},
        "properties": {"stage": code.stage},
    }


class _Names(dict[str, str]):
    """A rule speaks of no file: its placeholders stay what they are called."""

    def __missing__(self, name: str) -> str:
        return f"({name})"


def _result(path: str, issue: Issue, place: Place | None) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if place:
        location["region"] = {"startLine": place.line, "startColumn": place.column}
    elif isinstance(issue.place, int):
        location["region"] = {"byteOffset": issue.place, "byteLength": 0}
    whole: dict[str, Any] = {"physicalLocation": location}
    if isinstance(issue.place, str):
        whole["logicalLocations"] = [{"fullyQualifiedName": issue.place}]
    return {
        "ruleId": issue.code,
        "ruleIndex": _INDEXES[issue.code],
        "level": issue.severity,
        "message": {"text": issue.message},
        "locations": [whole],
    }


def _uri(path: str) -> str:
    """A relative path as a relative reference, an absolute one as a file URI, in bytes of the system."""
    if path == "-":
        return "stdin"
    pure = PurePath(path)
    quoted = quote(os.fsencode(pure.as_posix()))
    return f"file://{quoted}" if pure.is_absolute() else quoted
