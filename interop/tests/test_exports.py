"""Random models out and back: a few of what `python -m interop.exports` does, and that each check can fail."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError

import numpy as np
import pytest

import rnnspec
from interop import chains, exports
from interop.compiled import NOT_STARTED, Kernel, compiler
from rnnspec.importers.exports import TARGETS

SEED = 5


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    if not compiler():
        pytest.skip("there is no C compiler: neither cc nor build/kernel-venv")
    return Kernel(tmp_path_factory.mktemp("kernel"))


@pytest.mark.parametrize("system", ["rtneural", "nam"])
def test_json_comes_back_with_the_same_bits(system: str, tmp_path: Path) -> None:
    assert [exports.fault_of_json(system, SEED, k, tmp_path) for k in range(12)] == [""] * 12


@pytest.mark.parametrize("number", range(10))
def test_a_header_plays_with_the_bits_of_plain_numpy(number: int, kernel: Kernel) -> None:
    assert exports.fault_of_header(kernel, SEED, number, is_cpp=number == 0) == ""


@pytest.mark.parametrize("tokens", [0, 5])
@pytest.mark.parametrize(
    ("kind", "reset"), [("lstm", ""), ("gru", "before"), ("gru", "after"), ("elman", "")]
)
def test_every_cell_plays(kind: str, reset: str, tokens: int, kernel: Kernel) -> None:
    """Twice, of 17 and 16 units: more than a group of the kernel, and one; after a one-hot, or not."""
    rng = np.random.default_rng([SEED, 99])
    chain = chains.Chain(rng, 3, tokens)
    if tokens:
        chain.add("one_hot", {})
        chain.width = tokens
    for H in (17, 16):
        chain.cell(kind, H, reset=reset, starts=True)
    assert exports.fault_of_playing(kernel, chain.model(), rng) == ""


@pytest.mark.parametrize("block", [0, -1, 65537])
def test_sizes_that_are_none_start_nothing(block: int, kernel: Kernel) -> None:
    model = chains.for_nam(np.random.default_rng(SEED))
    header = TARGETS["c-header"].write(model, name="net")
    with pytest.raises(CalledProcessError) as failed:
        kernel.play(header, np.zeros((1, 2, 1), np.float32), block, 1)
    assert failed.value.returncode == NOT_STARTED


def test_the_nets_are_of_every_kind() -> None:
    """Of some hundreds for C, none is left out."""
    made = [chains.for_c_header(np.random.default_rng([1, k])) for k in range(400)]
    kinds = {
        f"{one.type} {getattr(one, 'reset', '')}".strip() for net in made for one in net.layers
    }
    assert kinds == {
        *("embedding", "one_hot", "elman", "lstm", "gru before", "gru after"),
        *("dense", "affine", "activation"),
    }
    functions = {getattr(one, "function", None) for net in made for one in net.layers}
    assert functions >= {*chains.FUNCTIONS, "softmax", "log_softmax"}


def _heavier(write: Callable[..., bytes]) -> Callable[..., bytes]:
    """An exporter that gets one number wrong, by one bit of its last place."""

    def wrong(model: rnnspec.Model, **options: str) -> bytes:
        matrices = [name for name, tensor in model.tensors.items() if len(tensor.shape) == 2]
        if not matrices:
            return write(model, **options)
        name, tensor = matrices[0], model.tensors[matrices[0]]
        values = tensor.values.copy()
        place = np.unravel_index(np.abs(values).argmax(), values.shape)
        values[place] = np.nextafter(values[place], np.float32(9))
        return write(
            replace(model, tensors={**model.tensors, name: rnnspec.Tensor(values)}), **options
        )

    return wrong


@pytest.mark.parametrize("system", ["rtneural", "nam", "c-header"])
def test_one_bit_of_one_weight_is_seen(
    system: str, kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = TARGETS[system]
    monkeypatch.setitem(TARGETS, system, replace(target, write=_heavier(target.write)))
    if system == "c-header":
        found = [exports.fault_of_header(kernel, SEED, k, is_cpp=False) for k in range(5)]
    else:
        found = [exports.fault_of_json(system, SEED, k, tmp_path) for k in range(5)]
    assert "the output has other bits" in found


def test_a_header_that_does_not_compile_is_seen(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = TARGETS["c-header"]

    def wrong(model: rnnspec.Model, **options: str) -> bytes:
        return target.write(model, **options).replace(b"(void *)memory", b"memory").replace(b"float *values", b"int *values")  # fmt: skip

    monkeypatch.setitem(TARGETS, "c-header", replace(target, write=wrong))
    assert "values" in exports.fault_of_header(kernel, SEED, 0, is_cpp=False)
