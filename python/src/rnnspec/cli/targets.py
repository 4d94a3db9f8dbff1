"""Files out: whole or not at all. What is written goes into temporary files first."""

import contextlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from rnnspec.cli.files import UsageError, reason
from rnnspec.cli.text import safe


class Target:
    """One file on its way out. Raises UsageError for all that goes wrong with it."""

    file: BinaryIO
    temporary: Path

    def __init__(self, path: str) -> None:
        self.path = path
        self._mode: int | None = None
        self._made = False

    def write(self, data: bytes | memoryview) -> None:
        """Appends."""
        try:
            self.file.write(data)
        except OSError as error:
            raise self._failed(error) from None

    def written(self) -> Path:
        """Where the contents are for now, to read them again."""
        try:
            self.file.flush()
        except OSError as error:
            raise self._failed(error) from None
        return self.temporary

    def prepare(self) -> None:
        """Does all that may fail before the first file is replaced."""
        try:
            given = Path(self.path)
            if self.path != "-" and given.is_dir():
                raise IsADirectoryError(0, "Is a directory")
            if self.path == "-" or _is_special(given):
                self._final = given
                number, name = tempfile.mkstemp(prefix="rnnspec-")
                self.temporary, self._made = Path(name), True
                self.file = os.fdopen(number, "w+b")
                return
            self._final = given.resolve()
            if self._final.exists():
                if not os.access(self._final, os.W_OK):
                    raise PermissionError(0, "Permission denied")
                self._mode = stat.S_IMODE(self._final.stat().st_mode)
            self.temporary = self._final.with_name(f".rnnspec-{secrets.token_hex(8)}")
            self.file = self.temporary.open("x+b")
            self._made = True
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise self._failed(error) from None

    def close(self) -> None:
        """Writes what is buffered."""
        try:
            self.file.close()
        except OSError as error:
            raise self._failed(error) from None

    def commit(self) -> None:
        """Puts the contents in their place."""
        if self.path == "-":  # its faults are those of standard output
            sys.stdout.flush()
            with self.temporary.open("rb") as contents:
                shutil.copyfileobj(contents, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        try:
            if _is_special(self._final):
                with self.temporary.open("rb") as contents, self._final.open("wb") as device:
                    shutil.copyfileobj(contents, device)
                return
            if self._mode is not None:
                self.temporary.chmod(self._mode)
            self.temporary.replace(self._final)
        except OSError as error:
            raise self._failed(error) from None

    def discard(self) -> None:
        """Leaves nothing of what was not committed."""
        if self._made:
            self._made = False
            with contextlib.suppress(OSError):
                self.file.close()
            self.temporary.unlink(missing_ok=True)

    def _failed(self, error: Exception) -> UsageError:
        return UsageError(f"can't write {safe(self.path)}: {reason(error)}")


class Targets:
    """Files that go out together: `commit` puts all of them in their places, or none.

    with Targets() as targets:
        target = targets.open("y.npy")
        target.write(b"...")
        targets.commit()

    `-` is standard output. A link stays, and what it points to is replaced; devices and pipes are
    written to. Without `commit`, and after any exception, nothing is left.
    """

    def __init__(self) -> None:
        self._targets: list[Target] = []
        self._scratch = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scratch.close()
        for target in self._targets:
            target.discard()

    def scratch(self) -> BinaryIO:
        """A file without a name, gone at the end."""
        return self._scratch.enter_context(tempfile.TemporaryFile())

    def open(self, path: str) -> Target:
        """A file for the contents of `path`. Raises UsageError if it could not be written."""
        target = Target(path)
        self._targets.append(target)  # known before it can fail
        target.prepare()
        return target

    def commit(self) -> None:
        """Everything in its place, standard output first. Raises UsageError."""
        for target in self._targets:
            target.close()
        for target in sorted(self._targets, key=lambda target: target.path != "-"):
            target.commit()


def _is_special(target: Path) -> bool:
    """A device or a pipe, such as /dev/null, is written to and not replaced."""
    return target.exists() and not target.is_file()
