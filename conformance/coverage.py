"""Is every requirement of SPEC.md asked about, and every code expected by some case?

What no case can ask stands in `untestable.json` with its reason: `{"requirements": {id: reason}, "codes": …}`.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from conformance.case import Case, find

HERE = Path(__file__).parent
SPEC = HERE.parent / "SPEC.md"
ISSUES = HERE.parent / "schema" / "issues.json"
UNTESTABLE = HERE / "untestable.json"
REQUIREMENT = re.compile(r"\*\*\[([a-z0-9-]+)\]\*\*")
DIFFERENCES = "### 14.2 "  # a table whose last column names a case
ROW = re.compile(r"^\|.*\|(?P<case>[^|]*)\|$")


@cache
def requirements() -> tuple[str, ...]:
    """The ids of SPEC.md, in order; each stands there once."""
    ids = REQUIREMENT.findall(SPEC.read_text(encoding="utf-8"))
    # Section 1 shows what an id looks like before the first real one: [json-1] stands twice.
    return tuple(dict.fromkeys(ids))


@cache
def codes() -> tuple[str, ...]:
    """The codes of schema/issues.json that readers and runtimes give; those of stage advice are a tool's own."""
    registry = json.loads(ISSUES.read_bytes())
    return tuple(entry["code"] for entry in registry["codes"] if entry["stage"] != "advice")


def expected_codes(case: Case) -> set[str]:
    """Every code in what a case expects."""
    found: set[str] = set()

    def visit(value: Any) -> None:  # noqa: ANN401 — any JSON
        if isinstance(value, dict):
            if isinstance(value.get("code"), str):
                found.add(value["code"])
            for member in value.values():
                visit(member)
        elif isinstance(value, list):
            for element in value:
                visit(element)

    visit(case.expect)
    return found


def named_cases() -> tuple[str, ...]:
    """What stands in the last column of the table of section 14.2, row by row."""
    text = SPEC.read_text(encoding="utf-8")
    start = text.index("\n" + DIFFERENCES)
    lines = text[start : text.index("\n---\n", start)].splitlines()
    rows = [row["case"].strip() for line in lines if (row := ROW.match(line))]
    return tuple(rows[2:])  # without the head of the table


def faults() -> list[str]:
    """What is missing, unknown or stale; a line each."""
    cases = find()
    untestable: dict[str, dict[str, str]] = json.loads(UNTESTABLE.read_bytes())
    asked = {requirement for case in cases for requirement in case.requirements}
    expected = {code for case in cases for code in expected_codes(case)}
    lines = [
        f"{case.id}: SPEC.md has no requirement {requirement}"
        for case in cases
        for requirement in case.requirements
        if requirement not in requirements()
    ]
    lines += [f"{case.id}: names no requirement" for case in cases if not case.requirements]
    named = named_cases()
    known = {f"`{case.id}`" for case in cases}
    lines += [f"SPEC.md {DIFFERENCES[4:]}names no case" for _ in range(not named)]
    lines += [f"SPEC.md names {name}, which is no case" for name in named if name not in known]
    lines += _gaps("requirement", requirements(), asked, untestable["requirements"])
    lines += _gaps("code", codes(), expected, untestable["codes"])
    return lines


def _gaps(
    word: str, known: tuple[str, ...], covered: set[str], excused: dict[str, str]
) -> list[str]:
    lines = [
        f"{word} {name}: no case, and no reason in {UNTESTABLE.name}"
        for name in known
        if name not in covered and name not in excused
    ]
    lines += [
        f"{word} {name}: in {UNTESTABLE.name}, but unknown" for name in excused if name not in known
    ]
    lines += [
        f"{word} {name}: in {UNTESTABLE.name}, but a case covers it"
        for name in excused
        if name in covered
    ]
    return lines


def summary() -> str:
    """One line of numbers."""
    cases = find()
    asked = {requirement for case in cases for requirement in case.requirements}
    expected = {code for case in cases for code in expected_codes(case)}
    return (
        f"{len(cases)} cases; {len(asked & set(requirements()))} of {len(requirements())} requirements "
        f"and {len(expected & set(codes()))} of {len(codes())} codes have a case"
    )
