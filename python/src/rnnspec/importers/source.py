"""Source: the file or folder that is imported. Nobody else here touches the disk.

What the user names is opened as it is. What a file names is a plain name in the same folder: no
`..`, no absolute path, no link, nothing but a regular file. Sizes are compared before anything is read.
"""

import errno
import itertools
import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias

from rnnspec.importers.refusal import Refused, malformed, named
from rnnspec.issue import RnnspecError
from rnnspec.json_reader import Value, read_value
from rnnspec.limits import Limits

StrPath: TypeAlias = str | os.PathLike[str]

# Other systems write weights as lists, and vocabularies of words as objects.
IMPORT_LIMITS: Final = Limits(members=2_097_152, values=10_000_000)

_PIECE: Final = 1 << 20
_MOST_NAMES: Final = 10_000
# No pipe makes us wait for its writer, and no link is followed. Windows has neither flag.
_PLAIN: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)


class Source:
    """One reading of a file, and of its neighbours in the same folder; or of a folder.

    `limits.size` holds for all that is read together, the others for each JSON text.
    """

    def __init__(self, path: StrPath, limits: Limits = IMPORT_LIMITS) -> None:
        """Raises OSError where there is nothing to open."""
        self.path = Path(path)
        self.limits = limits
        self.is_folder = stat.S_ISDIR(self.path.stat().st_mode)
        self.folder = self.path if self.is_folder else self.path.parent
        self._left = limits.size
        self._read: dict[str | None, bytes] = {}  # by name; None is the file itself
        self._values: dict[str | None, Value | Refused] = {}

    @classmethod
    def of(cls, path: "Source | StrPath") -> "Source":
        """What `read` takes: a source as it is, a path with the default limits."""
        return path if isinstance(path, Source) else cls(path)

    @property
    def name(self) -> str:
        """The last part of the path without suffixes, a name for the model."""
        return self.path.resolve().name.partition(".")[0]

    def has(self, name: str) -> bool:
        """Whether there is something of this name in the folder."""
        return os.path.lexists(self.folder / name)

    def names(self) -> list[str]:
        """What stands in the folder, sorted; of very many a part. Raises OSError."""
        with os.scandir(self.folder) as entries:
            return sorted(entry.name for entry in itertools.islice(entries, _MOST_NAMES))

    def data(self, name: str | None = None) -> bytes:
        """The bytes of the file, or of its neighbour `name`. Read once, then remembered.

        Raises Refused; OSError for the file itself.
        """
        if name not in self._read:
            if name is None:
                if self.is_folder:
                    raise malformed(
                        f"{self.path.name} is a folder, and a file is read: name the file in it"
                    )
                self._read[name] = self._bytes(os.open(self.path, _PLAIN), self.path.name)
            else:
                self._read[name] = self._bytes(self._open_neighbour(name), name)
        return self._read[name]

    def json(self, name: str | None = None) -> Value:
        """The JSON value of the file, or of its neighbour, by the rules of SPEC 3; numbers are floats.

        Read once, then remembered. Raises Refused; OSError for the file itself.
        """
        if name not in self._values:
            try:
                value = json_value(self.data(name), name or self.path.name, self.limits)
                self._values[name] = value
            except Refused as error:
                self._values[name] = error
        found = self._values[name]
        if isinstance(found, Refused):
            raise found
        return found

    def json_object(self, name: str | None = None) -> dict[str, Value] | None:
        """The object that a JSON text is; None for anything else: a glance to recognise by.

        Raises Refused for what is unsafe or beyond a limit; OSError for the file itself.
        """
        if not self.data(name).lstrip(b" \t\r\n").startswith(b"{"):
            return None
        try:
            value = self.json(name)
        except Refused as error:
            if error.code == "IMPORT_MALFORMED":
                return None
            raise
        return value if isinstance(value, dict) else None

    def _open_neighbour(self, name: str) -> int:
        plain = PurePosixPath(name).name == name == PureWindowsPath(name).name
        if not plain or name in {"", ".", ".."} or "\0" in name:
            raise Refused(
                "IMPORT_UNSAFE",
                f'the file names "{named(name)}", which is no plain name in its own folder: '
                "put all parts into one folder, and name them without a path",
            )
        path = self.folder / name
        is_link = Refused(
            "IMPORT_UNSAFE",
            f"{named(name)} is a link, and links are not followed: copy the file itself there",
        )
        if path.is_symlink():  # where there is no O_NOFOLLOW
            raise is_link
        try:
            handle = os.open(path, _PLAIN | _NO_LINK)
            if stat.S_ISREG(os.fstat(handle).st_mode) and os.fstat(handle).st_nlink > 1:
                os.close(handle)  # a second name may be anywhere: unpacking an archive can make it
                raise is_link
            return handle
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EMLINK}:  # it became one just now
                raise is_link from None
            reason = "is not there" if error.errno == errno.ENOENT else "can't be read"
            raise malformed(
                f"the file {named(name)} {reason}: copy the whole folder, every file of it"
            ) from None

    def _bytes(self, handle: int, name: str) -> bytes:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            raise Refused("IMPORT_UNSAFE", f"{named(name)} is no regular file: give a copy of it")
        pieces = []
        with os.fdopen(handle, "rb") as file:
            if status.st_size > self._left:
                self._left = -1
            # The size is only what the disk says: no more than the limit is ever read.
            while self._left >= 0 and (piece := file.read(min(_PIECE, self._left + 1))):
                self._left -= len(piece)
                pieces.append(piece)
        if self._left < 0:
            raise _too_large(name, self.limits)
        return b"".join(pieces)


class Piped(Source):
    """Bytes that came through a pipe: they have no name but the one given, and no neighbours."""

    def __init__(self, data: bytes, name: str, limits: Limits = IMPORT_LIMITS) -> None:
        self.path = Path(name)
        self.limits = limits
        self.is_folder = False
        self._left = limits.size - len(data)
        self._read = {None: data}
        self._values = {}
        if self._left < 0:
            raise _too_large(name, limits)

    @property
    def name(self) -> str:
        """A name for the model."""
        return str(self.path)

    def has(self, name: str) -> bool:  # noqa: ARG002  as for any source
        """There is nothing beside a pipe."""
        return False

    def data(self, name: str | None = None) -> bytes:
        """The bytes. Raises Refused for a neighbour."""
        if name is not None:
            raise malformed(
                f"the model has more files, such as {named(name)}, and one alone came through the pipe: give its path"
            )
        return self._read[None]


class NoFile(Source):
    """Stands for a source where a net comes from no file: it has a name, and nothing beside it."""

    def __init__(self, name: str, limits: Limits = IMPORT_LIMITS) -> None:
        self._name = name
        self.limits = limits

    @property
    def name(self) -> str:
        """A name for the model."""
        return self._name

    def has(self, name: str) -> bool:  # noqa: ARG002  as for any source
        """There is nothing."""
        return False


def _too_large(name: str, limits: Limits) -> Refused:
    return Refused(
        "IMPORT_LIMIT",
        f"with {named(name)} the model is larger than {limits.size:,} bytes: if you trust it, "
        "raise the limit, with --limit size=1G or Source(path, Limits(size=…))",
    )


def json_value(data: bytes, name: str, limits: Limits) -> Value:
    """The value of a JSON text, strictly: no NaN, no repeated key. Raises Refused."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise malformed(
            f"{named(name)} is no UTF-8 at byte {error.start}: save it as UTF-8"
        ) from None
    try:
        return read_value(data, limits)
    except RnnspecError as error:
        raise malformed(f"{named(name)} is no JSON to rely on: {error.issues[0].message}") from None
