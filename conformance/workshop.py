"""The commands that only the repository has: where cases come from, and whether they are good."""

import argparse
import time
from pathlib import Path

from conformance import coverage, fuzz, generator, golden, soak, spec_examples
from conformance.arguments import positive_int
from conformance.case import CaseError
from conformance.close import mutants as close_mutants
from conformance.mutants import page
from conformance.mutants import report as mutants
from conformance.runner import LEVELS
from conformance.soak import lane

EXAMPLES = """\
in the repository:
  {program} generate --check              are the cases what the oracles say?
  {program} check                         is each requirement covered?
  {program} mutants                       would the cases notice a mistake?
  {program} mutants --level close         and where bits are not compared?
  {program} golden-run -- node js/src/adapter.js          a thousand steps of the shipped net
  {program} soak --adapter "node js/src/adapter.js"       random nets
  {program} fuzz --adapter "node js/src/adapter.js"       damaged documents
"""


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", only: argparse.ArgumentParser
) -> None:
    """Declare them; `only` has the filters."""
    three = commands.add_parser("generate", help="write the cases, or check that they are right")
    three.add_argument("--check", action="store_true", help="change nothing; compare bytes")
    three.add_argument("sections", nargs="*", metavar="SECTION")

    commands.add_parser("check", help="requirements and codes without a case")

    mutated = commands.add_parser(
        "mutants", parents=[only], help="does every mistake made in the oracles fail a case?"
    )
    mutated.add_argument("--level", choices=LEVELS, default="exact", help="of comparison")
    mutated.add_argument("--jobs", type=positive_int, default=2, help="processes side by side")
    mutated.add_argument(
        "--out", type=Path, metavar="FILE", help="write the page of all scores, both levels"
    )

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
    ask.add_argument("--chunk", type=positive_int, metavar="STEPS", help="of each chunk")
    ask.add_argument(
        "--batch", type=positive_int, metavar="ROWS", help="the tokens are one of them"
    )

    broken = commands.add_parser(
        "fuzz", help="adapters against the oracle's reader, over damaged documents"
    )
    broken.add_argument("--count", type=positive_int, default=2000, metavar="N", help="documents")
    broken.add_argument("--seed", type=int, default=1, help="one seed, the same documents")
    broken.add_argument("--first", type=int, default=0, metavar="K", help="start with document K")
    broken.add_argument(
        "--adapter", action="append", required=True, metavar="COMMAND", help="may be repeated"
    )

    endless = commands.add_parser(
        "soak", help="adapters against each other and the oracles, over random nets and calls"
    )
    endless.add_argument("--count", type=positive_int, metavar="N", help="models; else no end")
    endless.add_argument("--seed", type=int, default=1, help="one seed, the same models")
    endless.add_argument("--first", type=int, default=0, metavar="K", help="start with model K")
    endless.add_argument(
        "--jobs", type=positive_int, default=2, help="processes with adapters each"
    )
    endless.add_argument(
        "--oracle", type=positive_int, default=10, metavar="K", help="it answers every K-th (10)"
    )
    endless.add_argument(
        "--truth", type=positive_int, default=10, metavar="K", help="true values of every K-th (10)"
    )
    endless.add_argument(
        "--adapter", action="append", required=True, metavar="COMMAND", help="may be repeated"
    )

    worked = commands.add_parser("spec-examples", help="write the worked examples into SPEC.md")
    worked.add_argument("--check", action="store_true", help="change nothing; compare")


def act(options: argparse.Namespace, command: list[str]) -> int:
    """Run one of them; gives the exit status."""
    match options.action:
        case "generate":
            return _generate(options.sections, check=options.check)
        case "mutants":
            return _mutants(options)
        case "golden":
            both = {"check": options.check, "write": options.write}
            return golden.golden(options.model, options.tokens, **both)
        case "golden-run":
            return golden.golden_run(_ways(options), command)
        case "fuzz":
            which = (options.count, options.seed, options.first)
            return fuzz.fuzz(*which, options.adapter, fuzz.FOLDER)
        case "soak":
            commands = tuple(options.adapter)
            orders = lane.Orders(options.seed, commands, options.oracle, options.truth)
            return soak.soak(options.count, options.first, orders, soak.FOLDER, options.jobs)
        case "spec-examples":
            return spec_examples.spec_examples(check=options.check)
    return _check()


def _mutants(options: argparse.Namespace) -> int:
    """One level; both, one after the other, for the page."""
    if options.out is not None and (options.filters or options.level == "close"):
        raise CaseError("--out writes the page of all scores: without filters, and without --level")
    status = 0
    scores: list[mutants.Score] = []
    if options.level != "close":
        status, scores = mutants.report(options.filters, options.jobs)
    if options.level == "exact" and options.out is None:
        return status
    judgements = close_mutants.judged(options.filters, options.jobs)
    status |= close_mutants.report(judgements)
    if options.out is not None:
        text = page.page(scores, judgements)
        options.out.write_text(text, encoding="utf-8")
    return status


def _ways(options: argparse.Namespace) -> list[golden.Way]:
    """All of them, unless one is described."""
    if options.interface is options.chunk is options.batch is None:
        return list(golden.WAYS)
    return [golden.Way(options.interface or "run", options.chunk or 0, options.batch or 1)]


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
