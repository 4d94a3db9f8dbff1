"""SPEC 3 word by word: JSON text as bytes to values, or to one fault.

Numbers are Python floats (so a boolean is never taken for one), objects are dicts, text is str.
Recursion is as deep as the limit `depth`.
"""

from conformance.oracle.finding import SYNTAX, FaultError, Limits
from conformance.oracle.values import Value

WHITE = b"\t\n\r "
DIGITS = b"0123456789"
HEX = b"0123456789abcdefABCDEF"
STARTS = b'{["-0123456789tfn'
SIMPLE_ESCAPES = dict(zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True))
LITERALS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}

Path = tuple[str, ...] | None  # the keys from the top level on; None below any list


def is_tensor_data(path: Path) -> bool:
    """The member `data` or `scale` of a member of the top-level member `tensors`."""
    if path is None or len(path) != 3:
        return False
    return path[0] == "tensors" and path[2] in ("data", "scale")


class JsonReader:
    """One pass over one text that is known to be UTF-8."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.limits = limits
        self.at = 0
        self.values = 0

    def document(self) -> Value:
        """The whole text."""
        self.skip_white()
        value = self.value(1, (), counted=True)
        self.skip_white()
        if self.at < len(self.data):
            raise FaultError("SYNTAX_TRAILING", SYNTAX, self.at)
        return value

    def skip_white(self) -> None:
        """White space may stand here."""
        while self.at < len(self.data) and self.data[self.at] in WHITE:
            self.at += 1

    def need(self) -> int:
        """The byte that stands here; [json-2] if none does."""
        if self.at >= len(self.data):
            raise FaultError("SYNTAX_END", SYNTAX, len(self.data))
        return self.data[self.at]

    def one_of(self, allowed: bytes) -> int:
        """The byte here, which must be one of these; it is read."""
        byte = self.need()
        if byte not in allowed:
            raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, self.at)
        self.at += 1
        return byte

    def value(self, depth: int, path: Path, *, counted: bool) -> Value:
        """One value; `depth` is what it would have as a container."""
        if self.need() not in STARTS:
            raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, self.at)
        if counted:
            self.values += 1
            if self.values > self.limits.values:
                raise FaultError("LIMIT_VALUES", SYNTAX, self.at)
        match self.need():
            case 0x7B:
                return self.object_(depth, path)
            case 0x5B:
                return self.array(depth, path)
            case 0x22:
                return self.string(exempt=is_tensor_data(path))
            case 0x74 | 0x66 | 0x6E:
                return self.literal()
        return self.number()

    def object_(self, depth: int, path: Path) -> Value:
        """From the opening brace to the closing one."""
        if depth > self.limits.depth:
            raise FaultError("LIMIT_DEPTH", SYNTAX, self.at)
        self.at += 1
        members: dict[str, Value] = {}
        self.skip_white()
        if self.need() == 0x7D:
            self.at += 1
            return members
        while True:
            quote = self.at
            if self.need() != 0x22:
                raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, quote)
            if len(members) == self.limits.members:
                raise FaultError("LIMIT_MEMBERS", SYNTAX, quote)
            key = self.string(exempt=False)
            if key in members:
                raise FaultError("SYNTAX_DUPLICATE_KEY", SYNTAX, quote)
            self.skip_white()
            self.one_of(b":")
            self.skip_white()
            inner = None if path is None else (*path, key)
            members[key] = self.value(depth + 1, inner, counted=True)
            self.skip_white()
            if self.one_of(b",}") == 0x7D:
                return members
            self.skip_white()

    def array(self, depth: int, path: Path) -> Value:
        """From the opening bracket to the closing one."""
        if depth > self.limits.depth:
            raise FaultError("LIMIT_DEPTH", SYNTAX, self.at)
        self.at += 1
        elements: list[Value] = []
        self.skip_white()
        if self.need() == 0x5D:
            self.at += 1
            return elements
        counted = not is_tensor_data(path)
        while True:
            elements.append(self.value(depth + 1, None, counted=counted))
            self.skip_white()
            if self.one_of(b",]") == 0x5D:
                return elements
            self.skip_white()

    def literal(self) -> Value:
        """`true`, `false`, `null`; a wrong byte is reported at the first one, as is no other."""
        start = self.at
        for word, value in LITERALS.items():
            rest = self.data[start : start + len(word)]
            if rest == word:
                self.at += len(word)
                return value
            if word.startswith(rest):  # the input ends inside the word
                raise FaultError("SYNTAX_END", SYNTAX, len(self.data))
        raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, start)

    def number(self) -> float:
        """A number by the grammar: as many bytes as can belong to it."""
        start = self.at
        if self.need() == 0x2D:
            self.at += 1
        if self.one_of(DIGITS) != 0x30:
            self.digits()
        if self.here() == b".":
            self.at += 1
            self.one_of(DIGITS)
            self.digits()
        if self.here() in (b"e", b"E"):
            self.at += 1
            if self.need() in b"+-":
                self.at += 1
            self.one_of(DIGITS)
            self.digits()
        text = self.data[start : self.at]
        if len(text) > self.limits.number:
            raise FaultError("LIMIT_NUMBER", SYNTAX, start)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise FaultError("SYNTAX_NUMBER_RANGE", SYNTAX, start)
        return value + 0.0  # −0 means 0

    def here(self) -> bytes:
        """The byte here, or nothing at the end."""
        return self.data[self.at : self.at + 1]

    def digits(self) -> None:
        """Any number of digits."""
        while self.here() and self.here() in DIGITS:
            self.at += 1

    def string(self, *, exempt: bool) -> str:
        """From the opening quote to the closing one; `exempt` from the limit `string`."""
        quote = self.at
        self.at += 1
        utf8 = bytearray()
        while (byte := self.need()) != 0x22:
            if byte < 0x20:
                raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, self.at)
            if byte == 0x5C:
                utf8 += self.escape()
            else:
                utf8.append(byte)
                self.at += 1
        self.at += 1
        if len(utf8) > self.limits.string and not exempt:
            raise FaultError("LIMIT_STRING", SYNTAX, quote)
        return utf8.decode("utf-8")

    def escape(self) -> bytes:
        """One escape, or the two of a surrogate pair: the UTF-8 of what it means."""
        backslash = self.at
        self.at += 1
        letter = self.need()
        if letter in SIMPLE_ESCAPES:
            self.at += 1
            return bytes([SIMPLE_ESCAPES[letter]])
        if letter != 0x75:
            raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, backslash)
        unit = self.four_digits(backslash)
        if 0xDC00 <= unit <= 0xDFFF:
            raise FaultError("SYNTAX_SURROGATE", SYNTAX, backslash)
        if 0xD800 <= unit <= 0xDBFF:
            unit = 0x10000 + ((unit - 0xD800) << 10) + (self.low_half(backslash) - 0xDC00)
        return chr(unit).encode("utf-8")

    def four_digits(self, backslash: int) -> int:
        """The number of an escape; `self.at` is at its `u`."""
        self.at += 1
        for _ in range(4):
            if self.need() not in HEX:
                raise FaultError("SYNTAX_UNEXPECTED", SYNTAX, backslash)
            self.at += 1
        return int(self.data[self.at - 4 : self.at], 16)

    def low_half(self, first: int) -> int:
        """[json-5]: what must follow the high half whose backslash is at `first`."""
        backslash = self.at
        for byte in b"\\u":
            if self.need() != byte:
                raise FaultError("SYNTAX_SURROGATE", SYNTAX, first)
            self.at += 1
        self.at -= 1
        unit = self.four_digits(backslash)
        if not 0xDC00 <= unit <= 0xDFFF:
            raise FaultError("SYNTAX_SURROGATE", SYNTAX, first)
        return unit
