"""The report for people at a terminal; its last lines are the claim and the counts."""

import shlex
from collections import Counter

from conformance.report.matrix import matrix
from conformance.report.model import Report, Result
from conformance.report.visible import short, visible

MAX_DETAILS = 6
MAX_LINE = 400


def write(report: Report) -> str:
    """Every failure with its reasons, what was skipped and why, the claim, the counts."""
    lines: list[str] = []
    for result in report.failures:
        assert result.case is not None
        case = result.case
        word = ("known " if result.is_known else "") + result.verdict.value
        lines.append(f"{word.upper()}  {visible(case.id)}  ({visible(case.title)})")
        if result.known:
            lines.append(f"    known: {visible(short(result.known, MAX_LINE))}")
        lines += [f"    {line}" for line in details(result.details)]
        lines.append(f"    it catches: {visible(case.catches)}")
        lines.append(
            f"    see {visible(', '.join(case.requirements))} in SPEC.md; cases/{visible(case.path)}"
        )
        lines.append("")
    for result in report.unexpected:
        lines.append(f"UNEXPECTED PASS  {visible(result.id)}  (a known failure: {_why(result)})")
    lines += [f"NO SUCH CASE  {visible(id_)}  (a known failure)" for id_ in report.stale]
    lines += [f"{count} skipped, {visible(reason)}" for reason, count in report.reasons]
    lines.append(f"{visible(report.title)}: {visible(shlex.join(report.command))}")
    verdicts = Counter(result.verdict for result in report.failures)
    if verdicts:
        lines.append(", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.items()))
    return "\n".join(lines + _end(report)) + "\n"


def details(given: tuple[str, ...]) -> list[str]:
    """The first reasons, each on a line of bounded length, and how many more there are."""
    lines = [visible(short(detail, MAX_LINE)) for detail in given[:MAX_DETAILS]]
    if len(given) > MAX_DETAILS:
        lines.append(f"… and {len(given) - MAX_DETAILS} more")
    return lines


def _why(result: Result) -> str:
    return visible(short(result.known or "no reason is given", MAX_LINE))


def _end(report: Report) -> list[str]:
    passed, failed, skipped = report.counts
    part = [report.known_words] if report.known_words else []
    part += ["a part of the suite only, so this is no claim:"] if report.filtered else []
    return [*part, visible(report.claim), f"{passed} passed, {failed} failed, {skipped} skipped"]


def write_matrix(reports: list[Report]) -> str:
    """Sections × runtimes, then the last lines of each run."""
    table = matrix(reports)
    rows = [(section, [cell.words for cell in cells]) for section, cells in table.rows]
    rows.append(("all", [cell.words for cell in table.totals]))
    names = [visible(name) for name in table.columns]
    first = max(len(visible(section)) for section, _ in [*rows, ("section", [])])
    widths = [
        max(len(name), *(len(words[column]) for _, words in rows))
        for column, name in enumerate(names)
    ]
    lines = [
        f"{visible(section):{first}}  "
        + "  ".join(f"{word:{width}}" for word, width in zip(words, widths, strict=True))
        for section, words in [("section", names), *rows]
    ]
    for report in reports:
        lines += ["", visible(report.title), *_end(report)]
    return "\n".join(line.rstrip() for line in lines) + "\n"
