"""The command line of the suite."""

import argparse
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from conformance import archive, known, new_adapter, report
from conformance.arguments import positive, positive_int, words
from conformance.case import Case, CaseError, find
from conformance.protocol import StartError
from conformance.report import document, files, junit, page, text
from conformance.report.installed import PROGRAM
from conformance.runner import LEVELS, Asking, run
from conformance.verdict import Outcome

CLASSES = ("player", "validator", "complete")

EXAMPLES = """\
examples:
  {program} run -- node adapter.js                 the whole suite
  {program} run json/ -- ./mine --adapter          cases with "json/" in their id
  {program} run --section lstm,gru -- ./mine       whole sections
  {program} run --features json,lstm -- ./mine     only cases that need no other feature
  {program} run --profile core -- ./mine           the profile core, all of it
  {program} run --class player -- ./mine           numbers, and no codes
  {program} run --known-failures todo.txt -- ./mine      only news fails
  {program} run --report all.html -- ./mine        a page; also .json, .xml (JUnit), .txt
  {program} report a.json b.json --html all.html   one page of several runs
  {program} list lstm                              ids and titles
  {program} new-adapter python                     an adapter to begin with
  {program} archive cases.zip                      all cases, for the tests of a runtime
"""
EXIT_STATUS = """\

exit status of `run`: 0 every case that was asked passed, or is a known failure; 1 a case failed, a known
failure passed or is no case, or nothing was asked; 2 wrong use, or a file that can't be read or
written; 3 the adapter can't be started, or does not say who it is; 130 interrupted
"""


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    examples = EXAMPLES.format(program=PROGRAM)
    extra = _workshop()
    more = "" if extra is None else "\n" + extra.EXAMPLES.format(program=PROGRAM)
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Ask a runtime the questions of SPEC.md, through the protocol of its section 17.",
        epilog=examples + more + EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="action", required=True, metavar="COMMAND")
    only = argparse.ArgumentParser(add_help=False)
    only.add_argument("filters", nargs="*", metavar="FILTER", help="only ids that contain one")
    chosen = argparse.ArgumentParser(add_help=False, parents=[only])
    chosen.add_argument("--section", type=words, metavar="A,B", help="only these folders of cases")
    chosen.add_argument(
        "--features", type=words, metavar="A,B", help="as if only these were declared"
    )
    chosen.add_argument(
        "--profile", choices=report.PROFILES, help="the cases of it, all of them, declared or not"
    )

    listed = commands.add_parser("list", parents=[chosen], help="the cases: id and title")
    listed.add_argument("--sections", action="store_true", help="the sections, with their counts")
    _run_arguments(
        commands.add_parser(
            "run",
            parents=[chosen],
            help="put the cases to an adapter",
            usage=f"{PROGRAM} run [options] [FILTER ...] -- COMMAND ...",
            epilog=examples + EXIT_STATUS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    made = commands.add_parser(
        "report", help="reports from the JSON of one or several runs; without options, a table"
    )
    made.add_argument("results", nargs="+", type=Path, metavar="RESULTS.json", help="of `run`")
    made.add_argument("--html", type=Path, metavar="FILE", help="write one page")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")

    begun = commands.add_parser("new-adapter", help="write an adapter to begin with")
    begun.add_argument("language", choices=sorted(new_adapter.LANGUAGES), help="of your runtime")
    begun.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="FOLDER", help="where (here)"
    )
    packed = commands.add_parser("archive", help="every case in one .zip or .tar.gz, to vendor")
    packed.add_argument("path", type=Path, metavar="OUT", help="cases.zip or cases.tar.gz")
    if extra is not None:
        extra.add(commands, only)
    return top


def _run_arguments(two: argparse.ArgumentParser) -> None:
    two.add_argument("--level", choices=LEVELS, help="of SPEC.md 17.3 (the best that is declared)")
    two.add_argument("--class", dest="kind", choices=CLASSES, help="as if only this was claimed")
    two.add_argument(
        "--jobs",
        type=positive_int,
        default=cores(),
        metavar="N",
        help="adapters side by side (%(default)s)",
    )
    two.add_argument(
        "--timeout", type=positive, default=30.0, metavar="SECONDS", help="for one answer (30)"
    )
    two.add_argument("--fail-fast", action="store_true", help="end with the first that fails")
    two.add_argument(
        "--known-failures",
        type=Path,
        metavar="FILE",
        help="ids and `# reason`: only others fail the run",
    )
    two.add_argument(
        "--list-failures", type=Path, metavar="FILE", help="write what failed as such a list"
    )
    two.add_argument(
        "--format", choices=("text", "json"), default="text", help="of what is printed"
    )
    two.add_argument(
        "--report",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="write a report: .txt, .json, .xml (JUnit) or .html; may be repeated",
    )
    two.add_argument(
        "--report-format", choices=files.FORMATS, help="of the report files, whatever their suffix"
    )


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    before, mark, command = (
        (given[: given.index("--")], True, given[given.index("--") + 1 :])
        if "--" in given
        else (given, False, [])
    )
    top = parser()
    options = top.parse_args(before)
    takes = options.action in ("run", "golden-run")
    if takes != bool(command) or (mark and not command):
        top.error(
            f"`{options.action}` needs `-- COMMAND …` behind it"
            if takes
            else f"`{options.action}` takes no `-- COMMAND`"
        )
    try:
        return _act(options, command)
    except (CaseError, report.ReportError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    except StartError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 130


def _act(options: argparse.Namespace, command: list[str]) -> int:
    match options.action:
        case "list":
            return _list(options)
        case "run":
            return _run(options, command)
        case "report":
            return _report(options)
        case "new-adapter":
            print(new_adapter.write(options.language, options.folder, PROGRAM))
            return 0
        case "archive":
            print(archive.write(options.path))
            return 0
    extra = _workshop()
    assert extra is not None
    status: int = extra.act(options, command)
    return status


def _workshop() -> ModuleType | None:
    """The commands that only the repository has."""
    if not (Path(__file__).parent / "workshop.py").exists():
        return None
    return import_module(f"{__package__}.workshop")


def _cases(options: argparse.Namespace) -> list[Case]:
    unknown = sorted(set(options.features or ()) - set(report.FEATURES))
    if unknown:
        raise CaseError(f"no feature {', '.join(unknown)}; there are {', '.join(report.FEATURES)}")
    cases = find(options.filters, sections=options.section)
    return cases if options.profile is None else _of_profile(cases, options.profile)


def _of_profile(cases: list[Case], profile: str) -> list[Case]:
    """[claim-4]: those that need none but its features."""
    chosen = [case for case in cases if report.PROFILES[profile].issuperset(case.features)]
    if not chosen:
        raise CaseError(f"every case chosen needs more than the profile {profile}")
    return chosen


def _list(options: argparse.Namespace) -> int:
    cases = _cases(options)
    if options.features is not None:
        cases = [case for case in cases if set(case.features) <= set(options.features)]
        if not cases:
            raise CaseError(f"every case chosen needs more than {', '.join(options.features)}")
    if options.sections:
        for section in sorted({case.section for case in cases}):
            print(f"{section:20} {sum(case.section == section for case in cases):5}")
        return 0
    for case in cases:
        print(f"{case.id:48} {case.title}")
    return 0


def _run(options: argparse.Namespace, command: list[str]) -> int:
    cases = _cases(options)
    listed = known.read(options.known_failures) if options.known_failures else {}
    files.check(options.report, options.report_format)
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    progress = Progress(len(cases))
    _end_cleanly()
    runtime, outcomes = run(
        cases,
        command,
        jobs=options.jobs,
        timeout=options.timeout,
        asking=Asking(
            None if options.features is None else frozenset(options.features),
            report.PROFILES.get(options.profile),
            options.kind,
            options.level,
        ),
        fail_fast=options.fail_fast,
        progress=progress,
    )
    progress.end()
    is_part = bool(options.filters or options.section) or len(outcomes) < len(cases)
    judged = known.judge(listed, outcomes)
    done = report.of_run(
        runtime,
        outcomes,
        command,
        started=started,
        filtered=is_part,
        known=listed,
        stale=judged.stale,
    )
    for line in judged.lines():
        print(f"conformance: {line}", file=sys.stderr)
    print((document if options.format == "json" else text).write(done), end="", flush=True)
    for path in options.report:
        files.write(done, path, options.report_format)
    if options.list_failures is not None:
        known.write(options.list_failures, outcomes, listed)
    passed, failed, _ = done.counts
    return 1 if judged.failed or not passed + failed else 0


def _end_cleanly() -> None:
    """A request to end (`kill`, a job that is cancelled) leaves no adapter behind."""

    def leave(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)


def _report(options: argparse.Namespace) -> int:
    reports = [document.read(path) for path in options.results]
    if options.html is not None:
        files.put(options.html, page.write(reports))
    if options.junit is not None:
        files.put(options.junit, junit.write(reports))
    if options.html is options.junit is None:
        print(text.write_matrix(reports), end="")
    return 0


class Progress:
    """One line that counts, on standard error, if that is a terminal."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self.shown = sys.stderr.isatty()

    def __call__(self, outcome: Outcome) -> None:
        """One more case is done."""
        self.done += 1
        self.failed += outcome.verdict.failed
        if self.shown:
            line = f"\r{self.done}/{self.total}, {self.failed} failed  {outcome.case.id[:48]:48}"
            print(line, end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clear the line."""
        if self.shown:
            print("\r" + " " * 78 + "\r", end="", file=sys.stderr)
