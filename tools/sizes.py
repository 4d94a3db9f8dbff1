"""Prints what each runtime weighs, against its budget; exit 1 if one is too heavy.

    python tools/sizes.py

Also names the source files of more than 300 lines: they are questioned, not forbidden. And the sizes
that js/README.md gives must be those of today.
"""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KB = 1000
QUESTIONED = 300  # lines

# What a person downloads: the Python wheel, the JavaScript of a page, the jar.
BUDGETS = {
    "Python, the library zipped": 125 * KB,
    "Python, with the kernel of here": 220 * KB,
    "Python, with cli and importers": 500 * KB,  # grows with the systems that files come from
    "JavaScript, rnnspec/plain, gzipped": 20 * KB,
    "JavaScript, plain, with rnnspec/text": 23 * KB,
    "JavaScript, rnnspec/run, gzipped": 32 * KB,
    "JavaScript, with rnnspec/text": 35 * KB,
    "JavaScript, with rnnspec/fetch": 33 * KB,
    "JavaScript, rnnspec, gzipped": 50 * KB,
    "Java, the jar": 250 * KB,
    "Java, the vector jar": 25 * KB,
}

SOURCES = (
    "python/src/**/*.py",
    "js/src/**/*.js",
    "java/src/main/**/*.java",
    "java/vector/**/*.java",
)
GENERATED = {"codes.py", "codes.js", "texts.js", "Codes.java"}


def python_size(leave_out: tuple[str, ...] = ()) -> int:
    """The bytes of python/src/rnnspec as a zip file, which is what a wheel is, without some folders."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((ROOT / "python/src").rglob("*")):
            if path.is_file() and not {"__pycache__", *leave_out} & set(path.parts):
                archive.write(path, path.relative_to(ROOT))
    return len(out.getvalue())


def js_sizes() -> dict[str, dict[str, int]]:
    """What js/scripts/size.js measures."""
    done = subprocess.run(
        ["node", "scripts/size.js"], cwd=ROOT / "js", capture_output=True, check=False
    )
    if done.returncode:
        raise SystemExit("sizes: js/scripts/size.js failed:\n" + done.stderr.decode())
    sizes: dict[str, dict[str, int]] = json.loads(done.stdout)
    return sizes


def long_files() -> list[tuple[int, str]]:
    """The source files over the questioned length, longest first."""
    paths = [path for pattern in SOURCES for path in ROOT.glob(pattern)]
    if not paths:
        raise SystemExit(f"sizes: no file matches {SOURCES}")
    counted = [
        (path.read_text("utf-8").count("\n"), path.relative_to(ROOT).as_posix())
        for path in paths
        if path.name not in GENERATED
    ]
    return sorted((pair for pair in counted if pair[0] > QUESTIONED), reverse=True)


def stale(js: dict[str, dict[str, int]]) -> list[str]:
    """The entries whose sizes js/README.md does not give as they are."""
    page = (ROOT / "js/README.md").read_text("utf-8")

    def cells(size: dict[str, int]) -> str:
        return f"| {size['minified'] / KB:.1f} kB | {size['gzipped'] / KB:.1f} kB |"

    return [f"{name}: {cells(size)}" for name, size in js.items() if cells(size) not in page]


def main() -> int:
    js = js_sizes()
    sizes = {
        "Python, the library zipped": python_size(("cli", "importers", "_kernel")),
        "Python, with the kernel of here": python_size(("cli", "importers")),
        "Python, with cli and importers": python_size(("_kernel",)),
        "JavaScript, rnnspec/plain, gzipped": js["plain"]["gzipped"],
        "JavaScript, plain, with rnnspec/text": js["plainAndText"]["gzipped"],
        "JavaScript, rnnspec/run, gzipped": js["runOnly"]["gzipped"],
        "JavaScript, with rnnspec/text": js["runAndText"]["gzipped"],
        "JavaScript, with rnnspec/fetch": js["runAndFetch"]["gzipped"],
        "JavaScript, rnnspec, gzipped": js["everything"]["gzipped"],
        "Java, the jar": (ROOT / "java/target/rnnspec.jar").stat().st_size,
        "Java, the vector jar": (ROOT / "java/target/rnnspec-vector.jar").stat().st_size,
    }
    heavy = [name for name, budget in BUDGETS.items() if sizes[name] > budget]
    for name, budget in BUDGETS.items():
        mark = "  TOO HEAVY" if name in heavy else ""
        print(f"{name:34} {sizes[name] / KB:6.1f} kB of {budget / KB:5.0f} kB{mark}")
    for count, path in long_files():
        print(f"{path}: {count} lines (files over {QUESTIONED} are questioned)")
    for line in stale(js):
        print(f"js/README.md gives another size: {line}")
    return 1 if heavy or stale(js) else 0


if __name__ == "__main__":
    sys.exit(main())
