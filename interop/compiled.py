"""Headers of `rnnspec export --to c-header`, compiled with the kernel by whatever C compiler there is."""

import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import numpy as np

from interop.net import Float32

ROOT: Final = Path(__file__).resolve().parent.parent
KERNEL: Final = ROOT / "kernel"
_ZIG: Final = ROOT / "build" / "kernel-venv" / "bin" / "python"
# As examples/audio-c/Makefile: what keeps the bits, and then what shows mistakes of a header.
_KEPT: Final = ("-std=gnu11", "-O1", "-ffp-contract=off", "-ffreestanding", "-fno-builtin", "-w")
_STRICT: Final = ("-std=c11", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror")
# Of kernel.c, once each: flags of GCC and Clang, and of zig, which takes the processor at hand if it is not told another.
_LEVELS: Final = {
    "baseline": ("", "-mcpu=baseline"),
    "avx2": ("-mavx2 -mf16c", "-mcpu=x86_64+avx+avx2+f16c"),
    "avx512": (
        "-mavx2 -mf16c -mavx512f -mavx512dq -mavx512bw -mavx512vl",
        "-mcpu=x86_64+avx+avx2+f16c+avx512f+avx512dq+avx512bw+avx512vl",
    ),
}
NOT_STARTED: Final = 3  # exit code of the player for sizes that the net refuses
_PLAYER: Final = r"""
#include <stdio.h>
#include <stdlib.h>
#include "net.h"
/* rows, steps of a block, steps of a call; all time steps on standard input, twice: with a reset between. */
int main(int count, char **words) {
    if (count != 5) return 2;
    const int rows = atoi(words[1]), block = atoi(words[2]), chunk = atoi(words[3]), steps = atoi(words[4]);
    char *memory = malloc(net_bytes(rows, block) + 1);
    net_net *net = net_start(memory + 1, rows, block);
    if (!net) return 3;
    const size_t in = (size_t)rows * NET_INPUT, out = (size_t)rows * NET_OUTPUT;
    float *x = malloc(4 * in * (size_t)steps), *y = malloc(4 * out * (size_t)steps);
    if (fread(x, 4 * in, (size_t)steps, stdin) != (size_t)steps) return 4;
    for (int turn = 0; turn < 2; turn++, net_reset(net)) {
        for (int t = 0; t < steps; t += chunk) {
            const int now = steps - t < chunk ? steps - t : chunk;
            const void *from = x + in * (size_t)t;
            if (!net_run(net, from, y + out * (size_t)t, now)) return 5;
        }
        fwrite(y, 4 * out, (size_t)steps, stdout);
    }
    free(memory), free(x), free(y);
    return 0;
}
"""


def compiler() -> list[str]:
    """The command of a C compiler: `cc`, or that of the kernel; empty where there is neither."""
    if (found := shutil.which("cc")) is not None:
        return [found]
    return [str(_ZIG), "-m", "ziglang", "cc"] if _ZIG.exists() else []


class Kernel:
    """The kernel, compiled once into a folder, and nets with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._compiler = compiler()
        self._objects: list[Path] = []
        is_x86 = platform.machine().lower() in {"x86_64", "amd64"}
        for name, levels in {
            "kernel.c": _LEVELS if is_x86 else {"": ("", "")},
            "library.c": {"": ("", "")},
        }.items():
            for level, flags in levels.items():
                made = folder / f"{name}{level}.o"
                flag = flags["ziglang" in self._compiler].split()
                self._compile(*_KEPT, *flag, "-c", str(KERNEL / name), "-o", str(made))
                self._objects.append(made)

    def play(self, header: bytes, x: Any, block: int, chunk: int) -> Float32:  # noqa: ANN401  ids or Float32
        """What a net gives for x [rows, steps] or [rows, steps, size], [rows, steps, width], in calls of `chunk` steps.

        Raises ValueError for a header that does not compile without a warning, and where the second time, after a reset,
        gives something else; CalledProcessError for a net that does not run.
        """
        (self.folder / "net.h").write_bytes(header)
        (self.folder / "player.c").write_text(_PLAYER)
        program = self.folder / "player"
        includes = (f"-I{self.folder}", f"-I{KERNEL}")
        self._compile(
            *_STRICT,
            *includes,
            str(self.folder / "player.c"),
            *map(str, self._objects),
            "-o",
            str(program),
        )
        rows, steps = x.shape[:2]
        data = np.ascontiguousarray(np.swapaxes(x, 0, 1), np.int32 if x.ndim == 2 else np.float32)
        words = [str(program), str(rows), str(block), str(chunk), str(steps)]
        done = subprocess.run(  # noqa: S603  a program of our own
            words, input=data.tobytes(), capture_output=True, check=True, timeout=60
        )
        first, second = np.frombuffer(done.stdout, np.float32).reshape(2, steps, rows, -1)
        if first.tobytes() != second.tobytes():
            raise ValueError("after a reset the net gives something else")
        return np.swapaxes(first, 0, 1)

    def as_cpp(self, header: bytes) -> bool:
        """Raises ValueError for a header that is no C++17; False where there is no C++ compiler to say so."""
        found = shutil.which("c++")
        if found is None:
            return False
        path = self.folder / "net.h"
        path.write_bytes(header)
        flags = ("-std=c++17", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only")
        self._compile(*flags, f"-I{KERNEL}", "-x", "c++", str(path), command=found)
        return True

    def _compile(self, *arguments: str, command: str | None = None) -> None:
        """Raises ValueError with what the compiler says."""
        done = subprocess.run(  # noqa: S603  a compiler
            [*([command] if command else self._compiler), *arguments],
            capture_output=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise ValueError(done.stderr.decode(errors="replace"))
