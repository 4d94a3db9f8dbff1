"""There and back for small players: random models go out as RTNeural's JSON, as .nam and as C headers.

    python -m interop.exports --nets 100 --seed 1

What goes out as JSON comes back by the importer, and must give the same bits, output and state; a header is compiled with
kernel/ and must give the bits that plain numpy gives, in blocks and calls of any length. That RTNeural and NAM compute the
same is shown by python/tests/importers, in 50 digits.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import numpy as np

import rnnspec
from interop.chains import MAKERS, given
from interop.compiled import Kernel, compiler
from rnnspec import importers
from rnnspec.importers.exports import TARGETS

_OPTIONS = {"rtneural": {"input_kind": "features", "output_kind": "values"}, "nam": {}}


def fault_of_json(system: str, seed: int, number: int, folder: Path) -> str:
    """What is wrong with one net on its way to a system's JSON and back; empty if nothing is."""
    rng = np.random.default_rng([seed, number])
    model = MAKERS[system](rng)
    path = folder / "net.json"
    path.write_bytes(TARGETS[system].write(model))
    options = dict(_OPTIONS[system])
    if system == "rtneural" and model.output.kind == "probabilities":
        options["output_kind"] = "probabilities"
    found = importers.read(path, **options)
    if found.system != system:
        return f"it is taken for {found.system}"
    x = given(model, rng, int(rng.integers(1, 4)), int(rng.integers(1, 40)))
    (y, state), (again, after) = (
        rnnspec.run(rnnspec.compile(one), x) for one in (model, found.model)
    )
    if y.tobytes() != again.tobytes():
        return "the output has other bits"
    arrays, others = (
        [a.tobytes() for one in each.values() for a in one.values()] for each in (state, after)
    )
    return "" if arrays == others else "the state has other bits"


def fault_of_header(kernel: Kernel, seed: int, number: int, *, is_cpp: bool) -> str:
    """What is wrong with one net as a C header; empty if nothing is."""
    rng = np.random.default_rng([seed, number])
    model = MAKERS["c-header"](rng)
    if is_cpp:
        try:
            kernel.as_cpp(TARGETS["c-header"].write(model, name="net"))
        except ValueError as error:
            return _short(error)
    return fault_of_playing(kernel, model, rng)


def fault_of_playing(kernel: Kernel, model: rnnspec.Model, rng: np.random.Generator) -> str:
    """What is wrong with a model as a C header, with random input, in random blocks and calls."""
    header = TARGETS["c-header"].write(model, name="net")
    x = given(model, rng, int(rng.integers(1, 4)), int(rng.integers(1, 80)))
    block, chunk = (int(rng.integers(1, 70)) for _ in range(2))
    wanted, _ = rnnspec.run(rnnspec.compile(model, "plain"), x)
    try:
        found = kernel.play(header, x, block, chunk)
    except (ValueError, CalledProcessError) as error:
        return _short(error)
    if wanted.shape != found.shape:
        return f"the output is {list(found.shape)}, and {list(wanted.shape)} is expected"
    return "" if wanted.tobytes() == found.tobytes() else "the output has other bits"


def _short(error: Exception) -> str:
    """What a compiler says, in a few lines."""
    return str(error).strip().replace("\n", "\n    ")[:600]


def main() -> int:
    """Gives the exit status: 0 if every net came through."""
    parser = argparse.ArgumentParser(
        prog="python -m interop.exports",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nets", type=int, default=100, help="of each system")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways: dict[str, Callable[[int], str]] = {
            "rtneural": lambda k: fault_of_json("rtneural", options.seed, k, folder),
            "nam": lambda k: fault_of_json("nam", options.seed, k, folder),
        }
        if compiler():
            kernel = Kernel(folder)
            ways["c-header"] = lambda k: fault_of_header(
                kernel, options.seed, k, is_cpp=k % 10 == 0
            )
        else:
            print("c-header: there is no C compiler here, so none was tried")
        for system, fault in ways.items():
            told = [(k, fault(k)) for k in range(options.nets)]
            wrong = [f"  net {k}: {what}" for k, what in told if what]
            print("\n".join([f"{system}: {options.nets} nets, {len(wrong)} faults", *wrong]))
            faults += len(wrong)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
