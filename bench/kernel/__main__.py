"""The kernel in C alone, beside the memory limit: how long it takes to read the same weights once.

    python -m bench.kernel [--quick] [--zig build/kernel-venv/bin/python] [--paths avx512] [--nets lstm128] [--processes 5]

Prints the lines of bench/README.md. bench.c makes nets of the same shapes, with weights of its own: the kernel's numbers are judged by
the conformance suite through the runtimes, here only its time counts. Kernel and limit take turns in one process, one for each net,
mode, level and storage. Needs the library of `make kernel` and its compiler, on x86-64.
"""

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.catalogue import NETS, ROOT, Mode, Net
from bench.lines import LIMIT, OURS, Missing, Time, printed
from bench.progress import note, progress

HERE: Final = Path(__file__).parent
LIBRARY: Final = ROOT / "build/kernel/librnnspec_kernel-linux-x86_64.so"
# Best first: what limit.c is compiled for.
LEVELS: Final = {
    "avx512": "x86_64+avx+avx2+f16c+avx512f+avx512dq+avx512bw+avx512vl",
    "avx2": "x86_64+avx+avx2+f16c",
    "baseline": "x86_64",
}
NOT_HERE: Final = 3  # how bench.c ends on a processor without the level
SECONDS: Final = 0.3  # of turns, in a process
QUICK_SECONDS: Final = 0.1
FAMILY: Final = ("lstm128", "lstm300", "lstm512", "gru128")
QUICK: Final = ",".join(FAMILY)


class NotHereError(Exception):
    """This processor has not got a level."""


def build(zig: str, folder: Path) -> Path:
    """The program, in a folder."""
    compiler = [zig, "-m", "ziglang", "cc", "-target", "x86_64-linux-gnu.2.17", "-O3", "-std=gnu11"]
    compiler += ["-ffp-contract=off", "-fno-sanitize=all"]
    objects = []
    for level, processor in LEVELS.items():
        objects.append(str(folder / f"limit-{level}.o"))
        wide = ["-mprefer-vector-width=512"] if level == "avx512" else []
        source = str(HERE / "limit.c")
        subprocess.run(
            [*compiler, f"-mcpu={processor}", *wide, "-c", source, "-o", objects[-1]], check=True
        )
    program = folder / "bench"
    sources = [str(HERE / "bench.c"), *objects, str(LIBRARY)]
    path = f"-Wl,-rpath,{LIBRARY.parent}"
    subprocess.run([*compiler, "-mcpu=x86_64", *sources, path, "-o", str(program)], check=True)
    return program


def once(
    program: Path, level: str, net: Net, mode: Mode, dtype: str, seconds: float
) -> list[float]:
    """µs a step of the kernel, and µs of the limit. Raises NotHereError."""
    kind = net.kind if net.text else "audio"
    arguments = [level, kind, str(net.hidden), str(net.layers), mode, dtype, str(seconds)]
    done = subprocess.run(
        [str(program), *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == NOT_HERE:
        raise NotHereError
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(arguments)} ended with {done.returncode}")
    return [float(word) for word in done.stdout.split()[:2]]


def lines_of(net: Net, mode: Mode, dtype: str, level: str, found: list[list[float]], host: str) -> Iterable[Time]:  # fmt: skip
    """The kernel's line, and that of the limit, which is one of single steps."""
    for peer, times in zip((OURS, LIMIT), zip(*found, strict=True), strict=True):
        if peer == OURS or mode == "step":
            yield Time(
                language="c",
                host=host,
                peer=peer,
                path=level,
                native=True,
                net=net.name,
                mode=mode,
                dtype=dtype,
                us_per_step=times,
            )


def timed(program: Path, level: str, nets: list[Net], processes: int, seconds: float, host: str) -> Iterable[Time]:  # fmt: skip
    """All of one level: the nets for the plot in one storage, the others in two."""
    for net in nets:
        for mode in net.modes:
            for dtype in ("float32",) if net.swept else ("float32", "float16"):
                progress(f"kernel, {level}: {net.name}, {mode}, {dtype}")
                found = [once(program, level, net, mode, dtype, seconds) for _ in range(processes)]
                yield from lines_of(net, mode, dtype, level, found, host)


def main() -> None:
    """Prints the lines."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.kernel", description="the kernel in C alone, beside the memory limit"
    )
    parser.add_argument("--quick", action="store_true", help="a taste: four nets, one process")
    parser.add_argument("--zig", default=str(ROOT / "build/kernel-venv/bin/python"))
    parser.add_argument("--paths", default=",".join(LEVELS), help="levels, separated by commas")
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--processes", type=int, default=5)
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(nets=QUICK, processes=1)
        options = parser.parse_args()
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise SystemExit("bench: the kernel alone is timed on Linux x86-64")
    if not LIBRARY.is_file():
        raise SystemExit(f"bench: {LIBRARY.relative_to(ROOT)} is not there: make kernel")
    levels = options.paths.split(",")
    if unknown := set(levels) - set(LEVELS):
        raise SystemExit(f"bench: no path {', '.join(sorted(unknown))}: {', '.join(LEVELS)}")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children are pinned with us
    version = subprocess.run(
        [options.zig, "-m", "ziglang", "version"], stdout=subprocess.PIPE, text=True, check=True
    )
    host = f"zig {version.stdout.strip()}"
    nets = [NETS[name] for name in options.nets.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        program = build(options.zig, Path(folder))
        for level in levels:
            note(f"kernel: {level}")
            try:
                seconds = QUICK_SECONDS if options.quick else SECONDS
                for line in timed(program, level, nets, options.processes, seconds, host):
                    print(printed(line), flush=True)
            except NotHereError:
                why = "this processor has not got it"
                print(printed(Missing(language="c", host=host, peer=OURS, path=level, missing=why)))


if __name__ == "__main__":
    main()
