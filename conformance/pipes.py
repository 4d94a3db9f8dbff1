"""A child process and its pipes: lines that arrive, lines that go, and its end with all that it started."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from typing import IO, Any

MAX_LINE = 64 << 20  # bytes of an answer: what SPEC 17.1 says of requests
MAX_WAITING = 16  # lines; whoever floods us waits
SMALL = 4096  # bytes that every system's pipe takes without a reader
REST_OF_LINE = 0.3  # seconds for a line that has begun
LAST_BYTES, LAST_LINES = 2000, 5  # of standard error
JOIN = 1.0  # seconds for a thread to see that its process is gone
ON_POSIX = os.name == "posix"


class Inbox:
    """The lines of an adapter: whole ones; what is left at the end, which may be nothing; None for a line too long.

    Lines that come in one piece are seen together: so a second answer right behind the first is seen with it.
    """

    limit = f"{MAX_LINE >> 20} MiB"

    def __init__(self) -> None:
        self.lines: deque[bytes | None] = deque()
        self.changed = threading.Condition()
        self.closed = False
        self.unfinished = 0  # bytes of the line that is still coming
        self.pipe: IO[bytes] | None = None
        self.thread: threading.Thread | None = None

    def read(self, pipe: IO[bytes]) -> None:
        """Begin."""
        self.pipe = pipe
        self.thread = threading.Thread(target=self._read, args=(pipe.fileno(),), daemon=True)
        self.thread.start()

    def get(self, timeout: float) -> bytes | None:
        """The next of them; TimeoutError if none comes in time."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.lines, timeout):
                raise TimeoutError
            self.changed.notify_all()
            return self.lines.popleft()

    def waiting(self) -> bytes | None:
        """What has come already, b"" if that is the end, and None if nothing has, or a line that does not end."""
        if not self.lines and not self.unfinished:
            return None
        with self.changed:
            if not self.changed.wait_for(lambda: self.lines, REST_OF_LINE):
                return None
        line = self.get(0)
        return f"({self.limit} without a newline)\n".encode() if line is None else line

    def close(self) -> None:
        """No more of it."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        if self.thread is not None and self.pipe is not None:
            self.thread.join(JOIN)
            # A descendant that left the group may hold the other end: a number in use is not given back.
            if not self.thread.is_alive():
                self.pipe.close()

    def _read(self, number: int) -> None:
        parts: list[bytes] = []
        with contextlib.suppress(OSError):
            while chunk := os.read(number, 1 << 16):
                *whole, rest = chunk.split(b"\n")
                if whole:
                    whole[0] = b"".join([*parts, whole[0]])
                    parts, self.unfinished = [rest], len(rest)  # before the lines are seen
                    self._put([line + b"\n" for line in whole])
                else:
                    parts.append(rest)
                    self.unfinished += len(rest)
                if self.unfinished > MAX_LINE:
                    self._put([None])
                    return
        self._put([b"".join(parts)])

    def _put(self, lines: Sequence[bytes | None]) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.closed or len(self.lines) < MAX_WAITING)
            self.lines.extend(lines)
            self.changed.notify_all()


class LastWords:
    """What a process writes on standard error: the end of it, whatever it comes to.

    It has to be read, or the process would stop at a full pipe; and it may be endless.
    """

    def __init__(self) -> None:
        self.end = b""
        self.pipe: IO[bytes] | None = None
        self.thread: threading.Thread | None = None

    def read(self, pipe: IO[bytes]) -> None:
        """Begin."""
        self.pipe = pipe
        self.thread = threading.Thread(target=self._read, args=(pipe.fileno(),), daemon=True)
        self.thread.start()

    def lines(self) -> list[str]:
        """The last of them, once the process has ended or while it runs."""
        if self.thread is not None:
            self.thread.join(REST_OF_LINE)
        return self.end.decode(errors="replace").strip().splitlines()[-LAST_LINES:]

    def close(self) -> None:
        """No more of it."""
        if self.thread is not None and self.pipe is not None:
            self.thread.join(JOIN)
            if not self.thread.is_alive():
                self.pipe.close()

    def _read(self, number: int) -> None:
        with contextlib.suppress(OSError):
            while chunk := os.read(number, 1 << 16):
                self.end = (self.end + chunk)[-LAST_BYTES:]


def send(pipe: IO[bytes], line: bytes) -> None:
    """A line to the process; one that does not read must not block the harness."""
    if len(line) <= SMALL:
        _write(pipe, line)
    else:
        threading.Thread(target=_write, args=(pipe, line), daemon=True).start()


def _write(pipe: IO[bytes], line: bytes) -> None:
    """A process that ended is noticed by its silence."""
    left = memoryview(line)
    with contextlib.suppress(OSError, ValueError):
        while left:
            left = left[pipe.write(left) :]


def new_group() -> dict[str, Any]:
    """Arguments of Popen: a group of its own, so that its descendants can be ended with it."""
    return {"start_new_session": True} if ON_POSIX else {}


def end(process: subprocess.Popen[bytes], *, wait: bool = True) -> None:
    """The process and its group are gone; without `wait`, told so."""
    if ON_POSIX:
        # Before wait(): until then nobody else can have the number of the group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()
    if wait:
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
