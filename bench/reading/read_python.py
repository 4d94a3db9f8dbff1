"""How fast the Python runtime reads a large file, and in how much memory.

    python bench/reading/read_python.py [--size MIB] [--repeats N]

One dense layer, whose matrix is decimals of float32 (short), decimals of binary64 (long), base64 or
msgpack. Each measurement is a process of its own. The yardstick is `json.loads` of the same bytes,
and for msgpack a copy of them. Peak memory is what the process needs above what it had before it
read the file, the file's bytes included, in multiples of the file.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rnnspec

MIB = 1 << 20
INPUTS = 1024
DOCUMENT = (
    b'{"rnnspec": "1.0-draft.2", "input": {"kind": "features", "size": %d}, "layers": [{"name":'
    b' "dense", "type": "dense", "size": %d, "parameters": {"W": "W"}}], "output": {"kind":'
    b' "values"}, "tensors": {"W": {"dtype": "float32", "shape": [%d, %d], "data": [%s]}}}'
)
FILES = {"short.rnn.json": 11.7, "long.rnn.json": 20.6, "base64.rnn.json": 5.34, "net.rnn": 4.0}
YARDSTICKS: dict[str, Callable[[bytes], object]] = {"json": json.loads, "rnn": bytearray}


def write(path: Path, size: int) -> None:
    """A file of about `size` bytes."""
    outputs = int(size / FILES[path.name] / INPUTS)
    values = np.random.default_rng(0).standard_normal(INPUTS * outputs) * 0.1
    texts = values.astype(np.float32).astype("S").tolist()
    if path.name.startswith("long"):
        texts = [repr(value).encode() for value in values.tolist()]
    data = DOCUMENT % (INPUTS, outputs, INPUTS, outputs, b",".join(texts))
    if path.name.startswith(("short", "long")):
        path.write_bytes(data)
    else:
        rnnspec.save(rnnspec.load(data), path)


def peak() -> int:
    """The most memory that this process has had, in bytes (Linux; getrusage counts the parent's)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def measure(path: Path, way: str) -> None:
    """Reads the file once and prints seconds and bytes: run in a process of its own."""
    rnnspec.load(DOCUMENT % (1, 1, 1, 1, b"2"))  # what is made once is made now
    idle = peak()
    data = path.read_bytes()
    start = time.perf_counter()
    kept = YARDSTICKS[path.suffix[1:]](data) if way == "yardstick" else rnnspec.load(data)
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, peak() - idle]))
    del kept


def main() -> None:
    """Writes the files and prints a line for each."""
    parser = argparse.ArgumentParser(description="time and memory of reading a large file")
    parser.add_argument("--size", type=float, default=64, help="of each file, in MiB")
    parser.add_argument("--repeats", type=int, default=3, help="processes for each figure")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "WAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(Path(options.one[0]), options.one[1])
        return
    print(f"{'file':16} {'MiB':>6} {'load':>8} {'yardstick':>10} {'ratio':>6} {'memory':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = Path(folder, name)
            write(path, int(options.size * MIB))
            figures = {}
            for way in ("load", "yardstick"):
                command = [sys.executable, __file__, "--one", str(path), way]
                runs = [
                    json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
                    for _ in range(options.repeats)
                ]
                seconds, memory = zip(*runs, strict=True)
                figures[way] = statistics.median(seconds), max(memory)
            size = path.stat().st_size
            (load, memory), (yardstick, _) = figures["load"], figures["yardstick"]
            print(
                f"{name:16} {size / MIB:6.1f} {load:7.3f}s {yardstick:9.3f}s {load / yardstick:6.2f}"
                f" {memory / size:7.2f}x",
                flush=True,
            )
            path.unlink()


if __name__ == "__main__":
    main()
