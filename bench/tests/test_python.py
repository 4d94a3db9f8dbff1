"""The benchmark of Python: how processes become lines."""

import pytest

from bench.python.__main__ import lines_of, why_missing


def gathered(ours: float, peer: float, difference: float) -> dict[str, object]:
    return {
        "medians": [
            ["lstm128", "step", ["rnnspec", "", "float32"], ours, 0.0],
            ["lstm128", "step", ["onnxruntime", "run", "float32"], peer, difference],
        ],
        "versions": {"rnnspec": {"rnnspec": "1"}, "onnxruntime": {"onnxruntime": "2"}},
    }


def test_processes_stand_at_the_same_places_of_lines_that_are_pairs() -> None:
    ours, peer = lines_of("avx2", [gathered(1.0, 3.0, 1e-7), gathered(2.0, 4.0, 2e-7)])
    assert (ours.path, ours.beside, ours.us_per_step) == ("avx2", None, (1.0, 2.0))
    assert (peer.path, peer.beside, peer.us_per_step) == ("run", "avx2", (3.0, 4.0))
    assert peer.compared == 2e-7
    assert (ours.versions, peer.versions) == ({"rnnspec": "1"}, {"onnxruntime": "2"})


def test_processes_that_ran_other_things_are_an_error() -> None:
    short = gathered(1.0, 3.0, 0.0)
    short["medians"] = short["medians"][:1]  # type: ignore[index]  # it is a list
    with pytest.raises(ValueError, match="zip"):
        list(lines_of("avx2", [gathered(1.0, 3.0, 0.0), short]))


def test_a_path_that_is_none_is_missing_and_the_plain_one_is_there() -> None:
    assert why_missing("plain") is None
    assert why_missing("avx1024") is not None
