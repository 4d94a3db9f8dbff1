"""The case format: what a file `cases/<section>/<name>.case.json` holds, and how to find them.

The format is described by `schema/case.schema.json`. A document stands in a case in one of four ways:
`{"file": name}`, a model beside the case and usable on its own; `{"text": …}`, its UTF-8;
`{"base64": …}`; or `{"pieces": [[text, times], …]}`, for a big document of few words.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CASES = Path(__file__).parent / "cases"
SUFFIX = ".case.json"


class CaseError(ValueError):
    """The suite itself is broken: a case that can't be loaded, or a folder without cases."""


@dataclass(frozen=True)
class Document:
    """The bytes of a case's document, and how they are written down."""

    data: bytes
    file: str | None = None
    pieces: tuple[tuple[str, int], ...] | None = None

    @classmethod
    def of_pieces(cls, *pieces: tuple[str, int]) -> "Document":
        """A document that repeats itself: each text as often as the number beside it says."""
        return cls("".join(text * times for text, times in pieces).encode(), pieces=pieces)

    def to_json(self) -> dict[str, Any]:
        """The member `document` of a case."""
        if self.file is not None:
            return {"file": self.file}
        if self.pieces is not None:
            return {"pieces": [list(piece) for piece in self.pieces]}
        try:
            return {"text": self.data.decode("utf-8")}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(self.data).decode("ascii")}

    @classmethod
    def from_json(cls, value: dict[str, Any], folder: Path) -> "Document":
        """The inverse; `folder` is where the case stands."""
        match value:
            case {"file": str(name)}:
                return cls((folder / name).read_bytes(), file=name)
            case {"text": str(text)}:
                return cls(text.encode("utf-8"))
            case {"base64": str(text)}:
                return cls(base64.b64decode(text, validate=True))
            case {"pieces": list(pieces)}:
                return cls.of_pieces(*((text, times) for text, times in pieces))
        raise CaseError(f"no form of a document: {sorted(value)}")


@dataclass(frozen=True)
class Case:
    """One question to a runtime, the answer that SPEC.md asks for, and the mistake it would show."""

    id: str  # section/name
    title: str
    requirements: tuple[str, ...]
    features: tuple[str, ...]
    catches: str
    command: str
    expect: dict[str, Any]
    document: Document | None = None
    request: dict[str, Any] = field(default_factory=dict)
    truth: Any = None

    @property
    def section(self) -> str:
        """The folder."""
        return self.id.partition("/")[0]

    @property
    def path(self) -> str:
        """The case's file, from `cases/` on."""
        return self.id + SUFFIX

    def to_json(self) -> dict[str, Any]:
        """The whole case as it is written down."""
        written: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "requirements": list(self.requirements),
            "features": list(self.features),
            "catches": self.catches,
            "command": self.command,
        }
        if self.document is not None:
            written["document"] = self.document.to_json()
        if self.request:
            written["request"] = self.request
        written["expect"] = self.expect
        if self.truth is not None:
            written["truth"] = self.truth
        return written

    @classmethod
    def from_json(cls, value: dict[str, Any], folder: Path) -> "Case":
        """The inverse; `folder` is where the case stands."""
        document = value.get("document")
        return cls(
            id=value["id"],
            title=value["title"],
            requirements=tuple(value["requirements"]),
            features=tuple(value["features"]),
            catches=value["catches"],
            command=value["command"],
            expect=value["expect"],
            document=None if document is None else Document.from_json(document, folder),
            request=value.get("request", {}),
            truth=value.get("truth"),
        )

    def request_line(self) -> dict[str, Any]:
        """The request of section 17.1, without `seq`."""
        request: dict[str, Any] = {"command": self.command}
        if self.document is not None:
            request["document"] = base64.b64encode(self.document.data).decode("ascii")
        return request | self.request


# What stands in a case, of which type; the rest of the schema is for who writes one.
MEMBERS: Final[dict[str, type]] = {
    "id": str,
    "title": str,
    "requirements": list,
    "features": list,
    "catches": str,
    "command": str,
    "document": dict,
    "request": dict,
    "expect": dict,
    "truth": object,
}
OPTIONAL: Final = {"document", "request", "truth"}


def load(path: Path, root: Path = CASES) -> Case:
    """One case; its id must be its place."""
    try:
        value = json.loads(path.read_bytes())
        _check_members(value)
        case = Case.from_json(value, path.parent)
    except (ValueError, TypeError, OSError) as error:
        raise CaseError(f"{path.relative_to(root)}: {type(error).__name__}: {error}") from error
    if path.relative_to(root).as_posix() != case.path:
        raise CaseError(f"{path.relative_to(root)}: the case calls itself {case.id}")
    return case


def _check_members(value: object) -> None:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, got {type(value).__name__}")
    if missing := MEMBERS.keys() - OPTIONAL - value.keys():
        raise ValueError(f"without {', '.join(sorted(missing))}")
    for name, what in value.items():
        if name not in MEMBERS:
            raise ValueError(f"has an unknown member {name}")
        if not isinstance(what, MEMBERS[name]):
            raise TypeError(f"{name}: expected {MEMBERS[name].__name__}, got {type(what).__name__}")


def find(
    filters: list[str] | None = None, root: Path = CASES, *, sections: list[str] | None = None
) -> list[Case]:
    """Every case, or those of some sections, with an id that contains one of the filters; sorted by id.

    All are read, which takes half a second: a broken one is told by any run. A folder without cases, and a choice that
    finds nothing, are errors: nothing would be tested.
    """
    folders = sorted(folder for folder in root.iterdir() if folder.is_dir())
    if not folders:
        raise CaseError(f"no cases in {root.name}")
    known = [folder.name for folder in folders]
    for section in sections or ():
        if section not in known:
            raise CaseError(f"no section {section}; there are {', '.join(known)}")
    cases: list[Case] = []
    for folder in folders:
        paths = sorted(folder.glob("*" + SUFFIX))
        if not paths:
            raise CaseError(f"no cases in {folder.relative_to(root)}")
        cases.extend(load(path, root) for path in paths)
    if sections:
        cases = [case for case in cases if case.section in sections]
    if filters:
        cases = [case for case in cases if any(word in case.id for word in filters)]
        if not cases:
            raise CaseError(f"no case has an id that contains {' or '.join(filters)}")
    return sorted(cases, key=lambda case: case.id)


def ids(root: Path = CASES) -> set[str]:
    """The ids of all cases, without reading one."""
    return {
        path.relative_to(root).as_posix().removesuffix(SUFFIX) for path in root.rglob("*" + SUFFIX)
    }
