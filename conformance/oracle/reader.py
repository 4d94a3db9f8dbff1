"""An independent reader of SPEC.md sections 2 to 10: bytes to findings, or to a document."""

from dataclasses import dataclass
from typing import Any

from conformance.oracle.agreement import Agreement
from conformance.oracle.finding import BYTES, ERROR, FaultError, Finding, Limits
from conformance.oracle.json_reader import WHITE, JsonReader
from conformance.oracle.msgpack_reader import MsgpackReader, is_map
from conformance.oracle.structure import Structure
from conformance.oracle.tensors import content
from conformance.oracle.utf8 import first_fault
from conformance.oracle.values import Value, plain

# [bytes-3]; white space and `<` apart.
FOREIGN = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\x89HDF",
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"\x93NUMPY",
    b"Lua",
    b"\xff\xd8\xff",
    b"%PDF",
    b"version https://git-lfs",
)


@dataclass(frozen=True)
class ReadResult:
    """What reading gives: every finding; and the document, if none of them is an error.

    `document` is the JSON projection as plain dicts, lists, strings, booleans and numbers (a number
    whose value is an integer is an int, every other a float), but each member of `tensors` is
    `{"dtype", "shape", "bits", "values"}`: `bits` the stored elements as integers (16 or 32 bits),
    `values` the same widened to binary32, before T, as Python floats; both flat and row-major;
    and `extensions`, if it has them.
    """

    findings: list[Finding]
    document: dict[str, Any] | None

    @property
    def tensors(self) -> dict[str, dict[str, Any]]:
        """The member `tensors` of a valid document."""
        if self.document is None:
            raise ValueError(f"not a valid document: {self.findings}")
        tensors: dict[str, dict[str, Any]] = self.document["tensors"]
        return tensors


def read(
    data: bytes, limits: dict[str, int] | None = None, *, try_anyway: bool = False
) -> ReadResult:
    """Read one file; `limits` are given by name and replace the defaults of section 16."""
    bounds = Limits.of(limits)
    try:
        value, is_msgpack = parse(data, bounds)
    except FaultError as fault:
        return ReadResult([fault.finding], None)
    structure = Structure(bounds, is_msgpack=is_msgpack, try_anyway=try_anyway)
    structure.document(value)
    if is_faulty(structure.findings):
        return ReadResult(structure.findings, None)
    assert isinstance(value, dict)
    agreement = Agreement(value)
    agreement.document()
    findings = structure.findings + agreement.findings
    return ReadResult(findings, None if is_faulty(findings) else project(value))


def is_faulty(findings: list[Finding]) -> bool:
    """[stage-1]: whether reading ends here; warnings don't end it."""
    return any(finding.severity == ERROR for finding in findings)


def parse(data: bytes, bounds: Limits) -> tuple[Value, bool]:
    """The stages bytes and syntax: the value, and whether it was msgpack."""
    if encoding(data, bounds) == "msgpack":
        return MsgpackReader(data, bounds).document(), True
    fault = first_fault(data)
    if fault is not None:
        raise FaultError("BYTES_UTF8", BYTES, fault)
    return JsonReader(data, bounds).document(), False


def encoding(data: bytes, bounds: Limits) -> str:
    """[bytes-1] to [bytes-5], in this order."""
    if not data:
        raise FaultError("BYTES_EMPTY", BYTES, 0)
    if len(data) > bounds.size:
        raise FaultError("LIMIT_SIZE", BYTES, 0)
    text = data.lstrip(WHITE)
    if data.startswith(FOREIGN) or text.startswith(b"<"):
        raise FaultError("BYTES_FOREIGN", BYTES, 0)
    if data.startswith(b"\xef\xbb\xbf"):
        raise FaultError("BYTES_BOM", BYTES, 0)
    if text.startswith(b"{"):
        return "json"
    if is_map(data[0]):
        return "msgpack"
    raise FaultError("BYTES_UNRECOGNISED", BYTES, len(data) - len(text))


def project(value: dict[str, Value]) -> dict[str, Any]:
    """The document of a ReadResult."""
    tensors = value["tensors"]
    assert isinstance(tensors, dict)
    document: dict[str, Any] = {key: plain(member) for key, member in value.items()}
    document["tensors"] = {
        name: content(entry) for name, entry in tensors.items() if isinstance(entry, dict)
    }
    return document
