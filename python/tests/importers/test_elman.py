"""elman against the equation itself, and what must be refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import Refused, elman

from . import originals
from .originals import Array
from .test_tensorflow1 import notes, ran

IDS = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 6, 0, 0, 2]
TOKENS = "abcdefg"


def weights(seed: int = 1, inputs: int = 7, size: int = 5, outputs: int = 3) -> dict[str, Array]:
    """Wxh [I, H], Whh [H, H], bh [H], Why [H, O], by [O], loud."""
    random = np.random.default_rng(seed)
    shapes = {
        "Wxh": (inputs, size),
        "Whh": (size, size),
        "bh": (size,),
        "Why": (size, outputs),
        "by": (outputs,),
    }
    return {key: random.normal(size=shape) for key, shape in shapes.items()}


def three(seed: int = 1, inputs: int = 7, size: int = 5) -> dict[str, Array]:
    """embedding, recurrent, bias."""
    net = weights(seed, inputs, size)
    return {"embedding": net["Wxh"], "recurrent": net["Whh"], "bias": net["bh"]}


def write(path: Path, members: dict[str, Any]) -> Path:
    """The path of a JSON file with these members, arrays as lists."""
    plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in members.items()}
    path.write_text(json.dumps(plain))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.json"


def test_three_keys_over_tokens(path: Path) -> None:
    net = three()
    found = importers.read(write(path, net), tokens=TOKENS, orientation="xW")
    expected = originals.elman(net["embedding"], net["recurrent"], net["bias"], np.eye(7)[IDS])
    assert found.system == "elman"
    assert np.abs(ran(found, [IDS]) - expected).max() < 1e-6


def test_an_input_matrix_over_features_with_an_output_layer(path: Path) -> None:
    net = weights()
    x = np.random.default_rng(5).normal(size=(30, 7)).astype(np.float32)
    found = elman.read(write(path, net), input_kind="features")
    h = originals.elman(net["Wxh"], net["Whh"], net["bh"], x.astype(np.float64))
    assert np.abs(ran(found, x[None]) - (h @ net["Why"] + net["by"])).max() < 1e-5
    assert "the shape of Wxh shows it" in notes(found, "understood")
    assert "tanh" in notes(found, "assumed")
    assert "rounded from 64 to 32 bits" in notes(found, "changed")


def test_columns_as_in_min_char_rnn(path: Path) -> None:
    """W·x + R·h + b with biases of one column, as Karpathy's gist has them."""
    net = weights()
    turned = {key: array.T if array.ndim == 2 else array[:, None] for key, array in net.items()}
    rows = elman.read(write(path, net), input_kind="tokens", tokens=TOKENS)
    columns = elman.read(write(path, turned), input_kind="tokens", tokens=TOKENS)
    assert rnnspec.fingerprint(rows.model) == rnnspec.fingerprint(columns.model)
    assert "transposed to [inputs, outputs]: Wxh, Whh, Why" in notes(columns, "changed")


def test_an_embedding_and_an_input_matrix(path: Path) -> None:
    net = weights(inputs=4)
    table = np.random.default_rng(9).normal(size=(7, 4))
    found = elman.read(write(path, {**net, "E": table}), tokens=TOKENS)
    h = originals.elman(net["Wxh"], net["Whh"], net["bh"], table[IDS])
    assert np.abs(ran(found, [IDS]) - (h @ net["Why"] + net["by"])).max() < 1e-5


def test_an_embedding_that_stands_on_its_side(path: Path) -> None:
    net = three()
    side = {**net, "embedding": net["embedding"].T}
    rows = elman.read(write(path, net), tokens=TOKENS, orientation="xW")
    turned = elman.read(write(path, side), tokens=TOKENS, orientation="xW")
    assert rnnspec.fingerprint(rows.model) == rnnspec.fingerprint(turned.model)
    assert "a token is a row" in notes(turned, "changed")


@pytest.mark.parametrize("orientation", ["xW", "Wx"])
def test_where_no_shape_shows_it_the_orientation_is_asked_and_matters(
    orientation: str, path: Path
) -> None:
    net = three()
    write(path, net)
    with pytest.raises(Refused, match=r"--orientation xW.*--orientation Wx") as refused:
        elman.read(path, tokens=TOKENS)
    assert refused.value.code == "IMPORT_ASK"
    found = elman.read(path, tokens=TOKENS, orientation=orientation)
    recurrent = net["recurrent"] if orientation == "xW" else net["recurrent"].T
    expected = originals.elman(net["embedding"], recurrent, net["bias"], np.eye(7)[IDS])
    wrong = originals.elman(net["embedding"], recurrent.T, net["bias"], np.eye(7)[IDS])
    assert np.abs(ran(found, [IDS]) - expected).max() < 1e-6
    assert np.abs(ran(found, [IDS]) - wrong).max() > 0.5


def test_a_symmetric_net_needs_no_orientation(path: Path) -> None:
    found = elman.read(write(path, three(size=1)), tokens=TOKENS)
    assert ran(found, [IDS]).shape == (len(IDS), 1)


def test_an_initial_state(path: Path) -> None:
    net = three()
    start = np.array([0.5, -0.25, 1, 0, -1])
    found = elman.read(write(path, {**net, "h0": start}), tokens=TOKENS, orientation="xW")
    expected = originals.elman(
        net["embedding"], net["recurrent"], net["bias"], np.eye(7)[IDS], start
    )
    assert np.abs(ran(found, [IDS]) - expected).max() < 1e-6


@pytest.mark.parametrize("where", ["file", "option"])
def test_the_activation_is_said_by_the_file_or_by_an_option(where: str, path: Path) -> None:
    net: dict[str, Any] = three()
    options: dict[str, Any] = {"tokens": TOKENS, "orientation": "xW"}
    if where == "file":
        net["activation"] = "ReLU"
    else:
        options["activation"] = "relu"
    found = elman.read(write(path, net), **options)
    h = np.zeros(5)
    for k, token in enumerate(IDS[:4]):
        h = np.maximum(0, net["embedding"][token] + h @ net["recurrent"] + net["bias"])
        assert np.abs(ran(found, [IDS[: k + 1]])[-1] - h).max() < 1e-4
    assert not notes(found, "assumed").startswith("tanh")


def test_the_vocabulary_may_stand_in_the_file(path: Path) -> None:
    found = elman.read(write(path, {**three(), "vocabulary": list(TOKENS)}), orientation="xW")
    assert "from the file itself" in notes(found, "understood")


def test_all_spellings_are_the_same_net(path: Path) -> None:
    net = weights()
    roles = ("input", "recurrent", "bias", "output", "output bias")
    by_role = dict(zip(roles, net.values(), strict=True))
    known = rnnspec.fingerprint(elman.read(write(path, net), input_kind="features").model)
    for k in range(max(len(elman.KEYS[role]) for role in roles)):
        keys = [elman.KEYS[role][k % len(elman.KEYS[role])] for role in roles]
        spelled = dict(zip(keys, by_role.values(), strict=True))
        found = elman.read(write(path, spelled), input_kind="features")
        assert rnnspec.fingerprint(found.model) == known, keys


# --- near-misses -----------------------------------------------------------------------------------------


def but(**members: Any) -> dict[str, Any]:  # noqa: ANN401  JSON values; None takes a member away
    changed = {**weights(), **members}
    return {key: value for key, value in changed.items() if value is not None}


W = weights()

NEAR_MISSES: dict[str, tuple[dict[str, Any], str, str]] = {
    "gates of an LSTM": (but(Wf=W["Whh"]), "IMPORT_UNSUPPORTED", 'the member "Wf"'),
    "four blocks of columns": (but(Whh=np.ones((5, 20))), "IMPORT_SHAPE", "a recurrent matrix is square"),
    "no bias": (but(bh=None), "IMPORT_MALFORMED", "there is no bias"),
    "no recurrent matrix": (but(Whh=None), "IMPORT_MALFORMED", "there is no recurrent"),
    "no input matrix": (but(Wxh=None), "IMPORT_MALFORMED", "neither an embedding nor an input matrix"),
    "an output matrix without its bias": (but(by=None), "IMPORT_MALFORMED", "an output and no output bias"),
    "an output bias without its matrix": (but(Why=None), "IMPORT_MALFORMED", "an output bias and no output"),
    "one name twice": (but(W_xh=W["Wxh"]), "IMPORT_MALFORMED", "both mean the input"),
    "an input matrix of another net": (but(Wxh=np.ones((7, 6))), "IMPORT_SHAPE", "with 5 hidden units"),
    "a bias of another net": (but(bh=np.ones(6)), "IMPORT_SHAPE", "expected 5 numbers"),
    "one matrix of two transposed": (but(Why=W["Why"].T), "IMPORT_SHAPE", "transpose one of them"),
    "a row too short": (but(Whh=[[1.0] * 5] * 4 + [[1.0] * 4]), "IMPORT_MALFORMED", "not of one length"),
    "a text among the numbers": (but(bh=[1, 2, "3", 4, 5]), "IMPORT_MALFORMED", "no number"),
    "true among the numbers": (but(bh=[1, 2, True, 4, 5]), "IMPORT_MALFORMED", "no number"),
    "too large for 32 bits": (but(bh=[1, 2, 1e39, 4, 5]), "IMPORT_MALFORMED", "holds inf at [2]"),
    "an empty matrix": (but(bh=[]), "IMPORT_MALFORMED", "empty"),
    "an activation that there is not": (but(activation="swish"), "IMPORT_UNSUPPORTED", "activation is none of"),
    "a square embedding": (
        {"embedding": W["Whh"], "recurrent": W["Whh"], "bias": W["bh"]}, "IMPORT_ASK", "rename it to Wxh"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, path: Path) -> None:
    members, code, words = NEAR_MISSES[name]
    options: dict[str, Any] = (
        {"orientation": "xW"} if "embedding" in members else {"input_kind": "features"}
    )
    with pytest.raises(Refused) as refused:
        elman.read(write(path, members), **options)
    assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"Wxh": [[1]], "Whh": [[NaN]], "bh": [1]}', "is no JSON to rely on"),
        ('{"Wxh": [[1]], "Whh": [[1]], "Whh": [[1]], "bh": [1]}', "stands twice"),
        ('{"Wxh": [[1]], "Whh": [[1]], "bh": [1]', "ends too early"),
        ('{"a": ' + "[" * 100_000, "nested too deep"),
        ("[1, 2]", "no JSON object of matrices"),
        ('{"Wxh": [[1]], "Whh": [[1]], "bh": [1]}\xff', "no UTF-8 at byte 39"),
    ],
)
def test_a_text_that_is_no_strict_json_is_refused(text: str, words: str, path: Path) -> None:
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Refused) as refused:
        elman.read(path)
    assert (refused.value.code, words in str(refused.value)) == ("IMPORT_MALFORMED", True)


def test_options_that_contradict_the_file_are_refused(path: Path) -> None:
    write(path, but(activation="tanh"))
    with pytest.raises(Refused, match="the file says tanh"):
        elman.read(path, input_kind="features", activation="relu")
    with pytest.raises(Refused, match="the shape of Wxh shows xW"):
        elman.read(path, input_kind="features", orientation="Wx")
    with pytest.raises(Refused, match="has no vocabulary"):
        elman.read(path, input_kind="features", tokens=TOKENS)
    with pytest.raises(Refused, match=r"--input-kind tokens.*--input-kind features"):
        elman.read(path)
