"""The tree of verbs and options."""

import argparse
from typing import NoReturn

from rnnspec import FORMAT_VERSION, __version__
from rnnspec.cli import (
    completion,
    conformance,
    convert,
    decode,
    diff,
    explain,
    export,
    generate,
    import_,
    info,
    run,
    schema,
    selftest,
    validate,
)
from rnnspec.cli.options import add_common
from rnnspec.cli.text import did_you_mean, safe

VERBS = (
    *(validate, info, convert, run, generate, decode, selftest),
    *(diff, import_, export, explain, schema, conformance, completion),
)


class Parser(argparse.ArgumentParser):
    """Its messages repeat what was given, which a shell may have made of file names."""

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 2."""
        super().error(safe(message))

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """As argparse does, with the nearest of the choices."""
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            what = "verb" if isinstance(action, argparse._SubParsersAction) else "choice"  # noqa: SLF001  it has no other name
            near = did_you_mean(str(value), known)
            raise argparse.ArgumentError(
                None if what == "verb" else action,
                f"there is no {what} {value!r}" + (near or f"; expected one of {', '.join(known)}"),
            )


class _Version(argparse.Action):
    """Two versions, a line each: the tool's changes without the format's."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"rnnspec {__version__}")
        print(f"format {FORMAT_VERSION}")
        parser.exit()


def tree() -> Parser:
    """The parser of the whole command line."""
    top = Parser(
        prog="rnnspec",
        description="Checks, shows, converts and runs rnnspec files: recurrent nets with the same bits everywhere.",
        epilog="`rnnspec VERB --help` shows examples. A PATH of - is standard input. "
        "Exit codes: 0 all is well, 1 findings, 2 wrong use or unreadable files.",
        allow_abbrev=False,
    )
    top.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        help="show the version of this tool and that of the format",
    )
    add_common(top)
    top.set_defaults(color="auto", debug=False)
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        sub = verbs.add_parser(
            verb.NAME,
            help=verb.SUMMARY,
            description=verb.SUMMARY[0].upper() + verb.SUMMARY[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  {line}" for line in verb.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.arguments(sub)
        add_common(sub)
        sub.set_defaults(action=verb.action, parser=sub, tree=top)
    return top


def parse(argv: list[str]) -> argparse.Namespace:
    """The options of a command. Ends with exit code 2 for wrong ones, naming the nearest."""
    options, rest = tree().parse_known_args(argv)
    if rest:
        parser: Parser = options.parser
        known = [name for action in parser._actions for name in action.option_strings]  # noqa: SLF001  argparse tells nobody
        parser.error(f"there is no {rest[0]}{did_you_mean(rest[0].partition('=')[0], known)}")
    return options
