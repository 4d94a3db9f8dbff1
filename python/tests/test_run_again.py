"""A second `run` of one shape: a shorter way to the same bits, errors and states."""

from collections.abc import Callable

import numpy as np
import pytest

import rnnspec
from rnnspec import Plan, RnnspecError, run

from .nets import bits, character_net, feature_net

NETS = {
    "ids": character_net(),
    "one_hot, logits, wide": character_net("one_hot", None, hidden=20),
    "numbers": feature_net(),
}


@pytest.fixture(params=NETS)
def plan(request: pytest.FixtureRequest) -> Plan:
    return rnnspec.compile(NETS[request.param])


def given(plan: Plan, rows: int, steps: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    if plan.tokens is not None:
        return random.integers(0, plan.tokens, (rows, steps))
    return random.standard_normal((rows, steps, plan.size or 0)).astype(np.float32)


def same_states(a: rnnspec.State, b: rnnspec.State) -> bool:
    return a.keys() == b.keys() and all(
        a[name].keys() == b[name].keys()
        and all((bits(a[name][role]) == bits(b[name][role])).all() for role in a[name])
        for name in a
    )


@pytest.mark.parametrize(("rows", "steps"), [(1, 1), (1, 9), (3, 70)])
def test_the_bits_are_those_of_the_first_time(plan: Plan, rows: int, steps: int) -> None:
    for seed in range(3):
        x = given(plan, rows, steps, seed)
        fresh = rnnspec.compile(plan.model)  # never run before
        wanted, its_state = run(fresh, x)
        got, state = run(plan, x)
        assert (bits(got) == bits(wanted)).all()
        assert same_states(state, its_state)


def test_what_was_given_back_is_not_touched_again(plan: Plan) -> None:
    run(plan, given(plan, 2, 9, 0))
    y, state = run(plan, given(plan, 2, 9, 1))
    kept = y.copy(), {n: {r: v.copy() for r, v in arrays.items()} for n, arrays in state.items()}
    run(plan, given(plan, 2, 9, 2))
    assert (bits(y) == bits(kept[0])).all()
    assert same_states(state, kept[1])
    y[...] = 7
    for arrays in state.values():
        for values in arrays.values():
            values[...] = 7
    assert (bits(run(plan, given(plan, 2, 9, 1))[0]) == bits(kept[0])).all()


def test_a_state_is_still_where_it_was_asked_to_begin(plan: Plan) -> None:
    x = given(plan, 1, 9, 0)
    _, state = run(plan, x)
    on = run(plan, x, state=state)[0]
    run(plan, x)
    assert (bits(run(plan, x, state=state)[0]) == bits(on)).all()
    assert (bits(run(plan, x)[0]) != bits(on)).any()


@pytest.mark.parametrize("bad", [-1, 7_000, 2**31, 2**32, -(2**40)])
def test_an_id_that_is_none(bad: int) -> None:
    plan = rnnspec.compile(character_net())
    x = given(plan, 1, 9, 0)
    wanted = run(plan, x)[0]
    wrong = x.copy()
    wrong[0, 5] = bad
    with pytest.raises(RnnspecError, match=str(bad)) as error:
        run(plan, wrong)
    assert error.value.code == "RUN_TOKEN"
    assert (bits(run(plan, x)[0]) == bits(wanted)).all()


def test_a_number_that_is_not_finite() -> None:
    plan = rnnspec.compile(feature_net())
    x = given(plan, 1, 9, 0)
    run(plan, x)
    x[0, 5, 0] = np.nan
    with pytest.raises(RnnspecError) as error:
        run(plan, x)
    assert error.value.code == "RUN_NONFINITE_INPUT"


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.tolist(),
        lambda x: x.astype(np.int16),
        lambda x: x.astype(np.float64),
        lambda x: x[:, ::-1][:, ::-1],
        np.ma.masked_array,
        lambda x: x[:, :0],
    ],
)
def test_other_arrays_of_the_same_numbers(change: Callable[[np.ndarray], np.ndarray]) -> None:
    plan = rnnspec.compile(character_net())
    x = given(plan, 2, 9, 0)
    wanted = run(plan, x)[0]
    other = change(x)
    got = run(plan, other)[0]
    assert (bits(got) == bits(wanted[:, : got.shape[1]])).all()
