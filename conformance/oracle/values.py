"""The values of a document before it is judged (SPEC 5)."""

from typing import TypeAlias

# Numbers are always float here: an int would be a fault of a reader, a bool is a boolean.
Value: TypeAlias = "bool | float | str | bytes | list[Value] | dict[str, Value] | None"


def is_integer(value: Value) -> bool:
    """A number whose value is an integer; `True` is none."""
    return isinstance(value, float) and value.is_integer()


def step(place: str, part: str | int) -> str:
    """The JSON Pointer (RFC 6901) one step below."""
    return f"{place}/{str(part).replace('~', '~0').replace('/', '~1')}"


def plain(value: Value) -> object:
    """The value with every integer as int."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [plain(element) for element in value]
        case dict():
            return {key: plain(element) for key, element in value.items()}
    return value
