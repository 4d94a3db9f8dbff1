"""Readers compared over damaged documents: every adapter against the oracle's reader.

    python -m conformance fuzz --count 20000 --seed 1 --adapter "node js/src/adapter.js" --adapter …

No case is kept: what differs is written to a folder, with the command that asks again.
"""

import functools
import random
import sys
import time
from collections import Counter
from pathlib import Path

from conformance.case import Case, Document, find
from conformance.damage import FITTING, damaged
from conformance.fleet import Difference, Fleet, Found
from conformance.generator.build import validate_case
from conformance.oracle.reader import read
from conformance.oracle.saved_state import read_state, to_wire
from conformance.soak.covering import Rows, judge_pairs
from conformance.soak.options import Row
from conformance.soak.task import task

AGAIN = "python -m conformance fuzz"
FOLDER = Path("build/fuzz")  # where documents that differ are kept
LARGEST = 40_000  # bytes: a larger document says nothing more and takes the oracle long
STATES = 0.2  # of the documents are saved states
NETS = 0.4  # of the models are random nets, the others come from the cases
TIMEOUT = 60.0


class Sources:
    """What is damaged: the documents of the cases, models or saved states."""

    def __init__(self, cases: list[Case], *, saved: bool) -> None:
        documents = {
            case.document.data
            for case in cases
            if case.document is not None and (case.command == "read_state") == saved
        }
        self.saved = saved
        self.all = sorted(data for data in documents if 0 < len(data) <= LARGEST)
        clean = read_state if saved else read
        self.sound = [data for data in self.all if not clean(data).findings]

    def draw(self, rng: random.Random) -> bytes:
        """One document, damaged. One fault in a sound one says more than one more in a broken one."""
        source = rng.choice(self.sound if rng.random() < 0.8 else self.all)
        if not self.saved and rng.random() < NETS:
            return damaged(random_net(rng), source, rng, FITTING)
        return damaged(source, rng.choice(self.all), rng)

    def case(self, id: str, data: bytes) -> Case:
        """What the oracle's reader says to it."""
        if not self.saved:
            return validate_case(id, "", [], "", Document(data), features=[])
        result = read_state(data)
        found = sorted(result.findings, key=lambda finding: finding.sort_key())
        expect: dict[str, object] = {"findings": [finding.to_json() for finding in found]}
        expect |= {"any": 100} if len(found) > 100 else {}
        expect |= {} if result.state is None else {"state": to_wire(result.state)}
        return Case(id, "", (), (), "", "read_state", expect, Document(data))


@functools.cache
def all_sources() -> tuple[Sources, Sources]:
    """The models and the saved states of all cases, which the oracle takes seconds to read."""
    cases = find()
    return Sources(cases, saved=False), Sources(cases, saved=True)


@functools.cache
def rows() -> list[Row]:
    """Options of nets in which every pair of them stands together."""
    return list(Rows(0, judge_pairs()[0]).block(0))


def random_net(rng: random.Random) -> bytes:
    """A small net of the soak: layers that name what they read, options of every kind."""
    row = rng.choice(rows()) | {"input size": "2–8"}
    row |= {"hidden size": "2–8"} if "hidden size" in row else {}
    row |= {"encoding": "json, base64"} if row["encoding"] == "msgpack" else {}  # damaged as values
    return task(rng.randrange(2**32), 0, row).document


def fuzz(count: int, seed: int, first: int, commands: list[str], folder: Path) -> int:
    """Gives the exit status: 0 if all readers agree on all documents."""
    models, states = all_sources()
    started = time.monotonic()
    valid = 0
    codes: Counter[str] = Counter()
    found = Found(AGAIN, seed, folder)
    with Fleet(commands, TIMEOUT) as fleet:
        for number in range(first, first + count):
            rng = random.Random(f"{seed}/{number}")  # noqa: S311 - for tests, and the same everywhere
            sources = states if rng.random() < STATES else models
            data = sources.draw(rng)
            case = sources.case(f"fuzz/{seed}-{number}", data)
            valid += "fingerprint" in case.expect or "state" in case.expect
            codes.update({finding["code"] for finding in case.expect["findings"]})
            for member, wrong in fleet.judge(case):
                difference = Difference.of([member], wrong)
                found.add(number, f"{seed}-{number}.bin", data, difference)
            _progress(number + 1 - first, count, found.count)
    took = time.monotonic() - started
    print(", ".join(f"{code} {seen}" for code, seen in codes.most_common()))
    print(
        f"{count} documents ({valid} still valid), {len(commands)} readers, seed {seed}: "
        f"{found.count} differences ({took:.0f} s)"
    )
    return 1 if found.count else 0


def _progress(done: int, count: int, differences: int) -> None:
    if sys.stderr.isatty() and (done % 100 == 0 or done == count):
        end = "\n" if done == count else ""
        print(f"\r{done}/{count}, {differences} differences", end=end, file=sys.stderr)
