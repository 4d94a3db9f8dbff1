"""Python: rnnspec on every path against ONNX Runtime, PyTorch and numpy.

    python -m bench.python [--quick] [--paths avx512,plain] [--nets lstm128,audio40] [--processes 5] [--seconds 1]

Prints the lines of bench/README.md. Each path of ours has processes of its own, in which the peers take turns with it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.catalogue import NETS, ROOT
from bench.lines import OURS, Fact, Missing, Time, printed
from bench.progress import note, progress
from bench.python import facts

# Best first. Those of another processor are not asked for.
X86 = ("avx512", "avx2", "baseline")
LEVELS = {"x86_64": X86, "AMD64": X86, "aarch64": ("neon",), "arm64": ("neon",)}
HOST = f"CPython {platform.python_version()}"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
FACT_NET = "lstm300"
UNITS = {"start": "ms", "load": "ms", "memory": "MB"}
SHORT = {"nets": "lstm128,gru128,audio40", "processes": 1, "seconds": 0.2}


def environment(path: str) -> dict[str, str]:
    """Of a process: one thread, and our path. Byte code is kept, as it is wherever something is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        **ONE_THREAD,
        "RNNSPEC_KERNEL": path,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "python/src")]),
        "PYTHONPYCACHEPREFIX": str(ROOT / "build/bench/pycache"),
        "PYTHONWARNINGS": "ignore",  # PyTorch's about its own tracing
    }


def called(arguments: Sequence[str], path: str) -> Any:
    """What a module of ours prints in a process of its own, from JSON. Its progress is shown, and its failure is ours."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment(path),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(arguments)} on the path {path} failed")
    return json.loads(done.stdout)


def why_missing(path: str) -> str | None:
    """Why a path of ours can't be had here; None if it can."""
    done = subprocess.run(
        [sys.executable, "-m", "rnnspec", "info", "--runtime", "--format", "json"],
        cwd=ROOT,
        env=environment(path),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()
        return told[-1] if told else f"exit status {done.returncode}"
    got = json.loads(done.stdout)["runtime"]["path"]
    return None if path in got else f"rnnspec runs on {got}"


def timed(paths: Sequence[str], nets: str, processes: int, seconds: float) -> Iterable[Time]:
    """The lines of all that was timed, processes of the paths one after the other."""
    found: dict[str, list[dict[str, Any]]] = {path: [] for path in paths}
    for k in range(processes):
        for path in paths:
            note(f"python: process {k + 1} of {processes}, path {path}")
            arguments = ["--nets", nets, "--seconds", str(seconds), "--path", path]
            found[path].append(called(["bench.python.process", *arguments], path))
    for path, gathered in found.items():
        yield from lines_of(path, gathered)


def lines_of(path: str, gathered: Sequence[Mapping[str, Any]]) -> Iterable[Time]:
    """The lines of the processes of one path."""
    for parts in zip(*(one["medians"] for one in gathered), strict=True):
        net, mode, (peer, way, dtype) = parts[0][:3]
        yield Time(
            language="python",
            host=HOST,
            peer=peer,
            path=path if peer == OURS else way,
            native=path != "plain" if peer == OURS else True,
            net=net,
            mode=mode,
            dtype=dtype,
            us_per_step=tuple(part[3] for part in parts),
            compared=max(part[4] for part in parts),
            beside=None if peer == OURS else path,
            versions=gathered[0]["versions"][peer],
        )


def told(paths: Sequence[str], processes: int) -> Iterable[Fact]:
    """The facts: those of the first path and of the last, which is the plain one, and of the peers."""
    called(["bench.python.facts", "torchscript", FACT_NET, "float32"], paths[0])
    ways = [
        (OURS, path, dtype)
        for path in dict.fromkeys((paths[0], paths[-1]))
        for dtype in ("float32", "float16")
    ]
    ways += [("onnxruntime", paths[0], "float32"), ("pytorch", paths[0], "float32")]
    found: dict[tuple[str, str, str], list[dict[str, float]]] = {way: [] for way in ways}
    for k in range(processes + 1):
        for peer, path, dtype in ways:
            progress(f"python: start and memory, process {k} of {processes}, {peer}")
            got = called(["bench.python.facts", peer, FACT_NET, dtype], path)
            if k:  # the first one wrote byte code and filled the file cache
                found[peer, path, dtype].append(got)
    for (peer, path, dtype), gathered in found.items():
        for fact, unit in UNITS.items():
            yield Fact(
                language="python",
                host=HOST,
                peer=peer,
                path=path if peer == OURS else "",
                fact=fact,
                unit=unit,
                values=tuple(one[fact] for one in gathered),
                net=FACT_NET,
                dtype=dtype,
            )
    sizes = {OURS: facts.ours_installed()}
    sizes |= {"onnxruntime": facts.installed("onnxruntime"), "pytorch": facts.installed("torch")}
    sizes["numpy"] = facts.installed("numpy")
    for peer, size in sizes.items():
        yield Fact(
            language="python", host=HOST, peer=peer, path="", fact="size", unit="MB", values=(size,)
        )


def main() -> None:
    """Prints the lines."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.python",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a taste: three nets, one process")
    parser.add_argument(
        "--paths", help="of ours, separated by commas; all that are here if not given"
    )
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for a net in a mode")
    parser.add_argument("--no-facts", action="store_true", help="times alone")
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(**SHORT)
        options = parser.parse_args()
    asked = (*LEVELS.get(platform.machine(), ()), "plain")
    if options.paths:
        asked = tuple(options.paths.split(","))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children are pinned with us
    paths = []
    for path in asked:
        if (why := why_missing(path)) is None:
            paths.append(path)
        else:
            note(f"python: no path {path}: {why}")
            print(printed(Missing(language="python", host=HOST, peer=OURS, path=path, missing=why)))
    if not paths:
        raise SystemExit(f"bench: none of the paths {', '.join(asked)} is here")
    for line in timed(paths, options.nets, options.processes, options.seconds):
        print(printed(line), flush=True)
    if not options.no_facts:
        for fact in told(paths, options.processes):
            print(printed(fact), flush=True)


if __name__ == "__main__":
    main()
