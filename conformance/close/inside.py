"""Why the level `close` does not see a mistake: by how much of its bounds the answers change, if they change at all."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conformance.case import Case
from conformance.close.bound import Bounded
from conformance.close.judge import near_true
from conformance.close.questions import Question
from conformance.compare_arrays import words_of
from conformance.oracle.answer import from_wire
from conformance.oracle.float32 import from_bits

Json = dict[str, Any]

BELOW = "below the bound"
EITHER = "either answer"
UNASKED = "not asked"
REASONS = {
    BELOW: "It changes bits of what the level asks, and every element stays within its bound.",
    EITHER: "It changes only what the level takes either way: which example of a self-test fails, or what a call gives "
    "in which a sum may overflow ([close-7], [close-8]).",
    UNASKED: "It changes no bit of what the level asks. The cases that show it are left out: ids that hang on single bits, "
    "as those of `sample` do ([close-8]), and what is seen only after many steps.",
}

Reply = Callable[[Case, Json], Json]  # a case and one of its requests → the result of a mutant


def reason(
    cases: Iterable[Case], questions: Callable[[Case], Iterable[Question]], reply: Reply
) -> tuple[str, float]:
    """One of REASONS for a mistake that every case lets pass; and the largest share of a bound that it takes."""
    largest, changed = 0.0, False
    for case in cases:
        if case.command == "run":
            for question in questions(case):
                chunk = reply(case, question.request)["chunks"][0]
                changed = changed or not _same(chunk, question.exact)
                largest = max([largest, *_shares_of_step(question, chunk)])
            continue
        result = reply(case, case.request)
        changed = changed or result != case.expect
        if case.command == "evaluate":
            asked = from_wire(case.request["input"])
            bounds = [near_true(case.request["function"], x) for x in asked.values]
            shares = _shares((asked.shape, bounds), case.expect["output"], result["output"])
            largest = max([largest, *shares])
    if largest > 0:
        return BELOW, largest
    return (EITHER if changed else UNASKED), 0.0


def _same(chunk: Json, exact: Json) -> bool:
    """The oracle leaves out a state that can't be told."""
    return all(chunk.get(name) == value for name, value in exact.items())


def _shares_of_step(question: Question, chunk: Json) -> Iterator[float]:
    bounds, exact = question.bounds, question.exact
    if bounds is None or "output" not in chunk or "output" not in exact:
        return
    yield from _shares(bounds.output, exact["output"], chunk["output"])
    for name, bounded in bounds.probe.items():
        yield from _shares(bounded, exact["probe"][name], chunk["probe"][name])
    for layer, parts in bounds.state.items():
        for part, bounded in parts.items():
            yield from _shares(bounded, exact["state"][layer][part], chunk["state"][layer][part])


def _shares(bounded: Bounded, exact: Json, got: Json) -> Iterator[float]:
    """How far the elements that are not the oracle's lie from their values, in bounds; a bound of infinity says nothing."""
    words = zip(words_of(exact["bits"]), words_of(got["bits"]), bounded[1], strict=True)
    for one, other, near in words:
        if one != other and near.e > 0:
            yield abs(from_bits(int(other, 16)) - near.v) / near.e
