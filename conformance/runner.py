"""Cases through adapters: which are asked, of whom, and what their answers come to."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from conformance.case import Case
from conformance.close import judge as close
from conformance.compare import differences
from conformance.compare_arrays import MalformedError
from conformance.messages import Answer
from conformance.protocol import Adapter, Failure, StartError
from conformance.verdict import Outcome, Verdict, is_telling, kept

PROTOCOL_CASES = ("start", "stop")  # commands that are a conversation of their own
VALIDATING = (*PROTOCOL_CASES, "validate", "read_state")  # what [claim-2] asks of a mere validator
ENCODINGS = ("json", "msgpack")
LEVELS = ("exact", "close")
REMEMBERED = 8  # cases asked before, whose answer may come late
PATIENCE = 20  # timeouts in a row, then nothing more is asked
DISMISSAL = 2.0  # seconds for an adapter to end after a run


@dataclass(frozen=True)
class Runtime:
    """What an adapter said of itself, narrowed to what is asked about."""

    name: str
    version: str
    language: str
    classes: tuple[str, ...]
    features: frozenset[str]
    level: str = "exact"  # the one that is asked about

    @classmethod
    def of(cls, greeting: dict[str, Any], only: Iterable[str] | None) -> "Runtime":
        """From the answer to `start`."""
        features = frozenset(greeting["features"])
        return cls(
            name=greeting["name"],
            version=greeting["version"],
            language=greeting["language"],
            classes=tuple(greeting["classes"]),
            features=features if only is None else features & frozenset(only),
            level="exact" if greeting["levels"] != ["close"] else "close",
        )

    @property
    def player_only(self) -> bool:
        """[claim-1]: its codes are not compared."""
        return not {"validator", "complete"} & set(self.classes)

    @property
    def validator_only(self) -> bool:
        """[claim-2]: its numbers are not asked for."""
        return set(self.classes) == {"validator"}

    def lacks(self, case: Case) -> str | None:
        """Why it is not asked a case, if it is not."""
        lacking = [feature for feature in case.features if feature not in self.features]
        if lacking:
            return f"not declared: {', '.join(lacking)}"
        # Cases of the byte stage need no feature, but they are asked of somebody who reads documents.
        if case.document is not None and not self.features.intersection(ENCODINGS):
            return f"not declared: {' or '.join(ENCODINGS)}"
        if self.validator_only and case.command not in VALIDATING:
            return f"not asked of a validator: {case.command}"
        return close.not_comparable(case) if self.level == "close" else None


@dataclass(frozen=True)
class Asking:
    """What of a runtime is looked at; None where it is all that it says of itself."""

    features: frozenset[str] | None = None  # as if only these were declared
    profile: frozenset[str] | None = None  # as if these and no others were declared
    kind: str | None = None  # as if only this class was claimed
    level: str | None = None  # exact or close; an exact runtime passes at close too

    def of(self, runtime: Runtime) -> Runtime:
        """The runtime as it is asked; StartError if it does not claim the class."""
        features = runtime.features if self.profile is None else self.profile
        if self.features is not None:
            features &= self.features
        classes = runtime.classes
        if self.kind is not None:
            if self.kind not in classes and "complete" not in classes:
                raise StartError(f"it does not claim the class {self.kind}: {', '.join(classes)}")
            classes = (self.kind,)
        if self.level == "exact" != runtime.level:
            raise StartError(f"it does not claim the level exact, but {runtime.level}")
        level = self.level or runtime.level
        return replace(runtime, features=features, classes=classes, level=level)


class Worker:
    """One adapter, the cases it was asked, and what became of them."""

    def __init__(self, adapter: Adapter, runtime: Runtime) -> None:
        self.adapter = adapter
        self.runtime = runtime
        self.asked: deque[Case] = deque(maxlen=REMEMBERED)

    def judge(self, case: Case) -> tuple[Outcome, Failure | None]:
        """Put one case; the failure is that of the case before, and this one is to be put again."""
        started = time.monotonic()
        lacking = self.runtime.lacks(case)
        if lacking is not None:
            return Outcome(case, Verdict.SKIPPED, (lacking,), 0.0), None
        verdict, details, got, earlier = self._judge(case)
        took = time.monotonic() - started
        return Outcome(case, verdict, tuple(details), took, got), earlier

    def _judge(
        self, case: Case
    ) -> tuple[Verdict, list[str], dict[str, Any] | None, Failure | None]:
        near: list[str] | None = None
        try:
            if case.command in PROTOCOL_CASES:
                return *_converse(case, self.adapter), None, None
            if self.runtime.level == "close" and close.judges(case):
                answer, near = close.put(case, self.adapter.ask)
            else:
                answer = self.adapter.ask(case.request_line())
        except StartError as error:
            return Verdict.CRASH, [str(error)], None, None
        except MalformedError as error:
            return Verdict.MALFORMED, [str(error)], None, None
        if isinstance(answer, Failure):
            return answer.verdict, [answer.detail], None, answer if answer.earlier else None
        self.asked.append(case)
        if answer.kind == "skipped":
            found = [f"skipped for want of {answer.value['feature']!r}, but all is declared"]
            return Verdict.WRONGLY_SKIPPED, found, None, None
        if near is not None:  # the answer is that to one step, and no report shows it
            return (Verdict.MISMATCH if near else Verdict.PASS), near, None, None
        verdict = Verdict.MISMATCH
        try:
            found = differences(case, answer, player=self.runtime.player_only)
        except MalformedError as error:
            found = [str(error)]
            verdict = Verdict.MALFORMED
        if not found:
            return Verdict.PASS, [], None, None
        got = kept(answer.kind, answer.value)
        other = self._right_for(answer, case)
        if other is not None:
            self.adapter.kill()  # whatever it mixes up, the next case shall not pay for it
            said = f"the right answer to {other.id}, which was asked before"
            return Verdict.WRONG_CASE, [said, *found], got, None
        return verdict, found, got, None

    def _right_for(self, answer: Answer, case: Case) -> Case | None:
        """The case asked before whose right answer this is."""
        if not is_telling(answer.kind, answer.value):
            return None
        for other in self.asked:
            if other.command != case.command or inputs(other) == inputs(case):
                continue
            try:
                if not differences(other, answer, player=False):
                    return other
            except MalformedError:
                continue
        return None


def inputs(case: Case) -> list[Any]:
    """What goes in, without how: who ignores an option gives what is right without it, and mixes nothing up."""
    chunks = case.request.get("chunks", [])
    return [
        *(chunk.get("input") for chunk in chunks),
        case.request.get("prime"),
        case.request.get("input"),
    ]


def _converse(case: Case, adapter: Adapter) -> tuple[Verdict, list[str]]:
    """The cases of `start` and `stop`: a fresh process, greeted and dismissed."""
    with Adapter(adapter.command, adapter.timeout) as fresh:
        fresh.start()
        if case.command == "start":
            found = [
                f"{member}: expected {word!r} among {fresh.greeting[member]}"
                for member, words in case.expect["among"].items()
                for word in words
                if word not in fresh.greeting[member]
            ]
            found += [
                f"{member}: {word!r} is none of {known}"
                for member, known in case.expect["known"].items()
                for word in fresh.greeting[member]
                if word not in known
            ]
        else:
            fault = fresh.stop()
            found = [] if fault is None else [fault]
    return (Verdict.MISMATCH, found) if found else (Verdict.PASS, [])


class Run:
    """The cases of a run, shared out among workers; the outcomes stand in the order of the cases."""

    def __init__(
        self, cases: list[Case], progress: Callable[[Outcome], None], *, fail_fast: bool
    ) -> None:
        self.cases = cases
        self.progress = progress
        self.fail_fast = fail_fast
        self.outcomes: list[Outcome | None] = [None] * len(cases)
        self.next = 0
        self.timeouts = 0  # in a row
        self.over = False
        self.lock = threading.Lock()

    def work(self, worker: Worker) -> None:
        """Case after case, until there are no more."""
        last: int | None = None
        while (index := self._take()) is not None:
            case = self.cases[index]
            if self.timeouts >= PATIENCE and worker.runtime.lacks(case) is None:
                said = f"{PATIENCE} cases in a row had no answer, so no more was asked"
                self._put(index, Outcome(case, Verdict.NOT_ASKED, (said,), 0.0))
                continue
            outcome, earlier = worker.judge(case)
            if earlier is not None and last is not None:
                self._amend(last, earlier)
                outcome, _ = worker.judge(case)
            self._put(index, outcome)
            if outcome.verdict is not Verdict.SKIPPED and case.command not in PROTOCOL_CASES:
                last = index if worker.adapter.process is not None else None
        left = worker.adapter.dismiss(DISMISSAL)
        if left is not None and last is not None:
            self._amend(last, left)

    def _take(self) -> int | None:
        with self.lock:
            if self.over or self.next == len(self.cases):
                return None
            self.next += 1
            return self.next - 1

    def _put(self, index: int, outcome: Outcome) -> None:
        with self.lock:
            self.outcomes[index] = outcome
            if outcome.verdict in (Verdict.TIMEOUT, Verdict.ENDLESS):
                self.timeouts += 1
            elif outcome.verdict not in (Verdict.SKIPPED, Verdict.NOT_ASKED):
                self.timeouts = 0
            self.over |= self.fail_fast and outcome.verdict.failed
            self.progress(outcome)

    def _amend(self, index: int, failure: Failure) -> None:
        """The case before has had its answer, and then more than that."""
        with self.lock:
            outcome = self.outcomes[index]
            assert outcome is not None
            details = (failure.detail, *outcome.details)
            self.outcomes[index] = replace(outcome, verdict=failure.verdict, details=details)
            self.over |= self.fail_fast


def run(
    cases: list[Case],
    command: list[str],
    *,
    jobs: int = 1,
    timeout: float = 30.0,
    asking: Asking | None = None,
    fail_fast: bool = False,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> tuple[Runtime, list[Outcome]]:
    """All cases, by `jobs` adapters side by side; with `fail_fast` those up to the first that fails.

    StartError if the adapter can't be started at all. However it ends, no process is left.
    """
    adapters = [Adapter(command, timeout) for _ in range(min(jobs, max(1, len(cases))))]
    one_run = Run(cases, progress, fail_fast=fail_fast)
    threads: list[threading.Thread] = []
    faults: list[BaseException] = []

    def work(adapter: Adapter) -> None:
        try:
            one_run.work(Worker(adapter, runtime))
        except BaseException as error:  # noqa: BLE001 — of the suite itself: told by the main thread
            faults.append(error)
            one_run.over = True

    try:
        adapters[0].start()
        runtime = (asking or Asking()).of(Runtime.of(adapters[0].greeting, None))
        threads += [threading.Thread(target=work, args=(adapter,)) for adapter in adapters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        one_run.over = True
        for adapter in adapters:
            adapter.abandon()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        for adapter in adapters:
            adapter.kill()
    if faults:
        raise faults[0]
    return runtime, [outcome for outcome in one_run.outcomes if outcome is not None]
