"""manifest.json of deeplearn.js: name of a variable → file and shape. No dtype, no architecture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from rnnspec.importers import arrays
from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import Refused, malformed, named, wrong_option
from rnnspec.importers.source import Source
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

MANIFEST: Final = "manifest.json"
_LONGEST_LIST: Final = 8  # names in one note


@dataclass(frozen=True)
class Variable:
    """One line of the manifest. Its numbers are read when they are asked for."""

    source: Source
    name: str
    file: str
    shape: tuple[int, ...]

    @property
    def plain(self) -> str:
        """The name with `_` for `/`: dumps write both."""
        return self.name.replace("/", "_")

    @property
    def columns(self) -> int:
        """The last size; 1 for a single number."""
        return self.shape[-1] if self.shape else 1

    def values(self) -> Float32:
        """The numbers, of `shape`. Raises Refused."""
        return arrays.raw_float32(self.source.data(self.file), self.shape, self.name)

    def __str__(self) -> str:
        return f"{named(self.name)} {list(self.shape)}"


def is_manifest(source: Source) -> bool:
    """Whether it is an object whose members all have `filename` and `shape`."""
    if source.is_folder and not source.has(MANIFEST):
        return False
    members = source.json_object(MANIFEST if source.is_folder else None)
    return bool(members) and all(
        isinstance(entry, dict) and {"filename", "shape"} <= set(entry)
        for entry in (members or {}).values()
    )


def read_manifest(source: Source) -> list[Variable]:
    """The variables of a folder's manifest.json, or of the file itself. Raises Refused."""
    members = source.json(MANIFEST if source.is_folder else None)
    if not isinstance(members, dict) or not members:
        raise malformed("the manifest is no JSON object of variables: dump the checkpoint again")
    variables = [_variable(source, name, entry) for name, entry in members.items()]
    files: dict[str, Variable] = {}
    for variable in variables:
        other = files.setdefault(variable.file, variable)
        if other is not variable:
            raise malformed(
                f"{named(other.name)} and {named(variable.name)} are both in the file {named(variable.file)}: "
                "the dump wrote one over the other; rename one in the graph and dump again"
            )
    return variables


def _variable(source: Source, name: str, entry: Value) -> Variable:
    file = entry.get("filename") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(file, str):
        raise malformed(f"the manifest names no file for {named(name)}: dump the checkpoint again")
    variable = Variable(source, name, file, arrays.shape_of(entry.get("shape"), name))
    if math.prod(variable.shape) > source.limits.elements:
        raise Refused(
            "IMPORT_LIMIT",
            f"{variable} has more than {source.limits.elements:,} elements: if you trust the file, "
            "raise the limit, with --limit elements=1G or Source(path, Limits(elements=…))",
        )
    return variable


def without(variables: Sequence[Variable], patterns: Sequence[str], notes: Notes) -> list[Variable]:
    """The variables that no pattern of --ignore names. Raises Refused for a pattern without effect."""
    for pattern in patterns:
        if not any(fnmatchcase(variable.name, pattern) for variable in variables):
            raise wrong_option(f"--ignore {named(pattern)}: there is no such variable")
    kept = [v for v in variables if not any(fnmatchcase(v.name, pattern) for pattern in patterns)]
    left_out(set(variables) - set(kept), "as you said", notes)
    return kept


def left_out(variables: set[Variable], reason: str, notes: Notes) -> None:
    """One note for all of them."""
    names = sorted(named(variable.name) for variable in variables)
    if names:
        more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
        notes.left_out(f"{', '.join(names[:_LONGEST_LIST])}{more}: {reason}")
