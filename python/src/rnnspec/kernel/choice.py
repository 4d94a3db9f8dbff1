"""Choice: which path computes here, and why not a better one."""

import json
import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from rnnspec.kernel.binding import LEVELS, VERSION, Library

FOLDER: Final = Path(__file__).parent.parent / "_kernel"
WORD: Final = "RNNSPEC_KERNEL"
PLAIN: Final = "plain"
PATHS: Final = (
    PLAIN,
    *(level for level in LEVELS if level != "simd128"),
)  # that one is WebAssembly's
_SYSTEMS: Final = {"linux": "linux", "win32": "windows", "darwin": "macos"}
_FILES: Final = {
    "linux": "librnnspec_kernel-linux-{}.so",
    "windows": "rnnspec_kernel-windows-{}.dll",
    "macos": "librnnspec_kernel-macos-{}.dylib",
}
_MACHINES: Final = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
}


class KernelError(RuntimeError):
    """A path was asked for that is not there. It never falls back silently."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs nets in this process. Every path gives the same bits."""

    kernel: str  # "plain", which is numpy, or a level of the kernel: "baseline", "avx2", "avx512", "neon"
    why: str  # it and no other
    library: str | None  # the file of the kernel, where it is used


def runtime() -> Runtime:
    """The path in use, and why. Raises KernelError for a path that is forced and is not there."""
    return _chosen()[0]


def library(path: str | None = None) -> Library | None:
    """The kernel, or None for plain numpy: what this process uses, or `path`.

    Raises KernelError for a path that is not there, or is not that of this process.
    """
    if path == PLAIN:
        return None
    chosen, found = _chosen()
    if path in {None, chosen.kernel}:
        return found
    raise KernelError(
        f"kernel {path!r}: this process has {PLAIN!r} or {chosen.kernel!r} ({chosen.why})"
    )


@cache
def _chosen() -> tuple[Runtime, Library | None]:
    """Decided once in a process: the kernel's level is the library's, for all who use it."""
    forced = os.environ.get(WORD) or None
    if forced == PLAIN:
        return Runtime(PLAIN, f"{WORD}={PLAIN}", None), None
    if forced is not None and forced not in PATHS:
        raise KernelError(f"{WORD}={forced}: expected one of {', '.join(PATHS)}")
    found = _loaded(FOLDER)
    if isinstance(found, str):
        if forced is not None:
            raise KernelError(f"{WORD}={forced}: {found}")
        return Runtime(PLAIN, found, None), None
    best = LEVELS[found.choose(-1)]
    if forced is None:
        return Runtime(
            best, "the best of the kernel that this processor has", str(found.path)
        ), found
    got = LEVELS[found.choose(LEVELS.index(forced))]
    if got != forced:
        raise KernelError(f"{WORD}={forced}: this processor has not got it, its best is {best}")
    # Each level has code of its own, so each is asked for its own proof.
    if wrong := _disproof(found):
        raise KernelError(f"{WORD}={forced}: {wrong}")
    return Runtime(got, f"{WORD}={forced}", str(found.path)), found


def _loaded(folder: Path) -> Library | str:
    """The kernel of this platform, after its proof, or why there is none."""
    if sys.byteorder != "little":
        return "the kernel is for little-endian processors"
    name = _file_name()
    if name is None:
        return f"there is no kernel for {sys.platform} {platform.machine()}"
    path = folder / name
    if not path.exists():
        return f"{name} is not installed: a wheel of another platform, or `make kernel` was not run"
    try:
        found = Library(path)
    except (OSError, AttributeError) as error:
        return f"{name} can't be loaded: {error}"
    if (version := found.version()) != VERSION:  # what it is called with means something else to it
        return f"{name} is of another version: {version}, not {VERSION}"
    return _disproof(found) or found


def _disproof(found: Library) -> str:
    """Why a library is not to be trusted: the digest of its bits is another one. Else nothing."""
    wanted = json.loads(found.path.with_name("proof.json").read_text("utf-8"))["proof"]
    got = found.proof()
    return (
        "" if got == wanted else f"{found.path.name} gives other bits: {got:08x}, not {wanted:08x}"
    )


def _file_name() -> str | None:
    system, machine = _SYSTEMS.get(sys.platform), _MACHINES.get(platform.machine().lower())
    if system is None or machine is None:
        return None
    return _FILES[system].format(machine)
