import dataclasses
from typing import Literal

import numpy as np
import pytest

import rnnspec
from rnnspec import Example, Model, Source, Tensor, load, run, selftest, to_bytes

from .nets import character_net, feature_net

LENGTHS = (2, 3)


def with_example(
    kind: Literal["exact", "reference"], change: float = 0, where: tuple[int, int, int] = (0, 1, 0)
) -> Model:
    """A net with an example from a state, whose recorded output is `change` away at one place."""
    model = feature_net()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 3)).astype(np.float32)
    state = {"lstm": {role: rng.standard_normal((2, 4)).astype(np.float32) for role in "hc"}}
    output, final = run(rnnspec.compile(model), x, LENGTHS, state)
    output[where] += np.float32(change)
    tensors = {
        **model.tensors,
        "x": Tensor(x),
        "y": Tensor(output),
        **{f"{role}0": Tensor(state["lstm"][role]) for role in "hc"},
        **{f"{role}1": Tensor(final["lstm"][role]) for role in "hc"},
    }
    reference = kind == "reference"
    example = Example(
        kind=kind,
        source=Source(system="numpy", version="2") if reference else None,
        tolerance=0.01 if reference else None,
        input="x",
        lengths=LENGTHS,
        state={"lstm": {"h": "h0", "c": "c0"}},
        output="y",
        final_state={"lstm": {"h": "h1", "c": "c1"}},
    )
    model = dataclasses.replace(model, tensors=tensors, examples=(example,))
    return load(to_bytes(model, "msgpack"))


@pytest.mark.parametrize(
    ("kind", "change", "where", "passes"),
    [
        ("exact", 0, (0, 1, 0), True),
        ("exact", 1e-6, (0, 1, 0), False),
        ("exact", 1e-6, (0, 2, 0), False),  # padding is +0
        ("reference", 0.0099, (0, 1, 0), True),
        ("reference", 0.0101, (0, 1, 0), False),
        ("reference", 100, (0, 2, 0), True),  # padding is not looked at
        ("reference", 100, (1, 2, 0), False),
    ],
)
def test_examples(
    kind: Literal["exact", "reference"],
    change: float,
    where: tuple[int, int, int],
    passes: bool,
) -> None:
    result = selftest(rnnspec.compile(with_example(kind, change, where)))
    assert (result.exact, result.reference) == ((1, 0) if kind == "exact" else (0, 1))
    assert result.failed == (() if passes else (0,))
    passed = "verified" if kind == "reference" else "internally consistent"
    assert result.verdict == (passed if passes else "failed")


def test_a_wrong_final_state_fails() -> None:
    model = with_example("exact")
    values = model.tensors["c1"].values.copy()
    values[1, 3] = np.nextafter(values[1, 3], np.float32(9))
    model = dataclasses.replace(model, tensors={**model.tensors, "c1": Tensor(values)})
    assert selftest(rnnspec.compile(model)).failed == (0,)


def test_no_examples() -> None:
    assert selftest(rnnspec.compile(character_net())).verdict == "no examples"


def test_an_example_that_overflows_fails() -> None:
    model = with_example("reference")
    huge = {name: Tensor(np.full_like(model.tensors[name].values, 3e38)) for name in "WV"}
    model = dataclasses.replace(model, tensors={**model.tensors, **huge})
    assert selftest(rnnspec.compile(model)).failed == (0,)


@pytest.mark.parametrize(("change", "passes"), [(0, True), (0.02, False)])
@pytest.mark.parametrize("kind", ["exact", "reference"])
def test_an_example_of_a_net_without_time(kind: str, change: float, passes: bool) -> None:
    """Rows of length 0 have an output too, and it is compared."""
    x = np.ones((2, 4, 1), np.float32)
    affine = {"name": "a", "type": "affine", "parameters": {"s": "s", "t": "t"}}
    y = np.array([[3], [2]], np.float32)
    y[1] += np.float32(change)
    source = {"source": {"system": "by hand", "version": "1"}, "tolerance": 0.001}
    more = source if kind == "reference" else {}
    example = {"kind": kind, **more, "input": "x", "lengths": [3, 0], "output": "y"}
    model = rnnspec.build(
        {
            "input": {"kind": "features", "size": 1},
            "layers": [{"name": "l", "type": "last_step"}, affine],
            "output": {"kind": "values"},
            "examples": [example],
            "tensors": {"x": x, "y": y, "s": [1], "t": [2]},
        }
    )
    assert selftest(rnnspec.compile(model)).failed == (() if passes else (0,))
