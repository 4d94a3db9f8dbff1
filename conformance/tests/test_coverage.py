"""What a case must exist for: requirements, codes, and the cases that SPEC.md itself names."""

from pathlib import Path

import pytest

from conformance import coverage
from conformance.case import ids


def test_nothing_is_without_a_case() -> None:
    assert coverage.faults() == []


def test_section_14_2_names_cases() -> None:
    named = coverage.named_cases()
    assert len(named) >= 10
    assert {name.strip("`") for name in named} <= ids()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("| `differs/clip` |", "| `differs/none` |", "SPEC.md names `differs/none`, which is no case"),
        ("| `differs/clip` |", "| CASE2 |", "SPEC.md names CASE2, which is no case"),
        ("- **[clip-1]**", "- **[clip-9]**", "requirement clip-9: no case, and no reason in untestable.json"),
    ],
)  # fmt: skip
def test_a_gap_is_told(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = coverage.SPEC.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "SPEC.md").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(coverage, "SPEC", tmp_path / "SPEC.md")
    coverage.requirements.cache_clear()
    try:
        assert said in coverage.faults()
    finally:
        coverage.requirements.cache_clear()
