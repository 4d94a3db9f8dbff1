"""`rnnspec selftest`: does a file give here what it says it gives?"""

import argparse
import json

from rnnspec import Model, SelfTest
from rnnspec import compile as compile_model
from rnnspec import selftest as selftest_plan
from rnnspec.cli.color import output_style
from rnnspec.cli.files import read_model
from rnnspec.cli.options import add_format, add_limits, add_model, add_quiet
from rnnspec.cli.text import plural, safe, shown

NAME = "selftest"
SUMMARY = "run the examples inside a file and compare"
EXAMPLES = [
    "rnnspec selftest model.rnn",
    "rnnspec selftest model.rnn --format json | jq -r .verdict",
]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_model(parser)
    add_format(parser)
    add_quiet(parser, "only examples that fail: no verdict")
    add_limits(parser)


def action(options: argparse.Namespace) -> int:
    """Exit code 1 if an example fails."""
    model = read_model(options.path, options).model
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
        return 1 if result.failed else 0
    for index in result.failed:
        kind = (model.examples or ())[index].kind
        print(f"{shown(options.path)}: failed: the {kind} example /examples/{index} does not hold")
    if not options.quiet:
        role = "error" if result.failed else "ok"
        verdict = output_style(options.color).paint(role, result.verdict.upper())
        print(f"{verdict} {shown(options.path)}: {_reason(model, result)}")
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
