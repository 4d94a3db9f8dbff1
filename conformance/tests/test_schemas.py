"""Every schema, every case and every request and answer; and whether schema and oracle agree."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conformance.case import Case, find
from conformance.oracle.finding import FaultError, Limits
from conformance.oracle.reader import parse
from conformance.oracle.saved_state import SavedStructure
from conformance.oracle.structure import Structure
from conformance.oracle.values import plain

ROOT = Path(__file__).parents[2]
MODEL = "urn:rnnspec:1.0-draft.3:model"
SAVED = "urn:rnnspec:1.0-draft.3:saved_state"

# What no schema sees: limits are the reader's, and in msgpack two types of JSON stand for bytes.
UNSEEN = {"LIMIT_LAYERS", "LIMIT_ELEMENTS"}
UNSEEN_CASES = {
    "msgpack/bytes-in-metadata": "bytes become a string",
    "msgpack/bytes-in-metadata-deep": "bytes become a string",
    "msgpack/bytes-for-string": "bytes become a string",
    "extensions/bytes-top": "bytes become a string",
    "extensions/bytes-layer": "bytes become a string",
    "extensions/bytes-vocabulary": "bytes become a string",
    "extensions/bytes-tensor": "bytes become a string",
    "saved_state/bytes-metadata": "bytes become a string",
    "msgpack/data-base64": "a string is right in JSON",
    "msgpack/data-array": "a list is right in JSON",
    "int8/scale-msgpack-list": "a list is right in JSON",
    "int8/scale-msgpack-string": "a string is right in JSON",
}

CASES = find()


def schemas(folder: str) -> dict[str, dict[str, Any]]:
    """By $id; a file that is no valid schema fails."""
    found = {}
    for path in sorted((ROOT / folder).glob("*.schema.json")):
        schema = json.loads(path.read_bytes())
        Draft202012Validator.check_schema(schema)
        found[schema["$id"]] = schema
        assert schema["$id"].rsplit(":", 1)[1] == path.name.removesuffix(".schema.json")
    assert found
    return found


MODEL_SCHEMAS, SUITE_SCHEMAS = schemas("schema"), schemas("conformance/schema")


def validator(id: str) -> Draft202012Validator:
    every = MODEL_SCHEMAS | SUITE_SCHEMAS
    registry = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in every.items()]
    )
    return Draft202012Validator({"$ref": id}, registry=registry)


VALIDATORS = {"validate": validator(MODEL), "read_state": validator(SAVED)}
CASE_VALIDATOR = validator("urn:rnnspec:1.0-draft.3:conformance:case")
PROTOCOL = "urn:rnnspec:1.0-draft.3:conformance:protocol"
REQUEST_VALIDATOR = validator(f"{PROTOCOL}#/$defs/request")
ANSWER_VALIDATOR = validator(f"{PROTOCOL}#/$defs/answer")


def projection(value: object) -> object:
    """Bytes as base64: the JSON of a msgpack document."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case list():
            return [projection(element) for element in value]
        case dict():
            return {key: projection(member) for key, member in value.items()}
    return value


def of_structure(case: Case) -> tuple[Any, list[str]] | None:
    """The document of a case that gets to the stage structure, and the codes found there."""
    if case.document is None or len(case.document.data) > 100_000:
        return None
    if case.request.get("try_anyway"):
        return None  # a schema knows one version
    limits = Limits.of(case.request.get("limits"))
    try:
        value, is_msgpack = parse(case.document.data, limits)
    except FaultError:
        return None
    judge = SavedStructure if case.command == "read_state" else Structure
    structure = judge(limits, is_msgpack=is_msgpack)
    structure.document(value)
    return projection(plain(value)), [finding.code for finding in structure.findings]


def test_schema_and_oracle_agree() -> None:
    compared = {(command, valid): 0 for command in VALIDATORS for valid in (True, False)}
    for case in CASES:
        found = of_structure(case)
        if found is None or case.id in UNSEEN_CASES:
            continue
        document, codes = found
        if UNSEEN.issuperset(codes) and codes:
            continue
        command = "read_state" if case.command == "read_state" else "validate"
        valid = VALIDATORS[command].is_valid(document)
        assert valid == (not codes), f"{case.id}: the schema says {valid}, the oracle {codes}"
        compared[command, valid] += 1
    assert compared["validate", True] > 700
    assert compared["validate", False] > 800
    assert compared["read_state", True] > 30
    assert compared["read_state", False] > 50


def test_the_exceptions_are_needed() -> None:
    by_id = {case.id: case for case in CASES}
    for id_ in UNSEEN_CASES:
        found = of_structure(by_id[id_])
        assert found is not None
        assert found[1]
        command = "read_state" if id_.startswith("saved_state/") else "validate"
        assert VALIDATORS[command].is_valid(found[0]), id_


@pytest.mark.parametrize("id_", sorted(MODEL_SCHEMAS))
def test_every_model_schema_is_used(id_: str) -> None:
    others = json.dumps([schema for name, schema in MODEL_SCHEMAS.items() if name != id_])
    assert id_ in (MODEL, SAVED) or f'"$ref": "{id_}"' in others


def test_cases_follow_their_schema() -> None:
    for case in CASES:
        assert CASE_VALIDATOR.is_valid(case.to_json()), case.id


def test_requests_follow_the_protocol() -> None:
    for case in CASES:
        if case.command in ("start", "stop"):
            continue  # below
        assert REQUEST_VALIDATOR.is_valid({"seq": 1, **case.request_line()}), case.id


def test_answers_follow_the_protocol() -> None:
    for case in CASES:
        if (
            case.command in ("start", "stop", "convert", "write_state")
            and "error" not in case.expect
        ):
            continue  # what they expect is no answer
        expect = {name: part for name, part in case.expect.items() if name != "any"}
        for chunk in expect.get("chunks", []):
            chunk.setdefault("state", {})  # where it is not compared
        answer = expect if "error" in expect else {"result": expect}
        assert ANSWER_VALIDATOR.is_valid({"seq": 1, **answer}), case.id


@pytest.mark.parametrize(
    "message",
    [
        {"seq": 1, "command": "start", "protocol": 1},
        {"seq": 2, "command": "stop"},
    ],
)
def test_requests_of_the_runner(message: dict[str, Any]) -> None:
    assert REQUEST_VALIDATOR.is_valid(message)


@pytest.mark.parametrize(
    "answer",
    [
        {"seq": 1, "result": {}, "error": {"code": "X"}},
        {"seq": 1},
        {"result": {}},
        {"seq": 1, "result": []},
        {"seq": 1, "skipped": {}},
        {"seq": 1, "error": {}},
        {"seq": 1, "result": {"findings": [{"code": "X"}]}},
        {"seq": 1, "result": {"output": {"shape": [1], "bits": "3f80000"}}},
        {"seq": 1, "result": {"chunks": [{"output": {"shape": [0], "bits": ""}}]}},
    ],
)
def test_no_answers(answer: dict[str, Any]) -> None:
    assert not ANSWER_VALIDATOR.is_valid(answer)
