"""`rnnspec validate`: is this file sound?"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from rnnspec import Issue, Limits, RnnspecError
from rnnspec.cli.advice import advice
from rnnspec.cli.color import output_style
from rnnspec.cli.files import UsageError, models_in, once, read_bytes
from rnnspec.cli.options import add_format, add_limits, add_quiet, limits_of
from rnnspec.cli.places import places
from rnnspec.cli.report import Report, Reporter, Totals
from rnnspec.cli.report.document import JsonReporter
from rnnspec.cli.report.github import GithubReporter
from rnnspec.cli.report.sarif import SarifReporter
from rnnspec.cli.report.text import TextReporter
from rnnspec.cli.second_opinion import second_opinion
from rnnspec.cli.text import plural
from rnnspec.validate import Reading, judge, read_document, read_state
from rnnspec.validate.findings import Object

NAME = "validate"
SUMMARY = "say whether files are sound, and if not, what is wrong where"
EXAMPLES = [
    "rnnspec validate model.rnn",
    "rnnspec validate models/ --fail-on warning",
    "curl -s URL | rnnspec validate -",
    "rnnspec validate model.rnn --format json | jq '.files[0].findings'",
    "rnnspec validate . --format sarif > rnnspec.sarif",
    "rnnspec explain STRUCTURE_RANGE   # what a code means",
]

_MOST: Final = 100  # findings of one file


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a model file; a folder, for all *.rnn and *.rnn.json in it; or - for standard input",
    )
    add_format(parser, "sarif", "github")
    parser.add_argument(
        "--fail-on",
        choices=["error", "warning", "never"],
        default="error",
        help="which findings make exit code 1 (default: error); what can't be read is always 2",
    )
    parser.add_argument(
        "--no-advice",
        dest="advice",
        action="store_false",
        help="only what SPEC.md asks for: no advice about weights and licence, no look at the published schema",
    )
    add_quiet(parser, "as text, only findings: no verdict, no sum")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Validates every path; exit code 1 if any has a finding that counts, 2 if one can't be read."""
    once(*options.paths)
    reporter = _reporter(options)
    limits = limits_of(options)
    sound = unsound = unread = 0
    for path, problem in _files(options.paths):
        try:
            if problem:
                raise problem
            report = _validated(path, limits, options)
        except UsageError as error:
            unread += 1
            sys.stdout.flush()
            print(f"rnnspec: {error}", file=sys.stderr, flush=True)
            reporter.unread(path, str(error))
            continue
        sound += report.sound
        unsound += not report.sound
        reporter.file(report)
    reporter.end(Totals(sound, unsound, unread))
    if unread:
        return 2
    return 1 if unsound and options.fail_on != "never" else 0


def _reporter(options: argparse.Namespace) -> Reporter:
    match options.format:
        case "json":
            return JsonReporter()
        case "sarif":
            return SarifReporter()
        case "github":
            return GithubReporter()
        case _:
            return TextReporter(output_style(options.color), quiet=options.quiet)


def _files(paths: Sequence[str]) -> list[tuple[str, UsageError | None]]:
    """The files that the paths stand for, each once, and why a folder stands for none."""
    found: dict[str, UsageError | None] = {}
    for path in paths:
        try:
            found |= dict.fromkeys(models_in(path) if _is_folder(path) else [path])
        except UsageError as error:
            found[path] = error
    return list(found.items())


def _is_folder(path: str) -> bool:
    try:
        return path != "-" and Path(path).is_dir()
    except (OSError, ValueError):
        return False  # reading it will say what is wrong


def _validated(path: str, limits: Limits, options: argparse.Namespace) -> Report:
    data = read_bytes(path, limits.size)
    try:
        document = read_document(data, limits)
    except RnnspecError as error:
        return _report(path, data, error.issues, None, "not asked: there is no document", options)
    is_state = _is_state(document)
    reading: Reading | None = None
    try:
        if is_state:
            reading = read_state(data, limits, try_anyway=options.try_anyway)
        else:
            reading = judge(document, limits, try_anyway=options.try_anyway)
        findings = list(reading.issues)
    except RnnspecError as error:
        findings = list(error.issues)
    opinion = "not asked"
    if options.advice:
        part = "saved_state" if is_state else "model"
        is_msgpack = not data.lstrip(b"\t\n\r ").startswith(b"{")
        more, opinion = second_opinion(document, findings, part, is_msgpack=is_msgpack)
        findings += more
        findings += advice(reading) if reading and not is_state else []
    return _report(path, data, findings, reading, opinion, options)


def _is_state(document: Object) -> bool:
    """Whether it is a saved state (SPEC 14.1), or wants to be one."""
    return "state" in document and not {"input", "layers", "output"} & document.keys()


def _report(
    path: str,
    data: bytes,
    findings: Sequence[Issue],
    reading: Reading | None,
    opinion: str,
    options: argparse.Namespace,
) -> Report:
    findings = findings[:_MOST]
    return Report(
        path,
        list(zip(findings, places(data, findings), strict=True)),
        valid=reading is not None,
        sound=reading is not None and not (options.fail_on == "warning" and findings),
        facts=_facts(reading) if reading else [],
        opinion=opinion,
    )


def _facts(reading: Reading) -> list[str]:
    """Format version, layers, parameters; examples hold no parameters."""
    version = f"rnnspec {reading.document['rnnspec']}"
    if _is_state(reading.document):
        layers = cast(dict[str, object], reading.document["state"])
        return [version, "a saved state", plural(len(layers), "layer")]
    layers_of_net = cast(list[dict[str, Any]], reading.document["layers"])
    names = [name for layer in layers_of_net for name in layer.get("parameters", {}).values()]
    parameters = sum(reading.tensors[name].size for name in names)
    return [version, plural(len(layers_of_net), "layer"), plural(parameters, "parameter")]
