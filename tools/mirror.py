"""Checks that the three runtimes mirror each other: the same modules, importing only downwards.

    python tools/mirror.py

Whoever knows one runtime shall find their way in the others, so every module of the table below
exists in each of them under the same name, there is no other, and each imports only modules that
stand before it in the table. Types count as imports: a JSDoc `@import` too. Java classes of one
package see each other without importing, so there the use of the class name counts.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("python", "js", "java")


@dataclass(frozen=True)
class Module:
    """One line of the table: a name, the files that carry it, and where it exists."""

    name: str
    python: str = ""  # only where it is not the name itself
    js: str = ""
    java: str = ""  # only where it is not the name in CamelCase
    only: tuple[str, ...] = LANGUAGES

    def file(self, language: str) -> str:
        """The path without its suffix, below the folder of the runtime's sources."""
        if special := getattr(self, language):
            return str(special)
        if language == "java":
            *folders, last = self.name.split("/")
            return "/".join([*folders, "".join(word.capitalize() for word in last.split("_"))])
        return self.name


# The order is the architecture: data flows from the first to the last.
MODULES = (
    Module("codes"),
    Module("issue"),
    Module("limits"),
    Module("json_reader"),
    Module("msgpack_reader"),
    Module("tensor"),
    Module("layout"),
    Module("model"),
    Module("graph"),
    Module("vocabulary"),
    Module("validate"),
    Module("digest"),
    Module("load"),
    Module("build", only=("python",)),
    Module("save"),
    Module("saved_state"),
    Module("activation"),
    Module("layer_norm"),
    Module("kernel"),
    Module("cells/elman"),
    Module("cells/lstm"),
    Module("cells/gru"),
    Module("merge"),
    Module("plan"),
    Module("run"),
    Module("decoding"),
    Module("selftest", java="SelfTest"),
    Module("entry", python="__init__", js="index", java="Rnnspec"),
    Module("adapter"),
    Module("importers", only=("python",)),
    Module("cli", only=("python",)),
)

# A Java file holds one class that others see, so a module can be several files. In the other
# languages its parts are one file, or a folder with the name of the module.
JAVA_PARTS = {
    "issue": ("RnnspecException",),
    "json_reader": ("Decimal", "JsonText", "Utf8"),
    "tensor": ("Narrow", "StoredTensor", "StrictBase64"),
    "vocabulary": ("Pieces", "TextDecoder"),
    "validate": (
        "Agreement",
        "Checks",
        "Choices",
        "Document",
        "DocumentChecks",
        "ExampleAgreement",
        "Findings",
        "LayerStructure",
        "References",
        "Structure",
    ),
    "digest": ("DocumentWriter", "MsgpackWriter"),
    "save": ("JsonWriter", "Shortest"),
    "saved_state": ("State",),
    "activation": ("Elementwise",),
    "kernel": ("KernelProof", "kernel/Loops", "kernel/PlainLoops"),
    "cells/elman": ("cells/Cell", "cells/Chain"),
    "plan": ("Maker", "Stateless"),
    "run": ("Arguments", "Memory", "Pass", "Session"),
    "decoding": ("Generation", "Generator", "Sampler", "TextPieces"),
    "adapter": ("AdapterArrays", "AdapterFiles", "AdapterRun"),
}

# Where Java users look for a way in: a method that hands on, upwards, and does nothing else.
JAVA_FACES = {("Model", "Load")}
# The same for Python: functions that are imported when somebody asks for them.
PYTHON_FACES = {("__init__", "importers")}

# Files that carry no module of their own, and the module whose place they share.
PYTHON_EXTRAS = {
    "__main__": "cli",
    "cells/__init__": "cells/elman",
    "cells/chain": "cells/elman",
    "cells/cell": "cells/elman",
}
JAVA_IGNORED = ("module-info", "package-info")

FOLDERS = {
    "python": ("python/src/rnnspec", ".py"),
    "js": ("js/src", ".js"),
    "java": ("java/src/main/java/rnnspec", ".java"),
}

ORDER = {module.name: place for place, module in enumerate(MODULES)}


def module_of(language: str, file: str) -> str | None:
    """The module that a file belongs to: `cells/Lstm` → `cells/lstm`, `cli/validate` → `cli`."""
    if language == "java":
        for name, parts in JAVA_PARTS.items():
            if file in parts:
                return name
    elif language == "python" and file in PYTHON_EXTRAS:
        return PYTHON_EXTRAS[file]
    for module in MODULES:
        own = module.file(language)
        if language in module.only and (file == own or file.startswith(own + "/")):
            return module.name
    return None


def python_imports(file: str, source: str) -> Iterator[str]:
    """The files of this package that a Python file imports."""
    here = ["rnnspec", *file.split("/")]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            targets = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for target in targets:
            if target[0] != "rnnspec":
                continue
            used = python_file("/".join(target[1:]))
            if (file, used.partition("/")[0]) not in PYTHON_FACES:
                yield used


def python_file(target: str) -> str:
    """The longest part of an import that is a module: `tensor/Tensor` → `tensor`, else the entry."""
    while target and module_of("python", target) is None:
        target = target.rpartition("/")[0]
    return target or "__init__"


JS_IMPORT = re.compile(
    r"""\bfrom\s*["'](?P<from>\.[^"']*)["']|\bimport\s*\(?\s*["'](?P<bare>\.[^"']*)["']"""
)


def js_imports(file: str, source: str) -> Iterator[str]:
    """The files that a JavaScript file imports, for values or for types."""
    for found in JS_IMPORT.finditer(source):
        parts = file.split("/")[:-1]
        for step in (found["from"] or found["bare"]).split("/"):
            if step == "..":
                parts.pop()
            elif step != ".":
                parts.append(step)
        yield "/".join(parts).removesuffix(".js")


JAVA_NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)
JAVA_QUALIFIED = re.compile(r"\brnnspec((?:\.[a-z]\w*)*)\.([A-Z]\w*|\*)")
JAVA_NAME = re.compile(r"(?<![.\w])[A-Z]\w*")
# `record Vocabulary` and `import rnnspec.Model.Vocabulary` give the name another meaning in a file.
JAVA_OWN = re.compile(
    r"\b(?:class|record|enum|interface)\s+([A-Z]\w*)|\bimport\s+rnnspec[\w.]*\.[A-Z]\w*\.([A-Z]\w*)"
)


def java_imports(file: str, source: str) -> Iterator[str]:
    """The files whose class a Java file names, outside comments and strings."""
    code = JAVA_NOISE.sub(" ", source)
    code = re.sub(r"^\s*package\s[^;]*;", "", code, flags=re.MULTILINE)
    for folders, name in JAVA_QUALIFIED.findall(code):
        yield (folders.replace(".", "/") + "/" + name).removeprefix("/")
    own = {name for pair in JAVA_OWN.findall(code) for name in pair}
    code = JAVA_QUALIFIED.sub(" ", code)
    folder = file.rpartition("/")[0]
    for name in set(JAVA_NAME.findall(code)) - own:
        neighbour = f"{folder}/{name}" if folder else name
        if module_of("java", neighbour) and (file, neighbour) not in JAVA_FACES:
            yield neighbour


IMPORTS: dict[str, Callable[[str, str], Iterator[str]]] = {
    "python": python_imports,
    "js": js_imports,
    "java": java_imports,
}


def sources(root: Path, language: str) -> dict[str, str]:
    """The source text of every file of a runtime, by its path without the suffix."""
    folder, suffix = FOLDERS[language]
    found = {
        path.relative_to(root / folder).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in sorted((root / folder).rglob("*" + suffix))
    }
    if language == "java":
        found = {k: v for k, v in found.items() if k.rpartition("/")[2] not in JAVA_IGNORED}
    return found


def check(root: Path) -> list[str]:
    """Every departure from the table, one sentence each."""
    return [sentence for language in LANGUAGES for sentence in check_one(root, language)]


def check_one(root: Path, language: str) -> Iterator[str]:
    """The departures of one runtime."""
    folder, suffix = FOLDERS[language]
    files = sources(root, language)
    if not files:
        yield f"{folder}: there is no {suffix} file at all"
        return
    present = {module_of(language, file) for file in files}
    for module in MODULES:
        if language in module.only and module.name not in present:
            yield f"{folder}/{module.file(language)}{suffix} is missing: the module {module.name}"
    seen = 0
    for file, source in files.items():
        name = module_of(language, file)
        if name is None:
            yield f"{folder}/{file}{suffix} is no module of the table in tools/mirror.py"
            continue
        for target in dict.fromkeys(IMPORTS[language](file, source)):
            used = module_of(language, target)
            seen += 1
            if used is None:
                yield f"{folder}/{file}{suffix} imports {target}, which is no module of the table"
            elif ORDER[used] > ORDER[name]:
                yield f"{folder}/{file}{suffix} uses {used}, which stands after {name}"
    if not seen:
        yield f"{folder}: not one import was recognised, so the order was not checked"


def main() -> int:
    findings = check(Path(__file__).resolve().parent.parent)
    for sentence in findings:
        print(f"mirror: {sentence}", file=sys.stderr)
    if not findings:
        print(f"mirror: {len(MODULES)} modules, in order, in {', '.join(LANGUAGES)}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
