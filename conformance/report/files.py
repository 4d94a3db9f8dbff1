"""Reports into files: which format a file asks for, and writing it."""

from pathlib import Path

from conformance.report import document, junit, page, text
from conformance.report.model import Report, ReportError

FORMATS = ("text", "json", "junit", "html")
SUFFIXES = {".txt": "text", ".json": "json", ".xml": "junit", ".html": "html", ".htm": "html"}


def format_of(path: Path, chosen: str | None) -> str:
    """The one chosen, or that of the suffix."""
    found = chosen or SUFFIXES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(SUFFIXES)
        raise ReportError(f"{path}: the suffix is none of {known}; choose with --report-format")
    return found


def check(paths: list[Path], chosen: str | None) -> None:
    """Before a run: what can't be written later is told now."""
    for path in paths:
        format_of(path, chosen)
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise ReportError(f"{path}: no file can be written there")


def write(report: Report, path: Path, chosen: str | None) -> None:
    """One run into one file."""
    match format_of(path, chosen):
        case "text":
            put(path, text.write(report))
        case "json":
            put(path, document.write(report))
        case "junit":
            put(path, junit.write([report]))
        case _:
            put(path, page.write([report]))


def put(path: Path, content: str) -> None:
    """As UTF-8, whatever the locale says, with plain line ends."""
    try:
        path.write_bytes(content.encode("utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror}") from error
