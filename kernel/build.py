"""Builds the kernel with one pinned compiler: the native libraries, and the WebAssembly module inside its JavaScript.

    python kernel/build.py native --zig build/kernel-venv/bin/python      for this machine
    python kernel/build.py wasm --zig …        js/src/kernel/wasm.js
    python kernel/build.py cross --zig …       all targets; those that nothing here can run are untested
    python kernel/build.py check --zig …       whether wasm.js is what its sources give, byte by byte

`--zig` is a Python in which `ziglang` is installed: the compiler of kernel/requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

KERNEL: Final = Path(__file__).parent
ROOT: Final = KERNEL.parent
OUT: Final = ROOT / "build" / "kernel"
CARRIED: Final = ROOT / "python" / "src" / "rnnspec" / "_kernel"  # where Python looks
MODULE: Final = ROOT / "js" / "src" / "kernel" / "wasm.js"

# No fused multiply-add, nothing of a C library, nothing that depends on where it is built.
FLAGS: Final = (
    *("-std=gnu11", "-ffp-contract=off", "-ffreestanding", "-fno-builtin", "-fno-sanitize=all"),
    *(
        "-fno-stack-protector",
        "-fomit-frame-pointer",
        "-g0",
        "-Wall",
        "-Wextra",
        "-Wno-psabi",
        "-Werror",
    ),
)
# x86-64: kernel.c is compiled once per level. The levels are named by the features that library.c asks the processor for.
X86_LEVELS: Final = {
    "baseline": "x86_64",
    "avx2": "x86_64+avx+avx2+f16c",
    "avx512": "x86_64+avx+avx2+f16c+avx512f+avx512dq+avx512bw+avx512vl",
}
ONCE: Final = ("library.c", "proof.c")
NATIVE: Final = ("python.c",)  # once too, and not in the WebAssembly module

EXPORTS: Final = (
    *("rnn_columns", "rnn_packed_bytes", "rnn_pack", "rnn_spread", "rnn_products", "rnn_sweep"),
    *("rnn_elman", "rnn_lstm", "rnn_gru_before", "rnn_gru_after", "rnn_proof"),
)


class Target(NamedTuple):
    """What is built for one system and processor."""

    name: str  # <os>-<arch>, as in the name of the library
    triple: str
    file: str
    levels: dict[str, str]  # name -> -mcpu
    link: tuple[str, ...]


TARGETS: Final = (
    *(
        Target(
            f"linux-{arch}",
            f"{arch}-linux-gnu.2.17",
            f"librnnspec_kernel-linux-{arch}.so",
            levels,
            ("-nostdlib",),
        )
        for arch, levels in (("x86_64", X86_LEVELS), ("aarch64", {"neon": "generic"}))
    ),
    Target(
        "windows-x86_64", "x86_64-windows-gnu", "rnnspec_kernel-windows-x86_64.dll", X86_LEVELS, ()
    ),
    Target("macos-x86_64", "x86_64-macos", "librnnspec_kernel-macos-x86_64.dylib", X86_LEVELS, ()),
    Target(
        "macos-aarch64",
        "aarch64-macos",
        "librnnspec_kernel-macos-aarch64.dylib",
        {"neon": "apple_m1"},
        (),
    ),
)


def this_machine() -> str:
    """The name of the target that this machine runs."""
    system = {"darwin": "macos"}.get(platform.system().lower(), platform.system().lower())
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{system}-{machine}"


def compile_objects(target: Target, zig: str, folder: str) -> list[str]:
    """kernel.c once per level, and what exists once; that for the least processor."""
    cpus = list(target.levels.items())
    sources = [("kernel.c", name, cpu, "-O3") for name, cpu in cpus]
    sources += [(source, source, cpus[0][1], "-O2") for source in (*ONCE, *NATIVE)]
    position = () if "windows" in target.name else ("-fPIC",)
    objects = []
    for source, name, cpu, optimise in sources:
        objects.append(f"{folder}/{name}.o")
        options = ("-target", target.triple, f"-mcpu={cpu}", optimise, *FLAGS, *position)
        run(zig, *options, "-c", source, "-o", objects[-1])
    return objects


def compile_native(target: Target, zig: str) -> Path:
    """One library, in build/kernel."""
    OUT.mkdir(parents=True, exist_ok=True)
    library = OUT / target.file
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / target.file  # a linker leaves more than the library beside it
        objects = compile_objects(target, zig, scratch)
        run(zig, "-target", target.triple, "-shared", "-s", *target.link, *objects, "-o", str(made))
        arriving = OUT / f".{target.file}"  # a process that has the old one open keeps it
        shutil.copyfile(made, arriving)
        arriving.replace(library)
    return library


def compile_wasm(zig: str) -> bytes:
    """The module: no imports, and of the C only what JavaScript calls."""
    with tempfile.TemporaryDirectory() as scratch:
        module = Path(scratch) / "kernel.wasm"
        exports = [f"-Wl,--export={name}" for name in (*EXPORTS, "__heap_base")]
        run(
            *(
                zig,
                "-target",
                "wasm32-freestanding",
                "-mcpu=generic+simd128",
                "-Os",
                *("-mllvm", "-disable-lsr"),  # it takes the offsets out of the loads, and is larger
                *FLAGS,
                "-fvisibility=hidden",
                "-nostdlib",
            ),
            *(
                "-Wl,--no-entry",
                "-Wl,--strip-all",
                "-Wl,--gc-sections",
                "-Wl,-z,stack-size=131072",
                *exports,
            ),
            *("kernel.c", *ONCE, "-o", str(module)),
        )
        return module.read_bytes()


def run(zig: str, *arguments: str) -> None:
    """Calls the compiler in the folder of the sources, so that no path of this machine gets into what it makes."""
    subprocess.run([zig, "-m", "ziglang", "cc", *arguments], cwd=KERNEL, check=True)


ALPHABET: Final = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in '"\\')


def text(module: bytes) -> str:
    """Bytes as printable characters: one for most, two for the rest. Base64 would hide from gzip what repeats."""
    shifted = [
        (byte + 3) % 256 for byte in module
    ]  # 0xfd to 0xff are frequent, and get one character too
    pairs = (divmod(v - 91, 93) for v in shifted)
    return "".join(
        ALPHABET[v] if v < 91 else ALPHABET[91 + high] + ALPHABET[low]
        for v, (high, low) in zip(shifted, pairs, strict=True)
    )


def javascript(module: bytes) -> str:
    """The module as a JavaScript source: a page needs no second file, and no fetch."""
    return (
        "/** The kernel as WebAssembly, as text, and the number it proves itself by. Made by kernel/build.py. */\n\n"
        f'export const WASM =\n  "{text(module)}";\nexport const PROOF = {proof()};\n'
    )


def proof() -> int:
    """What rnn_proof() must return."""
    value: int = json.loads((KERNEL / "proof.json").read_text())["proof"]
    return value


def carry(library: Path) -> None:
    """Puts the library and its number where the Python runtime looks."""
    CARRIED.mkdir(exist_ok=True)
    replaced = CARRIED / f".{library.name}"  # a process that has the old one open keeps it
    shutil.copyfile(library, replaced)
    replaced.replace(CARRIED / library.name)
    shutil.copyfile(KERNEL / "proof.json", CARRIED / "proof.json")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("native", "wasm", "cross", "all", "check"))
    parser.add_argument("--zig", required=True, help="a Python that has the package ziglang")
    options = parser.parse_args()
    zig = str(Path(options.zig).absolute())
    here = [target for target in TARGETS if target.name == this_machine()]
    if options.what in {"native", "all"}:
        if not here:
            print(f"no target for {this_machine()}: the plain path remains", file=sys.stderr)
            return 1
        carry(compile_native(here[0], zig))
    if options.what == "cross":
        for target in TARGETS:
            print(compile_native(target, zig).relative_to(ROOT))
    if options.what in {"wasm", "all"}:
        MODULE.parent.mkdir(exist_ok=True)
        MODULE.write_text(javascript(compile_wasm(zig)))
    if options.what == "check" and MODULE.read_text() != javascript(compile_wasm(zig)):
        print("js/src/kernel/wasm.js is not what kernel/ gives: run `make kernel`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
