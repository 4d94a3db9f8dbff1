"""Lists beside the failures themselves: by requirement, what is known, what was skipped."""

from conformance.report.matrix import columns
from conformance.report.model import Report
from conformance.report.page.failure import Failure
from conformance.report.page.markup import Markup, el, join

MAX_LISTED = 2_000


def by_requirement(failures: list[Failure], shown: set[int]) -> Markup:
    """Another way in: which requirement fails where."""
    cases: dict[str, list[Failure]] = {}
    for one in failures:
        for id_ in one.case.requirements:
            cases.setdefault(id_, []).append(one)
    rows = [
        join(
            el("dt", f"[{id_}], {len(ones):,}"),
            el("dd", join(*(_link(one, shown) for one in ones[:12]), between=", "),
               f", … {len(ones) - 12:,} more" if len(ones) > 12 else ""),
        )
        for id_, ones in sorted(cases.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]  # fmt: skip
    return el(
        "details",
        el("summary", f"By requirement: {len(cases)} of them"),
        el("dl", *rows),
        class_="index",
    )


def _link(one: Failure, shown: set[int]) -> Markup:
    return el("a", one.case.id, href=f"#{one.ident}") if one.number in shown else join(one.case.id)


def known(reports: list[Report], failures: list[Failure], shown: set[int]) -> Markup:
    """What a list of known failures says of each run: what fails the run first."""
    links = {one.case.id: _link(one, shown) for one in failures}
    parts = []
    for column, report in zip(columns(reports), reports, strict=True):
        expected = [result for result in report.failures if result.is_known]
        rows = [(el("code", r.id), "unexpected pass", r.known) for r in report.unexpected]
        rows += [(el("code", id_), "no such case", "") for id_ in report.stale]
        rows += [(links[r.id], f"known: {r.verdict.value}", r.known) for r in expected[:MAX_LISTED]]
        if rows:
            bad = len(rows) - len(expected[:MAX_LISTED])
            parts.append(
                el(
                    "table",
                    el("caption", f"{column}: {report.known_words}"),
                    el("thead", el("tr", *(el("th", word, scope="col") for word in ("case", "what it is", "reason")))),
                    el("tbody", *(
                        el("tr", el("th", name, scope="row"), el("td", what), el("td", why or ""),
                           class_="wrong" if n < bad else "")
                        for n, (name, what, why) in enumerate(rows)
                    )),
                )
            )  # fmt: skip
    if not parts:
        return Markup()
    head = el("h2", "Known failures", id="known")
    words = el(
        "p",
        "A list names these cases. A known failure does not fail the run; one that passes, or is no case, does.",
    )
    tables = [
        el("div", part, class_="scroll", tabindex="0", role="group", aria_labelledby="known")
        for part in parts
    ]
    return el("section", head, words, *tables, aria_labelledby="known")


def skipped(reports: list[Report]) -> Markup:
    """Why cases were not asked, for each run."""
    if not any(report.reasons for report in reports):
        return Markup()
    lists = [
        join(
            el("h3", column),
            el("ul", *(el("li", f"{count:,}: {reason}") for reason, count in report.reasons)),
        )
        for column, report in zip(columns(reports), reports, strict=True)
        if report.reasons
    ]
    head = el("h2", "Skipped", id="skipped")
    return el("section", head, *lists, aria_labelledby="skipped")
