"""The published schema as second opinion: it agrees, it is asked cheaply, and it is heard."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec.cli import second_opinion as module
from rnnspec.cli.samples import SAMPLES, SOUND
from rnnspec.cli.shipped import schemas
from rnnspec.codes import CODES

from .nets import as_json, character_net, document
from .test_cli import call

Capture = pytest.CaptureFixture[str]


def opinion(path: Path, capsys: Capture) -> tuple[str, list[dict[str, Any]]]:
    out = call(capsys, "validate", "--format", "json", path)[1]
    (file,) = json.loads(out)["files"]
    return file["schema"], file["findings"]


@pytest.mark.parametrize("code", [code for code in SAMPLES if CODES[code].stage != "run"])
def test_it_agrees_about_every_code(code: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    path.write_bytes(SAMPLES[code].bytes)
    said, _ = opinion(path, capsys)
    if CODES[code].stage in {"bytes", "syntax"} and not CODES[code].limit:
        assert said == "not asked: there is no document"
    elif code == "EXTENSION_UNKNOWN":
        assert said.startswith("not asked: a schema can't say ")
    else:
        assert said == "agrees" or said.startswith("not asked: there is no document") or CODES[code].limit  # fmt: skip


def test_it_is_heard_when_it_disagrees(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways round: a schema that is too strict, and one that is too lax."""
    path = tmp_path / "a.json"
    path.write_bytes(as_json(SOUND))
    parts = json.loads(json.dumps(schemas()))
    parts["dense"]["properties"]["size"]["maximum"] = 1
    monkeypatch.setattr(module, "schemas", lambda: parts)
    said, findings = opinion(path, capsys)
    assert said == "disagrees"
    (finding,) = findings
    assert (finding["code"], finding["severity"]) == ("ADVICE_SCHEMA_DISAGREES", "warning")
    assert finding["pointer"].startswith("/layers/2")
    assert "rnnspec says it is sound, the schema refuses it (" in finding["message"]
    assert finding["message"].endswith("please report it, with the file")
    assert call(capsys, "validate", path)[0] == 0
    assert call(capsys, "validate", path, "--fail-on", "warning")[0] == 1
    parts["model"] = {key: parts["model"][key] for key in ("$schema", "$id")}
    path.write_bytes(as_json({**SOUND, "layers": []}))
    said, findings = opinion(path, capsys)
    assert said == "disagrees"
    assert [f["code"] for f in findings] == ["STRUCTURE_LENGTH", "ADVICE_SCHEMA_DISAGREES"]
    assert "rnnspec says STRUCTURE_LENGTH, the schema accepts it" in findings[1]["message"]


def test_without_jsonschema(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(as_json(SOUND))
    monkeypatch.setitem(__import__("sys").modules, "jsonschema.exceptions", None)
    said, findings = opinion(path, capsys)
    assert said == "not asked: jsonschema is not installed (the extra `cli` has it)"
    assert findings == []


DEEP = {"a": [{"b": [1, None, True]}]}

CHANGES: list[tuple[str, Any]] = [
    ("metadata", DEEP),
    ("extensions", {"ACME_x": DEEP}),
    ("extensions", {"acme": 1}),
    ("metadata", 3),
    ("$schema", 3),
    ("vocabularies", {"letters": {"unit": "codepoint", "tokens": ["a"] * 400 + ["ab"]}}),
    ("vocabularies", {"letters": {"unit": "byte", "tokens": [*range(256), 300, "x", 1.5]}}),
    ("vocabularies", {"letters": {"unit": "token", "tokens": ["a"], "separator": ""}}),
    ("vocabularies", {"letters": {"unit": "codepoint", "tokens": []}}),
    ("vocabularies", {"2letters": {"unit": "codepoint", "tokens": ["a"]}}),
    ("decoding", {"mode": "greedy", "top_k": 3}),
    ("decoding", {"mode": "sample", "temperature": 1, "top_p": 0}),
    ("examples", [{"kind": "exact", "input": [[0] * 400 + [-1]], "output": "y"}]),
    ("examples", [{"kind": "exact", "input": [[]], "output": "y"}]),
    ("tensors", {"x": {"dtype": "float32", "shape": [999], "data": [0] * 998 + ["1"]}}),
    ("tensors", {"x": {"dtype": "float32", "shape": [999], "data": "AAAA" * 900 + "A==="}}),
    ("tensors", {"x": {"dtype": "float32", "shape": [999], "data": "AA!A" + "AAAA" * 998}}),
    ("tensors", {"x": {"dtype": "float32", "shape": [999], "data": "AAAA" * 600 + "A-AA" + "AAAA" * 398}}),
    ("tensors", {"x": {"dtype": "float32", "shape": [1, 1, 1, 1], "data": [0]}}),
    ("tensors", {"x": {"dtype": "float32", "shape": [2.5], "data": None}}),
]  # fmt: skip


@pytest.mark.parametrize(("member", "value"), CHANGES)
def test_long_and_odd_values_in_json(
    member: str,
    value: Any,  # noqa: ANN401  any JSON
    tmp_path: Path,
    capsys: Capture,
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(as_json({**SOUND, member: value}))
    assert opinion(path, capsys)[0] == "agrees"


def test_msgpack(tmp_path: Path, capsys: Capture) -> None:
    """The same document: bytes stand for base64, and are wrong everywhere else."""
    msgpack = pytest.importorskip("msgpack")  # a development dependency
    path = tmp_path / "a.rnn"
    rnnspec.save(character_net(), path)
    assert opinion(path, capsys)[0] == "agrees"
    sound = msgpack.unpackb(path.read_bytes())
    tensor = next(iter(sound["tensors"].values()))
    good = tensor["data"]
    for data in (base64.b64encode(good).decode(), [0.0] * 4, [], 3, None):
        tensor["data"] = data
        path.write_bytes(msgpack.packb(sound))
        said, findings = opinion(path, capsys)
        assert (said, findings[0]["code"]) == ("agrees", "STRUCTURE_TYPE")
    tensor["data"] = good
    for member in ("metadata", "extensions"):
        path.write_bytes(msgpack.packb({**sound, member: {"ACME_x": {"y": b"1"}}}))
        said, findings = opinion(path, capsys)
        assert (said, findings[0]["code"]) == ("not asked: a schema can't say STRUCTURE_TYPE", "STRUCTURE_TYPE")  # fmt: skip
    path.write_bytes(msgpack.packb({**sound, "name": b"1"}))
    assert opinion(path, capsys)[0] == "agrees"


def test_scales_in_both_encodings(tmp_path: Path, capsys: Capture) -> None:
    """A scale is tensor data, as `data` is: bytes in msgpack, base64 or a list in JSON."""
    msgpack = pytest.importorskip("msgpack")  # a development dependency
    path = tmp_path / "a.rnn"
    rnnspec.save(character_net(), path, dtype="int8", axis=1)
    assert opinion(path, capsys)[0] == "agrees"
    sound = msgpack.unpackb(path.read_bytes())
    tensor = next(t for t in sound["tensors"].values() if t["dtype"] == "int8")
    for scale in ("AAAA", [1.0], 3, None):
        path.write_bytes(
            msgpack.packb(
                {**sound, "tensors": {**sound["tensors"], "E": {**tensor, "scale": scale}}}
            )
        )
        said, findings = opinion(path, capsys)
        assert (said, findings[0]["code"]) == ("agrees", "STRUCTURE_TYPE")
        assert findings[0]["pointer"] == "/tensors/E/scale"
    path = tmp_path / "b.json"
    for columns, scale in ((1, [0.5]), (400, [0.5] * 400), (400, "AAAAPwAA" * 200 + "!")):
        document = json.loads(as_json(SOUND))
        document["tensors"]["V"] = {"dtype": "int8", "shape": [1, columns], "axis": 1, "scale": scale, "data": ""}  # fmt: skip
        path.write_bytes(as_json(document))
        assert opinion(path, capsys)[0] == "agrees"


def test_large_files_cost_nothing(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = np.zeros((1000, 1000), np.float32) + 0.5
    model = rnnspec.Model(
        input=rnnspec.FeatureInput(size=1000),
        layers=(rnnspec.DenseLayer(name="d", size=1000, parameters={"W": "W"}),),
        output=rnnspec.Output(kind="values"),
        tensors={"W": rnnspec.Tensor(numbers)},
    )
    for name, how in (("a.json", "base64"), ("b.json", "decimal"), ("c.rnn", "base64")):
        path = tmp_path / name
        rnnspec.save(model, path, numbers=how)  # type: ignore[arg-type] # one of two words
        projected: list[Any] = []
        monkeypatch.setattr(module, "_complaint", lambda given, _, to=projected: to.append(given))
        began = time.perf_counter()
        assert opinion(path, capsys)[0] == "agrees"
        assert time.perf_counter() - began < 30
        assert len(projected) == 1
        assert len(json.dumps(projected)) < 20_000


def test_it_agrees_about_documents_of_the_tests(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.json"
    for name in document():
        rest = {key: value for key, value in document().items() if key != name}
        path.write_bytes(as_json(rest))
        assert opinion(path, capsys)[0] == "agrees", name
        values: list[Any] = [None, [], {}, "x", 3]
        for value in values:
            path.write_bytes(as_json({**document(), name: value}))
            said, findings = opinion(path, capsys)
            assert said == "agrees" or findings[0]["code"].startswith("VERSION"), (name, value)


def test_what_is_nested_too_deep_for_a_schema(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.json"
    text = as_json({**SOUND, "layers": "HERE"}).decode()
    path.write_text(text.replace('"HERE"', "[" * 5000 + "]" * 5000))
    argv = ["validate", path, "--format", "json", "--limit", "depth=9999"]
    code, out, err = call(capsys, *argv)
    (file,) = json.loads(out)["files"]
    assert (code, err, file["schema"]) == (1, "", "not asked: the document is nested too deep")
    assert [finding["code"] for finding in file["findings"]] == ["STRUCTURE_TYPE"]


CASES = Path(__file__).resolve().parent.parent.parent / "conformance" / "cases"


@pytest.mark.skipif(not CASES.exists(), reason="a source distribution has no conformance cases")
def test_it_agrees_about_the_conformance_cases(capsys: Capture) -> None:
    """Hundreds of documents, sound and broken, that neither reader nor schema was written from."""
    out = call(capsys, "validate", "--format", "json", CASES)[1]
    said = [file["schema"] for file in json.loads(out)["files"]]
    assert said.count("agrees") > 500
    assert "disagrees" not in said
