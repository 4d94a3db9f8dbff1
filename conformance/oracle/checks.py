"""The judgements that the tables of SPEC 5 to 9 are made of [doc-2] to [doc-4]."""

from collections.abc import Callable
from math import inf
from typing import TypeAlias

from conformance.oracle.finding import ERROR, STRUCTURE, Finding
from conformance.oracle.values import Value, is_integer, step

Check: TypeAlias = Callable[[Value, str], None]


class Checks:
    """Collects the findings of the stage structure."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, code: str, place: str) -> None:
        """One more finding."""
        self.findings.append(Finding(code, STRUCTURE, ERROR, place))

    def skip(self, value: Value, place: str) -> None:
        """Judged already."""

    def string(self, value: Value, place: str) -> None:
        """Any string."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)

    def word(self, *words: str) -> Check:
        """One of these strings."""

        def check(value: Value, place: str) -> None:
            if not isinstance(value, str):
                self.add("STRUCTURE_TYPE", place)
            elif value not in words:
                self.add("STRUCTURE_ENUM", place)

        return check

    def number(self, low: float, high: float) -> Check:
        """A number from low to high."""

        def check(value: Value, place: str) -> None:
            if not isinstance(value, float):
                self.add("STRUCTURE_TYPE", place)
            elif not low <= value <= high:
                self.add("STRUCTURE_RANGE", place)

        return check

    def integer(self, low: float, high: float = inf) -> Check:
        """An integer from low to high; one with a fraction is of another type [doc-3]."""
        number = self.number(low, high)

        def check(value: Value, place: str) -> None:
            if is_integer(value):
                number(value, place)
            else:
                self.add("STRUCTURE_TYPE", place)

        return check

    def list_of(self, check: Check, low: int = 0, high: float = inf) -> Check:
        """A list of low to high elements; one of another length is not judged further."""

        def check_list(value: Value, place: str) -> None:
            if not isinstance(value, list):
                self.add("STRUCTURE_TYPE", place)
            elif not low <= len(value) <= high:
                self.add("STRUCTURE_LENGTH", place)
            else:
                for index, element in enumerate(value):
                    check(element, step(place, index))

        return check_list

    def members(
        self,
        value: Value,
        place: str,
        required: dict[str, Check],
        optional: dict[str, Check] | None = None,
    ) -> None:
        """An object with these members and no others."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return
        checks = required | (optional or {})
        for name in required:
            if name not in value:
                self.add("STRUCTURE_MISSING", step(place, name))
        for name, member in value.items():
            if name in checks:
                checks[name](member, step(place, name))
            else:
                self.add("STRUCTURE_UNKNOWN_KEY", step(place, name))

    def variant(self, value: Value, place: str, name: str, words: tuple[str, ...]) -> str | None:
        """The member that tells what an object is, or None after a finding about it [doc-6]."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return None
        if name not in value:
            self.add("STRUCTURE_MISSING", step(place, name))
            return None
        word = value[name]
        self.word(*words)(word, step(place, name))
        return word if isinstance(word, str) and word in words else None
