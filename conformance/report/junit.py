"""The report for continuous integration: JUnit XML.

There is no one schema of it. This is what the strictest of the usual ones (that of Ant) asks for, and nothing
that another forbids: attributes of `testsuite`, `properties` first, `system-out` and `system-err` last.
A wrong answer is a `failure`; where there is no answer to judge (a crash, silence, nonsense), it is an `error`.
So that it says what the run's exit status says: a known failure is `skipped`, with its reason, and a known failure that
passes, or is no case, is a `failure`.
"""

import shlex
from xml.etree import ElementTree as ET

from conformance.report.matrix import columns
from conformance.report.model import Report, Result
from conformance.report.text import MAX_LINE, details
from conformance.report.visible import short, visible
from conformance.verdict import Verdict

FAILURES = (Verdict.MISMATCH, Verdict.WRONGLY_SKIPPED)
LIST = "known failures"  # the suite of what is on the list and no case


def write(reports: list[Report]) -> str:
    """One or several runs: a suite for each section of each."""
    top = ET.Element("testsuites")
    for report, column in zip(reports, columns(reports), strict=True):
        sections: dict[str, list[Result]] = {}
        for result in report.results:
            sections.setdefault(result.section, []).append(result)
        for section, results in sections.items():
            top.append(_suite(len(top), column, section, report, results))
        if report.stale:
            top.append(_stale(len(top), column, report))
    ET.indent(top, " ")
    text = ET.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(
    number: int, column: str, section: str, report: Report, results: list[Result]
) -> ET.Element:
    cases = [_case(column, section, result) for result in results]
    return _suite_of(number, column, section, report, cases)


def _suite_of(
    number: int, column: str, section: str, report: Report, cases: list[ET.Element]
) -> ET.Element:
    def having(kind: str) -> str:
        return str(sum(case.find(kind) is not None for case in cases))

    suite = ET.Element(
        "testsuite",
        {
            "id": str(number),
            "package": visible(column),
            "name": visible(f"{column} {section}"),
            "timestamp": visible(report.started.removesuffix("Z")),
            "hostname": "localhost",  # asked for by Ant; nobody's business
            "tests": str(len(cases)),
            "failures": having("failure"),
            "errors": having("error"),
            "skipped": having("skipped"),
            "time": f"{sum(float(case.attrib['time']) for case in cases):.3f}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("runtime", report.title),
        ("command", shlex.join(report.command)),
        ("claim", "none: a part of the suite only" if report.filtered else report.claim),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _stale(number: int, column: str, report: Report) -> ET.Element:
    cases = []
    for id_ in report.stale:
        element = _element(column, LIST, id_, 0.0)
        told = {"type": "no such case", "message": "on the list of known failures, and no case"}
        ET.SubElement(element, "failure", told)
        cases.append(element)
    return _suite_of(number, column, LIST, report, cases)


def _element(column: str, section: str, name: str, seconds: float) -> ET.Element:
    return ET.Element(
        "testcase",
        {
            # A dot in a class name parts packages: rnnspec is the one, a runtime the next.
            "classname": visible(f"rnnspec.{column.replace('.', '_')}.{section}"),
            "name": visible(name),
            "time": f"{seconds:.3f}",
        },
    )


def _case(column: str, section: str, result: Result) -> ET.Element:
    element = _element(column, section, result.id.partition("/")[2] or result.id, result.seconds)
    lines = details(result.details)
    if result.verdict is Verdict.SKIPPED:
        ET.SubElement(element, "skipped", {"message": visible("; ".join(result.details))})
    elif result.is_known:
        said = visible(short(f"known failure: {result.known}", MAX_LINE))
        ET.SubElement(element, "skipped", {"message": said}).text = "\n".join(
            [result.verdict.value, *lines]
        )
    elif result.is_unexpected:
        said = visible(short(f"it passes, and is a known failure: {result.known}", MAX_LINE))
        ET.SubElement(element, "failure", {"type": "unexpected pass", "message": said})
    elif result.verdict.failed:
        assert result.case is not None
        kind = "failure" if result.verdict in FAILURES else "error"
        told = ET.SubElement(
            element,
            kind,
            {"type": result.verdict.value, "message": lines[0] if lines else result.verdict.value},
        )
        told.text = "\n".join(
            [
                visible(result.case.title),
                *lines,
                f"it catches: {visible(result.case.catches)}",
                f"see {visible(', '.join(result.case.requirements))} in SPEC.md",
            ]
        )
    return element
