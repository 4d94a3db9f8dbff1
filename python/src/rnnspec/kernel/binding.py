"""Binding: the functions of kernel/kernel.h by ctypes, which releases the interpreter's lock."""

import ctypes
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

# The enums of kernel.h, in their order.
LEVELS: Final = ("baseline", "avx2", "avx512", "neon", "simd128")
FUNCTIONS: Final = (
    *("linear", "tanh", "sigmoid", "relu", "leaky_relu", "elu", "softplus", "softsign"),
    *("hard_sigmoid", "hard_tanh", "thresholded_relu", "scaled_tanh", "softmax", "log_softmax"),
)
STORAGE: Final = ("float32", "float16", "bfloat16", "mixed float16", "mixed bfloat16")


VERSION: Final = 3  # RNN_VERSION: of the functions and structures below


class Kind(IntEnum):
    """What a call of a net is."""

    LOOKUP = 0
    PRODUCTS = 1
    SWEEP = 2
    ELMAN = 3
    LSTM = 4
    GRU_BEFORE = 5
    GRU_AFTER = 6


_INT, _LONG, _FLOAT, _POINTER = ctypes.c_int32, ctypes.c_int64, ctypes.c_float, ctypes.c_void_p
_STRIDED: Final = (_POINTER, _INT)
# Result and arguments of each function.
_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "columns": (_INT, (_INT, _INT)),
    "packed_bytes": (_LONG, (_INT, _INT, _INT, _INT)),
    "pack": (None, (_POINTER, _POINTER, _INT, _INT, _INT, _INT, _INT)),
    "storage": (_INT, (_INT, _LONG)),
    "spread": (None, (_POINTER, _POINTER, _INT, _INT)),
    "products": (None, (_POINTER, *_STRIDED, *_STRIDED, _POINTER, _INT)),
    "sweep": (_INT, (_INT, _FLOAT, _FLOAT, *_STRIDED, *_STRIDED, _INT, _INT)),
    "elman": (_INT, (*[_POINTER] * 4, _INT, _INT)),
    "lstm": (_INT, (*[_POINTER] * 5, _INT, _INT)),
    "gru_before": (_INT, (*[_POINTER] * 6, _INT, _INT)),
    "gru_after": (_INT, (*[_POINTER] * 5, _INT, _INT)),
    "python_is": (None, (_POINTER,)),
    "version": (_INT, ()),
    "level": (_INT, ()),
    "choose": (_INT, (_INT,)),
    "proof": (ctypes.c_uint32, ()),
}


class Call(ctypes.Structure):
    """`rnn_call`: one function of the kernel among those of a net."""

    _fields_ = (
        *[(name, _INT) for name in ("call", "function", "width")],
        *[(name, _INT) for name in ("x_stride", "y_stride", "start_stride")],
        *[(name, _FLOAT) for name in ("alpha", "beta")],
        *[(name, _POINTER) for name in ("W", "Rn", "start", "x", "y", "h", "c")],
    )


class Net(ctypes.Structure):
    """`rnn_net`: the calls that a time step of a net is made of, and its state."""

    _fields_ = (
        ("calls", ctypes.POINTER(Call)),
        *[(name, _INT) for name in ("count", "rows", "steps", "input_width", "output_width")],
        ("reserved", _INT),
        ("state", _POINTER),
        ("backup", _POINTER),
        ("state_size", _LONG),
    )


class Steps(ctypes.Structure):
    """`rnn_job`: a net over so many time steps."""

    _fields_ = (
        ("net", ctypes.POINTER(Net)),
        ("input", _POINTER),
        ("output", _POINTER),
        ("steps", _LONG),
    )


class Library:
    """A library that was loaded: its functions without their `rnn_`, arrays as addresses.

    Raises OSError where the file is no library for here, AttributeError where it is none of ours.
    """

    columns: Callable[..., int]
    packed_bytes: Callable[..., int]
    pack: Callable[..., None]
    storage: Callable[[int, int], int]
    spread: Callable[..., None]
    products: Callable[..., None]
    sweep: Callable[..., int]
    elman: Callable[..., int]
    lstm: Callable[..., int]
    gru_before: Callable[..., int]
    gru_after: Callable[..., int]
    python_is: Callable[..., None]
    version: Callable[[], int]
    level: Callable[[], int]
    choose: Callable[[int], int]
    proof: Callable[[], int]

    def __init__(self, path: Path) -> None:
        self.path = path
        dll = ctypes.CDLL(str(path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(dll, f"rnn_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
        # Without argtypes, for which a call would ask each time: its one argument is prepared.
        self.do: Callable[..., int] = dll.rnn_do
        self.python_call = ctypes.cast(dll.rnn_python_call, _POINTER)  # not for calls from here
