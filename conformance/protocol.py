"""The protocol of SPEC 17.1 from the harness's side: one adapter process, one line per message.

The conversation, and what can go wrong in it:

    start   the process can't be started, or says nothing useful    StartError
    ask     no answer in time                                       Verdict.TIMEOUT
            the process ended                                       Verdict.CRASH
            a line that is no answer to this request                Verdict.MALFORMED
    stop    no empty result, or another exit code than 0            reported as the case protocol/stop

After a timeout, a crash or a malformed line the process is ended; the next `ask` starts a new one.
"""

import contextlib
import json
import queue
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import IO, Any

from conformance.verdict import Verdict

PROTOCOL = 1
KINDS = ("result", "error", "skipped")
START_MEMBERS = ("name", "version", "language", "formats", "classes", "levels", "features")


class StartError(Exception):
    """The adapter can't be used at all."""


@dataclass(frozen=True)
class Failure:
    """A request without a usable answer."""

    verdict: Verdict
    detail: str


@dataclass(frozen=True)
class Answer:
    """A well-formed answer: `kind` is result, error or skipped."""

    kind: str
    value: dict[str, Any]


class Adapter:
    """One adapter; not for two threads at once."""

    def __init__(self, command: list[str], timeout: float) -> None:
        self.command = command
        self.timeout = timeout
        self.process: subprocess.Popen[bytes] | None = None
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.stderr: IO[bytes] | None = None
        self.seq = 0
        self.greeting: dict[str, Any] = {}

    def __enter__(self) -> "Adapter":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    # --- the process ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process and greet it; StartError says why that failed."""
        self.kill()
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 — closed in kill()
        try:
            self.process = subprocess.Popen(  # noqa: S603 — the command that the user gave
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.stderr,
            )
        except OSError as error:
            raise StartError(f"can't start {self.command[0]}: {error.strerror}") from error
        self.lines = queue.Queue()
        arguments = (self.process.stdout, self.lines)
        threading.Thread(target=_read_lines, args=arguments, daemon=True).start()
        answer = self.exchange({"command": "start", "protocol": PROTOCOL})
        if isinstance(answer, Failure):
            raise StartError(f"no answer to `start`: {answer.verdict.value}: {answer.detail}")
        if answer.kind != "result":
            raise StartError(f"`start` was answered with {answer.kind}: {answer.value}")
        fault = greeting_fault(answer.value)
        if fault is not None:
            raise StartError(f"`start` was answered badly: {fault}")
        self.greeting = answer.value

    def kill(self) -> None:
        """End the process, if there is one."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            self.process = None
        if self.stderr is not None:
            self.stderr.close()
            self.stderr = None

    def stop(self) -> str | None:
        """Ask the process to end; says what was wrong with how it did."""
        answer = self.ask({"command": "stop"})
        if isinstance(answer, Failure):
            return f"{answer.verdict.value}: {answer.detail}"
        if answer != Answer("result", {}):
            return f"expected an empty result, got {answer.kind} {answer.value}"
        assert self.process is not None
        try:
            code = self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"still running {self.timeout:g} s after its answer to `stop`"
        self.kill()
        return None if code == 0 else f"expected exit code 0, got {code}"

    # --- messages ---------------------------------------------------------------------------------

    def ask(self, request: dict[str, Any]) -> Answer | Failure:
        """One request and its answer; starts the process if none is running."""
        if self.process is None:
            self.start()
        return self.exchange(request)

    def exchange(self, request: dict[str, Any]) -> Answer | Failure:
        """One request and its answer; after a failure the process is ended."""
        assert self.process is not None
        self.seq += 1
        line = json.dumps({"seq": self.seq, **request}).encode() + b"\n"
        # A thread of its own: an adapter that does not read must not block the harness.
        writing = (self.process.stdin, line)
        threading.Thread(target=_write_line, args=writing, daemon=True).start()
        deadline = time.monotonic() + self.timeout
        try:
            reply = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return self._failed(Verdict.TIMEOUT, f"no answer within {self.timeout:g} s")
        if not reply.endswith(b"\n"):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
            return self._failed(Verdict.CRASH, self._last_words(reply))
        answer = parse_answer(reply, self.seq)
        if isinstance(answer, str):
            return self._failed(Verdict.MALFORMED, answer)
        return answer

    def _failed(self, verdict: Verdict, detail: str) -> Failure:
        self.kill()
        return Failure(verdict, detail)

    def _last_words(self, reply: bytes) -> str:
        """The exit code and the end of standard error."""
        assert self.process is not None
        assert self.stderr is not None
        code = self.process.poll()
        how = "closed its output" if code is None else f"ended with exit code {code}"
        self.stderr.seek(0)
        tail = self.stderr.read()[-2000:].decode(errors="replace").strip().splitlines()[-5:]
        words = [f"the adapter {how}"]
        if reply:
            words.append(f"in the middle of a line: {shown(reply)}")
        return "; ".join(words + ([" | ".join(tail)] if tail else []))


def _read_lines(pipe: IO[bytes], lines: "queue.Queue[bytes]") -> None:
    """Every line, then what is left without a newline, which may be nothing: the end."""
    with contextlib.suppress(OSError, ValueError):
        while line := pipe.readline():
            lines.put(line)
            if not line.endswith(b"\n"):
                return
    lines.put(b"")


def _write_line(pipe: IO[bytes], line: bytes) -> None:
    """A process that ended is noticed by its silence."""
    with contextlib.suppress(OSError, ValueError):
        pipe.write(line)
        pipe.flush()


def parse_answer(line: bytes, seq: int) -> Answer | str:
    """The answer on a line, or what is wrong with it."""
    try:
        message = json.loads(line.decode("utf-8"))
    except ValueError as error:
        return f"not a line of JSON ({error}): {shown(line)}"
    if not isinstance(message, dict):
        return f"not an object: {shown(line)}"
    got = message.get("seq")
    if got != seq or isinstance(got, bool):
        return f"expected seq {seq}, got {got!r}: {shown(line)}"
    kinds = [kind for kind in KINDS if kind in message]
    if len(kinds) != 1 or set(message) != {"seq", *kinds}:
        return f"expected seq and one of {', '.join(KINDS)}: {shown(line)}"
    value = message[kinds[0]]
    if not isinstance(value, dict):
        return f"`{kinds[0]}` is not an object: {shown(line)}"
    if kinds[0] == "error" and not any(isinstance(value.get(k), str) for k in ("code", "message")):
        return f"`error` has neither code nor message: {shown(line)}"
    if kinds[0] == "skipped" and not isinstance(value.get("feature"), str):
        return f"`skipped` names no feature: {shown(line)}"
    return Answer(kinds[0], value)


def greeting_fault(greeting: dict[str, Any]) -> str | None:
    """What is wrong with an answer to `start` [protocol-1]."""
    if set(greeting) != set(START_MEMBERS):
        return f"expected the members {', '.join(START_MEMBERS)}, got {', '.join(greeting)}"
    for member in START_MEMBERS:
        value = greeting[member]
        if member in START_MEMBERS[:3]:
            if not isinstance(value, str):
                return f"`{member}` is not a string"
        elif not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            return f"`{member}` is not a list of strings"
    return None


def shown(line: bytes) -> str:
    """A line for people: cut, and with nothing in it that a terminal would obey."""
    text = ascii(line[:120].decode(errors="replace").rstrip("\n"))
    return text + (" …" if len(line) > 120 else "")
