"""Build step: what the wheel carries besides code, from its one source.

The published schema and SPEC.md stand beside the folder `python`, in a source distribution inside
it. The wheel has them in `rnnspec/shipped`, where `rnnspec.cli.shipped` looks first; an editable
installation needs no copy.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("schema", "SPEC.md")


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
