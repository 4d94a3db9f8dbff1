"""Options that several verbs share, so that they are the same everywhere."""

import argparse
from dataclasses import fields

from rnnspec import Limits
from rnnspec.cli.color import MODES
from rnnspec.cli.text import did_you_mean, safe

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def add_common(parser: argparse.ArgumentParser) -> None:
    """What every verb takes, and `rnnspec` itself before the verb."""
    group = parser.add_argument_group("everywhere")
    # Without a default: the one before the verb must not be undone by that behind it.
    group.add_argument(
        "--color",
        choices=MODES,
        default=argparse.SUPPRESS,
        help="paint messages (default: auto, at a terminal; NO_COLOR and FORCE_COLOR are heeded)",
    )
    group.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show where a fault of rnnspec happened",
    )


def add_model(parser: argparse.ArgumentParser, **changes: str) -> None:
    """The path of a model."""
    settings = {"metavar": "MODEL", "help": "a model file, or - for standard input", **changes}
    parser.add_argument("path", **settings)  # type: ignore[arg-type]  # as argparse takes them


def add_format(parser: argparse.ArgumentParser, *more: str) -> None:
    """`--format text|json` and more."""
    parser.add_argument(
        "--format",
        choices=["text", "json", *more],
        default="text",
        help="how to report (default: text)",
    )


def add_quiet(parser: argparse.ArgumentParser, what: str) -> None:
    """`--quiet`; `what` says what is still told."""
    parser.add_argument("--quiet", "-q", action="store_true", help=what)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """How a model file is read."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--limit",
        action="append",
        default=[],
        type=_limit,
        metavar="NAME=N",
        help="another limit, such as size=1G or layers=1000: " + ", ".join(_names()),
    )
    group.add_argument(
        "--try-anyway",
        action="store_true",
        help="read a file of another version as one of this version, with a warning",
    )


def limits_of(options: argparse.Namespace) -> Limits:
    """The limits of the format, but for those that were given."""
    return Limits(**dict(options.limit))


def _names() -> list[str]:
    return [field.name for field in fields(Limits)]


def _limit(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in _names():
        raise argparse.ArgumentTypeError(
            f"there is no limit {safe(name)}{did_you_mean(name, _names())}; there are {', '.join(_names())}"
        )
    unit = _UNITS.get(number[-1:].upper(), 1)
    digits = number if unit == 1 else number[:-1]
    if not digits.isascii() or not digits.isdigit():
        raise argparse.ArgumentTypeError(
            f"{safe(text)}: expected a number such as {name}=5000, or with K, M or G"
        )
    return name, int(digits) * unit
