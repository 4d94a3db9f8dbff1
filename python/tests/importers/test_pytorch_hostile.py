"""Files that mean harm: whatever the bytes, nothing is executed or opened, and memory stays small."""

import io
import json
import random
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.importers import CODES, Refused, Source
from rnnspec.limits import Limits

from .test_pytorch import FEATURES, FILES, LSTM, numpy_files, refusal, safetensors

MUTATED = 1_000
PIECES = (
    b"cos\nsystem\n", b"cbuiltins\neval\n", b"(X\x04\0\0\0echotR", b"\x8c\x02os\x8c\x06system\x93", b"i", b"o", b"\x81",
    b"(lp0\n", b"R", b"b", b"u", b"Q", b"(", b"t", b"\x85", b"h\0", b"j\xff\xff\xff\x7f", b"X\xff\xff\xff\xff",
    b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", b"\x8a\xff", b"J\xff\xff\xff\x7f", b"\x8a\x08\0\0\0\0\0\0\0\x7f", b"..", b"\0" * 8,
)  # fmt: skip
_watched: list[str] = []
_watching: list[Path] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Notes what a file could make the interpreter do."""
    if not _watching:
        return
    # A number is the handle of what was opened by its name before.
    harmless = event == "open" and (
        isinstance(arguments[0], int) or str(arguments[0]) == str(_watching[0])
    )
    words = ("open", "exec", "compile", "import", "os.", "subprocess.", "socket.", "pickle.", "shutil.", "ctypes.", "marshal.")  # fmt: skip
    if event.startswith(words) and not harmless:
        _watched.append(f"{event} {str(arguments)[:80]}")


sys.addaudithook(_hook)


@contextmanager
def watched(path: Path) -> Iterator[None]:
    """Nothing but the opening of the file itself happens inside."""
    _watched.clear()
    _watching.append(path)
    try:
        yield
    finally:
        _watching.clear()
    assert _watched == []


def outcome(path: Path) -> str:
    try:
        return importers.read(path, "pytorch", **FEATURES, nonlinearity="relu").system
    except Refused as error:
        code, sentence = error.code, str(error)
    assert sentence.isprintable()
    assert len(sentence) < 700
    return code


def damaged(data: bytes, pick: random.Random) -> bytes:
    """With one to three places cut, repeated, replaced or filled with pieces of pickles."""
    changed = bytearray(data)
    for _ in range(pick.randint(1, 3)):
        at = pick.randrange(len(changed) + 1)
        end = min(len(changed), at + pick.randint(0, 40))
        match pick.randrange(6):
            case 0:
                del changed[at:end]
            case 1:
                changed[at:at] = changed[at:end]
            case 2:
                changed[at:at] = pick.choice(PIECES)
            case 3:
                changed[at:end] = pick.choice(PIECES)
            case _:
                changed[at : at + 1] = bytes([pick.randrange(256)])
    return bytes(changed)


def entries_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_thousand_mutated_files(tmp_path: Path) -> None:
    """Legacy files whole, zips whole, and zips around a mutated pickle, whose checksum is right."""
    pick = random.Random(1)
    legacy = (FILES / "checkpoint_cuda_legacy.pt").read_bytes()
    rnn = (FILES / "rnn_half.pt").read_bytes()
    entries = entries_of(FILES / "rnn_half.pt")
    (pickle,) = (name for name in entries if name.endswith("data.pkl"))
    path = tmp_path / "net.pt"
    path.write_bytes(rnn)
    assert outcome(path) == "pytorch"  # and whatever numpy loads late is loaded now
    seen: dict[str, int] = {}
    for k in range(MUTATED):
        if k % 3 == 0:
            data = damaged(legacy, pick)
        elif k % 3 == 1:
            data = zipped({**entries, pickle: damaged(entries[pickle], pick)})
        else:
            data = damaged(rnn, pick)
        path.write_bytes(data)
        tracemalloc.start()
        try:
            with watched(path):
                code = outcome(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 4 * len(data) + (
            2 << 20
        )  # a file is read in pieces of 1 MiB, (k, code, peak)
        seen[code] = seen.get(code, 0) + 1
    print(f"{MUTATED} mutated files: {seen}")
    assert {"IMPORT_MALFORMED", "IMPORT_UNSAFE", "pytorch"} <= set(seen) <= {*CODES, "pytorch"}
    assert seen["IMPORT_UNSAFE"] > 50, seen


def test_the_watch_sees_what_pickle_would_do(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), watched(tmp_path):
        (tmp_path / "other").write_bytes(b"")
    with pytest.raises(AssertionError), watched(tmp_path):
        eval("1 + 1")


# --- pickles ---------------------------------------------------------------------------------------------


def with_pickle(tmp_path: Path, pickle: bytes) -> Path:
    path = tmp_path / "net.pt"
    path.write_bytes(zipped({"net/data.pkl": pickle, "net/data/0": b"\0" * 64}))
    return path


STORAGE = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x10tQ"


def tensor(offset: bytes, shape: bytes, strides: bytes) -> bytes:
    """{"r.weight_hh_l0": a tensor over 16 numbers}."""
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(" + STORAGE + offset + shape + strides
    return b"\x80\x02}X\x0e\0\0\0r.weight_hh_l0" + rebuild + b"\x89}tRs."


@pytest.mark.parametrize(
    ("pickle", "code", "words"),
    [
        (b"\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R.", "IMPORT_UNSAFE", "asks for os.system"),
        (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.", "IMPORT_UNSAFE", "asks for posix.system"),
        (b"\x80\x02cbuiltins\neval\n.", "IMPORT_UNSAFE", "asks for builtins.eval"),
        (b"\x80\x02ctorch.hub\nload\n.", "IMPORT_UNSAFE", "asks for torch.hub.load"),
        (b"\x80\x02ccollections\nOrderedDict.__reduce__\n.", "IMPORT_UNSAFE", "OrderedDict.__reduce__"),
        (b"\x80\x02(ios\nsystem\n.", "IMPORT_UNSAFE", "opcode 0x69"),
        (b"\x80\x02(cos\nsystem\no.", "IMPORT_UNSAFE", "asks for os.system"),
        (b"\x80\x02ctorch\nFloatStorage\n)\x81.", "IMPORT_UNSAFE", "opcode 0x81"),
        (b"\x80\x02ctorch\nFloatStorage\n)R.", "IMPORT_UNSAFE", "asks for torch.FloatStorage"),
        (b"\x80\x02\x82\x01.", "IMPORT_UNSAFE", "opcode 0x82"),
        (b"\x80\x02c\x1b[2J\nx\n.", "IMPORT_UNSAFE", "asks for \\u{1b}[2J.x"),
        (b"\x80\x02" + b"(" * 1_000_001, "IMPORT_LIMIT", "1,000,000 steps"),
        (b"\x80\x02" + b")" * 400_000 + b"\x85" * 500_000 + b".", "IMPORT_MALFORMED", "ends too early"),
        (b"\x80\x02}]ss.", "IMPORT_MALFORMED", "takes more"),
        (b"\x80\x02}]K\x01s.", "IMPORT_MALFORMED", "neither text nor a small number"),
        (b"\x80\x02}\x8a\x08\0\0\0\0\0\0\0\x7fK\x01s.", "IMPORT_MALFORMED", "neither text nor a small number"),
        (b"\x80\x02\x8a\xff" + b"\x7f" * 255 + b".", "IMPORT_MALFORMED", "absurd number"),
        (b"\x80\x02X\xff\xff\xff\x7f.", "IMPORT_MALFORMED", "it is cut"),
        (b"\x80\x02h\x05.", "IMPORT_MALFORMED", "recalls what it never kept"),
        (b"\x80\x02}q\0X\x01\0\0\0ah\0s.", "IMPORT_UNSUPPORTED", "no recurrent module"),
        (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.", "IMPORT_MALFORMED", "not whole"),
        (tensor(b"K\0", b"K\x04K\x04\x86", b"K\x04K\x01\x86"), "IMPORT_MALFORMED", "no weight_ih"),
        (tensor(b"K\x01", b"K\x04K\x04\x86", b"K\x04K\x01\x86"), "IMPORT_MALFORMED", "more numbers than its 16"),
        (tensor(b"J\xff\xff\xff\xff", b"K\x04K\x04\x86", b"K\x04K\x01\x86"), "IMPORT_MALFORMED", "no array has"),
        (tensor(b"K\0", b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", b"K\0K\0\x86"), "IMPORT_MALFORMED", "more numbers"),
        (tensor(b"K\0", b"K\x04K\x04\x86", b"K\x04\x85"), "IMPORT_MALFORMED", "no array has"),
    ],
)  # fmt: skip
def test_hostile_pickles(pickle: bytes, code: str, words: str, tmp_path: Path) -> None:
    path = with_pickle(tmp_path, pickle)
    with watched(path):
        found = refusal(path, **FEATURES)
    assert found[0] == code, found
    assert words in found[1], found


def test_dicts_that_grow_by_recalling_themselves(tmp_path: Path) -> None:
    """A billion laughs: each dict holds the one before it ten times."""
    pickle = b"\x80\x02}q\0"
    for level in range(9):
        pickle += b"}(" + b"".join(b"X\x01\0\0\0%dh%c" % (k, level) for k in range(10)) + b"u"
        pickle += b"q%c" % (level + 1)
    assert refusal(with_pickle(tmp_path, pickle + b"0" * 10 + b"h\x09."))[0] == "IMPORT_UNSUPPORTED"
    wide = b"\x80\x02}q\0(" + b"".join(b"X\x05\0\0\0%05dh\0" % k for k in range(400)) + b"u."
    found = refusal(with_pickle(tmp_path, wide))
    assert found[0] == "IMPORT_LIMIT", found
    assert "100,000 members" in found[1]


def test_many_tensors_over_one_storage(tmp_path: Path) -> None:
    """Each fits the file; together they are more than the limit."""
    path = tmp_path / "net.pt"
    head = b"}" + STORAGE.replace(b"K\x10", b"K\x40") + b"q\0" + b"0("
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(h\0K\0%sK\0\x85\x89}tR"
    names = [f"r.weight_{part}_l{k}".encode() for k in range(99) for part in ("ih", "hh")]
    shape = b"K\x08K\x08\x86"
    items = [b"X" + struct.pack("<I", len(n)) + n + rebuild.replace(b"%sK\0\x85", shape + b"K\x08K\x01\x86") for n in names]  # fmt: skip
    path = with_pickle(tmp_path, b"\x80\x02" + head + b"".join(items) + b"u.")
    options = {**FEATURES, "nonlinearity": "relu"}
    entries = entries_of(path) | {"net/data/0": b"\0" * 256}
    path.write_bytes(zipped(entries))
    assert len(importers.read(path, **options).model.layers) == 99
    size = sum(map(len, entries.values()))
    assert size < 50_687
    path.write_bytes(zipped(entries, zipfile.ZIP_DEFLATED))
    with pytest.raises(Refused, match="the weights are 50,688 bytes") as refused:
        importers.pytorch.read(Source(path, Limits(size=50_687)), **options)
    assert refused.value.code == "IMPORT_LIMIT"


# --- zips ------------------------------------------------------------------------------------------------


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("lstm.weight_ih_l0", "lstm.weight_hh_l0", "bomb"):
            with archive.open(f"{name}.npy", "w") as entry:
                for _ in range(100):
                    entry.write(b"\0" * (1 << 20))
    tracemalloc.start()
    try:
        found = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert found[0] == "IMPORT_LIMIT", found
    assert "unpacks to 314,572,800 bytes" in found[1]


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    entries = entries_of(numpy_files(tmp_path, {n: np.ones(s) for n, s in LSTM.items()})["npz"])
    data = zipped(entries | {"bomb.npy": b"\0" * (1 << 22)}, zipfile.ZIP_DEFLATED)
    at = data.rfind(b"PK\1\2")
    assert struct.unpack_from("<L", data, at + 24) == (1 << 22,)
    path = tmp_path / "net.npz"
    path.write_bytes(data[: at + 24] + struct.pack("<L", 10) + data[at + 28 :])
    tracemalloc.start()
    try:
        assert "is not what was packed" in refusal(path)[1]
        assert tracemalloc.get_traced_memory()[1] < 3 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02}.")
        archive.writestr("net/data.pkl", b"\x80\x02}.")
    assert "two entries" in refusal(path)[1]


def test_too_many_entries(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(zipped({"net/data.pkl": b"\x80\x02}.", **{f"net/{k}": b"" for k in range(4096)}}))  # fmt: skip
    assert refusal(path)[0] == "IMPORT_LIMIT"


def test_entries_that_share_their_bytes(tmp_path: Path) -> None:
    """As the bombs do that unpack one piece many times: here one entry stands inside another."""
    inner = zipped({"net/data.pkl": b"\x80\x02}."})
    outer = zipped({"a": inner[: inner.rfind(b"PK\1\2")]})
    at, end = outer.rfind(b"PK\1\2"), outer.rfind(b"PK\5\6")
    line = inner[inner.rfind(b"PK\1\2") : inner.rfind(b"PK\5\6")]
    line = line[:42] + struct.pack("<L", 30 + len("a")) + line[46:]
    directory = outer[at:end] + line
    path = tmp_path / "net.pt"
    path.write_bytes(outer[:at] + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), at, 0))  # fmt: skip
    assert len(zipfile.ZipFile(path).read("net/data.pkl")) == 4
    assert "shares its bytes with another entry" in refusal(path)[1]


@pytest.mark.parametrize("flags", [1, 0x41])
def test_encrypted(flags: int, tmp_path: Path) -> None:
    data = zipped({"net/data.pkl": b"\x80\x02}."})
    at = data.rfind(b"PK\1\2")
    path = tmp_path / "net.pt"
    path.write_bytes(data[: at + 8] + struct.pack("<H", flags) + data[at + 10 :])
    assert "password" in refusal(path)[1]


def test_big_endian(tmp_path: Path) -> None:
    entries = entries_of(FILES / "rnn_half.pt")
    (name,) = (name for name in entries if name.endswith("byteorder"))
    path = tmp_path / "net.pt"
    path.write_bytes(zipped({**entries, name: b"big"}))
    assert "not little-endian" in refusal(path)[1]


def test_a_legacy_file_whose_storages_are_not_those_of_its_pickle(tmp_path: Path) -> None:
    data = (FILES / "gru_bfloat16_legacy.pt").read_bytes()
    path = tmp_path / "net.pt"
    (count,) = (n for n in (12, 36, 48) if struct.unpack_from("<q", data, len(data) - 2 * n - 8) == (n,))  # fmt: skip
    at = len(data) - 2 * count - 8
    path.write_bytes(data[:at] + struct.pack("<q", count - 1) + data[at + 8 :])
    assert "are cut: copy it again" in refusal(path)[1]
    path.write_bytes(data + b"\0")
    assert "does not hold its storages alone" in refusal(path)[1]
    assert b"Ntq" in data
    path.write_bytes(data.replace(b"Ntq", b"\x88tq", 1))
    assert "is a view of another one" in refusal(path)[1]


def test_an_array_of_objects(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {name: np.ones(shape) for name, shape in LSTM.items()}
    np.savez(tmp_path / "net.npz", **arrays, x=np.array([{}], object))
    with watched(tmp_path / "net.npz"):
        found = refusal(tmp_path / "net.npz")
    assert "array of objects, which is a pickle" in found[1]


# --- safetensors -----------------------------------------------------------------------------------------

ONE = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"a": ONE, "b": ONE}, "does not follow"),
        ({"a": {**ONE, "shape": [2, 3]}}, "do not fit its shape"),
        ({"a": {**ONE, "shape": [2**31, 2**31]}}, "do not fit its shape"),
        ({"a": {**ONE, "shape": [-2, -2]}}, "does not say where"),
        ({"a": {**ONE, "data_offsets": [16, 0]}}, "do not fit its shape"),
        ({"a": {**ONE, "data_offsets": [0, 2**40]}}, "do not fit its shape"),
        ({"a": {**ONE, "data_offsets": [0, 12], "shape": [3]}}, "its header tells of 12"),
        ({"a": {**ONE, "data_offsets": [4, 16], "shape": [3]}}, "does not follow"),
        ({"a": {**ONE, "dtype": "F8_E4M3"}}, "is of F8_E4M3"),
        ({"a": 1, "data_offsets": 1}, "does not say where"),
    ],
)
def test_safetensors_that_do_not_fit(header: Any, words: str, tmp_path: Path) -> None:  # noqa: ANN401  JSON
    assert words in refusal(safetensors(tmp_path, header, b"\0" * 16))[1]


def test_a_mutated_safetensors_header(tmp_path: Path) -> None:
    arrays = {name: np.ones(shape, np.float32) for name, shape in LSTM.items()}
    data = numpy_files(tmp_path, arrays)["safetensors"].read_bytes()
    end = 8 + struct.unpack_from("<Q", data)[0]
    assert json.loads(data[8:end])
    pick = random.Random(2)
    path = tmp_path / "net.safetensors"
    seen = set()
    for _ in range(200):
        path.write_bytes(damaged(data[:end], pick) + data[end:])
        with watched(path):
            seen.add(outcome(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "pytorch"}
