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
from rnnspec.layout import DIRECTIONS, FUNCTIONS, MERGES

from . import scalar, wide
from .nets import bits
from .random_nets import options_of, random_input, random_net
from .scalar import Scalar
from .wide import Wide

LENGTHS = [4, 0, 2]
LONG = [7, 5, 0, 4]
CALLS: list[tuple[int, int, list[int] | None]] = [(3, 4, LENGTHS), (3, 6, None), (4, 7, LONG)]


def stays_finite(seed: int) -> bool:
    """Some nets with linear gates overflow within a few steps."""
    plan = rnnspec.compile(random_net(seed))
    try:
        for N, T, lengths in CALLS:
            _, state = run(plan, random_input(plan, N, T, seed), lengths)
            run(plan, random_input(plan, N, T, seed), lengths, state)
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
    """Of every layer, and of the state, from the initial state and from a given one."""
    plan, reference = rnnspec.compile(model), Scalar(model)
    x = random_input(plan, len(LENGTHS), 4, seed)
    names = [layer.name for layer in model.layers]
    with np.errstate(all="ignore"):
        state: Any = None
        for _ in range(2):
            given = state
            output, state, probed = run(plan, x, LENGTHS, given, probe=names)
            assert list(probed) == names
            assert (bits(output) == bits(probed[names[-1]])).all()
            for n, length in enumerate(LENGTHS):
                own = reference.initial() if given is None else row_of(given, n)
                want = reference.run(x[n, :length], own)
                for name, array in probed.items():
                    has_time = array.ndim == 3
                    got = array[n, :length] if has_time else array[n]
                    assert (bits(got) == bits(np.array(want[name])).reshape(got.shape)).all(), (seed, n, name)  # fmt: skip
                    assert not (has_time and bits(array[n, length:]).any())
                same_state(row_of(state, n), own)


def row_of(state: Any, n: int) -> Any:  # noqa: ANN401 - a state
    """The state of one row, [size] each."""
    return {k: {role: a[n].copy() for role, a in arrays.items()} for k, arrays in state.items()}


def test_close_to_binary64() -> None:
    judged = 0
    for seed in SEEDS:
        model = random_net(seed)
        plan, truth = rnnspec.compile(model), Wide(model)
        x = random_input(plan, 3, 6, seed)
        output, _ = run(plan, x)
        with np.errstate(all="ignore"):
            want = truth.run(x)[model.layers[-1].name]
        assert output.shape == want.shape
        if truth.largest < 30:  # some nets with linear cells grow, and with them the differences
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
    wanted |= {"lstm.c0", "add", "multiply", "concat", "layer_norm", "time_reverse"}
    for cell in ("elman", "gru", "lstm"):
        wanted |= {f"{cell}.clip", f"{cell}.W_reverse", f"{cell}.h0_reverse"}
        wanted |= {f"{cell}.direction={word}" for word in DIRECTIONS}
        wanted |= {f"{cell}.merge={word}" for word in MERGES}
    wanted |= {"lstm.peephole=diagonal", "lstm.peephole=full", "lstm.p_reverse", "lstm.cell_clip"}
    wanted |= {
        "lstm.coupled=input",
        "lstm.coupled=forget",
        "lstm.projection_clip",
        "lstm.Q_reverse",
    }
    wanted |= {"lstm.qb", "lstm.qb_reverse", "lstm.c0_reverse"}
    assert wanted - set(used) == set()


def test_chunks_steps_and_rows_do_not_show() -> None:
    T, cuts = 7, [0, 3, 3, 4, 7]
    lengths = np.array(LONG)
    for seed in SEEDS:
        model = random_net(seed)
        plan = rnnspec.compile(model)
        x = random_input(plan, len(lengths), T, seed)
        whole, after = run(plan, x, lengths)
        if not plan.is_forward:
            continue
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
            truth = wide.wide(activation, x[finite].astype(np.float64))
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


def small(
    layers: list[dict[str, Any]],
    kind: str = "values",
    size: int = 1,
    **tensors: Any,  # noqa: ANN401 - lists
) -> Model:
    named = [{"name": f"l{k}", **layer} for k, layer in enumerate(layers)]
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": size},
            "layers": named,
            "output": {"kind": kind},
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
    function = {"type": "activation", "function": "softmax"}
    model = small([{"type": "last_step"}, function], kind="probabilities", size=3)
    plan = rnnspec.compile(model)
    x = np.array([[0.5, -1.25, 2]], np.float32)
    logits = Session(plan).logits(x)
    assert (logits == x).all()
    assert (bits(run(plan, x[None])[0][0]) == bits(scalar.softmaxed(x[0], log=False))).all()


def test_logits_that_are_the_input() -> None:
    plan = rnnspec.compile(
        small([{"type": "activation", "function": "softmax"}], kind="probabilities", size=3)
    )
    x = np.array([[0.5, -1e-20, 2]], np.float32)
    assert Session(plan).logits(x).tolist() == [[0.5, 0, 2]]


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
