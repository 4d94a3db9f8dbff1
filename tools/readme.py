"""Runs the code of README.md, of each language's own, and of the pages under docs/ that ask for it.

    python tools/readme.py [FILE...]

A fenced block is run if the line before it is `<!-- run -->`. If the next fenced block has the
line `<!-- output -->` before it, it is what the code must print, on either stream, to the letter.
Each block is a program of its own, started in the project root:

    sh      bash -euo pipefail, with the commands of .venv first
    python  the interpreter of .venv
    js      node, as a module, with the package `rnnspec` installed beside it
    java    java, launching one source file; statements without a class are put into one
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN, OUTPUT = "<!-- run -->", "<!-- output -->"
FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>\w*)\s*$")
TIMEOUT = 300  # seconds for one block


class PageError(Exception):
    """A page marks something that cannot be run."""


@dataclass(frozen=True)
class Fence:
    """A fenced block as it stands in a page."""

    mark: str
    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Block:
    """A block that is run, and what it must print if the page says so."""

    language: str
    text: str
    line: int
    output: str | None


def fences(text: str) -> Iterator[Fence]:
    """Every fenced block of a page, with the line before it."""
    rows = text.splitlines()
    number = 0
    while number < len(rows):
        opening = FENCE.match(rows[number])
        mark = rows[number - 1].strip() if number else ""
        number += 1
        if not opening:
            if rows[number - 1].strip() in (RUN, OUTPUT) and not (
                number < len(rows) and FENCE.match(rows[number])
            ):
                raise PageError(f"line {number}: {rows[number - 1].strip()} is not before a block")
            continue
        start = number
        while number < len(rows) and rows[number].rstrip() != opening["fence"]:
            number += 1
        if number == len(rows):
            raise PageError(f"line {start}: the block does not end")
        body = "\n".join(rows[start:number]) + "\n"
        yield Fence(mark if mark in (RUN, OUTPUT) else "", opening["language"], body, start)
        number += 1


def blocks(text: str) -> list[Block]:
    """The blocks of a page that are run."""
    found: list[Block] = []
    before: Fence | None = None
    for fence in fences(text):
        if fence.mark == RUN:
            if fence.language not in COMMANDS:
                raise PageError(f"line {fence.line}: {fence.language or 'no language'} is not run")
            found.append(Block(fence.language, fence.text, fence.line, None))
        elif fence.mark == OUTPUT:
            if before is None or before.mark != RUN:
                raise PageError(f"line {fence.line}: this output does not follow a block that runs")
            last = found.pop()
            found.append(Block(last.language, last.text, last.line, fence.text))
        before = fence
    return found


def shell(text: str, folder: Path) -> list[str]:
    del folder  # nothing is written
    return ["bash", "-euo", "pipefail", "-c", text]


def python(text: str, folder: Path) -> list[str]:
    (folder / "block.py").write_text(text, "utf-8")
    return [str(ROOT / ".venv/bin/python"), str(folder / "block.py")]


def js(text: str, folder: Path) -> list[str]:
    (folder / "node_modules").mkdir()
    (folder / "node_modules/rnnspec").symlink_to(ROOT / "js")
    (folder / "block.mjs").write_text(text, "utf-8")
    return ["node", str(folder / "block.mjs")]


def java(text: str, folder: Path) -> list[str]:
    if not re.search(r"^\s*(public |final )*(class|record|enum|interface) ", text, re.MULTILINE):
        rows = text.splitlines(keepends=True)
        imports = "".join(row for row in rows if row.startswith("import "))
        body = "".join(row for row in rows if not row.startswith("import "))
        main = "public static void main(String[] arguments) throws Exception"
        text = f"{imports}\nclass Block {{\n{main} {{\n{body}}}\n}}\n"
    (folder / "Block.java").write_text(text, "utf-8")
    return ["java", "-cp", str(ROOT / "java/target/classes"), str(folder / "Block.java")]


COMMANDS = {"sh": shell, "python": python, "js": js, "java": java}


def run(block: Block) -> str | None:
    """Runs one block; returns what is wrong, or nothing."""
    environment = dict(os.environ, PATH=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}")
    with tempfile.TemporaryDirectory() as folder:
        command = COMMANDS[block.language](block.text, Path(folder))
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"did not end within {TIMEOUT} s"
    printed = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        return f"ended with {done.returncode} and printed:\n{printed}"
    if block.output is not None and printed.rstrip() != block.output.rstrip():
        return f"printed:\n{printed}\nbut the page says:\n{block.output}"
    return None


def default_pages() -> list[Path]:
    """README.md, that of each language, and every page under docs/ that marks a block."""
    docs = sorted((ROOT / "docs").rglob("*.md"))
    own = [ROOT / folder / "README.md" for folder in (".", "python", "js", "java")]
    return [*own, *(page for page in docs if RUN in page.read_text("utf-8"))]


def shown(page: Path) -> str:
    """The name of a page, from the root where it is below it."""
    whole = page.resolve()
    return str(whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else page)


def main(arguments: list[str]) -> int:
    failed = total = 0
    for page in [Path(name) for name in arguments] or default_pages():
        try:
            found = blocks(page.read_text("utf-8"))
        except (OSError, PageError) as error:
            print(f"readme: {page}: {error}", file=sys.stderr)
            return 1
        if not found:
            print(f"readme: {page}: no block is marked {RUN}", file=sys.stderr)
            return 1
        for block in found:
            wrong = run(block)
            total += 1
            failed += wrong is not None
            print(f"{'FAIL' if wrong else 'ok  '} {shown(page)}:{block.line} {block.language}")
            if wrong:
                print(f"readme: the block {wrong}", file=sys.stderr)
    print(f"readme: {total - failed} of {total} blocks do what the page says")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
