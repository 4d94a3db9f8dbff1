"""`rnnspec conformance`: the suite that asks a runtime whether it does what SPEC.md says.

It is a distribution of its own, so that a runtime in another language needs nothing of this one.
"""

import argparse
from importlib import import_module
from importlib.util import find_spec

from rnnspec.cli.files import UsageError

NAME = "conformance"
SUMMARY = "ask a runtime of your own what SPEC.md asks of it"
EXAMPLES = [
    "rnnspec conformance new-adapter python",
    "rnnspec conformance run -- python3 adapter.py",
    "rnnspec conformance run --features json,dense -- python3 adapter.py",
    "rnnspec conformance list lstm",
]

_PACKAGE = "rnnspec_conformance"
_MISSING = (
    "the suite is a distribution of its own: `pip install rnnspec-conformance`, "
    "or `pip install ./conformance` in the repository"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares that all that follows is the suite's."""
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="list, run, report, new-adapter, archive and their options, as of rnnspec-conformance",
    )


def action(options: argparse.Namespace) -> int:
    """Hands on; the exit code is the suite's."""
    if find_spec(_PACKAGE) is None:
        raise UsageError(_MISSING)
    code: int = import_module(f"{_PACKAGE}.cli").main(options.arguments or ["--help"])
    return code
