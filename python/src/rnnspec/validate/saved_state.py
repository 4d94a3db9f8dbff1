"""Saved state: the two passes over a state's document (SPEC 14.1)."""

import re
from typing import Final, cast

from rnnspec import codes
from rnnspec.issue import child, quoted
from rnnspec.json_reader import Value
from rnnspec.layout import ARRAYS
from rnnspec.validate.checks import accept
from rnnspec.validate.envelope import Envelope
from rnnspec.validate.findings import Object, members_of, sizes
from rnnspec.validate.references import References

_DIGEST: Final = re.compile("[0-9a-f]{64}")


class StateStructure(Envelope):
    """Each value of a saved state by itself ([saved-1])."""

    def document(self, document: Object) -> None:
        """The top level."""
        if not self.version(document):
            return
        self.members(
            document,
            "",
            {
                "rnnspec": accept,
                "$schema?": self.string,
                "metadata?": self.anything,
                "structure?": self.digest,
                "state": self.named(self.table(self.arrays())),
                "tensors": self.named(self.tensor),
            },
        )

    def digest(self, value: Value, at: str) -> bool:
        """64 hexadecimal digits."""
        if isinstance(value, str) and not _DIGEST.fullmatch(value):
            expected = "64 characters 0-9 a-f"
            return self.fault(codes.STRUCTURE_ENUM, at, expected=expected, got=quoted(value))
        return self.string(value, at)


class StateAgreement(References):
    """Whether the parts of a saved state fit each other ([saved-2])."""

    def document(self, state: Object) -> None:
        """The references in file order, those of a layer in the order of the table."""
        named = [
            (cast(str, arrays[role]), child(child("/state", layer), role))
            for layer, arrays in ((layer, members_of(value)) for layer, value in state.items())
            for role in ARRAYS
            if role in arrays
        ]
        shapes = [sizes(self.tensors[name]["shape"]) for name, _ in named if name in self.tensors]
        rows = next((shape[0] for shape in shapes if len(shape) == 2), None)
        for name, at in named:
            self.refer(name, at, (rows, None), float32=True)
        self.check_tensors()
