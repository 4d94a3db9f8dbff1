"""Zip archives out of bytes: nothing is unpacked to the disk, and sizes are judged before anything is unpacked.

The central directory is read by hand: `zipfile` makes an object for each of millions of entries before
one could count them, and takes entries that share their bytes.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from rnnspec.importers.refusal import Refused, malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.limits import Limits

ENTRIES: Final = 4_096  # of one archive

_END: Final = struct.Struct("<4s4H2LH")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_COMMENT: Final = 65_535
_IS_ZIP64: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 1
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True)
class Entry:
    """One file of an archive: where its bytes stand, and how many they are when unpacked."""

    name: str
    method: int
    checksum: int
    start: int
    packed: int
    size: int


class Zip:
    """The entries of an archive by name; `data(name)` unpacks one.

    Raises Refused for an archive that is damaged, encrypted, larger than the limit `size` when unpacked, of
    more than ENTRIES entries, or with entries of one name or of shared bytes.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._data = data
        self._name = named(name)
        self.entries: dict[str, Entry] = {}
        at = data.rfind(b"PK\5\6", max(0, len(data) - _COMMENT - _END.size))
        if at < 0 or at + _END.size > len(data):
            raise self._damaged("its end is missing")
        _, disk, _, _, count, length, start, _ = _END.unpack_from(data, at)
        if start == _IS_ZIP64 or count == 0xFFFF:
            raise unsupported(f"{self._name} is a zip of the 64-bit kind, for 4 GiB and more")
        if disk or start + length > at:
            raise self._damaged("its directory is not where its end says")
        if count > ENTRIES:
            raise Refused(
                "IMPORT_LIMIT", f"{self._name} has {count} entries, and {ENTRIES} are allowed"
            )
        here = start
        for _ in range(count):
            entry, here = self._entry(here, start + length)
            if entry.name in self.entries:
                raise malformed(
                    f'{self._name} has two entries "{named(entry.name)}": no program writes that; save the net again'
                )
            self.entries[entry.name] = entry
        total = sum(entry.size for entry in self.entries.values())
        if total > limits.size:
            raise Refused(
                "IMPORT_LIMIT",
                f"{self._name} unpacks to {total:,} bytes, and {limits.size:,} are allowed: if you trust it, raise the "
                "limit, with --limit size=1G or Source(path, Limits(size=…))",
            )
        end = 0
        for entry in sorted(self.entries.values(), key=lambda e: e.start):
            if entry.start < end:
                raise self._damaged(f'"{named(entry.name)}" shares its bytes with another entry')
            end = entry.start + entry.packed

    def data(self, name: str) -> bytes:
        """The bytes of an entry. Raises Refused where it is missing or damaged."""
        entry = self.entries.get(name)
        if entry is None:
            raise self._damaged(f'the entry "{named(name)}" is missing')
        data = self._data[entry.start : entry.start + entry.packed]
        if entry.method == _DEFLATED:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                data = unpacker.decompress(data, entry.size + 1)
            except zlib.error:
                raise self._damaged(f'"{named(name)}" does not unpack') from None
        if len(data) != entry.size or zlib.crc32(data) != entry.checksum:
            raise self._damaged(f'"{named(name)}" is not what was packed')
        return data

    def _entry(self, at: int, end: int) -> tuple[Entry, int]:
        """The entry whose line of the directory stands at `at`, and where the next line stands."""
        data = self._data
        if at + _CENTRAL.size > end or data[at : at + 4] != b"PK\1\2":
            raise self._damaged("its directory is cut")
        head = _CENTRAL.unpack_from(data, at)
        flags, method = head[3], head[4]
        checksum, packed, size, name_length, extra, comment = head[7:13]
        local = head[16]
        name_at = at + _CENTRAL.size
        raw = data[name_at : name_at + name_length]
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            raise self._damaged("a name in it is no UTF-8") from None
        if flags & _ENCRYPTED:
            raise unsupported(f"{self._name} is encrypted: save the net without a password")
        if method not in {_STORED, _DEFLATED}:
            raise unsupported(f"{self._name} is packed by method {method}: save the net again")
        if _IS_ZIP64 in {packed, size, local}:
            raise unsupported(f"{self._name} is a zip of the 64-bit kind, for 4 GiB and more")
        if local + _LOCAL.size > len(data) or data[local : local + 4] != b"PK\3\4":
            raise self._damaged(f'"{named(name)}" is not where its directory says')
        local_name, local_extra = _LOCAL.unpack_from(data, local)[9:11]
        start = local + _LOCAL.size + local_name + local_extra
        if data[local + _LOCAL.size : local + _LOCAL.size + local_name] != raw:
            raise self._damaged(f'"{named(name)}" has another name in front of its bytes')
        if start + packed > len(data) or (method == _STORED and packed != size):
            raise self._damaged(f'"{named(name)}" is cut')
        return Entry(name, method, checksum, start, packed, size), (
            name_at + name_length + extra + comment
        )

    def _damaged(self, what: str) -> Refused:
        return malformed(f"{self._name} is a damaged zip, {what}: copy or save it again")


def entry_names(source: Source) -> tuple[str, ...]:
    """The names in a zip: a glance to recognise by, with none where it is damaged. Raises OSError for the file itself."""
    try:
        return tuple(Zip(source.data(), source.path.name, source.limits).entries)
    except Refused:
        return ()
