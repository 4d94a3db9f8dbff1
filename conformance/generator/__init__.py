"""The cases are written by this package: a module a section, every answer computed by an oracle.

A module of this package with a constant SECTION and a function `cases()` is a section; no list names
them. `cases()` gives Case objects whose ids start with the section's name.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.case import CASES, Case


def sections() -> dict[str, ModuleType]:
    """Section name to module, sorted by name."""
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(__path__, __name__ + "."):
        module = importlib.import_module(info.name)
        name = getattr(module, "SECTION", None)
        if isinstance(name, str):
            if name in found:
                raise ValueError(f"two modules write the section {name}")
            found[name] = module
    return dict(sorted(found.items()))


def generate(module: ModuleType) -> Iterator[Case]:
    """The cases of one section; a wrong or repeated id is a fault of the module."""
    seen: set[str] = set()
    for case in module.cases():
        if case.section != module.SECTION or case.id in seen:
            raise ValueError(f"{module.__name__}: the id {case.id} is foreign or repeated")
        seen.add(case.id)
        yield case


def files_of(case: Case) -> dict[str, bytes]:
    """The files of one case, by path from `cases/` on."""
    text = laid_out(case.to_json()) + "\n"
    files = {case.path: text.encode()}
    if case.document is not None and case.document.file is not None:
        files[f"{case.section}/{case.document.file}"] = case.document.data
    return files


def laid_out(value: Any, indent: int = 0) -> str:  # noqa: ANN401 — any JSON
    """JSON in ASCII: on one line what fits in a hundred columns, a finding, and a list of scalars."""
    compact = json.dumps(value)
    nested = value.values() if isinstance(value, dict) else value
    if isinstance(value, list) and not any(isinstance(element, dict | list) for element in nested):
        return compact
    is_finding = isinstance(value, dict) and set(value) == {"code", "stage", "severity", "place"}
    if (
        not isinstance(value, dict | list)
        or not value
        or len(compact) + indent <= 100
        or is_finding
    ):
        return compact
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {laid_out(part, indent + 1)}" for key, part in value.items()]
    else:
        lines = [laid_out(element, indent + 1) for element in value]
    margin = "\n" + " " * indent
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + margin + " " + f",{margin} ".join(lines) + margin + closing


def expected_files(names: list[str]) -> dict[str, bytes]:
    """Every file of these sections (of all, if none is named), made in memory."""
    known = sections()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no section {', '.join(unknown)}; there are {', '.join(known)}")
    files: dict[str, bytes] = {}
    for name in names or known:
        for case in generate(known[name]):
            for path, data in files_of(case).items():
                if files.setdefault(path, data) != data:
                    raise ValueError(f"two cases write different bytes to {path}")
    return files


def present_files(names: list[str], root: Path = CASES) -> dict[str, bytes]:
    """What stands in these sections' folders (in all folders, if none is named)."""
    folders = [root / name for name in names] if names else [root]
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write(names: list[str], root: Path = CASES) -> tuple[int, int]:
    """Make the folders equal to what the oracles say; gives (files, of which changed or removed)."""
    wanted, present = expected_files(names), present_files(names, root)
    changed = [path for path, data in wanted.items() if present.get(path) != data]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(wanted[path])
    stale = [path for path in present if path not in wanted]
    for path in stale:
        (root / path).unlink()
    return len(wanted), len(changed) + len(stale)


def differences(names: list[str], root: Path = CASES) -> list[str]:
    """What is not as it would be generated: one line each."""
    wanted, present = expected_files(names), present_files(names, root)
    lines = [f"{path}: missing" for path in wanted if path not in present]
    lines += [f"{path}: stale, nothing generates it" for path in present if path not in wanted]
    lines += [
        f"{path}: differs" for path in wanted if path in present and wanted[path] != present[path]
    ]
    return sorted(lines)
