"""Sections that are mostly one line a case: text, what it shows, and the oracle's answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.case import Case, Document
from conformance.generator.build import dense_net, json_bytes, msgpack_bytes, validate_case

Source = bytes | str | dict[str, Any] | Document
HERE = "@@"
SKELETON = json_bytes(dense_net(metadata=HERE)).decode()


def in_metadata(text: str) -> str:
    """A sound document with this text as the value of `metadata`."""
    return SKELETON.replace(f'"{HERE}"', text)


def in_value(text: str) -> str:
    """A sound document with this text as a value inside `metadata`."""
    return in_metadata(f'{{"x": {text}}}')


@dataclass
class Table:
    """Collects the rows of a section; each becomes a case of the command `validate`."""

    section: str
    features: list[str] | None = None  # of invalid documents
    cases: list[Case] = field(default_factory=list)

    def row(
        self,
        name: str,
        title: str,
        requirement: str,
        source: Source,
        catches: str,
        *,
        limits: dict[str, int] | None = None,
        try_anyway: bool = False,
        file: str | None = None,
        expect: str | tuple[str, ...] = "",
    ) -> None:
        """One case. `requirement` may name several; `expect` states the codes that must come out.

        The answer is the oracle's; `expect` only makes a slip of the table loud: the codes of its
        findings, or "" for none.
        """
        case = validate_case(
            f"{self.section}/{name}",
            title,
            requirement.split(),
            catches,
            source,
            features=self.features if expect_errors(expect) else None,
            limits=limits,
            try_anyway=try_anyway,
            file=file,
        )
        got = tuple(sorted({finding["code"] for finding in case.expect["findings"]}))
        wanted = tuple(sorted((expect,) if isinstance(expect, str) and expect else expect))
        if got != wanted:
            raise ValueError(f"{case.id}: the table says {wanted}, the oracle {got}")
        self.cases.append(case)

    def both(
        self,
        name: str,
        title: str,
        requirement: str,
        source: dict[str, Any],
        catches: str,
        *,
        try_anyway: bool = False,
        expect: str | tuple[str, ...] = "",
    ) -> None:
        """Two cases: the document in JSON and in msgpack, with the same findings at the same places."""
        features = self.features
        written: tuple[tuple[str, Source], ...] = (
            ("json", source),
            ("msgpack", msgpack_bytes(source)),
        )
        for encoding, data in written:
            self.features = [encoding]
            self.row(
                f"{name}-{encoding}",
                f"{title} ({encoding})",
                requirement,
                data,
                catches,
                try_anyway=try_anyway,
                expect=expect,
            )
        self.features = features

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)


def expect_errors(expect: str | tuple[str, ...]) -> bool:
    """Whether these codes make a document invalid; three are warnings."""
    codes = {expect} if isinstance(expect, str) else set(expect)
    return bool(codes - {"", "VERSION_TRIED", "VOCABULARY_REPEATED", "VOCABULARY_EMPTY"})
