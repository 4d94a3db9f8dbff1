"""The functions of stages.h against those of vectors.h, which conformance/exhaustive knows for every number.

python kernel/tests/test_stages.py     all 2^32 numbers, in half a minute; `make exhaustive` does that
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from library import TARGET, Kernel

import build

pytestmark = pytest.mark.native

LANES: Final = 16
GROUPS: Final = (1 << 32) // LANES
WHAT: Final = ("sigmoid", "tanh", "both in one group", "h of c")


def compiled(folder: Path) -> ctypes.CDLL:
    """stages.c for AVX-512, which only code that asks the processor first may call."""
    source, library = Path(__file__).parent / "stages.c", folder / "stages.so"
    zig = Path(__file__).parents[2] / "build" / "kernel-venv" / "bin" / "python"
    options = (
        *("-target", TARGET.triple, f"-mcpu={TARGET.levels['avx512']}", "-O3", *build.FLAGS),
        *("-shared", "-fPIC", "-nostdlib", "-Wno-unused-function"),
    )
    subprocess.run([zig, "-m", "ziglang", "cc", *options, source, "-o", library], check=True)
    return ctypes.CDLL(str(library))


def different(library: ctypes.CDLL, first: int, stride: int, count: int) -> dict[str, int]:
    """How many numbers differ, by what they are of."""
    found = (ctypes.c_int64 * len(WHAT))()
    assert library.compare_stages(*map(ctypes.c_uint32, (first, stride, count)), found) == 1
    return dict(zip(WHAT, found, strict=True))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    if "avx512" not in TARGET.levels or not Kernel("avx512").there:
        pytest.skip("this processor has no avx512")
    return compiled(tmp_path_factory.mktemp("c"))


@pytest.mark.parametrize(
    ("first", "stride", "count"),
    [
        (0, 251, GROUPS // 251),  # everywhere
        (0x26000000 - 4096, 1, 512),  # where T ends
        (0x3F200000 - 4096, 1, 512),  # where tanh changes its formula: 0.625
        (0x42000000 - 4096, 1, 512),  # where both are bounded: 32
        (0xC20D66EB - 4096, 1, 512),  # where sigmoid falls below 2^-51
        (0x7F800000 - 4096, 1, 512),
        (0xFF800000 - 4096, 1, 512),  # where infinity is, and NaN
    ],
)
def test_stages_have_the_bits_of_the_functions(
    library: ctypes.CDLL, first: int, stride: int, count: int
) -> None:
    assert different(library, first, stride, count) == dict.fromkeys(WHAT, 0)


def main() -> int:
    """Prints what differs of all numbers."""
    if "avx512" not in TARGET.levels or not Kernel("avx512").there:
        print("left out, this processor has no avx512")
        return 0
    parts = 256
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        library = compiled(Path(folder))
        found = list(
            pool.map(
                lambda part: different(library, part * (1 << 32) // parts, 1, GROUPS // parts),
                range(parts),
            )
        )
    total = {what: sum(one[what] for one in found) for what in WHAT}
    print(", ".join(f"{what}: {count} different" for what, count in total.items()))
    return int(any(total.values()))


if __name__ == "__main__":
    sys.exit(main())
