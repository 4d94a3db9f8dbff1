"""Files in and out: `-`, clear errors, and never half a file."""

import os
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rnnspec import Limits, Model, RnnspecError, load
from rnnspec.cli.text import error_line, safe, shown

_PIECE = 1 << 20


class UsageError(Exception):
    """Wrong use, or a file that can't be read or written: exit code 2."""


class Refused(Exception):  # noqa: N818  it is an answer, not an accident
    """The files are fine, but what was asked for can't be done with them: exit code 1."""


class Unsound(Exception):  # noqa: N818  as above
    """A model file has errors, a line each: exit code 1."""


def read_model(path: str) -> tuple[Model, bytes]:
    """The model in a file, and the file's bytes. Raises UsageError, Unsound."""
    data = read_bytes(path, Limits().size)
    try:
        return load(data), data
    except RnnspecError as error:
        lines = [error_line(path, issue, data) for issue in error.issues]
        raise Unsound("\n".join(lines)) from None


def read_bytes(path: str, limit: int | None = None) -> bytes:
    """All bytes of a file, or of standard input for `-`; past `limit`, the first of them.

    Raises UsageError.
    """
    try:
        if path == "-":
            if sys.stdin is None:
                raise UsageError("can't read <stdin>: it is closed")
            return _read(sys.stdin.buffer, limit)
        with Path(path).open("rb") as file:
            return _read(file, limit)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError(f"can't read {shown(path)}: {_reason(error)}") from None


def _read(file: BinaryIO, limit: int | None) -> bytes:
    if limit is None:
        return file.read()
    # In pieces, for `file.read(limit)` sets all that memory aside at once.
    pieces, size = [], 0
    while size <= limit and (piece := file.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def once(*paths: str | None) -> None:
    """Raises UsageError if more than one of the paths is standard input."""
    if paths.count("-") > 1:
        raise UsageError("standard input can be read only once: give - only once")


def suffix(path: str) -> str:
    """The last suffix in lower case, such as `.npy`."""
    return Path(path).suffix.lower()


def write_all(contents: Mapping[str, bytes]) -> None:
    """Writes every file whole, or none: into temporary files, then renamed. `-` is standard output.

    Raises UsageError.
    """
    waiting: list[_Waiting] = []
    try:
        for path, data in contents.items():
            if path != "-":
                waiting.append(_stage(path, data))  # known before the next one can fail
        if "-" in contents:
            sys.stdout.flush()
            sys.stdout.buffer.write(contents["-"])
            sys.stdout.buffer.flush()
        for file in waiting:
            file.commit()
    finally:
        for file in waiting:
            file.temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Waiting:
    path: str
    data: bytes
    target: Path
    temporary: Path

    def commit(self) -> None:
        try:
            if _is_special(self.target):
                self.target.write_bytes(self.data)
            else:
                self.temporary.replace(self.target)
        except OSError as error:
            raise _cannot_write(self.path, error) from None


def _stage(path: str, data: bytes) -> _Waiting:
    """Does all that may fail before the first file is replaced."""
    try:
        given = Path(path)
        # A link stays, and what it points to is replaced; not every link to a pipe resolves.
        target = given if _is_special(given) else given.resolve()
        temporary = target.with_name(f".rnnspec-{secrets.token_hex(8)}")
        if target.is_dir():
            raise IsADirectoryError(0, "Is a directory")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(0, "Permission denied")
        if not _is_special(target):
            _write_new(temporary, data)
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise _cannot_write(path, error) from None
    return _Waiting(path, data, target, temporary)


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _is_special(target: Path) -> bool:
    """A device or a pipe, such as /dev/null, is written to and not replaced."""
    return target.exists() and not target.is_file()


def _cannot_write(path: str, error: Exception) -> UsageError:
    return UsageError(f"can't write {safe(path)}: {_reason(error)}")


def _reason(error: Exception) -> str:
    return safe((isinstance(error, OSError) and error.strerror) or str(error))
