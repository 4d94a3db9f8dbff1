"""Cases through adapters: which are asked, of whom, and what their answers come to."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformance.case import Case
from conformance.compare import MalformedError, differences
from conformance.protocol import Adapter, Failure, StartError
from conformance.verdict import Outcome, Verdict

PROTOCOL_CASES = ("start", "stop")  # commands that are a conversation of their own


@dataclass(frozen=True)
class Runtime:
    """What an adapter said of itself, narrowed to the features asked about."""

    name: str
    version: str
    language: str
    classes: tuple[str, ...]
    features: frozenset[str]

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
        )

    @property
    def player_only(self) -> bool:
        """[claim-1]: its codes are not compared."""
        return not {"validator", "complete"} & set(self.classes)


def judge(case: Case, adapter: Adapter, runtime: Runtime) -> Outcome:
    """Put one case to one adapter."""
    started = time.monotonic()
    verdict, details = _judge(case, adapter, runtime)
    return Outcome(case, verdict, tuple(details), time.monotonic() - started)


def _judge(case: Case, adapter: Adapter, runtime: Runtime) -> tuple[Verdict, list[str]]:
    lacking = [feature for feature in case.features if feature not in runtime.features]
    if lacking:
        return Verdict.SKIPPED, [f"not declared: {', '.join(lacking)}"]
    try:
        if case.command in PROTOCOL_CASES:
            return _converse(case, adapter)
        answer = adapter.ask(case.request_line())
    except StartError as error:
        return Verdict.CRASH, [str(error)]
    if isinstance(answer, Failure):
        return answer.verdict, [answer.detail]
    if answer.kind == "skipped":
        feature = answer.value["feature"]
        return Verdict.WRONGLY_SKIPPED, [f"skipped for want of {feature!r}, but all is declared"]
    try:
        found = differences(case, answer, player=runtime.player_only)
    except MalformedError as error:
        return Verdict.MALFORMED, [str(error)]
    return (Verdict.MISMATCH, found) if found else (Verdict.PASS, [])


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


def run(
    cases: list[Case],
    command: list[str],
    *,
    jobs: int = 1,
    timeout: float = 30.0,
    features: Iterable[str] | None = None,
    progress: Callable[[Outcome], None] = lambda _: None,
) -> tuple[Runtime, list[Outcome]]:
    """All cases, by `jobs` adapters side by side; the outcomes stand in the order of the cases."""
    adapters: list[Adapter] = []
    local = threading.local()
    lock = threading.Lock()
    with Adapter(command, timeout) as first:
        first.start()
        runtime = Runtime.of(first.greeting, features)
        free = [first]

        def one(case: Case) -> Outcome:
            if not hasattr(local, "adapter"):
                with lock:
                    local.adapter = free.pop() if free else Adapter(command, timeout)
                    adapters.append(local.adapter)
            outcome = judge(case, local.adapter, runtime)
            with lock:
                progress(outcome)
            return outcome

        try:
            with ThreadPoolExecutor(max_workers=jobs) as pool:
                outcomes = list(pool.map(one, cases))
        finally:
            for adapter in adapters:
                adapter.kill()
    return runtime, outcomes
