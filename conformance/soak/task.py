"""One random net, and all the questions about it; what the answers must be is for others to say."""

import random
from dataclasses import dataclass
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import json_bytes, msgpack_bytes
from conformance.soak.call import Caller
from conformance.soak.net import Net
from conformance.soak.options import Row

Json = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """A request of section 17.1 that has no answer yet."""

    id: str
    command: str
    document: bytes | None
    request: Json

    def case(self, expect: Json) -> Case:
        """With its answer; a case that every runtime must take: no feature excuses it."""
        document = None if self.document is None else Document(self.document)
        return Case(self.id, "", (), (), "", self.command, expect, document, self.request)


@dataclass(frozen=True)
class Task:
    """All that is asked about one net."""

    number: int
    row: Row
    net: Json  # the document before it was written; data are bytes where that is msgpack
    document: bytes
    sizes: list[int]
    validate: Question
    convert: Question | None  # to the other encoding, or to the same
    call: Question
    refused: Question | None  # a call more, which must be refused
    before: Question | None  # a call of run whose last state is saved; None if nothing is
    chunk: int  # of `before`, after which the state is saved

    def go_on(self, state: Json) -> Question | None:
        """The rest of the call, or the call itself, from the state that was saved."""
        if self.before is None:
            return None
        if self.before is not self.call:
            return self.again(self.call.request | {"state": state})
        rest = self.call.request["chunks"][self.chunk + 1 :]
        return self.again(self.call.request | {"chunks": rest, "state": state}) if rest else None

    def again(self, request: Json) -> Question:
        """The same command with another request."""
        return Question(self.call.id, self.call.command, self.call.document, request)


def written(net: Json, row: Row) -> bytes:
    """The document as a file."""
    return (msgpack_bytes if row["encoding"] == "msgpack" else json_bytes)(net)


def task(seed: int, number: int, row: Row) -> Task:
    """Draws what the row leaves open."""
    rng = random.Random(f"soak/{seed}/{number}/net")  # noqa: S311 - repeatable on purpose
    id = f"soak/{seed}-{number}"
    net = Net(row, rng)
    caller = Caller(row, net, rng)
    request = caller.request()
    refused = caller.refused(request)
    before = caller.before(request)
    data = written(net.document, row)
    call = Question(id, caller.command, data, request)
    saved: Question | None = None
    if row["saved state"] != "no":
        saved = call if call.command == "run" else Question(id, "run", data, before)
    converted: Question | None = None
    if row["convert"] != "no":
        converted = Question(id, "convert", data, {"encoding": row["convert"]})
    chunks = 1 if saved is None else len(saved.request["chunks"])
    return Task(
        number, row, net.document, data, net.sizes,
        Question(id, "validate", data, {}),
        converted,
        call,
        None if refused is None else Question(id, refused[0], data, refused[1]),
        saved if chunks else None,
        rng.randrange(chunks) if chunks else 0,
    )  # fmt: skip
