"""The nets of the soak: what is drawn, what it is counted as, and how it is made smaller."""

import itertools
import random
import re
from typing import Any

import pytest

from conformance.oracle.reader import read
from conformance.soak import table
from conformance.soak.covering import BLOCK, Pair, Rows, pairs_of
from conformance.soak.facts import FACTS, facts
from conformance.soak.lane import Result, codes
from conformance.soak.options import CELLS, MERGES, OPTIONS, Row
from conformance.soak.oracle import Oracle
from conformance.soak.shrink import cut_behind, shrink
from conformance.soak.table import Table
from conformance.soak.task import Task, task, written
from conformance.soak.within import Judged, judge
from conformance.tests.conftest import NETS, SEED

Json = dict[str, Any]
Pairs = tuple[list[Pair], dict[Pair, str]]


@pytest.fixture(scope="module")
def rows(pairs: Pairs) -> list[Row]:
    """A whole block."""
    return list(Rows(1, pairs[0]).block(0))


# --- options and pairs ----------------------------------------------------------------------------


def test_what_can_stand_together(pairs: Pairs) -> None:
    possible, impossible = pairs
    assert (("gru", "after"), ("gru rb", "yes")) in possible
    assert (("lstm gates", "relu"), ("gru candidate", "elu")) in possible
    assert (("lstm merge", "multiply"), ("lstm peephole", "full")) in possible
    assert (("dtype", "int8, rows"), ("lstm projection", "with qb")) in possible
    assert "gru is after" in impossible[("gru", "before"), ("gru rb", "yes")]
    assert "[agree-6]" in impossible[("encoding", "json, shortest"), ("dtype", "float16")]
    assert "[run-7]" in impossible[("call", "step"), ("net", "not forward")]
    # Not forbidden by one rule, but by a chain of them.
    assert (("call", "greedy"), ("magnitudes", "tiny")) in impossible  # generating, tokens
    assert (("call", "sample"), ("gru merge", "sum")) in impossible  # generating, forward
    assert (("call", "step"), ("turned by", "time_reverse")) in impossible
    values = [len(option.values) for option in OPTIONS]
    every = sum(a * b for a, b in itertools.combinations(values, 2))
    assert len(possible) + len(impossible) == every
    assert not set(possible) & set(impossible)


def test_a_block_has_every_possible_pair_and_no_other(rows: list[Row], pairs: Pairs) -> None:
    assert len(rows) == BLOCK
    assert {pair for row in rows for pair in pairs_of(row)} == set(pairs[0])


def test_an_option_stands_where_it_applies(rows: list[Row]) -> None:
    for row in rows:
        for option in OPTIONS:
            applies = all(row.get(name) in values for name, values in option.when.items())
            applies &= not option.unless or any(row[name] != "no" for name in option.unless)
            assert (option.name in row) == applies
            assert row.get(option.name) in (*option.values, None)


def test_a_row_can_be_drawn_again_alone(pairs: Pairs) -> None:
    drawn = dict(itertools.islice(Rows(3, pairs[0]).since(BLOCK - 1), 3))
    assert drawn[BLOCK] == next(Rows(3, pairs[0]).since(BLOCK))[1]
    assert drawn[BLOCK] != next(Rows(4, pairs[0]).since(BLOCK))[1]


# --- nets and calls -------------------------------------------------------------------------------


def test_every_net_is_valid_and_repeatable(
    tasks: list[Task], oracles: list[Oracle], expected: list[Json]
) -> None:
    """`Oracle` raises for a net that the oracle's reader refuses."""
    for each in tasks[:5]:
        assert task(SEED, each.number, each.row) == each
    assert sum(not all(codes(expect)) for expect in expected) > NETS / 2  # most give an output
    assert any(each.before for each in tasks)
    refused = [
        oracle.expect(each.refused)
        for each, oracle in zip(tasks, oracles, strict=True)
        if each.refused
    ]
    assert all(code for expect in refused for code in codes(expect))
    assert {code for expect in refused for code in codes(expect)} > {"RUN_OPTION", "RUN_DIRECTION"}


def layers_of(each: Task, kind: str) -> list[Json]:
    return [layer for layer in each.net["layers"] if layer["type"] == kind]


def test_a_net_is_what_its_row_says(tasks: list[Task]) -> None:
    for each in tasks:
        row, layers = each.row, each.net["layers"]
        kinds = [layer["type"] for layer in layers]
        for kind in CELLS:
            assert kinds.count(kind) == (row[kind] != "no") + (row["again"] == kind)
        for kind in ("affine", "activation", "layer_norm", "time_reverse", "dense", *MERGES):
            assert kinds.count(kind) >= (row[kind] != "no")
        assert kinds.count("time_reverse") == (row["time_reverse"] != "no")
        assert (row["input"] == "features") == (each.net["input"]["kind"] == "features")
        final = {layer["type"] for layer in layers if layer.get("output") == "final"}
        assert final == ({row["time"][6:]} if row["time"].startswith("final") else set())
        assert ("last_step" in kinds) >= (row["time"] == "last_step")
        dtypes = {tensor["dtype"] for tensor in each.net["tensors"].values()}
        if row["dtype"] != "mixed" and "int8" not in row["dtype"]:
            assert dtypes <= {row["dtype"]}
        axes = {tensor["axis"] for tensor in each.net["tensors"].values() if "axis" in tensor}
        wanted = {"int8, rows": {0}, "int8, columns": {1}}.get(row["dtype"])
        assert row["dtype"] == "mixed" or axes <= (wanted or set())
        assert each.document.startswith(b"{\n") == (row["encoding"] != "msgpack")
        command = {"run": "run", "step": "run", "ctc": "ctc"}.get(row["call"], "decode")
        assert each.call.command == command


def test_a_cell_has_the_options_of_its_row(tasks: list[Task]) -> None:
    for each in tasks:
        row = each.row
        for kind in CELLS:
            if row[kind] != "no":
                cells = layers_of(each, kind)
                assert any(has_options(row, kind, cell) for cell in cells), (each.number, kind)


def has_options(row: Row, kind: str, cell: Json) -> bool:
    direction = row[f"{kind} direction"]
    roles = cell["parameters"]
    found: bool = cell.get("direction", "forward") == direction
    found &= cell.get("merge") == row.get(f"{kind} merge")
    found &= ("W_reverse" in roles) == (direction == "bidirectional")
    found &= any(role.startswith("b") for role in roles) == (row[f"{kind} b"] == "yes")
    for clip in ("clip", "cell_clip", "projection_clip"):
        found &= (clip in cell) == (row.get(f"{kind} {clip}", "no") != "no")
    if kind == "lstm":
        for member in ("peephole", "coupled"):
            found &= cell.get(member, "no") == row[f"lstm {member}"]
        found &= ("p" in roles) == (row["lstm peephole"] != "no")
        found &= ("projection_size" in cell) == (row["lstm projection"] != "no")
        found &= ("qb" in roles or "qb_reverse" in roles) == (row["lstm projection"] == "with qb")
    return found


@pytest.mark.parametrize(
    "clip", ["elman clip", "gru clip", "lstm clip", "lstm cell_clip", "lstm projection_clip"]
)
@pytest.mark.parametrize("words", ["reached", "not reached"])
def test_a_clip_that_is_reached_changes_the_bits_and_another_does_not(
    clip: str, words: str, pairs: Pairs
) -> None:
    kind, member = clip.split()
    drawn = Rows(SEED, pairs[0])
    tame = (("weights", "×1"), ("again", "no"), ("time", "sequence"), ("rows", "2–4"))
    call = (("call", "run"), ("chunks", "whole"), ("steps", "2–7"), ("lengths", "no"))
    drawn.space = drawn.space.narrowed((clip, words), *tame, *call)
    rng = random.Random(clip)
    changed = looked = 0
    for number in range(12):
        each = task(SEED, number, drawn.draw(rng, set(), ()))
        expect = Oracle(each.document).expect(each.call)
        if all(codes(expect)):
            continue
        (cell,) = layers_of(each, kind)
        layers = [
            {name: part for name, part in layer.items() if layer is not cell or name != member}
            for layer in each.net["layers"]
        ]
        data = written(each.net | {"layers": layers}, each.row)
        without = Oracle(data).expect(each.call)
        looked += 1
        states = [
            [chunk["state"][cell["name"]] for chunk in said["chunks"] if "state" in chunk]
            for said in (without, expect)
        ]
        changed += states[0] != states[1]
    assert looked > 4
    assert changed == 0 if words == "not reached" else changed > looked / 2


# --- the count ------------------------------------------------------------------------------------


def result(each: Task, expect: Json) -> Result:
    return Result(
        each.number, each.row, each.document, each.sizes, facts(each), codes(expect),
        "", True, None, [],
    )  # fmt: skip


def test_the_table_counts_and_asks_for_what_is_missing(
    tasks: list[Task],
    expected: list[Json],
    pairs: Pairs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Table(*pairs)
    for each, expect in zip(tasks, expected, strict=True):
        counted.add(result(each, expect))
    assert counted.values["call", "run"] == sum(each.row["call"] == "run" for each in tasks)
    assert counted.faults() == []  # of 60 nets nothing is asked
    with_output = [
        each for each, expect in zip(tasks, expected, strict=True) if not all(codes(expect))
    ]
    assert counted.fruitless == NETS - len(with_output)
    seen = {pair for each in with_output for pair in pairs_of(each.row)}
    assert set(counted.pairs) == seen
    monkeypatch.setattr(table, "FULL", NETS)
    faults = counted.faults()
    assert any(f"times, not {table.LEAST}" in line for line in faults)
    missing = sum("a pair never came up in a net with an output" in line for line in faults)
    assert missing == len(pairs[0]) - len(seen) > 0
    counted.forbidden.add(next(iter(pairs[1])))
    assert "impossible" in counted.faults()[0]
    table_lines = "\n".join(counted.lines())
    assert all(fact in table_lines for fact in FACTS)


def test_every_fact_comes_up(rows: list[Row]) -> None:
    found: set[str] = set()
    for number, row in enumerate(rows[:200]):
        found |= facts(task(SEED, number, row))
    assert found == set(FACTS)


# --- true values ----------------------------------------------------------------------------------


def test_a_wrong_number_is_not_within_its_bound(
    tasks: list[Task], oracles: list[Oracle], expected: list[Json]
) -> None:
    looked = 0
    for each, oracle, expect in zip(tasks, oracles, expected, strict=True):
        if each.call.command != "run":
            continue
        assert judge(oracle, each.call.request, expect).wrong == []
        output = expect["chunks"][0].get("output")
        if output is None:
            continue
        first = each.call.request | {"chunks": each.call.request["chunks"][:1]}

        if first_chunk(oracle, first, output, output["bits"]).telling:
            looked += 1
            damaged = re.sub(".{8}", lambda word: flipped(word[0]), output["bits"])
            assert first_chunk(oracle, first, output, damaged).wrong
    assert looked >= 5


def first_chunk(oracle: Oracle, request: Json, output: Json, bits: str) -> Judged:
    """The output alone, with other bits."""
    chunk = {"output": output | {"bits": bits}, "state": {}}
    return judge(oracle, request, {"chunks": [chunk]})


def flipped(word: str) -> str:
    """Another number: the highest bit of the exponent and the sign changed."""
    return f"{int(word, 16) ^ 0xC0000000:08x}"


# --- shrinking ------------------------------------------------------------------------------------


def test_a_net_cut_off_behind_a_layer_is_valid(tasks: list[Task]) -> None:
    for each in tasks[:12]:
        if "chunks" in each.call.request:
            for last in range(len(each.net["layers"])):
                net, request = cut_behind(each.net, each.call.request, last)
                assert read(written(net, each.row)).document is not None
                assert set(request.get("probe", ())) <= {layer["name"] for layer in net["layers"]}


def test_shrinking_keeps_what_is_wrong(tasks: list[Task]) -> None:
    each = next(each for each in tasks if len(each.call.request.get("chunks", ())) > 2)
    culprit = each.net["layers"][1]["name"]

    def is_wrong(net: Json, request: Json) -> bool:
        return any(layer["name"] == culprit for layer in net["layers"]) and bool(request["chunks"])

    net, request = shrink(each.net, each.call.request, is_wrong)
    assert is_wrong(net, request)
    assert net["layers"][-1]["name"] == culprit
    assert len(request["chunks"]) == 1
    assert "state" not in request
