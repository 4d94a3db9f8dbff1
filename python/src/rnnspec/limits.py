"""Limits: what a reader takes at most (SPEC 16)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of SPEC 16. Give others to raise or lower them: `Limits(layers=1024)`.

    Raises ValueError for a limit that is not an integer of at least 0.
    """

    size: int = 268_435_456  # bytes of the input
    depth: int = 32  # levels of objects and lists
    string: int = 65_536  # bytes of UTF-8 in one string or key
    number: int = 64  # characters of one JSON number
    members: int = 4_096  # members of one object
    values: int = 1_000_000  # values outside tensor data
    layers: int = 256  # layers
    elements: int = 134_217_728  # elements of one tensor

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value: object = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(f"the limit {name} must be an integer of at least 0: {value!r}")


DEFAULT = Limits()
