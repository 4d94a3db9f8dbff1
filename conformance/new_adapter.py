"""Adapters to begin with: one file that speaks the protocol, and what to do next."""

from dataclasses import dataclass
from pathlib import Path

from conformance.case import CaseError

SKELETONS = Path(__file__).parent / "skeletons"


@dataclass(frozen=True)
class Language:
    """How a skeleton is called, built and run; both in the folder where it stands."""

    file: str
    run: tuple[str, ...]
    build: tuple[str, ...] = ()


LANGUAGES = {
    "python": Language("adapter.py", ("python3", "adapter.py")),
    "javascript": Language("adapter.mjs", ("node", "adapter.mjs")),
    "java": Language("Adapter.java", ("java", "-cp", ".", "Adapter"), ("javac", "Adapter.java")),
    # No fused multiply-add: it gives other bits.
    "c": Language(
        "adapter.c",
        ("./adapter",),
        ("cc", "-std=c11", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-o", "adapter", "adapter.c"),
    ),
    "rust": Language("adapter.rs", ("./adapter",), ("rustc", "-O", "adapter.rs")),
    "go": Language("adapter.go", ("./adapter",), ("go", "build", "-o", "adapter", "adapter.go")),
    "generic": Language("adapter.sh", ("sh", "adapter.sh")),
}  # fmt: skip

NEXT = """\
wrote {path}

Next, in {folder}:
{build}  {program} run -- {run}
      says `2 passed, 0 failed`, and skips the rest: you have declared nothing yet
  then write `validate` and `run` for JSON documents with dense layers, declare "json" and "dense", and ask for
  {program} run --features json,dense -- {run}
  {program} run dense/ -- {run}
      one section; each failure says what differs, and what mistake the case is there to catch
The order to go on in: docs/guide/02-your-own-runtime.md. The protocol: section 17 of SPEC.md.\
"""


def write(language: str, folder: Path, program: str) -> str:
    """The skeleton into a folder; gives what to do next. CaseError if it can't, or if a file stands there."""
    chosen = LANGUAGES[language]
    path = folder / chosen.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            out.write((SKELETONS / chosen.file).read_bytes())
    except FileExistsError as error:
        raise CaseError(f"{path}: it is there already, and stays as it is") from error
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error
    return NEXT.format(
        path=path,
        folder=folder,
        build=f"  {' '.join(chosen.build)}\n" if chosen.build else "",
        run=" ".join(chosen.run),
        program=program,
    )
