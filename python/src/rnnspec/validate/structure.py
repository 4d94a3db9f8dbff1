"""Structure: each value of a document by itself (SPEC 5 to 9)."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, cast

from rnnspec import codes, layout
from rnnspec.codes import Code
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Base64, Decimals, Value
from rnnspec.limits import Limits
from rnnspec.model import FORMAT_VERSION
from rnnspec.tensor import STORAGE, base64_bytes
from rnnspec.validate.findings import (
    FUNCTION_KINDS,
    KINDS,
    SPECIAL_IDS,
    Findings,
    Object,
    described,
    listed,
    sizes,
)

Check: TypeAlias = Callable[[Value, str], bool]  # value, pointer → whether it is sound

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,127}")
_NUMBER: Final = "(0|[1-9][0-9]{0,8})"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}(-draft\.{_NUMBER})?")


class Structure:
    """Each value by itself (SPEC 5 to 9)."""

    def __init__(self, findings: Findings, limits: Limits) -> None:
        self.findings = findings
        self.limits = limits
        self.data: dict[str, Decimals | bytes | memoryview] = {}  # sound tensor data, by pointer

    def document(self, document: Object) -> None:
        """The top level ([doc-1])."""
        if not self.version(document):
            return
        self.members(
            document,
            "",
            {
                "rnnspec": _accept,
                **dict.fromkeys(("$schema?", "name?", "version?"), self.string),
                **dict.fromkeys(("description?", "license?"), self.string),
                "metadata?": self.metadata,
                "input": self.input,
                "vocabularies?": self.named(self.vocabulary),
                "layers": self.layers,
                "output": self.output,
                "decoding?": self.decoding,
                "examples?": self.elements(self.example),
                "tensors": self.named(self.tensor),
            },
        )

    def version(self, document: Object) -> bool:
        """[version-1], [version-2]: whether the rest is to be judged."""
        version = document.get("rnnspec")
        shown = quoted(FORMAT_VERSION)
        if "rnnspec" not in document:
            return self.fault(codes.VERSION_MISSING, "", expected=shown)
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            got = described(version)
            return self.fault(codes.VERSION_MALFORMED, "/rnnspec", expected=shown, got=got)
        if version != FORMAT_VERSION:
            got = quoted(version)
            return self.fault(codes.VERSION_UNSUPPORTED, "/rnnspec", expected=shown, got=got)
        return True

    def input(self, value: Value, at: str) -> bool:
        """5.2."""
        kind = self.tag(value, at, "kind", ("tokens", "features"))
        if kind == "tokens":
            return self.members(value, at, {"kind": _accept, "vocabulary": self.string})
        return kind == "features" and self.members(
            value,
            at,
            {
                "kind": _accept,
                "size": self.integer(1, 65_536),
                "names?": self.elements(self.string),
                "units?": self.elements(self.string),
                "sample_rate?": self.number(0.001, 1e9),
            },
        )

    def vocabulary(self, value: Value, at: str) -> bool:
        """Section 7."""
        return self.tag(value, at, "unit", ("codepoint",)) is not None and self.members(
            value,
            at,
            {
                "unit": _accept,
                "tokens": self.elements(self.token, 1, 2_097_152),
                **{f"{name}?": self.integer(0) for name in SPECIAL_IDS},
            },
        )

    def token(self, value: Value, at: str) -> bool:
        """[vocabulary-1]."""
        if isinstance(value, str) and len(value) > 1:
            expected = "the empty string or one character"
            return self.fault(codes.STRUCTURE_TOKEN, at, expected=expected, got=quoted(value))
        return self.string(value, at)

    def layers(self, value: Value, at: str) -> bool:
        """Section 8."""
        if isinstance(value, list) and len(value) > self.limits.layers:
            limit, got = self.limits.layers, len(value)
            return self.fault(codes.LIMIT_LAYERS, at, limit=limit, got=got)
        return self.elements(self.layer, 1)(value, at)

    def layer(self, value: Value, at: str) -> bool:
        """One of the types that layout knows."""
        layer_type = self.tag(value, at, "type", tuple(layout.PARAMETERS))
        if layer_type is None:
            return False
        checks: dict[str, Check] = {"name": self.name, "type": _accept}
        if size := layout.SIZE_MEMBER.get(layer_type):
            checks[size] = self.integer(1, 65_536)
        if roles := layout.PARAMETERS[layer_type]:
            checks["parameters"] = self.table(
                {role + "?" * (not roles[role].required): self.string for role in roles}
            )
        if layer_type == "activation":
            checks["function"] = self.word(*FUNCTION_KINDS)
        return self.members(value, at, checks)

    def output(self, value: Value, at: str) -> bool:
        """9.1."""
        return self.tag(value, at, "kind", KINDS) is not None and self.members(
            value,
            at,
            {
                "kind": _accept,
                "vocabulary?": self.string,
                "labels?": self.elements(self.string),
            },
        )

    def decoding(self, value: Value, at: str) -> bool:
        """9.2."""
        checks: dict[str, Check] = {"mode": self.word("greedy", "sample")}
        mode = value.get("mode") if isinstance(value, dict) else None
        if mode == "sample":
            checks["temperature"] = self.number(2**-7, 2**7)
        elif mode != "greedy":  # then it is not known whether it should be there
            checks["temperature?"] = self.number(2**-7, 2**7)
        return self.table(checks)(value, at)

    def example(self, value: Value, at: str) -> bool:
        """9.3."""
        kind = self.tag(value, at, "kind", ("exact", "reference"))
        reference: dict[str, Check] = {
            "source": self.table({"system": self.string, "version": self.string}),
            "tolerance": self.number(0, 1),
        }
        state = self.mapping(self.table({"h": self.string, "c?": self.string}))
        return kind is not None and self.members(
            value,
            at,
            {
                "kind": _accept,
                **(reference if kind == "reference" else {}),
                "input": self.example_input,
                "lengths?": self.elements(self.integer(0)),
                "state?": state,
                "output": self.string,
                "final_state?": state,
            },
        )

    def example_input(self, value: Value, at: str) -> bool:
        """Lists of ids, or the name of a tensor."""
        if isinstance(value, list):
            return self.elements(self.elements(self.integer(0), 1), 1)(value, at)
        expected = "a list of lists of ids, or the name of a tensor"
        return isinstance(value, str) or self.wrong(value, at, expected)

    def tensor(self, value: Value, at: str) -> bool:
        """Section 6."""
        checks = {"dtype": self.word(*STORAGE), "shape": self.shape, "data": self.tensor_data}
        return self.table(checks)(value, at)

    def shape(self, value: Value, at: str) -> bool:
        """1 to 3 sizes, and [tensor-5]."""
        if not self.elements(self.integer(1, 2**31 - 1), 1, 3)(value, at):
            return False
        elements, limit = math.prod(sizes(value)), self.limits.elements
        return elements <= limit or self.fault(codes.LIMIT_ELEMENTS, at, limit=limit, got=elements)

    def tensor_data(self, value: Value, at: str) -> bool:
        """[tensor-3], [tensor-4]. What is sound is kept for the agreement pass."""
        if isinstance(value, Decimals) and value.odd:
            index, element = value.odd
            return self.wrong(element, child(at, index), "a number")
        if isinstance(value, Decimals | memoryview):
            self.data[at] = value
            return True
        if not isinstance(value, Base64):
            expected = "a list of numbers or base64 in JSON, bytes in msgpack"
            return self.wrong(value, at, expected)
        data = base64_bytes(value.text)
        if data is None:
            expected = "groups of four of A-Z a-z 0-9 + /, padded with ="
            got = quoted(bytes(value.text[:64]).decode("utf-8", "replace"))
            return self.fault(codes.STRUCTURE_BASE64, at, expected=expected, got=got)
        self.data[at] = data
        return True

    def metadata(self, value: Value, at: str) -> bool:
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

    # --- faults ---

    def fault(self, code: Code, at: str, **arguments: object) -> bool:
        """A finding; false, so that a check can end with it."""
        self.findings.add(code, at, **arguments)
        return False

    def wrong(self, value: Value, at: str, expected: str) -> bool:
        """Of another type than expected."""
        return self.fault(codes.STRUCTURE_TYPE, at, expected=expected, got=described(value))

    # --- checks of one value ---

    def string(self, value: Value, at: str) -> bool:
        """Any string."""
        return isinstance(value, str) or self.wrong(value, at, "a string")

    def name(self, value: Value, at: str) -> bool:
        """[doc-5]."""
        if isinstance(value, str) and not _NAME.fullmatch(value):
            return self.fault(codes.STRUCTURE_NAME, at, got=quoted(value))
        return self.string(value, at)

    # --- checks made from others ---

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


def _accept(_value: Value, _at: str) -> bool:
    """Judged already."""
    return True
