"""One random net with its call, and what the oracle says to it."""

import random
from dataclasses import dataclass
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import json_bytes, msgpack_bytes
from conformance.oracle import digest
from conformance.oracle.answer import answer
from conformance.oracle.net import load
from conformance.oracle.reader import read
from conformance.soak.call import request_of
from conformance.soak.net import Net
from conformance.soak.options import GENERATES, Row

Json = dict[str, Any]


@dataclass(frozen=True)
class Saved:
    """A state on its way from one runtime to another, between two chunks of the call."""

    state: Json
    encoding: str
    structure: str
    request: Json | None  # the call from there on; None, if there was no chunk left
    expect: Json

    def write(self, id: str) -> Case:
        """The question to the one that writes."""
        request = {"state": self.state, "encoding": self.encoding, "structure": self.structure}
        return _case(id, "write_state", None, request, {"encoding": self.encoding})

    def read(self, id: str, data: bytes) -> Case:
        """The question to the one that reads what was written."""
        return _case(id, "read_state", Document(data), {}, {"findings": [], "state": self.state})

    def go_on(self, id: str, net: Document) -> Case | None:
        """The rest of the call, from the state that was read: it has the bits of `state`."""
        if self.request is None:
            return None
        return _case(id, "run", net, self.request | {"state": self.state}, self.expect)


@dataclass(frozen=True)
class Task:
    """All that is asked about one net."""

    number: int
    row: Row
    sizes: list[int]
    validate: Case
    call: Case
    saved: Saved | None

    @property
    def document(self) -> Document:
        """The net."""
        assert self.call.document is not None
        return self.call.document

    @property
    def codes(self) -> list[str]:
        """How each chunk ended (or the generating): with a code, or ""."""
        chunks = self.call.expect.get("chunks", [self.call.expect.get("error", {})])
        return [chunk.get("code", "") for chunk in chunks]


def task(seed: int, number: int, row: Row) -> Task:
    """Draws what the row leaves open, and asks the oracle."""
    rng = random.Random(f"soak/{seed}/{number}/net")  # noqa: S311 - repeatable on purpose
    id = f"soak/{seed}-{number}"
    net = Net(row, rng)
    request = request_of(row, net, rng)
    write = msgpack_bytes if row["encoding"] == "msgpack" else json_bytes
    data = write(net.document)
    result = read(data)
    if result.document is None:
        raise ValueError(f"{id}: the generator's fault: {result.findings[:3]}")
    structure = digest.structure(result.document)
    findings = [finding.to_json() for finding in result.findings]
    digests = {"structure": structure, "fingerprint": digest.fingerprint(result.document)}
    command = "decode" if row["call"] in GENERATES else "run"
    reply = answer(command, load(result.document), request)
    call = _case(id, command, Document(data), request, reply.get("result", reply))
    return Task(
        number, row, net.sizes,
        _case(id, "validate", Document(data), {}, {"findings": findings} | digests),
        call, _saved(row, call, structure, rng),
    )  # fmt: skip


def _saved(row: Row, call: Case, structure: str, rng: random.Random) -> Saved | None:
    """The state after one of the chunks."""
    if row.get("saved state", "no") == "no":
        return None
    chunks = call.expect["chunks"]
    told = [k for k in range(len(chunks)) if "state" in chunks[k]]
    if not told:  # the fault of the only chunk hides how many rows there are
        return None
    at = rng.choice([k for k in told if k + 1 < len(chunks)] or told)
    rest = call.request["chunks"][at + 1 :]
    return Saved(
        state=chunks[at]["state"],
        encoding=row["saved state"],
        structure=structure,
        request=call.request | {"chunks": rest} if rest else None,
        expect={"chunks": chunks[at + 1 :]},
    )


def _case(id: str, command: str, document: Document | None, request: Json, expect: Json) -> Case:
    """A case that every runtime must take: no feature excuses it."""
    return Case(id, "", (), (), "", command, expect, document, request)
