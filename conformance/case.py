"""The case format: what a file `cases/<section>/<name>.case.json` holds, and how to find them.

The format is described by `schema/case.schema.json`. A document stands in a case in one of four ways:
`{"file": name}`, a model beside the case and usable on its own; `{"text": …}`, its UTF-8;
`{"base64": …}`; or `{"pieces": [[text, times], …]}`, for a big document of few words.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def load(path: Path, root: Path = CASES) -> Case:
    """One case; its id must be its place."""
    try:
        case = Case.from_json(json.loads(path.read_bytes()), path.parent)
    except (ValueError, KeyError, OSError) as error:
        raise CaseError(f"{path.relative_to(root)}: {type(error).__name__}: {error}") from error
    if path.relative_to(root).as_posix() != case.path:
        raise CaseError(f"{path.relative_to(root)}: the case calls itself {case.id}")
    return case


def find(
    filters: list[str] | None = None, root: Path = CASES, *, sections: list[str] | None = None
) -> list[Case]:
    """Every case, or those of some sections, with an id that contains one of the filters; sorted by id.

    A folder without cases, and a choice that finds nothing, are errors: nothing would be tested.
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
        if not sections or folder.name in sections:
            cases.extend(load(path, root) for path in paths if _is_chosen(path, root, filters))
    if filters and not cases:
        raise CaseError(f"no case has an id that contains {' or '.join(filters)}")
    return sorted(cases, key=lambda case: case.id)


def _is_chosen(path: Path, root: Path, filters: list[str] | None) -> bool:
    """Whether the case has to be read: its place is its id, and reading all of them takes half a second."""
    return not filters or any(word in _id(path, root) for word in filters)


def _id(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().removesuffix(SUFFIX)


def ids(root: Path = CASES) -> set[str]:
    """The ids of all cases, without reading one."""
    return {_id(path, root) for path in root.rglob("*" + SUFFIX)}
