"""Issue: one thing that is wrong, where, and what to do about it (SPEC 1, stage-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rnnspec.codes import CODES, Code, Severity, Stage

_LONGEST: Final = 40  # characters of a quoted text


def escaped(text: str) -> str:
    """`text`, safe to print: control and direction characters as escapes, cut to 40 characters."""
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in shown)


def quoted(text: str) -> str:
    """A text from the file, as a message shows it."""
    return f'"{escaped(text)}"'


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding. Code, stage and place are part of SPEC.md; the texts are for people."""

    code: str
    place: int | str  # byte offset (bytes, syntax), JSON Pointer (structure on), argument (run)
    arguments: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def entry(self) -> Code:
        """The entry of the registry, schema/issues.json."""
        return CODES[self.code]

    @property
    def stage(self) -> Stage:
        """Where in reading or running it was found."""
        return self.entry.stage

    @property
    def severity(self) -> Severity:
        """`error` or `warning`."""
        return self.entry.severity

    @property
    def what(self) -> str:
        """What is wrong."""
        return self.entry.what.format(**self.arguments)

    @property
    def where(self) -> str:
        """The place, in words."""
        if self.stage in {"bytes", "syntax"}:
            return f"at byte {self.place}"
        if self.stage == "run":
            return f"in the argument `{self.place}`"
        return f"at {escaped_pointer(str(self.place))}" if self.place else "at the top level"

    @property
    def expected(self) -> str:
        """What was expected, and what was found instead."""
        return self.entry.expected.format(**self.arguments)

    @property
    def fix(self) -> str:
        """What to do."""
        return self.entry.fix.format(**self.arguments)

    @property
    def message(self) -> str:
        """The four parts in one line."""
        return f"{self.what}, {self.where}: {self.expected}; {self.fix}"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def issue(code: Code, place: int | str, **arguments: object) -> Issue:
    """An Issue of `code`, its arguments as text. Texts from the file must come `quoted`."""
    return Issue(code.code, place, {name: str(value) for name, value in arguments.items()})


class RnnspecError(ValueError):
    """The one exception: a file, a state or a call that is wrong. `issues` says all that was found.

    After a failed call every state is as it was before.
    """

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues: tuple[Issue, ...] = tuple(issues)
        super().__init__("\n".join(map(str, self.issues)))

    def __reduce__(self) -> tuple[type["RnnspecError"], tuple[tuple[Issue, ...]]]:
        return RnnspecError, (self.issues,)

    @property
    def code(self) -> str:
        """The code of the first issue."""
        return self.issues[0].code


def escaped_pointer(pointer: str) -> str:
    """A JSON Pointer, safe to print; its keys may be anybody's."""
    return "/".join(map(escaped, pointer.split("/")))


def child(pointer: str, key: str | int) -> str:
    """The JSON Pointer of a member or element (RFC 6901)."""
    return f"{pointer}/{key if isinstance(key, int) else key.replace('~', '~0').replace('/', '~1')}"


def failure(code: Code, place: int | str, **arguments: object) -> RnnspecError:
    """An error with one issue."""
    return RnnspecError([issue(code, place, **arguments)])
