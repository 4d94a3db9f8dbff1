"""The two oracles against each other: each case of the suite, element by element.

The stated bound: every element y of an output or a state lies within 2^−19 · max(1, |t|) of the true
value t, in all but the cases named here. (Mistakes of meaning, such as a wrong gate, are off by 2^−5.)
"""

import math
from decimal import Decimal

import pytest

from conformance.case import Case, find
from conformance.oracle import truth
from conformance.oracle.answer import from_wire
from conformance.oracle.reader import read

BOUND = Decimal(2) ** -19
# Cases whose numbers are made so that rounding, T or saturation shows: what they may be off by.
WIDER: dict[str, Decimal] = {
    "activations/layer-hard_sigmoid-5": Decimal(1),  # constants below 2^−51
    "activations/layer-leaky_relu-4": Decimal(1),
    "activations/layer-scaled_tanh-2": Decimal(1),
    "activations/tiny-elu-0": Decimal(1),  # exp(x) − 1 near 0, times 10^38
    "activations/tiny-scaled_tanh-1": Decimal(1),  # numbers below 2^−51 times 2^60
    "affine/tiny-scale": Decimal(1),
    "arithmetic/order": Decimal(1),  # 1 is lost beside 2^24
    "arithmetic/tiny-gates": Decimal(2) ** -11,  # a gate of 2^−51 times a c of 2^40
    "arithmetic/tiny-input": Decimal(1),
    "arithmetic/tiny-recurrent": Decimal("0.5"),
    "arithmetic/tiny-weight": Decimal(1),
    "dense/wide": Decimal(2) ** -18,
    "directions/tiny-average": Decimal(2),
    "directions/tiny-multiply": Decimal(2),
    "directions/tiny-sum": Decimal(2),
    "dtypes/int8-tiny": Decimal(2) ** -12,  # values below 2^−51 times 2^40
    "elman/old-state": Decimal(2) ** -17,  # eight steps that each multiply the error by two or so
    "elman/tiny-recurrent": Decimal(1),
    "gru/rb-first": Decimal("0.5"),  # what is lost beside 2^24
    "gru/tiny-rb": Decimal(1),
    "gru/tiny-u": Decimal(1),
    "initial_state/tiny-h0": Decimal(1),
    "layer_norm/epsilon-small": Decimal(1),  # differences of one ulp, of a mean that is rounded
    "layer_norm/huge": Decimal(1),  # d × d is infinite, and y is beta
    "layer_norm/tiny": Decimal(1),
    "layer_norm/tiny-variance": Decimal(1),  # a d below 2^−51, times 2^55
    "layer_norm/tiny-result": Decimal(1),
    "merge/add-order": Decimal(1),
    "merge/multiply-tiny": Decimal(1),
    "peephole/coupled-forget-linear": Decimal(2) ** -17,  # linear gates multiply the error
    "peephole/coupled-input-linear": Decimal(2) ** -17,
    "peephole/diagonal-order": Decimal("0.5"),
    "peephole/full-ascending": Decimal("0.5"),
    "peephole/full-order": Decimal("0.5"),
    "projection/order": Decimal(1),
    "projection/tiny-u": Decimal(2) ** -6,
}


def runs() -> list[Case]:
    return [case for case in find() if case.command == "run" and case.truth is not None]


def evaluations() -> list[Case]:
    return [case for case in find() if case.command == "evaluate"]


def worst(case: Case) -> Decimal:
    worst = Decimal(0)
    for expected, true in zip(case.expect["chunks"], case.truth["chunks"], strict=True):
        if true is None:
            assert "code" in expected
            continue
        pairs = [(expected["output"], true["output"])]
        for name, parts in expected["state"].items():
            pairs += [(array, true["state"][name][part]) for part, array in parts.items()]
        pairs += [(array, true["probe"][name]) for name, array in expected.get("probe", {}).items()]
        for array, numbers in pairs:
            for y, text in zip(from_wire(array).values, numbers, strict=True):
                t = Decimal(text)
                worst = max(worst, abs(Decimal(y) - t) / max(Decimal(1), abs(t)))
    return worst


@pytest.mark.parametrize("case", runs(), ids=lambda case: case.id)
def test_run_is_close_to_the_truth(case: Case) -> None:
    assert worst(case) <= WIDER.get(case.id, BOUND)


def test_every_run_case_that_succeeds_has_its_truth() -> None:
    without = [
        case.id
        for case in find()
        if case.command == "run"
        and case.truth is None
        and all("output" in chunk for chunk in case.expect.get("chunks", [{}]))
    ]
    assert without == []


def test_truth_is_recomputed() -> None:
    case = next(case for case in runs() if case.id == "lstm/plain")
    assert case.document is not None
    document = read(case.document.data).document
    assert document is not None
    assert truth.run(document, case.request, case.expect["chunks"], truth.WRITTEN) == case.truth


@pytest.mark.parametrize("case", evaluations(), ids=lambda case: case.id)
def test_evaluate_is_close_to_the_truth(case: Case) -> None:
    tiny = Decimal(2) ** -51
    inputs = from_wire(case.request["input"]).values
    outputs = from_wire(case.expect["output"]).values
    for x, y, text in zip(inputs, outputs, case.truth, strict=True):
        t = Decimal(text)
        if case.request["function"] == "log" and abs(x) < 2.0**-51:
            assert y == -math.inf  # T makes it 0
        elif not t.is_finite() or abs(t) >= Decimal(2) ** 128:
            assert Decimal(y).is_nan() == t.is_nan()
            assert t.is_nan() or y == math.copysign(math.inf, t)
        elif abs(t) < tiny:
            assert y == 0 or abs(Decimal(y) - t) < tiny * Decimal(2) ** -20
        else:
            assert abs(Decimal(y) - t) <= abs(t) * Decimal(2) ** -22 or y == 0
