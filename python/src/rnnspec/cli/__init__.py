"""The command line: `rnnspec VERB …`. One file a verb.

Exit codes: 0 all is well; 1 the file has findings, or its examples fail; 2 wrong use, an argument
that does not fit, or a file that can't be read or written; 130 after Ctrl-C; 141 where the reader
of a pipe went away.
Results go to standard output, everything about the run itself to standard error.
"""

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

from rnnspec import KernelError, RnnspecError
from rnnspec.cli.color import error_style
from rnnspec.cli.files import Refused, Unsound, UsageError
from rnnspec.cli.parser import VERBS, parse, tree
from rnnspec.cli.text import error_line, safe, shown

__all__ = ["VERBS", "main"]

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130  # what a shell shows for a process that SIGINT ended
EXIT_CLOSED_PIPE = 141  # and for one that SIGPIPE ended

# The option that an argument of the library came from.
_OPTIONS: Final = {
    "input": ("--input", "input"),
    "lengths": ("--lengths", "lengths"),
    "state": ("--state", "state"),
    "probe": ("--probe", None),
    "blank": ("--blank", None),
    "prime": ("--prime", None),
    "text": ("--prime", None),
    "count": ("--count", None),
    "seed": ("--seed", None),
    "temperature": ("--temperature", None),
    "top_k": ("--top-k", None),
    "top_p": ("--top-p", None),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; `argv` without the program's name.

    Raises SystemExit as argparse does, after --help and for wrong options.
    """
    _prepare_streams()
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        try:
            return _act(given)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _leave(sys.stdout)
        return EXIT_CLOSED_PIPE
    except OSError as error:  # files have their own messages: this is a full disk behind `>`
        _leave(sys.stdout)
        with contextlib.suppress(OSError):
            print(f"rnnspec: can't write what it found: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _act(argv: list[str]) -> int:
    if not argv:
        tree().print_help(sys.stderr)
        return EXIT_USAGE
    options = parse(argv)
    try:
        code: int = options.action(options)
    except Unsound as error:
        print(error, file=sys.stderr)
        return EXIT_FINDINGS
    except Refused as error:
        print(f"rnnspec: {error}", file=sys.stderr)
        return EXIT_FINDINGS
    except (UsageError, KernelError) as error:
        print(f"rnnspec: {error}", file=sys.stderr)
        return EXIT_USAGE
    except RnnspecError as error:
        return _report_call(options, error)
    except MemoryError:
        print("rnnspec: this does not fit in memory", file=sys.stderr)
        return EXIT_USAGE
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, a user gets a line and not a stack
        if options.debug:
            traceback.print_exc()
        what = safe(f"{type(error).__name__}: {error}")
        print(
            f"rnnspec: a fault of rnnspec, please report it: {what} (`rnnspec --debug …` says where)",
            file=sys.stderr,
        )
        return EXIT_USAGE
    return code


def _report_call(options: argparse.Namespace, error: RnnspecError) -> int:
    """The model is sound, and a call failed: because of an argument, or because the net overflows."""
    for issue in error.issues:
        option, member = _OPTIONS.get(str(issue.place), ("", None))
        value = getattr(options, member, None) if member else None
        place = f"{option} {shown(value)}" if value else option or shown(options.path)
        print(error_line(place, issue, style=error_style(options.color)), file=sys.stderr)
    return EXIT_FINDINGS if error.code == "RUN_NONFINITE" else EXIT_USAGE


def _prepare_streams() -> None:
    """Streams that take whatever is printed: in every encoding, and where the caller closed them."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for as long as we live
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave(stream: object) -> None:
    """The interpreter flushes once more at exit: gives what is left somewhere to go."""
    if isinstance(stream, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
