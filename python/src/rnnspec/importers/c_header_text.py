"""c_header_text: the C of a header that is the same for every net, and numbers as C writes them.

In the texts, $_ stands for the prefix of all names and its underscore, and $$ for the prefix in capitals. They are C11, and C++17 too: there are
no designated initialisers, and every pointer that changes its type is cast.
"""

from collections.abc import Iterable
from typing import Final

from rnnspec.tensor import Float32

_LINE: Final = 100  # columns


HEAD: Final = """\
#ifndef RNNSPEC_$$_H
#define RNNSPEC_$$_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#include "kernel.h"
#ifdef __cplusplus
}
#endif
"""

MEMORY: Final = """\
/* --- memory: all of it is the caller's, asked for once --------------------------------------- */

typedef struct {
    rnn_net net;
    rnn_call calls[$$_CALLS];
} $_net;

/* Where the next thing is put. Without a base, what is needed is counted alone. */
typedef struct {
    unsigned char *base;
    size_t used;
} $_memory;

/* So many bytes of zeros, 64-byte aligned as the kernel wants it; NULL while it is counted. */
static inline void *$_room($_memory *memory, size_t bytes) {
    const size_t at = (memory->used + 63) / 64 * 64;
    memory->used = at + bytes;
    if (!memory->base) return NULL;
    for (size_t k = 0; k < bytes; k++) memory->base[at + k] = 0;
    return memory->base + at;
}

static inline float *$_floats($_memory *memory, size_t count) {
    return (float *)$_room(memory, count * sizeof(float));
}

/* Blocks of a matrix [rows, stride] as the kernel reads them. How they stand there is its own matter,
 * so it is done here, and not in the file. */
static inline void *$_pack($_memory *memory, const float *W, int32_t stride, int32_t rows,
                             int32_t units, int32_t blocks) {
    void *to = $_room(memory, (size_t)rnn_packed_bytes(rows, units, blocks, RNN_FLOAT32));
    if (to) rnn_pack(to, W, stride, rows, units, blocks, RNN_FLOAT32);
    return to;
}

/* A bias in the order of the products; NULL for none. */
static inline float *$_spread($_memory *memory, const float *b, int32_t units, int32_t blocks) {
    float *to = $_floats(memory, (size_t)rnn_columns(units, blocks));
    if (to) rnn_spread(to, b, units, blocks);
    return to;
}

static inline int32_t $_wider(int32_t one, int32_t other) { return one < other ? other : one; }
"""

TABLE: Final = """\
/* b + W[id] for every id, in the order of the products: what a one-hot vector leaves of them. */
static inline float *$_table($_memory *memory, const float *W, const float *b, int32_t rows,
                               int32_t units, int32_t blocks) {
    const size_t columns = (size_t)rnn_columns(units, blocks), width = (size_t)units * (size_t)blocks;
    float *table = $_floats(memory, (size_t)rows * columns);
    float *order = $_floats(memory, columns), *count = $_floats(memory, width);
    if (!table) return NULL;
    for (size_t j = 0; j < width; j++) count[j] = (float)(j + 1);
    rnn_spread(order, count, units, blocks); /* for each column which one it is, from 1; 0 is padding */
    for (int32_t k = 0; k < rows; k++)
        for (size_t c = 0; c < columns; c++) {
            const int32_t j = (int32_t)order[c] - 1;
            if (j >= 0) table[(size_t)k * columns + c] = (b ? b[j] : 0) + W[(size_t)k * width + j];
        }
    return table;
}
"""

CALL: Final = """\
/* --- the net as calls of the kernel ---------------------------------------------------------- */

/* One call more. A NULL x reads the net's input, a NULL y writes its output. */
static inline rnn_call *$_call($_net *net, int32_t kind, const float *x, int32_t x_stride,
                                 float *y, int32_t y_stride) {
    rnn_call *call = &net->calls[net->net.count++];
    call->call = kind;
    call->x = x;
    call->x_stride = x_stride;
    call->y = y;
    call->y_stride = y_stride;
    return call;
}
"""

BEGIN: Final = """\
/* The state that a layer begins with, in every row; NULL is zeros. The padding stays zero. */
static inline void $_begin(float *to, const float *from, int32_t units, int32_t rows) {
    for (int32_t row = 0; row < rows; row++, to += rnn_columns(units, 1))
        for (int32_t j = 0; j < units; j++) to[j] = from ? from[j] : 0;
}
"""

USE: Final = """\
/* --- what a program calls -------------------------------------------------------------------- */

/* How many bytes of memory the net needs for `rows` sequences side by side (1; 2 for interleaved
 * stereo), computed `steps` time steps at a time (16 to 64 is fast; it changes no bit). 0 if
 * rows * steps is not from 1 to 65,536. */
static inline size_t $_bytes(int32_t rows, int32_t steps) {
    if (rows < 1 || steps < 1 || (int64_t)rows * steps > 65536) return 0;
    return $_put(NULL, rows, steps) + 63;
}

/* The net in so much memory, which it keeps, at its initial state; NULL for rows and steps that
 * $_bytes refuses. This is where the weights are packed: once, not on the thread of the sound. */
static inline $_net *$_start(void *memory, int32_t rows, int32_t steps) {
    if (!memory || !$_bytes(rows, steps)) return NULL;
    unsigned char *base = (unsigned char *)memory + (64 - (uintptr_t)memory % 64) % 64;
    $_put(base, rows, steps);
    $_net *net = ($_net *)base;
    $_reset(net);
    return net;
}

/* `count` time steps, as many as you like: input [count, rows, $$_INPUT], output [count, rows,
 * $$_OUTPUT], which may not overlap. 1; or 0 if FAULT: then the state
 * is as it was, and the output is not to be read. Nothing is allocated, and nothing waits. The next
 * call goes on where this one ended. */
static inline int $_run($_net *net, const INPUT *input, float *output, int64_t count) {
    return rnn_run(&net->net, input, output, count);
}

#endif
"""


def number(value: float) -> str:
    """A binary32 as C's hexadecimal, which has its bits: 0x1.8p+1f."""
    mantissa, exponent = float(value).hex().split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}f"


def array(name: str, values: Float32, comment: str) -> str:
    """A constant, its numbers row by row."""
    sizes = " * ".join(map(str, values.shape))
    body = "\n".join(_lines(number(value) for value in values.reshape(-1).tolist()))
    return f"/* {comment} */\nstatic const float {name}[{sizes}] = {{\n{body}\n}};\n"


def _lines(words: Iterable[str]) -> Iterable[str]:
    line = "   "
    for word in words:
        if len(line) + len(word) + 2 > _LINE:
            yield line
            line = "   "
        line += f" {word},"
    yield line


def comment_of(lines: Iterable[str]) -> str:
    """Lines as a comment."""
    first, *rest = lines
    return "\n".join([f"/* {first}", *(f" * {line}".rstrip() for line in rest), " */\n"])


def safe(text: str) -> str:
    """A text from the model that can't end a comment, or anything else: letters, digits and a few signs."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " _.,:;()-+") else "?" for c in text)
