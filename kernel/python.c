/* What CPython calls directly: a step of a net without ctypes, and without a frame of Python.
 *
 * There is no Python.h here. Its functions come as addresses, its objects are opaque, so that one library does for every
 * version of Python, and for who has none. What is not plainly right goes to a function of Python with the same arguments: it
 * alone judges, and raises. */
#include "kernel.h"

static rnn_python py;

void rnn_python_is(const rnn_python *given) { py = *given; }

/* Whether an object is of this type, and of none that is derived from it. */
static int32_t is_exactly(void *object, const void *type) {
    void *found = py.PyObject_Type(object);
    py.Py_DecRef(found); /* the object keeps it */
    return found == type;
}

/* The id that was given, alone or in a list; below 0 for anything else. */
static int64_t id_of(void *x) {
    if (is_exactly(x, py.PyList_Type) && py.PyList_Size(x) == 1) x = py.PyList_GetItem(x, 0);
    if (!is_exactly(x, py.PyLong_Type)) return -1;
    const int64_t id = py.PyLong_AsLongLong(x);
    if (id < 0) py.PyErr_Clear(); /* what has more than 64 bits is an error to it */
    return id;
}

void *rnn_python_call(void *self, void *const *arguments, intptr_t count, void *names) {
    const rnn_python_step *step = py.PyLong_AsVoidPtr(py.PyTuple_GetItem(self, 2));
    const int32_t has_none = count == 1, has_own = count == 2 && arguments[1] == step->out;
    if (!names && (has_none || has_own)) {
        const int64_t id = id_of(arguments[0]);
        if (id >= 0 && id < step->tokens) {
            *step->id = (int32_t)id;
            void *thread = py.PyEval_SaveThread(); /* other threads go on meanwhile */
            const int32_t fine = rnn_do(&step->job);
            py.PyEval_RestoreThread(thread);
            if (fine && has_own) return py.Py_IncRef(step->out), step->out;
            if (fine) return py.PyObject_CallNoArgs(py.PyTuple_GetItem(self, 1));
        }
    }
    return py.PyObject_Vectorcall(py.PyTuple_GetItem(self, 0), arguments, (size_t)count, names);
}
