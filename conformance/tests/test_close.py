"""The level `close`: its bounds hold for every order of operations, and for no mistake."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.case import Case, find
from conformance.close import bound, greedy, judge, mutants
from conformance.close.activations import applied
from conformance.close.near import CertainOverflowError, Near, Watch, gamma, given, total, weighted
from conformance.close.questions import questions
from conformance.messages import Answer
from conformance.mutants import chain, gru, lstm
from conformance.mutants.judge import cost
from conformance.mutants.mutant import Mutant, oracle_with, replaced
from conformance.oracle.activation import Activation
from conformance.oracle.answer import answer
from conformance.oracle.float32 import T
from conformance.oracle.net import Array, Layer, Net
from conformance.protocol import Failure
from conformance.verdict import Verdict

Json = dict[str, Any]
# The same numbers in other arithmetic: what the level is there to allow.
OTHER_ARITHMETIC = {
    "chain/fma-x", "chain/fma-h", "chain/binary64-x", "chain/binary64-sum", "chain/descending-x",
    "chain/descending-h", "chain/pairwise-x", "chain/two-lanes", "chain/h-before-x",
    "chain/two-accumulators", "chain/bias-last", "second-chain/rb-last", "second-chain/fma",
    "second-chain/binary64", "second-chain/descending",
}  # fmt: skip


def case_of(name: str) -> Case:
    (case,) = (case for case in find([name]) if case.id == name)
    return case


def net_of(case: Case) -> Net:
    assert case.document is not None
    net = judge.net_of(case.document.data)
    assert net is not None
    return net


def oracle(case: Case) -> judge.Ask:
    """The scalar oracle in the place of an adapter."""
    net = None if case.document is None else net_of(case)
    return lambda request: Answer(*next(iter(answer(request["command"], net, request).items())))


def layer(kind: str, parameters: dict[str, list[list[float]]], inputs: int, size: int) -> Layer:
    return Layer(
        "only", kind, ("input",), inputs, size, timed=True, parameters=parameters, activations={}
    )


def net(*layers: Layer) -> Net:
    return Net("features", layers[0].inputs, list(layers), None, None, False, {}, [], {})


# --- the bounds -----------------------------------------------------------------------------------


def test_the_oracle_lies_inside_in_every_cheap_case() -> None:
    asked = 0
    for case in find():
        if not judge.judges(case) or cost(case) > 500_000:
            continue
        asked += 1
        _, found = judge.put(case, oracle(case))
        assert found == [], case.id
    assert asked > 450


def test_a_sum_by_hand() -> None:
    x = [Near(3.0, 0.5), Near(-2.0, 0.0)]
    found = total(Watch(), 1.0, [(x[0], Near(2.0, 0.0)), (x[1], Near(4.0, 0.25))])
    assert found.v == -1.0
    size, spread = 1 + 3.5 * 2 + 2 * 4.25, 2 * 0.5 + 2 * 0.25
    assert found.e == pytest.approx(gamma(3) * size + spread, rel=1e-15)
    plain = weighted(Watch(), 1.0, x, [2.0, 4.0])
    assert plain.v == -1.0
    assert plain.e == pytest.approx(gamma(3) * (1 + 3.5 * 2 + 8) + 1.0, rel=1e-15)


def test_a_sum_that_may_overflow_is_known_not_at_all() -> None:
    watch = Watch()
    terms = [(Near(3e38, 0.0), Near(sign, 0.0)) for sign in (1.0, 1.0, -1.0)]
    assert total(watch, 0.0, terms) == Near(0.0, math.inf)
    assert watch.may_fail


def test_a_sum_that_overflows_in_every_order_fails() -> None:
    dense = net(layer("dense", {"W": [[3e38], [3e38]]}, 2, 1))
    with pytest.raises(CertainOverflowError):
        bound.run(dense, Array((1, 1, 2), [2.0, 2.0]))
    assert bound.run(dense, Array((1, 1, 2), [2.0, -2.0])).may_fail
    assert not bound.run(dense, Array((1, 1, 2), [0.1, 0.1])).may_fail


@pytest.mark.parametrize(
    ("function", "x", "reach"),
    [
        (Activation("relu"), Near(-1.0, 3.0), 2.0),
        (Activation("elu", -3.0), Near(-1.0, 1.2), 1.896362),  # the turn at 0 is the furthest
        (Activation("thresholded_relu", 1.0), Near(1.0, 0.0), 0.0),
        (Activation("thresholded_relu", 1.0), Near(1.0, 0.5), 1.5),  # over the jump
        (Activation("tanh"), Near(0.0, math.inf), 1.0),
        (Activation("relu"), Near(0.0, math.inf), math.inf),
        (Activation("tanh"), Near(2.0**127, 0.0), 1.0),  # an infinity, or no number
    ],
)
def test_how_far_an_activation_reaches(function: Activation, x: Near, reach: float) -> None:
    assert applied(Watch(), function, x).e == pytest.approx(reach, abs=2.0**-18)


def test_what_tiny_values_lose_is_allowed() -> None:
    tiny = 2.0**-52
    assert given(tiny) == Near(0.0, tiny)
    assert given(1.5) == Near(1.5, 0.0)
    assert T(tiny) == 0.0


@pytest.mark.parametrize("bits", ["7f800000", "7fc00000", "ff800000"])
def test_what_is_not_finite_is_never_inside(bits: str) -> None:
    anything = [Near(0.0, math.inf)]
    assert judge.within("y", ((1,), anything), {"shape": [1], "bits": bits})
    assert not judge.within("y", ((1,), anything), {"shape": [1], "bits": "7f7fffff"})


@pytest.mark.parametrize(
    ("rival", "later", "below"),
    [
        (Near(0.5, 0.1), True, True),
        (Near(0.9, 0.1), True, False),  # the bounds touch
        (Near(1.0, 0.0), True, False),
    ],
)
def test_an_id_is_certain_if_no_bound_reaches_it(rival: Near, later: bool, below: bool) -> None:
    assert greedy.is_below(rival, Near(1.0, 0.1), later=later) is below
    assert greedy.is_below(Near(1.0, 0.0), Near(1.0, 0.0), later=later)
    assert not greedy.is_below(Near(1.0, 0.0), Near(1.0, 0.0), later=False)


# --- mistakes, and what is none -------------------------------------------------------------------


def chosen() -> Iterator[Mutant]:
    for module in (chain, lstm, gru):
        yield from module.mutants()


def test_other_orders_and_fused_operations_lie_inside_and_mistakes_outside() -> None:
    names = (
        "dense/",
        "lstm/size-3-16",
        "gru/rb",
        "gru/size-3",
        "lstm/b",
        "lstm/given",
        "gru/given",
    )
    cases = [case for case in find(list(names)) if mutants.is_asked(case)]
    for case in cases:
        if judge.judges(case):
            mutants.prepared(case)
    caught: set[str] = set()
    inside: set[str] = set()
    for mutant in chosen():
        with oracle_with(mutant) as changed:
            right = all(mutants.lies_inside(case, changed) for case in cases)
        (inside if right else caught).add(mutant.name)
    assert not caught & OTHER_ARITHMETIC
    assert len(caught) >= 65, sorted(inside - OTHER_ARITHMETIC)


@pytest.mark.parametrize(
    ("module", "old", "new", "cases"),
    [
        ("cells", 'for v in block("f")]\n    g', 'for v in block("o")]\n    g', "lstm"),
        ("cells", "sub(1.0, z[j]), n[j]), mul(z[j], h[j])", "sub(1.0, z[j]), h[j]), mul(z[j], n[j])", "gru"),
        ("cells", "T(mul(r[j], d[j]))", "d[j]", "gru"),
        ("chain", "    for k in range(len(x)):\n        a = add", "    for k in range(1, len(x)):\n        a = add", "dense"),
        ("layers", "e = [exp(sub(x[k], m)) for k in range(len(x))]\n    s = sum16(e)\n    return [T(div", "e = [exp(x[k]) for k in range(len(x))]\n    s = sum16(e[1:])\n    return [T(div", "softmax"),
        ("scalar", "for t in range(length)]", "for t in range(steps)]", "sequences"),
    ],
)  # fmt: skip
def test_the_classic_mistakes_lie_outside(module: str, old: str, new: str, cases: str) -> None:
    changed = Mutant("test", "", module, replaced(module, old, new), (cases,))
    assert mutants.judge(changed).killer is not None


# --- what is asked --------------------------------------------------------------------------------


def test_every_step_starts_from_the_exact_state() -> None:
    case = next(c for c in find(["lstm/"]) if len(c.expect.get("chunks", ())) == 1)
    *asked, whole = questions(net_of(case), case.request)
    steps = case.request["chunks"][0]["input"]["shape"][1]
    assert len(asked) == steps > 1
    assert all(q.request["chunks"][0]["input"]["shape"][1] == 1 for q in asked)
    assert asked[0].request.get("state") == case.request.get("state")
    for one, after in itertools.pairwise(asked):
        assert after.request["state"] == one.exact["state"]
    assert asked[-1].exact["state"] == case.expect["chunks"][0]["state"]
    assert whole.request["chunks"] == case.request["chunks"]
    assert whole.request.get("state") == case.request.get("state")
    assert whole.exact == case.expect["chunks"][0]


def lying(case: Case, lie: str) -> judge.Ask:
    """The oracle, but for one lie."""
    honest = oracle(case)

    def ask(request: Json) -> Answer | Failure:
        if lie == "silent":
            return Failure(Verdict.TIMEOUT, "no answer")
        told = honest(request)
        assert isinstance(told, Answer)
        chunk = told.value["chunks"][0]
        if lie == "code":
            told.value["chunks"][0] = {"code": "RUN_NONFINITE", "state": chunk["state"]}
        elif lie == "state":
            del chunk["state"]["lstm0"]["c"]
        elif lie == "shape":
            chunk["output"]["shape"] = [1, *chunk["output"]["shape"]]
        elif lie:
            chunk["output"]["bits"] = lie + chunk["output"]["bits"][8:]
        return told

    return ask


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("", None),
        ("code", "expected an output, got RUN_NONFINITE"),
        ("state", "expected the members"),
        ("shape", "expected shape"),
        ("7fc00000", "nan"),
        ("7f800000", "inf"),
        ("40000000", "elements are outside"),
    ],
)
def test_a_lie_is_told(lie: str, said: str | None) -> None:
    case = case_of("lstm/size-3-16")
    _, found = judge.put(case, lying(case, lie))
    assert (found == []) if said is None else (said in found[0])


def test_the_last_bit_may_differ() -> None:
    case = case_of("lstm/size-3-16")
    chunk = next(questions(net_of(case), case.request)).exact
    first = int(chunk["output"]["bits"][:8], 16)
    _, found = judge.put(case, lying(case, f"{first ^ 1:08x}"))
    # The lie is of the first step's number, so that the second step shows it.
    assert len(found) == 1
    assert "step 1" in found[0]


def test_no_answer_is_passed_on() -> None:
    case = case_of("lstm/size-3-16")
    assert judge.put(case, lying(case, "silent")) == (Failure(Verdict.TIMEOUT, "no answer"), [])


def test_sampled_ids_are_left_out_and_faults_are_not() -> None:
    decoding = [case for case in find() if case.command == "decode"]
    left = {case.id for case in decoding if judge.not_comparable(case) is not None}
    sampled = [c for c in decoding if c.request.get("mode") == "sample" and c.expect.get("ids")]
    assert {case.id for case in sampled} <= left
    faults = [c for c in decoding if c.expect.get("error", {}).get("code") == "RUN_OPTION"]
    assert faults
    assert not {case.id for case in faults} & left
    assert any("ids" in case.expect and case.id not in left for case in decoding)
