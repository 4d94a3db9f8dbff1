"""Damaged files: whatever the bytes, the answer is a model or Refused."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.importers import CODES, Refused, npz

from . import test_elman, test_npz, test_rtneural, tf1_writer
from .test_tensorflow1 import TOKENS

PIECES = (b"{", b"[", b"]", b"}", b'"', b",", b"-1", b"1e999", b"null", b"true", b"\xff", b"../", b'"shape"', b"[[]]")  # fmt: skip


def damaged(data: bytes, pick: random.Random) -> bytes:
    """The bytes with one or two places cut, repeated or replaced."""
    changed = bytearray(data)
    for _ in range(pick.randint(1, 2)):
        at = pick.randrange(len(changed) + 1)
        end = min(len(changed), at + pick.randint(0, 30))
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
                changed[at : at + 1] = b"%d" % pick.randrange(10)
    return bytes(changed)


def judged(read: Callable[[], importers.Import]) -> str:
    """What came of it."""
    try:
        _ = read().model
    except Refused as error:
        return error.code if str(error).isprintable() else "a sentence that steers"
    return "imported"


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_manifest(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    folder = tf1_writer.write(tmp_path / "net", tf1_writer.language_model(units=(3,)))
    manifest = folder / "manifest.json"
    data = manifest.read_bytes()
    seen = set()
    for _ in range(100):
        manifest.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.tensorflow1.read(folder, tokens=TOKENS)))
        judged(lambda: importers.read(folder, tokens=TOKENS))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_elman_net(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    net = test_elman.weights(inputs=3, size=2, outputs=2)
    path = test_elman.write(tmp_path / "net.json", {k: v.round(2) for k, v in net.items()})
    data = path.read_bytes()
    seen = set()
    for _ in range(100):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.elman.read(path, input_kind="features")))
        judged(lambda: importers.read(path, input_kind="features"))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_net_of_rtneural(seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    path = test_rtneural.write(tmp_path, test_rtneural.net("gru"))
    data = path.read_bytes()
    seen = set()
    for _ in range(100):
        path.write_bytes(damaged(data, pick))
        seen.add(judged(lambda: importers.rtneural.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_npz(seed: int, tmp_path: Path) -> None:
    """The zip whole, and zips whose checksums are right around a damaged text or array."""
    pick = random.Random(seed)
    path = tmp_path / "net.npz"
    whole = npz.to_npz(test_npz.model())
    path.write_bytes(whole)
    with np.load(path) as arrays:
        text = arrays["rnnspec"].tobytes()
    seen = set()
    for k in range(100):
        if k % 2:
            path.write_bytes(damaged(whole, pick))
        else:
            changed = np.frombuffer(damaged(text, pick), np.uint8)
            test_npz.saved(path, **{**test_npz.ARRAYS, "rnnspec": changed})
        seen.add(judged(lambda: npz.read(path)))
        judged(lambda: importers.read(path))
    assert {"IMPORT_MALFORMED"} < seen <= {*CODES, "imported"}
