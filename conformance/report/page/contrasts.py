"""Expected and got side by side, as tables."""

import json
from itertools import groupby

from conformance.report import numbers
from conformance.report.contrast import Arrays, Contrast, Findings, Side, Values
from conformance.report.page.markup import Markup, el

BEFORE = 2  # equal elements before the first that differs
ROWS, FEW = 8, 4  # elements shown of the first array, and of others
MAX_FINDINGS = 30
MAX_VALUE = 400


def contrast_tables(contrasts: list[Contrast], column: str) -> list[Markup]:
    """A table each; `column` is the runtime."""
    return [_table(one, column, FEW if index else ROWS) for index, one in enumerate(contrasts)]


def _table(contrast: Contrast, column: str, rows: int) -> Markup:
    match contrast:
        case Arrays():
            return _arrays(contrast, column, rows)
        case Findings():
            return _findings(contrast, column)
        case Values():
            return _values(contrast, column)


def _arrays(arrays: Arrays, column: str, most: int) -> Markup:
    first = arrays.wrong[0]
    wrong = set(arrays.wrong)
    start = max(0, first - BEFORE)
    shown = range(start, min(len(arrays.expected), start + most))
    caption = (
        f"{arrays.path}: {len(wrong):,} of {len(arrays.expected):,} elements differ, "
        f"first {arrays.place(first)}"
    )
    if len(shown) < len(arrays.expected):
        caption += f"; {len(shown)} are shown"
    heads = ["element", "expected", "its bits", f"{column} got", "its bits", "apart"]
    if arrays.beside is not None:
        heads.insert(1, "input")
    rows = []
    for k in shown:
        cells = [el("td", numbers.decimal(arrays.beside[k]))] if arrays.beside is not None else []
        one, other = arrays.expected[k], arrays.got[k]
        cells += [
            el("td", numbers.decimal(one)),
            el("td", _bits(one, other)),
            el("td", numbers.decimal(other)),
            el("td", _bits(other, one)),
            el("td", numbers.distance(one, other)),
        ]
        mark = " ← first" if k == first else " ≠" if k in wrong else ""
        head = el("th", el("code", arrays.place(k)), el("b", mark) if mark else "", scope="row")
        rows.append(el("tr", head, *cells, class_="wrong" if k in wrong else ""))
    return table(caption, heads, rows)


def _bits(word: str, other: str) -> Markup:
    """Eight digits, those that differ marked."""
    runs = groupby(zip(word, other, strict=True), key=lambda pair: pair[0] != pair[1])
    digits = [(wrong, "".join(one for one, _ in pairs)) for wrong, pairs in runs]
    return el("code", *(el("mark", run) if wrong else run for wrong, run in digits))


def _findings(findings: Findings, column: str) -> Markup:
    shown = findings.rows[:MAX_FINDINGS]
    caption = "Findings, those that differ first"
    if findings.any is not None:
        caption = f"Findings: any {findings.any} of those expected are right, errors first"
    if len(shown) < len(findings.rows):
        caption += f"; {len(shown)} of {len(findings.rows)} are shown"
    rows = []
    for told, expected, got in shown:
        cells = [el("td", el("code", word)) for word in (*told[1:3], _place(told[3]))]
        rows.append(
            el(
                "tr",
                el("th", el("code", told[0]), scope="row"),
                *cells,
                el("td", _times(expected)),
                el("td", _times(got)),
                class_="" if expected == got else "wrong",
            )
        )
    return table(caption, ["code", "stage", "severity", "place", "expected", f"{column} got"], rows)


def _place(place: str) -> str:
    """The JSON of a place in words."""
    try:
        value = json.loads(place)
    except ValueError:
        return place
    if isinstance(value, str):
        return value or '"", the whole document'
    return f"byte {value:,}" if isinstance(value, int) else place


def _times(count: int) -> str:
    return {0: "no", 1: "yes"}.get(count, f"{count} times")


def _values(values: Values, column: str) -> Markup:
    caption = values.path
    if values.first is not None:
        caption += f": the first difference is at index {values.first}"
    rows = [
        el(
            "tr",
            el("th", name, scope="row"),
            el("td", _side(side)),
            class_=class_,
        )
        for name, side, class_ in (
            ("expected", values.expected, ""),
            (f"{column} got", values.got, "wrong"),
        )
    ]
    return table(caption, ["", "value"], rows)


def _side(side: Side) -> Markup:
    """The value, or what stands around the place where it differs."""
    start = max(0, min(side.start - MAX_VALUE // 4, len(side.text) - MAX_VALUE))
    end = start + MAX_VALUE
    marked = side.text[side.start : min(side.end, end)]
    return el(
        "code",
        "…" if start else "",
        side.text[start : side.start],
        el("mark", marked) if marked else "",
        side.text[side.start + len(marked) : end],
        "…" if end < len(side.text) else "",
    )


def table(caption: str, heads: list[str], rows: list[Markup]) -> Markup:
    """A table that scrolls on its own, with a name, so that a keyboard reaches what is outside."""
    columns = [el("th", head, scope="col") if head else el("td") for head in heads]
    inner = el(
        "table",
        el("caption", caption),
        el("thead", el("tr", *columns)),
        el("tbody", *rows),
    )
    return el("div", inner, class_="scroll", tabindex="0", role="group", aria_label=caption)
