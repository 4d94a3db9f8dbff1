"""The digests of the long run, in small; and the worked examples of SPEC.md."""

import hashlib
import json
import struct

import pytest

from conformance import golden, spec_examples
from conformance.generator.build import json_bytes
from conformance.generator.nets import builder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> golden.Task:
    folder = tmp_path_factory.mktemp("golden")
    net = builder("abc ", 1, -3, 0).embedding(3).lstm(5).lstm(4).dense(4).document()
    (folder / "net.rnn.json").write_bytes(json_bytes(net))
    (folder / "text.txt").write_text("a bad cab".replace("d", "c") * 3)
    return golden.task(folder / "net.rnn.json", folder / "text.txt")


def test_digests_are_those_of_the_bytes() -> None:
    found = golden.digests([1.0, -2.5], [0.5])
    one, two = struct.pack("<2f", 1.0, -2.5), struct.pack("<f", 0.5)
    assert found.outputs == hashlib.sha256(one).hexdigest()
    assert found.state == hashlib.sha256(two).hexdigest()
    assert found.all == hashlib.sha256(one + two).hexdigest()


def test_ways_feed_the_same_tokens(work: golden.Task) -> None:
    for way in (*golden.WAYS, golden.Way(chunk=4, batch=9)):
        chunks = golden.chunks(work, way)
        fed = [k for chunk in chunks for k in chunk["input"][way.row]]
        assert fed == work.ids
        if way.interface == "run" and way.batch > 1:
            valid = [sum(chunk["lengths"][n] for chunk in chunks) for n in range(way.batch)]
            assert valid[way.row] == len(work.ids)
            assert len(set(valid)) > 1
        assert all(0 <= k < 4 for chunk in chunks for row in chunk["input"] for k in row)


def test_the_record_belongs_to_the_shipped_model() -> None:
    known = json.loads(golden.RECORD.read_bytes())
    found = golden.task()
    assert (known["fingerprint"], known["tokens"]) == (found.fingerprint, len(found.ids))


def test_the_examples_in_the_specification_are_computed() -> None:
    assert spec_examples.spec_examples(check=True) == 0
