"""The soak: what it draws, what it counts, and that it finds a runtime that is wrong."""

import itertools
import re
import shlex
import sys
from pathlib import Path

import pytest

import conformance
from conformance.oracle.reader import read
from conformance.soak import soak
from conformance.soak.covering import BLOCK, Pair, Rows, judge_pairs, pairs_of
from conformance.soak.options import OPTIONS, Row
from conformance.soak.table import ENOUGH, LEAST, Table
from conformance.soak.task import Task, task

ORACLE = Path(__file__).parent / "oracle_adapter.py"
SEED, NETS = 5, 40


@pytest.fixture(autouse=True)
def _adapters_import_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(conformance.__file__).parent.parent))


@pytest.fixture(scope="module")
def judged() -> tuple[list[Pair], dict[Pair, str]]:
    return judge_pairs()


@pytest.fixture(scope="module")
def rows(judged: tuple[list[Pair], dict[Pair, str]]) -> list[Row]:
    """A whole block."""
    return list(Rows(1, judged[0]).block(0))


@pytest.fixture(scope="module")
def tasks(judged: tuple[list[Pair], dict[Pair, str]]) -> list[Task]:
    drawn = itertools.islice(Rows(SEED, judged[0]).since(0), NETS)
    return [task(SEED, number, row) for number, row in drawn]


# --- options and pairs ----------------------------------------------------------------------------


def test_what_can_stand_together(judged: tuple[list[Pair], dict[Pair, str]]) -> None:
    possible, impossible = judged
    assert (("gru", "after"), ("gru rb", "yes")) in possible
    assert (("lstm gates", "relu"), ("gru candidate", "elu")) in possible
    assert "gru is after" in impossible[("gru", "before"), ("gru rb", "yes")]
    assert "[agree-6]" in impossible[("encoding", "json, shortest"), ("dtype", "float16")]
    # Not forbidden by one rule, but by a chain of them: generating, tokens, no magnitudes.
    assert (("call", "greedy"), ("magnitudes", "tiny")) in impossible
    values = [len(option.values) for option in OPTIONS]
    every = sum(a * b for a, b in itertools.combinations(values, 2))
    assert len(possible) + len(impossible) == every
    assert not set(possible) & set(impossible)


def test_a_block_has_every_possible_pair_and_no_other(
    rows: list[Row], judged: tuple[list[Pair], dict[Pair, str]]
) -> None:
    assert len(rows) == BLOCK
    assert {pair for row in rows for pair in pairs_of(row)} == set(judged[0])


def test_an_option_stands_where_it_applies(rows: list[Row]) -> None:
    for row in rows:
        for option in OPTIONS:
            applies = all(row.get(name) in values for name, values in option.when.items())
            applies &= not option.unless or any(row[name] != "no" for name in option.unless)
            assert (option.name in row) == applies
            assert row.get(option.name) in (*option.values, None)


def test_a_row_can_be_drawn_again_alone(judged: tuple[list[Pair], dict[Pair, str]]) -> None:
    drawn = dict(itertools.islice(Rows(3, judged[0]).since(BLOCK - 1), 3))
    assert drawn[BLOCK] == next(Rows(3, judged[0]).since(BLOCK))[1]
    assert drawn[BLOCK] != next(Rows(4, judged[0]).since(BLOCK))[1]


# --- nets and calls -------------------------------------------------------------------------------


def test_every_net_is_valid_and_repeatable(tasks: list[Task]) -> None:
    """`task` raises for a net that the oracle's reader refuses."""
    for each in tasks[:5]:
        assert task(SEED, each.number, each.row) == each
    assert sum(not all(each.codes) for each in tasks) > NETS / 2  # most give an output
    assert any(each.saved for each in tasks)


def test_a_net_is_what_its_row_says(tasks: list[Task]) -> None:
    for each in tasks:
        row, document = each.row, read(each.document.data).document
        assert document is not None
        layers = document["layers"]
        kinds = [layer["type"] for layer in layers]
        for kind in ("elman", "lstm", "gru"):
            assert kinds.count(kind) == (row[kind] != "no") + (row["again"] == kind)
        for kind in ("dense", "affine"):
            assert kinds.count(kind) == (row[kind] != "no")
        if row["affine"] != "no" and row["gru"] != "no":
            assert (kinds.index("affine") < kinds.index("gru")) == (row["affine"] == "before")
        assert (kinds[0] if kinds[0] in ("embedding", "one_hot") else "features") == row["input"]
        assert (row["gru"] in ("before", "after")) == ("gru" in kinds)
        lstm = [layer for layer in layers if layer["type"] == "lstm"]
        wanted = {place: row.get(f"lstm {place}") for place in ("gates", "candidate", "output")}
        functions = [
            {place: given["function"] for place, given in layer["activations"].items()}
            for layer in lstm
        ]
        assert not lstm or wanted in functions
        final = [layer["type"] for layer in layers if layer.get("output") == "final"]
        assert final == ([row["time"][6:]] if row["time"].startswith("final") else [])
        assert ("last_step" in kinds) == (row["time"] == "last_step")
        dtypes = {tensor["dtype"] for tensor in document["tensors"].values()}
        assert row["dtype"] == "mixed" or dtypes <= {row["dtype"]}
        assert each.document.data.startswith(b"{\n") == (row["encoding"] != "msgpack")
        assert (each.call.command == "decode") == (row["call"] in ("greedy", "sample"))


# --- the count ------------------------------------------------------------------------------------


def test_the_table_counts_and_asks_for_what_is_missing(
    tasks: list[Task], judged: tuple[list[Pair], dict[Pair, str]]
) -> None:
    table = Table(*judged)
    for each in tasks:
        table.add(each)
    assert table.values["call", "run"] == sum(each.row["call"] == "run" for each in tasks)
    assert sum(table.values["time", value] for value in OPTIONS[29].values) in (0, NETS)
    assert table.faults() == []  # too few nets to ask for everything
    table.nets = ENOUGH
    faults = table.faults()
    assert any(f"times, not {LEAST}" in line for line in faults)
    missing = sum("a pair never came up" in line for line in faults)
    assert missing == len(judged[0]) - sum(pair in table.pairs for pair in judged[0]) > 0
    table.pairs[next(iter(judged[1]))] += 1
    assert "impossible" in table.faults()[0]


# --- adapters -------------------------------------------------------------------------------------


def command(lie: str = "") -> str:
    return shlex.join([sys.executable, str(ORACLE), *([lie] if lie else [])])


def test_an_honest_adapter_has_no_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert soak(6, SEED, 0, [command(), command()], tmp_path, 1) == 0
    assert capsys.readouterr().out.endswith("\n6 models, 0 differences\n")
    assert not list(tmp_path.iterdir())


def shows(lie: str, each: Task) -> bool:
    """Whether there is anything to lie about."""
    chunks = each.call.expect.get("chunks", [])
    bits = [chunk.get("output", {}).get("bits") for chunk in chunks]
    return {
        "output": any(bits),
        "state": any(chunk.get("state") for chunk in chunks),
        "code": any(code not in ("", "RUN_SHAPE") for code in each.codes) and bool(chunks),
        "text": bool(each.call.expect.get("ids")),
        "saved": each.saved is not None and bool(each.saved.state),
        "digest": True,
    }[lie]


@pytest.mark.parametrize("lie", ["output", "state", "code", "text", "saved", "digest"])
def test_a_wrong_adapter_is_found_and_its_net_can_be_asked_again(
    lie: str, tasks: list[Task], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = next(each.number for each in tasks if shows(lie, each))
    assert soak(1, SEED, number, [command(), command(lie)], tmp_path, 1) == 1
    printed = capsys.readouterr().out
    assert "\n1 models, 0 differences" not in printed
    again = re.search(r"again: --seed (\d+) --first (\d+) --count 1 (.*)", printed)
    assert again
    assert (int(again[1]), int(again[2])) == (SEED, number)
    assert (tmp_path / f"{SEED}-{number}.rnn").read_bytes() == tasks[number].document.data
    adapters = [word for word in shlex.split(again[3]) if word != "--adapter"]
    assert adapters[-1] == command(lie)
    assert soak(1, SEED, number, adapters, tmp_path, 1) == 1
