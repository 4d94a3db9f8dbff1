"""Exact comparison of an answer with what a case expects.

Each function gives a list of differences, empty if there are none; or raises MalformedError, if the answer
is none of the protocol. English, and the order of findings, are never compared.
"""

import base64
import binascii
import re
import struct
from collections import Counter
from itertools import pairwise
from typing import Any

from conformance.case import Case
from conformance.oracle.reader import read
from conformance.protocol import Answer

Differences = list[str]
FINDING_MEMBERS = {"code", "stage", "severity", "place"}
TOP_LEVEL = (
    "rnnspec", "$schema", "name", "version", "description", "license", "metadata",
    "input", "vocabularies", "layers", "output", "decoding", "examples", "tensors",
)  # fmt: skip


class MalformedError(Exception):
    """The answer does not have the form of section 17.1."""


def differences(case: Case, answer: Answer, *, player: bool) -> Differences:
    """What is wrong with an answer that is no `skipped`. A player's codes are not compared."""
    expected_error = case.expect.get("error")
    if case.command == "validate":
        refused = _refused(answer)
        if player:
            return _player(must_refuse=_invalid(case), refused=refused)
    if expected_error is not None:
        return _error(expected_error["code"], answer, player=player)
    if answer.kind == "error":
        said = answer.value.get("code") or answer.value.get("message")
        return [f"expected a result, got the error {said!r}"]
    compare = {
        "validate": _validate,
        "run": _run,
        "decode": _members,
        "evaluate": _evaluate,
        "convert": _convert,
        "selftest": _members,
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
    found += [f"findings: not expected {told}" for told in sorted(extra.elements())]
    for digest in ("structure", "fingerprint"):
        if result.get(digest) != case.expect.get(digest):
            found.append(
                f"{digest}: expected {case.expect.get(digest)}, got {result.get(digest)!r}"
            )
    return found


def _told(finding: dict[str, Any]) -> str:
    place = finding["place"]
    where = f"offset {place}" if isinstance(place, int) else f"{place!r}"
    return f"{finding['code']} ({finding['stage']}, {finding['severity']}) at {where}"


# --- arrays ---------------------------------------------------------------------------------------


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
        if "state" in one:  # where no state can be told, the case expects none
            found += _state(f"{path}.state", one["state"], other["state"])
    return found


def _state(path: str, wanted: dict[str, Any], got: object) -> Differences:
    if not isinstance(got, dict) or not all(isinstance(arrays, dict) for arrays in got.values()):
        raise MalformedError(f"{path}: not an object of objects")
    found = _names(path, wanted, got)
    for layer, arrays in wanted.items():
        if layer in got:
            inner = f"{path}.{layer}"
            found += _names(inner, arrays, got[layer])
            for name, array in arrays.items():
                if name in got[layer]:
                    found += compare_arrays(f"{inner}.{name}", array, got[layer][name])
    return found


def _names(path: str, wanted: dict[str, Any], got: dict[str, Any]) -> Differences:
    if set(wanted) == set(got):
        return []
    return [f"{path}: expected the members {sorted(wanted)}, got {sorted(got)}"]


def _evaluate(case: Case, result: dict[str, Any]) -> Differences:
    return compare_arrays("output", case.expect["output"], result.get("output"))


def compare_arrays(path: str, wanted: dict[str, Any], got: object) -> Differences:
    """Shape, then every bit: how many elements differ, and the first of them."""
    shape, bits = _array(path, got)
    if shape != wanted["shape"]:
        return [f"{path}: expected shape {wanted['shape']}, got {shape}"]
    one, other = _words(wanted["bits"]), _words(bits)
    pairs = enumerate(zip(one, other, strict=True))
    wrong = [k for k, (a, b) in pairs if a != b and not (_is_nan(a) and _is_nan(b))]
    if not wrong:
        return []
    first = wrong[0]
    place = ", ".join(str(index) for index in unravel(first, shape))
    return [
        f"{path}[{place}]: expected {_number(one[first])}, got {_number(other[first])}; "
        f"{len(wrong)} of {len(one)} elements differ"
    ]


def _array(path: str, value: object) -> tuple[list[int], str]:
    match value:
        case {"shape": list(shape), "bits": str(bits), **rest} if not rest:
            count = 1
            for size in shape:
                if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                    raise MalformedError(f"{path}: the shape {shape} is none")
                count *= size
            if not re.fullmatch("[0-9a-fA-F]*", bits) or len(bits) != 8 * count:
                raise MalformedError(
                    f"{path}: expected {8 * count} hexadecimal digits for {shape}, got {len(bits)} characters"
                )
            return shape, bits.lower()
    raise MalformedError(f"{path}: not an array of `shape` and `bits`")


def _words(bits: str) -> list[str]:
    return [bits[k : k + 8] for k in range(0, len(bits), 8)]


def _is_nan(word: str) -> bool:
    """Any NaN equals any other: languages don't keep its bits."""
    return int(word, 16) & 0x7FFFFFFF > 0x7F800000


def _number(word: str) -> str:
    value = struct.unpack(">f", bytes.fromhex(word))[0]
    return f"{value:.9g} ({word})"


def unravel(index: int, shape: list[int]) -> list[int]:
    """The row-major place of an element."""
    place: list[int] = []
    for size in reversed(shape):
        index, here = divmod(index, size)
        place.insert(0, here)
    return place


# --- the other commands ---------------------------------------------------------------------------


def _members(case: Case, result: dict[str, Any]) -> Differences:
    """Plain equality of the members that the case expects, and no others."""
    if set(result) != set(case.expect):
        raise MalformedError(f"expected the members {sorted(case.expect)}, got {sorted(result)}")
    return [
        f"{name}: expected {wanted!r}, got {result[name]!r}"
        for name, wanted in case.expect.items()
        if result[name] != wanted or type(result[name]) is not type(wanted)
    ]


def _convert(case: Case, result: dict[str, Any]) -> Differences:
    """The converted document is read by the oracle: same content, the encoding asked for."""
    text = result.get("document")
    try:
        data = base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("`document` is not base64") from None
    assert case.document is not None
    before, after = read(case.document.data, case.request.get("limits")), read(data)
    if after.document is None:
        return [f"document: invalid: {finding}" for finding in after.findings[:3]]
    assert before.document is not None
    found: Differences = []
    encoding = "json" if data.lstrip(b"\t\n\r ")[:1] == b"{" else "msgpack"
    if encoding != case.expect["encoding"]:
        found.append(f"document: expected {case.expect['encoding']}, got {encoding}")
    found += same(before.document, after.document, "")
    order = [TOP_LEVEL.index(name) for name in after.document]
    if any(one > other for one, other in pairwise(order)):
        found.append(f"document: the members stand in another order: {list(after.document)}")
    return found


def same(wanted: object, got: object, place: str) -> Differences:
    """Whether two documents of the oracle hold the same; at most the first difference of a list."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        if set(wanted) != set(got):
            return [f"{place or '/'}: expected the members {sorted(wanted)}, got {sorted(got)}"]
        return [line for key in wanted for line in same(wanted[key], got[key], f"{place}/{key}")]
    if isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            return [f"{place}: expected {len(wanted)} elements, got {len(got)}"]
        for index, (one, other) in enumerate(zip(wanted, got, strict=True)):
            if found := same(one, other, f"{place}/{index}"):
                return found
        return []
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return []
    return [f"{place}: expected {wanted!r}, got {got!r}"]
