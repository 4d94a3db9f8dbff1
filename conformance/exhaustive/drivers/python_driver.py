"""The functions of the Python runtime over all 2^32 float32 inputs, as digests.

    python conformance/exhaustive/drivers/python_driver.py | python conformance/exhaustive/check.py

Prints the lines of ../README.md: one digest for each function and one of them all; with --chunks,
one for each chunk of 2^24 inputs. The time it takes is printed on standard error.
"""

import argparse
import ctypes
import hashlib
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnspec.activation import FUNCTIONS

ORDER = ("exp", "log", "tanh", "sigmoid")
CHUNKS, CHUNK, BLOCK = 256, 1 << 24, 1 << 14
NAN = np.uint32(0x7FC00000)  # how digests write any NaN

FLUSH = """
#include <xmmintrin.h>
void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
"""


def chunk_digest(job: tuple[str, int]) -> bytes:
    """The SHA-256 of a function's results for the inputs with the bits chunk·2^24 and up."""
    name, chunk = job
    function, digest = FUNCTIONS[name], hashlib.sha256()
    counting = np.arange(BLOCK, dtype=np.uint32)
    with np.errstate(all="ignore"):
        for first in range(0, CHUNK, BLOCK):
            bits = counting + np.uint32(chunk * CHUNK + first)
            results = function(bits.view(np.float32))
            out = results.view(np.uint32)
            out = np.where((out & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000), NAN, out)
            digest.update(out.astype("<u4", copy=False).data)
    return digest.digest()


def flush_to_zero() -> None:
    """Makes this process flush subnormal numbers to zero, as some libraries do (x86 only)."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("--ftz needs a C compiler")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "flush.c"), Path(folder, "flush.so")
        source.write_text(FLUSH)
        subprocess.run([compiler, "-shared", "-fPIC", source, "-o", library], check=True)  # noqa: S603 - the source is above
        ctypes.CDLL(str(library)).flush()
    if (np.full(2, 2.0**-120, np.float32) * np.float32(2.0**-20)).any():
        sys.exit("--ftz: the processor still keeps subnormal numbers")


def chunk_range(text: str) -> range:
    """`A-B`, both included, or one chunk `A`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def lines(names: list[str], chunks: range | None, digests: Iterator[bytes]) -> Iterator[str]:
    """The lines of the digests that come in the order of names, then chunks."""
    of_functions = b""
    for name in names:
        of_chunks = b""
        for chunk in chunks or range(CHUNKS):
            digest = next(digests)
            of_chunks += digest
            if chunks is not None:
                yield f"{name} {chunk} {digest.hex()}"
        if chunks is None:
            digest = hashlib.sha256(of_chunks).digest()
            of_functions += digest
            yield f"{name} {digest.hex()}"
    if chunks is None and tuple(names) == ORDER:
        yield f"all {hashlib.sha256(of_functions).hexdigest()}"


def main() -> None:
    """Reads the options and shares the chunks out among the processes."""
    parser = argparse.ArgumentParser(description="digests of the Python runtime's functions")
    parser.add_argument("--functions", default=",".join(ORDER), help="some of exp,log,tanh,sigmoid")
    parser.add_argument("--chunks", type=chunk_range, help="A-B: only these of the 256 chunks")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--ftz", action="store_true", help="flush subnormal numbers to zero (x86)")
    options = parser.parse_args()
    names = [name for name in ORDER if name in options.functions.split(",")]
    if not names or not set(options.functions.split(",")) <= set(ORDER):
        parser.error("--functions takes " + ",".join(ORDER))
    jobs = [(name, chunk) for name in names for chunk in options.chunks or range(CHUNKS)]
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(
        options.processes, flush_to_zero if options.ftz else None
    ) as pool:
        for line in lines(names, options.chunks, pool.imap(chunk_digest, jobs)):
            print(line, flush=True)
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
