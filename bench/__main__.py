"""All benchmarks: runs them, keeps what they print, and makes docs/speed.md.

    python -m bench [python js browser java c] [--quick] [--page]

Records go to bench/results/, the page and its charts to docs/. With --quick, a taste, everything goes to build/bench/quick/ instead.
--page makes the page again from the newest records and runs nothing.
"""

import argparse
import datetime as dt
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench import charts
from bench.catalogue import FOLDER, ROOT
from bench.lines import Line, LineError, parse
from bench.machine import machine
from bench.page import page
from bench.progress import note
from bench.record import RESULTS, newest, record_of, text_of

# What prints the lines of each record; an environment variable, such as BENCH_js, names another command.
COMMANDS: Final = {
    "python": f"{shlex.quote(sys.executable)} -m bench.python",
    "js": "node bench/js/main.js",
    "browser": "node bench/js/main.js --browser",
    "java": f"{shlex.quote(sys.executable)} -m bench.java",
    "c": f"{shlex.quote(sys.executable)} -m bench.kernel",
}
QUICK: Final = FOLDER / "quick"


def lines_of(language: str, *, quick: bool) -> list[Line]:
    """Runs the benchmark of a record, whose progress is shown. Raises SystemExit if it fails or prints something else."""
    command = shlex.split(os.environ.get(f"BENCH_{language}", COMMANDS[language]))
    command += ["--quick"] if quick else []
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {shlex.join(command)} failed with {done.returncode}")
    try:
        return [parse(line) for line in done.stdout.splitlines() if line.strip()]
    except LineError as error:
        raise SystemExit(f"bench: {language}: {error}") from None


def run(language: str, results: Path, *, quick: bool) -> None:
    """One of them, into its record of today."""
    note(f"{language}: begins")
    told = machine()
    lines = lines_of(language, quick=quick)
    if not lines:
        raise SystemExit(f"bench: {language} printed no line")
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"{dt.datetime.now(tz=dt.UTC).date()}-{language}.json"
    path.write_text(text_of(record_of(language, told, lines)))
    note(f"{language}: {len(lines)} lines, {path.relative_to(ROOT)}")


def write_page(results: Path, docs: Path) -> None:
    """speed.md and speed/*.svg, without what stood there."""
    records = newest(results)
    if not records:
        raise SystemExit(f"bench: no record in {results.relative_to(ROOT)}: make bench")
    made = page(records, charts)
    folder = docs / "speed"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        if old.name not in made.pictures:
            old.unlink()
    for name, picture in made.pictures.items():
        (folder / name).write_text(picture)
    (docs / "speed.md").write_text(made.text)
    note(f"{(docs / 'speed.md').relative_to(ROOT)}: {len(made.pictures)} charts")


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "languages", nargs="*", help=f"of {', '.join(COMMANDS)}; all if none is given"
    )
    parser.add_argument("--quick", action="store_true", help="a taste of a minute")
    parser.add_argument("--page", action="store_true", help="only the page")
    options = parser.parse_args()
    if unknown := set(options.languages) - set(COMMANDS):
        parser.error(f"no such language: {', '.join(sorted(unknown))}")
    results, docs = (QUICK, QUICK) if options.quick else (RESULTS, ROOT / "docs")
    if not options.page:
        for language in options.languages or COMMANDS:
            run(language, results, quick=options.quick)
    write_page(results, docs)


if __name__ == "__main__":
    main()
