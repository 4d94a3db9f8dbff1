"""One failed case in the page: what it asks, its net, and what each runtime answered."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from conformance.case import Case
from conformance.compare_arrays import MalformedError, checked_array, words_of
from conformance.oracle.finding import FaultError, Limits
from conformance.oracle.reader import parse
from conformance.oracle.values import plain
from conformance.report import numbers
from conformance.report.contrast import contrasts
from conformance.report.installed import PROGRAM
from conformance.report.model import Report, Result
from conformance.report.page.contrasts import contrast_tables
from conformance.report.page.documents import marked_document
from conformance.report.page.drawing import drawing, in_words
from conformance.report.page.markup import Markup, el, join
from conformance.report.page.net import boxes
from conformance.report.page.specification import inline
from conformance.report.text import details
from conformance.report.visible import short

MAX_PARSED = 400_000  # bytes of a document that is read to draw it
MAX_NUMBERS = 12  # elements of an input
MAX_TABLES = 4  # of one answer
MAX_VALUE = 300  # characters of another member of a request
SAVED_STATES = ("read_state", "write_state")


@dataclass(frozen=True)
class Failure:
    """A case, and each run that failed it: its column, the run, the result."""

    case: Case
    number: int  # makes the ids of the page
    runs: list[tuple[str, Report, Result]]

    @property
    def ident(self) -> str:
        """The id of its element."""
        return f"case-{self.number}"


def section(failure: Failure, known: set[str], *, is_open: bool) -> Markup:
    """The whole case, folded; `known` are the requirements with a text in the page."""
    case = failure.case
    verdicts = [
        (result.is_known, f"{column}: {'known ' if result.is_known else ''}{result.verdict.value}")
        for column, _, result in failure.runs
    ]
    head = el(
        "summary",
        el("h4", inline(case.title)),
        " ",
        el("code", case.id),
        " ",
        *(
            el(
                "span",
                ("▲ " if is_known else "✗ ") + word,
                class_="verdict known" if is_known else "verdict",
            )
            for is_known, word in verdicts
        ),
    )
    value = document_value(case)
    net = [] if case.command in SAVED_STATES else boxes(value)
    figure = (
        el(
            "figure",
            drawing(net, failure.ident, case.title),
            el("details", el("summary", "The net in words"), in_words(net), class_="words"),
        )
        if net
        else ""
    )
    lead = el(
        "div",
        el("p", el("strong", "This case catches: "), inline(case.catches), class_="catches"),
        el("p", el("strong", "Requirements: "), _requirements(case, known)),
        class_="lead",
    )
    body = el(
        "div",
        _input(case),
        *(_run(failure, column, report, result, value) for column, report, result in failure.runs),
    )
    inner = el("div", lead, figure, body, class_="case" if net else "case alone")
    attributes = {"open": "open"} if is_open else {}
    return el("details", head, inner, id=failure.ident, class_="failure", **attributes)


def document_value(case: Case) -> object:
    """The document as JSON-like value; None where its bytes are none, or too many."""
    if case.document is None or len(case.document.data) > MAX_PARSED:
        return None
    try:
        return plain(parse(case.document.data, Limits())[0])
    except (FaultError, RecursionError):
        return None


def _requirements(case: Case, known: set[str]) -> Markup:
    links = [
        el("a", f"[{id_}]", href=f"#spec-{id_}") if id_ in known else join(f"[{id_}]")
        for id_ in case.requirements
    ]
    return join(*links, between=", ")


# --- the input ------------------------------------------------------------------------------------


def _input(case: Case) -> Markup:
    """The request's members but the document."""
    rows = [("command", el("code", case.command))]
    for name, value in case.request.items():
        if name == "chunks" and isinstance(value, list):
            for index, chunk in enumerate(value[:4]):
                parts = chunk.items() if isinstance(chunk, dict) else [("chunk", chunk)]
                rows += [(f"chunk {index}, {part}", _value(one)) for part, one in parts]
            if len(value) > 4:
                rows.append(("chunks", join(f"{len(value)} in all")))
        elif name == "state" and isinstance(value, dict):
            for layer, arrays in value.items():
                parts = arrays.items() if isinstance(arrays, dict) else [("", arrays)]
                rows += [(f"state, {layer}.{part}", _value(one)) for part, one in parts]
        else:
            rows.append((name, _value(value)))
    return join(
        el("h5", "Input"),
        el("dl", *(join(el("dt", name), el("dd", value)) for name, value in rows)),
    )


def _value(value: object) -> Markup:
    """An array by its first elements, decimal and bits; anything else as JSON."""
    try:
        shape, bits = checked_array("", value)
    except MalformedError:
        return el("code", short(json.dumps(value, ensure_ascii=False), MAX_VALUE))
    words = words_of(bits)
    pairs = [
        join(numbers.decimal(word), " ", el("code", word, class_="dim"))
        for word in words[:MAX_NUMBERS]
    ]
    more = f" … {len(words):,} in all" if len(words) > MAX_NUMBERS else ""
    return join(f"{json.dumps(shape)} ", join(*pairs, between=", "), more)


# --- the answers ----------------------------------------------------------------------------------


def _run(failure: Failure, column: str, report: Report, result: Result, value: object) -> Markup:
    case = failure.case
    level = "" if report.runtime.level == "exact" else f" --level {report.runtime.level}"
    again = f"{PROGRAM} run{level} {shlex.quote(case.id)} -- {shlex.join(report.command)}"
    told = contrasts(case, result.got) if result.got is not None else []
    return el(
        "section",
        el("h5", f"What {column} answered"),
        el(
            "p",
            el("strong", "A known failure: "),
            result.known or "no reason is given",
            class_="known",
        )
        if result.is_known
        else "",
        _details(result, folded=bool(told)),
        *contrast_tables(told[:MAX_TABLES], column),
        el("p", f"{len(told) - MAX_TABLES} more parts differ.") if len(told) > MAX_TABLES else "",
        marked_document(case, value, told),
        _cut(result.got) if result.got is not None else "",
        el("p", "Again: ", el("code", again), class_="again"),
        aria_label=f"{column} on {case.id}",
    )


def _details(result: Result, *, folded: bool) -> Markup:
    """The words of the text report; folded where tables say the same."""
    words = el("ul", *(el("li", line) for line in details(result.details)), class_="details")
    return el("details", el("summary", "In words"), words, class_="words") if folded else words


def _cut(got: dict[str, Any]) -> Markup:
    """An answer too long to keep."""
    if "cut" not in got:
        return Markup()
    words = f"The answer has {got['cut']:,} characters; it begins: " if got["cut"] else ""
    return el("p", words, el("code", str(got.get("start", ""))))
