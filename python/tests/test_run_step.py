"""A step of a session: what it takes, where it writes, and what a call that fails leaves."""

import gc
import threading
import time
import warnings
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, Session
from rnnspec.kernel import choice

from .allocation import assert_nothing_is_allocated
from .nets import bits, character_net, feature_net

needs_kernel = pytest.mark.skipif(
    choice.library() is None, reason=f"no kernel in use: {choice.runtime().why}"
)
# What is read and written at once differs: an id or numbers, one of them or more.
NETS: dict[str, tuple[rnnspec.Model, Any]] = {
    "an id": (character_net(), [3]),
    "one number": (feature_net(size=1, width=1), np.full((1, 1), 0.5, np.float32)),
    "numbers": (feature_net(), np.full((1, 3), 0.5, np.float32)),
    "one number gives two": (feature_net(size=1), np.full((1, 1), 0.5, np.float32)),
    "three numbers give one": (feature_net(width=1), np.full((1, 3), 0.5, np.float32)),
}


@pytest.fixture(params=[None, "plain"], ids=["kernel", "plain"])
def kernel(request: pytest.FixtureRequest) -> str | None:
    path: str | None = request.param
    return path


@pytest.fixture(params=NETS)
def net(request: pytest.FixtureRequest) -> tuple[rnnspec.Model, Any]:
    return NETS[request.param]


def begun(model: rnnspec.Model, x: Any, kernel: str | None) -> Session:  # noqa: ANN401 - anything
    """A session after a step, so that its state is not the initial one."""
    session = Session(rnnspec.compile(model, kernel))
    session.step(x)
    return session


def state_bits(session: Session) -> list[bytes]:
    return [bits(array).tobytes() for arrays in session.state().values() for array in arrays.values()]  # fmt: skip


# --- where it writes ------------------------------------------------------------------------------


def test_the_array_of_the_session(net: tuple[rnnspec.Model, Any], kernel: str | None) -> None:
    model, x = net
    session = begun(model, x, kernel)
    twin, other = session.fork(), session.fork()
    out = session.out
    assert out.shape == twin.step(x).shape
    assert out.dtype == np.float32
    twin.reset()
    twin.restore(session.state())
    kept = []
    for _ in range(3):
        assert session.step(x, out) is out is session.out
        kept.append((session.fork().step(x), other.step(x).copy(), out.copy()))
        assert (bits(kept[-1][1]) == bits(kept[-1][2])).all()
        assert (bits(twin.step(x)) == bits(kept[-1][2])).all()
    assert len({part.tobytes() for _, part, _ in kept}) == 3
    assert not np.shares_memory(session.out, other.out)
    assert not np.shares_memory(session.out, session.fork().out)
    given = session.step(x)  # a copy, which a later step leaves alone
    copy = given.copy()
    session.step(x, out)
    assert (bits(given) == bits(copy)).all()


def test_the_array_of_a_session_stands_still(kernel: str | None) -> None:
    """The kernel writes where it stood when the session was made."""
    session = begun(*NETS["numbers"], kernel)
    if kernel is None and session.plan.tape is not None:
        with pytest.raises(ValueError, match="does not own its data"):
            session.out.resize((100, 100), refcheck=False)
    with pytest.raises(AttributeError):
        session.out = np.zeros((1, 2), np.float32)  # type: ignore[misc] # that is the point
    out = session.out
    want = session.fork().step(NETS["numbers"][1])
    session.step(NETS["numbers"][1], out)
    del session
    gc.collect()
    for _ in range(5):
        begun(*NETS["numbers"], kernel)
    assert (bits(out) == bits(want)).all()


def test_an_array_of_any_layout(net: tuple[rnnspec.Model, Any], kernel: str | None) -> None:
    model, x = net
    session = begun(model, x, kernel)
    want = session.fork().step(x)
    width = want.shape[1]
    background = np.full((5, 4 * width), 7, np.float32)
    for out in (
        background.copy()[2:3, ::4],
        background.copy()[2:3, ::-1][:, :width],
        np.asfortranarray(background)[3:4, width : 2 * width],
        np.full(4 * width + 1, 7, np.uint8)[1:].view(np.float32).reshape(1, width),  # unaligned
    ):
        before = np.array(out.base, copy=True)
        assert session.fork().step(x, out) is out
        assert (bits(out) == bits(want)).all()
        if out.base is not None and out.base.dtype == np.float32:  # nothing else was written
            assert (out.base != before).sum() <= width


def test_an_array_that_is_the_input(kernel: str | None) -> None:
    model, x = NETS["one number"]
    session, want = begun(model, x, kernel), begun(model, x, kernel)
    shared = np.full((1, 1), 0.25, np.float32)
    fed = shared.copy()
    own = session.fork()
    own.out[...] = shared
    for _ in range(4):
        fed = want.step(fed)
        session.step(shared, shared)
        own.step(own.out, own.out)
        assert (bits(shared) == bits(fed)).all()
        assert (bits(own.out) == bits(fed)).all()
    square = rnnspec.compile(feature_net(size=2, width=2), kernel)
    memory = np.linspace(0, 1, 6, dtype=np.float32)
    x = memory[1:3].reshape(1, 2)
    out = memory[2:4].reshape(1, 2)
    result = Session(square).step(x.copy())
    Session(square).step(x, out)
    assert (bits(out) == bits(result)).all()


@needs_kernel
def test_nothing_is_allocated(net: tuple[rnnspec.Model, Any]) -> None:
    model, x = net
    session = begun(model, x, None)
    out, own = np.zeros_like(session.out), session.out

    def steps(count: int) -> None:
        for _ in range(count):
            session.step(x, out)
            session.step(x, own)

    assert_nothing_is_allocated(steps, 5_000)


# --- what is refused, and what that leaves --------------------------------------------------------


def test_an_array_that_is_refused(net: tuple[rnnspec.Model, Any], kernel: str | None) -> None:
    model, x = net
    session = begun(model, x, kernel)
    width = session.plan.width
    changed = np.zeros((1, width), np.float32)
    session.step(x, changed)
    changed.resize((2, width), refcheck=False)  # what was right once is judged again
    before = state_bits(session)
    wrong: list[Any] = [
        changed,
        *(np.zeros(width, np.float32), np.zeros((1, width + 1), np.float32)),
        *(np.zeros((1, width)), np.zeros((1, width), ">f4"), np.zeros((1, width), np.int32)),
        *(np.zeros((1, 1, width), np.float32), np.zeros((0, width), np.float32)),
    ]
    for out in wrong:
        copy = out.copy()
        with pytest.raises(RnnspecError) as caught:
            session.step(x, out)
        (issue,) = caught.value.issues
        assert (issue.code, issue.place) == ("RUN_SHAPE", "out")
        assert f"float32 [1, {width}]" in str(issue)
        assert f"{out.dtype} {list(out.shape)}" in str(issue)
        assert (out == copy).all()
        assert state_bits(session) == before


def test_an_array_that_is_read_only(net: tuple[rnnspec.Model, Any], kernel: str | None) -> None:
    model, x = net
    session = begun(model, x, kernel)
    before = state_bits(session)
    out = np.zeros((1, session.plan.width), np.float32)
    session.fork().step(x, out)
    kept = out.copy()
    out.flags.writeable = False
    for given in (x, np.array(x).tolist()):  # the second is not taken at once
        with pytest.raises(ValueError, match="read-only"):
            session.step(given, out)
        assert (out == kept).all()
        assert state_bits(session) == before
    out.flags.writeable = True
    assert (bits(session.step(x, out)) == bits(out)).all()
    assert state_bits(session) != before


OVERFLOWS = {
    "one": feature_net(size=1, hidden=1, width=1),
    "two": feature_net(size=1, hidden=1, width=2),
}


@pytest.mark.parametrize("model", OVERFLOWS.values(), ids=OVERFLOWS)
def test_a_step_that_overflows(model: rnnspec.Model, kernel: str | None) -> None:
    """In the dense layer, behind the LSTM: by then its state has moved on, and the output begun."""
    width = model.layers[-1].size  # type: ignore[union-attr] # a dense layer
    huge = np.full((1, width), 0, np.float32)
    huge[0, -1] = 3.4e38
    tensors = {**model.tensors, "V": rnnspec.Tensor(huge)}
    tensors["W"] = rnnspec.Tensor(np.ones((1, 4), np.float32))
    dense = rnnspec.DenseLayer(name="more", size=width, parameters={"W": "M"})
    tensors["M"] = rnnspec.Tensor(np.eye(width, dtype=np.float32) * 100)
    layers = (*model.layers, dense)
    changed = rnnspec.Model(input=model.input, layers=layers, output=model.output, tensors=tensors)
    session = Session(rnnspec.compile(changed, kernel))
    quiet, loud = np.full((1, 1), 1e-3, np.float32), np.full((1, 1), 30, np.float32)
    out = session.step(quiet)
    kept, before = out.copy(), state_bits(session)
    for target in (None, out, session.out):
        with pytest.raises(RnnspecError, match="RUN_NONFINITE"):
            session.step(loud, target)
        assert (out == kept).all()
        assert state_bits(session) == before
        with pytest.raises(RnnspecError, match="RUN_NONFINITE"):
            session.logits(loud)
        assert state_bits(session) == before


# --- what it takes --------------------------------------------------------------------------------

NUMBERS: list[Any] = [
    *(np.full((1, 1), value, np.float32) for value in (0.5, -0.0, 1e-16, -1e-16, 1e-45, 3e38, 1.1)),
    *(np.full((1, 1), value, np.float32) for value in (np.nan, np.inf, -np.inf)),
    *(np.full((1, 1), value) for value in (0.1, 1e-300, 1e39, 1 + 2**-24, 1 + 3 * 2**-24)),
    *(np.full((1, 1), 0.5, dtype) for dtype in (">f4", np.float16, np.longdouble)),
    *(np.full((1, 1), 2, dtype) for dtype in (np.int64, np.uint8, np.bool_, np.complex64, object)),
    *(np.full(shape, 0.5, np.float32) for shape in ((), (1,), (1, 1, 1), (2, 1), (1, 2), (0, 1))),
    *(np.full((3, 3), 0.5, np.float32)[1:2, 1:2], np.frombuffer(b"xabcd", np.uint8)[1:].view("<f4")[None]),
    *(0.5, [0.5], [[0.5]], [[[0.5]]], ([0.5],), 1, [1], [[1]], np.float32(0.5), [np.float32(0.5)], "a", None),
    *([np.full(1, 0.5, np.float32)], [[True]], [[float("nan")]], [], [[]], np.full((1, 1), 0.5, np.float32).view(np.recarray)),
]  # fmt: skip


def given(session: Session, x: Any) -> tuple[object, ...]:  # noqa: ANN401 - anything
    """What a step and the logits give, as bits or a text, and the state after them."""
    found: list[object] = []
    for call in (session.step, session.logits):
        try:
            found.append(bits(call(x)).tobytes())
        except RnnspecError as error:
            found.append(str(error))
    return (*found, state_bits(session))


@needs_kernel
@pytest.mark.parametrize("x", NUMBERS, ids=repr)
@pytest.mark.parametrize("name", ["one number", "one number gives two", "an id"])
def test_one_number(name: str, x: Any) -> None:  # noqa: ANN401 - anything
    native, plain = (begun(*NETS[name], kernel) for kernel in (None, "plain"))
    assert native.plan.tape is not None
    assert given(native, x) == given(plain, x)


IDS: list[Any] = [
    *(np.int64(6), [np.int64(6)], np.int64(7), [np.int64(7)], np.int64(-1), [np.int64(-1)]),
    *(np.int64(2**32 + 3), [np.int64(2**32 + 3)], np.array([2**32 + 3]), np.array([-(2**32) + 3])),
    *(np.int32(3), np.uint64(3), np.int8(-1), [[np.int64(3)]], [np.int64(3), np.int64(3)]),
    *([np.array([3])], [np.array(3)], np.array([[3]]), np.array([3, 3]), np.array([], np.int64)),
    *([3, 4], -(2**32) + 3, [2**32 + 3], [], np.full(1, 1e-45, np.float32), np.full((1, 1), 1e-45, np.float32)),
    *(True, [True], [None], 3.0, [3.0], [-0.0], np.array([3.0], np.float32), np.array([[3.0]], np.float32)),
]  # fmt: skip


@needs_kernel
@pytest.mark.parametrize("x", IDS, ids=repr)
def test_one_id(x: Any) -> None:  # noqa: ANN401 - anything
    native, plain = (begun(*NETS["an id"], kernel) for kernel in (None, "plain"))
    assert given(native, x) == given(plain, x)
    native, plain = (Session(session.plan, 2) for session in (native, plain))
    assert given(native, x) == given(plain, x)


def test_logits_write_no_array_but_the_own(kernel: str | None) -> None:
    session = begun(*NETS["an id"], kernel)
    kept = session.step(1)
    copy, twin = kept.copy(), session.fork()
    first, second = session.logits(2), session.logits([np.int64(3)])
    assert not np.shares_memory(first, second)
    assert (bits(kept) == bits(copy)).all()
    assert (bits(twin.logits([2])) == bits(first)).all()
    assert (bits(twin.logits((3,))) == bits(second)).all()


# --- sessions and threads -------------------------------------------------------------------------


def test_sessions_that_take_turns(kernel: str | None) -> None:
    """Of several nets, so that what is remembered of one would be wrong for the next."""
    sessions = [(begun(model, x, kernel), x) for model, x in NETS.values()]
    alone = []
    for session, x in sessions:
        fork = session.fork()
        alone.append([fork.step(x) for _ in range(20)])
    for turn in range(20):
        for (session, x), want in zip(sessions, alone, strict=True):
            assert (bits(session.step(x, session.out)) == bits(want[turn])).all()


@needs_kernel
def test_other_threads_go_on_meanwhile() -> None:
    session = Session(rnnspec.compile(character_net(hidden=200)))
    x = np.zeros((1, 5_000), np.int64)
    turns, is_done = 0, False

    def turn() -> None:
        nonlocal turns
        while not is_done:
            turns += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=turn)
    session.run(x)  # its job is made
    block = session._block
    assert block is not None
    assert block.takes(x)
    thread.start()
    try:
        before = turns
        assert block.call()
        after = turns
    finally:
        is_done = True
        thread.join()
    assert after - before >= 5


@needs_kernel
def test_no_warning_and_no_deprecation() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model, x in NETS.values():
            session = begun(model, x, None)
            session.step(x, session.out)
            session.step(x, np.zeros_like(session.out))
