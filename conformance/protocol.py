"""The protocol of SPEC 17.1 from the harness's side: one adapter process, one line per message.

The conversation, and what can go wrong in it:

    start   the process can't be started, or says nothing useful    StartError
    ask     no answer in time                                       Verdict.TIMEOUT
            bytes and bytes, and no newline                         Verdict.ENDLESS
            the process ended, with or without its children         Verdict.CRASH
            it closed its output and lives on                       Verdict.CLOSED
            the answer has the `seq` of another request             Verdict.OUT_OF_ORDER
            a second answer to the request before                   Verdict.TWICE
            a line that is no answer at all                         Verdict.MALFORMED
    stop    no empty result, or another exit code than 0            reported as the case protocol/stop

After each of these the process is ended, with all that it started; the next `ask` starts a new one.
"""

import contextlib
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import Any

from conformance.messages import Answer, OtherSeq, greeting_fault, parse_answer, shown
from conformance.pipes import Inbox, LastWords, end, new_group, send
from conformance.verdict import Verdict

PROTOCOL = 1
MEBIBYTE = 1 << 20
SECOND_LINE = 0.3  # seconds for the answer behind an answer that comes a second time
LAST_WORDS = 1.0  # seconds for a process to end that has closed its output
LOOK = 1.0  # seconds between two looks at whether a silent process is still there


class StartError(Exception):
    """The adapter can't be used at all."""


@dataclass(frozen=True)
class Failure:
    """A request without a usable answer; `earlier`: the fault is that of the request before it."""

    verdict: Verdict
    detail: str
    earlier: bool = False


class Adapter:
    """One adapter; not for two threads at once, but for `abandon`."""

    def __init__(self, command: list[str], timeout: float) -> None:
        self.command = command
        self.timeout = timeout
        self.process: subprocess.Popen[bytes] | None = None
        self.inbox = Inbox()
        self.last_words = LastWords()
        self.seq = 0
        self.greeting: dict[str, Any] = {}
        self.last_line = b""
        self.abandoned = False

    def __enter__(self) -> "Adapter":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    # --- the process ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process and greet it; StartError says why that failed."""
        self.kill()
        try:
            self.process = subprocess.Popen(  # noqa: S603 — the command that the user gave
                self.command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **new_group(),
            )
        except OSError as error:
            self.kill()
            raise StartError(f"can't start {self.command[0]}: {error.strerror}") from error
        if self.abandoned:
            self.kill()
            raise StartError("the run was ended")
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.last_line = b""
        self.last_words = LastWords()
        self.last_words.read(self.process.stderr)
        self.inbox = Inbox()
        self.inbox.read(self.process.stdout)
        answer = self.exchange({"command": "start", "protocol": PROTOCOL})
        if isinstance(answer, Failure):
            raise StartError(f"no answer to `start`: {answer.verdict.value}: {answer.detail}")
        fault = greeting_fault(answer.value)
        if answer.kind != "result" or fault is not None:
            self.kill()
            if answer.kind != "result":
                raise StartError(f"`start` was answered with {answer.kind}: {answer.value}")
            raise StartError(f"`start` was answered badly: {fault}")
        self.greeting = answer.value

    def kill(self) -> None:
        """End the process and what it started, if there is one."""
        if self.process is not None:
            end(self.process)
            self.inbox.close()
            self.last_words.close()
            self.process = None

    def abandon(self) -> None:
        """From another thread: the process ends now, and whoever waits for it sees a crash."""
        self.abandoned = True  # before the look: a process that starts now sees it
        process = self.process
        if process is not None:
            end(process, wait=False)

    def stop(self) -> str | None:
        """Ask the process to end; says what was wrong with how it did."""
        answer = self.ask({"command": "stop"})
        if isinstance(answer, Failure):
            return f"{answer.verdict.value}: {answer.detail}"
        if answer != Answer("result", {}):
            self.kill()
            return f"expected an empty result, got {answer.kind} {answer.value}"
        assert self.process is not None
        try:
            code = self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"still running {self.timeout:g} s after its answer to `stop`"
        try:
            line = self.inbox.get(SECOND_LINE)
        except TimeoutError:
            said = "it has ended after `stop`, and something that it started holds its output"
            return self._failed(Verdict.CLOSED, said).detail
        if line != b"":
            said = f"something after the answer to `stop`: {shown(line or b'')}"
            return self._failed(Verdict.MALFORMED, said).detail
        self.kill()
        return None if code == 0 else f"expected exit code 0, it ended with {how_it_ended(code)}"

    def dismiss(self, patience: float) -> Failure | None:
        """`stop` at the end of a run: only what still came for the last request is of interest."""
        if self.process is None:
            return None
        self.timeout = min(self.timeout, patience)
        answer = self.exchange({"command": "stop"})
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.timeout)
        self.kill()
        return answer if isinstance(answer, Failure) and answer.earlier else None

    # --- messages ---------------------------------------------------------------------------------

    def ask(self, request: dict[str, Any]) -> Answer | Failure:
        """One request and its answer; starts the process if none is running."""
        if self.process is None:
            self.start()
        return self.exchange(request)

    def exchange(self, request: dict[str, Any]) -> Answer | Failure:
        """One request and its answer; after a failure the process is ended."""
        assert self.process is not None
        assert self.process.stdin is not None
        left_over = self.inbox.waiting()
        if left_over is not None:
            return self._unasked(left_over)
        self.seq += 1
        send(self.process.stdin, json.dumps({"seq": self.seq, **request}).encode() + b"\n")
        try:
            reply = self._reply()
        except TimeoutError:
            return self._silence()
        if reply is None:
            return self._failed(Verdict.ENDLESS, f"a line of more than {self.inbox.limit}")
        if not reply.endswith(b"\n"):
            return self._end_of_output(reply)
        answer = parse_answer(reply, self.seq)
        if isinstance(answer, Answer):
            self.last_line = reply
            return answer
        if isinstance(answer, OtherSeq):
            return self._other_seq(answer, reply)
        return self._failed(Verdict.MALFORMED, answer)

    def _reply(self) -> bytes | None:
        """The next line; TimeoutError if none comes in time, or ever, as the process is gone."""
        assert self.process is not None
        until = time.monotonic() + self.timeout
        gone = False
        while True:
            left = until - time.monotonic()
            try:
                return self.inbox.get(max(0.0, min(left, LOOK)))
            except TimeoutError:
                if gone or left <= LOOK:
                    raise
                # What it started may hold its output, so that this does not end; one more look at what it wrote.
                gone = self.process.poll() is not None

    def _unasked(self, line: bytes) -> Failure:
        """Something came after the last answer and before this request."""
        if not line.endswith(b"\n"):
            ended = self._end_of_output(line)
            return Failure(ended.verdict, f"after its answer: {ended.detail}", earlier=True)
        if isinstance(parse_answer(line, self.seq), Answer) or line == self.last_line:
            said = f"seq {self.seq} was answered again: {shown(line)}"
            return self._failed(Verdict.TWICE, said, earlier=True)
        said = f"a line that nobody asked for, after the answer: {shown(line)}"
        return self._failed(Verdict.MALFORMED, said, earlier=True)

    def _other_seq(self, found: OtherSeq, line: bytes) -> Failure:
        """The request before was answered twice, or this one wrongly: what follows tells."""
        if found.seq == self.seq - 1:
            follows = b""
            with contextlib.suppress(TimeoutError):
                follows = self.inbox.get(SECOND_LINE) or b""
            if line == self.last_line or isinstance(parse_answer(follows, self.seq), Answer):
                said = f"seq {found.seq} was answered again: {shown(line)}"
                return self._failed(Verdict.TWICE, said, earlier=True)
        said = f"expected seq {self.seq}, got {found.seq}: {shown(line)}"
        return self._failed(Verdict.OUT_OF_ORDER, said)

    def _silence(self) -> Failure:
        """No whole line in time."""
        assert self.process is not None
        code = self.process.poll()
        if code is not None:
            said = f"the adapter ended with {how_it_ended(code)}, and something that it started holds its output"
            return self._failed(Verdict.CRASH, said)
        held = self.inbox.unfinished
        within = f"within {self.timeout:g} s"
        if held >= MEBIBYTE:
            return self._failed(
                Verdict.ENDLESS, f"{held // MEBIBYTE} MiB without a newline {within}"
            )
        part = f", only {held} bytes of a line" if held else ""
        return self._failed(Verdict.TIMEOUT, f"no answer {within}{part}")

    def _end_of_output(self, reply: bytes) -> Failure:
        """The exit code and the end of standard error."""
        assert self.process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LAST_WORDS)
        code = self.process.poll()
        how = (
            "closed its output and runs on" if code is None else f"ended with {how_it_ended(code)}"
        )
        tail = self.last_words.lines()
        words = [f"the adapter {how}"]
        if reply:
            words.append(f"in the middle of a line: {shown(reply)}")
        words += [" | ".join(tail)] if tail else []
        return self._failed(Verdict.CLOSED if code is None else Verdict.CRASH, "; ".join(words))

    def _failed(self, verdict: Verdict, detail: str, *, earlier: bool = False) -> Failure:
        self.kill()
        return Failure(verdict, detail, earlier)


def how_it_ended(code: int) -> str:
    """An exit code; a signal by its name, where the system has signals."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"exit code {code}, the signal {signal.Signals(-code).name}"
    return f"exit code {code}"
