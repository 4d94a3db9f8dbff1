"""The charts themselves, in the environment of `make bench`: `make test-bench`."""

import importlib.util
import xml.etree.ElementTree as ET

import pytest

if importlib.util.find_spec("matplotlib") is None:
    pytest.skip(
        "matplotlib stands in the environment of `make bench` alone", allow_module_level=True
    )

from bench import charts
from bench.page import page
from bench.tests.samples import record


@pytest.fixture(scope="module")
def pictures() -> dict[str, str]:
    return page([record(), record("c")], charts).pictures


def test_a_bar_that_is_not_met_shows(pictures: dict[str, str]) -> None:
    svg = pictures["python-cpython.svg"]
    assert "0.50× not met, bar 1.2×" in svg
    assert svg.count("not met") == 1 + svg[: svg.index("</desc>")].count("not met")
    assert "fill: var(--bad)" in svg


def test_the_pictures_are_sound_alone_and_readable_on_both_grounds(
    pictures: dict[str, str],
) -> None:
    assert len(pictures) == 2
    for svg in pictures.values():
        root = ET.fromstring(svg)
        names = [child.tag.rpartition("}")[2] for child in root]
        assert names[:3] == ["title", "desc", "style"]
        assert "prefers-color-scheme: dark" in svg
        assert "<script" not in svg
        assert not any(stand_in in svg for stand_in in charts.COLOURS)
        assert "µs" in svg or "×" in svg


def test_the_same_numbers_give_the_same_file(pictures: dict[str, str]) -> None:
    assert page([record(), record("c")], charts).pictures == pictures
