"""Colour: at a terminal, unless somebody asked for something else."""

import os
import sys
from typing import Final, TextIO

MODES: Final = ("auto", "always", "never")

_SGR: Final = {"error": "1;31", "warning": "1;33", "ok": "1;32", "strong": "1", "faint": "2"}


class Style:
    """Paints words, or leaves them as they are."""

    def __init__(self, *, painted: bool) -> None:
        self._painted = painted

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of a role: error, warning, ok, strong or faint."""
        return f"\x1b[{_SGR[role]}m{text}\x1b[0m" if self._painted else text


PLAIN: Final = Style(painted=False)


def style_for(stream: TextIO | None, mode: str = "auto") -> Style:
    """The style of a stream.

    `--color` decides; then NO_COLOR, then FORCE_COLOR, each if it is set and not empty; then
    whether the stream is a terminal that can paint.
    """
    if mode != "auto":
        return Style(painted=mode == "always")
    if os.environ.get("NO_COLOR"):
        return PLAIN
    if force := os.environ.get("FORCE_COLOR"):
        return Style(painted=force != "0")
    is_terminal = stream is not None and stream.isatty()
    return Style(painted=is_terminal and os.environ.get("TERM") != "dumb")


def output_style(mode: str) -> Style:
    """The style of standard output."""
    return style_for(sys.stdout, mode)


def error_style(mode: str) -> Style:
    """The style of standard error."""
    return style_for(sys.stderr, mode)
