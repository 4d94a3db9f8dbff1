"""Checks: of one value of a document by itself, and those that are made from others (SPEC 5)."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, cast

from rnnspec import codes
from rnnspec.codes import Code
from rnnspec.issue import child, listed, quoted
from rnnspec.json_reader import Value
from rnnspec.validate.findings import Findings, Object, described

Check: TypeAlias = Callable[[Value, str], bool]  # value, pointer → whether it is sound

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}")
_NAME_WORDS: Final = "a letter, then up to 127 of A-Z a-z 0-9 _ . -"
_EXTENSION: Final = re.compile(r"[A-Z][A-Z0-9]{0,31}_[A-Za-z0-9_.-]{1,95}")
_EXTENSION_WORDS: Final = "VENDOR_name, VENDOR of A-Z 0-9"


class Checks:
    """What structure passes are made of. A check adds its findings and gives whether there was none."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def fault(self, code: Code, at: str, **arguments: object) -> bool:
        """A finding; false, so that a check can end with it."""
        self.findings.add(code, at, **arguments)
        return False

    def wrong(self, value: Value, at: str, expected: str) -> bool:
        """Of another type than expected."""
        return self.fault(codes.STRUCTURE_TYPE, at, expected=expected, got=described(value))

    # --- one value ---

    def string(self, value: Value, at: str) -> bool:
        """Any string."""
        return isinstance(value, str) or self.wrong(value, at, "a string")

    def name(self, value: Value, at: str) -> bool:
        """[doc-5]."""
        if isinstance(value, str) and not _NAME.fullmatch(value):
            expected, got = _NAME_WORDS, quoted(value)
            return self.fault(codes.STRUCTURE_NAME, at, expected=expected, got=got)
        return self.string(value, at)

    def extension_name(self, value: Value, at: str) -> bool:
        """[extension-1]."""
        if isinstance(value, str) and not is_extension_name(value):
            expected, got = _EXTENSION_WORDS, quoted(value)
            return self.fault(codes.STRUCTURE_NAME, at, expected=expected, got=got)
        return self.string(value, at)

    def extensions(self, value: Value, at: str) -> bool:
        """5.3: an object of names and anything."""
        sound = self.anything(value, at)
        for name in value if isinstance(value, dict) else ():
            sound &= self.extension_name(name, child(at, name))
        return sound

    def anything(self, value: Value, at: str) -> bool:
        """An object of anything but bytes ([doc-3])."""
        if not isinstance(value, dict):
            return self.wrong(value, at, "an object")
        sound = True
        stack: list[tuple[Value, str]] = [(value, at)]
        while stack:
            value, at = stack.pop()
            if isinstance(value, memoryview):
                sound = self.wrong(value, at, "no bytes")
            elif isinstance(value, dict):
                stack.extend((member, child(at, key)) for key, member in value.items())
            elif isinstance(value, list):
                stack.extend((element, child(at, k)) for k, element in enumerate(value))
        return sound

    # --- made from others ---

    def word(self, *words: str) -> Check:
        """One of the words of a table."""

        def check(value: Value, at: str) -> bool:
            if isinstance(value, str) and value not in words:
                expected = listed(words)
                return self.fault(codes.STRUCTURE_ENUM, at, expected=expected, got=quoted(value))
            return self.string(value, at)

        return check

    def number(self, low: float, high: float = math.inf, type_: str = "a number") -> Check:
        """A number from `low` to `high`."""
        expected = f"{low:.10g} to {high:.10g}" if high < math.inf else f"at least {low}"

        def check(value: Value, at: str) -> bool:
            # Exactly float: bool is no number here.
            if not isinstance(value, float) or (type_ == "an integer" and not value.is_integer()):
                return self.wrong(value, at, type_)
            return low <= value <= high or self.fault(
                codes.STRUCTURE_RANGE, at, expected=expected, got=described(value)
            )

        return check

    def integer(self, low: int, high: float = math.inf) -> Check:
        """An integer from `low` to `high`: a number whose value is one."""
        return self.number(low, high, "an integer")

    def elements(self, check: Check, low: int = 0, high: float = math.inf) -> Check:
        """A list of `low` to `high` elements."""
        expected = f"{low} to {high}" if high < math.inf else f"at least {low}"

        def check_list(value: Value, at: str) -> bool:
            if not isinstance(value, list):
                return self.wrong(value, at, "a list")
            if not low <= len(value) <= high:
                got = len(value)
                return self.fault(codes.STRUCTURE_LENGTH, at, expected=expected, got=got)
            sound = True
            for k, element in enumerate(value):
                sound &= check(element, child(at, k))
            return sound

        return check_list

    def mapping(self, check: Check) -> Check:
        """An object whose keys are names of something."""

        def check_members(value: Value, at: str) -> bool:
            if not isinstance(value, dict):
                return self.wrong(value, at, "an object")
            sound = True
            for name, member in value.items():
                sound &= check(member, child(at, name))
            return sound

        return check_members

    def named(self, check: Check) -> Check:
        """An object whose keys give names ([doc-5])."""
        members = self.mapping(check)

        def check_names(value: Value, at: str) -> bool:
            sound = members(value, at)
            for name in value if isinstance(value, dict) else ():
                sound &= self.name(name, child(at, name))
            return sound

        return check_names

    def table(self, checks: Mapping[str, Check]) -> Check:
        """An object with the members of a table."""
        return lambda value, at: (
            self.members(value, at, checks)
            if isinstance(value, dict)
            else self.wrong(value, at, "an object")
        )

    def tag(self, value: Value, at: str, tag: str, words: tuple[str, ...]) -> str | None:
        """An object's tag; None, if no more of the object is to be judged ([doc-6])."""
        if not isinstance(value, dict):
            self.wrong(value, at, "an object")
        elif tag not in value:
            expected = listed(words)
            self.fault(codes.STRUCTURE_MISSING, child(at, tag), name=tag, expected=expected)
        elif self.word(*words)(value[tag], child(at, tag)):
            return cast(str, value[tag])
        return None

    def members(self, value: Value, at: str, checks: Mapping[str, Check]) -> bool:
        """The members of a table: a name that ends in ? may be absent ([doc-2])."""
        members = cast(Object, value)
        known = tuple(name.removesuffix("?") for name in checks)
        sound = True
        for name, check in checks.items():
            plain = name.removesuffix("?")
            if plain in members:
                sound &= check(members[plain], child(at, plain))
            elif plain == name:
                place, expected = child(at, plain), listed([n for n in checks if n[-1] != "?"])
                sound = self.fault(codes.STRUCTURE_MISSING, place, name=plain, expected=expected)
        for name in members:
            if name not in known:
                place, expected = child(at, name), listed(known)
                sound = self.fault(
                    codes.STRUCTURE_UNKNOWN_KEY, place, expected=expected, got=quoted(name)
                )
        return sound


def is_extension_name(text: str) -> bool:
    """[extension-1]."""
    return _EXTENSION.fullmatch(text) is not None


def accept(_value: Value, _at: str) -> bool:
    """Judged already."""
    return True
