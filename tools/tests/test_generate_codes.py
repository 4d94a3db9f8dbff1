import ast
import json
from pathlib import Path
from typing import Any

import pytest

import generate_codes

Entry = dict[str, Any]


def registry(*entries: Entry) -> str:
    return json.dumps({"version": "1.0", "codes": list(entries)})


def entry(**changes: object) -> Entry:
    whole = {
        "code": "TENSOR_SHAPE",
        "severity": "error",
        "stage": "agreement",
        "limit": False,
        "what": "the shape is wrong",
        "expected": "expected {expected}, got {got}",
        "fix": "mend it",
    }
    return whole | changes


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a registry of one code, generated."""
    (tmp_path / "schema").mkdir()
    (tmp_path / generate_codes.REGISTRY).write_text(registry(entry()))
    for name in generate_codes.OUTPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "SPEC.md").write_text(
        "before\n<!-- codes:begin -->\nold\n<!-- codes:end -->\nafter\n"
    )
    monkeypatch.setattr(generate_codes, "ROOT", tmp_path)
    assert generate_codes.main([]) == 0
    return tmp_path


def test_what_was_generated_is_up_to_date(house: Path) -> None:
    assert generate_codes.main(["--check"]) == 0
    spec = (house / "SPEC.md").read_text()
    assert spec.startswith("before\n")
    assert spec.endswith("after\n")
    assert "| `TENSOR_SHAPE` | agreement | the shape is wrong |" in spec
    assert "old" not in spec


@pytest.mark.parametrize("name", generate_codes.OUTPUTS)
def test_a_changed_file_is_found_and_mended(house: Path, name: str) -> None:
    text = (house / name).read_text()
    (house / name).write_text(text.replace("TENSOR_SHAPE", "TENSOR_SHOPE"))
    assert generate_codes.main(["--check"]) == 1
    assert generate_codes.main([]) == 0
    assert (house / name).read_text() == text


def test_advice_is_for_python_alone(house: Path) -> None:
    advice = entry(code="ADVICE_X", stage="advice", severity="warning", what="be kind")
    before = {name: (house / name).read_text() for name in generate_codes.OUTPUTS}
    (house / generate_codes.REGISTRY).write_text(registry(entry(), advice))
    assert generate_codes.main([]) == 0
    after = {name: (house / name).read_text() for name in generate_codes.OUTPUTS}
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"python/src/rnnspec/codes.py"}
    scope: dict[str, Any] = {}
    exec(after["python/src/rnnspec/codes.py"], scope)
    assert scope["CODES"]["ADVICE_X"] is scope["ADVICE_X"]
    assert [code.stage for code in scope["CODES"].values()] == ["agreement", "advice"]


def test_check_writes_nothing(house: Path) -> None:
    (house / generate_codes.REGISTRY).write_text(registry(entry(what="something new")))
    before = {name: (house / name).read_bytes() for name in generate_codes.OUTPUTS}
    assert generate_codes.main(["--check"]) == 1
    assert before == {name: (house / name).read_bytes() for name in generate_codes.OUTPUTS}


def test_a_specification_without_the_marks_is_refused(house: Path) -> None:
    (house / "SPEC.md").write_text("no marks\n")
    assert generate_codes.main([]) == 1


@pytest.mark.parametrize(
    "text",
    [
        registry(),
        registry(entry(), entry()),
        registry(entry(code="Tensor")),
        registry(entry(severity="fatal")),
        registry(entry(stage="later")),
        registry(entry(stage="advice")),
        registry(entry(code="ADVICE_X", severity="warning")),
        registry(entry(), entry(code="ADVICE_X", stage="advice")),
        registry(entry(code="ADVICE_X", stage="advice", severity="warning")),
        registry(entry(limit=True)),
        registry(entry(limit=0)),
        registry(entry(what="")),
        registry(entry(what="two\nlines")),
        registry(entry(what="{unknown}")),
        registry(entry(what="{got:>9}")),
        registry(entry(extra="member")),
    ],
)
def test_a_registry_that_could_not_be_carried_is_refused(text: str) -> None:
    with pytest.raises(generate_codes.RegistryError):
        generate_codes.read_registry(text)


@pytest.mark.parametrize(
    "text", ["plain", 'a "quote"', "an 'apostrophe'", "a \\ backslash", "\"'\\"]
)
def test_quoting_keeps_the_text(text: str) -> None:
    assert ast.literal_eval(generate_codes.quoted(text)) == text
