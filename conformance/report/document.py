"""The report for programs, and results to make other reports from: JSON.

Its form is `conformance/schema/report.schema.json`. A failed case is carried whole, with its document, so that
a page can be made from saved results alone, whatever has become of the suite since.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.case import Case, CaseError
from conformance.messages import KINDS
from conformance.report.model import Report, ReportError, Result
from conformance.runner import Runtime
from conformance.verdict import Verdict

FORM = 1  # of the JSON
STARTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
MAX_PIECES = 1 << 29  # bytes of a document that repeats itself
MAX_SECONDS = 1e9
NUMBER, TEXT = (int, float), str


def write(report: Report) -> str:
    """One run as JSON."""
    passed, failed, skipped = report.counts
    value: dict[str, Any] = {
        "report": FORM,
        "rnnspec": report.rnnspec,
        "runtime": {
            "name": report.runtime.name,
            "version": report.runtime.version,
            "language": report.runtime.language,
            "classes": list(report.runtime.classes),
            "level": report.runtime.level,
            "features": sorted(report.runtime.features),
            "command": list(report.command),
        },
        "started": report.started,
        "filtered": report.filtered,
        "claim": report.claim,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        **({"stale": list(report.stale)} if report.stale else {}),
        "cases": [_result(result) for result in report.results],
    }
    return json.dumps(value, indent=1) + "\n"


def _result(result: Result) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": result.id,
        "verdict": result.verdict.value,
        "details": list(result.details),
        "seconds": result.seconds,
    }
    if result.known is not None:
        written["known"] = result.known
    if result.case is not None:
        written["case"] = result.case.to_json()
    if result.got is not None:
        written["got"] = result.got
    return written


# --- reading --------------------------------------------------------------------------------------


def read(path: Path) -> Report:
    """Saved results; ReportError says what is wrong with them."""
    try:
        return of_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from error
    except RecursionError as error:
        raise ReportError(f"{path}: nested too deep") from error
    except (ValueError, CaseError) as error:
        raise ReportError(f"{path}: no results of `run --report`: {error}") from error


def of_json(value: object) -> Report:
    """The inverse of `write`, from the JSON's value."""
    top = _Members(value, "the report")
    if top.get("report", int) != FORM:
        raise ReportError(f"form {top.get('report', int)}, this suite reads {FORM}")
    runtime = _Members(top.get("runtime", dict), "runtime")
    return Report(
        rnnspec=top.get("rnnspec", TEXT),
        runtime=Runtime(
            name=runtime.get("name", TEXT),
            version=runtime.get("version", TEXT),
            language=runtime.get("language", TEXT),
            classes=runtime.texts("classes"),
            features=frozenset(runtime.texts("features")),
            level=runtime.get("level", TEXT),
        ),
        command=runtime.texts("command"),
        started=_started(top.get("started", TEXT)),
        filtered=top.get("filtered", bool),
        claim=top.get("claim", TEXT),
        results=tuple(_read_result(one) for one in top.get("cases", list)),
        stale=top.texts("stale") if "stale" in top.members else (),
    )


def _started(text: str) -> str:
    if not STARTED.fullmatch(text):
        raise ReportError("`started` is no time")
    return text


def _read_result(value: object) -> Result:
    one = _Members(value, "a case")
    id_ = one.get("id", TEXT)
    verdict = Verdict(one.get("verdict", TEXT))
    return Result(
        id=id_,
        verdict=verdict,
        details=one.texts("details"),
        seconds=_seconds(one),
        case=_read_case(one.get("case", dict), id_) if verdict.failed else None,
        got=_answer(one.get("got", dict), id_) if "got" in one.members else None,
        known=one.get("known", TEXT) if "known" in one.members else None,
    )


def _seconds(one: "_Members") -> float:
    value = one.get("seconds", NUMBER)
    if not 0 <= value <= MAX_SECONDS:  # nor NaN
        raise ReportError(f"{one.name}: `seconds` is no time")
    return float(value)


def _answer(value: dict[str, Any], id_: str) -> dict[str, Any]:
    got = _Members(value, f"{id_}: got")
    if "cut" in value:
        got.get("cut", int)
        got.get("start", TEXT)
    elif len(value) == 1 and (kind := next(iter(value))) in KINDS:
        got.get(kind, dict)
    else:
        raise ReportError(f"{id_}: `got` is no answer")
    return value


def _read_case(value: dict[str, Any], id_: str) -> Case:
    case = _Members(value, id_)
    for name in ("id", "title", "catches", "command"):
        case.get(name, TEXT)
    for name in ("requirements", "features"):
        case.texts(name)
    expect = _Members(case.get("expect", dict), f"{id_}: expect")
    for name in {"findings", "chunks"} & set(expect.members):
        if not all(isinstance(one, dict) for one in expect.get(name, list)):
            raise ReportError(f"{id_}: `{name}` is not a list of objects")
    _Members(value.get("request", {}), f"{id_}: request")
    if value["id"] != id_:
        raise ReportError(f"{id_}: the case calls itself {value['id']}")
    document = _Members(value.get("document", {}), f"{id_}: document")
    if "file" in document.members:  # results from elsewhere must not choose files to read here
        raise ReportError(f"{id_}: a document in results stands in them")
    try:
        pieces = document.members.get("pieces", [])
        if sum(len(text) * times for text, times in pieces) > MAX_PIECES:
            raise ReportError(f"{id_}: the document is too large")
        return Case.from_json(value, Path())
    except (TypeError, AttributeError) as error:
        raise ReportError(f"{id_}: no document of a case") from error


class _Members:
    """An object whose members are asked for by name and type."""

    def __init__(self, value: object, name: str) -> None:
        if not isinstance(value, dict):
            raise ReportError(f"{name} is not an object")
        self.members: Mapping[str, Any] = value
        self.name = name

    def get(self, member: str, type_: type | tuple[type, ...]) -> Any:  # noqa: ANN401 — of that type
        """A member that must be there."""
        value = self.members.get(member)
        if not isinstance(value, type_) or (isinstance(value, bool) and type_ is not bool):
            raise ReportError(f"{self.name}: `{member}` is missing or of another type")
        return value

    def texts(self, member: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self.get(member, list)
        if not all(isinstance(text, str) for text in value):
            raise ReportError(f"{self.name}: `{member}` is not a list of strings")
        return tuple(value)
