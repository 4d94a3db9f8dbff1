"""Findings and limits (SPEC 1 and 16)."""

from dataclasses import dataclass, fields

BYTES, SYNTAX, STRUCTURE, AGREEMENT = "bytes", "syntax", "structure", "agreement"
ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One fault of a file: its place is a byte offset, or a JSON Pointer from structure on."""

    code: str
    stage: str
    severity: str
    place: int | str

    def to_json(self) -> dict[str, str | int]:
        """The form of [protocol-2]."""
        return {
            "code": self.code,
            "stage": self.stage,
            "severity": self.severity,
            "place": self.place,
        }

    def sort_key(self) -> tuple[str, str, str, str]:
        """One order for lists of findings, whatever order they were found in."""
        place = f"{self.place:012d}" if isinstance(self.place, int) else self.place
        return (place, self.code, self.stage, self.severity)


class FaultError(Exception):
    """Ends the stages bytes and syntax, which report exactly one finding [stage-2]."""

    def __init__(self, code: str, stage: str, place: int) -> None:
        super().__init__(code)
        self.finding = Finding(code, stage, ERROR, place)


class RunError(Exception):
    """A call that fails with a code of section 16."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Limits:
    """The table of [limit-1]."""

    size: int = 268_435_456
    depth: int = 32
    string: int = 65_536
    number: int = 64
    members: int = 4_096
    values: int = 1_000_000
    layers: int = 256
    elements: int = 134_217_728

    @classmethod
    def of(cls, given: dict[str, int] | None) -> "Limits":
        """The defaults, with those given in their place."""
        unknown = set(given or {}) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"no such limit: {sorted(unknown)}")
        return cls(**(given or {}))
