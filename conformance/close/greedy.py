"""[close-8]: whether the ids of `greedy` and of CTC's best path are the same for every runtime within the bounds."""

from typing import Any

from conformance.close import bound
from conformance.close.near import CertainOverflowError, Near, Watch
from conformance.oracle.answer import input_from_wire, state_from_wire
from conformance.oracle.decode import Options, judged, logits_of
from conformance.oracle.finding import RunError
from conformance.oracle.net import Net
from conformance.oracle.scalar import initial, input_shape
from conformance.oracle.vocabulary import encode

Json = dict[str, Any]


def is_certain(net: Net, request: Json, expect: Json) -> bool:
    """Whether an answer of `decode` can be compared: a fault of the arguments, or ids that no error within the bounds moves.

    The bounds go on from step to step here, so that only short runs, wide margins and nets without
    memory are certain.
    """
    if "error" in expect:
        return bool(expect["error"]["code"] != "RUN_NONFINITE")
    options = Options(
        count=request["count"],
        seed=request.get("seed", 0),
        mode=request.get("mode"),
        temperature=request.get("temperature"),
        top_k=request.get("top_k"),
        top_p=request.get("top_p"),
    )
    if judged(net, options).mode != "greedy":
        return not expect["ids"] and request["count"] == 0
    assert net.vocabulary is not None
    special = net.vocabulary.special
    prime = request["prime"]
    asked = encode(net.vocabulary, prime) if isinstance(prime, str) else prime
    fed = [int(k) for k in asked]
    if "start" in special and (not fed or "state" not in request):
        fed = [special["start"], *fed]
    chosen = list(expect["ids"])
    if len(chosen) < request["count"] and "end" in special:
        chosen.append(special["end"])
    given = state_from_wire(request["state"]) if "state" in request else initial(net, 1)
    try:
        return all_certain(net, fed, chosen, bound.row_state(given, 0))
    except CertainOverflowError:
        return False


def all_certain(net: Net, fed: list[int], chosen: list[int], state: bound.RowState) -> bool:
    """Whether each id chosen is the only one that can be."""
    watch, name = Watch(), logits_of(net)
    for k in chosen:
        x: list[Near] = []
        for token in fed:
            x = bound.outputs(watch, net, [token], state)[name][-1]
        if not is_largest(x, k):
            return False
        fed = [k]
    return not watch.may_fail


def is_certain_path(net: Net, request: Json, expect: Json) -> bool:
    """The same of an answer of `ctc`: at every valid step one id alone can be the largest."""
    if "error" in expect:
        return bool(expect["error"]["code"] != "RUN_NONFINITE")
    x, lengths = input_from_wire(request["input"]), request.get("lengths")
    N, steps = input_shape(net, x)
    state = state_from_wire(request["state"]) if "state" in request else initial(net, N)
    watch, name = Watch(), logits_of(net)
    try:
        for n in range(N):
            given = bound.row_input(x, n, steps if lengths is None else lengths[n])
            logits = bound.outputs(watch, net, given, bound.row_state(state, n))[name]
            if not all(is_largest(v, largest(v)) for v in logits):
                return False
    except (CertainOverflowError, RunError):
        return False
    return not watch.may_fail


def largest(x: list[Near]) -> int:
    """The lowest id of the largest value."""
    return max(range(len(x)), key=lambda k: (x[k].v, -k))


def is_largest(x: list[Near], k: int) -> bool:
    """Whether id k is the only one that can be chosen."""
    return all(is_below(v, x[k], later=j > k) for j, v in enumerate(x) if j != k)


def is_below(v: Near, largest: Near, *, later: bool) -> bool:
    """Whether a logit can't be chosen: it is less, or as large without any error and of a higher id."""
    if v.e == largest.e == 0.0:
        return v.v < largest.v or (later and v.v == largest.v)
    return v.v + v.e < largest.v - largest.e
