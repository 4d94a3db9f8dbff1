"""Pickles as data: a reader of the opcodes that hold plain values, and of calls that its caller allows.

Nothing is imported, looked up or executed: a global is a name, and a call is answered by a function of
`calls`, or refused. Work and memory are in proportion to the number of opcodes, which is limited.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rnnspec.importers.refusal import Refused, malformed, named

LARGEST: Final = 16 * 1024 * 1024  # bytes of a pickle
OPCODES: Final = 1_000_000

_LONGEST_INTEGER: Final = 16  # bytes
_KEY: Final = 2**31  # integers that are keys are below

Value = Any  # None, bool, int, float, str, bytes, list, tuple, dict, Name, or what a call gave
Call = Callable[[tuple[Value, ...]], Value]


@dataclass(frozen=True)
class Name:
    """A global of the pickle, such as torch.FloatStorage: its name alone."""

    text: str


class _Mark:
    """Stands on the stack where a list or tuple begins."""


_MARK: Final = _Mark()
_CONSTANTS: Final = {b"N": None, b"\x88": True, b"\x89": False, b")": ()}
_NUMBERS: Final = {  # opcode → how its argument is packed
    b"K": struct.Struct("<B"),
    b"M": struct.Struct("<H"),
    b"J": struct.Struct("<i"),
    b"G": struct.Struct(">d"),
}
_STRINGS: Final = {  # opcode → how its length is packed, and whether it is text
    b"X": (struct.Struct("<I"), True),
    b"\x8c": (struct.Struct("<B"), True),
    b"\x8d": (struct.Struct("<Q"), True),
    b"U": (struct.Struct("<B"), True),  # Python 2 wrote names so
    b"T": (struct.Struct("<I"), True),
    b"B": (struct.Struct("<I"), False),
    b"C": (struct.Struct("<B"), False),
}
_PUT: Final = {b"q": struct.Struct("<B"), b"r": struct.Struct("<I")}
_GET: Final = {b"h": struct.Struct("<B"), b"j": struct.Struct("<I")}
_TUPLES: Final = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
_LONGEST_PROTOCOL: Final = 5


class Reader:
    """Reads pickles that stand one after the other in `data`; `at` is where the next one begins."""

    def __init__(
        self,
        data: bytes,
        name: str,
        calls: Mapping[str, Call],
        names: frozenset[str] = frozenset(),
        persistent: Call | None = None,
    ) -> None:
        self._data = data
        self._name = name
        self._calls = calls
        self._names = names
        self._persistent = persistent
        self._left = OPCODES
        self.at = 0

    def read(self) -> Value:
        """The next pickle's value. Raises Refused."""
        self._stack: list[Value] = []
        self._memo: dict[int, Value] = {}
        start = self.at
        while True:
            self._left -= 1
            if self._left < 0 or self.at - start > LARGEST:
                raise Refused(
                    "IMPORT_LIMIT",
                    f"the pickle in {named(self._name)} is longer than {OPCODES:,} steps or {LARGEST:,} bytes: "
                    "save model.state_dict() alone",
                )
            code = self._take(1)
            if code == b".":
                value = self._pop()
                if self._stack:
                    raise self._broken("it ends too early")
                return value
            self._step(code)

    def _step(self, code: bytes) -> None:
        if code in _CONSTANTS:
            self._stack.append(_CONSTANTS[code])
        elif code in _NUMBERS:
            self._stack.append(self._number(_NUMBERS[code]))
        elif code in _STRINGS:
            length, is_text = _STRINGS[code]
            raw = self._take(self._number(length))
            self._stack.append(self._text(raw) if is_text else raw)
        elif code in _PUT:
            self._memo[self._number(_PUT[code])] = self._top()
        elif code == b"\x94":
            self._memo[len(self._memo)] = self._top()
        elif code in _GET:
            key = self._number(_GET[code])
            if key not in self._memo:
                raise self._broken("it recalls what it never kept")
            self._stack.append(self._memo[key])
        elif code == b"(":
            self._stack.append(_MARK)
        elif code in _TUPLES:
            items = [self._pop() for _ in range(_TUPLES[code])]
            self._stack.append(tuple(reversed(items)))
        elif code == b"t":
            self._stack.append(tuple(self._since_mark()))
        elif code == b"}":
            self._stack.append({})
        elif code == b"]":
            self._stack.append([])
        elif code in {b"a", b"e"}:
            items = [self._pop()] if code == b"a" else self._since_mark()
            self._container(list).extend(items)
        elif code in {b"s", b"u"}:
            items = [self._pop(), self._pop()][::-1] if code == b"s" else self._since_mark()
            self._fill(items)
        elif code == b"c":
            self._global(self._line(), self._line())
        elif code == b"\x93":
            name, module = self._pop(), self._pop()
            self._global(module, name)
        elif code == b"R":
            self._reduce()
        elif code == b"Q":
            if self._persistent is None:
                raise self._broken("it refers to something outside")
            self._stack.append(self._persistent((self._pop(),)))
        elif code == b"b":
            self._pop()  # attributes of an OrderedDict: _metadata, which says nothing about the net
            self._container(dict)
        elif code == b"\x8a":
            length = self._number(_NUMBERS[b"K"])
            if length > _LONGEST_INTEGER:
                raise self._broken("it holds an absurd number")
            self._stack.append(int.from_bytes(self._take(length), "little", signed=True))
        elif code == b"\x80":
            if self._take(1)[0] > _LONGEST_PROTOCOL:
                raise self._broken("it is of an unknown protocol")
        elif code == b"\x95":
            self._take(8)  # a frame's length
        elif code == b"0":
            self._pop()
        else:
            raise Refused(
                "IMPORT_UNSAFE",
                f"the pickle in {named(self._name)} uses the opcode 0x{code[0]:02x}, which builds other things than "
                "plain values and is not run: save model.state_dict() alone",
            )

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self.at:
            raise self._broken("it is cut")
        self.at += count
        return self._data[self.at - count : self.at]

    def _number(self, form: struct.Struct) -> Any:  # noqa: ANN401  an int, or the float of one opcode
        return form.unpack(self._take(form.size))[0]

    def _line(self) -> str:
        end = self._data.find(b"\n", self.at, self.at + 256)
        if end < 0:
            raise self._broken("a name in it does not end")
        return self._text(self._take(end + 1 - self.at)[:-1])

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise self._broken("a text in it is no UTF-8") from None

    def _top(self) -> Value:
        if not self._stack or self._stack[-1] is _MARK:
            raise self._broken("it takes more than it put down")
        return self._stack[-1]

    def _pop(self) -> Value:
        value = self._top()
        self._stack.pop()
        return value

    def _since_mark(self) -> list[Value]:
        items: list[Value] = []
        while self._stack:
            item = self._stack.pop()
            if item is _MARK:
                return items[::-1]
            items.append(item)
        raise self._broken("a mark is missing")

    def _container(self, kind: type[list[Value]] | type[dict[Value, Value]]) -> Any:  # noqa: ANN401  of that kind
        value = self._top()
        if not isinstance(value, kind):
            raise self._broken("it fills what is no container")
        return value

    def _fill(self, items: list[Value]) -> None:
        target = self._container(dict)
        if len(items) % 2:
            raise self._broken("a key has no value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Numbers that are no plain small ones could be chosen to collide in a table.
            if type(key) is not str and not (type(key) is int and 0 <= key < _KEY):
                raise self._broken("a key in it is neither text nor a small number")
            target[key] = value

    def _global(self, module: Value, name: Value) -> None:
        text = f"{module}.{name}"
        if not isinstance(module, str) or not isinstance(name, str):
            raise self._broken("a global of it has no name")
        if text not in self._calls and text not in self._names:
            raise self._refused(text)
        self._stack.append(Name(text))

    def _reduce(self) -> None:
        arguments, function = self._pop(), self._pop()
        if not isinstance(arguments, tuple) or not isinstance(function, Name):
            raise self._broken("it calls what is no function")
        if function.text not in self._calls:
            raise self._refused(function.text)
        self._stack.append(self._calls[function.text](arguments))

    def _refused(self, text: str) -> Refused:
        whole = text.startswith(("torch.nn.", "__main__."))
        what = "so it holds a whole module, and not" if whole else "which does not belong into"
        return Refused(
            "IMPORT_UNSAFE",
            f"the pickle in {named(self._name)} asks for {named(text)}, {what} a state_dict: nothing of it was run; "
            "in PyTorch, save it again with torch.save(model.state_dict(), FILE)",
        )

    def _broken(self, what: str) -> Refused:
        return malformed(
            f"the pickle in {named(self._name)} is broken at byte {self.at}, {what}: copy or save it again"
        )
