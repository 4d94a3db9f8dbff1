"""What the command line prints: one line a finding, and words that are safe at a terminal."""

import sys
import time
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from types import TracebackType
from typing import Final, Self

from rnnspec import Issue
from rnnspec.cli.color import PLAIN, Style
from rnnspec.cli.places import Place

# Categories whose characters can move the cursor, reorder a line or end it.
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PROSE: Final = "\n\t\u200c\u200d"  # the last two join and part letters and emoji


def safe(text: str) -> str:
    """A name or a text for one line: nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def prose(text: str) -> str:
    """A text of many lines for a terminal, such as a net writes."""
    return "".join(
        c if c in _PROSE or unicodedata.category(c) not in _STEERING else _escape(c) for c in text
    )


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def shown(path: str) -> str:
    """A path as messages show it; `-` is standard input."""
    return "<stdin>" if path == "-" else safe(path)


def error_line(path: str, issue: Issue, at: Place | None = None, style: Style = PLAIN) -> str:
    """`path: error CODE: what, where: expected; fix`, in JSON texts with `path:line:column`."""
    place = f"{shown(path)}:{at.line}:{at.column}" if at else shown(path)
    severity = style.paint(issue.severity, issue.severity)
    return f"{place}: {severity} {style.paint('strong', issue.code)}: {safe(issue.message)}"


def plural(number: int, noun: str) -> str:
    """`1 layer`, `2 layers`, `12,345 parameters`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` with the nearest of the known words, or nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


class Progress:
    """A line such as `run 40 %` on standard error, at a terminal, for what takes over a second."""

    def __init__(self, what: str, total: int | None, *, quiet: bool = False) -> None:
        self._what = what
        self._total = total
        self._quiet = quiet
        self._next = time.monotonic() + 1
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def at(self, done: int) -> None:
        """Says how much is done, at most ten times a second."""
        if self._quiet or time.monotonic() < self._next or not sys.stderr.isatty():
            return
        self._next = time.monotonic() + 0.1
        amount = f"{done:,}" if self._total is None else f"{100 * done // self._total} %"
        line = f"{self._what} {amount}"
        self._width = max(self._width, len(line))
        print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)
