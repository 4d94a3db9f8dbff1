"""A case of `run` as the level `close` puts it: calls of one time step, each from the exact state before it.

The state is the scalar oracle's. A call whose arguments are at fault is put as it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.close import bound
from conformance.close.near import CertainOverflowError
from conformance.oracle.answer import (
    answer_run,
    input_from_wire,
    one_step,
    state_from_wire,
    to_wire,
)
from conformance.oracle.finding import RunError
from conformance.oracle.net import Array, Net
from conformance.oracle.scalar import State, Tokens, check_arguments, input_shape

Json = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One call: its place in the case, the request of section 17.1 without its document, and what is right.

    `code` is the error of the call where there is one: the only right answer, unless there are `bounds`
    too, which then hold for a runtime that has no overflow. `exact` is the oracle's chunk.
    """

    place: str
    request: Json
    exact: Json
    code: str | None
    bounds: bound.Bounds | None


def questions(net: Net, request: Json) -> Iterator[Question]:
    """The calls of one case, in its order."""
    state: Json | None = request.get("state")
    for number, chunk in enumerate(request["chunks"]):
        before = state
        whole = f"chunks[{number}]"
        x, lengths = input_from_wire(chunk["input"]), chunk.get("lengths")
        by_step = request.get("interface") == "step"
        for place, part in parts(net, whole, x, lengths, before, by_step=by_step):
            asked = {"command": "run", "chunks": [part]} | (
                {} if state is None else {"state": state}
            )
            if by_step:
                asked["interface"] = "step"
            question = judged(net, place, asked)
            yield question
            exact = question.exact
            if "code" not in exact:
                state = exact["state"]
            elif by_step:
                state = exact.get("state", before)
                break
            else:
                state = before
                break


def parts(
    net: Net,
    place: str,
    x: Array | Tokens,
    lengths: list[int] | None,
    state: Json | None,
    *,
    by_step: bool,
) -> Iterator[tuple[str, Json]]:
    """The chunks of one step; or the chunk as it is, where it has no step or its arguments are at fault."""
    given: State | None = None if state is None else state_from_wire(state)
    rest = {} if lengths is None else {"lengths": lengths}
    as_it_is = place, {"input": to_wire(x) if isinstance(x, Array) else x} | rest
    try:
        _, steps = input_shape(net, x)
        if not by_step:
            check_arguments(net, x, lengths, given)
    except RunError:
        steps = 0
    if steps == 0:
        yield as_it_is
        return
    for t in range(steps if lengths is None else max(1, *lengths)):
        one = one_step(net, x, t)
        cut = {} if lengths is None else {"lengths": [int(t < length) for length in lengths]}
        wired = to_wire(one) if isinstance(one, Array) else one
        yield f"{place}, step {t}", {"input": wired} | cut


def judged(net: Net, place: str, request: Json) -> Question:
    """What is right for one call."""
    exact = answer_run(net, request)["chunks"][0]
    chunk = request["chunks"][0]
    state = state_from_wire(request["state"]) if "state" in request else None
    try:
        bounds = bound.run(net, input_from_wire(chunk["input"]), chunk.get("lengths"), state)
    except RunError as fault:
        return Question(place, request, exact, fault.code, None)
    except CertainOverflowError:
        return Question(place, request, exact, "RUN_NONFINITE", None)
    code = "RUN_NONFINITE" if bounds.may_fail else None
    return Question(place, request, exact, code, bounds)
