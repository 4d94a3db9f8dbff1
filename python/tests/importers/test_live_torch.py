"""from_torch and to_torch without PyTorch: nothing needs it until they are asked for. With it they are tried by `make interop`."""

import subprocess
import sys

CODE = """
import sys
from rnnspec import *
import rnnspec
loaded = [name for name in sys.modules if name.startswith(("torch", "rnnspec.importers"))]
assert not loaded, loaded
sys.modules["torch"] = None  # as where it is not installed
for name in ("from_torch", "to_torch"):
    try:
        getattr(rnnspec, name)
    except ModuleNotFoundError as error:
        assert "torch" in str(error), error
    else:
        raise AssertionError(name)
assert rnnspec.to_onnx.__doc__
assert not hasattr(rnnspec, "from_tensorflow")
"""


def test_nothing_needs_pytorch_until_it_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
