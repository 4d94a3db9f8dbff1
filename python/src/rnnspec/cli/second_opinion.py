"""A second opinion: what the published schema says about a document.

The reader judges structure by hand. The schema, which somebody else wrote from the same text, has to
come to the same answer; where it does not, one of the two is wrong, and that is a fault of ours.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rnnspec import FORMAT_VERSION, Issue, codes
from rnnspec.cli.shipped import schemas
from rnnspec.codes import CODES
from rnnspec.issue import child, escaped, issue
from rnnspec.json_reader import Base64, Decimals
from rnnspec.validate.findings import Object

_AGREES: Final = "agrees"
_LONGEST: Final = 256  # elements of a list, groups of base64, that are looked at


def second_opinion(
    document: Object, findings: Sequence[Issue], part: str, *, is_msgpack: bool
) -> tuple[list[Issue], str]:
    """A finding if reader and schema disagree; and `agrees`, `disagrees`, or why it was not asked.

    `findings` is what the reader has found in the document; `part` is the schema for it.
    """
    errors = [found for found in findings if found.severity == "error"]
    structural = [found for found in errors if found.stage == "structure"]
    visible = [found for found in structural if _is_visible(found)]
    if structural and not visible:
        return [], f"not asked: a schema can't say {structural[0].code}"
    try:
        import jsonschema.exceptions  # noqa: PLC0415, F401  only when it is used
    except ImportError:
        return [], "not asked: jsonschema is not installed (the extra `cli` has it)"
    if not structural and document.get("rnnspec") != FORMAT_VERSION:
        return [], "not asked: the file is of another version"
    try:
        complaint = _complaint(_Projection(visible, is_msgpack=is_msgpack).of(document, ""), part)
    except RecursionError:  # with another --limit depth
        return [], "not asked: the document is nested too deep"
    if (complaint is None) == (not structural):
        return [], _AGREES
    place, ours, theirs = (
        ("", structural[0].code, "accepts it")
        if complaint is None
        else (complaint[0], "it is sound", complaint[1])
    )
    disagreement = issue(codes.ADVICE_SCHEMA_DISAGREES, place, expected=ours, got=theirs)
    return [disagreement], "disagrees"


def _is_visible(found: Issue) -> bool:
    """Whether a schema can see this: limits, unknown extensions and bytes inside free objects it can't."""
    if CODES[found.code].limit or found.code == "EXTENSION_UNKNOWN":
        return False
    inside = re.search(r"^/metadata/|/extensions/", str(found.place))
    return not (inside and found.code == "STRUCTURE_TYPE")


def _complaint(document: object, part: str) -> tuple[str, str] | None:
    """What the schema says first, with its pointer."""
    import jsonschema  # noqa: PLC0415  only when it is used
    import referencing  # noqa: PLC0415  as above
    from jsonschema.exceptions import best_match  # noqa: PLC0415  as above

    parts = schemas()
    registry: Any = referencing.Registry().with_contents(
        (schema["$id"], schema) for schema in parts.values()
    )
    validator = jsonschema.Draft202012Validator(parts[part], registry=registry)
    error = best_match(validator.iter_errors(document))
    if error is None:
        return None
    place = ""
    for step in error.absolute_path:
        place = child(place, step)
    return place, f"refuses it ({escaped(str(error.validator))})"


def _is_data(at: str) -> bool:
    """Whether tensor data stand at a pointer (SPEC 2)."""
    return re.fullmatch("/tensors/[^/]*/(data|scale)", at) is not None


class _Projection:
    """A document that the schema judges in the same way, without what is long.

    Of a long list only the first elements stay, and those that a finding is about.
    """

    def __init__(self, findings: Iterable[Issue], *, is_msgpack: bool) -> None:
        self._places = {str(found.place) for found in findings}
        self._is_msgpack = is_msgpack

    def of(self, value: object, at: str) -> object:
        """The projection of the value at a pointer."""
        if isinstance(value, Mapping):
            if at == "/metadata" or at.endswith("/extensions"):
                return dict.fromkeys(value)  # the schema asks only for the names
            return {key: self.of(member, child(at, key)) for key, member in value.items()}
        if isinstance(value, list):
            return self._list(value, at)
        if isinstance(value, Decimals):
            elements: list[object] = value.values[:_LONGEST].tolist()
            return elements + ([self.of(value.odd[1], "")] if value.odd else [])
        if isinstance(value, Base64):
            return str(self._base64(bytes(value.text), at), "utf-8")
        if isinstance(value, memoryview):  # msgpack: tensor data stands for its base64
            return str(base64.b64encode(value[:3]), "ascii") if _is_data(at) else None
        if self._is_msgpack and _is_data(at):
            return None  # no bytes: wrong there, whatever it would be in JSON
        return value

    def _list(self, value: list[object], at: str) -> object:
        if self._is_msgpack and _is_data(at):
            return None
        if at in self._places or len(value) <= _LONGEST:
            return [self.of(element, child(at, k)) for k, element in enumerate(value)]
        inside = {
            int(m[1]) for p in self._places if (m := re.match(f"{re.escape(at)}/([0-9]+)", p))
        }
        kept = sorted({*range(_LONGEST), *inside})
        return [self.of(value[k], child(at, k)) for k in kept]

    def _base64(self, text: bytes, at: str) -> bytes:
        """Base64 without its middle, unless a fault may be there."""
        half = 2 * _LONGEST
        if len(text) <= 2 * half or at in self._places or len(text) % 4:
            return text
        return text[:half] + text[-half:]
