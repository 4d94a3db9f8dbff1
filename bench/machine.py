"""The machine: what a record says about where it was made."""

import datetime as dt
import os
import platform
from pathlib import Path
from typing import Any

# Of the many that Linux lists, those that decide what the code may use.
TOLD = (
    "sse2",
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512vl",
    "avx512bw",
    "asimd",
    "asimdhp",
)


def machine() -> dict[str, Any]:
    """Processor, its vector instructions, caches, system and date."""
    told = cpuinfo()
    return {
        "date": dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": told.get("model name") or platform.processor() or platform.machine(),
        "family": " ".join(f"{key} {told[key]}" for key in ("cpu family", "model") if key in told),
        "instructions": [flag for flag in TOLD if flag in told.get("flags", "").split()],
        "caches": caches(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def cpuinfo() -> dict[str, str]:
    """What Linux says about the first processor; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    first = path.read_text().split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    named = {key.strip(): value.strip() for key, _, value in pairs}
    return {**named, "flags": named.get("flags", named.get("Features", ""))}


def caches() -> dict[str, str]:
    """Sizes of the first processor's caches, such as {"L2": "1024K"}."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (index / name).read_text().strip() for name in ("level", "type", "size")
        )
        if kind != "Instruction":
            found[f"L{level}"] = size
    return found
