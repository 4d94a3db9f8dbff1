from collections.abc import Callable
from pathlib import Path

import pytest

import mirror


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Three runtimes that are in order: each module imports the one before it."""
    before: mirror.Module | None = None
    for module in mirror.MODULES:
        for language in module.only:
            text = "" if before is None else import_of(language, module, before)
            path(tmp_path, language, module).parent.mkdir(parents=True, exist_ok=True)
            path(tmp_path, language, module).write_text(text)
        before = module if module.only == mirror.LANGUAGES else before
    return tmp_path


def path(root: Path, language: str, module: mirror.Module) -> Path:
    folder, suffix = mirror.FOLDERS[language]
    return root / folder / (module.file(language) + suffix)


def import_of(language: str, module: mirror.Module, other: mirror.Module) -> str:
    up = "../" * module.file(language).count("/") or "./"
    name = other.file(language)
    if language == "python":
        return f"from rnnspec.{name.replace('/', '.').removesuffix('.__init__')} import x\n"
    if language == "js":
        return f'import {{ x }} from "{up}{name}.js";\n'
    return f"package rnnspec;\nimport rnnspec.{name.replace('/', '.')};\n"


def append(root: Path, file: str, text: str) -> None:
    with (root / file).open("a") as out:
        out.write(text)


def test_a_tree_in_order_has_no_finding(tree: Path) -> None:
    assert mirror.check(tree) == []


@pytest.mark.parametrize(
    ("language", "module"),
    [(language, module) for module in mirror.MODULES for language in module.only],
)
def test_a_missing_module_is_found(tree: Path, language: str, module: mirror.Module) -> None:
    path(tree, language, module).unlink()
    assert [f"the module {module.name}" in s for s in mirror.check(tree)].count(True) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("python/src/rnnspec/tensor.py", "from .load import load\n"),
        ("python/src/rnnspec/tensor.py", "from . import load\n"),
        ("python/src/rnnspec/tensor.py", "import rnnspec.load\n"),
        ("python/src/rnnspec/tensor.py", "def f():\n    from rnnspec.load import load\n"),
        ("python/src/rnnspec/tensor.py", "from rnnspec import __version__\n"),
        ("python/src/rnnspec/cells/lstm.py", "from ..plan import Plan\n"),
        ("js/src/tensor.js", 'import { load } from "./load.js";\n'),
        ("js/src/tensor.js", "import {\n  load,\n} from './load.js';\n"),
        ("js/src/tensor.js", 'export * from "./load.js";\n'),
        ("js/src/tensor.js", 'await import("./load.js");\n'),
        ("js/src/tensor.js", '/** @import { X } from "./load.js" */\n'),
        ("js/src/tensor.js", '/** @type {import("./load.js").X} */\n'),
        ("js/src/cells/lstm.js", 'import { plan } from "../plan.js";\n'),
        ("java/src/main/java/rnnspec/Tensor.java", "class Tensor { Load load; }\n"),
        ("java/src/main/java/rnnspec/Tensor.java", "import static rnnspec.Load.load;\n"),
        ("java/src/main/java/rnnspec/Tensor.java", "class Tensor { rnnspec.Load load; }\n"),
        ("java/src/main/java/rnnspec/Tensor.java", "class Tensor { Session session; }\n"),
        ("java/src/main/java/rnnspec/Model.java", "class Model { Session session; }\n"),
        ("java/src/main/java/rnnspec/cells/Lstm.java", "import rnnspec.Plan;\n"),
    ],
)
def test_an_upward_import_is_found(tree: Path, file: str, text: str) -> None:
    append(tree, file, text)
    (finding,) = mirror.check(tree)
    assert finding.startswith(f"{file} uses ")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("python/src/rnnspec/tensor.py", '"""Not an import: from .load import load"""\n'),
        ("python/src/rnnspec/load.py", "import json\nfrom collections.abc import Iterator\n"),
        ("js/src/load.js", 'import process from "node:process";\n'),
        ("java/src/main/java/rnnspec/Tensor.java", "// Load comes later\n"),
        ("java/src/main/java/rnnspec/Tensor.java", "/** See {@link Load}. */\n"),
        ("java/src/main/java/rnnspec/Tensor.java", 'class Tensor { String s = "a \\" Load"; }\n'),
        ("java/src/main/java/rnnspec/Tensor.java", "class Tensor { Object o = Other.Load; }\n"),
        (
            "java/src/main/java/rnnspec/Tensor.java",
            "class Tensor { record Load() {} Load load; }\n",
        ),
        ("java/src/main/java/rnnspec/Run.java", "import rnnspec.Model.Decoding;\n Decoding d;\n"),
        ("java/src/main/java/rnnspec/Model.java", "class Model { Model m = Load.load(); }\n"),
    ],
)
def test_what_is_no_import_is_left_alone(tree: Path, file: str, text: str) -> None:
    append(tree, file, text)
    assert mirror.check(tree) == []


@pytest.mark.parametrize(
    "file",
    ["python/src/rnnspec/util.py", "js/src/util.js", "java/src/main/java/rnnspec/Util.java"],
)
def test_a_module_of_its_own_is_found(tree: Path, file: str) -> None:
    append(tree, file, "\n")
    assert mirror.check(tree) == [f"{file} is no module of the table in tools/mirror.py"]


def test_an_import_of_a_whole_package_is_found(tree: Path) -> None:
    append(tree, "java/src/main/java/rnnspec/Plan.java", "import rnnspec.cells.*;\n")
    (finding,) = mirror.check(tree)
    assert "imports cells/*" in finding


def remove_all(root: Path, suffix: str) -> None:
    for file in root.rglob("*" + suffix):
        file.unlink()


def empty_all(root: Path, suffix: str) -> None:
    for file in root.rglob("*" + suffix):
        file.write_text("")


@pytest.mark.parametrize("suffix", [".py", ".js", ".java"])
@pytest.mark.parametrize("damage", [remove_all, empty_all])
def test_checking_nothing_is_a_failure(
    tree: Path, suffix: str, damage: Callable[[Path, str], None]
) -> None:
    damage(tree, suffix)
    assert len(mirror.check(tree)) == 1
