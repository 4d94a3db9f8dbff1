"""The nets: what bench/README.md says of them."""

import re

import numpy as np
import pytest

import rnnspec
from bench.catalogue import CALLS, NETS, ROOT, inputs_of
from bench.nets import model_of, table, weights_of
from bench.python.contest import Task, around

README = (ROOT / "bench/README.md").read_text()


@pytest.mark.parametrize("name", ["lstm16", "gru128", "elman256", "audio40"])
def test_weights_are_float16_numbers_and_the_same_each_time(name: str) -> None:
    first, second = (weights_of(model_of(NETS[name])) for _ in range(2))
    for key, array in first.items():
        assert np.array_equal(array, array.astype(np.float16).astype(np.float32))
        assert np.array_equal(array, second[key])


def test_the_weights_of_a_step_are_as_many_as_the_readme_says() -> None:
    told = {}
    for row in re.findall(r"^\| (`(?:lstm|gru|elman|audio).*?) \|.*\| ([\d, to]+?)(?: a step)? \|$", README, re.MULTILINE):  # fmt: skip
        told[row[0]] = [int(count.replace(",", "")) for count in re.findall(r"\d[\d,]*\d", row[1])]
    assert len(told) == 5
    for names, counts in told.items():
        nets = re.findall(r"`(\w+)`", names)
        ends = [nets[0], nets[-1]][: len(counts)]
        assert [used(NETS[name].name) for name in ends] == counts


def used(name: str) -> int:
    """Weights that one step reads: matrices, of the embedding none, for it is a row."""
    arrays = weights_of(model_of(NETS[name]))
    return sum(a.size for key, a in arrays.items() if a.ndim == 2 and key != "embedding.E")


def test_every_net_has_its_modes() -> None:
    told = table()
    assert told["lstm128"]["modes"] == ("step", "whole", "batch")
    assert told["audio40"]["modes"] == ("step", "whole", "block")
    assert told["lstm1024"]["modes"] == ("step",)


@pytest.mark.parametrize(("name", "mode"), [("gru128", "step"), ("audio16", "block"), ("lstm16", "batch")])  # fmt: skip
def test_pieces_are_the_input_one_after_the_other(name: str, mode: str) -> None:
    net = NETS[name]
    task = next(Task(net, known) for known in CALLS if known == mode)
    rows, steps = CALLS[task.mode]
    whole = np.concatenate(task.pieces(), axis=1)
    assert np.array_equal(whole, inputs_of(net)[:rows, : whole.shape[1]])
    assert all(piece.shape[:2] == (rows, steps) for piece in task.pieces())
    pieces = task.pieces()
    again = list(around(pieces, len(pieces) + 1))
    assert again[0] is again[-1] is pieces[0]


def test_outputs_tell_nets_apart() -> None:
    ids = inputs_of(NETS["lstm16"])[:1, :20]
    output, _ = rnnspec.run(rnnspec.compile(model_of(NETS["lstm16"])), ids)
    assert output.max() > 10 * 2e-4  # the tolerance is small beside what is compared
    assert len({int(token) for token in output[0].argmax(-1)}) > 3
