"""A process with adapters of its own, which takes one model after the other: as many lanes as cores."""

import multiprocessing
import signal
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from conformance.case import Case
from conformance.fleet import Difference, Fleet
from conformance.protocol import StartError
from conformance.soak.asking import Asked, Asking
from conformance.soak.facts import facts
from conformance.soak.options import Row
from conformance.soak.oracle import Oracle
from conformance.soak.shrink import shrink
from conformance.soak.task import Question, Task, task, written
from conformance.soak.within import Judged, judge

Json = dict[str, Any]
AHEAD = 2  # models that wait for a lane, so that it never waits for the parent
TIMEOUT = 120.0  # of one answer
ENDED = "a lane of the soak ended"
MOST_SHRUNK = 3  # models of a lane: it takes long, and one tells most


@dataclass(frozen=True)
class Orders:
    """What a lane has to do."""

    seed: int
    commands: tuple[str, ...]
    oracle: int  # the scalar oracle is asked about every such net
    truth: int  # the true values of every such net are looked at


@dataclass
class Result:
    """What is told of one model."""

    number: int
    row: Row
    document: bytes
    sizes: list[int]
    facts: set[str]
    codes: list[str]  # of each chunk of the call, or of the whole; "" where it gave an output
    refusal: str  # the code of the call that must be refused
    sampled: bool
    truth: Judged | None
    differences: list[Difference]
    smaller: list[Case] = field(default_factory=list)  # cases that show a difference, shrunk


class Lane:
    """The parent's end of one process."""

    def __init__(self, orders: Orders) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would hold the pipes of the others
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs, orders), daemon=True)
        self.process.start()
        theirs.close()

    def hello(self) -> list[str]:
        """The names of its adapters; StartError if one can't be used."""
        told = self.receive()
        assert isinstance(told, list)
        return told

    def receive(self) -> Any:  # noqa: ANN401 - a list of names, then results
        """What it says next; a fault there is raised here."""
        try:
            told = self.pipe.recv()
        except (EOFError, OSError):
            raise RuntimeError(ENDED) from None
        if isinstance(told, StartError):
            raise told
        if isinstance(told, str):
            raise RuntimeError(told)  # noqa: TRY004 - a traceback as text
        return told

    def give(self, model: tuple[int, Row]) -> None:
        """One model more."""
        try:
            self.pipe.send(model)
        except OSError:
            raise RuntimeError(ENDED) from None

    def end(self) -> None:
        """After the model at hand."""
        try:
            self.pipe.send(None)
            self.process.join(TIMEOUT)
        except OSError:  # it has ended already
            pass
        self.process.kill()


def results(lanes: list[Lane], models: Iterable[tuple[int, Row]]) -> Iterator[Result]:
    """Gives the models to the lanes, in order; results as they come."""
    left = iter(models)
    pending = {lane.pipe: 0 for lane in lanes}
    by_pipe = {lane.pipe: lane for lane in lanes}

    def give(pipe: "Connection[Any, Any]") -> None:
        model = next(left, None)
        if model is not None:
            by_pipe[pipe].give(model)
            pending[pipe] += 1

    for _ in range(AHEAD):
        for pipe in pending:
            give(pipe)
    while any(pending.values()):
        for ready in wait([pipe for pipe, count in pending.items() if count]):
            pipe = next(pipe for pipe in pending if pipe is ready)
            result = by_pipe[pipe].receive()
            pending[pipe] -= 1
            give(pipe)
            yield result


# --- the lane itself ------------------------------------------------------------------------------


def work(pipe: "Connection[Any, Any]", orders: Orders) -> None:
    """Until there is nothing more to do."""
    for number in (signal.SIGINT, signal.SIGTERM):  # to end is the parent's
        signal.signal(number, signal.SIG_IGN)
    try:
        with Fleet(orders.commands, TIMEOUT) as fleet:
            pipe.send([member.runtime.name for member in fleet.members])
            shrunk = 0
            while (model := pipe.recv()) is not None:
                result = model_of(fleet, orders, *model, shrinks=shrunk < MOST_SHRUNK)
                shrunk += bool(result.smaller)
                pipe.send(result)
    except StartError as error:
        pipe.send(error)
    except EOFError:  # the parent has gone
        pass
    except Exception:  # noqa: BLE001 - told to the parent, which ends the soak with it
        pipe.send(traceback.format_exc())


def model_of(fleet: Fleet, orders: Orders, number: int, row: Row, *, shrinks: bool) -> Result:
    """Everything about one model."""
    each = task(orders.seed, number, row)
    sampled = number % orders.oracle == 0
    asking = Asking(fleet, each, sampled=sampled)
    asked = asking.all()
    judged: Judged | None = None
    if number % orders.truth == 0 and each.call.command == "run":
        judged = judge(asking.oracle, each.call.request, asked.expect)
        if judged.wrong:
            asked.differences.append(Difference.of(fleet.members, judged.wrong))
    return Result(
        number, row, each.document, each.sizes, facts(each), codes(asked.expect),
        codes(asked.refused)[0], asking.sampled, judged,
        asked.differences, smaller(fleet, each, asked) if shrinks else [],
    )  # fmt: skip


def codes(expect: Json) -> list[str]:
    """How each chunk ended (or the generating): with a code, or ""."""
    chunks = expect.get("chunks", [expect.get("error", {})])
    return [chunk.get("code", "") for chunk in chunks]


def smaller(fleet: Fleet, each: Task, asked: Asked) -> list[Case]:
    """The first case that shows a difference, shrunk; nothing if there is none."""
    shown = [
        (case, found) for case, found in asked.wrong if case.command in ("run", "decode", "ctc")
    ]
    if not shown:
        return []
    case, found = shown[0]

    def question(net: Json, request: Json) -> Question:
        return Question(case.id, case.command, written(net, each.row), request)

    def is_wrong(net: Json, request: Json) -> bool:
        asked = question(net, request)
        assert asked.document is not None
        try:
            expect = Oracle(asked.document).expect(asked)
        except Exception:  # noqa: BLE001 - not a net any more: that change was none
            return False
        wrong = fleet.judge(asked.case(expect))
        return any(member.command in found.commands for member, _ in wrong)

    net, request = shrink(each.net, case.request, is_wrong)
    least = question(net, request)
    assert least.document is not None
    return [least.case(Oracle(least.document).expect(least))]
