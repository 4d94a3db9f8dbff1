"""The protocol of SPEC 17.1 from the harness's side: one adapter process, one line per message.

The conversation, and what can go wrong in it:

    start   the process can't be started, or says nothing useful    StartError
    ask     no answer in time                                       Verdict.TIMEOUT
            bytes and bytes, and no newline                         Verdict.ENDLESS
            the process ended                                       Verdict.CRASH
            it closed its output and lives on                       Verdict.CLOSED
            the answer has the `seq` of another request             Verdict.OUT_OF_ORDER
            a second answer to the request before                   Verdict.TWICE
            a line that is no answer at all                         Verdict.MALFORMED
    stop    no empty result, or another exit code than 0            reported as the case protocol/stop

After each of these the process is ended, with all that it started; the next `ask` starts a new one.
"""

import contextlib
import json
import subprocess
import tempfile
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from conformance.pipes import Inbox, end, new_group, send
from conformance.verdict import MAX_DEPTH, Verdict, is_shallow

PROTOCOL = 1
KINDS = ("result", "error", "skipped")
START_MEMBERS = ("name", "version", "language", "formats", "classes", "levels", "features")
MEBIBYTE = 1 << 20
SECOND_LINE = 0.3  # seconds for the answer behind an answer that comes a second time
LAST_WORDS = 1.0  # seconds for a process to end that has closed its output


class StartError(Exception):
    """The adapter can't be used at all."""


@dataclass(frozen=True)
class Failure:
    """A request without a usable answer; `earlier`: the fault is that of the request before it."""

    verdict: Verdict
    detail: str
    earlier: bool = False


@dataclass(frozen=True)
class Answer:
    """A well-formed answer: `kind` is result, error or skipped."""

    kind: str
    value: dict[str, Any]


class Adapter:
    """One adapter; not for two threads at once, but for `abandon`."""

    def __init__(self, command: list[str], timeout: float) -> None:
        self.command = command
        self.timeout = timeout
        self.process: subprocess.Popen[bytes] | None = None
        self.inbox = Inbox()
        self.stderr: IO[bytes] | None = None
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
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 — closed in kill()
        try:
            self.process = subprocess.Popen(  # noqa: S603 — the command that the user gave
                self.command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.stderr,
                **new_group(),
            )
        except OSError as error:
            self.kill()
            raise StartError(f"can't start {self.command[0]}: {error.strerror}") from error
        if self.abandoned:
            self.kill()
            raise StartError("the run was ended")
        assert self.process.stdout is not None
        self.last_line = b""
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
            self.process = None
        if self.stderr is not None:
            self.stderr.close()
            self.stderr = None

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
        self.kill()
        return None if code == 0 else f"expected exit code 0, got {code}"

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
            reply = self.inbox.get(self.timeout)
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

    def _other_seq(self, found: "OtherSeq", line: bytes) -> Failure:
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
        assert self.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LAST_WORDS)
        code = self.process.poll()
        how = "closed its output and runs on" if code is None else f"ended with exit code {code}"
        self.stderr.seek(0)
        tail = self.stderr.read()[-2000:].decode(errors="replace").strip().splitlines()[-5:]
        words = [f"the adapter {how}"]
        if reply:
            words.append(f"in the middle of a line: {shown(reply)}")
        words += [" | ".join(tail)] if tail else []
        return self._failed(Verdict.CLOSED if code is None else Verdict.CRASH, "; ".join(words))

    def _failed(self, verdict: Verdict, detail: str, *, earlier: bool = False) -> Failure:
        self.kill()
        return Failure(verdict, detail, earlier)


@dataclass(frozen=True)
class OtherSeq:
    """An answer to another request than the one that waits."""

    seq: int


def parse_answer(line: bytes, seq: int) -> Answer | OtherSeq | str:
    """The answer on a line, or what is wrong with it."""
    try:
        message = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return f"not a line of JSON ({error}): {shown(line)}"
    if not is_shallow(message, MAX_DEPTH):
        return f"nested more than {MAX_DEPTH} levels deep: {shown(line)}"
    if not isinstance(message, dict):
        return f"not an object: {shown(line)}"
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
    got = message["seq"]
    if not isinstance(got, int) or isinstance(got, bool):
        return f"expected seq {seq}, got {got!r}: {shown(line)}"
    return Answer(kinds[0], value) if got == seq else OtherSeq(got)


def _no_number(word: str) -> NoReturn:
    """Python's reader takes NaN and Infinity; JSON has no such words."""
    raise ValueError(f"{word} is no JSON")


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
