"""Envelope: what a model and a saved state have in common: version and tensors (SPEC 5.1, 6)."""

import math
import re
from typing import Final

from rnnspec import codes
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Base64, Decimals, Value
from rnnspec.limits import Limits
from rnnspec.model import FORMAT_VERSION
from rnnspec.tensor import STORAGE, base64_bytes
from rnnspec.validate.checks import Checks
from rnnspec.validate.findings import Data, Findings, Object, described, sizes

_NUMBER: Final = "(0|[1-9][0-9]{0,8})"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}(-draft\.{_NUMBER})?")


class Envelope(Checks):
    """The parts of a document that every kind of document has."""

    def __init__(self, findings: Findings, limits: Limits, *, try_anyway: bool) -> None:
        super().__init__(findings)
        self.limits = limits
        self.try_anyway = try_anyway
        self.data: dict[str, Data] = {}  # sound tensor data, by pointer

    def version(self, document: Object) -> bool:
        """[version-1], [version-2], [version-4]: whether the rest is to be judged."""
        version = document.get("rnnspec")
        shown = quoted(FORMAT_VERSION)
        if "rnnspec" not in document:
            return self.fault(codes.VERSION_MISSING, "", expected=shown)
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            got = described(version)
            return self.fault(codes.VERSION_MALFORMED, "/rnnspec", expected=shown, got=got)
        if version == FORMAT_VERSION:
            return True
        got = quoted(version)
        if self.try_anyway:
            self.fault(codes.VERSION_TRIED, "/rnnspec", expected=shown, got=got)
            return True
        return self.fault(codes.VERSION_UNSUPPORTED, "/rnnspec", expected=shown, got=got)

    def tensor(self, value: Value, at: str) -> bool:
        """Section 6."""
        return self.table(
            {
                "dtype": self.word(*STORAGE),
                "shape": self.shape,
                "data": self.tensor_data,
                "extensions?": self.extensions,
            }
        )(value, at)

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
