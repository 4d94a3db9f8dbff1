"""The cases as one plain archive, for those who vendor them into the tests of a runtime of their own.

Every byte is decided by the cases: entries are sorted and have one date, owner and mode, so an archive can be
committed, and compared.
"""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from conformance.case import Case, CaseError, find
from conformance.report import VERSION

ROOT = f"rnnspec-cases-{VERSION}"
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can say
MODE = 0o644
README = Path(__file__).parent / "archive.md"


def entries(cases: list[Case] | None = None) -> dict[str, bytes]:
    """Name → content, from the archive's folder on: README.md, index.json, models/ and cases/, sorted."""
    chosen = find() if cases is None else cases
    models: dict[bytes, str] = {}
    files: dict[str, bytes] = {"README.md": README.read_bytes()}
    index: list[dict[str, Any]] = []
    for case in chosen:
        written = case.to_json()
        written.pop("truth", None)
        row: dict[str, Any] = {
            "id": case.id,
            "title": case.title,
            "case": f"cases/{case.id}.json",
            "command": case.command,
            "features": list(case.features),
            "requirements": list(case.requirements),
        }
        if case.document is not None:
            data = case.document.data
            # One file for each content: many cases ask about the same net.
            name = models.setdefault(data, f"models/{case.id}{_suffix(data)}")
            files[name] = data
            row["model"] = written["document"] = name
        files[row["case"]] = _json(written)
        index.append(row)
    files["index.json"] = _json({"rnnspec": VERSION, "count": len(index), "cases": index})
    return dict(sorted(files.items()))


def _suffix(data: bytes) -> str:
    return ".rnn.json" if data[:1] == b"{" else ".rnn"


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def write(path: Path) -> str:
    """The archive at a path that ends in .zip, .tar.gz or .tgz; gives a sentence about it."""
    pack = {".zip": _zip, ".tar.gz": _tar, ".tgz": _tar}
    suffix = next((end for end in pack if path.name.endswith(end)), None)
    if suffix is None:
        raise CaseError(f"{path}: the name of an archive ends in {', '.join(pack)}")
    files = entries()
    data = pack[suffix](files)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}") from error
    cases = sum(name.startswith("cases/") for name in files)
    models = sum(name.startswith("models/") for name in files)
    return f"{path}: {cases:,} cases, {models:,} models, {len(data) / 1e6:.1f} MB"


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{ROOT}/{name}", DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = MODE << 16
            pack.writestr(entry, data)
    return out.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as pack,
    ):
        for name, data in files.items():
            entry = tarfile.TarInfo(f"{ROOT}/{name}")
            entry.size, entry.mode = len(data), MODE
            pack.addfile(entry, io.BytesIO(data))
    return out.getvalue()
