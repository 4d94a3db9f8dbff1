#!/usr/bin/env python3
"""Builds and measures every candidate and prints the table of docs/decisions/0001-recipes.md.

python3 run.py [--no-errors] [--cpu N] [--rounds N]

Needs gcc, node and a JDK 17; and for the three native widths and WebAssembly clang through
`pip install ziglang` (any Python that has it: set PYTHON_ZIG, default this one).
Times are nanoseconds per element: the median over 15 samples, of which the smallest of --rounds runs of the
program is kept, because a shared machine only ever adds. About 15 minutes with errors, 5 without.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ZIG = [
    os.environ.get("PYTHON_ZIG", sys.executable),
    "-m",
    "ziglang",
    "cc",
    "-O3",
    "-ffp-contract=off",
]


def call(command, **options):
    return subprocess.run(
        [str(c) for c in command], check=True, text=True, capture_output=True, cwd=HERE, **options
    ).stdout


def build(out):
    """Returns {column: command}."""
    columns = {}
    for name, cpu in (("SSE2", "x86_64"), ("AVX2", "x86_64_v3"), ("AVX-512", "x86_64_v4")):
        call(
            [
                *ZIG,
                "-target",
                "x86_64-linux-gnu.2.17",
                f"-mcpu={cpu}",
                "-mprefer-vector-width=512",
                "time.c",
                "-o",
                out / name,
            ]
        )
        columns[name] = [out / name]
    call(
        [
            *ZIG,
            "-target",
            "wasm32-freestanding",
            "-msimd128",
            "-fno-sanitize=all",
            "-nostdlib",
            "-Wl,--no-entry",
            "-Wl,--export-dynamic",
            "wasm.c",
            "-o",
            out / "wasm",
        ]
    )
    columns["WASM SIMD"] = ["node", "time.js", "wasm", out / "wasm"]
    (out / "candidates.js").write_text(call([sys.executable, "translate.py", "js"]))
    columns["plain JS"] = ["node", "time.js", "plain", out / "candidates.js"]
    for name, to, flags in (
        ("plain Java", "java", []),
        ("Java Vector", "vector", ["--add-modules", "jdk.incubator.vector"]),
    ):
        where = out / to
        where.mkdir()
        (where / "Candidates.java").write_text(call([sys.executable, "translate.py", to]))
        call(["javac", *flags, "-d", where, "Time.java", where / "Candidates.java"])
        columns[name] = ["java", *flags, "-cp", where, "Time"]
    return columns


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-errors", action="store_true")
    parser.add_argument("--cpu", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    names = re.findall(r" X\((\w+), \w+\)", (HERE / "candidates" / "all.h").read_text())
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        errors = {}
        if not args.no_errors:
            call(
                [
                    "gcc",
                    "-O2",
                    "-ffp-contract=off",
                    "-pthread",
                    "error.c",
                    "-lm",
                    "-o",
                    out / "error",
                ]
            )
            errors = {
                line.split()[0]: line.split()[1:] for line in call([out / "error"]).splitlines()
            }
        columns, times, hashes = build(out), {}, {n: set() for n in names}
        for column, command in columns.items():
            for _ in range(args.rounds):
                # Java is left unpinned: its compiler and collector need the other core.
                pin = [] if command[0] == "java" else ["taskset", "-c", args.cpu]
                for line in call([*pin, *command]).splitlines():
                    name, ns, value = line.split()
                    key = name, column
                    times[key] = min(times.get(key, 1e9), float(ns))
                    hashes[name].add(value)
    print("| candidate | ulp x>=0 | ulp x<0 | breaks | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * (len(columns) + 3))
    for name in names:
        plus, minus, breaks = errors.get(name, ["-"] * 3)
        row = [f"`{name}`", plus, "" if name.startswith("log") else minus, breaks]
        row += [f"{times[name, c]:.2f}" if (name, c) in times else "-" for c in columns]
        print("| " + " | ".join(row) + " |")
    split = [n for n in names if len(hashes[n]) > 1]
    print(
        "\nsame bits in every column:",
        "yes, every candidate" if not split else "NO: " + " ".join(split),
    )
    return 1 if split else 0


if __name__ == "__main__":
    sys.exit(main())
