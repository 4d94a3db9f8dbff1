"""The wheels: one for all platforms without a kernel, and one of a platform with it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINUX = "linux-x86_64"
KERNEL = ROOT / f"build/kernel/librnnspec_kernel-{LINUX}.so"


def wheel(folder: Path, platform: str | None) -> zipfile.ZipFile:
    environment = {name: value for name, value in os.environ.items() if name != "RNNSPEC_WHEEL"}
    environment |= {} if platform is None else {"RNNSPEC_WHEEL": platform}
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(argv, cwd=ROOT / "python", env=environment, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_of_all_platforms(tmp_path: Path) -> None:
    with wheel(tmp_path, None) as archive:
        assert str(archive.filename).endswith("-py3-none-any.whl")
        assert "rnnspec/kernel/choice.py" in archive.namelist()
        assert not [name for name in archive.namelist() if "/_kernel/" in name]


@pytest.mark.skipif(not KERNEL.exists(), reason="`make kernel` was not run here")
def test_the_wheel_of_a_platform(tmp_path: Path) -> None:
    with wheel(tmp_path, LINUX) as archive:
        assert str(archive.filename).endswith("-py3-none-manylinux_2_17_x86_64.whl")
        carried = f"rnnspec/_kernel/{KERNEL.name}"
        assert archive.read(carried) == KERNEL.read_bytes()
        assert (
            archive.read("rnnspec/_kernel/proof.json") == (ROOT / "kernel/proof.json").read_bytes()
        )
