"""tanh and sigmoid of the native kernel over all 2^32 float32 inputs, as digests, by each of its levels.

    python conformance/exhaustive/drivers/kernel_driver.py | python conformance/exhaustive/check.py

Prints the lines of ../README.md, those of a level after each other; with --chunks A-B, one for each chunk of 2^24 inputs.
exp and log are inside other functions of the kernel, so they have no lines. `make kernel` builds what this loads.
"""

import argparse
import ctypes
import hashlib
import runpy
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

BUILD = runpy.run_path(str(Path(__file__).parents[3] / "kernel" / "build.py"))
CODES = {"tanh": 1, "sigmoid": 2}  # of kernel.h
LEVELS = ("baseline", "avx2", "avx512", "neon")
CHUNKS, CHUNK = 256, 1 << 24
NAN = np.uint32(0x7FC00000)  # how digests write any NaN


def chunk_digest(library: ctypes.CDLL, name: str, chunk: int) -> bytes:
    """The SHA-256 of a function's results for the inputs with the bits chunk·2^24 and up."""
    x = np.arange(chunk * CHUNK, (chunk + 1) * CHUNK, dtype=np.uint32)
    at, one = ctypes.c_void_p(x.ctypes.data), ctypes.c_float(1)
    library.rnn_sweep(CODES[name], one, one, at, CHUNK, at, CHUNK, CHUNK, 1)
    x[(x & np.uint32(0x7FFFFFFF)) > np.uint32(0x7F800000)] = NAN
    return hashlib.sha256(x.astype("<u4", copy=False).data).digest()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", default=f"0-{CHUNKS - 1}", metavar="A-B")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    first, _, last = options.chunks.partition("-")
    chunks = range(int(first), int(last or first) + 1)
    target = next(target for target in BUILD["TARGETS"] if target.name == BUILD["this_machine"]())
    library = ctypes.CDLL(str(BUILD["OUT"] / target.file))
    started = time.perf_counter()
    with ThreadPoolExecutor(options.threads) as pool:
        for level in target.levels:
            if library.rnn_choose(LEVELS.index(level)) != LEVELS.index(level):
                print(f"left out, this processor has no {level}", file=sys.stderr)
                continue
            for name in CODES:
                digests = list(
                    pool.map(lambda chunk, name=name: chunk_digest(library, name, chunk), chunks)
                )
                if len(chunks) == CHUNKS:
                    print(name, hashlib.sha256(b"".join(digests)).hexdigest())
                else:
                    for chunk, digest in zip(chunks, digests, strict=True):
                        print(name, chunk, digest.hex())
            print(f"{level}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
