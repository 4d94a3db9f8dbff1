"""The scalar oracle: what can be seen without a case."""

import math

import pytest

from conformance.generator.arithmetic import limited
from conformance.generator.build import json_bytes
from conformance.generator.nets import Json, Numbers, builder
from conformance.generator.sequences import features_net, tokens_net
from conformance.golden import columns
from conformance.oracle.chain import chain, preactivations
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T, add, bits, mul
from conformance.oracle.net import Array, Net, load
from conformance.oracle.reader import read
from conformance.oracle.scalar import initial, run


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
