"""What the command line prints: one line a finding, and words that are safe at a terminal."""

import re
import sys
import time
import unicodedata
from types import TracebackType
from typing import Final, Self

from rnnspec import Issue

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


def position(data: bytes, issue: Issue) -> tuple[int, int] | None:
    """Line and column of a byte offset in a JSON text, both from 1, columns in characters."""
    offset = issue.place
    if not isinstance(offset, int) or not (issue.stage == "syntax" or issue.code == "BYTES_UTF8"):
        return None
    if not re.match(rb"[\t\n\r ]*+\{", data):
        return None
    line = data.count(b"\n", 0, offset) + 1
    start = data.rfind(b"\n", 0, offset) + 1
    return line, len(data[start:offset].decode("utf-8", "replace")) + 1


def error_line(path: str, issue: Issue, data: bytes) -> str:
    """`path: error CODE: what, where: expected; fix`, in JSON texts with `path:line:column`."""
    at = position(data, issue)
    place = f"{shown(path)}:{at[0]}:{at[1]}" if at else shown(path)
    return f"{place}: {issue.severity} {issue.code}: {safe(issue.message)}"


def plural(number: int, noun: str) -> str:
    """`1 layer`, `2 layers`, `12,345 parameters`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class Progress:
    """A line such as `run 40 %` on standard error, at a terminal, for what takes over a second."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._next = time.monotonic() + 1
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def at(self, done: int) -> None:
        """Says how much is done, at most ten times a second."""
        if time.monotonic() < self._next or not sys.stderr.isatty():
            return
        self._next = time.monotonic() + 0.1
        line = f"{self._what} {100 * done // self._total} %"
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
