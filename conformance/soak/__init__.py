"""Random nets, random calls: every adapter against the scalar oracle, bit by bit.

    python -m conformance soak --count 3000 --seed 1 --adapter "node js/src/adapter.js" --adapter …

Without --count it goes on until a difference or Ctrl-C. `options.py` says what a net can be, `covering.py` draws rows of
options so that every pair of values comes up, `net.py` and `call.py` make a net and a call of a row, `task.py` asks the
oracle, and `table.py` counts what was tried.
"""

import base64
import itertools
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from conformance.fleet import Fleet, Found, Member
from conformance.soak.covering import Rows, judge_pairs
from conformance.soak.table import Table
from conformance.soak.task import Saved, Task, task

FOLDER = Path("build/soak")  # where models that differ are kept
TIMEOUT = 120.0
EVERY = 100  # nets between two lines of progress, where there is no terminal


def soak(
    count: int | None, seed: int, first: int, commands: list[str], folder: Path, jobs: int = 2
) -> int:
    """Gives the exit status: 0 if there was no difference, and nothing untried that must be tried."""
    possible, impossible = judge_pairs()
    table = Table(possible, impossible)
    found = Found(seed, folder)
    started = time.monotonic()
    with Fleet(commands, TIMEOUT) as fleet:
        try:
            for each in _tasks(Rows(seed, possible), seed, first, count, jobs):
                table.add(each)
                ask(fleet, each, found)
                _progress(table.nets, count, found.count, started)
                if found.count and count is None:
                    break
        except KeyboardInterrupt:
            print(file=sys.stderr)
    faults = table.faults()
    print("\n".join([*table.lines(), *faults[:20]]))
    names = ", ".join(member.runtime.name for member in fleet.members)
    print(f"the oracle and {names}; seed {seed}; {time.monotonic() - started:.0f} s")
    print(f"{table.nets} models, {found.count} differences")
    return 1 if found.count or faults or not table.nets else 0


def _tasks(rows: Rows, seed: int, first: int, count: int | None, jobs: int) -> Iterator[Task]:
    """The oracle works ahead, in processes of its own."""
    numbered = itertools.islice(rows.since(first), count)
    waiting: deque[Future[Task]] = deque()
    with ProcessPoolExecutor(jobs, initializer=_leave_ctrl_c_to_the_parent) as pool:
        try:
            for number, row in numbered:
                waiting.append(pool.submit(task, seed, number, row))
                if len(waiting) > 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# --- asking ---------------------------------------------------------------------------------------


def ask(fleet: Fleet, each: Task, found: Found) -> None:
    """Puts everything about one net to every adapter."""
    name = f"{found.seed}-{each.number}.rnn"
    for case in (each.validate, each.call):
        for member, wrong in fleet.judge(case):
            found.add(each.number, name, each.document.data, [member], wrong)
    if each.saved is not None:
        for members, wrong in pass_on(fleet, each, each.saved):
            found.add(each.number, name, each.document.data, members, wrong)


def pass_on(fleet: Fleet, each: Task, saved: Saved) -> Iterator[tuple[list[Member], list[str]]]:
    """Each adapter writes the state, each reads what each has written, and goes on from it."""
    members, count = fleet.members, len(fleet.members)
    id = each.call.id
    writing = saved.write(id)
    written: list[bytes | None] = []
    answers = fleet.pool.map(lambda member: member.ask(writing), members)
    for member, (answer, wrong) in zip(members, answers, strict=True):
        if wrong or answer is None:
            written.append(None)
            yield [member], wrong
        else:
            written.append(base64.b64decode(answer.value["document"]))

    def reads(reader: Member, data: bytes | None) -> list[str]:
        return [] if data is None else reader.ask(saved.read(id, data))[1]

    for shift in range(count):  # at any time, one question for each
        order = [(k + shift) % count for k in range(count)]
        read = fleet.pool.map(reads, members, [written[k] for k in order])
        for reader, k, wrong in zip(members, order, read, strict=True):
            if wrong:
                yield [members[k], reader][k == members.index(reader) :], wrong
    if rest := saved.go_on(id, each.document):
        for member, wrong in fleet.judge(rest):
            yield [member], wrong


def _progress(done: int, count: int | None, differences: int, started: float) -> None:
    """A line that counts at a terminal, else a line now and then."""
    line = f"{done}{f'/{count}' if count else ''} models, {differences} differences"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if done == count else "", file=sys.stderr, flush=True)
    elif done % EVERY == 0:
        print(f"{line}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
