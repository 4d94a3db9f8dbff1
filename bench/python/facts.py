"""Facts: load time, start, memory, installed sizes; each in a process of its own.

    python -m bench.python.facts WAY NET DTYPE

WAY is rnnspec, onnxruntime or pytorch (`torchscript` writes the file that pytorch loads). Prints {"start": ms, "load": ms, "memory": MB}: from the first line of the process to the
first output; from the bytes of the file to something that is ready, imports done; and the most resident memory at the end.
"""

import importlib.metadata
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/bench"
MB = 1e6
LAYERS = 2  # of the nets that are asked about, which are LSTMs


def rnnspec_way(net: str, dtype: str) -> tuple[float, float]:
    """Times of load and of the first output."""
    import rnnspec  # noqa: PLC0415  what is measured

    infix = "" if dtype == "float32" else f".{dtype}"
    data = (FOLDER / f"{net}{infix}.rnn").read_bytes()
    begin = perf_counter()
    session = rnnspec.Session(rnnspec.compile(rnnspec.load(data)))
    loaded = perf_counter() - begin
    session.step([1])
    return loaded, perf_counter()


def onnxruntime_way(net: str, _: str) -> tuple[float, float]:
    """Times of load and of the first output."""
    import numpy as np  # noqa: PLC0415  what is measured

    from bench.python.onnx_runtime import session_of  # noqa: PLC0415  what is measured

    data = (FOLDER / f"{net}.onnx").read_bytes()
    begin = perf_counter()
    session = session_of(data)
    loaded = perf_counter() - begin
    states = [end for end in session.get_inputs() if end.name != "input"]
    given = {end.name: np.zeros((1, 1, end.shape[2]), np.float32) for end in states}
    session.run(None, {"input": np.array([[1]]), **given})
    return loaded, perf_counter()


def pytorch_way(net: str, _: str) -> tuple[float, float]:
    """Times of load and of the first output, of the module that `torchscript` wrote."""
    import torch  # noqa: PLC0415  what is measured

    torch.set_num_threads(1)
    data = (FOLDER / f"{net}.torchscript").read_bytes()
    begin = perf_counter()
    module = torch.jit.load(io.BytesIO(data))
    loaded = perf_counter() - begin
    zero = torch.zeros(LAYERS, 1, int(net.removeprefix("lstm")))
    with torch.inference_mode():
        module(torch.tensor([[1]]), (zero, zero))
    return loaded, perf_counter()


WAYS = {"rnnspec": rnnspec_way, "onnxruntime": onnxruntime_way, "pytorch": pytorch_way}


def peak() -> float:
    """The most resident memory that this process has had, in MB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MB


def torchscript(net: str) -> None:
    """Writes NET.torchscript."""
    from bench.catalogue import NETS  # noqa: PLC0415  only where it is needed
    from bench.python.contest import Task  # noqa: PLC0415
    from bench.python.pytorch import Torch  # noqa: PLC0415

    made = Torch(Task(NETS[net], "step"), cells=False, traced=True, mkldnn=False)
    made.module.save(FOLDER / f"{net}.torchscript")


def installed(name: str) -> float:
    """MB of a distribution and of everything that it needs."""
    return sum(_bytes(dist) for dist in _needed(name, set())) / MB


def _needed(name: str, seen: set[str]) -> Iterator[importlib.metadata.Distribution]:
    """A distribution and those that it asks for, here, without extras."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in seen:
        return
    seen.add(name)
    try:
        dist = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # asked for on another system
    yield dist
    for requirement in dist.requires or ():
        if "extra ==" not in requirement:
            yield from _needed(re.split(r"[^\w.-]", requirement, maxsplit=1)[0], seen)


def _bytes(dist: importlib.metadata.Distribution) -> int:
    paths = [Path(str(file.locate())) for file in dist.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc")


def ours_installed() -> float:
    """MB of the package in this repository, and of numpy."""
    package = ROOT / "python/src/rnnspec"
    paths = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths) / MB + installed("numpy")


def main() -> None:
    """Prints the object."""
    start = perf_counter()
    way, net, dtype = sys.argv[1:]
    if way == "torchscript":
        torchscript(net)
        print("null")
        return
    loaded, end = WAYS[way](net, dtype)
    json.dump({"start": (end - start) * 1e3, "load": loaded * 1e3, "memory": peak()}, sys.stdout)


if __name__ == "__main__":
    main()
