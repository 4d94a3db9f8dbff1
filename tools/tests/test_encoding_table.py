"""The table of encodings: what it claims is judged, and accuracy is measured against float32."""

from dataclasses import replace

import numpy as np
import pytest

import encoding_table
import rnnspec
from conformance.generator.build import json_bytes
from conformance.generator.nets import builder
from encoding_table import Line
from rnnspec.save import with_dtype


@pytest.fixture(scope="module")
def model() -> rnnspec.Model:
    net = builder("abc d", 1, -3, 0).embedding(6).lstm(16).dense(5)
    return rnnspec.load(json_bytes(net.document()))


@pytest.fixture(scope="module")
def lines(model: rnnspec.Model) -> list[Line]:
    return encoding_table.table(model)


def test_accuracy_falls_with_the_digits(lines: list[Line]) -> None:
    by_numbers = {line.numbers: line for line in lines}
    assert by_numbers["float32"].distance == 0
    assert 0 < by_numbers["7 digits"].distance < by_numbers["5 digits"].distance
    assert by_numbers["5 digits"].distance < by_numbers["3 digits"].distance
    assert 0 < by_numbers["float16"].distance < by_numbers["bfloat16"].distance
    for axis in ("row", "column"):
        int8 = by_numbers[f"int8, a scale a {axis}"]
        assert int8.distance > by_numbers["float16"].distance
        assert int8.size < by_numbers["float16"].size


def test_sizes_are_those_of_files(model: rnnspec.Model, lines: list[Line]) -> None:
    assert model.examples is None
    assert lines[0].size == len(rnnspec.to_bytes(model, "msgpack"))


def test_the_claim_can_fail(model: rnnspec.Model, lines: list[Line]) -> None:
    five = next(k for k, line in enumerate(lines) if line.numbers == "5 digits")
    for gzipped, held in ((lines[0].gzipped - 1, True), (lines[0].gzipped, False)):
        changed = [*lines[:five], replace(lines[five], gzipped=gzipped), *lines[five + 1 :]]
        assert encoding_table.claim(model, changed)[0] == held
    assert encoding_table.claim(with_dtype(model, "float16"), lines)[0]  # not asked


def test_what_float16_cannot_hold_is_refused(model: rnnspec.Model) -> None:
    name = next(iter(model.tensors))
    large = rnnspec.Tensor(model.tensors[name].values * np.float32(1e6))
    with pytest.raises(ValueError, match="float16"):
        encoding_table.table(replace(model, tensors={**model.tensors, name: large}))
