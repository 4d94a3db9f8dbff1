"""The reader oracle against the standard library, against SPEC.md's own words, and at every cut."""

import json
import random
import struct
from fractions import Fraction
from typing import Any

import pytest

from conformance.generator.build import dense_net, json_bytes, lstm_net, msgpack_bytes, token_net
from conformance.generator.full import embedded, full_features, full_tokens
from conformance.generator.tensors import DECIMALS
from conformance.generator.write_json import decimal
from conformance.oracle.finding import FaultError, Limits
from conformance.oracle.json_reader import JsonReader
from conformance.oracle.reader import read
from conformance.oracle.tensors import round_to_float32, strict_base64
from conformance.oracle.utf8 import first_fault
from conformance.oracle.values import plain

NETS = [dense_net(), lstm_net(), token_net(), full_tokens(), full_features(), embedded()]


def parsed(text: str) -> object:
    return plain(JsonReader(text.encode(), Limits(depth=64)).document())


def floats(value: object) -> object:
    """What the standard library read, with [json-6]'s numbers."""
    match value:
        case bool():
            return value
        case int() | float():
            return int(float(value)) if float(value).is_integer() else float(value)
        case list():
            return [floats(element) for element in value]
        case dict():
            return {key: floats(member) for key, member in value.items()}
    return value


def random_value(rng: random.Random, depth: int = 0) -> object:
    kind = rng.randrange(8 if depth < 5 else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, 2**53 + 1, 10**25, -7, rng.randrange(10**6)])
    if kind == 2:
        return rng.choice([1, -1]) * rng.random() * 10.0 ** rng.randrange(-320, 308)
    if kind <= 5:
        alphabet = 'ab"\\/\b\f\n\r\t\0\x1f\x7fé☃\u2028\ufeff😀\U0010ffff'
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(12)))
    if kind == 6:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {
        f"{k}{rng.choice(['', 'é', '__proto__'])}": random_value(rng, depth + 1)
        for k in range(rng.randrange(5))
    }


@pytest.mark.parametrize("seed", range(40))
def test_valid_texts_mean_what_the_standard_library_reads(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        value = {"x": random_value(rng)}
        text = json.dumps(
            value, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 1, "\t"])
        )
        assert parsed(text) == floats(json.loads(text))


@pytest.mark.parametrize("seed", range(40))
def test_broken_texts_are_refused_by_both(seed: int) -> None:
    """One byte changed: whatever the strict oracle takes, the standard library takes likewise."""
    rng = random.Random(seed)
    text = json.dumps({"x": [random_value(rng) for _ in range(4)]})
    for _ in range(100):
        at = rng.randrange(1, len(text))
        broken = text[:at] + rng.choice('",:[]{}0-+.eE tfnul\\x\n') + text[at + 1 :]
        try:
            value = parsed(broken)
        except FaultError as fault:
            if fault.finding.code in ("SYNTAX_UNEXPECTED", "SYNTAX_TRAILING", "SYNTAX_END"):
                with pytest.raises(ValueError, match="line"):
                    json.loads(broken)
        else:
            assert value == floats(json.loads(broken))


@pytest.mark.parametrize("net", NETS)
def test_both_encodings_mean_the_same(net: dict[str, Any]) -> None:
    one, other = read(json_bytes(net)), read(msgpack_bytes(net))
    assert one.document is not None
    assert one == other


@pytest.mark.parametrize("write", [json_bytes, msgpack_bytes])
def test_cut_anywhere_it_ends_in_a_finding(write: Any) -> None:  # noqa: ANN401
    data = write(full_features()).rstrip()
    for length in range(len(data)):
        (finding,) = read(data[:length]).findings
        assert finding.code in ("BYTES_EMPTY", "SYNTAX_END")


@pytest.mark.parametrize("write", [json_bytes, msgpack_bytes])
def test_any_byte_changed_it_ends(write: Any) -> None:  # noqa: ANN401
    rng = random.Random(7)
    data = write(full_tokens())
    for _ in range(1500):
        changed = bytearray(data)
        changed[rng.randrange(len(data))] = rng.randrange(256)
        result = read(bytes(changed))
        assert (result.document is None) == any(f.severity == "error" for f in result.findings)


def test_msgpack_of_random_bytes_ends() -> None:
    rng = random.Random(1)
    for _ in range(3000):
        data = b"\x8f" + rng.randbytes(rng.randrange(60))
        findings = read(data).findings
        assert findings
        assert findings[0].stage in ("bytes", "syntax", "structure")


def test_utf8_as_the_standard_library() -> None:
    rng = random.Random(3)
    pieces = [bytes([b]) for b in range(256)] + [
        "é☃😀".encode(),
        b"\xed\xa0",
        b"\xe0\x80",
        b"\xf4\x90",
    ]
    for _ in range(20_000):
        data = b"".join(rng.choice(pieces) for _ in range(rng.randrange(6)))
        wanted = None
        try:
            data.decode()
        except UnicodeDecodeError as error:
            wanted = error.start
        assert first_fault(data) == wanted, data


def test_base64_has_one_spelling() -> None:
    rng = random.Random(5)
    good = 0
    for _ in range(5000):
        text = "".join(rng.choice("AQgw+/=Bz") for _ in range(4 * rng.randrange(3)))
        data = strict_base64(text)
        good += data is not None
        assert data is None or len(data) == len(text) // 4 * 3 - text.count("=")
    assert good > 500


def direct(text: str) -> float:
    """One rounding, from the exact decimal."""
    exact, bits = Fraction(text), struct.unpack("<I", struct.pack("<f", abs(float(text))))[0]
    near = [struct.unpack("<f", struct.pack("<I", bits + k))[0] for k in (-1, 0, 1)]
    best = min(near, key=lambda value: abs(Fraction(value) - abs(exact)))
    return -best if exact < 0 else float(best)


def test_the_decimals_tell_one_rounding_from_two() -> None:
    telling = [name for name, (text, _) in DECIMALS.items() if not name.startswith(("largest", "9"))
               and direct(text) != round_to_float32(float(text))]  # fmt: skip
    assert len(telling) >= 5, telling


def test_the_writer_of_decimals_comes_back() -> None:
    rng = random.Random(11)
    for _ in range(2000):
        value = struct.unpack("<f", struct.pack("<I", rng.randrange(0x7F800000)))[0]
        assert round_to_float32(float(decimal(value))) == value
    assert decimal(struct.unpack("<f", struct.pack("<I", 0x15AE43FD))[0]) != "7.038531e-26"
