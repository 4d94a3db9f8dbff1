"""tensorflowjs_parts: model.json and the files that it names, from the file, from its folder, or from a zip of it."""

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from rnnspec.importers.refusal import Refused, malformed, named
from rnnspec.importers.source import Source, json_value
from rnnspec.importers.zips import Zip
from rnnspec.json_reader import Value

MODEL: Final = "model.json"
MEMBERS: Final = frozenset({"modelTopology", "weightsManifest"})
_ZIP: Final = b"PK\3\4"


class Parts:
    """A model.json, `members`, and its neighbours by name.

    Raises Refused for what is no such model, and OSError where there is no file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._zip: Zip | None = None
        self._folder = ""
        if source.is_folder:
            value = source.json(MODEL)
        elif source.data().startswith(_ZIP):
            self._zip = Zip(source.data(), source.path.name, source.limits)
            found = [name for name in self._zip.entries if PurePosixPath(name).name == MODEL]
            if len(found) != 1:
                raise malformed(
                    f"{named(source.path.name)} has {len(found)} files {MODEL}, and one is expected: give the folder of the model"
                )
            self._folder = found[0][: -len(MODEL)]
            value = json_value(self._zip.data(found[0]), found[0], source.limits)
        else:
            value = source.json()
        if not isinstance(value, dict) or not MEMBERS & value.keys():
            raise malformed(
                f"{MODEL} is no object with modelTopology and weightsManifest: give what model.save wrote"
            )
        self.members: Mapping[str, Value] = value

    def data(self, path: str) -> bytes:
        """The bytes of a file that the manifest names. Raises Refused for a path out of the folder, and for a missing file."""
        name = path.removeprefix("./")  # as browsers save it
        if self._zip is None:
            return self._source.data(name)
        plain = PurePosixPath(name).name == name == PureWindowsPath(name).name
        if not plain or name in {"", ".."}:
            raise Refused(
                "IMPORT_UNSAFE",
                f'the manifest names "{named(path)}", which is no plain name in the folder of {MODEL}: put all parts into '
                "one folder, and name them without a path",
            )
        if self._folder + name not in self._zip.entries:
            raise malformed(
                f"the file {named(name)} is not in the zip beside {MODEL}: pack the whole folder, every file of it"
            )
        return self._zip.data(self._folder + name)


def is_model(source: Source) -> bool:
    """A glance: an object with modelTopology or weightsManifest, as a file, in a folder or in a zip. Raises OSError."""
    if source.is_folder:
        if not source.has(MODEL):
            return False
        members = source.json_object(MODEL)
    elif source.data().startswith(_ZIP):
        if MODEL.encode() not in source.data():
            return False
        try:
            members = dict(Parts(source).members)
        except Refused:
            return False
    else:
        members = source.json_object()
    return bool(MEMBERS & (members or {}).keys())
