"""[close-8]: whether greedy ids are the same for every runtime within the bounds."""

from dataclasses import replace
from typing import Any

from conformance.close import bound
from conformance.close.near import CertainOverflowError, Near, Watch
from conformance.oracle.decode import Options, judged
from conformance.oracle.net import Net
from conformance.oracle.scalar import initial
from conformance.oracle.vocabulary import encode

Json = dict[str, Any]


def is_certain(net: Net, request: Json, expect: Json) -> bool:
    """Whether an answer can be compared: a fault of the arguments, or ids that no error within the bounds moves.

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
    given = encode(net.vocabulary, prime) if isinstance(prime, str) else prime
    fed = [*([special["start"]] if "start" in special else []), *(int(k) for k in given)]
    chosen = list(expect["ids"])
    if len(chosen) < request["count"] and "end" in special:
        chosen.append(special["end"])
    try:
        return all_certain(net, fed, chosen)
    except CertainOverflowError:
        return False


def all_certain(net: Net, fed: list[int], chosen: list[int]) -> bool:
    """Whether each id chosen is the only one that can be."""
    soft = net.layers[-1].type in ("softmax", "log_softmax")
    logits = replace(net, layers=net.layers[:-1]) if soft else net
    watch = Watch()
    state = bound.row_state(initial(net, 1), 0)
    for k in chosen:
        x: list[Near] = []
        for token in fed:
            x = bound.behind(watch, logits, bound.step(watch, logits, token, state))
            if soft:
                bound.without_state(watch, net.layers[-1], x)
        if not all(is_below(v, x[k], later=j > k) for j, v in enumerate(x) if j != k):
            return False
        fed = [k]
    return not watch.may_fail


def is_below(v: Near, largest: Near, *, later: bool) -> bool:
    """Whether a logit can't be chosen: it is less, or as large without any error and of a higher id."""
    if v.e == largest.e == 0.0:
        return v.v < largest.v or (later and v.v == largest.v)
    return v.v + v.e < largest.v - largest.e
