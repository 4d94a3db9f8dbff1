"""Documents that differ from a sound one in a few places."""

from typing import Any


def changed(document: dict[str, Any], **places: Any) -> dict[str, Any]:  # noqa: ANN401
    """A copy with other values: `input__size=3` is the member `size` of `input`, `layers__0` an element."""
    result: dict[str, Any] = _copy(document)
    for path, value in places.items():
        parent, last = _parent(result, path.split("__"))
        parent[last] = value
    return result


def put(document: dict[str, Any], place: list[str | int], value: Any) -> dict[str, Any]:  # noqa: ANN401
    """A copy with one other value; for keys that are no Python names."""
    result: dict[str, Any] = _copy(document)
    parent, last = _parent(result, place)
    parent[last] = value
    return result


def without(document: dict[str, Any], *paths: str) -> dict[str, Any]:
    """A copy without these members."""
    result: dict[str, Any] = _copy(document)
    for path in paths:
        parent, last = _parent(result, path.split("__"))
        del parent[last]
    return result


def _copy(value: Any) -> Any:  # noqa: ANN401 — any JSON
    """A copy in which no two places share an object, as `copy.deepcopy` would let them."""
    if isinstance(value, dict):
        return {key: _copy(member) for key, member in value.items()}
    return [_copy(element) for element in value] if isinstance(value, list) else value


def _parent(document: Any, place: Any) -> tuple[Any, Any]:  # noqa: ANN401 — any JSON
    here = document
    for part in place[:-1]:
        here = here[int(part) if isinstance(here, list) else part]
    return here, int(place[-1]) if isinstance(here, list) else place[-1]
