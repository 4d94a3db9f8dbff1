"""Findings: what the passes of validate share."""

from typing import Final, TypeAlias, cast

from rnnspec.codes import Code
from rnnspec.issue import Issue, RnnspecError, issue, quoted
from rnnspec.json_reader import Decimals, Value

Object: TypeAlias = dict[str, Value]
Data: TypeAlias = Decimals | bytes | memoryview  # of a tensor

KINDS: Final = ("logits", "log_probabilities", "probabilities", "values")  # of the output
SPECIAL_IDS: Final = ("unknown", "start", "end", "padding")  # of a vocabulary
_MOST: Final = 100  # findings of one stage ([stage-3])


class Findings:
    """What the passes find. Errors are never crowded out by warnings."""

    def __init__(self) -> None:
        self.errors: list[Issue] = []
        self.warnings: list[Issue] = []

    def add(self, code: Code, place: str, **arguments: object) -> None:
        """One more, unless there are enough."""
        kind = self.errors if code.severity == "error" else self.warnings
        if len(kind) < _MOST:
            kind.append(issue(code, place, **arguments))

    def settle(self) -> list[Issue]:
        """The end of a stage: errors are raised, warnings given."""
        if self.errors:
            raise RnnspecError((self.errors + self.warnings)[:_MOST])
        return self.warnings


def described(value: Value) -> str:
    """A value, for a message."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:.17g}"
    if isinstance(value, str):
        return quoted(value)
    names = {list: "a list", Decimals: "a list", dict: "an object", memoryview: "bytes"}
    return names.get(type(value), "a string")


def sizes(value: Value) -> tuple[int, ...]:
    """A list that is known to hold integers."""
    return tuple(int(cast(float, size)) for size in cast(list[Value], value))


def members_of(value: Value) -> Object:
    """A value that is known to be an object."""
    return cast(Object, value)
