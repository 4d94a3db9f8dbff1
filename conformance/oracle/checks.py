"""The judgements that the tables of SPEC 5 to 9 are made of [doc-2] to [doc-4]."""

import re
from collections.abc import Callable
from math import inf
from typing import TypeAlias

from conformance.oracle.finding import ERROR, STRUCTURE, Finding
from conformance.oracle.values import Value, is_integer, step

Check: TypeAlias = Callable[[Value, str], None]
NAME_GRAMMAR = re.compile("[A-Za-z][A-Za-z0-9_.-]{0,127}")
EXTENSION_GRAMMAR = re.compile("[A-Z][A-Z0-9]{0,31}_[A-Za-z0-9_.-]{1,95}")


class Checks:
    """Collects the findings of the stage structure."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, code: str, place: str, severity: str = ERROR) -> None:
        """One more finding."""
        self.findings.append(Finding(code, STRUCTURE, severity, place))

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

    # --- names and free members ---------------------------------------------------------------------

    def name(self, value: Value, place: str) -> None:
        """The name of a layer [doc-5]."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif not NAME_GRAMMAR.fullmatch(value):
            self.add("STRUCTURE_NAME", place)

    def named(self, check: Check, grammar: re.Pattern[str] = NAME_GRAMMAR) -> Check:
        """An object of members with names [doc-5]; a wrong one's value is judged all the same."""

        def check_named(value: Value, place: str) -> None:
            if not isinstance(value, dict):
                self.add("STRUCTURE_TYPE", place)
                return
            for key, member in value.items():
                if not grammar.fullmatch(key):
                    self.add("STRUCTURE_NAME", step(place, key))
                check(member, step(place, key))

        return check_named

    def extensions(self, value: Value, place: str) -> None:
        """5.3: name of an extension → anything but bytes."""
        self.named(self.no_bytes, EXTENSION_GRAMMAR)(value, place)

    def extension_name(self, value: Value, place: str) -> None:
        """An element of `extensions_required`; those that are allowed were judged before."""
        if not isinstance(value, str):
            self.add("STRUCTURE_TYPE", place)
        elif not EXTENSION_GRAMMAR.fullmatch(value):
            self.add("STRUCTURE_NAME", place)

    def metadata(self, value: Value, place: str) -> None:
        """An object of anything but bytes."""
        if not isinstance(value, dict):
            self.add("STRUCTURE_TYPE", place)
            return
        self.no_bytes(value, place)

    def no_bytes(self, value: Value, place: str) -> None:
        """[doc-3]: bytes stand nowhere but as tensor data."""
        match value:
            case bytes():
                self.add("STRUCTURE_TYPE", place)
            case list():
                for index, element in enumerate(value):
                    self.no_bytes(element, step(place, index))
            case dict():
                for key, member in value.items():
                    self.no_bytes(member, step(place, key))

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
