"""The kernel gives the bits of the plain path, and does not give way to it unsaid."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import KernelError, Plan, RnnspecError, Session, run
from rnnspec.kernel import Kind, Matrix, choice
from rnnspec.kernel.binding import STORAGE, VERSION

from .allocation import assert_nothing_is_allocated
from .levels import KERNEL, levels
from .nets import bits, character_net, feature_net
from .plain_nets import net_of_directions, plain_net
from .random_nets import random_input, random_net

TANH = {
    "gates": {"function": "sigmoid"},
    "candidate": {"function": "tanh"},
    "output": {"function": "tanh"},
}
CASES = Path(__file__).parents[2] / "conformance/cases"

needs_kernel = pytest.mark.skipif(
    KERNEL is None, reason=f"no kernel in use: {choice.runtime().why}"
)


def both(model: rnnspec.Model) -> tuple[Plan, Plan]:
    return rnnspec.compile(model), rnnspec.compile(model, "plain")


def answer(call: Callable[..., Any], *arguments: Any) -> object:  # noqa: ANN401 - anything
    """What a call gives, as bits, or its code."""
    try:
        given = call(*arguments)
    except RnnspecError as error:
        return error.code
    output, state = given if isinstance(given, tuple) else (given, {})
    arrays = [values for layer in state.values() for values in layer.values()]
    return [(array.shape, array.dtype, bits(array).tobytes()) for array in (output, *arrays)]


def same(given: tuple[np.ndarray, rnnspec.State]) -> object:
    """An output and a state as `answer` has them."""
    return answer(lambda: given)


def random_state(plan: Plan, seed: int) -> rnnspec.State:
    """Three rows."""
    rng = np.random.default_rng(seed)
    return {
        name: {
            role: rng.standard_normal((3, initial.shape[1])).astype(np.float32)
            for role, initial in layer.initial.items()
        }
        for name, layer in plan.recurrent.items()
    }


# --- the bits -------------------------------------------------------------------------------------


@needs_kernel
def test_some_chains_overflow_and_most_do_not() -> None:
    plans = [rnnspec.compile(plain_net(seed)) for seed in range(120)]
    inputs = [random_input(plan, 3, 5, seed) for seed, plan in enumerate(plans)]
    faults = [isinstance(answer(run, *call), str) for call in zip(plans, inputs, strict=True)]
    assert 5 < sum(faults) < 60


@needs_kernel
@pytest.mark.parametrize("seed", range(72))
def test_chains_of_plain_layers(seed: int, level: str) -> None:
    native, plain = both(plain_net(seed))
    assert native.tape is not None, level
    for N, T in ((1, 1), (1, 9), (3, 5), (2, 150)):
        x = random_input(native, N, T, seed)
        assert answer(run, native, x) == answer(run, plain, x)
    x = random_input(native, 3, 5, seed)
    assert answer(run, native, x, [3, 0, 5]) == answer(run, plain, x, [3, 0, 5])
    state = random_state(plain, seed)
    assert answer(run, native, x, None, state) == answer(run, plain, x, None, state)
    one, other = Session(native, 3), Session(plain, 3)
    for t in range(5):
        assert answer(one.step, x[:, t]) == answer(other.step, x[:, t])
        assert answer(one.logits, x[:, t]) == answer(other.logits, x[:, t])
    assert answer(one.run, x) == answer(other.run, x)
    assert same((x, one.state())) == same((x, other.state()))


@needs_kernel
def test_plain_cells_in_both_directions(level: str) -> None:
    backward = 0
    for seed in range(60):
        native, plain = both(net_of_directions(seed))
        backward += native.backward is not None
        for N, T, lengths in ((1, 7, None), (4, 70, None), (4, 70, [70, 3, 0, 65]), (2, 3, [1, 1])):
            x = random_input(native, N, T, seed)
            found, wanted = answer(run, native, x, lengths), answer(run, plain, x, lengths)
            assert found == wanted, (seed, level)
    assert backward > 20


OPTIONS: dict[str, tuple[dict[str, Any], dict[str, tuple[int, ...]]]] = {
    "none": ({}, {}),
    "clip": ({"clip": 0.25}, {}),
    "cell_clip": ({"cell_clip": 0.25}, {}),
    "coupled": ({"coupled": "input"}, {"W": (3, 15), "R": (5, 15), "b": (15,)}),
    "peephole": ({"peephole": "diagonal"}, {"p": (3, 5)}),
    "projection": ({"projection_size": 2}, {"R": (2, 20), "Q": (5, 2)}),
    "gates": ({"activations": {**TANH, "gates": {"function": "hard_tanh"}}}, {}),
    "candidate": ({"activations": {**TANH, "candidate": {"function": "relu"}}}, {}),
    "output": ({"activations": {**TANH, "output": {"function": "linear"}}}, {}),
}


@needs_kernel
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_of_an_lstm(option: str) -> None:
    """The kernel's cell has none, so it may not be taken for one that has."""
    members, shapes = OPTIONS[option]
    shapes = {"W": (3, 20), "R": (5, 20), "b": (20,), **shapes}
    lstm = {"name": "lstm", "type": "lstm", "hidden_size": 5, "activations": TANH, **members}
    rng = np.random.default_rng(0)
    document = {
        "input": {"kind": "features", "size": 3},
        "layers": [{**lstm, "parameters": {role: role for role in shapes}}],
        "output": {"kind": "values"},
        "tensors": {role: rng.standard_normal(shape) for role, shape in shapes.items()},
    }
    native, plain = both(rnnspec.build(document))
    assert (native.tape is not None) == (option == "none")
    assert any(way.fused for way in native.recurrent["lstm"].ways) == (option == "none")
    x = random_input(native, 2, 6, 0)
    assert answer(run, native, x) == answer(run, plain, x)


HALVES = (
    *[(kind, kind) for kind in ("float16", "bfloat16")],
    *[(kind, f"mixed {kind}") for kind in ("float16", "bfloat16")],
)


@needs_kernel
@pytest.mark.parametrize(
    ("dtype", "kept"), [("float16", "float32"), ("float32", "float32"), *HALVES]
)
@pytest.mark.usefixtures("level")
def test_halves_are_kept_in_every_way(
    dtype: rnnspec.tensor.Dtype, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the kernel says is fastest, the bits are the same; what is packed has the size that follows."""
    monkeypatch.setattr(KERNEL, "storage", lambda *_: STORAGE.index(kept))
    model = character_net(hidden=33)
    tensors = {
        name: rnnspec.narrow(t.values, dtype) if len(t.shape) == 2 else t
        for name, t in model.tensors.items()
    }
    native, plain = both(dataclasses.replace(model, tensors=tensors))
    assert native.tape is not None
    R = next(call.W for call in native.tape.calls if call.kind is Kind.LSTM)
    assert isinstance(R, Matrix)
    a_column = {"float32": 33 * 4, "float16": 33 * 2, "bfloat16": 33 * 2}.get(kept, 17 * 2 + 16 * 4)
    assert R.data.nbytes == 64 + R.columns * a_column
    x = random_input(native, 2, 5, 0)
    assert answer(run, native, x) == answer(run, plain, x)
    assert answer(run, native, x, [2, 4]) == answer(run, plain, x, [2, 4])


@needs_kernel
@pytest.mark.parametrize("hidden", [5, 100])
def test_halves_are_kept_where_it_is_fast(hidden: int, level: str) -> None:
    """Not in a net so small that its weights stand in the first cache, nor where nothing widens them."""
    model = character_net(hidden=hidden)
    tensors = {name: rnnspec.narrow(t.values, "float16") for name, t in model.tensors.items()}
    tape = rnnspec.compile(dataclasses.replace(model, tensors=tensors)).tape
    assert tape is not None
    R = next(call.W for call in tape.calls if call.kind is Kind.LSTM)
    assert isinstance(R, Matrix)
    is_kept = hidden == 100 and level in {"avx2", "avx512"}
    assert (R.data.nbytes < 4 * R.rows * R.columns) == is_kept


@needs_kernel
def test_all_nets(level: str) -> None:
    """Options, directions, merges, lengths and probes, around the kernel's parts."""
    for seed in range(80):
        native, plain = both(random_net(seed))
        names = list(native.stages)
        x = random_input(native, 2, 3, seed)
        try:
            probed = [run(plan, x, probe=names)[2] for plan in (native, plain)]
        except RnnspecError:
            probed = [{}, {}]
        assert all((bits(probed[0][name]) == bits(probed[1][name])).all() for name in probed[0])
        for N, T, lengths in ((1, 4, None), (3, 6, [6, 0, 2]), (4, 70, None)):
            x = random_input(native, N, T, seed)
            found, wanted = answer(run, native, x, lengths), answer(run, plain, x, lengths)
            assert found == wanted, (seed, level)


@needs_kernel
def test_most_of_the_conformance_suite_is_done_by_the_kernel() -> None:
    """So that its runs prove something: a tape for most nets, fused cells or products for others."""
    counts = {"tape": 0, "fused": 0, "other": 0}
    for path in sorted(CASES.glob("*/*.rnn*")):
        try:
            plan = rnnspec.compile(rnnspec.load(path))
        except RnnspecError:
            continue
        fused = any(way.fused for layer in plan.recurrent.values() for way in layer.ways)
        counts["tape" if plan.tape else "fused" if fused else "other"] += 1
    assert counts["tape"] > 450
    assert counts["fused"] > 50


@needs_kernel
@pytest.mark.parametrize("kind", ["tape", "fused"])
def test_a_kernel_that_refuses_is_seen(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests above count is what computes: without it the call fails."""
    plan = rnnspec.compile(feature_net())
    assert plan.tape is not None
    assert plan.library is not None
    lengths = None if kind == "tape" else [1, 2]
    name = "do" if kind == "tape" else "lstm"
    monkeypatch.setattr(plan.library, name, lambda *_: 0)
    with pytest.raises(RnnspecError, match="RUN_NONFINITE"):
        run(plan, np.ones((2, 2, 3)), lengths)


# --- sessions: what is taken at once, and what is judged ------------------------------------------

IDS: list[Any] = [
    *(3, [3], (3,), np.int64(3), [np.int64(3)], np.array([3]), np.array([3], np.int32), 3.0, [3.0]),
    *(np.array(3), np.array([3], np.uint8), [[3]], [], [3, 4], -1, [-1], 7, [7], 2**31, [2**32 + 3]),
    *(2**70, True, [True], np.bool_(1), None, "3", ["3"], 3.5, [float("nan")], [np.array([3], np.int32)]),
    *(np.array([2**32 + 3]), np.array([-1]), np.array([7]), np.array([3], ">i8"), np.array([3], np.uint64)),
    *(np.array([7], np.int32), np.array([-1], np.int32), np.array([[3]], np.int32), {3}, 1j),
]  # fmt: skip


@pytest.mark.parametrize("given", IDS, ids=repr)
def test_ids_of_a_step(given: Any) -> None:  # noqa: ANN401 - anything
    native, plain = map(Session, both(character_net()))
    for session in (native, plain):
        session.step([1])
    assert answer(native.step, given) == answer(plain.step, given)
    assert answer(native.logits, given) == answer(plain.logits, given)
    assert same((native.step(2), native.state())) == same((plain.step(2), plain.state()))


FEATURES: list[Any] = [
    *([[1, 2, 3]], np.ones((1, 3)), np.ones((1, 3), np.float32), np.ones((1, 3), np.float16)),
    *(np.ones((1, 3), ">f4"), np.ones((1, 6), np.float32)[:, ::2], np.ones((3, 1), np.float32).T),
    *(np.full((1, 3), 1e-30, np.float32), np.full((1, 3), -0.0, np.float32), np.full((1, 3), 1e39)),
    *(np.full((1, 3), np.nan, np.float32), np.full((1, 3), np.inf, np.float32), np.ones(3, np.float32)),
    *(np.ones((1, 1, 3), np.float32), np.ones((2, 3), np.float32), np.ones((1, 3), np.bool_), [["a"] * 3]),
    *([1, 2, 3], [np.ones(3, np.float32)], np.ones((1, 3), np.complex64), None, 1.0, 1),
]  # fmt: skip


@pytest.mark.parametrize("given", FEATURES, ids=repr)
def test_features_of_a_step(given: Any) -> None:  # noqa: ANN401 - anything
    native, plain = map(Session, both(feature_net()))
    for session in (native, plain):
        session.step([[0.5, 1, 2]])
    assert answer(native.step, given) == answer(plain.step, given)
    assert answer(native.run, [given]) == answer(plain.run, [given])
    x = [[2, 2, 2]]
    assert same((native.step(x), native.state())) == same((plain.step(x), plain.state()))


@pytest.mark.parametrize("kernel", [None, "plain"])
def test_the_array_of_a_caller(kernel: str | None) -> None:
    session = Session(rnnspec.compile(character_net(), kernel))
    out = np.zeros((1, 7), np.float32)
    kept = session.step(1)
    copy = kept.copy()
    assert session.step(2, out) is out
    assert (kept == copy).all()
    before = out.copy()
    wrong: Any
    for wrong in (np.zeros(7, np.float32), np.zeros((1, 7)), np.zeros((1, 7), ">f4")):
        with pytest.raises(RnnspecError, match="RUN_SHAPE"):
            session.step(2, wrong)
    with pytest.raises(RnnspecError, match="RUN_TOKEN"):
        session.step(9, out)
    assert (out == before).all()
    strided = np.zeros((1, 14), np.float32)[:, ::2]
    assert (session.fork().step(3) == session.step(3, strided)).all()


ROWS: list[Any] = [
    *([1, 2], (1, 2), np.array([1, 2]), np.array([1, 2], np.int32), np.array([1, 7]), [1, 7], [1, 2.5]),
    *(np.array([1, 2**32 + 2]), np.array([1, -1]), np.array([[1, 2]]), np.array([1, 2, 3]), 1, [1]),
]  # fmt: skip


@pytest.mark.parametrize("given", ROWS, ids=repr)
def test_ids_of_two_rows(given: Any) -> None:  # noqa: ANN401 - anything
    native, plain = (Session(plan, 2) for plan in both(character_net()))
    assert answer(native.step, given) == answer(plain.step, given)
    for block in (given, [[1, 2], given], np.array([[1, 2], [3, 4]])):
        for _ in range(2):  # the second is of the shape of the first
            assert answer(native.run, block) == answer(plain.run, block)
    assert same((np.zeros(1), native.state())) == same((np.zeros(1), plain.state()))


@needs_kernel
def test_blocks_of_one_shape() -> None:
    native, plain = map(Session, both(feature_net(size=1)))
    rng = np.random.default_rng(0)
    kept = []
    for T in (128, 128, 128, 5, 128):
        block = rng.standard_normal((1, T, 1)).astype(np.float32)
        kept.append((native.run(block), plain.run(block)))
        kept.append((run(native.plan, block)[0], run(plain.plan, block)[0]))
    assert all((bits(one) == bits(other)).all() for one, other in kept)  # none is written over
    block = np.full((1, 128, 1), np.inf, np.float32)
    before = native.state()
    assert answer(native.run, block) == "RUN_NONFINITE_INPUT"
    assert same((block, native.state())) == same((block, before))


@needs_kernel
def test_a_failed_block_leaves_the_state() -> None:
    """Though the first of its steps were fine, and more than one call of the loop."""
    native, plain = map(Session, both(overflowing()))
    for session in (native, plain):
        session.step([[0.5]])
    x = np.full((1, 300, 1), 0.5, np.float32)
    x[0, 250] = 3e38
    before = native.state()
    assert answer(native.run, x) == answer(plain.run, x) == "RUN_NONFINITE"
    assert same((x, native.state())) == same((x, before))
    assert answer(run, native.plan, x) == "RUN_NONFINITE"


def overflowing() -> rnnspec.Model:
    """A GRU and a dense layer that overflows for inputs beyond 1e38 and else does not."""
    rng = np.random.default_rng(1)
    gru: dict[str, Any] = {
        "name": "gru",
        "type": "gru",
        "hidden_size": 3,
        "reset": "before",
        "activations": {"gates": {"function": "sigmoid"}, "candidate": {"function": "tanh"}},
        "parameters": {"W": "W", "R": "R"},
    }
    dense = {"name": "first", "type": "dense", "size": 2, "parameters": {"W": "D"}}
    return rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [dense, gru],
            "output": {"kind": "values"},
            "tensors": {
                "D": np.array([[2.0, 1.0]], np.float32),
                "W": rng.standard_normal((2, 9)).astype(np.float32),
                "R": rng.standard_normal((3, 9)).astype(np.float32),
            },
        }
    )


@needs_kernel
def test_nothing_is_allocated_for_a_step() -> None:
    token, audio = (
        Session(rnnspec.compile(character_net())),
        Session(rnnspec.compile(feature_net(size=1))),
    )
    out, numbers = np.empty((1, 7), np.float32), np.ones((1, 1), np.float32)
    written = np.empty((1, audio.plan.width), np.float32)

    def steps(count: int) -> None:
        for _ in range(count):
            token.step([3], out)
            audio.step(numbers, written)

    assert_nothing_is_allocated(steps, 20_000)


# --- which path -----------------------------------------------------------------------------------


def told(kernel: str | None, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != choice.WORD}
    if kernel is not None:
        environment[choice.WORD] = kernel
    argv = [sys.executable, "-m", "rnnspec", "info", "--runtime", "--format", "json", *more]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def test_a_forced_path_is_told() -> None:
    for path in ["plain", *levels()]:
        runtime = json.loads(told(path).stdout)["runtime"]
        assert (runtime["path"], runtime["why"]) == (path, f"RNNSPEC_KERNEL={path}")


def test_a_forced_path_that_is_not_there_is_an_error() -> None:
    missing = next(path for path in ("neon", "avx512") if path not in levels())
    for path in (missing, "simd128", "fast"):
        done = told(path)
        assert done.returncode == 2
        assert done.stdout == ""
        assert f"RNNSPEC_KERNEL={path}: " in done.stderr


def test_a_path_as_an_argument() -> None:
    own = rnnspec.runtime().kernel
    assert rnnspec.compile(feature_net(), own).library is KERNEL
    assert rnnspec.compile(feature_net(), "plain").library is None
    assert rnnspec.compile(feature_net(), "plain").tape is None
    with pytest.raises(KernelError, match="this process has"):
        rnnspec.compile(feature_net(), "neon" if own != "neon" else "avx2")


@needs_kernel
def test_a_library_with_other_bits_is_not_used(tmp_path: Path) -> None:
    assert KERNEL is not None
    library = tmp_path / KERNEL.path.name
    library.write_bytes(KERNEL.path.read_bytes())
    proof = tmp_path / "proof.json"
    proof.write_bytes(KERNEL.path.with_name("proof.json").read_bytes())
    assert not isinstance(choice._loaded(tmp_path), str)
    proof.write_text(json.dumps({"proof": KERNEL.proof() ^ 1}))
    found = choice._loaded(tmp_path)
    assert isinstance(found, str)
    assert "gives other bits" in found


@needs_kernel
def test_a_library_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert KERNEL is not None
    for name in (KERNEL.path.name, "proof.json"):
        (tmp_path / name).write_bytes(KERNEL.path.with_name(name).read_bytes())
    assert KERNEL.version() == VERSION
    monkeypatch.setattr(choice, "VERSION", VERSION + 1)
    found = choice._loaded(tmp_path)
    assert isinstance(found, str)
    assert f"is of another version: {KERNEL.version()}, not {VERSION + 1}" in found


def test_no_library_and_one_that_is_none(tmp_path: Path) -> None:
    name = choice._file_name()
    if name is None:
        pytest.skip("there is no kernel for this platform")
    found = choice._loaded(tmp_path)
    assert isinstance(found, str)
    assert "is not installed" in found
    (tmp_path / name).write_bytes(b"no library")
    found = choice._loaded(tmp_path)
    assert isinstance(found, str)
    assert "can't be loaded" in found


@needs_kernel
def test_the_proof_is_quick() -> None:
    assert KERNEL is not None
    assert KERNEL.proof() == KERNEL.proof()
