"""Every layer, over random nets: bits of the scalar equations, values of binary64, and chunks."""

import dataclasses
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import Model, Session, run
from rnnspec.activation import ELEMENTWISE, bound
from rnnspec.layout import FUNCTIONS

from . import scalar
from .nets import bits
from .random_nets import options_of, random_input, random_net
from .scalar import Scalar, Wide

LENGTHS = [4, 0, 2]


def stays_finite(seed: int) -> bool:
    """Some nets with linear gates overflow within a few steps."""
    plan = rnnspec.compile(random_net(seed))
    try:
        run(plan, random_input(plan, 4, 7, seed))
    except rnnspec.RnnspecError:
        return False
    return True


SEEDS = [seed for seed in range(300) if stays_finite(seed)]


def test_most_nets_stay_finite() -> None:
    assert len(SEEDS) > 270


def test_bits_of_the_scalar_equations() -> None:
    for seed in SEEDS:
        check_bits(random_net(seed), seed)


def test_bits_near_where_t_begins() -> None:
    """The same with parameters of every size down to 1e-20, so that T shows wherever it stands."""
    for seed in SEEDS:
        model, rng = random_net(seed), np.random.default_rng(seed)
        tensors = {
            name: rnnspec.Tensor(
                (t.values * 10.0 ** rng.uniform(-20, 0, t.shape)).astype(np.float32)
            )
            for name, t in model.tensors.items()
        }
        check_bits(dataclasses.replace(model, tensors=tensors), seed)


def check_bits(model: Model, seed: int) -> None:
    plan, reference = rnnspec.compile(model), Scalar(model)
    x = random_input(plan, len(LENGTHS), 4, seed)
    with np.errstate(all="ignore"):
        output, after = run(plan, x, LENGTHS)
        for n, length in enumerate(LENGTHS):
            state = reference.initial()
            want = reference.run(x[n, :length], state)
            got = output[n, :length] if plan.has_time else output[n]
            assert (bits(got) == bits(want).reshape(got.shape)).all(), (seed, n)
            assert not (plan.has_time and bits(output[n, length:]).any())
            for name, arrays in state.items():
                for role, values in zip(after[name], arrays, strict=True):
                    assert (bits(after[name][role][n]) == bits(values)).all(), (seed, n, name)


def test_close_to_binary64() -> None:
    judged = 0
    for seed in SEEDS:
        model = random_net(seed)
        plan, wide = rnnspec.compile(model), Wide(model)
        x = random_input(plan, 3, 6, seed)
        output, _ = run(plan, x)
        with np.errstate(all="ignore"):
            want = wide.run(x)
        assert output.shape == want.shape
        if wide.largest < 30:  # some nets with linear cells grow, and with them the differences
            judged += 1
            assert np.allclose(output, want, rtol=2e-5, atol=2e-5), seed
    assert judged > 0.8 * len(SEEDS)


def test_the_nets_use_everything() -> None:
    used = Counter(option for seed in SEEDS for option in options_of(random_net(seed)))
    wanted = {"tokens", "features", "embedding", "one_hot", "dense.b", "affine.s", "last_step"}
    wanted |= {"activation.function=softmax", "gru.reset=before", "gru.reset=after", "gru.rb"}
    wanted |= {f"activation.function={name}" for name in FUNCTIONS}
    wanted |= {f"elman.activation={name}" for name in FUNCTIONS}
    wanted |= {f"gru.{word}={name}" for word in ("gates", "candidate") for name in FUNCTIONS}
    wanted |= {f"lstm.{word}={name}" for word in ("gates", "candidate", "output") for name in FUNCTIONS}  # fmt: skip
    wanted |= {f"{cell}.output=final" for cell in ("elman", "gru", "lstm")}
    wanted |= {f"{cell}.{role}" for cell in ("elman", "gru", "lstm") for role in ("b", "h0")}
    wanted |= {"lstm.c0"}
    assert wanted - set(used) == set()


def test_chunks_steps_and_rows_do_not_show() -> None:
    T, cuts = 7, [0, 3, 3, 4, 7]
    lengths = np.array([7, 5, 0, 4])
    for seed in SEEDS:
        model = random_net(seed)
        plan = rnnspec.compile(model)
        x = random_input(plan, len(lengths), T, seed)
        whole, after = run(plan, x, lengths)
        state, parts = None, []
        for first, last in pairwise(cuts):
            given = np.clip(lengths - first, 0, last - first)
            output, state = run(plan, x[:, first:last], given, state)
            parts.append(output)
        if plan.has_time:
            assert (bits(np.concatenate(parts, axis=1)) == bits(whole)).all(), seed
        elif any(layer.type == "last_step" for layer in model.layers):
            assert (bits(parts[-1][lengths > cuts[-2]]) == bits(whole[lengths > cuts[-2]])).all()
        else:
            assert (bits(parts[-1]) == bits(whole)).all(), seed
        same_state(state, after)
        for n, length in enumerate(lengths):
            session = Session(plan)
            outputs = [session.step(x[n : n + 1, t])[0] for t in range(length)]
            if plan.has_time:
                assert (bits(np.array(outputs).reshape(length, plan.width)) == bits(whole[n, :length])).all()  # fmt: skip
            elif outputs:
                assert (bits(outputs[-1]) == bits(whole[n])).all()
            same_state(session.state(), {k: {r: a[n : n + 1] for r, a in v.items()} for k, v in after.items()})  # fmt: skip


def same_state(one: Any, other: Any) -> None:  # noqa: ANN401 - states
    assert list(one) == list(other)
    for name, arrays in other.items():
        assert list(one[name]) == list(arrays)
        for role, values in arrays.items():
            assert (bits(one[name][role]) == bits(values)).all(), (name, role)


# --- activations ----------------------------------------------------------------------------------


def with_numbers(name: str, rng: np.random.Generator) -> dict[str, float]:
    return {member: float(rng.uniform(-2, 2)) for member in FUNCTIONS[name]}


def awkward() -> np.ndarray:
    rng = np.random.default_rng(0)
    large = rng.standard_normal(300) * 10.0 ** rng.uniform(-20, 30, 300)
    edges = [
        0,
        -0.0,
        1,
        -1,
        0.5,
        88,
        -88,
        1e38,
        -1e38,
        2.0**-51,
        -(2.0**-52),
        np.inf,
        -np.inf,
        np.nan,
    ]
    return np.concatenate([large, edges, rng.standard_normal(300) * 3]).astype(np.float32)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_activations_are_those_of_the_table(name: str) -> None:
    rng = np.random.default_rng(len(name))
    x = awkward()
    for _ in range(4):
        numbers = with_numbers(name, rng)
        activation: Any = rnnspec.Activation(function=name, **numbers)  # type: ignore[arg-type] # it is one
        with np.errstate(all="ignore"):
            got = bound(name, **numbers)(x)
            want = np.array([scalar.applied(activation, v) for v in x], np.float32)
            same = (bits(got) == bits(want)) | (np.isnan(got) & np.isnan(want))
            assert same.all(), (x[~same], got[~same], want[~same])
            assert np.isnan(got[np.isnan(x)]).all()
            finite = np.isfinite(x) & (np.abs(x) < 1e4)
            truth = scalar.wide(activation, x[finite].astype(np.float64))
        assert np.allclose(got[finite], truth, rtol=3e-6, atol=3e-7)


def test_every_activation_has_its_function() -> None:
    assert list(ELEMENTWISE) == list(FUNCTIONS)


def test_a_threshold_belongs_to_what_it_cuts_off() -> None:
    x = np.array([0.5, 0.50000006], np.float32)
    assert bound("thresholded_relu", 0.5)(x).tolist() == [0, x[1]]


def test_the_numbers_of_an_activation_are_binary32_after_t() -> None:
    x = np.array([-1, 3], np.float32)
    assert bound("leaky_relu", 0.1)(x)[0] == np.float32(-0.1)
    assert bound("leaky_relu", 4e-16)(x * np.float32(2.0**20))[0] == 0
    assert bound("hard_sigmoid", 0.2, -0.0)(x).tolist() == [
        0,
        float(np.float32(0.2) * np.float32(3)),
    ]


# --- what has no time -----------------------------------------------------------------------------


def small(layers: list[dict[str, Any]], **tensors: Any) -> Model:  # noqa: ANN401 - lists
    named = [{"name": f"l{k}", **layer} for k, layer in enumerate(layers)]
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": named,
            "output": {"kind": "values"},
            "tensors": tensors,
        }
    )


SUM = {"type": "elman", "hidden_size": 1, "activation": {"function": "linear"}, "output": "final"}


def test_final_is_the_state() -> None:
    model = small(
        [{**SUM, "parameters": {"W": "W", "R": "R", "h0": "h0"}}], W=[[1]], R=[[1]], h0=[10]
    )
    plan = rnnspec.compile(model)
    x = [[[1], [2], [4]], [[8], [9], [9]], [[9], [9], [9]]]
    output, state = run(plan, x, [3, 1, 0])
    assert output.tolist() == [[17], [18], [10]]
    assert state["l0"]["h"].tolist() == output.tolist()
    output[:] = 0
    assert state["l0"]["h"].all()  # an array of its own
    output, state = run(plan, np.zeros((2, 0, 1)))
    assert output.tolist() == [[10], [10]]
    output, _ = run(plan, np.zeros((1, 0, 1)), None, {"l0": {"h": [[5]]}})
    assert output.tolist() == [[5]]
    session = Session(plan, 2)
    out = np.empty((2, 1), np.float32)
    assert session.step([[1], [2]], out) is out
    assert out.tolist() == [[11], [12]]
    assert session.run([[[1], [1]], [[1], [1]]]).tolist() == [[13], [14]]
    session.reset()
    assert session.state()["l0"]["h"].tolist() == [[10], [10]]


def test_last_step_is_that_of_the_call() -> None:
    model = small(
        [{"type": "last_step"}, {"type": "affine", "parameters": {"s": "s", "t": "t"}}],
        s=[2],
        t=[5],
    )
    plan = rnnspec.compile(model)
    long = np.arange(900, dtype=np.float32).reshape(3, 300, 1)  # more than a block
    output, state = run(plan, long, [300, 260, 0])
    assert output.tolist() == [[603], [2 * 559 + 5], [5]]
    assert state == {}
    assert Session(plan).step([[4]]).tolist() == [[13]]
    assert run(plan, np.zeros((2, 0, 1)))[0].tolist() == [[5], [5]]


def test_logits_without_time() -> None:
    plan = rnnspec.compile(random_without_time())
    session = Session(plan)
    logits = session.logits([1])
    softmax = scalar.softmaxed(logits[0], log=False)
    assert (bits(run(plan, [[1]])[0][0]) == bits(softmax)).all()


def random_without_time() -> Model:
    return next(
        model
        for model in map(random_net, range(1000))
        if model.output.kind == "probabilities"
        and model.input.kind == "tokens"
        and not rnnspec.compile(model).has_time
        and rnnspec.compile(model).tokens != 1
    )


# --- not finite -----------------------------------------------------------------------------------


def code(plan: rnnspec.Plan, x: Any, lengths: Any = None) -> str:  # noqa: ANN401 - lists
    with pytest.raises(rnnspec.RnnspecError) as caught:
        run(plan, x, lengths)
    return caught.value.code


def gru(reset: str, gates: str) -> Model:
    activations = {"gates": {"function": gates}, "candidate": {"function": "hard_tanh"}}
    layer = {
        "type": "gru",
        "hidden_size": 1,
        "reset": reset,
        "activations": activations,
        "parameters": {"W": "W", "R": "R", "h0": "h0"},
    }
    W = [[3e38, 0, 0]]
    return small([layer], W=W, R=[[0, 0, 1]], h0=[1])


def test_u_is_looked_at_though_the_candidate_saturates() -> None:
    # r × h = 9e38 in u; but after the product the same is within a pre-activation.
    x = [[[3]]]
    assert code(rnnspec.compile(gru("before", "linear")), x) == "RUN_NONFINITE"
    output, _ = run(rnnspec.compile(gru("after", "linear")), x)
    assert output.tolist() == [[[1]]]
    assert run(rnnspec.compile(gru("before", "linear")), x, [0])[0].tolist() == [[[0]]]


@pytest.mark.parametrize("reset", ["before", "after"])
def test_what_the_reset_gate_leaves_is_after_t(reset: str) -> None:
    """r = 2^-30 and 2^-26 of the other factor: 2^-56 would show, made large again behind it."""
    activations = {
        "gates": {"function": "linear"},
        "candidate": {"function": "scaled_tanh", "alpha": 1, "beta": 2.0**60},
    }
    layer = {
        "type": "gru",
        "hidden_size": 1,
        "reset": reset,
        "activations": activations,
        "parameters": {"W": "W", "R": "R", "h0": "h0"},
    }
    plan = rnnspec.compile(small([layer], W=[[2.0**-30, 0, 0]], R=[[0, 0, 1]], h0=[2.0**-26]))
    assert run(plan, [[[1]]])[0].tolist() == [[[0]]]
    assert run(plan, [[[2.0**10]]])[0].tolist() == [[[1]]]


def test_overflow_where_there_is_no_time() -> None:
    affine = {"type": "affine", "parameters": {"s": "s", "t": "t"}}
    layers: list[dict[str, Any]] = [{"type": "last_step"}, affine]
    plan = rnnspec.compile(small(layers, s=[1e38], t=[0]))
    assert code(plan, [[[1e10]]]) == "RUN_NONFINITE"
    assert run(plan, [[[1e10]]], [0])[0].tolist() == [[0]]


def test_a_cell_that_overflows_and_comes_back() -> None:
    """c is infinite at the first step and its output saturates: that is found at the end."""
    words = ("gates", "candidate", "output")
    functions = ("hard_sigmoid", "linear", "hard_tanh")
    activations: dict[str, Any] = {
        w: {"function": f} for w, f in zip(words, functions, strict=True)
    }
    activations["gates"] |= {"alpha": 1, "beta": 1}
    parameters = {"W": "W", "R": "R"}
    layer = {"type": "lstm", "hidden_size": 1, "activations": activations, "parameters": parameters}
    plan = rnnspec.compile(small([layer], W=[[0, 0, 1e38, 0]], R=[[0, 0, 0, 0]]))
    assert code(plan, [[[9], [0], [0]]]) == "RUN_NONFINITE"
    assert run(plan, [[[0], [9], [0]]], [1])[0].tolist() == [[[0], [0], [0]]]


def test_initial_states_are_after_t_and_read_only() -> None:
    model = small(
        [{**SUM, "parameters": {"W": "W", "R": "R", "h0": "h0"}}], W=[[1]], R=[[1]], h0=[1e-20]
    )
    plan = rnnspec.compile(model)
    state = Session(plan).state()
    assert not bits(state["l0"]["h"]).any()
    state["l0"]["h"][:] = 7
    assert not Session(plan).state()["l0"]["h"].any()
    with pytest.raises(ValueError, match="read-only"):
        plan.recurrent["l0"].initial["h"][0, 0] = 1
    assert dataclasses.is_dataclass(plan)
