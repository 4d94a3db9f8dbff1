"""Figures and bars: medians of pairs, the fastest peer, and what is met."""

from dataclasses import replace

import pytest

from bench.bars import COLUMNS, ROWS, judged
from bench.figures import Spread, beside, best, best_paths, speed_up
from bench.lines import Time, times_of
from bench.tests.samples import line, lines

TIMES = times_of(lines())


def test_a_speed_up_is_the_median_of_the_quotients_and_no_quotient_of_medians() -> None:
    ours, peer = line("rnnspec", "avx2", (10.0, 20.0, 10.0)), line("p", "", (40.0, 60.0, 36.0))
    assert speed_up(ours, peer).by == Spread(3.6, 3.0, 4.0)


def test_pairs_need_as_many_processes() -> None:
    with pytest.raises(ValueError, match="zip"):
        speed_up(line("rnnspec", "avx2", (1.0, 2.0)), line("p", "", (1.0,)))


def test_each_peer_is_taken_in_its_fastest_way_and_the_fastest_peer_counts() -> None:
    near = beside(TIMES[0], TIMES)
    assert [(one.peer, one.path) for one in near] == [
        ("onnxruntime", "io binding"),
        ("pytorch", "module"),
    ]
    found = best(TIMES[0], TIMES)
    assert found is not None
    assert found.peer is near[0]
    only = best(TIMES[0], TIMES, ("pytorch",))
    assert only is not None
    assert only.peer.peer == "pytorch"


def test_peers_of_other_processes_hosts_nets_and_modes_are_not_compared() -> None:
    plain = next(one for one in TIMES if one.path == "plain")
    assert [one.beside for one in beside(plain, TIMES)] == ["plain"]
    for other in (
        replace(plain, host="x"),
        replace(plain, net="lstm300"),
        replace(plain, mode="batch"),
        replace(plain, language="js"),
    ):
        assert beside(other, TIMES) == []


def test_the_best_path_is_the_first_of_its_host() -> None:
    assert {one.path for one in best_paths(TIMES)} == {"avx2"}


def verdicts(times: list[Time]) -> dict[tuple[str, str, str], bool | None]:
    return {(one.row.name, *one.column): one.is_met for one in judged(times)}


def test_bars_are_met_by_the_median_and_only_by_it() -> None:
    found = verdicts(TIMES)
    assert found["Python, float32 file", "step", "lstm128"] is True  # 3.6 of 3.2
    assert found["Python, float32 file", "whole", "lstm128"] is False  # 0.5 of 1.2
    assert found["Python plain", "step", "lstm128"] is None
    slower = [replace(TIMES[0], us_per_step=(12.6, 15.0, 12.4)), *TIMES[1:]]
    assert verdicts(slower)["Python, float32 file", "step", "lstm128"] is False


def test_a_bar_that_nobody_measured_is_not_met() -> None:
    assert verdicts(TIMES)["Python, float32 file", "batch", "lstm128"] is False


def test_only_the_best_path_has_bars_and_the_others_are_told() -> None:
    baseline = [replace(one, path="baseline", beside=None) for one in TIMES if one.path == "avx2"]
    found = [one for one in judged([*TIMES, *baseline]) if one.row.name == "Python, float32 file"]
    assert {one.path for one in found if one.bar is not None} == {"avx2"}
    assert {one.path for one in found if one.bar is None} == {"baseline"}


def test_a_row_of_peers_is_judged_over_them_alone_and_only_where_they_are() -> None:
    def js(peer: str, path: str, us: float, host: str = "Node") -> Time:
        return replace(line(peer, path, (us,)), language="js", host=host)

    times = [
        js("rnnspec", "simd128", 10.0),
        js("onnxruntime-web", "wasm", 50.0),
        js("onnxruntime-node", "cpu", 20.0),
        js("rnnspec", "simd128", 10.0, "Chromium"),
        js("onnxruntime-web", "wasm", 31.0, "Chromium"),
    ]
    found = {
        (one.host, one.row.peers[0]): one.is_met
        for one in judged(times)
        if one.column == ("step", "lstm128")
    }
    assert found == {
        ("Node", "onnxruntime-web"): True,
        ("Chromium", "onnxruntime-web"): False,
        ("Node", "onnxruntime-node"): False,
    }


def test_every_row_has_a_bar_or_a_report_for_each_column() -> None:
    assert all(len(row.bars) == len(COLUMNS) for row in ROWS)
