"""The command line of the suite."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from conformance import coverage, fuzz, generator, golden, report, soak, spec_examples
from conformance.case import CaseError, find
from conformance.mutants import report as mutants
from conformance.protocol import StartError
from conformance.report import document, files, junit, page, text
from conformance.runner import run
from conformance.verdict import Outcome

EXAMPLES = """\
examples:
  python -m conformance run -- node js/src/adapter.js        the whole suite
  python -m conformance run json/ -- ./mine --adapter        cases with "json/" in their id
  python -m conformance run --features json,lstm -- ./mine   only cases that need no other feature
  python -m conformance run --report all.html -- ./mine      a page; also .json, .xml (JUnit), .txt
  python -m conformance report a.json b.json --html all.html one page of several runs
  python -m conformance list lstm                            ids and titles
  python -m conformance generate --check                     are the cases what the oracles say?
  python -m conformance check                                is each requirement covered?
  python -m conformance mutants                              would the cases notice a mistake?
  python -m conformance golden-run -- node js/src/adapter.js a thousand steps of the shipped net
  python -m conformance soak --adapter "node js/src/adapter.js"   random nets
  python -m conformance fuzz --adapter "node js/src/adapter.js"   damaged documents

exit status: 0 all passed, 1 something failed, 2 wrong use
"""


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    top = argparse.ArgumentParser(
        prog="python -m conformance",
        description="Ask a runtime the questions of SPEC.md, through the protocol of its section 17.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="action", required=True, metavar="COMMAND")
    only = argparse.ArgumentParser(add_help=False)
    only.add_argument("filters", nargs="*", metavar="FILTER", help="only ids that contain one")

    commands.add_parser("list", parents=[only], help="the cases: id and title")

    two = commands.add_parser(
        "run",
        parents=[only],
        help="put the cases to an adapter",
        usage="python -m conformance run [options] [FILTER ...] -- COMMAND ...",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    two.add_argument("--jobs", type=_positive_int, default=1, help="adapters side by side")
    two.add_argument(
        "--timeout", type=_positive, default=30.0, metavar="SECONDS", help="for one answer"
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
    two.add_argument("--features", help="as if only these were declared: a,b,c")

    made = commands.add_parser(
        "report", help="reports from the JSON of one or several runs; without options, a table"
    )
    made.add_argument("results", nargs="+", type=Path, metavar="RESULTS.json", help="of `run`")
    made.add_argument("--html", type=Path, metavar="FILE", help="write one page")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")

    three = commands.add_parser("generate", help="write the cases, or check that they are right")
    three.add_argument("--check", action="store_true", help="change nothing; compare bytes")
    three.add_argument("sections", nargs="*", metavar="SECTION")

    commands.add_parser("check", help="requirements and codes without a case")

    mutated = commands.add_parser(
        "mutants", parents=[only], help="does every mistake made in the scalar oracle fail a case?"
    )
    mutated.add_argument("--jobs", type=_positive_int, default=2, help="processes side by side")

    long = commands.add_parser("golden", help="the digests of the shipped net, by the oracle")
    long.add_argument("model", nargs="?", type=Path, default=golden.MODEL, metavar="MODEL")
    long.add_argument("tokens", nargs="?", type=Path, default=golden.TOKENS, metavar="TOKENS")
    long.add_argument("--check", action="store_true", help="compare with golden.json")
    long.add_argument("--write", action="store_true", help="write golden.json")

    ask = commands.add_parser(
        "golden-run",
        help="the same digests from a runtime, in every way or in one",
        usage="python -m conformance golden-run [options] -- COMMAND ...",
    )
    ask.add_argument("--interface", choices=("run", "step"), help="all steps, or one at a time")
    ask.add_argument("--chunk", type=_positive_int, metavar="STEPS", help="of each chunk")
    ask.add_argument(
        "--batch", type=_positive_int, metavar="ROWS", help="the tokens are one of them"
    )

    broken = commands.add_parser(
        "fuzz", help="adapters against the oracle's reader, over damaged documents"
    )
    broken.add_argument("--count", type=_positive_int, default=2000, metavar="N", help="documents")
    broken.add_argument("--seed", type=int, default=1, help="one seed, the same documents")
    broken.add_argument("--first", type=int, default=0, metavar="K", help="start with document K")
    broken.add_argument(
        "--adapter", action="append", required=True, metavar="COMMAND", help="may be repeated"
    )

    endless = commands.add_parser(
        "soak", help="adapters against the scalar oracle, over random nets and calls"
    )
    endless.add_argument("--count", type=_positive_int, metavar="N", help="models; else no end")
    endless.add_argument("--seed", type=int, default=1, help="one seed, the same models")
    endless.add_argument("--first", type=int, default=0, metavar="K", help="start with model K")
    endless.add_argument("--jobs", type=_positive_int, default=2, help="oracles side by side")
    endless.add_argument(
        "--adapter", action="append", required=True, metavar="COMMAND", help="may be repeated"
    )

    worked = commands.add_parser("spec-examples", help="write the worked examples into SPEC.md")
    worked.add_argument("--check", action="store_true", help="change nothing; compare")
    return top


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


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
    if (options.action in ("run", "golden-run")) != bool(command) or (mark and not command):
        top.error(
            "`run` and `golden-run` need `-- COMMAND …` behind them, and the others take none"
        )
    try:
        match options.action:
            case "list":
                return _list(options.filters)
            case "run":
                return _run(options, command)
            case "report":
                return _report(options)
            case "generate":
                return _generate(options.sections, check=options.check)
            case "mutants":
                return mutants.report(options.filters, options.jobs)
            case "golden":
                both = {"check": options.check, "write": options.write}
                return golden.golden(options.model, options.tokens, **both)
            case "golden-run":
                return golden.golden_run(_ways(options), command)
            case "fuzz":
                which = (options.count, options.seed, options.first)
                return fuzz.fuzz(*which, options.adapter, fuzz.FOLDER)
            case "soak":
                which = (options.count, options.seed, options.first)
                return soak.soak(*which, options.adapter, soak.FOLDER, options.jobs)
            case "spec-examples":
                return spec_examples.spec_examples(check=options.check)
        return _check()
    except (CaseError, StartError, report.ReportError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 1 if isinstance(error, StartError) else 2


def _ways(options: argparse.Namespace) -> list[golden.Way]:
    """All of them, unless one is described."""
    if options.interface is options.chunk is options.batch is None:
        return list(golden.WAYS)
    return [golden.Way(options.interface or "run", options.chunk or 0, options.batch or 1)]


def _list(filters: list[str]) -> int:
    for case in find(filters):
        print(f"{case.id:48} {case.title}")
    return 0


def _run(options: argparse.Namespace, command: list[str]) -> int:
    cases = find(options.filters)
    features = options.features.split(",") if options.features is not None else None
    unknown = sorted(set(features or ()) - set(report.FEATURES))
    if unknown:
        raise CaseError(f"no feature {', '.join(unknown)}; there are {', '.join(report.FEATURES)}")
    files.check(options.report, options.report_format)
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    progress = Progress(len(cases))
    runtime, outcomes = run(
        cases,
        command,
        jobs=options.jobs,
        timeout=options.timeout,
        features=features,
        progress=progress,
    )
    progress.end()
    done = report.of_run(
        runtime, outcomes, command, started=started, filtered=bool(options.filters)
    )
    print((document if options.format == "json" else text).write(done), end="")
    for path in options.report:
        files.write(done, path, options.report_format)
    passed, failed, _ = done.counts
    return 0 if passed and not failed else 1


def _report(options: argparse.Namespace) -> int:
    reports = [document.read(path) for path in options.results]
    if options.html is not None:
        files.put(options.html, page.write(reports))
    if options.junit is not None:
        files.put(options.junit, junit.write(reports))
    if options.html is options.junit is None:
        print(text.write_matrix(reports), end="")
    return 0


def _generate(sections: list[str], *, check: bool) -> int:
    started = time.monotonic()
    try:
        if check:
            lines = generator.differences(sections)
            for line in lines:
                print(line)
            took = time.monotonic() - started
            print(f"generate --check: {len(lines)} files are not as generated ({took:.1f} s)")
            return 1 if lines else 0
        files, changed = generator.write(sections)
    except ValueError as error:
        raise CaseError(str(error)) from error
    print(f"{files} files, {changed} changed ({time.monotonic() - started:.1f} s)")
    return 0


def _check() -> int:
    lines = coverage.faults()
    for line in lines:
        print(line)
    print(coverage.summary())
    return 1 if lines else 0


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
