"""Every importer has at least five near-misses, each a case of its own that must be refused with a code and words.

    pytest -s tests/importers/test_near_misses.py      prints the table

A near-miss is a file that is almost what the importer reads: a layer that is unknown, a bias that is missing, an odd
activation, a wrong shape, a flag that changes a gate. Another order of gates has the same shapes and can't be seen; the
tests of each importer show instead that a wrong order changes the output.
"""

from collections.abc import Callable
from typing import Any

import pytest

from rnnspec.importers import SYSTEMS

from . import (
    test_brainjs,
    test_charrnn,
    test_charrnnjs,
    test_elman,
    test_guitarml,
    test_keras,
    test_keras_masks,
    test_kerasjs,
    test_nam,
    test_npz,
    test_onnx,
    test_pytorch,
    test_recurrentjs,
    test_rtneural,
    test_rtneural_torch,
    test_sketchrnn,
    test_tensorflow1,
    test_tensorflowjs_refused,
    test_textgenrnn,
    test_theano,
    test_torch_pair,
    test_torchrnn,
)

LEAST = 5
# Of each importer, the tests whose cases are near-misses.
CASES: dict[str, tuple[Callable[..., None], ...]] = {
    "brainjs": (test_brainjs.test_a_near_miss_is_refused,),
    "charrnn": (test_charrnn.test_near_misses,),
    "charrnnjs": (test_charrnnjs.test_near_misses,),
    "elman": (test_elman.test_a_near_miss_is_refused,),
    "guitarml": (test_guitarml.test_a_near_miss_is_refused,),
    "keras": (test_keras.test_near_misses, test_keras.test_models_that_are_not_carried, test_keras_masks.test_other_masks_are_refused),
    "kerasjs": (test_kerasjs.test_a_near_miss_is_refused,),
    "nam": (test_nam.test_a_near_miss_is_refused,),
    "npz": (test_npz.test_near_misses,),
    "onnx": (test_onnx.test_refused,),
    "pytorch": (test_pytorch.test_shapes_and_names, test_pytorch.test_asked_or_refused, test_torch_pair.test_a_near_miss_is_refused),
    "recurrentjs": (test_recurrentjs.test_near_misses,),
    "rtneural": (test_rtneural.test_a_near_miss_is_refused, test_rtneural_torch.test_a_near_miss_is_refused),
    "sketchrnn": (test_sketchrnn.test_a_near_miss_is_refused,),
    "tensorflow1": (test_tensorflow1.test_a_near_miss_is_refused,),
    "tensorflowjs": (test_tensorflowjs_refused.test_a_near_miss_is_refused,),
    "textgenrnn": (test_textgenrnn.test_a_near_miss_is_refused,),
    "theano": (test_theano.test_a_near_miss_is_refused,),
    "torchrnn": (test_torchrnn.test_near_misses,),
}  # fmt: skip


def cases(test: Callable[..., None]) -> list[Any]:
    """What a test is parametrised with."""
    marks = getattr(test, "pytestmark", [])
    found: list[Any] = []
    for mark in marks:
        if mark.name == "parametrize":
            found += list(mark.args[1])
    return found


def test_every_importer_has_a_row() -> None:
    assert set(CASES) == set(SYSTEMS)


@pytest.mark.parametrize("system", CASES)
def test_at_least_five(system: str) -> None:
    found = [case for test in CASES[system] for case in cases(test)]
    shown = [str(case) if isinstance(case, str) else str(case[-1]) for case in found]
    print(f"{system:12} {len(found):3}  {'; '.join(shown)[:400]}")
    assert len(set(map(str, found))) >= LEAST
