"""The fuzzing of readers: what it damages, and that it finds a reader that is wrong."""

import random
import re
import shlex
import sys
from pathlib import Path

import pytest

import conformance
from conformance.damage import FITTING, damaged
from conformance.fuzz import all_sources, fuzz, random_net
from conformance.oracle.reader import read

ORACLE = Path(__file__).parent / "oracle_adapter.py"
SEED, COUNT = 3, 40


@pytest.fixture(autouse=True)
def _adapters_import_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(conformance.__file__).parent.parent))


def command(lie: str = "") -> str:
    return shlex.join([sys.executable, str(ORACLE), *([lie] if lie else [])])


def test_models_and_saved_states_are_damaged_in_many_ways() -> None:
    for sources, last in zip(all_sources(), ("fingerprint", "state"), strict=True):
        assert len(sources.sound) > 10
        drawn = [sources.draw(random.Random(number)) for number in range(200)]
        assert drawn == [sources.draw(random.Random(number)) for number in range(200)]
        asked = [sources.case("fuzz/x", data).expect for data in drawn]
        codes = {finding["code"] for expect in asked for finding in expect["findings"]}
        assert len(codes) > 10
        assert 0 < sum(last in expect for expect in asked) < 100


def test_nets_are_damaged_so_that_their_parts_do_not_fit() -> None:
    """The rules of draft 3 that hang on two places, and the words of its members."""
    codes: set[str] = set()
    for number in range(400):
        rng = random.Random(number)
        data = damaged(random_net(rng), b"{}", rng, FITTING)
        codes |= {finding.code for finding in read(data).findings}
    assert codes >= {
        "INPUT_UNKNOWN", "INPUT_WIDTH", "LAYER_UNUSED", "NAME_REPEATED",
        "TENSOR_SHAPE", "TENSOR_REUSED", "TENSOR_QUANTUM", "TENSOR_LENGTH", "TENSOR_NONFINITE",
        "OUTPUT_KIND", "STRUCTURE_MISSING", "STRUCTURE_UNKNOWN_KEY", "STRUCTURE_RANGE",
    }  # fmt: skip


def test_an_honest_reader_has_no_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz(COUNT, SEED, 0, [command()], tmp_path) == 0
    assert ": 0 differences" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_wrong_reader_is_found_and_its_document_can_be_asked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz(COUNT, SEED, 0, [command("finding")], tmp_path) == 1
    again = re.search(
        r"again: python -m conformance fuzz --seed 3 --first (\d+) --count 1",
        capsys.readouterr().out,
    )
    assert again
    assert list(tmp_path.glob(f"3-{again[1]}.bin"))
    assert fuzz(1, SEED, int(again[1]), [command("finding")], tmp_path) == 1
    assert fuzz(1, SEED, int(again[1]), [command()], tmp_path) == 0
