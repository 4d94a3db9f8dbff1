"""examples/audio-c: it builds, plays a WAV file with the bits of `rnnspec run`, and says what is wrong with others."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from interop.compiled import compiler
from rnnspec.cli import main

ROOT = Path(__file__).resolve().parents[2]
AMP = ROOT / "examples/amp/amp.rnn"
RATE, STEPS = 48_000, 3_000
RNNSPEC = f"{sys.executable} -m rnnspec"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the program and a plucked string."""
    if not compiler():
        pytest.skip("there is no C compiler: neither cc nor build/kernel-venv")
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    out = tmp_path_factory.mktemp("audio")
    words = [
        f"OUT={out}",
        f"CC={' '.join(compiler())}",
        f"RNNSPEC={RNNSPEC}",
        f"PYTHON={sys.executable}",
    ]
    path = os.pathsep.join(
        [str(ROOT / "python/src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    # Under `make test` this make is no part of that one, whose jobs it can't share.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    outside.pop("MFLAGS", None)
    done = subprocess.run(
        ["make", "-f", "examples/audio-c/Makefile", *words, f"{out}/render", f"{out}/string.wav"],
        cwd=ROOT, env={**outside, "PYTHONPATH": path}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    return out


def wav(samples: bytes, *, form: int = 3, bits: int = 32, channels: int = 1, rate: int = RATE, before: bytes = b"") -> bytes:  # fmt: skip
    """A WAV file by its own book: RIFF, perhaps another chunk, fmt, data."""
    wide = channels * bits // 8
    fmt = struct.pack("<HHIIHH", form, channels, rate, rate * wide, wide, bits)
    body = (
        before
        + b"fmt "
        + struct.pack("<I", len(fmt))
        + fmt
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def samples_of(path: Path) -> bytes:
    """The samples of a file of floats, whose header is looked at too."""
    data = path.read_bytes()
    assert struct.unpack_from("<4sI8sIHHIIHHH", data) == (b"RIFF", len(data) - 8, b"WAVEfmt ", 18, 3, 1, RATE, 4 * RATE, 4, 32, 0)  # fmt: skip
    assert struct.unpack_from("<4sII4sI", data, 38) == (b"fact", 4, (len(data) - 58) // 4, b"data", len(data) - 58)  # fmt: skip
    return data[58:]


def render(built: Path, data: bytes, *more: str) -> "subprocess.CompletedProcess[str]":
    (built / "in.wav").write_bytes(data)
    words = [str(built / "render"), str(built / "in.wav"), str(built / "out.wav"), *more]
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=60)


@pytest.fixture(scope="module")
def string(built: Path) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """The loudest part of the string."""
    return np.frombuffer((built / "string.wav").read_bytes()[44:], "<i2")[:STEPS]


@pytest.mark.parametrize("block", [1, 64, 128, 65536])
@pytest.mark.parametrize("form", ["pcm", "float"])
def test_the_bits_are_those_of_rnnspec_run(
    form: str, block: int, built: Path, string: "np.ndarray[tuple[int], np.dtype[np.int16]]", tmp_path: Path
) -> None:  # fmt: skip
    if form == "pcm":
        data, x = (
            wav(string.tobytes(), form=1, bits=16),
            string.astype(np.float32) / np.float32(32768),
        )
    else:
        x = string.astype(np.float32) / np.float32(1234.5)  # louder than a WAV file should be
        data = wav(x.tobytes(), before=b"LIST\x05\x00\x00\x00abcde\x00")
    done = render(built, data, str(block))
    assert (done.returncode, done.stderr) == (0, "")
    found = samples_of(built / "out.wav")
    np.save(tmp_path / "x.npy", x.reshape(1, -1, 1))
    assert (
        main(
            [
                "run",
                str(AMP),
                "--input",
                str(tmp_path / "x.npy"),
                "--output",
                str(tmp_path / "y.npy"),
            ]
        )
        == 0
    )
    assert found == np.load(tmp_path / "y.npy").astype("<f4").tobytes()
    plan, state, parts = rnnspec.compile(rnnspec.load(AMP)), None, []
    for begin in range(0, STEPS, block):
        y, state = rnnspec.run(plan, x[None, begin : begin + block, None], state=state)
        parts.append(y.tobytes())
    assert found == b"".join(parts)
    assert np.abs(np.frombuffer(found, "<f4")).max() > 0.1, "there is a sound"


def test_a_file_without_samples(built: Path) -> None:
    assert render(built, wav(b"")).returncode == 0
    assert samples_of(built / "out.wav") == b""


EXTENSIBLE = b"fmt " + struct.pack("<IHHIIHHHHI", 40, 0xFFFE, 1, RATE, 2 * RATE, 2, 16, 22, 16, 4)
GUID = struct.pack("<H", 1) + bytes.fromhex("0000000010008000 00aa00389b71".replace(" ", ""))


def test_the_extended_header_is_read(built: Path, string: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> None:  # fmt: skip
    samples = string[:500].tobytes()
    body = EXTENSIBLE + GUID + b"data" + struct.pack("<I", len(samples)) + samples
    assert render(built, wav(samples, form=1, bits=16)).returncode == 0
    plain = samples_of(built / "out.wav")
    assert render(built, b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body).stderr == ""
    assert samples_of(built / "out.wav") == plain


GOOD = wav(b"\0" * 4000)
WRONG = {
    "no WAV": (b"ID3" + bytes(40), "in.wav: is no WAV file"),
    "stereo": (wav(bytes(16), channels=2), "has 2 channels: mix it down to one"),
    "24 bits": (wav(bytes(6), form=1, bits=24), "is of form 1 with 24 bits: convert it to PCM of 16 bits"),
    "A-law": (wav(bytes(6), form=6, bits=8), "is of form 6 with 8 bits"),
    "doubles": (wav(bytes(8), bits=64), "is of form 3 with 64 bits"),
    "another rate": (wav(bytes(8), rate=44100), "has 44100 samples a second, and the net is made for 48000: resample it"),
    "cut in the samples": (GOOD[:-1], "ends before its last sample"),
    "cut before them": (GOOD[:44], "ends before its last sample"),
    "cut in the header": (GOOD[:30], "ends before its samples"),
    "data first": (GOOD[:12] + GOOD[36:], "has no chunk fmt before its samples"),
    "a short fmt": (GOOD[:12] + b"fmt \x04\0\0\0\3\0\1\0" + GOOD[36:], "has a chunk fmt of 4 bytes"),
    "no data": (GOOD[:36], "ends before its samples"),
    "a chunk without end": (GOOD[:12] + b"LIST\xff\xff\xff\xff" + GOOD[12:], "ends before its samples"),
    "not a number": (wav(struct.pack("<f", float("nan"))), "the net is not finite"),
    "nothing": (b"", "is no WAV file"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name: str, built: Path) -> None:
    data, words = WRONG[name]
    done = render(built, data)
    assert done.returncode == 1
    assert done.stderr.startswith("render: ")
    assert words in done.stderr


def test_wrong_use(built: Path) -> None:
    for more in (["0"], ["65537"], ["x"], ["1", "2"]):
        done = render(built, GOOD, *more)
        assert (done.returncode, done.stderr.split(":")[0]) == (2, "usage")
    words = [str(built / "render"), "/nowhere/x.wav", "y.wav"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == "render: /nowhere/x.wav: can't be opened\n"


def test_what_stood_there_stays_until_the_new_file_is_whole(built: Path) -> None:
    out = built / "out.wav"
    out.write_bytes(b"kept")
    whole = wav(np.zeros(1000, "<f4").tobytes())
    assert render(built, whole[:-1]).returncode == 1
    assert out.read_bytes() == b"kept"
    assert not list(built.glob("*.part"))


def test_a_file_can_be_rendered_into_its_own_place(built: Path) -> None:
    data = wav(np.linspace(-1, 1, 100_000).astype("<f4").tobytes())  # more than C reads ahead
    assert render(built, data).returncode == 0
    elsewhere = samples_of(built / "out.wav")
    own = built / "own.wav"
    own.write_bytes(data)
    subprocess.run([str(built / "render"), str(own), str(own)], check=True, timeout=60)
    assert samples_of(own) == elsewhere
