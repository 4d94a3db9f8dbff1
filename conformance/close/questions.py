"""A case of `run` as the level `close` puts it ([close-2]).

Calls of one time step, each from the exact state before it; then, where a chunk has more of them, the chunk whole. The
state is the scalar oracle's. A call whose arguments are at fault is put as it stands.
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
from conformance.oracle.scalar import State, Tokens, check_arguments, check_probe, input_shape

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
    rest: Json = {name: request[name] for name in ("interface", "probe") if name in request}
    by_step = rest.get("interface") == "step"
    for number, chunk in enumerate(request["chunks"]):
        before = state
        place = f"chunks[{number}]"
        x, lengths = input_from_wire(chunk["input"]), chunk.get("lengths")
        steps = single_steps(net, place, x, lengths, before, rest)
        for where, part in steps or [(place, chunk)]:
            question = judged(net, where, asked([part], state, rest))
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
        if steps and not by_step and input_shape(net, x)[1] > 1:
            yield judged(net, f"{place}, whole", asked([chunk], before, rest))


def asked(chunks: list[Json], state: Json | None, rest: Json) -> Json:
    """The request for some chunks."""
    return {"command": "run", "chunks": chunks} | ({} if state is None else {"state": state}) | rest


def single_steps(
    net: Net,
    place: str,
    x: Array | Tokens,
    lengths: list[int] | None,
    state: Json | None,
    rest: Json,
) -> list[tuple[str, Json]]:
    """The chunks of one step each; none where there is no step, or the arguments are at fault."""
    given: State | None = None if state is None else state_from_wire(state)
    try:
        _, steps = input_shape(net, x)
        if rest.get("interface") != "step":
            check_arguments(net, x, lengths, given)
            check_probe(net, rest.get("probe", []))
    except RunError:
        return []
    if steps == 0:
        return []
    found = []
    for t in range(steps if lengths is None else max(1, *lengths)):
        one = one_step(net, x, t)
        cut = {} if lengths is None else {"lengths": [int(t < length) for length in lengths]}
        wired = to_wire(one) if isinstance(one, Array) else one
        found.append((f"{place}, step {t}", {"input": wired} | cut))
    return found


def judged(net: Net, place: str, request: Json) -> Question:
    """What is right for one call."""
    exact = answer_run(net, request)["chunks"][0]
    chunk = request["chunks"][0]
    state = state_from_wire(request["state"]) if "state" in request else None
    x, lengths = input_from_wire(chunk["input"]), chunk.get("lengths")
    try:
        bounds = bound.run(net, x, lengths, state, request.get("probe"))
    except RunError as fault:
        return Question(place, request, exact, fault.code, None)
    except CertainOverflowError:
        return Question(place, request, exact, "RUN_NONFINITE", None)
    code = "RUN_NONFINITE" if bounds.may_fail else None
    return Question(place, request, exact, code, bounds)
