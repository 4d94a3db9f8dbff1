/* What the files of the kernel share: how a matrix is packed, and the functions that exist once per level. */
#ifndef RNNSPEC_LEVEL_H
#define RNNSPEC_LEVEL_H

#include "kernel.h"

#define FORCED static inline __attribute__((always_inline))

/* Units of a panel. The native levels have one layout, so that a packed matrix fits them all: 16 is the widest vector.
 * WebAssembly has vectors of 4, and its own memory. */
#ifdef __wasm__
#define PANEL 4
#define NARROW 0
enum { WIDE = 8 }; /* groups of a panel */
#else
#define PANEL 16
#define NARROW 8
#endif

/* A packed matrix: this, then its panels, one after the other. A panel has `rows` rows of `wide` elements, of two or four bytes. */
typedef struct {
    int32_t rows;    /* k */
    int32_t units;
    int32_t blocks;
    int32_t type;
    int32_t columns; /* padded: of a row of products */
    int32_t wide;    /* columns of a panel */
    int32_t panels;
    int32_t odd;     /* 1 if the last panel has other columns than the rest, 0 if not */
    int32_t narrow;  /* which panel is, or -1 */
    int32_t unused[7]; /* 64 bytes, so that the panels are aligned */
} rnn_matrix;

/* How the rows of a matrix are stored, whose k is even, or odd. */
FORCED int32_t is_mixed(int32_t type) { return type == RNN_MIXED_FLOAT16 || type == RNN_MIXED_BFLOAT16; }
FORCED int32_t type_of_even(int32_t type) { return type == RNN_MIXED_FLOAT16 ? RNN_FLOAT16 : type == RNN_MIXED_BFLOAT16 ? RNN_BFLOAT16 : type; }
FORCED int32_t type_of_odd(int32_t type) { return is_mixed(type) ? RNN_FLOAT32 : type; }
/* Bytes of a column of the first `rows` rows. */
FORCED intptr_t stored_bytes(intptr_t rows, int32_t type) {
#ifdef __wasm__
    type = RNN_FLOAT32;
#endif
    return type == RNN_FLOAT32 ? 4 * rows : is_mixed(type) ? 2 * (rows + rows / 2) : 2 * rows;
}

FORCED int32_t padded(int32_t units) { return (units + PANEL - 1) / PANEL * PANEL; }

/* The last panel of a cell is narrow where at most NARROW units are left for it: its blocks have NARROW columns each, and
 * share vectors. (With whole ones the matrix of an LSTM of 40 units is a fifth larger, and no longer fits the first cache.)
 * Which panel that is, or -1. */
FORCED int32_t narrow_panel(int32_t units, int32_t blocks) {
    return NARROW && blocks > 1 && units > 0 && (units - 1) % PANEL < NARROW ? units / PANEL : -1;
}
FORCED int32_t columns_of(int32_t units, int32_t blocks) {
    return narrow_panel(units, blocks) < 0 ? padded(units) * blocks : units / PANEL * PANEL * blocks + padded(blocks * NARROW);
}
/* Where unit j of a block stands in a row of products. */
FORCED int32_t place_of(int32_t units, int32_t blocks, int32_t block, int32_t j) {
    const int32_t panel = j / PANEL, wide = panel == narrow_panel(units, blocks) ? NARROW : PANEL;
    return panel * blocks * PANEL + block * wide + j % PANEL;
}

typedef struct {
    void (*products)(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride, const void *W,
                     int32_t count);
    int32_t (*sweep)(int32_t function, float alpha, float beta, float *y, int32_t y_stride, const float *x,
                     int32_t x_stride, int32_t width, int32_t count);
    int32_t (*elman)(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t rows);
    int32_t (*lstm)(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t rows);
    int32_t (*gru_before)(float *y, float *h, const float *a, const void *R, const void *Rn, float *u, int32_t steps,
                          int32_t rows);
    int32_t (*gru_after)(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t rows);
#ifndef __wasm__
    /* One row of a cell over `steps` time steps, whose own products are a, and the products after it, into y: as the cell does, or -1
     * where they had better go one after the other. NULL of a level that has no such thing. */
    int32_t (*cell_and_products)(const rnn_call *cell, const float *a, const rnn_call *after, float *y, int32_t steps);
#endif
} rnn_functions;

/* kernel.c is compiled once for each. */
extern __attribute__((visibility("hidden"))) const rnn_functions rnn_functions_baseline, rnn_functions_avx2, rnn_functions_avx512, rnn_functions_neon,
    rnn_functions_simd128;

#endif
