"""A small record, made up, with a bar that is met, one that is not, and a peer that leads."""

from typing import Any

from bench.lines import Fact, Line, Missing, Time
from bench.record import Record

MACHINE: dict[str, Any] = {
    "date": "2026-01-02 03:04 UTC",
    "processor": "A Processor",
    "family": "cpu family 1 model 2",
    "instructions": ["sse2", "avx2"],
    "caches": {"L1": "32K"},
    "processors": 2,
    "system": "Linux x86_64",
    "load": 0.0,
}


def line(peer: str, path: str, us: tuple[float, ...], net: str = "lstm128", mode: str = "step", dtype: str = "float32", beside: str | None = None, language: str = "python") -> Time:  # fmt: skip
    return Time(
        language=language,
        host="CPython 3" if language == "python" else "zig",
        peer=peer,
        path=path,
        native=True,
        net=net,
        mode=mode,
        dtype=dtype,
        us_per_step=us,
        compared=1e-7,
        beside=beside,
        versions={peer: "1"},
    )


def lines() -> list[Line]:
    return [
        line("rnnspec", "avx2", (10.0, 20.0, 10.0)),
        line("rnnspec", "avx2", (9.0, 9.0, 9.0), dtype="float16"),
        line("onnxruntime", "run", (80.0, 160.0, 80.0), beside="avx2"),
        line("onnxruntime", "io binding", (40.0, 60.0, 36.0), beside="avx2"),
        line("pytorch", "module", (90.0, 90.0, 90.0), beside="avx2"),
        line("rnnspec", "avx2", (100.0, 100.0, 100.0), mode="whole"),
        line("onnxruntime", "run", (50.0, 50.0, 50.0), mode="whole", beside="avx2"),
        line("rnnspec", "plain", (1000.0, 1000.0, 1000.0)),
        line("onnxruntime", "io binding", (44.0, 44.0, 44.0), beside="plain"),
        line("rnnspec", "avx2", (5.0, 5.0, 5.0), net="lstm64"),
        line("onnxruntime", "io binding", (21.0, 21.0, 21.0), net="lstm64", beside="avx2"),
        Missing(language="python", host="CPython 3", peer="rnnspec", path="avx512", missing="not of this processor"),
        Fact(language="python", host="CPython 3", peer="rnnspec", path="avx2", fact="start", unit="ms", values=(160.0, 1.0, 170.0), net="lstm300", dtype="float16"),
    ]  # fmt: skip


def kernel_lines() -> list[Line]:
    return [
        line("rnnspec", "avx2", (6.0, 6.0, 6.0), language="c"),
        line("memory limit", "avx2", (5.0, 5.0, 5.0), language="c"),
        line("rnnspec", "avx2", (8.0, 8.0, 8.0), net="lstm300", language="c"),
        line("memory limit", "avx2", (5.0, 5.0, 5.0), net="lstm300", language="c"),
        line("memory limit", "avx2", (2.5, 2.5, 2.5), dtype="float16", language="c"),
        line("rnnspec", "avx2", (3.0, 3.0, 3.0), net="lstm64", language="c"),
        line("memory limit", "avx2", (2.0, 2.0, 2.0), net="lstm64", language="c"),
    ]


def record(name: str = "python") -> Record:
    found = lines() if name == "python" else kernel_lines()
    return Record(name, MACHINE, {"rnnspec": "0"}, tuple(found))
