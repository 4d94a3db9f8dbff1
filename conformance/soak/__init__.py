"""Random nets, random calls: adapters against each other and against the oracles, bit by bit.

    python -m conformance soak --count 10000 --seed 1 --adapter "node js/src/adapter.js" --adapter …

Without --count it goes on until Ctrl-C. `options.py` and `rules.py` say what a net can be, `covering.py` draws rows of options so
that every pair of values comes up, `net.py` and `call.py` make a net and a call of a row, `asking.py` puts them to the adapters and
the oracle, each `lane.py` is a process with adapters of its own, and `table.py` counts what was tried.
"""

import itertools
import signal
import sys
import time
from pathlib import Path

from conformance.fleet import Found
from conformance.generator import laid_out
from conformance.soak.covering import Rows, judge_pairs
from conformance.soak.lane import Lane, Orders, Result, results
from conformance.soak.table import Table

AGAIN = "python -m conformance soak --oracle 1 --truth 1"
FOLDER = Path("build/soak")  # where models that differ are kept
EVERY = 100  # nets between two lines of progress, where there is no terminal
MOST_FAULTS = 20  # lines of what was not tried


def soak(count: int | None, first: int, orders: Orders, folder: Path, jobs: int) -> int:
    """Gives the exit status: 0 if there was no difference, and nothing untried of what `count` models must try."""
    possible, impossible = judge_pairs()
    table = Table(possible, impossible)
    found = Found(AGAIN, orders.seed, folder)
    rows = itertools.islice(Rows(orders.seed, possible).since(first), count)
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has them ignored
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    lanes = [Lane(orders) for _ in range(jobs)]
    is_whole, broken = count is not None, False
    try:
        greetings = [lane.hello() for lane in lanes]
        print(f"seed {orders.seed}: {', '.join(greetings[0])}; {jobs} lanes", flush=True)
        started = time.monotonic()
        for result in results(lanes, rows):
            table.add(result)
            _note(found, result)
            _progress(table.nets, count, found.count, started)
    except KeyboardInterrupt:
        is_whole = False  # what it had to try, it was not allowed to
        print(file=sys.stderr)
    except RuntimeError as fault:  # of a lane: of the generator or the harness itself
        broken = True
        print(fault, file=sys.stderr)
    finally:
        took = time.monotonic() - started
        for lane in lanes:
            lane.end()
    faults = table.faults() if is_whole else []
    print("\n".join([*table.lines(), *faults[:MOST_FAULTS]]))
    rate = table.nets / took if took else 0
    print(f"seed {orders.seed}; {took:.0f} s, {rate:.1f} models a second")
    print(f"{table.nets} models, {found.count} differences")
    return 1 if found.count or faults or broken or not table.nets else 0


def _note(found: Found, result: Result) -> None:
    """What is wrong is printed, and kept as files."""
    name = f"{found.seed}-{result.number}"
    for difference in result.differences:
        found.add(result.number, f"{name}.rnn", result.document, difference)
    for case in result.smaller:
        path = found.folder / f"{name}.case.json"
        path.write_text(laid_out(case.to_json()) + "\n", "utf-8")
        print(f"  shrunk: {path}", flush=True)


def _progress(done: int, count: int | None, differences: int, started: float) -> None:
    """A line that counts at a terminal, else a line now and then."""
    line = f"{done}{f'/{count}' if count else ''} models, {differences} differences"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\n" if done == count else "", file=sys.stderr, flush=True)
    elif done % EVERY == 0:
        print(f"{line}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
