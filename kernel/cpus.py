"""Runs the kernel on processors that this machine is not, under emulation: the proof, and a whole net, bit by bit.

    python kernel/cpus.py --zig build/kernel-venv/bin/python

Emulators are those of the Debian and Ubuntu package qemu-user. Exit 1 if a bit differs, 2 if an emulator is missing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import build

# Target, triple of a program that needs nothing else, what runs it, and the levels that must be there.
MACHINES: Final = (
    ("linux-x86_64", "x86_64-linux-musl", ("qemu-x86_64", "-cpu", "core2duo"), ["baseline"]),
    ("linux-x86_64", "x86_64-linux-musl", ("qemu-x86_64", "-cpu", "max"), ["baseline", "avx2"]),
    ("linux-aarch64", "aarch64-linux-musl", ("qemu-aarch64",), ["neon"]),
)


def program(name: str, triple: str, zig: str, folder: str) -> Path:
    """kernel/tests/digest.c with the kernel of a target."""
    target = next(target for target in build.TARGETS if target.name == name)._replace(triple=triple)
    made = Path(folder) / name
    if not made.exists():
        (objects := Path(folder) / f"{name}.objects").mkdir()
        compiled = build.compile_objects(target, zig, str(objects))
        options = (
            "-target",
            triple,
            f"-mcpu={next(iter(target.levels.values()))}",
            "-O1",
            "-ffp-contract=off",
        )
        build.run(zig, *options, "-static", "tests/digest.c", *compiled, "-o", str(made))
    return made


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--zig", required=True, help="a Python that has the package ziglang")
    zig = str(Path(parser.parse_args().zig).absolute())
    missing = sorted(
        {emulator[0] for *_, emulator, _ in MACHINES if shutil.which(emulator[0]) is None}
    )
    if missing:
        print(
            f"missing: {', '.join(missing)}. On Debian and Ubuntu: apt-get install qemu-user",
            file=sys.stderr,
        )
        return 2
    digests = set()
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        for name, triple, emulator, expected in MACHINES:
            command = [*emulator, program(name, triple, zig, folder)]
            lines = subprocess.run(
                command, check=True, capture_output=True, text=True
            ).stdout.split("\n")
            rows = [line.split() for line in lines if line]
            for level, proof, digest in rows:
                digests.add(digest)
                good = int(proof) == build.proof()
                wrong |= not good
                print(
                    f"{' '.join(emulator):28} {level:9} proof {'holds' if good else 'DIFFERS'}, net {digest}"
                )
            if [level for level, *_ in rows] != expected:
                print(f"{' '.join(emulator)}: levels {rows}, expected {expected}", file=sys.stderr)
                wrong = True
    if len(digests) != 1 or digests == {"0"}:
        print(f"the digests of the net differ: {sorted(digests)}", file=sys.stderr)
        wrong = True
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
