"""Several adapters asked the same: what soak and fuzz share."""

import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance.case import Case
from conformance.compare import differences
from conformance.compare_arrays import MalformedError
from conformance.protocol import Adapter, Answer, Failure, StartError
from conformance.runner import Runtime

MOST_SHOWN = 20  # differences; the others are only counted


@dataclass(frozen=True)
class Member:
    """One adapter, and what it said of itself."""

    command: str
    adapter: Adapter
    runtime: Runtime

    def ask(self, case: Case) -> tuple[Answer | None, list[str]]:
        """The answer to a case, and what is wrong with it."""
        try:
            answer = self.adapter.ask(case.request_line())
            if isinstance(answer, Failure):
                return None, [f"{answer.verdict.value}: {answer.detail}"]
            if answer.kind == "skipped":
                return None, [f"skipped for want of {answer.value['feature']!r}"]
            return answer, differences(case, answer, player=self.runtime.player_only)
        except (MalformedError, StartError) as error:
            return None, [str(error)]


class Fleet:
    """Adapters, each a process; they are asked at the same time."""

    def __init__(self, commands: list[str], timeout: float) -> None:
        self.members: list[Member] = []
        for command in commands:
            adapter = Adapter(shlex.split(command), timeout)
            adapter.start()
            self.members.append(Member(command, adapter, Runtime.of(adapter.greeting, None)))
        self.pool = ThreadPoolExecutor(len(self.members))

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members:
            member.adapter.stop()
            member.adapter.kill()
        self.pool.shutdown()

    def judge(self, case: Case) -> list[tuple[Member, list[str]]]:
        """The members that fail a case, with what is wrong."""
        answers = self.pool.map(lambda member: member.ask(case), self.members)
        judged = zip(self.members, answers, strict=True)
        return [(member, wrong) for member, (_, wrong) in judged if wrong]


class Found:
    """Differences: counted, printed with the line that asks again, the document kept."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.folder = folder
        self.count = 0

    def add(
        self, number: int, name: str, data: bytes, members: Sequence[Member], details: list[str]
    ) -> None:
        """One difference; `name` is that of the document's file."""
        self.count += 1
        if self.count > MOST_SHOWN:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(data)
        print(f"DIFFERENCE {' → '.join(member.runtime.name for member in members)} on {path}")
        for detail in details[:5]:
            print(f"    {detail}")
        adapters = " ".join(f"--adapter {shlex.quote(member.command)}" for member in members)
        print(f"  again: --seed {self.seed} --first {number} --count 1 {adapters}", flush=True)
