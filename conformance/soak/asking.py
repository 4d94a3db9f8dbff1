"""Puts everything about one net to every adapter: they must agree with each other, and with the oracle where it is asked.

The oracle is slow. It answers a sample of the nets, and wherever the adapters do not all say the same: then it says who is wrong.
"""

import base64
import itertools
from dataclasses import dataclass, field
from typing import Any

from conformance.case import Case
from conformance.fleet import Difference, Fleet, Member
from conformance.messages import Answer
from conformance.soak.example import self_test
from conformance.soak.oracle import Oracle
from conformance.soak.task import Question, Task

Json = dict[str, Any]
Replies = list[Answer | str]


@dataclass
class Asked:
    """What came of one net."""

    differences: list[Difference] = field(default_factory=list)
    wrong: list[tuple[Case, Difference]] = field(default_factory=list)  # that one case shows
    expect: Json = field(default_factory=dict)  # of the call
    refused: Json = field(default_factory=dict)  # of the call that must be refused


class Asking:
    """The questions about one net; `sampled`: the oracle answers them all."""

    def __init__(self, fleet: Fleet, task: Task, *, sampled: bool) -> None:
        self.fleet = fleet
        self.task = task
        self.sampled = sampled or len(fleet.members) == 1
        self.oracle = Oracle(task.document)
        self.structure = ""
        self.found = Asked()

    def all(self) -> Asked:
        """Everything."""
        task = self.task
        self.structure = self.settle(task.validate).get("structure", "")
        if self.sampled and task.convert is not None:  # the oracle's reader judges what was written
            self.settle(task.convert)
        self.found.expect = self.settle(task.call)
        if task.refused is not None:
            self.found.refused = self.settle(task.refused)
        if task.row.get("self-test") == "yes":
            self.examples(self.found.expect)
        if task.before is not None:
            before = self.found.expect if task.before is task.call else self.settle(task.before)
            self.pass_on(before)
        return self.found

    def settle(self, question: Question) -> Json:
        """Asks, notes who is wrong, and gives the right answer (that of most, where the oracle was not asked)."""
        unsettled = question.case({})
        replies = self.fleet.replies(unsettled)
        expect: Json = {}
        if not self.sampled:
            first = next((reply for reply in replies if isinstance(reply, Answer)), None)
            expect = {} if first is None else _as_expected(first)
            if first is not None and not self.fleet.judged(question.case(expect), replies):
                return expect
        try:
            expect = self.oracle.expect(question)
        except Exception as fault:  # noqa: BLE001 - an oracle that fails is a finding, whatever it is
            self.note(self.fleet.members, [f"the oracle failed: {type(fault).__name__}: {fault}"])
            return expect
        case = question.case(expect)
        for member, wrong in self.fleet.judged(case, replies):
            self.note([member], [f"{question.command}: {line}" for line in wrong], case)
        return expect

    def examples(self, expect: Json) -> None:
        """The net with what it gave as examples: one of them is wrong."""
        case = self_test(self.task, expect) if "chunks" in expect else None
        for member, wrong in self.fleet.judge(case) if case else ():
            self.note([member], [f"selftest: {line}" for line in wrong])

    def note(self, members: list[Member], wrong: list[str], case: Case | None = None) -> None:
        """One difference."""
        difference = Difference.of(members, wrong)
        self.found.differences.append(difference)
        if case is not None:
            self.found.wrong.append((case, difference))

    # --- saved states -----------------------------------------------------------------------------

    def pass_on(self, before: Json) -> None:
        """Each adapter writes a state, each reads what each has written, and goes on from it."""
        chunks = before.get("chunks", [])
        state = chunks[self.task.chunk].get("state") if chunks else None
        if state is None:  # the fault of the only chunk hides how many rows there are
            return
        written = self.write(state)
        members, count = self.fleet.members, len(self.fleet.members)
        for shift in range(count):  # at any time, one question for each
            order = [(k + shift) % count for k in range(count)]
            sources = [written[k] for k in order]
            wrong = self.fleet.pool.map(self.read, members, sources, itertools.repeat(state))
            for reader, k, lines in zip(members, order, wrong, strict=True):
                if lines:
                    self.note([members[k], reader][reader is members[k] :], lines)
        rest = self.task.go_on(state)
        if rest is not None:
            self.settle(rest)

    def write(self, state: Json) -> list[bytes | None]:
        """The files of all members; None where one can't write."""
        encoding = self.task.row["saved state"]
        request = {"state": state, "encoding": encoding, "structure": self.structure}
        question = Question(self.task.call.id, "write_state", None, request)
        case = question.case({"encoding": encoding})
        found: list[bytes | None] = []
        for member, reply in zip(self.fleet.members, self.fleet.replies(case), strict=True):
            if isinstance(reply, str) or "document" not in reply.value:
                self.note([member], [f"write_state: {reply}"])
                found.append(None)
                continue
            found.append(base64.b64decode(reply.value["document"]))
            # Judging a file takes the oracle's reader; the others read it in any case.
            wrong = member.wrong(case, reply) if self.sampled else []
            if wrong:
                self.note([member], [f"write_state: {line}" for line in wrong])
        return found

    def read(self, reader: Member, data: bytes | None, state: Json) -> list[str]:
        """What is wrong with one reading."""
        if data is None:
            return []
        case = Question(self.task.call.id, "read_state", data, {}).case(
            {"findings": [], "state": state}
        )
        return [f"read_state: {line}" for line in reader.wrong(case, reader.reply(case))]


def _as_expected(answer: Answer) -> Json:
    """An answer as a case expects it."""
    return {"error": answer.value} if answer.kind == "error" else answer.value
