"""The text of each requirement, from SPEC.md."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.report.installed import SPEC

START = re.compile(r"- \*\*\[([a-z0-9-]+)\]\*\* ?(.*)")
HEADING = re.compile(r"#{2,4} (\d+(?:\.\d+)*)\.? (.*)")
FENCE = "```"


@dataclass(frozen=True)
class Requirement:
    """One id: the section it stands in, its words in Markdown, and the formulas right below them."""

    id: str
    section: str
    words: str
    formulas: tuple[str, ...]


@cache
def requirements(path: Path = SPEC) -> dict[str, Requirement]:
    """By id; empty where SPEC.md is not at hand."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[str, Requirement] = {}
    section = ""
    for number, line in enumerate(lines):
        if heading := HEADING.fullmatch(line):
            section = f"{heading[1]} {heading[2]}"
        elif start := START.fullmatch(line):
            words, below = _paragraph(start[2], lines, number + 1)
            found[start[1]] = Requirement(start[1], section, words, _formulas(lines, below))
    return found


def _paragraph(first: str, lines: list[str], below: int) -> tuple[str, int]:
    """The rest of a list's element is indented."""
    words = [first]
    while below < len(lines) and lines[below].startswith("  "):
        words.append(lines[below].strip())
        below += 1
    return " ".join(words), below


def _formulas(lines: list[str], below: int) -> tuple[str, ...]:
    """A block of code that follows, if one does."""
    while below < len(lines) and not lines[below]:
        below += 1
    if below == len(lines) or lines[below] != FENCE:
        return ()
    end = lines.index(FENCE, below + 1)
    return tuple(lines[below + 1 : end])
