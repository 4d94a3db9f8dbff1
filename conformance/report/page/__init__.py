"""The report as one HTML page that needs nothing else: no script, no file, no network."""

import base64
import hashlib
import re

from conformance.case import Case
from conformance.report.installed import PROGRAM
from conformance.report.matrix import Cell, cell, columns, matrix
from conformance.report.model import Report, Result
from conformance.report.page import failure
from conformance.report.page.failure import Failure
from conformance.report.page.lists import MAX_LISTED, by_requirement, known, skipped
from conformance.report.page.markup import Markup, el, raw
from conformance.report.page.specification import specification
from conformance.report.page.style import STYLE
from conformance.report.requirements import Requirement, requirements
from conformance.report.text import details

SHOWN = 200  # failed cases in full, shared out among the sections; the others are listed
OPEN = 3  # so few failed cases stand open at once


def write(reports: list[Report]) -> str:
    """A page about one or several runs."""
    failures = failures_of(reports)
    shown = shared_out(failures, SHOWN)
    named = {id_ for one in failures if one.number in shown for id_ in one.case.requirements}
    texts = [one for id_, one in requirements().items() if id_ in named]
    title = f"rnnspec conformance: {', '.join(columns(reports))}"
    body = el(
        "body",
        el("a", "Skip to the failures", href="#failures", class_="skip"),
        el(
            "header",
            el("h1", "rnnspec conformance"),
            el("p", _lead(reports), class_="lead"),
        ),
        el(
            "main",
            _claims(reports),
            _matrix(reports, failures),
            _failures(failures, shown, {one.id for one in texts}),
            known(reports, failures, shown),
            skipped(reports),
            _texts(texts) if texts or failures else "",
            id="main",
        ),
        el(
            "footer",
            el("p", "Made by ", el("code", f"{PROGRAM} report"), ". Every number is binary32; "
               "one ulp is one step from a binary32 to the next."),
        ),
    )  # fmt: skip
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy()),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", raw(STYLE)),
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def policy() -> str:
    """Nothing may be loaded or run; the one style sheet is known by its hash."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


# --- which failures -------------------------------------------------------------------------------


def failures_of(reports: list[Report]) -> list[Failure]:
    """The failed cases by id, each once with every run that failed it."""
    found: dict[str, list[tuple[Case, list[tuple[str, Report, Result]]]]] = {}
    for column, report in zip(columns(reports), reports, strict=True):
        for result in report.failures:
            assert result.case is not None
            same = found.setdefault(result.id, [])
            # Two suites may ask another thing under one id: then these are two cases.
            for case, runs in same:
                if case == result.case:
                    runs.append((column, report, result))
                    break
            else:
                same.append((result.case, [(column, report, result)]))
    every = [pair for id_ in sorted(found) for pair in found[id_]]
    return [Failure(case, number, runs) for number, (case, runs) in enumerate(every)]


def shared_out(failures: list[Failure], limit: int) -> set[int]:
    """The numbers of those shown in full: every section gets its first, then its second, and so on."""
    turns: dict[str, int] = {}
    ranked = []
    for one in failures:
        turn = turns[one.case.section] = turns.get(one.case.section, 0) + 1
        ranked.append((turn, one.number))
    return {number for _, number in sorted(ranked)[:limit]}


# --- the parts ------------------------------------------------------------------------------------


def _lead(reports: list[Report]) -> str:
    every = [result for report in reports for result in report.failures]
    failed, known = len(every), sum(result.is_known for result in every)
    asked = max(len(report.results) for report in reports)
    runs = "One runtime" if len(reports) == 1 else f"{len(reports)} runtimes"
    end = f"{failed:,} failures" if failed > 1 else "one failure" if failed else "nothing failed"
    if known:
        end += (
            f", {'all' if known == failed else f'{known:,}'} of them known"
            if failed > 1
            else ", a known one"
        )
    unexpected = sum(len(report.unexpected) for report in reports)
    more = f" Unexpected passes: {unexpected:,}." if unexpected else ""
    return f"{runs}, {asked:,} cases: {end}.{more}"


def _claims(reports: list[Report]) -> Markup:
    items = []
    for report in reports:
        total = cell(report.results)
        state = "failed" if report.stale or not total.passed else _class(total)
        no_claim = el("p", "A part of the suite only, so this is no claim.")
        items.append(
            el(
                "li",
                el("p", report.title, class_="who"),
                el("p", el("code", report.claim), class_="claim"),
                no_claim if report.filtered else "",
                el("p", _marked(total), class_=f"count {state}"),
                el("p", report.known_words) if report.known_words else "",
                el("p", f"{report.started} · ", el("code", " ".join(report.command)), class_="dim"),
                class_=state,
            )
        )
    return el(
        "section",
        el("h2", "Claims", id="claims"),
        el("ul", *items, class_="claims"),
        aria_labelledby="claims",
    )


def _matrix(reports: list[Report], failures: list[Failure]) -> Markup:
    table = matrix(reports)
    first = {one.case.section: _anchor(one.case.section) for one in reversed(failures)}
    rows = [
        el(
            "tr",
            el("th", section, scope="row"),
            *(_cell(cell, first.get(section, "")) for cell in cells),
        )
        for section, cells in table.rows
    ]
    inner = el(
        "table",
        el("caption", "Cases of each section of the suite, by what became of them"),
        el("thead", el("tr", el("th", "section", scope="col"),
                       *(el("th", name, scope="col") for name in table.columns))),
        el("tbody", *rows),
        el("tfoot", el("tr", el("th", "all", scope="row"),
                       *(el("td", _marked(cell), class_=_class(cell)) for cell in table.totals))),
        class_="matrix",
    )  # fmt: skip
    return el(
        "section",
        el("h2", "Sections and runtimes", id="matrix"),
        el("div", inner, class_="scroll", tabindex="0", role="group", aria_labelledby="matrix"),
        aria_labelledby="matrix",
    )


def _cell(cell: Cell, anchor: str) -> Markup:
    if cell.failed and anchor:
        return el("td", el("a", _marked(cell), href=f"#{anchor}"), class_=_class(cell))
    if cell.unexpected:
        return el("td", el("a", _marked(cell), href="#known"), class_=_class(cell))
    return el("td", _marked(cell), class_=_class(cell))


MARKS = {"failed": "✗ ", "known": "▲ ", "passed": "✓ ", "dim": ""}


def _marked(cell: Cell) -> str:
    return MARKS[_class(cell)] + cell.words


def _class(cell: Cell) -> str:
    """`failed` is what fails the run; `known`, failures that do not."""
    if cell.is_bad:
        return "failed"
    return "known" if cell.failed else "passed" if cell.passed else "dim"


def _anchor(section: str) -> str:
    return "section-" + re.sub("[^A-Za-z0-9_-]", "-", section)


def _failures(failures: list[Failure], shown: set[int], known: set[str]) -> Markup:
    head = el("h2", "Failures", id="failures")
    if not failures:
        return el("section", head, el("p", "Nothing failed."), aria_labelledby="failures")
    sections: dict[str, list[Failure]] = {}
    for one in failures:
        sections.setdefault(one.case.section, []).append(one)
    hidden = len(failures) - len(shown)
    cut = (
        el("p", f"{len(shown):,} of {len(failures):,} failed cases are shown in full; the other "
           f"{hidden:,} are listed by name under “more” in their sections.")
        if hidden
        else ""
    )  # fmt: skip
    return el(
        "section",
        head,
        el("p", "Each section folds away; so does each case."),
        cut,
        by_requirement(failures, shown),
        *(
            _section(name, ones, shown, known, is_open=len(failures) <= OPEN)
            for name, ones in sections.items()
        ),
        aria_labelledby="failures",
    )


def _section(
    name: str, failures: list[Failure], shown: set[int], known: set[str], *, is_open: bool
) -> Markup:
    full = [one for one in failures if one.number in shown]
    rest = [one for one in failures if one.number not in shown]
    cases = f"{len(failures):,} failed cases" if len(failures) > 1 else "1 failed case"
    return el(
        "details",
        el("summary", el("h3", name), " ", el("span", cases, class_="dim")),
        *(failure.section(one, known, is_open=is_open) for one in full),
        _more(rest) if rest else "",
        class_="section",
        id=_anchor(name),
        open="open",
    )


def _more(failures: list[Failure]) -> Markup:
    """Those without a place of their own."""
    items = [
        el(
            "li",
            el("code", one.case.id),
            f" {one.case.title}. ",
            el("span", _why(one), class_="dim"),
        )
        for one in failures[:MAX_LISTED]
    ]
    return el("details", el("summary", f"{len(failures):,} more"), el("ul", *items), class_="index")


def _why(one: Failure) -> str:
    return "; ".join(
        f"{column}: {(details(result.details) or [result.verdict.value])[0]}"
        for column, _, result in one.runs
    )


def _texts(texts: list[Requirement]) -> Markup:
    return el(
        "section",
        el("h2", "Requirements, from SPEC.md", id="spec"),
        specification(texts),
        aria_labelledby="spec",
    )
