"""`rnnspec explain`: what does a code mean?"""

import argparse
import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from rnnspec.cli.color import output_style
from rnnspec.cli.files import UsageError
from rnnspec.cli.options import add_format
from rnnspec.cli.samples import SAMPLES, WITHOUT_SAMPLE
from rnnspec.cli.shipped import specification
from rnnspec.cli.text import did_you_mean, error_line, safe
from rnnspec.codes import CODES, Code

NAME = "explain"
SUMMARY = "say what a code means, where SPEC.md speaks of it, and what gives it"
EXAMPLES = [
    "rnnspec explain TENSOR_SHAPE",
    "rnnspec explain   # lists all codes",
    "rnnspec explain --format json | jq -r '.[].code'",
]

_WIDTH: Final = 100
_HEADING: Final = re.compile(r"^#{2,3} ([0-9.]+ .*)$")
_REQUIREMENT: Final = re.compile(r"^- \*\*\[([a-z0-9-]+)\]\*\* ")


class Mention(NamedTuple):
    """A paragraph of SPEC.md that names a code."""

    section: str
    id: str | None  # of the requirement, if it is one
    text: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "code", nargs="?", metavar="CODE", help="such as TENSOR_SHAPE (default: list all codes)"
    )
    add_format(parser)


def action(options: argparse.Namespace) -> int:
    """Explains one code, or lists all."""
    if options.code is None:
        _list(options)
        return 0
    name = options.code.upper().replace("-", "_")
    if name not in CODES:
        raise UsageError(f"there is no code {safe(options.code)}{did_you_mean(name, CODES)}; `rnnspec explain` lists all")  # fmt: skip
    code = CODES[name]
    if options.format == "json":
        sample = {"sample": _sample(name), "mentions": [m._asdict() for m in mentions(name)]}
        print(json.dumps({**_members(code), **sample}, indent=2))
    else:
        _print(options, code)
    return 0


def mentions(name: str) -> list[Mention]:
    """Where SPEC.md speaks of a code, its table of codes left out."""
    return [mention for mention in _paragraphs() if f"`{name}`" in mention.text]


def _paragraphs() -> Iterator[Mention]:
    """Paragraphs and items of lists, each with its section."""
    text = re.sub("<!-- codes:begin -->.*?<!-- codes:end -->", "", specification(), flags=re.DOTALL)
    section = ""
    for block in re.split(r"\n(?=\n|- \*\*\[|#)", text):
        paragraph = " ".join(block.split())
        if heading := _HEADING.match(block.strip()):
            section = heading[1]
        elif paragraph:
            requirement = _REQUIREMENT.match(paragraph)
            yield Mention(section, requirement[1] if requirement else None, paragraph)


def _plain(template: str) -> str:
    """A template as a person reads it."""
    return template.replace("{{", "{").replace("}}", "}")


def _members(code: Code) -> dict[str, Any]:
    texts = {name: _plain(getattr(code, name)) for name in ("what", "expected", "fix")}
    return {"code": code.code, "severity": code.severity, "stage": code.stage, **texts}


def _sample(name: str) -> dict[str, str]:
    """What gives the code, and the line that it gives, made now."""
    if name in WITHOUT_SAMPLE:
        return {"from": WITHOUT_SAMPLE[name]}
    sample = SAMPLES[name]
    (finding, *_) = [found for found in sample.findings() if found.code == name]
    path = "model.rnn" if finding.stage != "run" else "call"
    return {"from": sample.words, "gives": error_line(path, finding)}


def _list(options: argparse.Namespace) -> None:
    if options.format == "json":
        print(json.dumps([_members(code) for code in CODES.values()], indent=2))
        return
    stage = ""
    style = output_style(options.color)
    for code in sorted(CODES.values(), key=lambda code: _STAGES.index(code.stage)):
        if code.stage != stage:
            stage = code.stage
            print(f"{stage}: {_STAGE_WORDS[stage]}")
        print(f"  {style.paint('strong', f'{code.code:<24}')}{_plain(code.what)}")


_STAGE_WORDS: Final = {
    "bytes": "what kind of file it is",
    "syntax": "whether the text is JSON, or the bytes msgpack",
    "structure": "each value by itself",
    "agreement": "whether the parts fit each other",
    "run": "calls of a sound model",
    "advice": "what this command would rather not see; no part of SPEC.md",
}
_STAGES: Final = tuple(_STAGE_WORDS)


def _print(options: argparse.Namespace, code: Code) -> None:
    style = output_style(options.color)
    name = style.paint(code.severity, code.code)
    print(f"{name}: {code.severity} of the stage {code.stage} ({_STAGE_WORDS[code.stage]})")
    members = _members(code)
    for key, title in (("what", "what"), ("expected", "expected, got"), ("fix", "what to do")):
        print(f"  {title:<15}{members[key]}")
    found = mentions(code.code)
    if code.stage != "advice":
        print("\nSPEC.md" if found else "\nSPEC.md has it in its table of codes alone.")
    for mention in found:
        print(f"  section {mention.section}")
        text = _REQUIREMENT.sub(r"[\1] ", mention.text)
        print(textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    "))
    sample = _sample(code.code)
    print("\nfor example" if "gives" in sample else "\nwhat gives it")
    for line in sample.values():
        print(textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    "))
