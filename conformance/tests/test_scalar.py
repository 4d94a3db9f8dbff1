"""The scalar oracle: what can be seen without a case."""

import math

import pytest

from conformance.generator.arithmetic import limited
from conformance.generator.build import json_bytes
from conformance.generator.nets import Json, Numbers, builder
from conformance.generator.sequences import features_net, tokens_net
from conformance.golden import columns
from conformance.oracle.chain import chain, clip, preactivations
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T, add, bits, mul
from conformance.oracle.net import Array, Net, load
from conformance.oracle.reader import read
from conformance.oracle.scalar import initial, probed, run


def net_of(document: Json) -> Net:
    result = read(json_bytes(document))
    assert result.document is not None
    return load(result.document)


def numbers(shape: list[int], seed: int = 1) -> Array:
    return Array(tuple(shape), Numbers(seed).many(math.prod(shape), -3, 1))


def test_chain_by_hand() -> None:
    layer = net_of(builder(2, 1).dense(1).document()).layers[0]
    W, b = layer.parameters["W"], layer.parameters["b"][0]
    x = [0.7, -1.3]
    a = add(0.0, b[0])
    a = add(a, mul(x[0], W[0][0]))
    a = add(a, mul(x[1], W[1][0]))
    assert chain(layer, x, None, 0) == a


def test_the_fast_columns_of_golden_are_the_slow_ones() -> None:
    made = builder(9, 2).lstm(13).lstm(5, bias=False).gru(6, "after").gru(5, "before").elman(3)
    net = net_of(made.dense(4).document())
    for layer, seed in zip(net.layers, range(6), strict=True):
        stream = Numbers(seed)
        x = stream.many(layer.inputs)
        x[0] = 0.0
        h = stream.many(layer.size) if layer.parts else None
        last = len(layer.parameters["W"][0])
        for chosen in (range(last), range(last // 3, last)):
            assert columns(layer, x, h, chosen) == preactivations(layer, x, h, chosen)
    rows = numbers([2, 4, 9])
    assert run(net, rows, columns=columns) == run(net, rows)


def test_chunks_and_rows_do_not_show() -> None:
    net = net_of(features_net())
    whole = numbers([3, 6, 2])
    output, state = run(net, whole)
    one = Array((1, 6, 2), whole.values[12:24])
    alone, _ = run(net, one)
    assert alone.values == output.values[12:24]
    first = Array((3, 2, 2), [v for n in range(3) for v in whole.values[n * 12 : n * 12 + 4]])
    rest = Array((3, 4, 2), [v for n in range(3) for v in whole.values[n * 12 + 4 : n * 12 + 12]])
    a, middle = run(net, first)
    b, after = run(net, rest, state=middle)
    assert after == state
    assert a.values[:4] + b.values[:8] == output.values[:12]


def test_a_failed_run_leaves_the_given_state_alone() -> None:
    net = net_of(limited(1))
    state = initial(net, 1)
    before = {name: dict(parts) for name, parts in state.items()}
    with pytest.raises(RunError, match="RUN_NONFINITE"):
        run(net, Array((1, 2, 1), [-0.5, 30.0]), state=state)
    assert state == before


def test_lengths_leave_zero_and_the_state_before() -> None:
    net = net_of(tokens_net())
    output, state = run(net, [[1, 2, 3], [4, 4, 4]], [0, 2])
    assert output.values[:15] == [0.0] * 15
    assert output.values[25:] == [0.0] * 5
    assert {v for parts in state.values() for array in parts.values() for v in array.rows()[0]} == {
        0.0
    }


def test_tiny_is_applied_to_what_is_loaded() -> None:
    tiny = 2.0**-52
    net = net_of(builder(1, 0).dense(2, W=[tiny, -tiny], b=[-0.0, 2.0**-51]).document())
    assert [bits(v) for v in net.layers[0].parameters["W"][0]] == [0, 0]
    assert net.layers[0].bias == [0.0, 2.0**-51]
    assert T(-tiny) == 0


def test_final_gives_the_h_of_the_state() -> None:
    net = net_of(builder(2, 3, -2, 0).gru(3, "after", final=True, h0=[0.5, -0.25, 1.0]).document())
    output, state = run(net, numbers([3, 4, 2]), [4, 0, 1])
    assert output.shape == (3, 3)
    assert output == state["gru0"]["h"]
    assert output.rows()[1] == [0.5, -0.25, 1.0]


def test_last_step_is_the_last_column_of_the_same_net_with_time() -> None:
    with_time = builder(2, 4, -2, 0).elman(3)
    x = numbers([2, 3, 2])
    whole, after = run(net_of(with_time.document()), x, [3, 1])
    last, same = run(net_of(with_time.last_step().document()), x, [3, 1])
    assert last.rows() == [whole.rows()[2], whole.rows()[3]]
    assert after == same


def test_a_gru_with_z_at_one_keeps_its_h() -> None:
    b = [0.1, -0.2, 40.0, 40.0, 0.3, 0.4]
    for reset in ("before", "after"):
        net = net_of(builder(1, 5, -2, 0).gru(2, reset, b=b, rb=False).document())
        h = Array((1, 2), [0.375, -0.75])
        _, state = run(net, numbers([1, 5, 1]), state={"gru0": {"h": h}})
        assert state["gru0"]["h"] == h


# --- draft 3: options that must be the same as something simpler ----------------------------------


def test_the_fast_columns_of_golden_are_the_slow_ones_with_options() -> None:
    made = builder(3, 21).lstm(4, coupled="input", peephole="full", clip=1.5, projection=3)
    made.gru(3, "after", clip=2, direction="bidirectional", merge="sum").lstm(2, coupled="forget")
    net = net_of(made.layer_norm().document())
    x = numbers([2, 3, 3])
    assert run(net, x, columns=columns) == run(net, x)


def test_a_reverse_layer_is_a_forward_one_between_two_time_reverses() -> None:
    reverse = net_of(builder(2, 22, -2, 0).lstm(3, direction="reverse").document())
    made = builder(2, 22, -2, 0).lstm(3)
    made.layers.insert(0, {"name": "first", "type": "time_reverse"})
    between = net_of(made.plain("time_reverse").document())
    x = numbers([3, 4, 2])
    for lengths in (None, [4, 0, 2]):
        assert run(reverse, x, lengths) == run(between, x, lengths)


def test_two_directions_are_two_layers_and_concat() -> None:
    one = builder(2, 23, -2, 0).gru(2, "after", direction="bidirectional", merge="concat")
    both = net_of(one.document())
    two = builder(2, 24, -2, 0).gru(2, "after").reading("input")
    two.gru(2, "after", direction="reverse").plain("concat", "gru0", "gru1")
    for name, entry in one.tensors.items():
        role = name.removeprefix("gru0.")
        layer = "gru1" if role.endswith("_reverse") else "gru0"
        two.tensors[f"{layer}.{role.removesuffix('_reverse')}"] = entry
    x = numbers([3, 4, 2])
    y, state = run(both, x, [4, 0, 2])
    w, apart = run(net_of(two.document()), x, [4, 0, 2])
    assert y == w
    assert state["gru0"]["h_reverse"] == apart["gru1"]["h"]
    assert state["gru0"]["h"] == apart["gru0"]["h"]


def test_a_projection_by_the_identity_changes_nothing() -> None:
    plain = net_of(builder(2, 25, -2, 0).lstm(2).document())
    made = builder(2, 25, -2, 0).lstm(2, projection=2, Q=[1.0, 0.0, 0.0, 1.0])
    x = numbers([2, 5, 2])
    assert run(net_of(made.document()), x) == run(plain, x)


def test_a_full_peephole_with_diagonals_is_a_diagonal_one() -> None:
    p = [0.5, -0.75, 1.25, 0.375, -1.5, 0.625]
    full = [
        p[2 * block + column] if row == column else 0.0
        for row in range(2)
        for block in range(3)
        for column in range(2)
    ]
    x = numbers([2, 5, 2])
    given = [
        run(net_of(builder(2, 26, -2, 0).lstm(2, peephole=kind, p=values).document()), x)
        for kind, values in (("diagonal", p), ("full", full))
    ]
    assert given[0] == given[1]
    assert given[0] != run(net_of(builder(2, 26, -2, 0).lstm(2).document()), x)


def test_clips_that_nothing_reaches_change_nothing() -> None:
    x = numbers([2, 5, 2])
    wide = builder(2, 27, -2, 0).lstm(2, clip=50, cell_clip=50).gru(2, "after", clip=50)
    plain = builder(2, 27, -2, 0).lstm(2).gru(2, "after")
    assert run(net_of(wide.elman(2, clip=50).document()), x) == run(
        net_of(plain.elman(2).document()), x
    )


def test_clip_by_hand() -> None:
    assert [clip(v, 0.5) for v in (0.25, 0.75, -0.75, math.inf, -math.inf)] == [
        0.25, 0.5, -0.5, 0.5, -0.5,
    ]  # fmt: skip
    assert math.isnan(clip(math.nan, 0.5))


def test_layer_norm_by_hand() -> None:
    net = net_of(builder(2, 0).layer_norm(0.5, gamma=[2.0, 3.0], beta=[0.25, -1.0]).document())
    output, _ = run(net, Array((1, 1, 2), [1.5, -0.5]))
    d = [1.0, -1.0]  # the mean is 0.5, the variance 1
    true = [v / math.sqrt(1.5) * g + b for v, g, b in zip(d, (2, 3), (0.25, -1), strict=True)]
    assert all(abs(y - t) < 2.0**-22 for y, t in zip(output.values, true, strict=True))


def test_the_probe_of_every_layer_ends_with_the_output() -> None:
    net = net_of(builder(2, 28, -2, 0).elman(2).lstm(3, final=True).dense(1).document())
    names = [layer.name for layer in net.layers]
    output, _, found = probed(net, numbers([2, 3, 2]), [3, 1], probe=names)
    assert found["dense2"] == output
    assert found["elman0"].shape == (2, 3, 2)
    assert found["elman0"].values[8:] == [0.0] * 4
    assert found["lstm1"].shape == (2, 3)
    with pytest.raises(RunError, match="RUN_OPTION"):
        probed(net, numbers([2, 3, 2]), probe=["input"])
