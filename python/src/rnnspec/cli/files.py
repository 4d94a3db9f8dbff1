"""Files in: `-`, folders, models, and clear errors. `targets` has the files that go out."""

import argparse
import os
import sys
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rnnspec import Model, RnnspecError
from rnnspec.cli.color import error_style
from rnnspec.cli.options import limits_of
from rnnspec.cli.places import places
from rnnspec.cli.text import error_line, safe, shown
from rnnspec.load import model_of
from rnnspec.validate import read

MODEL_SUFFIXES = (".rnn", ".rnn.json")

_PIECE = 1 << 20


class UsageError(Exception):
    """Wrong use, or a file that can't be read or written: exit code 2."""


class Refused(Exception):  # noqa: N818  it is an answer, not an accident
    """The files are fine, but what was asked for can't be done with them: exit code 1."""


class Unsound(Exception):  # noqa: N818  as above
    """A model file has errors, a line each: exit code 1."""


class Given(NamedTuple):
    """A model as it was given."""

    model: Model
    data: bytes
    version: str  # of the format, as the file says


def read_model(path: str, options: argparse.Namespace) -> Given:
    """The model in a file. Raises UsageError, Unsound.

    A file of another version, tried anyway, is warned about on standard error.
    """
    limits = limits_of(options)
    data = read_bytes(path, limits.size)
    try:
        reading = read(data, limits, try_anyway=options.try_anyway)
    except RnnspecError as error:
        raise unsound(path, data, error, options) from None
    for issue in reading.issues:
        if issue.code == "VERSION_TRIED":
            line = error_line(path, issue, style=error_style(options.color))
            print(line, file=sys.stderr)
    return Given(model_of(reading), data, str(reading.document["rnnspec"]))


def unsound(path: str, data: bytes, error: RnnspecError, options: argparse.Namespace) -> Unsound:
    """What is wrong with a file, a line each."""
    style = error_style(options.color)
    found = zip(error.issues, places(data, error.issues), strict=True)
    return Unsound("\n".join(error_line(path, issue, at, style) for issue, at in found))


def read_bytes(path: str, limit: int | None = None) -> bytes:
    """All bytes of a file, or of standard input for `-`; past `limit`, the first of them.

    Raises UsageError.
    """
    try:
        if path == "-":
            return _read(standard_input(), limit)
        with Path(path).open("rb") as file:
            return _read(file, limit)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise cannot_read(path, error) from None


def standard_input() -> BinaryIO:
    """The bytes of standard input. Raises UsageError if it is closed."""
    if sys.stdin is None:
        raise UsageError("can't read <stdin>: it is closed")
    return sys.stdin.buffer


def _read(file: BinaryIO, limit: int | None) -> bytes:
    if limit is None:
        return file.read()
    # In pieces, for `file.read(limit)` sets all that memory aside at once.
    pieces, size = [], 0
    while size <= limit and (piece := file.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def models_in(path: str) -> list[str]:
    """The model files of a folder and of those in it, by name: `*.rnn` and `*.rnn.json`, sorted.

    Hidden folders are left out, links to folders are not followed. Raises UsageError for a folder
    that can't be read, and for one that holds no model.
    """

    def failed(error: OSError) -> None:
        raise cannot_read(error.filename or path, error)

    found: list[str] = []
    for folder, inner, names in os.walk(path, onerror=failed):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found += [
            os.path.join(folder, name)  # noqa: PTH118  the path as it was given, with its ./
            for name in sorted(names)
            if name.lower().endswith(MODEL_SUFFIXES)
        ]
    if not found:
        raise UsageError(f"no model in {shown(path)}: expected files named *.rnn or *.rnn.json")
    return found


def once(*paths: str | None) -> None:
    """Raises UsageError if more than one of the paths is standard input."""
    if paths.count("-") > 1:
        raise UsageError("standard input can be read only once: give - only once")


def suffix(path: str) -> str:
    """The last suffix in lower case, such as `.npy`."""
    return Path(path).suffix.lower()


def cannot_read(path: str, error: Exception) -> UsageError:
    """A line about a file that can't be read."""
    return UsageError(f"can't read {shown(path)}: {reason(error)}")


def reason(error: Exception) -> str:
    """What the system says."""
    return safe((isinstance(error, OSError) and error.strerror) or str(error))
