"""Direct: a step that CPython calls in the kernel itself, without ctypes (kernel/python.c)."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from rnnspec.kernel.binding import Library, Steps
from rnnspec.tensor import Float32

Step = Callable[..., Float32]

_POINTER: Final = ctypes.c_void_p
_TYPES: Final = ("PyList_Type", "PyLong_Type")
_FUNCTIONS: Final = (
    *("PyTuple_GetItem", "PyLong_AsVoidPtr", "PyObject_Type", "Py_IncRef", "Py_DecRef"),
    *("PyList_Size", "PyList_GetItem", "PyLong_AsLongLong", "PyErr_Clear"),
    *("PyEval_SaveThread", "PyEval_RestoreThread", "PyObject_CallNoArgs", "PyObject_Vectorcall"),
)
_MAKER: Final = "PyCFunction_NewEx"  # of a PyMethodDef, a self and the name of a module
_Maker: Final = ctypes.PYFUNCTYPE(ctypes.py_object, _POINTER, ctypes.py_object, ctypes.py_object)
_FASTCALL_AND_KEYWORDS: Final = 0x80 | 0x02  # METH_FASTCALL | METH_KEYWORDS


class _Python(ctypes.Structure):
    """`rnn_python`: where CPython's own functions are."""

    _fields_ = tuple((name, _POINTER) for name in _TYPES + _FUNCTIONS)


class _Step(ctypes.Structure):
    """`rnn_python_step`, and behind it the PyMethodDef that CPython reads at each call."""

    _fields_ = (
        *(("job", Steps), ("id", _POINTER), ("out", _POINTER), ("tokens", ctypes.c_int64)),
        *(("name", ctypes.c_char_p), ("function", _POINTER)),
        *(("flags", ctypes.c_int), ("doc", ctypes.c_char_p)),
    )


class Direct(NamedTuple):
    """What such a function has for a `self`: it owns all that the kernel reads."""

    otherwise: Step
    copy: Callable[[], Float32]
    address: int
    step: _Step


def direct_step(
    library: Library, job: Steps, out: Float32, tokens: int, otherwise: Step
) -> Step | None:
    """A function like `otherwise(x, out=None)`, or None where there is no such thing: no CPython.

    Where it is given one id below `tokens`, and `out` or nothing, it does the job. For anything else,
    and if the job gives 0, it calls `otherwise`.
    """
    if not _is_told(library):
        return None
    name, text = otherwise.__name__, otherwise.__doc__ or ""
    step = _Step(
        *(job, job.input, id(out), tokens),
        *(name.encode(), library.python_call, _FASTCALL_AND_KEYWORDS),
        f"{name}($self, x, out=None)\n--\n\n{text}".encode(),  # with what inspect.signature gives
    )
    start = ctypes.addressof(step)
    owner = Direct(otherwise, out.copy, start, step)
    make: Callable[..., Step] = _Maker((_MAKER, ctypes.pythonapi))
    return make(start + _Step.name.offset, owner, otherwise.__module__)


@cache
def _is_told(library: Library) -> bool:
    """Tells the kernel once where CPython's functions are; False if this is another Python."""
    if sys.implementation.name != "cpython":  # elsewhere id() is no address
        return False
    try:
        found = [getattr(ctypes.pythonapi, name) for name in (*_FUNCTIONS, _MAKER)]
    except AttributeError:
        return False
    functions = (ctypes.cast(function, _POINTER) for function in found[:-1])
    library.python_is(ctypes.byref(_Python(id(list), id(int), *functions)))
    return True
