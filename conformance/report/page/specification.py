"""The requirements that the failed cases name, in the words of SPEC.md."""

import re

from conformance.report.page.markup import Markup, el, join, lines
from conformance.report.requirements import Requirement

# What a requirement's Markdown has: code, bold, emphasis, links.
INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|\*(?P<emphasis>[^*]+)\*|\[(?P<text>[^\]]+)\]\([^)]*\)"
)
ESCAPED = re.compile(r"\\([*_|\\])")


def specification(needed: list[Requirement]) -> Markup:
    """A list of definitions, in the order of SPEC.md."""
    if not needed:
        return el("p", "The text of SPEC.md is not beside this suite.")
    return el(
        "dl",
        *(
            join(
                el(
                    "dt",
                    f"[{one.id}]",
                    " ",
                    el("span", one.section, class_="dim"),
                    id=f"spec-{one.id}",
                ),
                el("dd", el("p", inline(one.words)), _formulas(one)),
            )
            for one in needed
        ),
        class_="spec",
    )


def _formulas(one: Requirement) -> Markup:
    if not one.formulas:
        return Markup()
    written = lines([join(line) for line in one.formulas])
    return el("pre", written, tabindex="0", role="group", aria_label=f"formulas of {one.id}")


def inline(markdown: str) -> Markup:
    """Markdown inside a paragraph."""
    # An escaped character stands aside while the others are read.
    text = ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1])), markdown)
    parts: list[str] = []
    end = 0
    for found in INLINE.finditer(text):
        parts.append(_back(text[end : found.start()]))
        name = {"code": "code", "bold": "strong", "emphasis": "em"}.get(found.lastgroup or "")
        words = _back(found[found.lastgroup or 0])
        parts.append(el(name, words) if name else words)
        end = found.end()
    return join(*parts, _back(text[end:]))


def _back(text: str) -> str:
    return re.sub("[\ue000-\ue07f]", lambda found: chr(ord(found[0]) - 0xE000), text)
