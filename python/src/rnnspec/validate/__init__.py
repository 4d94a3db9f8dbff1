"""Validate: bytes → findings (SPEC 2, 5 to 10), in two passes by hand: structure, then agreement."""

import os
import re
import stat
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from rnnspec import codes
from rnnspec.issue import Issue, RnnspecError, failure
from rnnspec.json_reader import read_json
from rnnspec.limits import DEFAULT, Limits
from rnnspec.msgpack_reader import read_msgpack
from rnnspec.tensor import Tensor
from rnnspec.validate.agreement import Agreement
from rnnspec.validate.findings import Findings, Object
from rnnspec.validate.saved_state import StateAgreement, StateStructure
from rnnspec.validate.structure import Structure

Source: TypeAlias = bytes | str | os.PathLike[str]

_FOREIGN: Final = (  # [bytes-3]
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\x89HDF", "an HDF5 file"),
    *((bytes([0x80, n]), "a pickle") for n in range(2, 6)),
    (b"\x93NUMPY", "a numpy array"),
    (b"Lua", "a Lua file"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"version https://git-lfs", "a Git LFS pointer"),
)


def validate(
    source: Source, limits: Limits | None = None, *, try_anyway: bool = False
) -> list[Issue]:
    """What is wrong with a file: bytes, or a path to them. Nothing, if the list is empty.

    Gives the findings of the first stage that has an error, at most 100, or else the warnings
    (SPEC 1, stage-1 to stage-4). With `try_anyway` a file of another version is judged as one of
    this version, with a warning ([version-4]). Raises OSError if the path can't be read.
    """
    try:
        return list(read(source, limits or DEFAULT, try_anyway=try_anyway).issues)
    except RnnspecError as error:
        return list(error.issues)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document without errors: its value, its tensors, and the warnings."""

    document: Object
    tensors: dict[str, Tensor]
    issues: list[Issue]


def read(source: Source, limits: Limits, *, try_anyway: bool = False) -> Reading:
    """All four stages. Raises RnnspecError with the findings of the first that has an error."""
    return judge(read_document(source, limits), limits, try_anyway=try_anyway)


def read_state(source: Source, limits: Limits, *, try_anyway: bool = False) -> Reading:
    """The same for a saved state (SPEC 14.1)."""
    document, findings = read_document(source, limits), Findings()
    structure = StateStructure(findings, limits, try_anyway=try_anyway)
    structure.document(document)
    findings.settle()
    agreement = StateAgreement(document, structure.data, findings)
    agreement.document(cast(Object, document["state"]))
    return Reading(document, agreement.sound, findings.settle())


def judge(document: Object, limits: Limits, *, try_anyway: bool = False) -> Reading:
    """The stages structure and agreement, of what a reader gave."""
    findings = Findings()
    structure = Structure(findings, limits, try_anyway=try_anyway)
    structure.document(document)
    findings.settle()
    agreement = Agreement(document, structure.data, findings)
    agreement.document()
    return Reading(document, agreement.sound, findings.settle())


def read_document(source: Source, limits: Limits) -> Object:
    """The stages bytes and syntax."""
    data = _bytes(source, limits)
    return read_json(data, limits) if _is_json(data, limits) else read_msgpack(data, limits)


# --- bytes ------------------------------------------------------------------------------------------


def _bytes(source: Source, limits: Limits) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    with open(source, "rb") as file:  # noqa: PTH123 - a path of any kind
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            return file.read(limits.size + 1)
        if found.st_size > limits.size:
            raise failure(codes.LIMIT_SIZE, 0, limit=limits.size, got=found.st_size)
        return file.read()


def _is_json(data: bytes, limits: Limits) -> bool:
    """The stage bytes: JSON (true), msgpack (false), or an error (SPEC 2)."""
    if not data:
        raise failure(codes.BYTES_EMPTY, 0)
    if len(data) > limits.size:
        raise failure(codes.LIMIT_SIZE, 0, limit=limits.size, got=len(data))
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            raise failure(codes.BYTES_FOREIGN, 0, got=name)
    space = re.compile(rb"[\t\n\r ]*+").match(data)
    assert space
    start = space.end()
    first = data[start : start + 1]
    if first == b"<":
        raise failure(codes.BYTES_FOREIGN, 0, got="HTML or XML")
    if data.startswith(b"\xef\xbb\xbf"):
        raise failure(codes.BYTES_BOM, 0)
    if first == b"{":
        _check_utf8(data)
        return True
    if start == 0 and (0x80 <= data[0] <= 0x8F or data[0] in {0xDE, 0xDF}):
        return False
    raise failure(codes.BYTES_UNRECOGNISED, start, got=first.hex().upper() or "none")


def _check_utf8(data: bytes) -> None:
    """[bytes-6], piece by piece, so that the decoded text is never there as a whole."""
    if data.isascii():
        return
    view, start, piece = memoryview(data), 0, 1 << 18
    while start < len(data):
        text = view[start : start + piece]
        try:
            str(text, "utf-8")
            start += len(text)
        except UnicodeDecodeError as error:
            # A sequence may be cut by the piece; then the next piece begins with it.
            start += error.start
            if error.start == 0 or error.end < len(text):
                raise failure(codes.BYTES_UTF8, start, got=f"{data[start]:02X}") from None
