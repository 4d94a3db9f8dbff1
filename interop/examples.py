"""The examples of docs/importers.md that need PyTorch or ONNX Runtime: run as they stand there, and what they print compared.

    python -m interop.examples

A block is run if the line before it is `<!-- run by make interop -->`; all blocks of the page are one program, in a folder of
their own. The next block with `<!-- output of make interop -->` before it is what they must have printed since the last.
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import onnxruntime

PAGE = Path(__file__).resolve().parent.parent / "docs/importers.md"
RUN, OUTPUT = "<!-- run by make interop -->", "<!-- output of make interop -->"
_BLOCK = re.compile(
    rf"^({re.escape(RUN)}|{re.escape(OUTPUT)})\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


def run(text: str) -> tuple[int, list[str]]:
    """How many blocks were run, and where an output is not as the page has it."""
    variables: dict[str, object] = {"__name__": "example"}
    printed = io.StringIO()
    count, wrong = 0, []
    for mark, body in _BLOCK.findall(text):
        if mark == RUN:
            count += 1
            with contextlib.redirect_stdout(printed):
                exec(compile(body, str(PAGE), "exec"), variables)  # noqa: S102  our own page
        else:
            if printed.getvalue() != body:
                wrong.append(f"expected\n{body}got\n{printed.getvalue()}")
            printed = io.StringIO()
    return count, wrong


def main() -> int:
    """Gives the exit status: 0 if every block ran and printed what the page says, and there is one."""
    onnxruntime.set_default_logger_severity(3)  # it warns of states that may be left out
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            count, wrong = run(PAGE.read_text("utf-8"))
        finally:
            os.chdir(before)
    print(f"examples of {PAGE.name}: {count} blocks run, {len(wrong)} other outputs")
    print("\n".join(wrong), end="")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
