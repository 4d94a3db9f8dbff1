"""The number by which a kernel proves itself, and that a kernel with another bit would not give it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from library import TARGET, Kernel

import build
import proof

ZIG = str(build.ROOT / "build" / "kernel-venv" / "bin" / "python")


def test_every_level_proves_itself(kernel: Kernel) -> None:
    assert kernel.c.rnn_proof() & 0xFFFFFFFF == build.proof() == proof.proof()


@pytest.mark.native
def test_a_level_that_is_not_there_is_not_taken(kernel: Kernel) -> None:
    for level in (-2, 4, 99):
        assert kernel.c.rnn_choose(level) != level
    assert kernel.choose()
    assert kernel.c.rnn_level() == {"baseline": 0, "avx2": 1, "avx512": 2, "neon": 3}[kernel.level]


# One change each in the text of a source that another bit follows from.
MISTAKES = {
    "a constant": ("+ 0x1.fffff4p-2f", "+ 0x1.fffff6p-2f"),
    "a boundary": ("a < 0.625f", "a <= 0.625f * 0.99f"),
    "T from elsewhere on": ("v & 0x7fffffff) >= 0x26000000)", "v & 0x7fffffff) >= 0x26400000)"),
    "one gate for another": ("f = sigmoid(load(sum + block))", "f = sigmoid(load(sum))"),
    "reset of d": ("tiny(r * d)", "tiny(z * d)"),
    "fused": ("a[n][p][v] + (now[n * (intptr_t)x_stride] * w_k)", "__builtin_elementwise_fma((group){0} + now[n * (intptr_t)x_stride], w_k, a[n][p][v])"),
    "what is widened when packed": ("(magnitude << 13) + (112 << 23)", "(magnitude << 13) + (113 << 23)"),
    "which rows those are": ("if (k % 2 && is_mixed(type))", "if (k % 3 && is_mixed(type))"),
    "blocks of a narrow panel": ("panel == m->narrow ? NARROW : PANEL", "panel == m->narrow ? NARROW + 1 : PANEL"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(tmp_path: Path, mistake: str) -> None:
    before, after = MISTAKES[mistake]
    found = 0
    for source in [*build.KERNEL.glob("*.c"), *build.KERNEL.glob("*.h")]:
        text = source.read_text()
        found += text.count(before) if source.name != "simd128.h" else 0
        (tmp_path / source.name).write_text(text.replace(before, after))
    assert found == 1
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "kernel.h"\nint main(void) { printf("%u\\n", rnn_proof()); }\n'
    )
    level = next(iter(TARGET.levels))
    mcpu = {"baseline": "x86_64+fma" if mistake == "fused" else "x86_64", "neon": "generic"}[level]
    sources = ["kernel.c", "library.c", "proof.c", "main.c"]
    only = [
        f"-Drnn_functions_{other}=rnn_functions_{level}"
        for other in TARGET.levels
        if other != level
    ]
    command = [
        ZIG,
        "-m",
        "ziglang",
        "cc",
        "-target",
        TARGET.triple,
        f"-mcpu={mcpu}",
        "-O1",
        "-ffp-contract=off",
    ]
    subprocess.run([*command, *only, *sources, "-o", "proof"], cwd=tmp_path, check=True)
    printed = subprocess.run(
        [tmp_path / "proof"], check=True, capture_output=True, text=True
    ).stdout
    assert int(printed) != build.proof()
