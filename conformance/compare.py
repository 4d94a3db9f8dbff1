"""Exact comparison of an answer with what a case expects.

Each function gives a list of differences, empty if there are none; or raises MalformedError, if the answer
is none of the protocol. English, and the order of findings, are never compared.
"""

from collections import Counter
from typing import Any

from conformance.case import Case
from conformance.compare_arrays import (
    Differences,
    MalformedError,
    compare_arrays,
    compare_state,
)
from conformance.compare_documents import compare_converted, compare_written_state
from conformance.messages import Answer

FINDING_MEMBERS = {"code", "stage", "severity", "place"}


def differences(case: Case, answer: Answer, *, player: bool) -> Differences:
    """What is wrong with an answer that is no `skipped`. A player's codes are not compared."""
    expected_error = case.expect.get("error")
    if case.command in ("validate", "read_state") and expected_error is None:
        refused = _refused(answer)
        if player and (case.command == "validate" or _invalid(case)):
            return _player(must_refuse=_invalid(case), refused=refused)
        if player and not refused and answer.kind == "result":
            return _state_read(case, answer.value)  # its warnings are not compared
    if expected_error is not None:
        return _error(expected_error["code"], answer, player=player)
    if answer.kind == "error":
        said = answer.value.get("code") or answer.value.get("message")
        return [f"expected a result, got the error {said!r}"]
    compare = {
        "validate": _validate,
        "run": _run,
        "decode": _members,
        "ctc": _members,
        "evaluate": _evaluate,
        "convert": compare_converted,
        "selftest": _members,
        "encode": _members,
        "text": _members,
        "read_state": _read_state,
        "write_state": compare_written_state,
    }[case.command]
    return compare(case, answer.value)


# --- errors and findings --------------------------------------------------------------------------


def _invalid(case: Case) -> bool:
    return any(finding["severity"] == "error" for finding in case.expect["findings"])


def _refused(answer: Answer) -> bool:
    if answer.kind == "error":
        return True
    return any(finding["severity"] == "error" for finding in _findings(answer.value))


def _player(*, must_refuse: bool, refused: bool) -> Differences:
    """[claim-1]: an error or none, whatever its code."""
    if must_refuse == refused:
        return []
    return ["expected an error, got none" if must_refuse else "expected no error, got one"]


def _error(code: str, answer: Answer, *, player: bool) -> Differences:
    if answer.kind == "result":
        return [f"expected the error {code}, got a result"]
    if player or answer.value.get("code") == code:
        return []
    return [f"expected the error {code}, got {answer.value.get('code', answer.value)!r}"]


def _findings(result: dict[str, Any]) -> list[dict[str, Any]]:
    findings = result.get("findings")
    if not isinstance(findings, list):
        raise MalformedError("`findings` is not a list")
    for finding in findings:
        if not isinstance(finding, dict) or set(finding) != FINDING_MEMBERS:
            raise MalformedError(f"a finding has the members {sorted(FINDING_MEMBERS)}: {finding}")
        place = finding["place"]
        if isinstance(place, bool) or not isinstance(place, int | str):
            raise MalformedError(f"a place is an integer or a string: {finding}")
    return findings


def _validate(case: Case, result: dict[str, Any]) -> Differences:
    found = _compare_findings(case, result)
    for digest in ("structure", "fingerprint"):
        if result.get(digest) != case.expect.get(digest):
            found.append(
                f"{digest}: expected {case.expect.get(digest)}, got {result.get(digest)!r}"
            )
    return found


def _compare_findings(case: Case, result: dict[str, Any]) -> Differences:
    wanted = Counter(_told(finding) for finding in case.expect["findings"])
    got = Counter(_told(finding) for finding in _findings(result))
    missing, extra = wanted - got, got - wanted
    found: Differences = []
    if "any" in case.expect:  # more than [stage-3] allows: any of them, but errors first
        if got.total() != case.expect["any"]:
            found.append(f"findings: expected {case.expect['any']}, got {got.total()}")
        errors, shown = (
            sum(n for told, n in all_.items() if ", error)" in told) for all_ in (wanted, got)
        )
        if shown < min(errors, case.expect["any"]):
            found.append(f"findings: expected {errors} errors before warnings, got {shown}")
    else:
        found += [f"findings: missing {told}" for told in sorted(missing.elements())]
    return found + [f"findings: not expected {told}" for told in sorted(extra.elements())]


def _told(finding: dict[str, Any]) -> str:
    place = finding["place"]
    where = f"offset {place}" if isinstance(place, int) else f"{place!r}"
    return f"{finding['code']} ({finding['stage']}, {finding['severity']}) at {where}"


# --- the other commands ---------------------------------------------------------------------------


def _run(case: Case, result: dict[str, Any]) -> Differences:
    wanted, got = case.expect["chunks"], result.get("chunks")
    if not isinstance(got, list) or not all(isinstance(chunk, dict) for chunk in got):
        raise MalformedError("`chunks` is not a list of objects")
    if len(got) != len(wanted):
        return [f"chunks: expected {len(wanted)}, got {len(got)}"]
    found: Differences = []
    for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
        path = f"chunks[{index}]"
        if ("output" in other) == ("code" in other) or ("state" in one and "state" not in other):
            raise MalformedError(f"{path}: expected `state` and one of `output`, `code`")
        if "code" in one or "code" in other:
            if one.get("code") != other.get("code"):
                outcome = [chunk.get("code", "an output") for chunk in (one, other)]
                found.append(f"{path}: expected {outcome[0]}, got {outcome[1]}")
        else:
            found += compare_arrays(f"{path}.output", one["output"], other["output"])
            if "probe" in one:
                found += _probe(f"{path}.probe", one["probe"], other.get("probe"))
        if "state" in one:  # where no state can be told, the case expects none
            found += compare_state(f"{path}.state", one["state"], other["state"])
    return found


def _probe(path: str, wanted: dict[str, Any], got: object) -> Differences:
    """The outputs of the layers that were named, and of no others."""
    if not isinstance(got, dict):
        raise MalformedError(f"{path} is not an object")
    if set(got) != set(wanted):
        return [f"{path}: expected the layers {sorted(wanted)}, got {sorted(got)}"]
    return [
        line
        for name in wanted
        for line in compare_arrays(f"{path}.{name}", wanted[name], got[name])
    ]


def _evaluate(case: Case, result: dict[str, Any]) -> Differences:
    return compare_arrays("output", case.expect["output"], result.get("output"))


def _members(case: Case, result: dict[str, Any]) -> Differences:
    """Plain equality of the members that the case expects, and no others."""
    if set(result) != set(case.expect):
        raise MalformedError(f"expected the members {sorted(case.expect)}, got {sorted(result)}")
    return [
        f"{name}: expected {wanted!r}, got {result[name]!r}"
        for name, wanted in case.expect.items()
        if result[name] != wanted or type(result[name]) is not type(wanted)
    ]


def _read_state(case: Case, result: dict[str, Any]) -> Differences:
    return _compare_findings(case, result) + _state_read(case, result)


def _state_read(case: Case, result: dict[str, Any]) -> Differences:
    if ("state" in result) != ("state" in case.expect):
        return [f"state: {'not expected' if 'state' in result else 'missing'}"]
    if "state" not in result:
        return []
    return compare_state("state", case.expect["state"], result["state"])
