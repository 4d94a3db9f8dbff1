"""Several adapters asked the same: what soak and fuzz share."""

import shlex
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance.case import Case
from conformance.compare import differences
from conformance.compare_arrays import MalformedError
from conformance.messages import Answer
from conformance.protocol import Adapter, Failure, StartError
from conformance.runner import Runtime

MOST_SHOWN = 20  # differences; the others are only counted
SHOWN_LINES = 5  # of one difference


@dataclass(frozen=True)
class Member:
    """One adapter, and what it said of itself."""

    command: str
    adapter: Adapter
    runtime: Runtime

    def reply(self, case: Case) -> Answer | str:
        """The answer to a case, or why there is none; the case's `expect` is not looked at."""
        try:
            answer = self.adapter.ask(case.request_line())
        except StartError as error:
            return str(error)
        if isinstance(answer, Failure):
            return f"{answer.verdict.value}: {answer.detail}"
        if answer.kind == "skipped":
            return f"skipped for want of {answer.value['feature']!r}"
        return answer

    def wrong(self, case: Case, answer: Answer | str) -> list[str]:
        """What is wrong with an answer, or with having none."""
        if isinstance(answer, str):
            return [answer]
        try:
            return differences(case, answer, player=self.runtime.player_only)
        except MalformedError as error:
            return [str(error)]


class Fleet:
    """Adapters, each a process; they are asked at the same time."""

    def __init__(self, commands: Sequence[str], timeout: float) -> None:
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

    def replies(self, case: Case) -> list[Answer | str]:
        """What each member answers."""
        return list(self.pool.map(lambda member: member.reply(case), self.members))

    def judged(self, case: Case, replies: Sequence[Answer | str]) -> list[tuple[Member, list[str]]]:
        """The members whose replies are not what the case expects, with what is wrong."""
        pairs = zip(self.members, replies, strict=True)
        each = [(member, member.wrong(case, reply)) for member, reply in pairs]
        return [(member, wrong) for member, wrong in each if wrong]

    def judge(self, case: Case) -> list[tuple[Member, list[str]]]:
        """Asks, and gives the members that fail the case."""
        return self.judged(case, self.replies(case))


@dataclass(frozen=True)
class Difference:
    """Who is wrong, and how."""

    names: tuple[str, ...]
    commands: tuple[str, ...]
    details: tuple[str, ...]

    @classmethod
    def of(cls, members: Sequence[Member], details: Sequence[str]) -> "Difference":
        """A difference that these members have, or make together."""
        names = tuple(member.runtime.name for member in members)
        return cls(names, tuple(member.command for member in members), tuple(details))


class Found:
    """Differences: counted, printed with the line that asks again, the document kept."""

    def __init__(self, again: str, seed: int, folder: Path) -> None:
        self.again = again  # the command that asks again, without seed, number and adapters
        self.seed = seed
        self.folder = folder
        self.count = 0

    def add(self, number: int, name: str, data: bytes, difference: Difference) -> None:
        """One difference; `name` is that of the document's file."""
        self.count += 1
        if self.count > MOST_SHOWN:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(data)
        print(f"DIFFERENCE {' → '.join(difference.names)} on {path}")
        for detail in difference.details[:SHOWN_LINES]:
            print(f"    {detail}")
        which = f"--seed {self.seed} --first {number} --count 1"
        print(f"  again: {self.again} {which} {_adapters(difference)}", flush=True)


def _adapters(difference: Difference) -> str:
    return " ".join(f"--adapter {shlex.quote(command)}" for command in difference.commands)
