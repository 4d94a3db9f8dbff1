"""The document of a case whose findings differ, with the places marked."""

import json

from conformance.case import Case
from conformance.report.contrast import Contrast, Findings
from conformance.report.page.markup import Markup, el, join
from conformance.report.page.places import dump, line_and_column, outline

MAX_MARKS = 8


def marked_document(case: Case, value: object, told: list[Contrast]) -> Markup:
    """Empty for a case without findings that differ. `value` is the document, if its bytes are one."""
    findings = [one for one in told if isinstance(one, Findings)]
    if not findings or case.document is None:
        return Markup()
    offsets: dict[int, str] = {}
    pointers: dict[str, str] = {}
    for (_, _, _, place), expected, got in findings[0].rows:
        names = [name for name, count in (("expected", expected), ("got", got)) if count]
        try:
            at = json.loads(place)
        except ValueError:
            continue  # no place was given
        marks = offsets if isinstance(at, int) else pointers if isinstance(at, str) else None
        if marks is not None and len(marks) < MAX_MARKS:
            both = [marks[at], *names] if at in marks else names
            words = " and ".join(dict.fromkeys(" and ".join(both).split(" and ")))
            marks[at] = words
    parts: list[Markup] = []
    data = case.document.data
    outside = {at: name for at, name in offsets.items() if not 0 <= at <= len(data)}
    offsets = {at: name for at, name in offsets.items() if at not in outside}
    if pointers and value is not None:
        parts.append(_block("The document, with the places marked", outline(value, pointers)))
    if offsets or not parts:
        parts.append(_block("The document's bytes", dump(data, offsets)))
        if case.document.pieces is None:
            parts += [
                el("p", f"Byte {at:,} ({name}) is {line_and_column(data, at)}.", class_="dim")
                for at, name in sorted(offsets.items())
                if data.lstrip()[:1] == b"{"
            ]
    parts += [
        el(
            "p",
            f"Byte {at:,} ({name}) is none of the {len(data):,} bytes, nor their end.",
            class_="dim",
        )
        for at, name in sorted(outside.items())
    ]
    return join(*parts)


def _block(name: str, lines: Markup) -> Markup:
    return join(
        el("p", name, class_="caption"),
        el("pre", lines, tabindex="0", role="group", aria_label=name),
    )
