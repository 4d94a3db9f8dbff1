"""What the wheel carries besides code: the published schema and SPEC.md.

Both are copied in when a wheel is built (`hatch_build.py`); a checkout has them two folders up.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_PACKAGE: Final = Path(__file__).resolve().parent.parent
_CHECKOUT: Final = _PACKAGE.parent.parent.parent
_SUFFIX: Final = ".schema.json"


def _shipped(name: str) -> Path:
    packaged = _PACKAGE / "shipped" / name
    return packaged if packaged.exists() else _CHECKOUT / name


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """The parts of the published schema by name: `model`, `layer` and so on.

    Raises FileNotFoundError where the installation is incomplete.
    """
    folder = _shipped("schema")
    found = {
        path.name.removesuffix(_SUFFIX): json.loads(path.read_bytes())
        for path in sorted(folder.glob(f"*{_SUFFIX}"))
    }
    if "model" not in found:
        raise FileNotFoundError(f"the schema is missing in {folder}")
    return found


def bundle() -> dict[str, Any]:
    """The whole schema as one: the part `model` with all others inside."""
    parts = schemas()
    model = parts["model"]
    return {
        "$schema": model["$schema"],
        "$id": model["$id"].removesuffix(":model"),
        "title": model["title"],
        "$ref": model["$id"],
        "$defs": parts,
    }


@cache
def specification() -> str:
    """The text of SPEC.md. Raises FileNotFoundError where the installation is incomplete."""
    return _shipped("SPEC.md").read_text("utf-8")
