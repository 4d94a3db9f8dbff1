"""`rnnspec explain` and `rnnspec schema`: what the tool carries about the format."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

import rnnspec
from rnnspec.cli import shipped
from rnnspec.cli.explain import mentions
from rnnspec.cli.samples import SAMPLES, SOUND, WITHOUT_SAMPLE
from rnnspec.codes import CODES

from .nets import as_json, document
from .test_cli import call

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_explained(code: str, capsys: Capture) -> None:
    status, out, err = call(capsys, "explain", code)
    assert (status, err) == (0, "")
    assert out.startswith(f"{code}: {CODES[code].severity} of the stage {CODES[code].stage} (")
    assert CODES[code].fix.replace("{{", "{").replace("}}", "}") in out
    assert not re.search(r"\{\{|\}\}", "".join(out.splitlines()[:4]))
    assert max(map(len, out.splitlines())) <= 160


def test_every_code_has_a_sample_that_gives_it() -> None:
    assert set(SAMPLES) | set(WITHOUT_SAMPLE) == set(CODES)
    assert not set(SAMPLES) & set(WITHOUT_SAMPLE)
    for code, sample in SAMPLES.items():
        assert code in {finding.code for finding in sample.findings()}, code
    assert rnnspec.validate(as_json(SOUND)) == []


def test_the_paragraphs_are_those_of_the_specification(capsys: Capture) -> None:
    found = mentions("TENSOR_REUSED")
    assert [mention.id for mention in found] == ["agree-4"]
    assert found[0].section == "10. Agreement"
    out = call(capsys, "explain", "tensor-reused")[1]  # as people type
    assert "[agree-4]" in out
    text = (ROOT / "SPEC.md").read_text("utf-8")
    for code in CODES:
        for mention in mentions(code):
            assert f"`{code}`" in mention.text
            assert mention.id is None or f"**[{mention.id}]**" in mention.text
            assert mention.text.split(".")[0] in " ".join(text.split())
    # Only these stand in the table alone.
    alone = {code for code in CODES if not mentions(code) and CODES[code].stage != "advice"}
    assert alone <= {"LIMIT_ELEMENTS", "RUN_SHAPE"}, alone


def test_all_codes_are_listed(capsys: Capture) -> None:
    out = call(capsys, "explain")[1]
    assert {line.split()[0] for line in out.splitlines() if line.startswith("  ")} == set(CODES)
    listed = json.loads(call(capsys, "explain", "--format", "json")[1])
    assert [entry["code"] for entry in listed] == list(CODES)
    one = json.loads(call(capsys, "explain", "ID_RANGE", "--format", "json")[1])
    assert one["sample"]["gives"].startswith("model.rnn: error ID_RANGE: ")
    assert {mention["id"] for mention in one["mentions"]} >= {"agree-2", "agree-9"}


def test_a_misspelt_code(capsys: Capture) -> None:
    code, out, err = call(capsys, "explain", "TENSOR_SHAP")
    assert (code, out) == (2, "")
    assert err == "rnnspec: there is no code TENSOR_SHAP; did you mean TENSOR_SHAPE?; `rnnspec explain` lists all\n"  # fmt: skip


# --- the schema ---------------------------------------------------------------------------------------


def test_the_schema_stands_alone(capsys: Capture) -> None:
    bundle = json.loads(call(capsys, "schema")[1])
    validator = jsonschema.Draft202012Validator(bundle)
    assert validator.is_valid(document())
    assert not validator.is_valid({**document(), "layers": []})
    wrong = document()
    wrong["layers"][1]["hidden_size"] = 0  # deep inside
    assert not validator.is_valid(wrong)


def test_parts(capsys: Capture) -> None:
    names = call(capsys, "schema", "--list")[1].split()
    files = {path.name.removesuffix(".schema.json") for path in (ROOT / "schema").glob("*.schema.json")}  # fmt: skip
    assert set(names) == files
    for name in names:
        part = json.loads(call(capsys, "schema", "--part", name)[1])
        assert part == json.loads((ROOT / "schema" / f"{name}.schema.json").read_bytes())
    code, _, err = call(capsys, "schema", "--part", "lsmt")
    assert (code, "did you mean lstm?" in err) == (2, True)


# --- the wheel ----------------------------------------------------------------------------------------


def test_an_installed_wheel_has_them(tmp_path: Path) -> None:
    """Built as pip builds it, unpacked, and run from there."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(argv, cwd=ROOT / "python", check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    inside = site / "rnnspec" / "shipped"
    for path in (ROOT / "schema").iterdir():
        assert (inside / "schema" / path.name).read_bytes() == path.read_bytes()
    assert (inside / "SPEC.md").read_bytes() == (ROOT / "SPEC.md").read_bytes()
    env = {**os.environ, "PYTHONPATH": str(site)}
    script = "import rnnspec.cli.shipped as s; print(s.__file__); print(s._shipped('schema'))"
    done = subprocess.run([sys.executable, "-c", script], env=env, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert all(line.startswith(str(site)) for line in done.stdout.splitlines())


def test_an_incomplete_installation_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    monkeypatch.setattr(shipped, "_CHECKOUT", tmp_path)
    shipped.schemas.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="the schema is missing"):
            shipped.schemas()
    finally:
        shipped.schemas.cache_clear()
