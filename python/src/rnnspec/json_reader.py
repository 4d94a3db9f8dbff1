"""JSON: bytes → value (SPEC 3).

A tokenizer of our own over bytes: it knows the offset of every fault, keeps its own stack, judges
limits as it goes, and reads the lists of tensor data straight into an array. Grammar in bulk is left
to regular expressions with possessive quantifiers, which never backtrack.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.issue import RnnspecError, failure, quoted
from rnnspec.limits import Limits


@dataclass(frozen=True, slots=True)
class Decimals:
    """Tensor data that stood as a list. Only as far as the first element that is no number."""

    values: npt.NDArray[np.float32]  # [elements]
    odd: tuple[int, "Value"] | None  # index and value of the first element that is no number


@dataclass(frozen=True, slots=True)
class Base64:
    """Tensor data that stood as a string: its UTF-8, where possible a view of the input."""

    text: bytes | memoryview


# What the two readers give. Numbers are binary64, and bytes come from msgpack alone.
Value: TypeAlias = (
    "bool | float | str | list[Value] | dict[str, Value] | memoryview | Decimals | Base64 | None"
)

_SPACE: Final = re.compile(rb"[ \t\n\r]*+")
_PLAIN: Final = re.compile(rb'[^"\\\x00-\x1f]*+')
_NUMBER: Final = re.compile(rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?+[0-9]++)?+")
_NUMBERS_AND_COMMAS: Final = re.compile(rb"(?:[ \t\n\r]*+" + _NUMBER.pattern + rb"[ \t\n\r]*+,)*+")
_ESCAPE: Final = re.compile(rb'\\(?:(["\\/bfnrt])|u([0-9A-Fa-f]{4}))')
# The beginnings of an escape: what is there when the input ends inside of one.
_ESCAPE_CUT: Final = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_ESCAPED: Final = dict(zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True))
_LITERALS: Final = {
    ord("t"): (b"true", True),
    ord("f"): (b"false", False),
    ord("n"): (b"null", None),
}
_NUMBER_STARTS: Final = frozenset(b"-0123456789")
_VALUE_STARTS: Final = frozenset(b'{["tfn') | _NUMBER_STARTS
_VALUE: Final = "a value"
_TENSOR_DATA: Final = ("data", "scale")  # the members of a tensor that are
_CHUNK: Final = 1 << 18  # bytes of a list of numbers that are read in one go
_FEW: Final = 256
_SMALLEST_NORMAL: Final = 2.0**-126  # of binary32
_SUBNORMALS: Final = 2.0**149  # times a subnormal binary32: its bits
_MANY: Final = 64  # elements of a list after which the next are looked at together


def read_json(data: bytes, limits: Limits) -> dict[str, Value]:
    """The object that is the whole of `data`, which is UTF-8 and begins with a brace ([bytes-5]).

    Raises RnnspecError with the one finding of the stage syntax.
    """
    value = read_value(data, limits)
    assert isinstance(value, dict)
    return value


def read_value(data: bytes, limits: Limits) -> Value:
    """The value of any kind that is the whole of `data`, which is UTF-8: importers read such texts too.

    Raises RnnspecError with the one finding of the stage syntax.
    """
    reader = _Reader(data, limits)
    value, end = reader.value(reader.space(0), depth=0)
    end = reader.space(end)
    if end < len(data):
        raise failure(codes.SYNTAX_TRAILING, end, got=reader.character(end))
    return value


class _Reader:
    """One reading. Methods take the offset of what they read; most give the offset after it."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.limits = limits
        self.count = 0  # values so far ([json-12])

    def value(self, at: int, depth: int, *, counted: bool = True) -> tuple[Value, int]:
        """One value below `depth` levels of others. `counted` is whether it is one of `values`."""
        data, size = self.data, len(self.data)
        containers: list[dict[str, Value] | list[Value]] = []
        keys: list[str | None] = []  # for each container, the key whose value is next
        while True:
            # A value is next.
            at = self.space(at)
            if at == size:
                raise self.end(_VALUE)
            byte = data[at]
            if (
                byte in _NUMBER_STARTS
                and keys
                and keys[-1] is None
                and len(containers[-1]) >= _MANY
            ):
                at, is_read = self.many(at, containers[-1])
                if is_read:
                    continue
            if byte not in _VALUE_STARTS:
                raise self.unexpected(at, _VALUE)
            if counted or containers:
                self.count += 1
                if self.count > self.limits.values:
                    raise failure(codes.LIMIT_VALUES, at, limit=self.limits.values)
            tensor_data = (
                depth == 0
                and len(keys) == 3
                and keys[2] in _TENSOR_DATA
                and keys[0] == "tensors"
                and keys[1] is not None
            )
            value: Value
            if byte == 0x22:  # "
                if tensor_data:
                    value, at = self.base64(at)
                else:
                    value, at = self.string(at)
            elif byte in _NUMBER_STARTS:
                value, at = self.number(at)
            elif byte in b"{[":
                if depth + len(containers) >= self.limits.depth:
                    raise failure(codes.LIMIT_DEPTH, at, limit=self.limits.depth)
                if byte == 0x5B and tensor_data:
                    value, at = self.decimals(at, depth + len(containers) + 1)
                elif byte == 0x5B:
                    value, at = [], self.space(at + 1)
                    if data[at : at + 1] != b"]":
                        containers.append(value)
                        keys.append(None)
                        continue
                    at += 1
                else:
                    value, at = {}, self.space(at + 1)
                    if data[at : at + 1] != b"}":
                        key, at = self.key(at, value, 'a key or "}"')
                        containers.append(value)
                        keys.append(key)
                        continue
                    at += 1
            else:
                value, at = self.literal(at)
            # A value is whole: it goes into its container, and may be the last one there.
            while True:
                if not containers:
                    return value, at
                container, key_or_none = containers[-1], keys[-1]
                at = self.space(at)
                if isinstance(container, dict):
                    assert key_or_none is not None
                    container[key_or_none] = value
                    if data[at : at + 1] == b",":
                        keys[-1], at = self.key(self.space(at + 1), container, "a key")
                        break
                    closing = b"}"
                else:
                    container.append(value)
                    if data[at : at + 1] == b",":
                        at += 1
                        break
                    closing = b"]"
                self.expect(at, closing, f'"," or "{closing.decode()}"')
                at += 1
                value = containers.pop()
                keys.pop()

    def key(self, at: int, container: dict[str, Value], expected: str) -> tuple[str, int]:
        """A key that is new in its object, and its colon."""
        self.expect(at, b'"', expected)
        if len(container) >= self.limits.members:
            raise failure(codes.LIMIT_MEMBERS, at, limit=self.limits.members)
        key, end = self.string(at)
        if key in container:
            raise failure(codes.SYNTAX_DUPLICATE_KEY, at, got=quoted(key))
        end = self.space(end)
        self.expect(end, b":", '":"')
        return key, end + 1

    def literal(self, at: int) -> tuple[Value, int]:
        """`true`, `false` or `null`."""
        word, value = _LITERALS[self.data[at]]
        found = self.data[at : at + len(word)]
        if found == word:
            return value, at + len(word)
        if at + len(found) == len(self.data) and word.startswith(found):
            raise self.end(f'"{word.decode()}"')
        raise self.unexpected(at, _VALUE)

    # --- strings ----------------------------------------------------------------------------------

    def string(self, at: int) -> tuple[str, int]:
        """A string within the limit."""
        text, length, end = self.text(at, self.limits.string)
        if length > self.limits.string:
            raise failure(codes.LIMIT_STRING, at, limit=self.limits.string, got=length)
        return str(text, "utf-8"), end

    def base64(self, at: int) -> tuple[Base64, int]:
        """A string that is tensor data: of any length."""
        text, _, end = self.text(at, len(self.data))
        return Base64(text), end

    def text(self, at: int, keep: int) -> tuple[bytes | memoryview, int, int]:
        """The UTF-8 of a string with its escapes resolved, its length, and the offset after it.

        Of a string longer than `keep` only the length is true.
        """
        data = self.data
        end = self.plain_end(at + 1)
        if data[end : end + 1] == b'"':
            length = end - at - 1
            return memoryview(data)[at + 1 : end if length <= keep else at + 1], length, end + 1
        text = bytearray()
        length, start = 0, at + 1
        while True:
            length += end - start
            if length <= keep:
                text += memoryview(data)[start:end]
            if end == len(data):
                raise self.end("the rest of the string")
            if data[end] == 0x22:
                return bytes(text), length, end + 1
            if data[end] != 0x5C:
                raise self.unexpected(end, "a character of the string, control characters escaped")
            character, start = self.escape(end)
            length += len(character)
            if length <= keep:
                text += character
            end = self.plain_end(start)

    def plain_end(self, at: int) -> int:
        """The offset of the first byte that is a quote, a backslash or a control character."""
        window = 1 << 10
        match = _PLAIN.match(self.data, at, at + window)
        assert match
        at, stop = match.end(), at + window
        if at < stop:
            return at
        while at < len(self.data):
            window = min(2 * window, _CHUNK)
            view = np.frombuffer(self.data, np.uint8, min(window, len(self.data) - at), at)
            special = (view < 0x20) | (view == 0x22) | (view == 0x5C)
            if special.any():
                return at + int(special.argmax())
            at += window
        return len(self.data)

    def escape(self, at: int) -> tuple[bytes, int]:
        """The UTF-8 of an escape, or of a surrogate pair of them."""
        first, end = self.escape_unit(at)
        if not 0xD800 <= first <= 0xDFFF:
            return chr(first).encode(), end
        if first < 0xDC00:
            following = self.data[end : end + 2]
            if following in {b"", b"\\"}:
                raise self.end("the second half of a surrogate pair")
            if following == b"\\u":
                second, after = self.escape_unit(end)
                if 0xDC00 <= second <= 0xDFFF:
                    pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                    return chr(pair).encode(), after
        raise failure(codes.SYNTAX_SURROGATE, at, got=f"\\u{first:04X} alone")

    def escape_unit(self, at: int) -> tuple[int, int]:
        """The UTF-16 unit that one escape means."""
        match = _ESCAPE.match(self.data, at)
        if match is None:
            if _ESCAPE_CUT.match(self.data, at):
                raise self.end("the rest of the escape")
            raise self.unexpected(at, "an escape of JSON")
        if match[1]:
            return _ESCAPED[match[1][0]], match.end()
        return int(match[2], 16), match.end()

    # --- numbers ----------------------------------------------------------------------------------

    def number(self, at: int) -> tuple[float, int]:
        """A number within the limit and the range of binary64; −0 is 0 ([json-6])."""
        match = _NUMBER.match(self.data, at)
        if match is None:
            raise self.missing_digit(at + 1)
        end = match.end()
        following = self.data[end : end + 1]
        # Possessive as it is, the pattern leaves out a fraction or exponent that has no digit.
        if following == b"." and not re.search(rb"[.eE]", match[0]):
            raise self.missing_digit(end + 1)
        if following in {b"e", b"E"} and not re.search(rb"[eE]", match[0]):
            signed = self.data[end + 1 : end + 2] in {b"+", b"-"}
            raise self.missing_digit(end + 1 + signed)
        return self.judged(at, match[0]), end

    def judged(self, at: int, number: bytes) -> float:
        """The value of the number at `at`."""
        if len(number) > self.limits.number:
            raise failure(codes.LIMIT_NUMBER, at, limit=self.limits.number, got=len(number))
        value = float(number) + 0.0
        if value in {float("inf"), float("-inf")}:
            raise failure(codes.SYNTAX_NUMBER_RANGE, at, got=number.decode())
        return value

    def missing_digit(self, at: int) -> RnnspecError:
        """There is no digit at `at`."""
        return self.unexpected(at, "a digit") if at < len(self.data) else self.end("a digit")

    def decimals(self, at: int, depth: int) -> tuple[Decimals, int]:
        """A list that is tensor data, `depth` levels deep.

        Numbers that a comma follows are read chunk by chunk, all others one by one.
        """
        data = self.data
        at += 1
        closing = data.find(b"]", at)
        # As long as every element is a number, this is how many there are.
        commas = data.count(b",", at, closing if closing >= 0 else len(data))
        values = np.empty(commas + 1, np.float32)
        count = 0
        odd: tuple[int, Value] | None = None
        if data[(space := self.space(at)) : space + 1] == b"]":
            return Decimals(values[:0], None), space + 1
        while True:
            match = _NUMBERS_AND_COMMAS.match(data, at, at + _CHUNK)
            assert match
            if match.end() > at:
                chunk = self.numbers(at, match[0])
                if odd is None:
                    values[count : count + chunk.size] = chunk
                    count += chunk.size
                at = match.end()
                continue
            at = self.space(at)
            if at < len(data) and data[at] in _NUMBER_STARTS:
                number, at = self.number(at)
                if odd is None:
                    values[count : count + 1] = narrowed(np.array([number]))
                    count += 1
            else:
                value, at = self.value(at, depth, counted=False)
                odd = odd or (count, value)
            at = self.space(at)
            if data[at : at + 1] == b"]":
                values.flags.writeable = False
                return Decimals(values[:count], odd), at + 1
            self.expect(at, b",", '"," or "]"')
            at += 1

    def many(self, at: int, elements: "dict[str, Value] | list[Value]") -> tuple[int, bool]:
        """The next elements of a list, if they are numbers that a comma follows; whether there were any."""
        assert isinstance(elements, list)
        # A number and its comma are two bytes or more, so these are no more values than there may be.
        room = 2 * (self.limits.values - self.count)
        match = _NUMBERS_AND_COMMAS.match(self.data, at, at + min(room, _CHUNK))
        assert match
        text = match[0]
        if not text:
            return at, False
        self.count += text.count(b",")
        elements.extend(self.doubles(at, text).tolist())
        return match.end(), True

    def numbers(self, at: int, text: bytes) -> npt.NDArray[np.float32]:
        """The values of such numbers as elements of a tensor."""
        return narrowed(self.doubles(at, text))  # overflow to infinity is judged with the tensor

    def doubles(self, at: int, text: bytes) -> npt.NDArray[np.float64]:
        """The values of numbers that stand at `at`, each followed by a comma."""
        if len(text) < _FEW:  # not worth calling numpy
            doubles = np.array(self.judged_all(at, text), np.float64)
        else:
            # numpy reads text by the same correctly rounded conversion as float().
            doubles = np.fromstring(text, np.float64, sep=" , ")
            commas = np.flatnonzero(np.frombuffer(text, np.uint8) == 0x2C)
            gaps = np.diff(commas, prepend=-1)  # characters of each number, its spaces, its comma
            if gaps.max() > self.limits.number + 1 or not np.isfinite(doubles).all():
                self.judged_all(at, text)
        doubles += 0.0  # −0 is 0
        return doubles

    def judged_all(self, at: int, text: bytes) -> list[float]:
        """The numbers of such a text, one by one: the first that can't stand raises."""
        judged = []
        for element in text[:-1].split(b","):
            number = element.strip()
            judged.append(self.judged(at + element.index(number), number))
            at += len(element) + 1
        return judged

    # --- faults -----------------------------------------------------------------------------------

    def space(self, at: int) -> int:
        """The offset of the first byte from `at` that is not white space."""
        match = _SPACE.match(self.data, at)
        assert match
        return match.end()

    def expect(self, at: int, byte: bytes, expected: str) -> None:
        """`byte` must stand at `at`."""
        if self.data[at : at + 1] != byte:
            raise self.unexpected(at, expected) if at < len(self.data) else self.end(expected)

    def unexpected(self, at: int, expected: str) -> RnnspecError:
        """A byte that no text of the grammar has there."""
        return failure(codes.SYNTAX_UNEXPECTED, at, got=self.character(at), expected=expected)

    def end(self, expected: str) -> RnnspecError:
        """The input ends where more is needed."""
        return failure(codes.SYNTAX_END, len(self.data), expected=expected)

    def character(self, at: int) -> str:
        """The character at `at`, for a message."""
        return quoted(self.data[at : at + 4].decode("utf-8", "replace")[:1])


def narrowed(doubles: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """binary64 → nearest binary32, ties to even ([tensor-2]).

    Subnormal results are made of integers: a process that flushes them to zero would lose them.
    """
    with np.errstate(all="ignore"):
        values = doubles.astype(np.float32)
    small = (np.abs(doubles) < _SMALLEST_NORMAL) & (doubles != 0)
    if small.any():
        bits = np.rint(np.abs(doubles[small]) * _SUBNORMALS).astype(np.uint32)
        signs = np.signbit(doubles[small]).astype(np.uint32) << np.uint32(31)
        values.view(np.uint32)[small] = bits | signs
    return values
