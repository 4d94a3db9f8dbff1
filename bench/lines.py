"""Lines: what every language prints, one JSON object each (bench/README.md)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

OURS: Final = "rnnspec"
LIMIT: Final = "memory limit"  # what the kernel's own benchmark measures beside it


@dataclass(frozen=True, kw_only=True)
class Time:
    """µs for one time step of one row: the median of each process."""

    language: str
    host: str
    peer: str
    path: str
    native: bool
    net: str
    mode: str
    dtype: str
    us_per_step: tuple[float, ...]
    compared: float | None = None
    beside: str | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something of which less is better: one number a process."""

    language: str
    host: str
    peer: str
    path: str
    fact: str
    unit: str
    values: tuple[float, ...]
    net: str | None = None
    dtype: str | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A path of ours that was not there to be measured."""

    language: str
    host: str
    peer: str
    path: str
    missing: str


Line: TypeAlias = Time | Fact | Missing


class LineError(ValueError):
    """A line that is none of these."""


def parse(text: str) -> Line:
    """A line. Raises LineError with the line and what is wrong with it."""
    try:
        members = json.loads(text)
    except json.JSONDecodeError as error:
        raise LineError(f"no JSON: {text[:200]}") from error
    return from_members(members)


def from_members(members: Any) -> Line:
    """A line of its members. Raises LineError."""
    if not isinstance(members, dict):
        raise LineError(f"no object: {members!r}")
    kind: Callable[..., Line] = Time if "us_per_step" in members else Fact
    if "missing" in members:
        kind = Missing
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in members.items()
    }
    try:
        line = kind(**given)
    except TypeError as error:
        raise LineError(f"{error}: {json.dumps(members)}") from None
    if not isinstance(line, Missing):
        numbers: tuple[Any, ...] = line.us_per_step if isinstance(line, Time) else line.values
        sound = all(isinstance(n, int | float) and 0 <= n < float("inf") for n in numbers)
        if not numbers or not sound or (isinstance(line, Time) and 0 in numbers):
            raise LineError(f"expected positive numbers, one a process: {json.dumps(members)}")
    return line


def members_of(line: Line) -> dict[str, Any]:
    """What `from_members` takes, without what is not there; numbers to five digits."""
    found = {name: value for name, value in asdict(line).items() if value not in (None, {})}
    for name in ("us_per_step", "values"):
        if name in found:
            found[name] = [float(f"{number:.5g}") for number in found[name]]
    if "compared" in found:
        found["compared"] = float(f"{found['compared']:.2g}")
    return found


def printed(line: Line) -> str:
    """The line as text."""
    return json.dumps(members_of(line), ensure_ascii=False)


def times_of(lines: Iterable[Line]) -> list[Time]:
    """The times among them."""
    return [line for line in lines if isinstance(line, Time)]


def facts_of(lines: Iterable[Line]) -> list[Fact]:
    """The facts among them."""
    return [line for line in lines if isinstance(line, Fact)]
