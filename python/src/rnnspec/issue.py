"""Issue: one thing that is wrong, where, and what to do about it (SPEC 1, stage-4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rnnspec.codes import CODES, Code, Severity, Stage

_LONGEST: Final = 40  # characters of a quoted text
_LONGEST_LIST: Final = 60
_LONGEST_POINTER: Final = 60
_LONGEST_LINE: Final = 200


def escaped(text: str) -> str:
    """`text`, safe to print: control and direction characters as escapes, cut to 40 characters."""
    shown, length = [], 0
    for character in text[: _LONGEST + 1]:
        shown.append(character if character.isprintable() else f"\\u{{{ord(character):x}}}")
        length += len(shown[-1])
    if length <= _LONGEST:
        return "".join(shown)
    while length > _LONGEST - 1:
        length -= len(shown.pop())
    return "".join(shown) + "…"


def quoted(text: str) -> str:
    """A text from the file, as a message shows it."""
    return f'"{escaped(text)}"'


def listed(words: Iterable[str]) -> str:
    """The words, as many as fit into a message."""
    shown = ""
    for k, word in enumerate(words):
        more = shown + ", " * bool(k) + escaped(word)
        if len(more) > _LONGEST_LIST:
            return f"{shown}, …" if shown else more
        shown = more
    return shown or "nothing: there is none"


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
        """The four parts in one line, of at most 200 characters together with the code."""
        line = f"{self.what}, {self.where}: {self.expected}; {self.fix}"
        most = _LONGEST_LINE - len(f"{self.code}: ")
        return line if len(line) <= most else line[: most - 1] + "…"

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
    """A JSON Pointer, safe to print; its keys may be anybody's. A long one shows its two ends."""
    parts = list(map(escaped, pointer.split("/")))
    shown = "/".join(parts)
    if len(shown) <= _LONGEST_POINTER:
        return shown
    end = "/" + parts[-1]
    return shown[: _LONGEST_POINTER - 1 - len(end)] + "…" + end


def child(pointer: str, key: str | int) -> str:
    """The JSON Pointer of a member or element (RFC 6901)."""
    return f"{pointer}/{key if isinstance(key, int) else key.replace('~', '~0').replace('/', '~1')}"


def failure(code: Code, place: int | str, **arguments: object) -> RnnspecError:
    """An error with one issue."""
    return RnnspecError([issue(code, place, **arguments)])
