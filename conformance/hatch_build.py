"""Build step: what the wheel of `rnnspec-conformance` carries.

- The modules that `cli` and `__main__` need, found by following imports. So the readers of oracle/ are in it, which read
  what a runtime wrote for `convert` and `write_state`; its arithmetic, the generator and the mutants are not.
- The cases and schemas, the skeletons of adapters, and SPEC.md, whose sentences the reports quote.

Here the package is called `conformance`; in an environment with other people's packages that name might be anybody's.
So the wheel calls it `rnnspec_conformance`, and the imports are rewritten on the way.
"""

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE, THERE = "conformance", "rnnspec_conformance"
ENTRIES = ("cli", "__main__")
DATA = ("cases", "schema", "skeletons", "archive.md")
BESIDE = ("SPEC.md", "LICENSE", "LICENSES")  # in the root of the repository
IMPORT = re.compile(rf"^(\s*(?:from|import) ){HERE}\b", re.MULTILINE)


class ConformanceHook(BuildHookInterface[Any]):
    """Gathers the package in a folder of its own, and adds it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build."""
        if self.target_name != "wheel" or version == "editable":
            raise ValueError("only the wheel is built: in the repository use python -m conformance")
        root = Path(self.root)
        self.folder = Path(tempfile.mkdtemp())
        for path in sorted(closure(root)):
            target = self.folder / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(renamed(path.read_text("utf-8")), "utf-8")
        for name in DATA:
            copy(root / name, self.folder / name)
        for name in BESIDE:
            copy(root.parent / name, self.folder / name)
        (self.folder / "py.typed").touch()
        build_data["force_include"][str(self.folder)] = THERE

    def finalize(self, *_: object) -> None:
        """Called after it."""
        shutil.rmtree(self.folder)


def copy(source: Path, target: Path) -> None:
    """A file, or a folder without what Python leaves in it."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def renamed(text: str) -> str:
    """A module with its imports of the package under the other name."""
    return IMPORT.sub(rf"\g<1>{THERE}", text)


def closure(root: Path) -> set[Path]:
    """The files of the modules that the entries import, and so on."""
    found: set[Path] = set()
    waiting = [root / f"{name}.py" for name in ENTRIES]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += [root / "__init__.py"] if path.parent == root else [path.parent / "__init__.py"]
        for name in imported(path):
            waiting += files_of(root, name)
    return found


def imported(path: Path) -> Iterator[str]:
    """Every name that a module might import from the package, with dots."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == HERE)


def files_of(root: Path, name: str) -> list[Path]:
    """The file of a module or package, if the name is one and not something inside of one."""
    stem = root.joinpath(*name.split(".")[1:])
    return [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]
