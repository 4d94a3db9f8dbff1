"""Where an answer and what was expected part, for eyes: arrays, findings, other values.

The verdict is not made here but in `conformance/compare*.py`; this shows what it was made from.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from conformance.case import Case
from conformance.compare_arrays import (
    MalformedError,
    checked_array,
    is_nan,
    unravel,
    words_of,
)

WRITERS = ("convert", "write_state")  # what is expected of their documents is in no member
ABSENT = "(absent)"


@dataclass(frozen=True)
class Arrays:
    """Two arrays of one shape that differ at the row-major indexes `wrong`; `beside` is the input, if of that shape."""

    path: str
    shape: list[int]
    expected: list[str]  # eight hexadecimal digits each
    got: list[str]
    wrong: list[int]
    beside: list[str] | None = None

    def place(self, index: int) -> str:
        """The element in brackets."""
        return f"[{', '.join(str(one) for one in unravel(index, self.shape))}]"


@dataclass(frozen=True)
class Findings:
    """Every finding: code, stage, severity, place; how often it was expected and given."""

    rows: list[tuple[tuple[str, str, str, str], int, int]]
    any: int | None  # so many of them, if not all


@dataclass(frozen=True)
class Side:
    """A value as JSON; what differs first stands from `start` to `end` in it."""

    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Values:
    """Two values; `first` is the first differing index of two lists or strings."""

    path: str
    expected: Side
    got: Side
    first: int | None = None


Contrast = Arrays | Findings | Values


def contrasts(case: Case, got: dict[str, Any]) -> list[Contrast]:
    """In the order of what was expected; empty where only `details` can tell."""
    if "cut" in got:
        return []
    if "error" in case.expect:
        return _walk("error", case.expect["error"], got.get("error", got), None)
    if "result" not in got:
        return [Values("answer", Side("a result"), Side(_json(got)))]
    if case.command in WRITERS:
        return []
    wanted = {name: part for name, part in case.expect.items() if name != "any"}
    found: list[Contrast] = []
    result = dict(got["result"])
    if "findings" in wanted:
        told = result.pop("findings", None)
        found += _findings(wanted.pop("findings"), told, case.expect.get("any"))
    if "chunks" in wanted:
        result["chunks"] = _compared(wanted["chunks"], result.get("chunks"))
    return found + _walk("", wanted, result, case.request.get("input"))


def _compared(wanted: list[Any], got: object) -> object:
    """The chunks of an answer, without states where none can be told [protocol-3]."""
    if not isinstance(got, list) or len(got) != len(wanted):
        return got
    return [
        {name: part for name, part in answered.items() if name != "state" or "state" in chunk}
        if isinstance(answered, dict)
        else answered
        for chunk, answered in zip(wanted, got, strict=True)
    ]


# --- findings -------------------------------------------------------------------------------------


def _findings(wanted: list[Any], got: object, any_: int | None) -> list[Contrast]:
    if not isinstance(got, list) or not all(isinstance(finding, dict) for finding in got):
        return [_values("findings", wanted, got)]
    expected, given = Counter(_told(one) for one in wanted), Counter(_told(one) for one in got)
    if expected == given:
        return []
    every = sorted(expected | given, key=lambda told: (expected[told] == given[told], told))
    return [Findings([(told, expected[told], given[told]) for told in every], any_)]


def _told(finding: dict[str, Any]) -> tuple[str, str, str, str]:
    code, stage, severity = (
        str(finding.get(name, ABSENT)) for name in ("code", "stage", "severity")
    )
    return code, stage, severity, place_of(finding)


def place_of(finding: dict[str, Any]) -> str:
    """A byte offset in digits, a pointer as JSON, so that the two can be told apart."""
    return _json(finding["place"]) if "place" in finding else ABSENT


# --- values ---------------------------------------------------------------------------------------


def _walk(path: str, wanted: object, got: object, beside: object) -> list[Contrast]:
    pair = _arrays(path, wanted, got, beside)
    if pair is not None:
        return pair
    if isinstance(wanted, dict) and isinstance(got, dict) and "bits" not in wanted:
        found: list[Contrast] = []
        for name in [*wanted, *(name for name in got if name not in wanted)]:
            inner = f"{path}.{name}" if path else name
            if name in wanted and name in got:
                found += _walk(inner, wanted[name], got[name], beside)
            else:
                left, right = (
                    Side(_json(one[name]) if name in one else ABSENT) for one in (wanted, got)
                )
                found.append(Values(inner, left, right))
        return found
    if isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) == len(got) and any(isinstance(one, dict) for one in wanted):
            pairs = enumerate(zip(wanted, got, strict=True))
            return [
                one
                for index, (left, right) in pairs
                for one in _walk(f"{path}[{index}]", left, right, beside)
            ]
        return [] if wanted == got else [_values(path, wanted, got)]
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return []
    return [_values(path, wanted, got)]


def _values(path: str, wanted: object, got: object) -> Values:
    match wanted, got:
        case (list(), list()) | (str(), str()):
            first = _first(wanted, got)
            return Values(path, _side(wanted, first), _side(got, first), first)
    return Values(path, Side(_json(wanted)), Side(_json(got)))


def _side(value: Any, index: int) -> Side:  # noqa: ANN401 — a list or a string
    """With the element at the index marked, or the end, if there is none."""
    text = _json(value)
    if index >= len(value):
        return Side(text, len(text) - 1, len(text))
    # What stands before it, without the closing quote or bracket; and a comma, if that is not nothing.
    start = len(_json(value[:index])) - 1 + (2 if index and isinstance(value, list) else 0)
    return Side(text, start, start + len(_json(value[index : index + 1])) - 2)


def _arrays(path: str, wanted: object, got: object, beside: object) -> list[Contrast] | None:
    """None if these are no two arrays."""
    try:
        shape, bits = checked_array("", wanted)
        other_shape, other_bits = checked_array("", got)
    except MalformedError:
        return None
    if shape != other_shape:
        return [_values(f"{path}: shape", shape, other_shape)]
    expected, given = words_of(bits), words_of(other_bits)
    pairs = enumerate(zip(expected, given, strict=True))
    wrong = [k for k, (a, b) in pairs if a != b and not (is_nan(a) and is_nan(b))]
    return [Arrays(path, shape, expected, given, wrong, _beside(beside, shape))] if wrong else []


def _beside(value: object, shape: list[int]) -> list[str] | None:
    try:
        its_shape, bits = checked_array("", value)
    except MalformedError:
        return None
    return words_of(bits) if its_shape == shape else None


def _first(wanted: Any, got: Any) -> int:  # noqa: ANN401 — two lists or two strings
    for index, (one, other) in enumerate(zip(wanted, got, strict=False)):
        if one != other:
            return index
    return min(len(wanted), len(got))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
