"""theano against theano-nlp's own equations, and what must be refused."""

import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import importers
from rnnspec.importers import CODES, Refused, Source, theano
from rnnspec.limits import Limits

from .originals import Array
from .test_hostile import damaged, judged
from .test_tensorflow1 import notes, ran
from .theano_writer import forward, params, write_json, write_npz

TOKENS = "abcdefghi"
START = len(TOKENS)
IDS = [START, 3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 8, 7, 0, 0, 2]
OPTIONS: dict[str, Any] = {"tokens": TOKENS}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "params"


@pytest.mark.parametrize("write", [write_json, write_npz])
@pytest.mark.parametrize("sizes", [(5,), (5, 3), (4, 4, 6)])
def test_the_original_equations(
    write: Callable[[Path, dict[str, Array]], Path], sizes: tuple[int, ...], path: Path
) -> None:
    net = params(sizes=sizes)
    assert importers.recognise(write(path, net)).name == "theano"
    found = importers.read(path, **OPTIONS)
    assert np.abs(ran(found, [IDS]) - forward(net, IDS)).max() < 2e-5
    assert found.model.output.kind == "logits"
    assert "full peepholes" in notes(found, "understood")
    found.with_reference(np.array(IDS), forward(net, IDS), "numpy", "2", 2e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "ifog"},
        {"order": "igfo"},
        {"peepholes": "iof"},
        {"new_cell": False},
        {"start": "linear"},
        {"start": "zero"},
    ],
)
def test_a_wrong_reading_would_be_seen(wrong: dict[str, Any], path: Path) -> None:
    net = params()
    found = importers.read(write_json(path, net), **OPTIONS)
    assert np.abs(ran(found, [IDS]) - forward(net, IDS, **wrong)).max() > 0.05


def test_json_and_npz_are_one_net(path: Path) -> None:
    lists = importers.read(write_json(path, params()), **OPTIONS)
    arrays = importers.read(write_npz(path, params()), **OPTIONS)
    assert rnnspec.fingerprint(lists.model) == rnnspec.fingerprint(arrays.model)


def test_float64_is_rounded_once(path: Path) -> None:
    net = {name: array / 3 for name, array in params().items()}
    found = importers.read(write_json(path, net), **OPTIONS)
    assert "rounded from 64 to 32 bits" in notes(found, "changed")
    assert np.abs(ran(found, [IDS]) - forward(net, IDS)).max() < 2e-5


def test_the_start_may_stand_as_it_is(path: Path) -> None:
    net = params()
    found = importers.read(write_json(path, net), **OPTIONS, initial_hidden="linear")
    assert np.abs(ran(found, [IDS]) - forward(net, IDS, start="linear")).max() < 2e-5
    assert "theano-nlp has it" not in notes(found, "assumed")
    told = importers.read(path, **OPTIONS, initial_hidden="tanh")
    assumed = importers.read(path, **OPTIONS)
    assert rnnspec.fingerprint(told.model) == rnnspec.fingerprint(assumed.model)
    assert "--initial-hidden linear" in notes(assumed, "assumed")


def test_it_writes_from_start_to_end(path: Path) -> None:
    """START goes in first, and END, the last output, ends."""
    net = params(seed=7)
    net["b_output"][START] += 1  # so that END comes up soon
    found = importers.read(write_json(path, net), **OPTIONS)
    assert "the last, is START" in notes(found, "assumed")
    ids: list[int] = []
    while len(ids) < 40:
        logits = forward(net, [START, *ids])[-1]
        first, second = np.sort(logits)[[-1, -2]]
        assert first - second > 1e-3
        if logits.argmax() == START:
            break
        ids.append(int(logits.argmax()))
    assert 3 <= len(set(ids)) < len(ids) < 40
    plan = rnnspec.compile(found.model)
    assert list(rnnspec.generate(plan, [], 40, mode="greedy")) == ids


def test_a_net_without_start(path: Path) -> None:
    net = params()
    write_json(path, net)
    found = importers.read(path, tokens=TOKENS + "!", start_row="none")
    assert np.abs(ran(found, [IDS]) - forward(net, IDS)).max() < 2e-5
    vocabulary = found.model.input_vocabulary
    assert vocabulary is not None
    assert (vocabulary.start, vocabulary.end) == (None, None)
    with pytest.raises(Refused, match="has 10 tokens, and the net reads 9"):
        importers.read(path, tokens=TOKENS + "!")
    with pytest.raises(Refused, match="has 9 tokens, and the net reads 10"):
        importers.read(path, tokens=TOKENS, start_row="none")


def test_a_bias_in_one_row(path: Path) -> None:
    net = params()
    known = rnnspec.fingerprint(importers.read(write_json(path, net), **OPTIONS).model)
    net["b_recurrent_1"] = net["b_recurrent_1"].reshape(-1)
    found = importers.read(write_json(path, net), **OPTIONS)
    assert rnnspec.fingerprint(found.model) == known


# --- near-misses -----------------------------------------------------------------------------------------

W = params()
NEAR_MISSES: dict[str, tuple[dict[str, Array | None], str, str]] = {
    "no peepholes": ({"W_recurrent_1_cell": None}, "IMPORT_MALFORMED", "zeros if the net has none"),
    "peepholes of vectors": ({"W_recurrent_1_cell": np.ones((3, 5))}, "IMPORT_SHAPE", "no full peephole [5, 15]"),
    "no learned start": ({"init_recurrent_2_cell": None}, "IMPORT_MALFORMED", "no init_recurrent_2_cell: write it"),
    "no bias": ({"b_recurrent_2": None}, "IMPORT_MALFORMED", "no b_recurrent_2: write it"),
    "no embedding": ({"V": None}, "IMPORT_MALFORMED", "no V: write the whole net"),
    "no output": ({"W_output": None}, "IMPORT_MALFORMED", "no W_output: write the whole net"),
    "its GRU": (
        {"W_recurrent_1_hidden": np.ones((5, 15)), "W_recurrent_1_input": np.ones((4, 15))},
        "IMPORT_SHAPE", "it is a GRU's"),
    "transposed": ({"W_recurrent_1_hidden": W["W_recurrent_1_hidden"].T}, "IMPORT_SHAPE", "it is transposed"),
    "another input": ({"W_recurrent_2_input": np.ones((4, 12))}, "IMPORT_SHAPE", "so it is [5, 12]"),
    "a bias that stands on its side": ({"b_recurrent_1": W["b_recurrent_1"].T}, "IMPORT_SHAPE", "a row of 5 for each gate"),
    "a start for each row": ({"init_recurrent_1_hidden": np.ones((2, 5))}, "IMPORT_SHAPE", "expected 5 numbers"),
    "an output without END": (
        {"W_output": np.ones((3, 9)), "b_output": np.ones(9)}, "IMPORT_SHAPE", "one comes out for each row of V"),
    "an output bias of another net": ({"b_output": np.ones(9)}, "IMPORT_SHAPE", "b_output [9] do not fit"),
    "an embedding of vectors": ({"V": np.ones(10)}, "IMPORT_SHAPE", "no embedding"),
    "START alone": ({"V": np.ones((1, 4))}, "IMPORT_SHAPE", "one for START"),
    "a layer left out": ({"W_recurrent_4_input": np.ones((3, 12))}, "IMPORT_MALFORMED", "no W_recurrent_3_input"),
    "a name that is not known": ({"W_recurrent_1_context": np.ones(5)}, "IMPORT_UNSUPPORTED", "no place for"),
    "another name": ({"W_attention": np.ones(5)}, "IMPORT_UNSUPPORTED", "no place for"),
    "a layer beyond the limit": ({"W_recurrent_900000000_cell": np.ones(5)}, "IMPORT_LIMIT", "256 layers"),
    "a number too large": ({"b_output": np.full(10, 1e39)}, "IMPORT_MALFORMED", "holds inf"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_is_refused(name: str, path: Path) -> None:
    changes, code, words = NEAR_MISSES[name]
    net = {key: array for key, array in {**W, **changes}.items() if array is not None}
    with np.errstate(over="ignore"):
        files = (write_json(path, net), write_npz(path.with_name("npz"), net))
    for file in files:
        with pytest.raises(Refused) as refused:
            theano.read(file, **OPTIONS)
        assert (refused.value.code, words in str(refused.value)) == (code, True), refused.value


def test_what_only_an_option_can_say(path: Path) -> None:
    write_json(path, W)
    with pytest.raises(Refused, match="give --vocabulary FILE") as refused:
        importers.read(path)
    assert refused.value.code == "IMPORT_ASK"
    for option in ("initial_hidden", "start_row"):
        with pytest.raises(Refused, match="expected one of") as refused:
            importers.read(path, **OPTIONS, **{option: "first"})
        assert refused.value.code == "IMPORT_OPTION"


# --- hostile files ---------------------------------------------------------------------------------------


def test_a_pickle_is_not_read(path: Path) -> None:
    """theano_toolkit saves so; this one would write a file."""
    target = path.with_name("made")

    class Program:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (target,))

    path.write_bytes(pickle.dumps({"V": Program()}, 2))
    with pytest.raises(Refused, match=r"is a program and is not read: write json\.dumps"):
        importers.read(path, "theano", **OPTIONS)
    with pytest.raises(Refused, match="a pickle, which is a program"):
        importers.read(path)
    np.savez(path.with_name("objects"), W_recurrent_1_hidden=np.array([Program()], object))
    with pytest.raises(Refused, match="an array of objects, which is a pickle") as refused:
        importers.read(path.with_name("objects.npz"), **OPTIONS)
    assert refused.value.code == "IMPORT_UNSUPPORTED"
    assert not target.exists()


def test_limits(path: Path) -> None:
    net = write_npz(path, W)
    for limits in (Limits(size=1000), Limits(size=net.stat().st_size - 1), Limits(elements=70)):
        with pytest.raises(Refused) as refused:
            theano.read(Source(net, limits), **OPTIONS)
        assert refused.value.code == "IMPORT_LIMIT"
    with pytest.raises(Refused, match="too many values"):
        theano.read(Source(write_json(path, W), Limits(values=10)), **OPTIONS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W_recurrent_1_hidden.npy", b"\0" * (300 << 20))
    with pytest.raises(Refused) as refused:
        importers.read(path, **OPTIONS)
    assert refused.value.code == "IMPORT_LIMIT"


@pytest.mark.parametrize("write", [write_json, write_npz])
def test_damaged_files(write: Callable[[Path, dict[str, Array]], Path], path: Path) -> None:
    pick = random.Random(5)
    net = params(tokens=2, inputs=1, sizes=(1,))
    data = write(path, {name: array.round(2) for name, array in net.items()}).read_bytes()
    seen = set()
    for _ in range(200):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: theano.read(path, tokens="ab")))
        judged(lambda: importers.read(path, tokens="ab"))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
