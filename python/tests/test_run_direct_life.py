"""A step that CPython calls in the kernel itself: it keeps nobody alive, loses nothing, and holds nobody up."""

import gc
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, Session

from .allocation import assert_nothing_is_allocated
from .nets import bits, character_net
from .test_run_direct import WORDS, is_direct, needs_direct, word_net

pytestmark = needs_direct

# --- memory ---------------------------------------------------------------------------------------


def test_no_reference_is_lost_and_none_is_kept() -> None:
    session = Session(WORDS)
    step: Any = session.step  # a builtin, which has a `self`
    out, other = session.out, np.zeros((1, 9), np.float32)
    token = int("300")  # beyond the small ones that Python keeps
    held = [token]
    things: list[object] = [out, other, None, token, held, list, int, session, step, step.__self__]

    def steps(count: int) -> None:
        for _ in range(count):
            step(held, out)
            step(token, out)
            step(token)
            step(held, other)
            with pytest.raises(RnnspecError):
                step(2**70, out)

    def plain_steps(count: int) -> None:
        for _ in range(count):
            step(held, out)
            step(token, out)

    steps(10)
    gc.collect()
    before = [sys.getrefcount(thing) for thing in things]
    steps(300)
    plain_steps(100_000)
    gc.collect()
    after = [sys.getrefcount(thing) for thing in things]
    for thing, one, two in zip(things, before, after, strict=True):
        assert abs(two - one) < 100, thing  # None and types have some that come and go


def test_nothing_is_allocated() -> None:
    session = Session(WORDS)
    step, out, held = session.step, session.out, [300]

    def steps(count: int) -> None:
        for _ in range(count):
            step(held, out)
            session.step(held, out)

    assert_nothing_is_allocated(steps, 20_000)


def test_a_session_goes_with_its_last_reference() -> None:
    """And its memory and its plan: nobody waits for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        plan = rnnspec.compile(word_net())
        before = sys.getrefcount(plan)
        session = Session(plan)
        assert is_direct(session)
        session.step(3, session.out)
        things: list[Any] = [session, session._one, session._memory, session.out]
        gone = [weakref.ref(thing) for thing in things]
        del things
        assert all(ref() is not None for ref in gone)
        del session
        assert [ref() for ref in gone] == [None] * 4
        assert sys.getrefcount(plan) == before
    finally:
        gc.enable()


def test_a_step_outlives_its_session() -> None:
    session, twin = Session(WORDS), Session(WORDS)
    step: Any = session.step  # a builtin, which has a `self`
    out, gone = session.out, weakref.ref(session)
    session.step(3)
    twin.step(3)
    del session
    assert gone() is None
    for _ in range(5):  # what was freed is used again
        Session(rnnspec.compile(word_net())).step(5)
    for x in (4, [5], np.int64(6), [7]):
        assert bits(step(x, out)).tobytes() == bits(twin.step(x)).tobytes()
    with pytest.raises(RnnspecError, match="RUN_TOKEN"):
        step(-1, out)
    memory = weakref.ref(step.__self__.otherwise.__self__._one)
    assert memory() is not None
    del step
    assert memory() is None


def test_the_garbage_collector_sees_what_it_holds() -> None:
    """A ring through it alone is collected."""

    class Holder:
        step: Any

        def otherwise(self, x: Any, out: Any = None) -> Any:  # noqa: ANN401 - anything
            return x, out

    one = Session(WORDS)._one
    assert one is not None
    holder = Holder()
    holder.step = one.direct(holder.otherwise)
    gone = weakref.ref(holder)
    assert holder.step("x") == ("x", None)
    del holder
    gc.collect()
    assert gone() is None


def test_the_end_of_a_process() -> None:
    """Whatever goes first, nothing is read that is gone."""
    program = (
        "import builtins, sys\n"
        f"sys.path[:0] = [{str(Path(__file__).parents[1])!r}]\n"
        "import rnnspec\n"
        "from tests.test_run_direct import word_net\n"
        "session = rnnspec.Session(rnnspec.compile(word_net()))\n"
        "builtins.kept = step = session.step\n"
        "out = session.out\n"
        "class Last:\n"
        "    def __init__(self, step, out): self.step, self.out = step, out\n"
        "    def __del__(self): self.step([3], self.out)\n"
        "last = builtins.last = Last(step, out)\n"
        "del session, out\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- threads --------------------------------------------------------------------------------------


def test_other_threads_go_on_meanwhile() -> None:
    """Several times during one step, and not only between two."""
    session = Session(rnnspec.compile(character_net(hidden=1000)))
    step, out = session.step, session.out
    turns, is_done = 0, False

    def turn() -> None:
        nonlocal turns
        while not is_done:
            turns += 1
            time.sleep(0.0001)

    thread = threading.Thread(target=turn)
    step([3], out)
    thread.start()
    try:
        most = 0
        for _ in range(50):
            before = turns
            step([3], out)
            most = max(most, turns - before)
    finally:
        is_done = True
        thread.join()
    assert most >= 3


def test_sessions_of_several_threads() -> None:
    alone = Session(WORDS)
    wanted = [bits(alone.step([k])).tobytes() for k in range(200)]
    found: dict[int, list[bytes]] = {}

    def work(number: int) -> None:
        session = Session(WORDS)
        found[number] = [bits(session.step([k], session.out)).tobytes() for k in range(200)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(part == wanted for part in found.values())
