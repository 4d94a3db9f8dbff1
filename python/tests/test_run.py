import ctypes
import dataclasses
import shutil
import subprocess
import sys
import threading
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnspec
from rnnspec import Plan, RnnspecError, Session, run
from rnnspec.activation import log_softmax, softmax
from rnnspec.cells import chain
from rnnspec.json_reader import narrowed
from rnnspec.tensor import widened

from .nets import Json, as_json, bits, character_net, feature_net
from .random_nets import random_input, random_net

LOOP = import_module("rnnspec.run.loop")  # the package has a function under the name of run

NETS = {
    "embedding, softmax": character_net(),
    "one_hot, log_softmax": character_net("one_hot", "log_softmax"),
    "one_hot, logits, wide": character_net("one_hot", None, hidden=20),
    "features": feature_net(),
    "features, one unit": feature_net(size=1, hidden=1, width=1),
}
PLANS = {name: rnnspec.compile(net) for name, net in NETS.items()}


def inputs(net: Plan, N: int, T: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if net.tokens is not None:
        return rng.integers(0, net.tokens, (N, T))
    return rng.standard_normal((N, T, net.size or 0)).astype(np.float32)


# --- sequences ------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.sampled_from(list(NETS)),
    st.lists(st.integers(0, 9), min_size=1, max_size=7),
    st.lists(st.integers(0, 9), max_size=3),
    st.integers(1, 40),
)
def test_rows_chunks_and_lengths_do_not_show(
    name: str, lengths: list[int], cuts: list[int], rows: int
) -> None:
    net, T = PLANS[name], 9
    x = inputs(net, len(lengths), T, seed=len(lengths))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOOP, "_ROWS", rows)  # the size of the blocks
        whole, after = run(net, x, lengths)
    # In chunks.
    state = None
    parts = []
    edges = [0, *sorted(cuts), T]
    for first, last in pairwise(edges):
        part_lengths = [min(max(length - first, 0), last - first) for length in lengths]
        output, state = run(net, x[:, first:last], part_lengths, state)
        parts.append(output)
    assert (bits(np.concatenate(parts, axis=1)) == bits(whole)).all()
    assert state is not None
    for key, arrays in after.items():
        for role, values in arrays.items():
            assert (bits(values) == bits(state[key][role])).all()
    # Row by row, step by step.
    for n, length in enumerate(lengths):
        session = Session(net)
        for t in range(length):
            assert (bits(session.step(x[n : n + 1, t])) == bits(whole[n, t])).all()
        assert not bits(whole[n, length:]).any()
        for key, arrays in session.state().items():
            for role, values in arrays.items():
                assert (bits(values[0]) == bits(after[key][role][n])).all()


def test_long_sequences_in_blocks() -> None:
    net = PLANS["embedding, softmax"]
    x = inputs(net, 3, 600)
    whole, _ = run(net, x)
    session = Session(net, batch=3)
    again = np.stack([session.step(x[:, t]) for t in range(600)], axis=1)
    assert (bits(whole) == bits(again)).all()


@pytest.mark.parametrize("hidden", [1, 33])
def test_every_way_to_add_gives_the_same_bits(hidden: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = rnnspec.compile(feature_net(size=19, hidden=hidden, width=1), "plain")
    x = inputs(net, 6, 3)
    want, _ = run(net, x)
    monkeypatch.setattr(chain, "_FEW_ROWS", 100)
    rowwise, _ = run(net, x)
    monkeypatch.setattr(chain, "_reduce_is_sequential", lambda _rows, _columns: False)
    accumulated, _ = run(net, x)
    monkeypatch.setattr(chain, "_FEW_ROWS", 0)
    monkeypatch.setattr(chain, "_BLOCK", 1)
    looped, _ = run(net, x)
    for other in (rowwise, accumulated, looped):
        assert (bits(other) == bits(want)).all()


def test_the_self_test_of_reduce_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    chain._reduce_is_sequential.cache_clear()
    assert chain._reduce_is_sequential(300, 64)
    assert not chain._reduce_is_sequential(300, 1)
    chain._reduce_is_sequential.cache_clear()

    class PairwiseAdd:
        accumulate = np.add.accumulate

        @staticmethod
        def reduce(terms: np.ndarray, axis: int) -> np.ndarray:
            assert axis == 0
            result: np.ndarray = np.add.reduce(np.ascontiguousarray(terms.T), axis=1)
            return result

    class Numpy:
        add = PairwiseAdd
        random = np.random
        float32 = np.float32

    monkeypatch.setattr(chain, "np", Numpy)
    assert not chain._reduce_is_sequential(300, 64)
    chain._reduce_is_sequential.cache_clear()


def test_no_step_at_all() -> None:
    net = PLANS["features"]
    state = {"lstm": {"h": np.full((2, 4), 0.5, np.float32), "c": np.ones((2, 4), np.float32)}}
    output, after = run(net, np.zeros((2, 0, 3), np.float32), None, state)
    assert output.shape == (2, 0, 2)
    assert (after["lstm"]["h"] == 0.5).all()
    output, after = run(net, np.full((2, 5, 3), np.nan, np.float32), [0, 0], state)
    assert not output.any()
    assert (after["lstm"]["c"] == 1).all()


def test_t_is_applied_to_inputs_and_states() -> None:
    net = PLANS["features"]
    x = inputs(net, 1, 1)
    x[0, 0, 0] = 1e-20
    zero = x.copy()
    zero[0, 0, 0] = 0
    state = {"lstm": {"h": np.full((1, 4), -1e-20, np.float32), "c": np.full((1, 4), 1e-40, np.float32)}}  # fmt: skip
    found = run(net, x, None, state)
    want = run(net, zero)
    assert (bits(found[0]) == bits(want[0])).all()
    _, after = run(net, x, [0], state)
    assert not bits(after["lstm"]["h"]).any()


# --- faults ---------------------------------------------------------------------------------------


def fault(call: Any, *arguments: Any, **options: Any) -> tuple[str, int | str]:  # noqa: ANN401 - anything
    with pytest.raises(RnnspecError) as caught:
        call(*arguments, **options)
    (issue,) = caught.value.issues
    assert str(issue)
    return issue.code, issue.place


GOOD = {"lstm": {"h": np.zeros((2, 4), np.float32), "c": np.zeros((2, 4), np.float32)}}
NUMBERS = np.zeros((2, 3, 3), np.float32)


def with_nan(array: np.ndarray, *at: int) -> np.ndarray:
    copy = array.copy()
    copy[at] = np.nan
    return copy


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((NUMBERS[0],), ("RUN_SHAPE", "input")),
        ((NUMBERS[:0],), ("RUN_SHAPE", "input")),
        ((NUMBERS[:, :, :2],), ("RUN_SHAPE", "input")),
        (([[[1, 2, 3], [1, 2]]],), ("RUN_SHAPE", "input")),
        (([[["a", "b", "c"]]],), ("RUN_SHAPE", "input")),
        ((None,), ("RUN_SHAPE", "input")),
        ((NUMBERS, [1]), ("RUN_SHAPE", "lengths")),
        ((NUMBERS, [[1, 1]]), ("RUN_SHAPE", "lengths")),
        ((NUMBERS, [1, 4]), ("RUN_LENGTH", "lengths")),
        ((NUMBERS, [1, -1]), ("RUN_LENGTH", "lengths")),
        ((NUMBERS, [1, 0.5]), ("RUN_LENGTH", "lengths")),
        ((with_nan(NUMBERS, 1, 2, 0), [3, 4]), ("RUN_LENGTH", "lengths")),
        ((with_nan(NUMBERS, 1, 2, 0),), ("RUN_NONFINITE_INPUT", "input")),
        ((NUMBERS.astype(np.float64) + 1e39,), ("RUN_NONFINITE_INPUT", "input")),
        ((with_nan(NUMBERS, 1, 2, 0), None, {}), ("RUN_NONFINITE_INPUT", "input")),
        ((NUMBERS, None, {}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {**GOOD, "other": GOOD["lstm"]}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {"lstm": {"h": GOOD["lstm"]["h"]}}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {"lstm": {**GOOD["lstm"], "x": 1}}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {"lstm": {**GOOD["lstm"], "c": np.zeros((1, 4))}}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {"lstm": {**GOOD["lstm"], "c": [["a"] * 4] * 2}}), ("RUN_STATE", "state")),
        ((NUMBERS, None, {"lstm": {**GOOD["lstm"], "c": with_nan(GOOD["lstm"]["c"], 1, 1)}}), ("RUN_NONFINITE_INPUT", "state")),
    ],
)  # fmt: skip
def test_faults_of_numbers(arguments: tuple[Any, ...], expected: tuple[str, str]) -> None:
    assert fault(run, PLANS["features"], *arguments) == expected


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ([[0, 7]], "RUN_TOKEN"),
        ([[0, -1]], "RUN_TOKEN"),
        ([[0, 0.5]], "RUN_TOKEN"),
        ([[0, float("nan")]], "RUN_TOKEN"),
        ([[True, False]], "RUN_TOKEN"),
        ([[0, None]], "RUN_TOKEN"),
        ([["a", "b"]], "RUN_TOKEN"),
        ([[0, 2**70]], "RUN_TOKEN"),
        ([[0, 2**63]], "RUN_TOKEN"),
        ([[0], [0, 1]], "RUN_SHAPE"),
        ([0, 1], "RUN_SHAPE"),
        ([], "RUN_SHAPE"),
        (3, "RUN_SHAPE"),
    ],
)
def test_faults_of_ids(ids: Json, code: str) -> None:
    assert fault(run, PLANS["embedding, softmax"], ids) == (code, "input")


def test_ids_are_numbers_whose_value_is_an_integer() -> None:
    net = PLANS["embedding, softmax"]
    want, _ = run(net, [[1, 2]])
    for ids in ([[1.0, 2.0]], np.array([[1, 2]], np.uint8), [[1, 2]], ((1, 2),)):
        assert (bits(run(net, ids)[0]) == bits(want)).all()
    junk: Json = [[1, 2], [1, None], [2**70, "x"]]
    output, _ = run(net, np.array(junk, object), [2, 1, 0])
    assert (bits(output[0]) == bits(want[0])).all()


def test_a_failed_call_leaves_the_state() -> None:
    net = rnnspec.compile(feature_net())
    session = Session(net, batch=2)
    session.step(np.ones((2, 3)))
    before = session.state()
    assert fault(session.step, with_nan(np.ones((2, 3)), 0, 0))[0] == "RUN_NONFINITE_INPUT"
    assert fault(session.step, np.ones((1, 3)))[0] == "RUN_SHAPE"
    assert fault(session.step, 1.0) == ("RUN_SHAPE", "x")
    assert fault(session.restore, {})[0] == "RUN_STATE"
    assert fault(session.run, np.ones((2, 3, 3)), [1, 4])[0] == "RUN_LENGTH"
    for role in ("h", "c"):
        assert (session.state()["lstm"][role] == before["lstm"][role]).all()


def test_overflow_is_a_fault_and_leaves_the_state() -> None:
    huge = np.full((3, 4 * 1), 3e38, np.float32)
    net = feature_net(size=3, hidden=1, width=1)
    tensors = {**net.tensors, "W": rnnspec.Tensor(huge), "V": rnnspec.Tensor(np.full((1, 1), 2, np.float32))}  # fmt: skip
    lstm = rnnspec.compile(dataclasses.replace(net, tensors=tensors))
    session = Session(lstm)
    session.step([[1, 0, 0]])
    before = session.state()
    # Infinity minus infinity in a pre-activation: the last of several steps.
    assert fault(session.run, [[[1, 0, 0], [0, 0, 1], [9, -9, 0]]]) == ("RUN_NONFINITE", "input")
    assert session.state()["lstm"]["c"] == before["lstm"]["c"]
    # The same beyond a row's length is nothing.
    output = session.run([[[1, 0, 0], [0, 0, 1], [9, -9, 0]]], [2])
    assert np.isfinite(output).all()


def test_an_infinite_preactivation_saturates() -> None:
    net = feature_net(size=2, hidden=1, width=1)
    tensors = {**net.tensors, "W": rnnspec.Tensor(np.full((2, 4), 3e38, np.float32))}
    lstm = rnnspec.compile(dataclasses.replace(net, tensors=tensors))
    _, after = run(lstm, [[[9, 9]]])
    assert after["lstm"]["c"] == 1


# --- sessions -------------------------------------------------------------------------------------


def test_a_session() -> None:
    net = PLANS["embedding, softmax"]
    session = Session(net, batch=2)
    first = session.step([1, 2])
    state = session.state()
    second = session.step([3, 4])
    fork = session.fork()
    third = session.step([5, 6])
    assert (fork.step([5, 6]) == third).all()
    session.restore(state)
    out = np.empty((2, 7), np.float32)
    assert session.step([3, 4], out) is out
    assert (out == second).all()
    session.reset()
    assert (session.step([1, 2]) == first).all()
    assert fault(session.step, [1, 2], np.empty((2, 6), np.float32))[0] == "RUN_SHAPE"
    assert fault(Session, net, 0)[0] == "RUN_OPTION"


def test_logits_are_what_a_last_function_reads() -> None:
    for name in ("embedding, softmax", "one_hot, log_softmax"):
        logits = Session(PLANS[name]).logits([3])
        apply = softmax if "log" not in name else log_softmax
        assert (bits(apply(logits)) == bits(run(PLANS[name], [[3]])[0][0])).all()
    plain = PLANS["one_hot, logits, wide"]
    assert (Session(plain).logits([3]) == run(plain, [[3]])[0][0]).all()


def test_a_state_is_a_copy() -> None:
    session = Session(PLANS["features"])
    session.step([[1, 2, 3]])
    state = session.state()
    state["lstm"]["h"][:] = 9
    assert (session.state()["lstm"]["h"] != 9).all()
    session.restore(state)
    state["lstm"]["h"][:] = 8
    assert (session.state()["lstm"]["h"] == 9).all()


def test_threads_share_a_plan() -> None:
    net = rnnspec.compile(character_net(hidden=40))
    x = inputs(net, 8, 60)
    want, _ = run(net, x)
    found: dict[int, np.ndarray] = {}

    def work(n: int) -> None:
        session = Session(net)
        found[n] = np.stack([session.step(x[n : n + 1, t])[0] for t in range(60)])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (bits(np.stack([found[n] for n in range(8)])) == bits(want)).all()


def test_warnings_of_numpy_are_as_before() -> None:
    with np.errstate(all="raise"):
        run(PLANS["features"], np.full((1, 2, 3), 1e30))
        assert np.geterr()["over"] == "raise"


STORAGES: list[tuple[rnnspec.tensor.Dtype, rnnspec.tensor.Axis | None]] = [
    ("float16", None),
    ("bfloat16", None),
    ("int8", 0),
    ("int8", 1),
]
FLUSH = """
#include <xmmintrin.h>
void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
"""
SCRIPT = """
import ctypes, sys
import numpy as np
ctypes.CDLL(sys.argv[1]).flush()
assert not (np.full(2, 2.0**-120, np.float32) * np.float32(2.0**-20)).any(), "not flushed"
from tests.test_run import flushed_bits
print(flushed_bits())
"""


def flushed_bits() -> str:
    """Bits of nets with weights, inputs and states around and below the smallest normal number."""
    found = []
    for seed in range(20):
        net = feature_net(seed=seed)
        rng = np.random.default_rng(seed)
        tensors = {
            name: rnnspec.Tensor(
                (t.values * 10.0 ** rng.uniform(-45, 0, t.shape)).astype(np.float32)
            )
            for name, t in net.tensors.items()
        }
        ready = rnnspec.compile(dataclasses.replace(net, tensors=tensors))
        x = (rng.standard_normal((3, 20, 3)) * 10.0 ** rng.uniform(-45, 0, (3, 20, 3))).astype(np.float32)  # fmt: skip
        output, state = run(ready, x)
        found += [output, state["lstm"]["h"], state["lstm"]["c"]]
    for seed in range(100):  # and all other layers, near and below where T begins
        model = random_net(seed)
        rng = np.random.default_rng(seed)
        tensors = {
            name: rnnspec.Tensor(
                (t.values * 10.0 ** rng.uniform(-25, 0, t.shape)).astype(np.float32)
            )
            for name, t in model.tensors.items()
        }
        ready = rnnspec.compile(dataclasses.replace(model, tensors=tensors))
        x = random_input(ready, 3, 5, seed)
        x = x if x.dtype.kind == "i" else x * np.float32(10.0 ** rng.uniform(-40, 0))
        output, state = run(ready, x)
        found += [output, *(array for arrays in state.values() for array in arrays.values())]
    return "".join([*(bits(values).tobytes().hex() for values in found), *stored_bits()])


def stored_bits() -> list[str]:
    """What reading and writing make of numbers too small for a normal binary32, bit for bit."""
    rng = np.random.default_rng(0)
    doubles = rng.standard_normal((1, 300)) * 10.0 ** rng.uniform(-48, -37, (1, 300))
    # Of numbers below 2.2e-308, subnormal in binary64 too, not even the sign of zero is left then.
    doubles[0, :4] = [1e-300, -1e-300, -0.0, 2.0**-149]
    found = []
    for values in (doubles, doubles[:, :5]):  # many and few are read in two ways
        top: Json = {"rnnspec": rnnspec.FORMAT_VERSION, "state": {"l": {"h": "h"}}}
        tensor = {"dtype": "float32", "shape": [1, values.size], "data": values[0].tolist()}
        text = as_json({**top, "tensors": {"h": tensor}})
        state = rnnspec.load_state(text)
        found.append(state["l"]["h"].tobytes())
        found.append(rnnspec.state_to_bytes(state))
        found.append(rnnspec.state_to_bytes({"l": {"h": values}}))
        document = {
            "input": {"kind": "features", "size": 1},
            "layers": [
                {"name": "d", "type": "dense", "size": values.size, "parameters": {"W": "W"}}
            ],
            "output": {"kind": "values"},
            "tensors": {"W": values},
        }
        model = rnnspec.build(document)
        found.append(rnnspec.to_bytes(model, "json", "decimal"))
        found += [rnnspec.to_bytes(model, "json", digits=digits) for digits in (1, 4, 9)]
        for narrower in (model, rnnspec.build({**document, "tensors": {"W": values * 2.0**90}})):
            found += [
                rnnspec.to_bytes(narrower, "json", dtype=dtype, axis=axis)
                for dtype, axis in STORAGES
            ]
            found += [
                rnnspec.load(data).tensors["W"].values.tobytes() for data in found[-len(STORAGES) :]
            ]
    return [data.hex() for data in found]


def test_numbers_too_small_for_normal_ones() -> None:
    """Against numpy's own conversion, in a process that does not flush."""
    rng = np.random.default_rng(1)
    doubles = rng.standard_normal(5000) * 10.0 ** rng.uniform(-60, 40, 5000)
    ties = np.arange(-40, 40).astype(np.float64) * 2.0**-150
    edges = np.array([2.0**-126, 2.0**-126 - 2.0**-160, -0.0, np.inf], np.float64)
    for values in map(np.asarray, (doubles, ties, edges)):
        with np.errstate(all="ignore"):
            want = values.astype(np.float32)
        assert (bits(narrowed(values)) == bits(want)).all()
        assert widened(want).tobytes() == want.astype(np.float64).tobytes()


@pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform != "linux",
    reason="needs a C compiler to set the mode",
)
def test_flush_to_zero_does_not_show(tmp_path: Path) -> None:
    source, library = tmp_path / "flush.c", tmp_path / "flush.so"
    source.write_text(FLUSH)
    compiled = subprocess.run(["cc", "-shared", "-fPIC", source, "-o", library], check=False)
    if compiled.returncode:
        pytest.skip("the C compiler has no SSE")
    assert ctypes.CDLL(str(library)).flush is not None
    flushed = subprocess.run(
        [sys.executable, "-c", SCRIPT, library],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert flushed.stdout.strip() == flushed_bits()
