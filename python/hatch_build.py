"""Build step: what the wheel carries besides code, from its one source.

The published schema and SPEC.md stand beside the folder `python`, in a source distribution inside
it. The wheel has them in `rnnspec/shipped`, where `rnnspec.cli.shipped` looks first; an editable
installation needs no copy.

`RNNSPEC_WHEEL=linux-x86_64` makes a wheel of that platform, with its kernel out of build/kernel
(`python kernel/build.py cross`). Without it the wheel is one for all platforms: plain numpy.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("schema", "SPEC.md")
# A platform of kernel/build.py → its tag. Only x86-64 Linux is tested on a machine of its own.
TAGS = {
    "linux-x86_64": "manylinux_2_17_x86_64",
    "linux-aarch64": "manylinux_2_17_aarch64",
    "windows-x86_64": "win_amd64",
    "macos-x86_64": "macosx_10_12_x86_64",
    "macos-aarch64": "macosx_11_0_arm64",
}


class ShippedHook(BuildHookInterface[Any]):
    """Adds the files to the wheel, and to the source distribution that wheels are built from."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build; `version` is standard or editable."""
        if version == "editable":
            return
        root = Path(self.root)
        for name in SHIPPED:
            source = next(path for path in (root / name, root.parent / name) if path.exists())
            target = name if self.target_name == "sdist" else f"rnnspec/shipped/{name}"
            build_data["force_include"][str(source)] = target
        platform = os.environ.get("RNNSPEC_WHEEL")
        if platform and self.target_name == "wheel":
            (kernel,) = (root.parent / "build/kernel").glob(f"*rnnspec_kernel-{platform}.*")
            carried = (kernel, root.parent / "kernel/proof.json")
            for source in carried:
                build_data["force_include"][str(source)] = f"rnnspec/_kernel/{source.name}"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{TAGS[platform]}"
