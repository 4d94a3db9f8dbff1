"""The report for continuous integration: JUnit XML.

There is no one schema of it. This is what the strictest of the usual ones (that of Ant) asks for, and nothing
that another forbids: attributes of `testsuite`, `properties` first, `system-out` and `system-err` last.
A wrong answer is a `failure`; where there is no answer to judge (a crash, silence, nonsense), it is an `error`.
"""

import shlex
from xml.etree import ElementTree as ET

from conformance.report.matrix import columns
from conformance.report.model import Report, Result
from conformance.report.text import details
from conformance.report.visible import visible
from conformance.verdict import Verdict

FAILURES = (Verdict.MISMATCH, Verdict.WRONGLY_SKIPPED)


def write(reports: list[Report]) -> str:
    """One or several runs: a suite for each section of each."""
    top = ET.Element("testsuites")
    for report, column in zip(reports, columns(reports), strict=True):
        sections: dict[str, list[Result]] = {}
        for result in report.results:
            sections.setdefault(result.section, []).append(result)
        for section, results in sections.items():
            top.append(_suite(len(top), column, section, report, results))
    ET.indent(top, " ")
    text = ET.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(
    number: int, column: str, section: str, report: Report, results: list[Result]
) -> ET.Element:
    failures = [result for result in results if result.verdict.failed]
    errors = [result for result in failures if result.verdict not in FAILURES]
    skipped = [result for result in results if result.verdict is Verdict.SKIPPED]
    suite = ET.Element(
        "testsuite",
        {
            "id": str(number),
            "package": visible(column),
            "name": visible(f"{column} {section}"),
            "timestamp": visible(report.started.removesuffix("Z")),
            "hostname": "localhost",  # asked for by Ant; nobody's business
            "tests": str(len(results)),
            "failures": str(len(failures) - len(errors)),
            "errors": str(len(errors)),
            "skipped": str(len(skipped)),
            "time": f"{sum(result.seconds for result in results):.4f}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("runtime", report.title),
        ("command", shlex.join(report.command)),
        ("claim", "none: a part of the suite only" if report.filtered else report.claim),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    for result in results:
        suite.append(_case(column, section, result))
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _case(column: str, section: str, result: Result) -> ET.Element:
    element = ET.Element(
        "testcase",
        {
            # A dot in a class name parts packages: rnnspec is the one, a runtime the next.
            "classname": visible(f"rnnspec.{column.replace('.', '_')}.{section}"),
            "name": visible(result.id.partition("/")[2] or result.id),
            "time": f"{result.seconds:.4f}",
        },
    )
    if result.verdict is Verdict.SKIPPED:
        ET.SubElement(element, "skipped", {"message": visible("; ".join(result.details))})
    elif result.verdict.failed:
        assert result.case is not None
        lines = details(result.details)
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
