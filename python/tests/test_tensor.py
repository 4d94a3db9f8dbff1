import base64
import binascii
import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnspec.tensor import Tensor, base64_bytes, first_nonfinite, tiny


@given(st.binary(max_size=50))
def test_base64_of_any_bytes(data: bytes) -> None:
    assert base64_bytes(base64.b64encode(data)) == data
    assert base64_bytes(memoryview(base64.b64encode(data))) == data


@given(st.text("AQgw/+=B \n-_", max_size=12).map(str.encode))
def test_base64_has_one_spelling(text: bytes) -> None:
    data = base64_bytes(text)
    if data is not None:
        assert base64.b64encode(data) == text
    else:
        with contextlib.suppress(binascii.Error):
            assert base64.b64encode(base64.b64decode(text, validate=True)) != text


@pytest.mark.parametrize(
    "text",
    [b"A", b"AA", b"AAA", b"AA=", b"AB==", b"AAB=", b"A===", b"====", b"AA==AAAA", b"AAA\n", b"AAA=AAA=", b"\xc3\xa9AA", b"AA A", b"A-_A", b"=AAA"],
)  # fmt: skip
def test_loose_base64_is_refused(text: bytes) -> None:
    assert base64_bytes(text) is None


def test_tiny_compares_bits() -> None:
    bits = np.array([0x25FFFFFF, 0x26000000, 0xA5FFFFFF, 0xA6000000, 0x80000000, 1, 0x7F800000], np.uint32)  # fmt: skip
    want = [0, 0x26000000, 0, 0xA6000000, 0, 0, 0x7F800000]
    assert tiny(bits.view(np.float32)).view(np.uint32).tolist() == want
    assert np.isnan(tiny(np.array([np.nan], np.float32))).all()


def test_float16_widens_exactly() -> None:
    bits = np.arange(2**16, dtype=np.uint16)
    tensor = Tensor(bits.view(np.float16))
    finite = (bits & 0x7C00) != 0x7C00
    sign = np.where(bits >> 15, -1.0, 1.0)
    exponent, fraction = ((bits >> 10) & 31).astype(int), (bits & 1023).astype(float)
    want = sign * np.where(
        exponent, (1 + fraction / 1024) * 2.0 ** (exponent - 15), fraction * 2.0**-24
    )
    assert (tensor.values[finite] == want[finite]).all()
    assert (np.concatenate(list(tensor.blocks()))[finite] == want[finite]).all()


def test_a_tensor_can_not_be_changed() -> None:
    array = np.ones((2, 3), np.float32)
    tensor = Tensor(array)
    array[0, 0] = 7
    assert tensor.values[0, 0] == 1
    for held in (tensor.array, tensor.values, Tensor(array.T).array, Tensor(array[:1]).array):
        with pytest.raises(ValueError, match="read-only"):
            held[0, 0] = 7
    assert Tensor(array.T) == Tensor(array.T.copy())
    assert Tensor(array) != tensor
    assert Tensor(array) != Tensor(array.reshape(3, 2))


@pytest.mark.parametrize(
    "array", [np.ones(3), np.ones((1, 1, 1, 1), np.float32), np.ones((0, 2), np.float32), np.float32(1)]
)  # fmt: skip
def test_other_arrays_are_no_tensors(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a tensor"):
        Tensor(array)


def test_equality_is_of_bits() -> None:
    zero, minus = np.zeros(1, np.float32), -np.zeros(1, np.float32)
    assert Tensor(zero) != Tensor(minus)
    assert len({Tensor(zero), Tensor(zero.copy())}) == 1
    assert Tensor(zero) != 0


@pytest.mark.parametrize("at", [0, 5, 300_000, 599_999])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_first_that_is_not_finite(at: int, dtype: type) -> None:
    array: np.ndarray = np.zeros(600_000, dtype)
    assert first_nonfinite(Tensor(array)) is None
    array[at:] = np.nan
    assert first_nonfinite(Tensor(array)) == at
    array[at] = -np.inf
    assert first_nonfinite(Tensor(array.reshape(2, -1))) == at
