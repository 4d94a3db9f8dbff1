"""Members: what all objects of a file have in common: they are frozen, and tell their members."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias

Extensions: TypeAlias = Mapping[str, object]  # JSON values; only the outermost level is frozen

# Members whose spelling in a file is no Python name.
SPELLING: Final = {"schema": "$schema"}
# Members that hold anybody's values.
FREE: Final = frozenset({"metadata", "extensions"})


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(member) for key, member in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen(element) for element in value)
    return value


class Members:
    """An object of the file: what all types here have, its members in the order of SPEC.md's tables."""

    MEMBERS: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for name in self.MEMBERS:
            value = getattr(self, name)
            if isinstance(value, Mapping | list) or (isinstance(value, tuple) and value):
                free = name in FREE and isinstance(value, Mapping)
                frozen = MappingProxyType(dict(value)) if free else _frozen(value)
                object.__setattr__(self, name, frozen)

    def members(self) -> dict[str, object]:
        """The members that are there, by their names in the file."""
        values = {SPELLING.get(name, name): getattr(self, name) for name in self.MEMBERS}
        return {name: value for name, value in values.items() if value is not None}
