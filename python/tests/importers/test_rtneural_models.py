"""RTNeural's own files and what it recorded of them: in blocks of 1, 64 and 128 frames, and in three languages, the same bits.

The files are not in this repository: RNNSPEC_MODELS names their folder (default: ../shared/models), as for `make models`.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from rnnspec import importers
from rnnspec.cli import main
from rnnspec.importers import Refused

from . import in_three_languages as languages

FOLDER = Path(os.environ.get("RNNSPEC_MODELS") or languages.ROOT.parent / "shared/models") / "rtneural"  # fmt: skip
RECORDED = ("lstm_1d", "gru_1d", "lstm_torch")
BLOCKS = (1, 64, 128)
needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"there is no folder {FOLDER.name}; RNNSPEC_MODELS names its parent"
)


@needs_files
def test_every_file_is_spoken_of() -> None:
    names = {path.stem for path in FOLDER.glob("*.json")}
    assert names == {*RECORDED, "bad_lstm"}
    assert {path.stem.removesuffix("_y_python") for path in FOLDER.glob("*_y_python.csv")} == set(RECORDED)  # fmt: skip


@needs_files
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_output_in_blocks_and_languages(name: str) -> None:
    found = importers.read(FOLDER / f"{name}.json")
    assert found.system == "rtneural"
    x = np.loadtxt(FOLDER / f"{name}_x_python.csv")
    expected = np.loadtxt(FOLDER / f"{name}_y_python.csv")
    steps = [[float(sample)] for sample in x]
    assert np.abs(x).max() > 0.5  # loud
    bits: dict[str, str] = {}
    for blocks in BLOCKS:
        for language, output in languages.outputs(found.model, steps, blocks).items():
            bits[f"{language}, blocks of {blocks}"] = output
    assert len(set(bits.values())) == 1, {key: value[:64] for key, value in bits.items()}
    got = np.frombuffer(bytes.fromhex(next(iter(bits.values()))), ">f4")
    assert np.abs(got - expected).max() <= 1e-6
    if languages.missing():
        pytest.skip(f"not built here: {', '.join(languages.missing())}; the others agree")


@needs_files
def test_bad_lstm_is_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its shape says 16 units, and its weights are of 20: who states a size gets that size or nothing."""
    path, out = FOLDER / "bad_lstm.json", tmp_path / "net.rnn"
    found = importers.read(path)
    cell, head = found.document["layers"]
    assert (cell["type"], cell["hidden_size"], head["size"]) == ("lstm", 20, 1)
    assert main(["import", str(path), "-o", str(out)]) == 0
    assert "its shape says 16" in capsys.readouterr().out
    for sizes, code in (("1,20,1", 0), ("1,16,1", 1), ("1,8,1", 1), ("1,20,2", 1), ("2,20,1", 1)):
        out.unlink(missing_ok=True)
        assert main(["import", str(path), "-o", str(out), "--sizes", sizes]) == code
        assert out.exists() is (code == 0)
        assert ("the net in the file is 1,20,1" in capsys.readouterr().err) is (code == 1)
    for system in ("guitarml", "rtneural"):
        with pytest.raises(Refused, match="is 1,20,1"):
            importers.read(path, system, sizes="1,16,1")
