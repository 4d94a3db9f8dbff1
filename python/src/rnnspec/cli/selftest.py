"""`rnnspec selftest`: does a file give here what it says it gives?"""

import argparse
import json

from rnnspec import Model, SelfTest
from rnnspec import compile as compile_model
from rnnspec import selftest as selftest_plan
from rnnspec.cli.files import read_model
from rnnspec.cli.text import plural, safe, shown

NAME = "selftest"
SUMMARY = "run the examples inside a file and compare"
EXAMPLES = [
    "rnnspec selftest model.rnn",
    "rnnspec selftest model.rnn --format json | jq -r .verdict",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("path", metavar="MODEL", help="a model file, or - for standard input")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to report (default: text)"
    )


def action(options: argparse.Namespace) -> int:
    """Exit code 1 if an example fails."""
    model, _ = read_model(options.path)
    result = selftest_plan(compile_model(model))
    if options.format == "json":
        report = {
            "path": options.path,
            "verdict": result.verdict,
            "exact": result.exact,
            "reference": result.reference,
            "failed": list(result.failed),
        }
        print(json.dumps(report))
    else:
        for index in result.failed:
            kind = (model.examples or ())[index].kind
            print(
                f"{shown(options.path)}: failed: the {kind} example /examples/{index} does not hold"
            )
        print(f"{result.verdict.upper()} {shown(options.path)}: {_reason(model, result)}")
    return 1 if result.failed else 0


def _reason(model: Model, result: SelfTest) -> str:
    """Why: a file with exact examples alone proves only that it agrees with itself ([example-2])."""
    count = result.exact + result.reference
    if not count:
        return "the file has none to run"
    if result.failed:
        return f"{len(result.failed)} of {plural(count, 'example')} failed"
    exact = f"{plural(result.exact, 'exact example')}"
    if not result.reference:
        return f"{exact}, none from the system that it came from"
    sources = [example.source for example in model.examples or () if example.source]
    systems = ", ".join(sorted({f"{source.system} {source.version}" for source in sources}))
    return f"{plural(result.reference, 'reference example')} of {safe(systems)}, {exact}"
