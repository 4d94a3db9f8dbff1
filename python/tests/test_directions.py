"""Directions, steps that can't be, probes, and states that go from net to net (SPEC 13.13, 14)."""

import dataclasses
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, Session, run

from .nets import bits
from .random_nets import random_input, random_net
from .test_layers import LONG, SEEDS, row_of, same_state

SUM = {"type": "elman", "hidden_size": 1, "activation": {"function": "linear"}}
ROLES = {"W": "W", "R": "R", "h0": "h0"}
BOTH = ROLES | {"W_reverse": "W1", "R_reverse": "R1", "h0_reverse": "h1"}


def net(*layers: dict[str, Any], size: int = 1, **tensors: Any) -> rnnspec.Plan:  # noqa: ANN401 - lists
    named = [{"name": f"l{k}", **layer} for k, layer in enumerate(layers)]
    document = {"input": {"kind": "features", "size": size}, "output": {"kind": "values"}}
    return rnnspec.compile(rnnspec.build({**document, "layers": named, "tensors": tensors}))


def code(call: Any, *arguments: Any, **options: Any) -> str:  # noqa: ANN401 - anything
    with pytest.raises(RnnspecError) as caught:
        call(*arguments, **options)
    return caught.value.code


X = [[[1], [2], [4]], [[8], [9], [0]], [[7], [7], [7]]]
LENGTHS = [3, 1, 0]


def test_reverse_sums_from_the_end() -> None:
    plan = net({**SUM, "direction": "reverse", "parameters": ROLES}, W=[[1]], R=[[1]], h0=[10])
    output, state = run(plan, X, LENGTHS)
    assert output[:, :, 0].tolist() == [[17, 16, 14], [18, 0, 0], [0, 0, 0]]
    assert state["l0"]["h"].tolist() == [[17], [18], [10]]
    output, state = run(plan, X, LENGTHS, {"l0": {"h": [[100], [200], [300]]}})
    assert output[:, :, 0].tolist() == [[107, 106, 104], [208, 0, 0], [0, 0, 0]]
    assert state["l0"]["h"].tolist() == [[107], [208], [300]]


MERGED = {
    "concat": [[[11, 107], [13, 106], [17, 104]], [[18, 108], [0, 0], [0, 0]]],
    "sum": [[[118], [119], [121]], [[126], [0], [0]]],
    "multiply": [[[1177], [1378], [1768]], [[1944], [0], [0]]],
    "average": [[[59], [59.5], [60.5]], [[63], [0], [0]]],
}


@pytest.mark.parametrize("merge", MERGED)
def test_both_directions_merged(merge: str) -> None:
    layer = {**SUM, "direction": "bidirectional", "merge": merge, "parameters": BOTH}
    tensors: Any = {"W": [[1]], "R": [[1]], "h0": [10], "W1": [[1]], "R1": [[1]], "h1": [100]}
    output, state = run(net(layer, **tensors), X, LENGTHS)
    assert output[:2].tolist() == MERGED[merge]
    assert not output[2].any()
    assert {k: v.tolist() for k, v in state["l0"].items()} == {
        "h": [[17], [18], [10]],
        "h_reverse": [[107], [108], [100]],
    }
    final, after = run(net({**layer, "output": "final"}, **tensors), X, LENGTHS)
    pairs = {"concat": [17, 107], "sum": [124], "multiply": [1819], "average": [62]}
    assert final[0].tolist() == pairs[merge]
    same_state(after, state)
    # A row without a step: the merged initial states.
    assert final[2].tolist() == {"concat": [10, 100], "sum": [110], "multiply": [1000], "average": [55]}[merge]  # fmt: skip


def test_time_reverse_turns_the_valid_steps() -> None:
    plan = net({"type": "time_reverse"})
    output, _ = run(plan, X, [3, 2, 0])
    assert output[:, :, 0].tolist() == [[4, 2, 1], [9, 8, 0], [0, 0, 0]]
    twice = net({"type": "time_reverse"}, {"type": "time_reverse"})
    rng = np.random.default_rng(0)
    x, lengths = rng.standard_normal((20, 60, 1)).astype(np.float32), rng.integers(0, 61, 20)
    output, _ = run(twice, x, lengths)
    assert (output == np.where(np.arange(60) < lengths[:, None], x[:, :, 0], 0)[:, :, None]).all()
    assert run(plan, np.zeros((2, 0, 1)))[0].shape == (2, 0, 1)


def test_a_reverse_layer_is_a_forward_one_between_two_time_reverses() -> None:
    """On random nets: each reverse layer replaced, whole batches with lengths and states."""
    replaced = 0
    for seed in SEEDS:
        model = random_net(seed)
        layers: list[Any] = []
        for layer in model.layers:
            if getattr(layer, "direction", None) != "reverse" or layer.output == "final":  # type: ignore[union-attr] # it is recurrent
                layers.append(layer)
                continue
            replaced += 1
            before, after = f"{layer.name}.before", layer.name
            layers += [
                rnnspec.TimeReverseLayer(name=before, inputs=layer.inputs),
                dataclasses.replace(
                    layer,
                    name=f"{after}.cell",
                    inputs=(before,),
                    direction="forward",  # type: ignore[arg-type] # as above
                ),
                rnnspec.TimeReverseLayer(name=after, inputs=(f"{after}.cell",)),
            ]
        changed = rnnspec.compile(dataclasses.replace(model, layers=tuple(layers)))
        plan = rnnspec.compile(model)
        x = random_input(plan, len(LONG), 7, seed)
        assert (bits(run(plan, x, LONG)[0]) == bits(run(changed, x, LONG)[0])).all(), seed
    assert replaced > 8


def test_rows_do_not_touch_each_other_in_any_direction() -> None:
    judged = 0
    for seed in SEEDS:
        plan = rnnspec.compile(random_net(seed))
        if plan.is_forward:
            continue
        judged += 1
        x = random_input(plan, len(LONG), 7, seed)
        whole, after = run(plan, x, LONG)
        for n, length in enumerate(LONG):
            alone, state = run(plan, x[n : n + 1, :length])
            got = whole[n, :length] if plan.has_time else whole[n]
            assert (bits(alone[0]) == bits(got)).all(), (seed, n)
            same_state(row_of(state, 0), row_of(after, n))
    assert judged > 60


def test_a_long_sequence_takes_its_products_in_parts() -> None:
    rng = np.random.default_rng(0)
    layer = {**SUM, "hidden_size": 3, "activation": {"function": "tanh"}, "direction": "bidirectional"}  # fmt: skip
    names = {"W": "W", "R": "R", "W_reverse": "W1", "R_reverse": "R1"}
    tensors = {name: rng.standard_normal((2 if "W" in name else 3, 3)) for name in names.values()}
    plan = net({**layer, "merge": "concat", "parameters": names}, size=2, **tensors)
    x = rng.standard_normal((3, 700, 2)).astype(np.float32)
    whole, _ = run(plan, x, [700, 650, 1])
    forward, state = [], None
    for first, last in pairwise([0, 100, 256, 700]):
        y, state = run(plan, x[:1, first:last], None, state)
        forward.append(y[0, :, :3])
    assert (bits(np.concatenate(forward)) == bits(whole[0, :, :3])).all()
    backward: list[np.ndarray] = []
    state = None
    for last, first in pairwise([700, 500, 256, 0]):
        y, state = run(plan, x[:1, first:last], None, state)
        backward.insert(0, y[0, :, 3:])
    assert (bits(np.concatenate(backward)) == bits(whole[0, :, 3:])).all()


# --- steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({**SUM, "direction": "reverse", "parameters": ROLES}, 'got reverse in the layer "l0"'),
        ({"type": "time_reverse"}, 'got time_reverse in the layer "l0"'),
    ],
)
def test_no_steps_where_a_layer_needs_what_comes_later(layer: Any, words: str) -> None:  # noqa: ANN401 - members
    tensors: Any = {"W": [[1]], "R": [[1]], "h0": [10]} if "parameters" in layer else {}
    plan = net(layer, **tensors)
    assert not plan.is_forward
    with pytest.raises(RnnspecError, match=words) as caught:
        Session(plan)
    assert caught.value.code == "RUN_DIRECTION"
    assert code(Session, plan, "no batch") == "RUN_DIRECTION"
    spelled = net({**SUM, "direction": "forward", "parameters": ROLES}, W=[[1]], R=[[1]], h0=[1])
    assert spelled.is_forward
    assert Session(spelled).step([[1]]).tolist() == [[2]]


# --- probes ---------------------------------------------------------------------------------------


def test_probes_are_what_the_layers_gave() -> None:
    plan = net(
        {"type": "affine", "parameters": {"s": "s", "t": "t"}},
        {**SUM, "inputs": ["l0"], "output": "final", "parameters": ROLES},
        {"type": "last_step", "inputs": ["l0"]},
        {"type": "add", "inputs": ["l1", "l2"]},
        W=[[1]],
        R=[[1]],
        h0=[10],
        s=[2],
        t=[1],
    )
    output, state, probed = run(plan, X, LENGTHS, probe=["l3", "l0", "l1", "l0"])
    assert list(probed) == ["l3", "l0", "l1"]
    assert probed["l0"][:, :, 0].tolist() == [[3, 5, 9], [17, 0, 0], [0, 0, 0]]
    assert probed["l1"].tolist() == [[27], [27], [10]]
    assert output.tolist() == probed["l3"].tolist() == [[36], [44], [10]]
    output[:] = 0
    assert probed["l3"].any()
    assert run(plan, X, LENGTHS, probe="l2")[2]["l2"].tolist() == [[9], [17], [0]]
    assert run(plan, X, LENGTHS, probe=[])[2] == {}
    same_state(state, run(plan, X, LENGTHS)[1])


def test_a_name_of_no_layer_is_judged_last() -> None:
    plan = net({**SUM, "parameters": ROLES}, W=[[1]], R=[[1]], h0=[10])
    for name in ("input", "l1", "", "l0 "):
        with pytest.raises(RnnspecError, match="of the layers l0") as caught:
            run(plan, X, probe=["l0", name])
        assert caught.value.code == "RUN_OPTION"
        assert caught.value.issues[0].place == "probe"
    assert code(run, plan, X, [1], probe=["x"]) == "RUN_SHAPE"
    assert code(run, plan, X, None, {"l0": {"h": [[np.nan]] * 3}}, probe=["x"]) == "RUN_NONFINITE_INPUT"  # fmt: skip


def test_a_probed_one_hot_is_spelled_out() -> None:
    model = rnnspec.build(
        {
            "input": {"kind": "tokens", "vocabulary": "v"},
            "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b", "c"]}},
            "layers": [
                {"name": "read", "type": "one_hot"},
                {"name": "d", "type": "dense", "size": 2, "parameters": {"W": "W"}},
                {"name": "e", "type": "dense", "size": 3, "inputs": ["read"], "parameters": {"W": "V"}},
                {"name": "all", "type": "concat", "inputs": ["d", "e"]},
            ],
            "output": {"kind": "values"},
            "tensors": {"W": np.arange(6).reshape(3, 2), "V": np.eye(3)},
        }
    )  # fmt: skip
    output, _, probed = run(rnnspec.compile(model), [[2, 0, 1]], [2], probe=["read", "d"])
    assert probed["read"].tolist() == [[[0, 0, 1], [1, 0, 0], [0, 0, 0]]]
    assert probed["d"].tolist() == [[[4, 5], [0, 1], [0, 0]]]
    assert output[0, 0].tolist() == [4, 5, 0, 0, 1]


# --- overflow -------------------------------------------------------------------------------------

DOUBLE = {**SUM, "parameters": {"W": "W", "R": "R"}}


def test_overflow_at_every_chunking() -> None:
    """h doubles at each step from 2^120: 2^128 is one too many, in whatever chunk it comes."""
    plan = net(DOUBLE, {**DOUBLE, "output": "final", "parameters": {"W": "V", "R": "Q"}}, W=[[1]], R=[[2]], V=[[0]], Q=[[0]])  # fmt: skip
    x = np.zeros((1, 12, 1), np.float32)
    x[0, 0] = 2.0**120
    for cut in range(12):
        session = Session(plan)
        for first, last in pairwise([0, cut, 12]):
            before = session.state()
            if first <= 8 < last:
                assert code(session.run, x[:, first:last]) == "RUN_NONFINITE"
                same_state(session.state(), before)
                session.run(np.zeros((1, 8 - first, 1)))  # it goes on from before the call
                break
            session.run(x[:, first:last])
    assert run(plan, x, [8])[0].tolist() == [[0]]


@pytest.mark.parametrize("direction", ["reverse", "bidirectional"])
def test_overflow_in_the_other_direction(direction: str) -> None:
    names = {"W": "W", "R": "R"}
    members: dict[str, Any] = {"direction": direction, "output": "final"}
    tensors: dict[str, Any] = {"W": [[1]], "R": [[2]]}
    if direction == "bidirectional":
        names = {"W": "V", "R": "Q", "W_reverse": "W", "R_reverse": "R"}
        members["merge"] = "multiply"
        tensors |= {"V": [[0]], "Q": [[0]]}
    plan = net({**DOUBLE, **members, "parameters": names}, **tensors)
    x = np.zeros((2, 10, 1), np.float32)
    x[:, 9] = 2.0**120  # the first step of the other direction
    state = {"l0": {name: np.ones((2, 1)) for name in plan.recurrent["l0"].initial}}
    assert code(run, plan, x, [0, 10], state) == "RUN_NONFINITE"
    assert all((array == 1).all() for array in state["l0"].values())
    assert np.isfinite(run(plan, x, [9, 9], state)[0]).all()


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_an_h_that_overflows_and_comes_back(direction: str) -> None:
    """An infinite h, then relu(−∞) = 0: neither the state nor what `final` gives shows it."""
    names = {"W": "W", "R": "R"}
    layer = {"type": "elman", "hidden_size": 1, "activation": {"function": "relu"}}
    layer |= {"direction": direction, "output": "final", "parameters": names}
    tensors: Any = {"W": [[1e20]], "R": [[-1]]}
    if direction == "bidirectional":
        layer |= {"merge": "sum", "parameters": names | {"W_reverse": "V", "R_reverse": "Q"}}
        tensors |= {"V": [[0]], "Q": [[0]]}
    plan = net(layer, **tensors)
    x = np.array([[[1e20], [0], [0]]])
    x = x[:, ::-1] if direction == "reverse" else x
    assert code(run, plan, x) == "RUN_NONFINITE"
    assert run(plan, x / 100)[0] == 0


def test_two_directions_that_overflow_together() -> None:
    linear = {**SUM, "direction": "bidirectional", "merge": "sum"}
    names = {"W": "W", "R": "R", "W_reverse": "V", "R_reverse": "Q"}
    tensors: Any = {"W": [[1]], "R": [[0]], "V": [[1]], "Q": [[0]]}
    for output in ("sequence", "final"):
        plan = net({**linear, "output": output, "parameters": names}, **tensors)
        assert code(run, plan, [[[3e38]]]) == "RUN_NONFINITE"
        assert run(plan, [[[1e38]]])[0].item() == np.float32(1e38) * 2


def test_what_a_merge_overflows() -> None:
    doubled = {"type": "affine", "parameters": {"s": "s", "t": "t"}}
    for word, factor in (("add", 1.0), ("multiply", 1e19)):
        plan = net(doubled, {"type": word, "inputs": ["input", "l0"]}, s=[1], t=[0])
        assert code(run, plan, [[[3e38 / factor]]]) == "RUN_NONFINITE"
        assert np.isfinite(run(plan, [[[1e38 / factor]]])[0]).all()


@pytest.mark.parametrize("q", [0, 1])
def test_u_is_looked_at_though_a_zero_in_q_or_a_clip_hides_it(q: int) -> None:
    linear = {"function": "linear"}
    layer = {
        "type": "lstm",
        "hidden_size": 1,
        "activations": {"gates": linear, "candidate": linear, "output": linear},
        "projection_size": 1,
        "projection_clip": 0.5,
        "parameters": {"W": "W", "R": "R", "Q": "Q", "b": "b"},
    }
    # i = 1, g = o = x: c' = x and u = x × x.
    plan = net(layer, W=[[0, 0, 1, 1]], R=[[0] * 4], Q=[[q]], b=[1, 0, 0, 0])
    assert run(plan, [[[1e19]]])[0].tolist() == [[[q / 2]]]
    assert code(run, plan, [[[1e20]]]) == "RUN_NONFINITE"
    assert run(plan, [[[1e20]]], [0])[0].tolist() == [[[0]]]


# --- states from net to net -------------------------------------------------------------------------


def test_an_encoder_hands_its_state_to_a_decoder() -> None:
    """Two nets of one layer name and size: what the one has read is where the other begins."""
    rng = np.random.default_rng(0)

    def side(inputs: int, output: str | None) -> rnnspec.Plan:
        members = {"name": "memory", "type": "gru", "hidden_size": 4, "reset": "after"}
        functions = {"gates": {"function": "sigmoid"}, "candidate": {"function": "tanh"}}
        names = {"W": "W", "R": "R"}
        layer = {**members, "activations": functions, "parameters": names}
        layer |= {"output": output} if output else {}
        tensors = {"W": rng.standard_normal((inputs, 12)), "R": rng.standard_normal((4, 12))}
        return net(layer, size=inputs, **tensors)

    encoder, decoder = side(3, "final"), side(2, None)
    read = rng.standard_normal((2, 9, 3))
    code_of, state = run(encoder, read, [9, 4])
    assert (state["memory"]["h"] == code_of).all()
    x = rng.standard_normal((2, 5, 2))
    whole, _ = run(decoder, x, None, state)
    session = Session(decoder, 2)
    session.restore(rnnspec.load_state(rnnspec.state_to_bytes(state)))
    again = np.stack([session.step(x[:, t]) for t in range(5)], axis=1)
    assert (bits(again) == bits(whole)).all()
    assert not (bits(whole) == bits(run(decoder, x)[0])).any()


def test_a_state_of_both_directions_is_saved_and_given() -> None:
    layer = {**SUM, "direction": "bidirectional", "merge": "sum", "parameters": BOTH}
    plan = net(layer, W=[[1]], R=[[1]], h0=[10], W1=[[1]], R1=[[1]], h1=[100])
    _, state = run(plan, X)
    again = rnnspec.load_state(rnnspec.state_to_bytes(state, "json"))
    assert list(again["l0"]) == ["h", "h_reverse"]
    same_state(again, state)
    assert code(run, plan, X, None, {"l0": {"h": state["l0"]["h"]}}) == "RUN_STATE"
    assert run(plan, X, [0, 0, 1], state)[0][2, 0].tolist() == [10 + 21 + 7 + 100 + 21 + 7]
