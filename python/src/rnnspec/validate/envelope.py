"""Envelope: what a model and a saved state have in common: version and tensors (SPEC 5.1, 6)."""

import math
import re
from typing import Final

from rnnspec import codes
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Base64, Decimals, Value
from rnnspec.layout import ARRAYS
from rnnspec.limits import Limits
from rnnspec.model import FORMAT_VERSION
from rnnspec.tensor import DTYPES, base64_bytes
from rnnspec.validate.checks import Check, Checks
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
        dtype = value.get("dtype") if isinstance(value, dict) else None
        checks: dict[str, Check] = {
            "dtype": self.word(*DTYPES),
            "shape": self.shape(2, 2) if dtype == "int8" else self.shape(1, 3),
        }
        # Where the dtype is not known, neither is whether these should be there.
        if dtype == "int8" or dtype not in DTYPES:
            optional = "" if dtype == "int8" else "?"
            checks |= {"axis" + optional: self.integer(0, 1), "scale" + optional: self.tensor_data}
        checks |= {"data": self.tensor_data, "extensions?": self.extensions}
        return self.table(checks)(value, at)

    def shape(self, fewest: int, most: int) -> Check:
        """So many sizes, and [tensor-5]."""
        check = self.elements(self.integer(1, 2**31 - 1), fewest, most)

        def check_shape(value: Value, at: str) -> bool:
            if not check(value, at):
                return False
            elements, limit = math.prod(sizes(value)), self.limits.elements
            return elements <= limit or self.fault(
                codes.LIMIT_ELEMENTS, at, limit=limit, got=elements
            )

        return check_shape

    def arrays(self) -> dict[str, Check]:
        """The names of a layer's arrays in a state."""
        return {name + "?" * (name != ARRAYS[0]): self.string for name in ARRAYS}

    def tensor_data(self, value: Value, at: str) -> bool:
        """`data` or `scale` ([tensor-3], [tensor-4]). What is sound is kept for the agreement pass."""
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
