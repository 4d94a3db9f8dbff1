"""Progress: on standard error, where a person is looking."""

import sys


def progress(text: str) -> None:
    """One line that the next one replaces; nothing where no terminal is."""
    if sys.stderr.isatty():
        print(f"\x1b[K{text}", end="\r", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """A line that stays, terminal or not."""
    clear = "\x1b[K" if sys.stderr.isatty() else ""
    print(f"{clear}{text}", file=sys.stderr, flush=True)
