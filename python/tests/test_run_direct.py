"""A step that CPython calls in the kernel itself: it does what the method does."""

import ctypes
import inspect
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import RnnspecError, Session
from rnnspec.kernel import choice, direct
from rnnspec.tensor import Float32

from .levels import KERNEL
from .nets import PLAIN_LSTM, array, bits, character_net, feature_net

IS_CPYTHON = sys.implementation.name == "cpython"
needs_direct = pytest.mark.skipif(
    KERNEL is None or not IS_CPYTHON,
    reason=f"no kernel in use, or not by CPython: {choice.runtime().why}",
)
pytestmark = needs_direct
METHOD = Session.step


def word_net(words: int = 1000, hidden: int = 21) -> rnnspec.Model:
    """Many ids → embedding → LSTM → dense."""
    rng = np.random.default_rng(3)
    names = {role: role for role in "WRb"}
    lstm = rnnspec.LstmLayer(
        name="lstm", hidden_size=hidden, activations=PLAIN_LSTM, parameters=names
    )
    words_of = rnnspec.Vocabulary(unit="codepoint", tokens=tuple(map(chr, range(1000, 1000 + words))))  # fmt: skip
    return rnnspec.Model(
        input=rnnspec.TokenInput(vocabulary="words"),
        vocabularies={"words": words_of},
        layers=(
            rnnspec.EmbeddingLayer(name="read", size=3, parameters={"E": "E"}),
            lstm,
            rnnspec.DenseLayer(name="write", size=9, parameters={"W": "V"}),
        ),
        output=rnnspec.Output(kind="values"),
        tensors={
            "E": array(rng, words, 3),
            "W": array(rng, 3, 4 * hidden),
            "R": array(rng, hidden, 4 * hidden),
            "b": array(rng, 4 * hidden),
            "V": array(rng, hidden, 9),
        },
    )


def overflowing() -> rnnspec.Model:
    """Of its two ids the second gives a number that is not finite, when the LSTM's state has moved on."""
    net = word_net(2, 1)
    last = rnnspec.DenseLayer(name="more", size=1, parameters={"W": "M"})
    dense = rnnspec.DenseLayer(name="write", size=1, parameters={"W": "V"})
    tensors = {
        "E": np.array([[1e-3], [30]]),
        "W": np.ones((1, 4)),
        "R": np.ones((1, 4)),
        "b": np.zeros(4),
        "V": np.full((1, 1), 3.4e38),
        "M": np.full((1, 1), 100),
    }
    return rnnspec.Model(
        input=net.input,
        vocabularies=net.vocabularies,
        layers=(
            rnnspec.EmbeddingLayer(name="read", size=1, parameters={"E": "E"}),
            *(net.layers[1], dense, last),
        ),
        output=net.output,
        tensors={name: rnnspec.Tensor(a.astype(np.float32)) for name, a in tensors.items()},
    )


WORDS = rnnspec.compile(word_net())


def is_direct(session: Session) -> bool:
    return isinstance(session.step, types.BuiltinFunctionType)


def state_bits(session: Session) -> list[bytes]:
    return [bits(array).tobytes() for arrays in session.state().values() for array in arrays.values()]  # fmt: skip


# --- the same as the method -----------------------------------------------------------------------


@pytest.mark.usefixtures("level")
def test_the_same_bits() -> None:
    """As the method gives, and as plain numpy gives, in any mixture of forms."""
    for model, tokens in ((word_net(), 1000), (character_net(), 7), (character_net("one_hot"), 7)):
        one, method = (Session(rnnspec.compile(model)) for _ in range(2))
        plain = Session(rnnspec.compile(model, "plain"))
        assert is_direct(one)
        ids = np.random.default_rng(0).integers(0, tokens, 60).tolist()
        for k, token in enumerate([0, tokens - 1, *ids]):
            x = token if k % 2 else [token]
            given = one.step(x, one.out) if k % 3 else one.step(x)
            assert (given is one.out) == bool(k % 3)
            wanted = METHOD(method, x, method.out)
            assert bits(given).tobytes() == bits(wanted).tobytes() == bits(plain.step(x)).tobytes()
            assert state_bits(one) == state_bits(method) == state_bits(plain)


class Number(int):
    """An int that is none exactly."""


class Few(list[int]):
    """A list that is none exactly."""

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - anything
        return 5

    def __len__(self) -> int:
        return 1


OWN = object()  # stands for the session's own array
XS: list[Any] = [
    *(3, [3], 0, 999, [999], 300, True, False, [True], [False], Number(3), [Number(3)]),
    *(Few([3, 4]), Few([]), [Few([3])], (3,), "3", ["3"], "", b"3", None, [None], [], [[]], [[3]]),
    *([3, 4], [3, 2**70], -1, [-1], 1000, [1000], 2**31, 2**32 + 3, [2**32 + 3], -(2**32) + 3),
    *(2**63 - 1, 2**63, 2**64 + 3, -(2**63), -(2**63) - 1, 2**70, [2**70], -(2**70), [-(2**70)]),
    *(np.int64(3), [np.int64(3)], np.int32(3), np.uint8(3), np.array([3]), np.array(3), np.bool_(1)),
    *(3.0, [3.0], 3.5, float("nan"), 1j, {3}, {3: 3}, range(3, 4), object, list, int),
]  # fmt: skip
FORMS: dict[str, Callable[[Any, Any], tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "x": lambda x, _: ((x,), {}),
    "x, own": lambda x, own: ((x, own), {}),
    "x, None": lambda x, _: ((x, None), {}),
    "x, other": lambda x, own: ((x, np.full_like(own, 7)), {}),
    "x, wrong": lambda x, _: ((x, np.zeros(9, np.float32)), {}),
    "x, list": lambda x, _: ((x, [0.0] * 9), {}),
    "x, out=own": lambda x, own: ((x,), {"out": own}),
    "x=x, out=own": lambda x, own: ((), {"x": x, "out": own}),
    "x=x": lambda x, _: ((), {"x": x}),
    "x, y=own": lambda x, own: ((x,), {"y": own}),
    "x, own, x=x": lambda x, own: ((x, own), {"x": x}),
    "x, own, out=own": lambda x, own: ((x, own), {"out": own}),
    "x, own, own": lambda x, own: ((x, own, own), {}),
    "nothing": lambda _, __: ((), {}),
    "out=own": lambda _, own: ((), {"out": own}),
}


def outcome(session: Session, step: Any, form: str, x: Any) -> object:  # noqa: ANN401 - anything
    """What a call gives, or what it raises and from what, and the state after it."""
    arguments, names = FORMS[form](x, session.out)
    found: object
    try:
        given = step(*arguments, **names)
    except Exception as error:  # noqa: BLE001 - any one is compared
        chain = [error, error.__cause__, error.__context__]
        found = [(type(one), str(one)) for one in chain]
    else:
        which = [given is session.out, *(given is argument for argument in arguments[1:2])]
        found = which, bits(given).tobytes(), given.shape, given.dtype
    return found, state_bits(session)


@pytest.mark.parametrize("form", FORMS)
def test_whatever_is_given(form: str) -> None:
    one, method = Session(WORDS), Session(WORDS)
    assert is_direct(one)
    for x in XS:
        found = outcome(one, one.step, form, x)
        assert found == outcome(method, METHOD.__get__(method), form, x), (form, x)


def test_what_is_not_exactly_right_is_judged_by_the_method() -> None:
    """And what is, is not: which of the two did it."""
    judged: list[tuple[Any, ...]] = []

    def otherwise(*arguments: Any, **names: Any) -> Float32:  # noqa: ANN401 - anything
        judged.append((arguments, names))
        return np.zeros((1, 9), np.float32)

    session = Session(WORDS)
    one = session._one
    assert one is not None
    step, out = one.direct(otherwise), session.out
    assert step is not None
    for right in (3, [3], 0, 999, [300]):
        assert step(right, out) is out
        assert step(right) is not out
    assert judged == []
    wrong: Any
    for wrong in (True, [True], Number(3), [Number(3)], np.int64(3), -1, 1000, 2**70, (3,), [3, 3], "3", Few([3])):  # fmt: skip
        for arguments in ((wrong, out), (wrong,)):
            step(*arguments)
            assert judged.pop() == (arguments, {})
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        *(((3, np.zeros_like(out)), {}), ((3, None), {}), ((3, out, out), {}), ((), {})),
        *(((3,), {"out": out}), ((), {"x": 3}), ((3, out), {"out": out})),
    ]
    for given, names in calls:
        step(*given, **names)
        got, got_names = judged.pop()
        assert len(got) == len(given)
        assert all(one is other for one, other in zip(got, given, strict=True))
        assert got_names == names
    assert judged == []


def test_a_step_that_fails_leaves_the_state() -> None:
    session = Session(rnnspec.compile(overflowing()))
    assert is_direct(session)
    session.step([0], session.out)
    before = state_bits(session)
    for step in (session.step, METHOD.__get__(session)):
        for arguments in (([1], session.out), (1, session.out), (1,), ([5], session.out), ([2**70],)):  # fmt: skip
            with pytest.raises(RnnspecError, match=r"RUN_NONFINITE|RUN_TOKEN"):
                step(*arguments)
            assert state_bits(session) == before
    twin = session.fork()
    assert bits(session.step(0, session.out)).tobytes() == bits(METHOD(twin, 0)).tobytes()
    assert state_bits(session) == state_bits(twin) != before


# --- what it is -----------------------------------------------------------------------------------


def test_where_there_is_one() -> None:
    assert is_direct(Session(WORDS))
    assert is_direct(Session(WORDS).fork())
    assert not is_direct(Session(WORDS, 2))
    assert not is_direct(Session(rnnspec.compile(feature_net(size=1, width=1))))
    assert not is_direct(Session(rnnspec.compile(character_net(), "plain")))


def test_it_says_what_it_is() -> None:
    session = Session(WORDS)
    assert inspect.getdoc(session.step) == inspect.getdoc(Session.step)
    own = list(inspect.signature(session.step).parameters.values())
    wanted = list(inspect.signature(METHOD.__get__(session)).parameters.values())
    assert [(p.name, p.kind, p.default) for p in own] == [(p.name, p.kind, p.default) for p in wanted]  # fmt: skip
    assert session.step.__name__ == "step"
    assert session.step.__module__ == Session.__module__


def test_the_structures_are_those_of_the_header() -> None:
    header = (Path(__file__).parents[2] / "kernel/kernel.h").read_text("utf-8")
    body = header[: header.index("} rnn_python;")].rsplit("typedef struct {", 1)[1]
    names = [name for name, *_ in direct._Python._fields_]
    assert re.findall(r"\bPy\w+\b", re.sub(r"/\*.*?\*/", "", body)) == names
    body = header[: header.index("} rnn_python_step;")].rsplit("typedef struct {", 1)[1]
    fields = [name for name, *_ in direct._Step._fields_]
    assert re.findall(r"(\w+);", body) == fields[:4]
    assert fields[4:] == ["name", "function", "flags", "doc"]  # a PyMethodDef


# --- other classes, other Pythons -----------------------------------------------------------------


def test_a_class_that_overrides_it_wins() -> None:
    class Counting(Session):
        steps = 0

        def step(self, x: Any, out: Float32 | None = None) -> Float32:  # noqa: ANN401 - anything
            self.steps += 1
            return super().step(x, out)

    class Named(Session):
        name = "a session"

    counting, named, session = Counting(WORDS), Named(WORDS), Session(WORDS)
    for x in (3, [4], np.int64(5)):
        wanted = bits(session.step(x)).tobytes()
        assert bits(counting.step(x, counting.out)).tobytes() == wanted
        assert bits(named.step(x, named.out)).tobytes() == wanted
    counting.logits(3)
    assert counting.steps == 4
    assert not is_direct(counting)
    assert is_direct(named)


def test_a_method_that_is_replaced_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "step", lambda *_: "mine")
    assert Session(WORDS).step(3) == "mine"


@pytest.mark.parametrize("lack", ["CPython", "a function", "all functions"])
def test_without_it_the_method_remains(lack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Session(WORDS).step(3)
    direct._is_told.cache_clear()
    with monkeypatch.context() as patch:
        if lack == "CPython":
            patch.setattr(direct, "sys", types.SimpleNamespace(implementation=types.SimpleNamespace(name="pypy")))  # fmt: skip
        elif lack == "a function":
            patch.setattr(direct, "_FUNCTIONS", (*direct._FUNCTIONS, "PyList_IsNotThere"))
        else:
            patch.delattr(ctypes, "pythonapi")
        session = Session(WORDS)
        assert not is_direct(session)
        assert bits(session.step(3, session.out)).tobytes() == bits(wanted).tobytes()
        direct._is_told.cache_clear()
    assert is_direct(Session(WORDS))
