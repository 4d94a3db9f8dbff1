"""`rnnspec validate`: is this file sound?"""

import argparse
import json
import sys
from typing import Any, NamedTuple, cast

from rnnspec import FORMAT_VERSION, Issue, Limits, RnnspecError, __version__
from rnnspec.cli.files import UsageError, once, read_bytes
from rnnspec.cli.text import error_line, plural, position, shown
from rnnspec.validate import Reading, read

NAME = "validate"
SUMMARY = "say whether files are sound, and if not, what is wrong where"
EXAMPLES = [
    "rnnspec validate model.rnn",
    "rnnspec validate a.rnn b.rnn.json --fail-on warning",
    "curl -s URL | rnnspec validate -",
    "rnnspec validate model.rnn --format json | jq '.files[0].findings'",
]


class _Report(NamedTuple):
    path: str
    data: bytes
    reading: Reading | None  # None with an error
    findings: tuple[Issue, ...]
    sound: bool


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a model file, or - for standard input"
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to report (default: text)"
    )
    parser.add_argument(
        "--fail-on",
        choices=["error", "warning"],
        default="error",
        help="what makes exit code 1 (default: error)",
    )
    parser.add_argument("--quiet", action="store_true", help="only findings, no verdict")


def action(options: argparse.Namespace) -> int:
    """Validates every path; exit code 1 if any has a finding that counts, 2 if one can't be read."""
    once(*options.paths)
    is_text = options.format == "text"
    files: list[dict[str, Any]] = []
    sound = unread = 0
    for path in options.paths:
        try:
            report = _validated(path, options.fail_on)
        except UsageError as error:
            unread += 1
            files.append({"path": path, "unread": str(error)})
            sys.stdout.flush()
            print(f"rnnspec: {error}", file=sys.stderr, flush=True)
            continue
        sound += report.sound
        if is_text:
            _print_text(report, quiet=options.quiet)
        else:
            files.append(_members(report))
    if not is_text:
        tool = {"tool": "rnnspec", "version": __version__, "format": FORMAT_VERSION}
        print(json.dumps({**tool, "files": files}, indent=2))
    elif len(options.paths) > 1 and not options.quiet:
        not_sound = len(options.paths) - sound - unread
        not_read = f", {unread} not read" if unread else ""
        print(f"{plural(len(options.paths), 'file')}: {sound} sound, {not_sound} not{not_read}")
    if unread:
        return 2
    return 0 if sound == len(options.paths) else 1


def _validated(path: str, fail_on: str) -> _Report:
    data = read_bytes(path, Limits().size)
    try:
        reading = read(data, Limits())
    except RnnspecError as error:
        return _Report(path, data, None, error.issues, sound=False)
    sound = fail_on == "error" or not reading.issues
    return _Report(path, data, reading, tuple(reading.issues), sound)


def _print_text(report: _Report, *, quiet: bool) -> None:
    for finding in report.findings:
        print(error_line(report.path, finding, report.data))
    if quiet:
        return
    warnings = sum(finding.severity == "warning" for finding in report.findings)
    counts = [plural(warnings, "warning")] if warnings else []
    if report.reading is None:
        counts.insert(0, plural(len(report.findings) - warnings, "error"))
        print(f"INVALID {shown(report.path)}: {', '.join(counts)}")
    else:
        print(f"OK {shown(report.path)}: {', '.join([*_facts(report.reading), *counts])}")


def _facts(reading: Reading) -> list[str]:
    """Format version, layers, parameters; examples hold no parameters."""
    layers = cast(list[dict[str, Any]], reading.document["layers"])
    names = [name for layer in layers for name in layer.get("parameters", {}).values()]
    parameters = sum(reading.tensors[name].size for name in names)
    return [
        f"rnnspec {reading.document['rnnspec']}",
        plural(len(layers), "layer"),
        plural(parameters, "parameter"),
    ]


def _members(report: _Report) -> dict[str, Any]:
    return {
        "path": report.path,
        "valid": report.reading is not None,
        "sound": report.sound,
        "findings": [_finding(finding, report.data) for finding in report.findings],
    }


def _finding(finding: Issue, data: bytes) -> dict[str, Any]:
    at = position(data, finding)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "stage": finding.stage,
        ("offset" if isinstance(finding.place, int) else "pointer"): finding.place,
        **({"line": at[0], "column": at[1]} if at else {}),
        "message": finding.message,
    }
