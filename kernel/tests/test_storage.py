"""rnn_storage: each boundary by itself, on every kind of processor; and which kind this one is."""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from library import LEVELS, TARGET, TYPES, Kernel

import build

pytestmark = pytest.mark.native

Storage = Callable[[str, int], str]  # type of the file, bytes as float32 → how it is kept
KB, MB = 1 << 10, 1 << 20
ELEMENT: Final = 4  # bytes
# Up to which size there is what, and what there is beyond the last.
CHOICES: Final[dict[str, tuple[list[tuple[int, str]], str]]] = {
    "nothing widens": ([], "float32"),
    "widens fast": ([(32 * KB, "float32"), (1 * MB, "mixed {}")], "{}"),
    "widens slowly": ([(32 * KB, "float32"), (16 * MB, "mixed {}")], "{}"),
    "NEON": ([(1 * MB, "float32")], "{}"),
}
BOUNDARIES: Final = [
    (kind, size) for kind, (boundaries, _) in CHOICES.items() for size, _ in boundaries
]
# Sizes at which some kind of processor changes its mind, those around them, and the ends.
SIZES: Final = sorted(
    {0, ELEMENT, 1 << 40}
    | {size + more for _, size in BOUNDARIES for more in (-ELEMENT, 0, ELEMENT)}
)
HALVES: Final = ("float16", "bfloat16")


def choice(kind: str, half: str, size: int) -> str:
    boundaries, beyond = CHOICES[kind]
    return next((what for last, what in boundaries if size <= last), beyond).format(half)


def storage_of(function: Callable[..., int]) -> Storage:
    return lambda half, size: TYPES[function(TYPES.index(half), ctypes.c_int64(size))]


@pytest.fixture(scope="module")
def storage_on(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Storage]:
    """The choice at a level of x86-64 or of NEON, of a kind of processor that this one need not be."""
    folder, source = tmp_path_factory.mktemp("c"), Path(__file__).parent / "storage.c"
    zig = Path(__file__).parents[2] / "build" / "kernel-venv" / "bin" / "python"

    def made(kind: str, level: str) -> Storage:
        other = ["-U__x86_64__"] if kind == "NEON" else []
        library = folder / f"{kind}.so"
        if not library.exists():
            options = (
                *build.FLAGS,
                "-Wno-unused-function",
                "-shared",
                "-fPIC",
                "-nostdlib",
                *other,
            )
            command = [zig, "-m", "ziglang", "cc", *options, source, "-o", library]
            subprocess.run(command, check=True)
        given = LEVELS.index(level), int(kind == "widens slowly")
        function = ctypes.CDLL(str(library)).storage_on
        return storage_of(lambda *asked: int(function(*given, *asked)))

    return made


def levels_of(kind: str) -> tuple[str, ...]:
    if kind == "NEON":
        return ("neon",)
    if "neon" in TARGET.levels:
        pytest.skip("what x86-64 chooses is compiled where it runs")
    return ("baseline",) if kind == "nothing widens" else ("avx2", "avx512")


@pytest.mark.parametrize(("kind", "size"), BOUNDARIES)
def test_a_boundary(storage_on: Callable[[str, str], Storage], kind: str, size: int) -> None:
    for level in levels_of(kind):
        storage = storage_on(kind, level)
        for half in HALVES:
            below, beyond = choice(kind, half, size), choice(kind, half, size + ELEMENT)
            assert below != beyond
            assert (storage(half, size), storage(half, size + ELEMENT)) == (below, beyond)


@pytest.mark.parametrize("kind", CHOICES)
def test_no_other_boundary(storage_on: Callable[[str, str], Storage], kind: str) -> None:
    for level in levels_of(kind):
        storage = storage_on(kind, level)
        for half in HALVES:
            wanted = [choice(kind, half, size) for size in SIZES]
            assert [storage(half, size) for size in SIZES] == wanted
        assert {storage("float32", size) for size in SIZES} == {"float32"}


def kind_of_this_processor() -> str:
    """By what the operating system says of it, which library.c does not ask."""
    if "neon" in TARGET.levels:
        return "NEON"
    if platform.system() == "Linux":
        told = Path("/proc/cpuinfo").read_text()
        family = re.search(r"vendor_id\s*:\s*AuthenticAMD\ncpu family\s*:\s*(\d+)", told)
    else:  # Windows: `AMD64 Family 25 Model 17 Stepping 1, AuthenticAMD`; no Mac has one
        family = re.search(r"Family (\d+) .*AuthenticAMD", platform.processor())
    return "widens slowly" if family and int(family[1]) < 26 else "widens fast"


@pytest.mark.parametrize("kind", [kind_of_this_processor()])
def test_this_processor(kernel: Kernel, kind: str) -> None:
    kind = "nothing widens" if kernel.level == "baseline" else kind
    storage = storage_of(kernel.c.rnn_storage)
    for half in HALVES:
        assert [storage(half, size) for size in SIZES] == [choice(kind, half, size) for size in SIZES]  # fmt: skip
    assert {storage("float32", size) for size in SIZES} == {"float32"}
