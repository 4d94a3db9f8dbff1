"""`rnnspec validate`: verdicts, folders, what counts, and the four ways to tell it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

import rnnspec
from rnnspec.codes import CODES

from .nets import as_json, character_net, document
from .test_cli import call

Capture = pytest.CaptureFixture[str]


def licensed(tmp_path: Path, name: str = "letters.rnn", **changes: Any) -> Path:  # noqa: ANN401  members
    """A model without any finding."""
    model = replace(character_net(), license="CC0-1.0", **changes)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    rnnspec.save(model, tmp_path / name)
    return tmp_path / name


def warned(tmp_path: Path) -> Path:
    """A model with a warning: a token that repeats."""
    vocabulary = replace(character_net().vocabularies["letters"], tokens=(*"abcdef", "a"))  # type: ignore[index] # it has one
    return licensed(tmp_path, "warned.rnn", vocabularies={"letters": vocabulary})


def broken(tmp_path: Path, name: str = "bad.rnn") -> Path:
    """A model with two errors."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**document(), "layers": 3, "tensors": 4}, indent=1)
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_the_verdict_is_the_last_line(tmp_path: Path, capsys: Capture) -> None:
    good, bad = licensed(tmp_path), broken(tmp_path)
    parameters = sum(tensor.array.size for tensor in character_net().tensors.values())
    facts = f"rnnspec {rnnspec.FORMAT_VERSION}, 5 layers, {parameters} parameters"
    assert call(capsys, "validate", good) == (0, f"OK {good}: {facts}\n", "")
    code, out, _ = call(capsys, "validate", bad)
    assert code == 1
    assert out.splitlines()[-1] == f"INVALID {bad}: 2 errors"
    code, out, err = call(capsys, "validate", good, bad, tmp_path / "no")
    assert code == 2
    assert out.splitlines()[-1] == "3 files: 1 sound, 1 not, 1 not read"
    assert err == f"rnnspec: can't read {tmp_path / 'no'}: No such file or directory\n"
    assert call(capsys, "validate", bad, good)[0] == 1


def test_examples_are_no_parameters(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    path.write_bytes(as_json({**document(), "license": "CC0-1.0"}))
    assert ", 4 layers, 25 parameters" in call(capsys, "validate", path)[1]
    assert json.loads(call(capsys, "info", path, "--format", "json")[1])["parameters"] == 25


def test_what_counts(tmp_path: Path, capsys: Capture) -> None:
    path, bad = warned(tmp_path), broken(tmp_path)
    code, out, _ = call(capsys, "validate", path)
    assert code == 0
    assert f"{path}: warning VOCABULARY_REPEATED: " in out
    assert out.splitlines()[-1].startswith("OK ")
    assert out.endswith(", 1 warning\n")
    assert call(capsys, "validate", path, "--fail-on", "warning")[0] == 1
    assert call(capsys, "validate", bad, "--fail-on", "never")[0] == 0
    assert call(capsys, "validate", bad, tmp_path / "no", "--fail-on", "never")[0] == 2


def test_quiet(tmp_path: Path, capsys: Capture) -> None:
    good = licensed(tmp_path)
    assert call(capsys, "validate", "--quiet", good, good) == (0, "", "")
    code, out, _ = call(capsys, "validate", "-q", warned(tmp_path))
    assert (code, out.count("\n")) == (0, 1)


def test_at_most_a_hundred_findings(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    wrong = {f"k{k}": 1 for k in range(300)}
    path.write_bytes(as_json({**document(), **wrong}))
    out = call(capsys, "validate", path)[1]
    assert out.count("STRUCTURE_UNKNOWN_KEY") == 100


def test_saved_states(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"rnnspec": "1.0-draft.3", "state": {"l": {"c": "x"}}, "tensors": {}}')
    code, out, _ = call(capsys, "validate", path)
    assert code == 1
    assert "error STRUCTURE_MISSING: the member `h` is missing, at /state/l/h: " in out
    assert "ADVICE" not in out
    report = json.loads(call(capsys, "validate", path, "--format", "json")[1])
    assert report["files"][0]["schema"] == "agrees"


def test_try_anyway(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(as_json({**document(), "rnnspec": "1.0", "license": "MIT"}))
    code, out, _ = call(capsys, "validate", path)
    assert (code, "error VERSION_UNSUPPORTED" in out) == (1, True)
    code, out, _ = call(capsys, "validate", path, "--try-anyway")
    assert (code, "warning VERSION_TRIED" in out) == (0, True)
    assert call(capsys, "info", path)[0] == 1
    code, out, err = call(capsys, "info", path, "--try-anyway")
    assert (code, "warning VERSION_TRIED" in err) == (0, True)
    assert "format      1.0, json" in out


# --- folders ------------------------------------------------------------------------------------------


def test_folders(tmp_path: Path, capsys: Capture) -> None:
    inside = licensed(tmp_path, "models/deep/er/a.rnn")
    upper = licensed(tmp_path, "models/B.RNN.json")
    licensed(tmp_path, "models/.git/hidden.rnn")
    licensed(tmp_path, "models/other.json")
    (tmp_path / "models" / "loop").symlink_to(tmp_path / "models")
    out = call(capsys, "validate", tmp_path / "models")[1]
    paths = [line.split()[1].rstrip(":") for line in out.splitlines() if line.startswith("OK")]
    assert paths == [str(upper), str(inside)]
    assert out.splitlines()[-1] == "2 files: 2 sound, 0 not"
    # Each file once, however often it is named; by name any file is taken.
    code, out, _ = call(capsys, "validate", inside, tmp_path / "models", tmp_path / "models")
    assert (code, out.splitlines()[-1]) == (0, "2 files: 2 sound, 0 not")
    other = tmp_path / "models" / "other.json"
    assert call(capsys, "validate", other)[0] == 0


def test_an_empty_folder_is_an_error(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty" / "more").mkdir(parents=True)
    code, out, err = call(capsys, "validate", tmp_path / "empty")
    assert (code, out) == (2, "")
    assert err == f"rnnspec: no model in {tmp_path / 'empty'}: expected files named *.rnn or *.rnn.json\n"  # fmt: skip
    good = licensed(tmp_path)
    code, out, _ = call(capsys, "validate", good, tmp_path / "empty")
    assert (code, out.splitlines()[-1]) == (2, "2 files: 1 sound, 0 not, 1 not read")


# --- for programs -------------------------------------------------------------------------------------


def test_json(tmp_path: Path, capsys: Capture) -> None:
    good, cut, bad = licensed(tmp_path), tmp_path / "cut.json", broken(tmp_path)
    cut.write_text('{"rnnspec":\n "1.0')
    argv = ["validate", "--format", "json", good, cut, bad, tmp_path / "no"]
    code, out, _ = call(capsys, *argv)
    report = json.loads(out)
    assert code == 2
    assert report["format"] == rnnspec.FORMAT_VERSION
    assert (report["sound"], report["unsound"], report["unread"]) == (1, 2, 1)
    sound, syntax, structure, absent = report["files"]
    assert sound == {
        "path": str(good), "valid": True, "sound": True, "schema": "agrees", "findings": [],
    }  # fmt: skip
    (finding,) = syntax["findings"]
    assert (finding["code"], finding["offset"]) == ("SYNTAX_END", 17)
    assert (finding["line"], finding["column"]) == (2, 6)
    assert not syntax["valid"]
    assert structure["schema"] == "agrees"
    finding = structure["findings"][0]
    assert finding["code"] == "STRUCTURE_TYPE"
    assert (finding["pointer"], finding["severity"]) == ("/layers", "error")
    lines = bad.read_text().splitlines()
    assert lines[finding["line"] - 1][finding["column"] - 1 :] == "3,"
    assert "No such file" in absent["unread"]


def findings(tmp_path: Path) -> list[Path]:
    """Files with findings of all kinds: by offset, by pointer, in msgpack, and one that can't be read."""
    cut = tmp_path / "cut.rnn"
    cut.write_bytes(rnnspec.to_bytes(character_net(), "msgpack")[:-7])
    text = tmp_path / "100%2C, a:b\n.rnn"
    text.write_text('{"rnnspec": "x",\n "é": nul}')
    return [licensed(tmp_path), warned(tmp_path), broken(tmp_path), cut, text, tmp_path / "no"]


def unescaped(text: str) -> str:
    """As GitHub's runner reads a property; a message has no %3A and %2C of ours."""
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_github(tmp_path: Path, capsys: Capture) -> None:
    paths = findings(tmp_path)
    code, out, _ = call(capsys, "validate", "--format", "github", *paths)
    assert code == 2
    *commands, last = out.splitlines()
    assert last == "6 files: 2 sound, 3 not, 1 not read"
    found = []
    for command in commands:
        empty, head, message = command.split("::", 2)
        assert empty == ""
        name, properties = head.split(" ", 1)
        members = dict(part.split("=", 1) for part in properties.split(","))
        members = {key: unescaped(value) for key, value in members.items()}
        found.append((name, members, message))
    assert [name for name, _, _ in found] == [
        "warning",
        "error",
        "error",
        "error",
        "error",
        "error",
    ]
    assert found[0][1] == {"file": str(paths[1]), "title": "VOCABULARY_REPEATED"}
    text = found[-2][1]
    assert text == {"file": str(paths[4]), "line": "2", "col": "7", "title": "SYNTAX_UNEXPECTED"}
    assert found[-1][1] == {"file": str(paths[5]), "title": "can't read"}
    assert found[-1][2] == f"can't read {paths[5]}: No such file or directory"


def test_github_from_standard_input_names_no_file(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.cli.validate.read_bytes", lambda *_: b"hello")
    out = call(capsys, "validate", "--format", "github", "-")[1]
    assert out.startswith("::error title=BYTES_UNRECOGNISED::the input is neither")


def structure_of_sarif() -> dict[str, Any]:
    """What the SARIF 2.1.0 schema says about the objects that we write; nothing else may stand there."""

    def closed(required: list[str], **properties: object) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    text = {"type": "string"}
    count = {"type": "integer", "minimum": 0}
    positive = {"type": "integer", "minimum": 1}
    level = {"enum": ["none", "note", "warning", "error"]}
    message = closed(["text"], text=text)
    region = closed(
        [], startLine=positive, startColumn=positive, byteOffset=count, byteLength=count
    )
    artifact = closed(
        ["uri"], uri={"type": "string", "pattern": "^[A-Za-z0-9._~:/%@!$&'()*+;=-]*$"}
    )
    physical = closed(["artifactLocation"], artifactLocation=artifact, region=region)
    logical = closed([], fullyQualifiedName=text)
    location = closed(
        [], physicalLocation=physical, logicalLocations={"type": "array", "items": logical}
    )
    rule = closed(
        ["id"],
        id=text,
        shortDescription=message,
        fullDescription=message,
        help=message,
        defaultConfiguration=closed([], level=level),
        properties={"type": "object"},
    )
    notification = closed(
        ["message"], level=level, message=message, locations={"type": "array", "items": location}
    )
    invocation = closed(
        ["executionSuccessful"],
        executionSuccessful={"type": "boolean"},
        toolExecutionNotifications={"type": "array", "items": notification},
    )
    result = closed(
        ["message"],
        ruleId=text,
        ruleIndex=count,
        level=level,
        message=message,
        locations={"type": "array", "items": location},
    )
    driver = closed(["name"], name=text, version=text, rules={"type": "array", "items": rule, "uniqueItems": True})  # fmt: skip
    run = closed(
        ["tool"],
        tool=closed(["driver"], driver=driver),
        invocations={"type": "array", "items": invocation},
        columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        results={"type": "array", "items": result},
    )
    runs = {"type": "array", "items": run}
    return closed(["version", "runs"], **{"$schema": text}, version={"const": "2.1.0"}, runs=runs)


def test_sarif(tmp_path: Path, capsys: Capture) -> None:
    paths = findings(tmp_path)
    code, out, _ = call(capsys, "validate", "--format", "sarif", *paths)
    assert code == 2
    log = json.loads(out)
    jsonschema.Draft202012Validator(structure_of_sarif()).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {c.code for c in CODES.values() if c.stage != "run"}
    assert not [rule for rule in rules if "{" in rule["help"]["text"]]
    by_code = {}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        by_code[result["ruleId"]] = result
    assert by_code["VOCABULARY_REPEATED"]["level"] == "warning"
    (cut,) = by_code["SYNTAX_END"]["locations"]
    assert cut["physicalLocation"]["region"]["byteOffset"] > 0
    (text,) = by_code["SYNTAX_UNEXPECTED"]["locations"]
    assert text["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 7}
    uri = text["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///")
    assert unquote(uri.removeprefix("file://")) == str(paths[4])
    places = [r["locations"][0].get("logicalLocations") for r in run["results"]]
    assert [{"fullyQualifiedName": "/layers"}] in places
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "No such file" in invocation["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a b/c.rnn", "a%20b/c.rnn"), ("./x.rnn", "x.rnn"), ("-", "stdin"), ("ü.rnn", "%C3%BC.rnn")],
)
def test_sarif_names_files_as_uris(
    path: str, expected: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnspec.cli.validate.read_bytes", lambda *_: b"hello")
    log = json.loads(call(capsys, "validate", "--format", "sarif", path)[1])
    (result,) = log["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == expected


def test_advice_can_be_switched_off(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.rnn"
    rnnspec.save(character_net(), path)
    assert "warning ADVICE_LICENSE: " in call(capsys, "validate", path)[1]
    assert call(capsys, "validate", path, "--fail-on", "warning")[0] == 1
    code, out, _ = call(capsys, "validate", path, "--no-advice", "--fail-on", "warning")
    assert (code, out.count("\n")) == (0, 1)
    report = json.loads(call(capsys, "validate", path, "--no-advice", "--format", "json")[1])
    assert report["files"][0]["schema"] == "not asked"


def test_the_reporters_agree(tmp_path: Path, capsys: Capture) -> None:
    """The same codes, in the same order, four times."""
    paths = findings(tmp_path)
    counts: dict[str, Callable[[str], list[str]]] = {
        "text": lambda out: [w for w in out.replace(":", " ").split() if w in CODES],
        "json": lambda out: [
            f["code"] for file in json.loads(out)["files"] for f in file.get("findings", [])
        ],
        "sarif": lambda out: [r["ruleId"] for r in json.loads(out)["runs"][0]["results"]],
        "github": lambda out: [
            word for word in out.replace("title=", " ").replace("::", " ").split() if word in CODES
        ],
    }
    found = {
        name: read(call(capsys, "validate", "--format", name, *paths)[1])
        for name, read in counts.items()
    }
    assert len(found["text"]) == 5
    assert all(codes == found["text"] for codes in found.values())
