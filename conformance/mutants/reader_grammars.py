"""Changes of a grammar: each count one more and one less, each range and character of a class left out."""

import ast
import re
from collections.abc import Iterator

from conformance.mutants.source_text import SourceText

COUNTS = re.compile(r"(?<=\{)\d+(?=[,}])|(?<=,)\d+(?=\})")
CLASSES = re.compile(r"\[([^\]]+)\]")
PARTS = re.compile(r".-.|.")


def grammar_changes(source: SourceText, node: ast.expr) -> Iterator[tuple[str, str]]:
    """Of a pattern as it is written, prefix and quotes included."""
    words = source.words(node)
    for what, changed in pattern_changes(words):
        yield what, source.put(node, changed)


def pattern_changes(pattern: str) -> Iterator[tuple[str, str]]:
    """What is changed, and the pattern after it."""

    def put(first: int, last: int, new: str) -> str:
        return pattern[:first] + new + pattern[last:]

    for count in COUNTS.finditer(pattern):
        for step in (1, -1):
            number = int(count[0]) + step
            if number >= 0:
                yield f"{count[0]} is {number} in {pattern}", put(*count.span(), str(number))
    for class_ in CLASSES.finditer(pattern):
        inside = class_.start(1)
        for part in PARTS.finditer(class_[1]):
            first, last = inside + part.start(), inside + part.end()
            if last - first < len(class_[1]):
                yield f"without {part[0]} at {first} in {pattern}", put(first, last, "")
            if len(part[0]) == 3:
                shorter = f"{chr(ord(part[0][0]) + 1)}-{part[0][2]}"
                yield (
                    f"{part[0]} from {shorter[0]} at {first} in {pattern}",
                    put(first, last, shorter),
                )
                shorter = f"{part[0][0]}-{chr(ord(part[0][2]) - 1)}"
                yield (
                    f"{part[0]} to {shorter[2]} at {first} in {pattern}",
                    put(first, last, shorter),
                )
    for mark in re.finditer(r"\)\?", pattern):
        yield f"no ? at {mark.start() + 1} in {pattern}", put(mark.start() + 1, mark.end(), "")
    for mark in re.finditer(r"\\\.", pattern):
        yield f"any character at {mark.start()} in {pattern}", put(*mark.span(), ".")
