"""Advice: each code has its own net, and a sound net beside it that gets none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli.advice import advice
from rnnspec.cli.samples import SOUND
from rnnspec.codes import CODES
from rnnspec.limits import DEFAULT
from rnnspec.validate import read

from .test_cli import call

Json = Any  # what the standard library makes of JSON
TANH = {"function": "tanh"}
SIGMOID = {"function": "sigmoid"}


def net(change: Callable[[Json], object] | None = None) -> Json:
    """Two letters, an LSTM of three units, a dense layer; and what a test changes."""
    document = json.loads(json.dumps(SOUND))
    document["layers"][1]["hidden_size"] = 3
    del document["examples"]
    rng = np.random.default_rng(0)
    shapes = {"W": [2, 12], "R": [3, 12], "b": [12], "V": [3, 2]}
    document["tensors"] = {
        name: {
            "dtype": "float32",
            "shape": shape,
            "data": rng.uniform(0.1, 1, shape).ravel().tolist(),
        }
        for name, shape in shapes.items()
    }
    if change:
        change(document)
    return document


def found(document: Json) -> dict[str, rnnspec.Issue]:
    """Advice by code; each code at most once in these nets."""
    issues = advice(read(json.dumps(document).encode(), DEFAULT))
    assert len({issue.code for issue in issues}) == len(issues)
    assert all(issue.stage == "advice" and issue.severity == "warning" for issue in issues)
    assert all(issue.message.endswith(f"; {issue.fix}") for issue in issues)  # not cut
    return {issue.code: issue for issue in issues}


def data(document: Json, tensor: str) -> np.ndarray:
    """A tensor as an array, to change in place with `store`."""
    entry = document["tensors"][tensor]
    return np.array(entry["data"], np.float64).reshape(entry["shape"])


def store(document: Json, tensor: str, array: np.ndarray) -> None:
    entry = document["tensors"][tensor]
    entry["shape"], entry["data"] = list(array.shape), array.ravel().tolist()


def changed(tensor: str, change: Callable[[np.ndarray], object]) -> Json:
    document = net()
    array = data(document, tensor)
    change(array)
    store(document, tensor, array)
    return document


def put(where: Any, value: float) -> Callable[[np.ndarray], object]:  # noqa: ANN401  an index
    return lambda array: array.__setitem__(where, value)


def test_a_sound_net_gets_none() -> None:
    assert found(net()) == {}


def test_licence() -> None:
    issue = found(net(lambda d: d.pop("license")))["ADVICE_LICENSE"]
    assert issue.place == "/license"


def test_zeros() -> None:
    issues = found(changed("b", put(slice(None), 0)))
    assert set(issues) == {"ADVICE_ZERO"}
    assert issues["ADVICE_ZERO"].place == "/tensors/b"
    assert 'the tensor "b" is all zeros' in issues["ADVICE_ZERO"].message
    assert 'b of "memory"' in issues["ADVICE_ZERO"].message
    # What is below 2^-51 reads as 0 ([tiny-1]); what is not, does not.
    assert "ADVICE_ZERO" in found(changed("b", put(slice(None), 1e-16)))
    assert "ADVICE_ZERO" not in found(changed("b", put(3, 0)))


def test_huge() -> None:
    def change(array: np.ndarray) -> None:
        array[0, 1], array[2, 0], array[2, 1] = 2e4, -5e6, 1e4

    issue = found(changed("V", change))["ADVICE_HUGE"]
    assert issue.place == "/tensors/V"
    assert "at most 10,000 expected, got 2 of 6 (1, 4); the farthest is -5e+06;" in issue.message
    assert "ADVICE_HUGE" not in found(changed("V", put((0, 0), 1e4)))


def test_affine_is_made_to_scale() -> None:
    document = net()
    document["layers"].append({"name": "s", "type": "affine", "parameters": {"s": "s", "t": "t"}})
    document["tensors"]["s"] = {"dtype": "float32", "shape": [2], "data": [1e6, 1e6]}
    document["tensors"]["t"] = {"dtype": "float32", "shape": [2], "data": [0, 0]}
    assert found(document) == {}


# --- dead units ---------------------------------------------------------------------------------------


def test_units_that_nothing_reads() -> None:
    document = changed("V", put(1, 0))
    R = data(document, "R")
    assert found(document) == {}  # the layer itself reads it
    R[1] = 0
    store(document, "R", R)
    issue = found(document)["ADVICE_DEAD_UNITS"]
    assert issue.place == "/layers/1"
    assert "got 1 of 3 (1) that nothing reads;" in issue.message
    R[1, [1, 4, 7, 10]] = 0.5  # it reads itself, which helps nobody
    store(document, "R", R)
    assert "ADVICE_DEAD_UNITS" in found(document)
    R[1, 2] = 0.5
    store(document, "R", R)
    assert found(document) == {}


def test_units_that_nothing_reaches() -> None:
    document = net()
    unit = [2, 5, 8, 11]
    for name in ("W", "R", "b"):
        array = data(document, name)
        array[..., unit] = 0
        store(document, name, array)
    assert "got 1 of 3 (2) that nothing reaches;" in found(document)["ADVICE_DEAD_UNITS"].message
    b = data(document, "b")
    b[11] = 1e-3
    store(document, "b", b)
    assert found(document) == {}


def test_dead_units_of_other_layers() -> None:
    document = changed("V", put((slice(None), 0), 0))
    issue = found(document)["ADVICE_DEAD_UNITS"]
    assert (issue.place, "1 of 2 (0) that nothing reaches" in issue.message) == ("/layers/2", True)
    # Through layers that keep units apart; not through softmax, and not at the end.
    for function, dead in (({"function": "tanh"}, True), ({"function": "softmax"}, False)):
        document = net()
        document["output"] = {"kind": "values"}
        document["layers"].append({"name": "f", "type": "activation", **function})
        document["layers"].append({"name": "e", "type": "dense", "size": 1, "parameters": {"W": "E"}})  # fmt: skip
        document["tensors"]["E"] = {"dtype": "float32", "shape": [2, 1], "data": [1, 0]}
        assert ("ADVICE_DEAD_UNITS" in found(document)) is dead


def test_an_embedding_may_have_dead_columns() -> None:
    document = net()
    document["layers"][0] = {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}}
    document["tensors"]["E"] = {"dtype": "float32", "shape": [2, 2], "data": [1, 0, 2, 0]}
    assert found(document)["ADVICE_DEAD_UNITS"].place == "/layers/0"


# --- stuck gates --------------------------------------------------------------------------------------


def gate_values(document: Json, column: int) -> np.ndarray:
    """The pre-activation of a column of the LSTM over all inputs and the extremes of h."""
    W, R, b = (data(document, name) for name in ("W", "R", "b"))
    corners = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    return np.array(
        [W[v, column] + h @ R[:, column] + b[column] for v in range(2) for h in corners]
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("column", "name", "limit"), [(1, "i[1]", 17), (8, "g[2]", 8.5)])
def test_gates_that_never_move(column: int, name: str, limit: float, sign: int) -> None:
    document = net()
    b = data(document, "b")
    reach = np.abs(data(document, "W")[:, column]).max()
    reach += np.abs(data(document, "R")[:, column]).sum()
    b[column] = sign * (limit + reach + 0.01)
    store(document, "b", b)
    issue = found(document)["ADVICE_SATURATED_UNITS"]
    assert issue.place == "/layers/1"
    assert f"got 1 of 12 ({name}) stuck;" in issue.message
    # The truth of it, in binary64.
    a = gate_values(document, column)
    values = np.tanh(a) if name.startswith("g") else 1 / (1 + np.exp(-a))
    ends = np.array([-1, 0, 1] if name.startswith("g") else [0, 1])
    assert np.abs(values[:, None] - ends).min(axis=1).max() < 1e-7
    b[column] -= sign * 0.02
    store(document, "b", b)
    assert found(document) == {}


def features(document: Json) -> None:
    """Numbers of any size come in: nothing is proved about a gate that reads them."""
    document["input"] = {"kind": "features", "size": 2}
    del document["layers"][0], document["vocabularies"], document["output"]["vocabulary"]


def test_what_has_no_bound_is_not_judged() -> None:
    document = changed("b", put(0, 1e3))
    assert "ADVICE_SATURATED_UNITS" in found(document)
    features(document)
    assert found(document) == {}
    document = changed("b", put(0, 1e3))
    document["layers"][1]["activations"]["output"] = {"function": "relu"}  # h has no bound
    assert found(document) == {}


@pytest.mark.parametrize("before", ["embedding", "dense", "affine", "gru"])
def test_bounds_through_layers(before: str) -> None:
    """How far inputs reach is known through what stands before."""
    document = net()
    tensors = document["tensors"]
    if before == "embedding":
        document["layers"][0] = {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}}  # fmt: skip
        tensors["E"] = {"dtype": "float32", "shape": [2, 2], "data": [3, -4, 1, 2]}
        bound = np.array([3, 4])
    elif before == "dense":
        layer = {"name": "d", "type": "dense", "size": 2, "parameters": {"W": "D", "b": "d"}}
        document["layers"].insert(1, layer)
        tensors["D"] = {"dtype": "float32", "shape": [2, 2], "data": [1, -2, 3, 1]}
        tensors["d"] = {"dtype": "float32", "shape": [2], "data": [1, 1]}
        bound = np.array([4, 3])
    elif before == "affine":
        document["layers"][0] = {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}}  # fmt: skip
        tensors["E"] = {"dtype": "float32", "shape": [2, 2], "data": [3, -4, 1, 2]}
        layer = {"name": "a", "type": "affine", "parameters": {"s": "s", "t": "t"}}
        document["layers"].insert(1, layer)
        tensors["s"] = {"dtype": "float32", "shape": [2], "data": [2, -1]}
        tensors["t"] = {"dtype": "float32", "shape": [2], "data": [0, 5]}
        bound = np.array([6, 9])
    else:
        layer = {"name": "g", "type": "gru", "hidden_size": 2, "reset": "after", "activations": {"gates": SIGMOID, "candidate": TANH}, "parameters": {"W": "GW", "R": "GR"}}  # fmt: skip
        document["layers"].insert(1, layer)
        tensors["GW"] = {"dtype": "float32", "shape": [2, 6], "data": [1] * 12}
        tensors["GR"] = {"dtype": "float32", "shape": [2, 6], "data": [1] * 12}
        bound = np.array([1, 1])
    b, W, R = (data(document, name) for name in ("b", "W", "R"))
    reach = bound @ np.abs(W[:, 0]) + np.abs(R[:, 0]).sum()
    b[0] = 17 + reach + 0.01
    store(document, "b", b)
    assert set(found(document)) == {"ADVICE_SATURATED_UNITS"}
    b[0] = 17 + reach - 0.01
    store(document, "b", b)
    assert found(document) == {}


@pytest.mark.parametrize("kind", ["elman", "gru"])
def test_other_cells(kind: str) -> None:
    document = net()
    layer = {"name": "memory", "type": kind, "hidden_size": 3, "parameters": {"W": "W", "R": "R", "b": "b"}}  # fmt: skip
    blocks = 1 if kind == "elman" else 3
    if kind == "elman":
        layer["activation"] = TANH
    else:
        layer |= {"reset": "after", "activations": {"gates": SIGMOID, "candidate": TANH}}
        layer["parameters"]["rb"] = "rb"  # type: ignore[index] # the parameters
        document["tensors"]["rb"] = {"dtype": "float32", "shape": [3], "data": [0, 0, 2]}
    document["layers"][1] = layer
    for name in ("W", "R", "b"):
        store(document, name, data(document, name)[..., : 3 * blocks])
    column = 3 * blocks - 1  # the candidate of the last unit, for both
    b, W, R = (data(document, name) for name in ("b", "W", "R"))
    reach = np.abs(W[:, column]).max() + np.abs(R[:, column]).sum() + (2 if kind == "gru" else 0)
    b[column] = -(8.5 + reach + 0.01)
    store(document, "b", b)
    name = "h[2]" if kind == "elman" else "n[2]"
    assert f"({name}) stuck" in found(document)["ADVICE_SATURATED_UNITS"].message
    b[column] += 0.02
    store(document, "b", b)
    assert found(document) == {}


def test_a_large_initial_state_reaches_farther() -> None:
    document = changed("b", put(0, 17 + 1 + 3 + 0.01))
    assert "ADVICE_SATURATED_UNITS" in found(document)
    document["layers"][1]["parameters"]["h0"] = "h0"
    document["tensors"]["h0"] = {"dtype": "float32", "shape": [3], "data": [0, 50, 0]}
    assert found(document) == {}


# --- options, directions and branches -------------------------------------------------------------


def lstm(document: Json) -> Json:
    return document["layers"][1]


def without_input_gate(document: Json) -> None:
    """Coupled: three blocks f, g, o."""
    lstm(document)["coupled"] = "input"
    for name in ("W", "R", "b"):
        store(document, name, data(document, name)[..., 3:])


def both_ways(document: Json, merge: str = "sum") -> None:
    lstm(document).update(direction="bidirectional", merge=merge)
    for role in ("W", "R", "b"):
        lstm(document)["parameters"][f"{role}_reverse"] = f"{role}_reverse"
        store_new(document, f"{role}_reverse", data(document, role))


def store_new(document: Json, tensor: str, array: np.ndarray) -> None:
    document["tensors"][tensor] = {"dtype": "float32"}
    store(document, tensor, array)


def projected(document: Json) -> None:
    """Three cells, two of which leave the layer."""
    lstm(document).update(projection_size=2)
    lstm(document)["parameters"]["Q"] = "Q"
    store_new(document, "Q", np.array([[1.0, 2], [3, 4], [5, 6]]))
    store(document, "R", data(document, "R")[:2])
    store(document, "V", data(document, "V")[:2])


@pytest.mark.parametrize(
    "change", [without_input_gate, both_ways, projected, lambda d: lstm(d).update(clip=60)]
)
def test_sound_nets_with_options_get_none(change: Callable[[Json], object]) -> None:
    assert found(net(change)) == {}


def test_gates_of_coupled_layers() -> None:
    """The first block is f: the absent one has no name."""
    document = net(without_input_gate)
    b = data(document, "b")
    b[1] = 100
    store(document, "b", b)
    assert "got 1 of 9 (f[1]) stuck;" in found(document)["ADVICE_SATURATED_UNITS"].message


@pytest.mark.parametrize(("clip", "judged"), [(20, True), (12, True), (None, False)])
def test_a_clip_can_hold_a_gate(clip: float | None, judged: bool) -> None:
    """What stays beyond the clip never moves, even where the sigmoid itself still does."""
    document = net(lambda d: lstm(d).update(clip=clip) if clip else None)
    reach = np.abs(data(document, "W")[:, 0]).max() + np.abs(data(document, "R")[:, 0]).sum()
    b = data(document, "b")
    b[0] = min(clip or 17, 17) + reach + (0.01 if judged else -0.01)
    store(document, "b", b)
    assert ("ADVICE_SATURATED_UNITS" in found(document)) is judged


def test_gates_and_units_of_each_direction() -> None:
    document = net(both_ways)
    b = data(document, "b")
    b[9] = -100
    store(document, "b_reverse", b)
    assert "got 1 of 24 (o_reverse[0]) stuck;" in found(document)["ADVICE_SATURATED_UNITS"].message
    document = net(both_ways)
    for name in ("W", "R", "b"):
        array = data(document, f"{name}_reverse")
        array[..., [1, 4, 7, 10]] = 0
        store(document, f"{name}_reverse", array)
    assert "got 1 of 6 (1_reverse) that nothing reaches;" in found(document)["ADVICE_DEAD_UNITS"].message  # fmt: skip
    document = net(both_ways)
    store(document, "b_reverse", np.zeros(12))
    assert 'b_reverse of "memory"' in found(document)["ADVICE_ZERO"].message


@pytest.mark.parametrize(("merge", "dead"), [("concat", "1 of 6 (2_reverse)"), ("sum", None)])
def test_units_that_nothing_reads_by_merge(merge: str, dead: str | None) -> None:
    """Of a concat each half is read by itself; a sum reads both with one column."""
    document = net(lambda d: both_ways(d, merge))
    R = data(document, "R_reverse")
    R[2] = 0
    store(document, "R_reverse", R)
    if merge == "concat":
        V = np.full((6, 2), 0.5)
        V[5] = 0
        store(document, "V", V)
    issues = found(document)
    if dead is None:
        assert issues == {}
    else:
        assert f"got {dead} that nothing reads;" in issues["ADVICE_DEAD_UNITS"].message


def test_a_full_peephole_reads_units() -> None:
    """Their c, where nobody reads their h."""
    document = changed("V", put(1, 0))
    R = data(document, "R")
    R[1] = 0
    store(document, "R", R)
    lstm(document)["parameters"]["p"] = "p"
    lstm(document)["peephole"] = "diagonal"
    store_new(document, "p", np.ones((3, 3)))
    assert "(1) that nothing reads" in found(document)["ADVICE_DEAD_UNITS"].message
    lstm(document)["peephole"] = "full"
    store_new(document, "p", np.ones((3, 9)))
    assert found(document) == {}


def test_gates_with_peepholes_are_not_judged() -> None:
    """Their c grows, so that no bias is out of reach."""
    document = changed("b", put(0, 1e3))
    assert "ADVICE_SATURATED_UNITS" in found(document)
    lstm(document)["peephole"] = "diagonal"
    lstm(document)["parameters"]["p"] = "p"
    store_new(document, "p", np.ones((3, 3)))
    assert found(document) == {}


def test_how_far_a_projected_h_reaches() -> None:
    """As far as the columns of Q, or as its clip."""
    for clip, h in ((None, np.array([9.0, 12])), (0.5, np.array([0.5, 0.5]))):
        document = net(projected)
        if clip:
            lstm(document)["projection_clip"] = clip
        W, R, b = (data(document, name) for name in ("W", "R", "b"))
        edge = 17 + np.abs(W[:, 0]).max() + h @ np.abs(R[:, 0])
        for more, judged in ((0.01, True), (-0.01, False)):
            b[0] = edge + more
            store(document, "b", b)
            assert ("ADVICE_SATURATED_UNITS" in found(document)) is judged


def test_units_of_projected_layers_are_not_judged() -> None:
    document = net(projected)
    for name in ("W", "R", "b"):
        array = data(document, name)
        array[..., [2, 5, 8, 11]] = 0
        store(document, name, array)
    assert found(document) == {}


def branches(document: Json, kind: str) -> None:
    """The LSTM, and a dense layer beside it, that one layer reads."""
    document["layers"][2:] = [
        {
            "name": "beside",
            "type": "dense",
            "inputs": ["read"],
            "size": 3,
            "parameters": {"W": "D"},
        },
        {"name": "meet", "type": kind, "inputs": ["memory", "beside"]},
        {"name": "write", "type": "dense", "size": 2, "parameters": {"W": "V"}},
    ]
    store_new(document, "D", np.full((2, 3), 0.5))
    if kind == "concat":
        store(document, "V", np.concatenate([data(document, "V")] * 2))


@pytest.mark.parametrize("kind", ["add", "multiply", "concat"])
def test_units_are_followed_through_branches(kind: str) -> None:
    document = net(lambda d: branches(d, kind))
    assert found(document) == {}
    V = data(document, "V")
    V[-1] = 0
    store(document, "V", V)
    issue = found(document)["ADVICE_DEAD_UNITS"]
    assert (issue.place, "got 1 of 3 (2) that nothing reads;" in issue.message) == (
        "/layers/2",
        True,
    )
    store(document, "V", np.zeros_like(V))  # all of them, in both
    issues = advice(read(json.dumps(document).encode(), DEFAULT))
    places = [issue.place for issue in issues if "that nothing reads" in issue.message]
    # What another unit of its own layer reads is not dead.
    assert places == ["/layers/2"]


@pytest.mark.parametrize(
    ("kind", "bound"), [("add", [5, 5]), ("multiply", [6, 4]), ("concat", [3, 4, 2, 1])]
)
def test_bounds_through_branches(kind: str, bound: list[float]) -> None:
    document = net()
    document["layers"][:1] = [
        {"name": "one", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
        {
            "name": "two",
            "type": "embedding",
            "inputs": ["input"],
            "size": 2,
            "parameters": {"E": "F"},
        },
        {"name": "meet", "type": kind, "inputs": ["one", "two"]},
    ]
    store_new(document, "E", np.array([[3.0, -4], [1, 2]]))
    store_new(document, "F", np.array([[2.0, 1], [-1, -1]]))
    W = np.random.default_rng(3).uniform(0.1, 1, (len(bound), 12))
    store(document, "W", W)
    b, R = data(document, "b"), data(document, "R")
    edge = 17 + bound @ np.abs(W[:, 0]) + np.abs(R[:, 0]).sum()
    for more, judged in ((0.01, True), (-0.01, False)):
        b[0] = edge + more
        store(document, "b", b)
        assert ("ADVICE_SATURATED_UNITS" in found(document)) is judged


def test_layer_norm() -> None:
    """Its beta may be zeros, its gamma may hold some; and it keeps what comes after it in bounds."""
    document = net(features)
    document["layers"].insert(
        0,
        {"name": "n", "type": "layer_norm", "epsilon": 1e-3, "parameters": {"gamma": "gamma", "beta": "beta"}},
    )  # fmt: skip
    store_new(document, "gamma", np.array([2.0, 0]))
    store_new(document, "beta", np.zeros(2))
    assert found(document) == {}
    b, W, R = (data(document, name) for name in ("b", "W", "R"))
    reach = 2 * np.sqrt(2) * W[0, 0] + np.abs(R[:, 0]).sum()
    b[0] = 17 + reach + 0.01
    store(document, "b", b)
    assert set(found(document)) == {"ADVICE_SATURATED_UNITS"}


# --- where it shows, and where not ---------------------------------------------------------------------


def test_every_advice_has_a_test_here() -> None:
    text = Path(__file__).read_text("utf-8")
    opinion = Path(__file__).with_name("test_cli_opinion.py").read_text("utf-8")
    for code in CODES.values():
        if code.stage == "advice":
            assert f'"{code.code}"' in text + opinion, code.code


def test_advice_is_no_finding_of_the_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = net(lambda d: d.pop("license"))
    assert rnnspec.validate(json.dumps(document).encode()) == []
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=1))
    line = call(capsys, "validate", path)[1].splitlines()[0]
    assert line.startswith(f"{path}:1:1: warning ADVICE_LICENSE: ")
    assert "ADVICE" not in call(capsys, "selftest", path)[1]


def test_examples_are_not_judged() -> None:
    """A stored output of zeros, or of large numbers, is what it is."""
    document = json.loads(json.dumps(SOUND))
    assert document["tensors"]["y"]["data"] == [0] * 4
    assert found(document) == {}
