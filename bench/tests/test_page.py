"""The page: what is met and what is not stands there plainly, and every picture has words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bench.lines import Line, times_of
from bench.made import Bars
from bench.page import page
from bench.page_sides import limits
from bench.record import Record
from bench.tests.samples import MACHINE, kernel_lines, line, record


class Drawn:
    """Notes what it was asked to draw."""

    def __init__(self) -> None:
        self.groups: Sequence[Bars] = ()
        self.lines: Mapping[str, Mapping[int, float]] = {}
        self.dashed: Sequence[str] = ()

    def speed_ups(self, title: str, alt: str, groups: Sequence[Bars]) -> str:
        self.groups = groups
        return f"<svg>{title}{alt}</svg>"

    def against_size(self, title: str, alt: str, lines: Mapping[str, Mapping[int, float]], dashed: Sequence[str]) -> str:  # fmt: skip
        self.lines, self.dashed = lines, dashed
        return f"<svg>{title}{alt}</svg>"


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


def test_bars_are_told_met_and_not_met(drawn: Drawn) -> None:
    text = page([record()], drawn).text
    assert "3.60 (3.00–4.00), ≥ 3.2 met" in text
    assert "**0.50, ≥ 1.2 NOT MET**" in text
    assert "**not measured, ≥ 1 NOT MET**" in text
    assert "Python, float32 file, avx2, CPython 3: 1 of 9 bars met. **Not met: " in text
    assert "whole lstm128 0.50, asked 1.2" in text


def test_a_bar_missed_by_a_hair_does_not_look_met(drawn: Drawn) -> None:
    found = record()
    close = line("onnxruntime", "run", (119.97,) * 3, mode="whole", beside="avx2")
    lines = [
        close
        if one == line("onnxruntime", "run", (50.0,) * 3, mode="whole", beside="avx2")
        else one
        for one in found.lines
    ]
    text = page([replace(found, lines=tuple(lines))], drawn).text
    assert "**1.1997, ≥ 1.2 NOT MET**" in text
    assert "whole lstm128 1.1997, asked 1.2" in text


def test_a_row_names_its_host(drawn: Drawn) -> None:
    times = [
        line("rnnspec", "simd128", (10.0,), language="js"),
        line("onnxruntime-web", "run", (35.0,), beside="simd128", language="js"),
    ]
    hosts = ("Node 20", "Chromium 9")
    records = [
        Record("js", MACHINE, {}, tuple(replace(one, host=host) for one in times)) for host in hosts
    ]
    text = page(records, drawn).text
    row = "JavaScript WebAssembly over ONNX Runtime Web, simd128"
    for host in hosts:
        assert f"- {row}, {host}: 1 of 9 bars met." in text
        _, _, table = text.partition(f"\n## JavaScript: {host}\n")
        assert f"| {row}, {host} | 3.50, ≥ 3.2 met |" in table.partition("\n## ")[0]


def test_where_a_peer_leads_is_said(drawn: Drawn) -> None:
    text = page([record()], drawn).text
    leads = text[text.index("## Where a peer leads") : text.index("## Python")]
    assert leads.count("- ") == 1
    assert "lstm128, 1,000 steps, float32 file: **ONNX Runtime** (run) is 2.00 times" in leads


def test_what_was_not_measured_is_said(drawn: Drawn) -> None:
    assert (
        "Not measured: the path `avx512` (not of this processor)." in page([record()], drawn).text
    )


def test_pictures_have_words_and_bars(drawn: Drawn) -> None:
    made = page([record(), record("c")], drawn)
    assert set(made.pictures) == {"python-cpython.svg", "sizes-python-cpython.svg"}
    assert "![Python, CPython 3: how many times as fast as the best peer. lstm128, one step a call: 3.60 (float32 file, avx2, bar 3.2)" in made.text  # fmt: skip
    step = next(group for group in drawn.groups if group.name == "lstm128, one step a call")
    assert step.asked == {"float32 file, avx2": 3.2, "float16 file, avx2": 3.2}
    assert not any("plain" in name for group in drawn.groups for name in group.found)
    assert drawn.lines["rnnspec, avx2"] == {64: 5.0, 128: 10.0}
    assert drawn.lines["memory limit, avx2"] == {64: 2.0, 128: 5.0, 300: 5.0}
    assert drawn.dashed == ["memory limit, avx2"]


def test_a_picture_has_the_bars_of_its_own_peers(drawn: Drawn) -> None:
    times: list[Line] = [
        line("rnnspec", "simd128", (10.0,), language="js"),
        line("onnxruntime-web", "run", (35.0,), beside="simd128", language="js"),
        line("onnxruntime-node", "run", (28.0,), beside="simd128", language="js"),
    ]
    text = page([Record("js", MACHINE, {}, tuple(times))], drawn).text
    assert "as fast as ONNX Runtime Web. lstm128, one step a call: 3.50 (float32 file, simd128, bar 3.2)" in text  # fmt: skip
    assert "as fast as onnxruntime-node (native). lstm128, one step a call: 2.80 (float32 file, simd128, bar 2.7)" in text  # fmt: skip


def test_the_kernel_is_judged_beside_the_limit(drawn: Drawn) -> None:
    found = {net: (by.median, within) for _, net, by, within in limits(times_of(kernel_lines()))}
    assert found == {"lstm128": (1.2, 1.25), "lstm300": (1.6, 1.25)}
    text = page([record("c")], drawn).text
    assert "| C, avx2 | lstm128 | 1.20 | within 1.25: met |" in text
    assert "| C, avx2 | lstm300 | 1.60 | **within 1.25: NOT MET** |" in text


def test_a_limit_above_the_step_is_no_limit(drawn: Drawn) -> None:
    limit = line("memory limit", "avx2", (15.0, 15.0, 15.0), language="c")
    read = (line("rnnspec", "avx2", (6.0, 6.0, 6.0), language="c"), limit)
    text = page([replace(record("c"), lines=read)], drawn).text
    assert "| C, avx2 | lstm128 | 0.40 | not judged: " in text


def test_a_fact_is_judged_where_it_has_a_bar(drawn: Drawn) -> None:
    text = page([record()], drawn).text
    assert (
        "| start | lstm300 | float16 | rnnspec, avx2 | 160 ms | 1 to 170 | **≤ 150 NOT MET** |"
        in text
    )


def test_a_taste_is_called_one(drawn: Drawn) -> None:
    assert "medians of 3 processes." in page([record()], drawn).text
    whole = record()
    short = [replace(one, us_per_step=one.us_per_step[:1]) for one in times_of(whole.lines)]
    assert "a taste and no result" in page([replace(whole, lines=tuple(short))], drawn).text


def test_no_record_is_an_error(drawn: Drawn) -> None:
    with pytest.raises(ValueError, match="no record"):
        page([], drawn)
