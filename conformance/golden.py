"""The shipped net over a thousand tokens: one digest that every runtime must reach.

`golden` lets the scalar oracle run; `golden-run` asks a runtime, through the protocol, for the same
numbers in other ways: at once, in chunks, one step at a time, as one row of a batch. Digests are
SHA-256 over float32, little-endian: the outputs in order; the final state, layers in file order, h
before c; and both, one after the other.
"""

import base64
import hashlib
import json
import struct
from array import array
from dataclasses import dataclass
from itertools import repeat
from operator import add, mul
from pathlib import Path
from typing import Any

from conformance.oracle import digest
from conformance.oracle.answer import from_wire
from conformance.oracle.chain import Vector
from conformance.oracle.net import Layer, Net, load
from conformance.oracle.reader import read
from conformance.oracle.scalar import run
from conformance.oracle.vocabulary import encode
from conformance.protocol import Adapter, Failure

ROOT = Path(__file__).parent.parent
RECORD = Path(__file__).parent / "golden.json"
MODEL = ROOT / "examples" / "austen" / "austen.rnn"
TOKENS = ROOT / "examples" / "austen" / "thousand.txt"
TIMEOUT = 600.0


@dataclass(frozen=True)
class Digests:
    """What is printed, a line each."""

    outputs: str
    state: str
    all: str

    def lines(self) -> list[str]:
        """As it is printed."""
        return [f"outputs {self.outputs}", f"state   {self.state}", f"all     {self.all}"]


@dataclass(frozen=True)
class Task:
    """A model and the ids it is fed."""

    data: bytes
    net: Net
    fingerprint: str
    ids: list[int]


def task(model: Path = MODEL, tokens: Path = TOKENS) -> Task:
    """Reads the two files; the text is encoded with the net's own vocabulary."""
    data = model.read_bytes()
    document = read(data).document
    if document is None:
        raise ValueError(f"{model.name}: {read(data).findings}")
    net = load(document)
    if net.vocabulary is None:
        raise ValueError(f"{model.name}: a net of features has no tokens")
    ids = encode(net.vocabulary, tokens.read_text(encoding="utf-8"))
    return Task(data, net, digest.fingerprint(document), ids)


def digests(outputs: list[float], state: list[float]) -> Digests:
    """The three digests of two lists of binary32 numbers."""
    one, two = (struct.pack(f"<{len(values)}f", *values) for values in (outputs, state))
    return Digests(*(hashlib.sha256(data).hexdigest() for data in (one, two, one + two)))


# --- the oracle -----------------------------------------------------------------------------------


def columns(layer: Layer, x: Vector, h: Vector | None, chosen: range) -> Vector:
    """The accumulators of chain.preactivations, all columns side by side ([chain-2]).

    Storing into an array of "f" rounds each element to binary32; terms with the factor 0 are left
    out, which the lemma of the zero factor allows.
    """
    first, end = chosen.start, chosen.stop
    bias = layer.bias[first:end] if layer.bias else [0.0] * len(chosen)
    a = array("f", map(add, repeat(0.0), bias))
    parts = [(x, layer.parameters["W"])]
    if h is not None:
        parts.append((h, layer.parameters["R"]))
    for vector, rows in parts:
        for v, row in zip(vector, rows, strict=True):
            if v:
                a = array("f", map(add, a, array("f", map(mul, repeat(v), row[first:end]))))
    return a.tolist()


def by_oracle(work: Task) -> Digests:
    """What the scalar oracle gives."""
    output, state = run(work.net, [work.ids], columns=columns)
    after = [
        v for layer in work.net.recurrent for p in layer.parts for v in state[layer.name][p].values
    ]
    return digests(output.values, after)


def record(work: Task, found: Digests) -> dict[str, Any]:
    """What golden.json holds."""
    return {
        "fingerprint": work.fingerprint,
        "tokens": len(work.ids),
        "outputs": found.outputs,
        "state": found.state,
        "all": found.all,
    }


def golden(model: Path, tokens: Path, *, check: bool, write: bool) -> int:
    """`python -m conformance golden`: prints the digests; compares or writes golden.json."""
    work = task(model, tokens)
    found = by_oracle(work)
    print("\n".join(found.lines()))
    made = record(work, found)
    if write:
        RECORD.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if check and (known := json.loads(RECORD.read_bytes())) != made:
        wrong = ", ".join(name for name in made if made[name] != known.get(name))
        print(f"golden: not as in {RECORD.name}: {wrong}")
        return 1
    return 0


# --- a runtime ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How the same tokens are put to a runtime."""

    interface: str = "run"
    chunk: int = 0  # steps in one chunk; 0 is all of them
    batch: int = 1  # rows; the tokens are in row 3, or in the last

    def __str__(self) -> str:
        """As a command line would say it."""
        return f"--interface {self.interface} --chunk {self.chunk} --batch {self.batch}"

    @property
    def row(self) -> int:
        """The row that counts."""
        return min(3, self.batch - 1)


WAYS = (Way(), Way(chunk=7), Way("step"), Way(batch=5), Way(chunk=7, batch=5), Way("step", batch=5))


def chunks(work: Task, way: Way) -> list[dict[str, Any]]:
    """The member `chunks` of the request: the other rows hold other tokens, of other lengths."""
    steps, V = len(work.ids), work.net.width
    rows = [[(k * (n + 2) + n) % V for k in work.ids] for n in range(way.batch)]
    lengths = [(steps * (2 * n + 1) // 9 + n) % (steps + 1) for n in range(way.batch)]
    rows[way.row], lengths[way.row] = work.ids, steps
    made: list[dict[str, Any]] = []
    size = way.chunk or steps
    for start in range(0, steps, size):
        chunk: dict[str, Any] = {"input": [row[start : start + size] for row in rows]}
        if way.batch > 1 and way.interface == "run":
            wide = len(chunk["input"][0])
            chunk["lengths"] = [max(0, min(length - start, wide)) for length in lengths]
        made.append(chunk)
    return made


def by_runtime(work: Task, way: Way, adapter: Adapter) -> Digests:
    """What a runtime gives."""
    request: dict[str, Any] = {
        "command": "run",
        "document": base64.b64encode(work.data).decode("ascii"),
        "chunks": chunks(work, way),
    }
    if way.interface == "step":
        request["interface"] = "step"
    answer = adapter.ask(request)
    if isinstance(answer, Failure) or answer.kind != "result":
        raise ValueError(f"{way}: {answer}")
    outputs: list[float] = []
    for chunk in answer.value["chunks"]:
        output = from_wire(chunk["output"])
        size = output.shape[1] * output.shape[2]
        outputs += output.values[way.row * size : (way.row + 1) * size]
    state = answer.value["chunks"][-1]["state"]
    after: list[float] = []
    for layer in work.net.recurrent:
        for part in layer.parts:
            after += from_wire(state[layer.name][part]).rows()[way.row]
    return digests(outputs, after)


def golden_run(ways: list[Way], command: list[str]) -> int:
    """`python -m conformance golden-run`: prints each way's digests; 1 if one is not golden."""
    known = json.loads(RECORD.read_bytes())
    work = task()
    if known["fingerprint"] != work.fingerprint:
        print("golden-run: golden.json belongs to another model")
        return 1
    failed = 0
    with Adapter(command, TIMEOUT) as adapter:
        adapter.start()
        for way in ways:
            found = by_runtime(work, way, adapter)
            same = record(work, found) == known
            failed += not same
            print(f"{way}: {'as golden' if same else 'DIFFERS'}")
            if not same:
                print("\n".join(f"  {line}" for line in found.lines()))
    print(f"{len(ways) - failed} of {len(ways)} ways give the SHA-256 {known['all']}")
    return 1 if failed else 0
