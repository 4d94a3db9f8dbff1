"""Readers compared over damaged documents: every adapter against the oracle's reader.

    python -m conformance fuzz --count 20000 --seed 1 --adapter "node js/src/adapter.js" --adapter …

No case is kept: what differs is written to a folder, with the command that asks again.
"""

import random
import shlex
import sys
import time
from collections import Counter
from pathlib import Path

from conformance.case import Document, find
from conformance.damage import damaged
from conformance.generator.build import validate_case
from conformance.oracle.reader import read
from conformance.protocol import Adapter
from conformance.runner import Runtime, judge
from conformance.verdict import Verdict

FOLDER = Path("build/fuzz")  # where documents that differ are kept
LARGEST = 40_000  # bytes: a larger document says nothing more and takes the oracle long
MOST_SHOWN = 20


def fuzz(count: int, seed: int, first: int, commands: list[str], folder: Path) -> int:
    """Gives the exit status: 0 if all readers agree on all documents."""
    documents = {case.document.data for case in find() if case.document is not None}
    sources = sorted(data for data in documents if 0 < len(data) <= LARGEST)
    sound = [data for data in sources if not read(data).findings]
    adapters = [Adapter(shlex.split(command), timeout=60.0) for command in commands]
    runtimes = []
    for adapter in adapters:
        adapter.start()
        runtimes.append(Runtime.of(adapter.greeting, None))

    started = time.monotonic()
    valid = differences = 0
    codes: Counter[str] = Counter()
    for number in range(first, first + count):
        rng = random.Random(f"{seed}/{number}")  # noqa: S311 - for tests, and the same everywhere
        # One fault in a sound document says more than one more in a broken one.
        source = rng.choice(sound if rng.random() < 0.8 else sources)
        data = damaged(source, rng.choice(sources), rng)
        case = validate_case(f"fuzz/{seed}-{number}", "", [], "", Document(data), features=[])
        valid += "fingerprint" in case.expect
        codes.update({finding["code"] for finding in case.expect["findings"]})
        for adapter, runtime, command in zip(adapters, runtimes, commands, strict=True):
            outcome = judge(case, adapter, runtime)
            if outcome.verdict is not Verdict.PASS:
                differences += 1
                if differences <= MOST_SHOWN:
                    _report(data, f"{seed}-{number}", runtime.name, outcome.details, folder)
                    print(
                        f"  again: --seed {seed} --first {number} --count 1 --adapter {command!r}"
                    )
        _progress(number + 1 - first, count, differences)
    for adapter in adapters:
        adapter.stop()
    took = time.monotonic() - started
    print(", ".join(f"{code} {seen}" for code, seen in codes.most_common()))
    print(
        f"{count} documents ({valid} still valid), {len(adapters)} readers, seed {seed}: "
        f"{differences} differences ({took:.0f} s)"
    )
    return 1 if differences else 0


def _report(data: bytes, name: str, runtime: str, details: tuple[str, ...], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.bin"
    path.write_bytes(data)
    print(f"DIFFERENCE {runtime} on {path}")
    for detail in details:
        print(f"    {detail}")


def _progress(done: int, count: int, differences: int) -> None:
    if sys.stderr.isatty() and (done % 100 == 0 or done == count):
        end = "\n" if done == count else ""
        print(f"\r{done}/{count}, {differences} differences", end=end, file=sys.stderr)
