/* rnn_proof: a digest over the bits of all functions, on numbers of its own making. proof.py computes the same number
 * from SPEC.md with arithmetic of its own; a library that gives another one is not to be used. */
#include "level.h"

/* 19 units: of the widest panels, one that is full and one that is not. 5 rows: a block of rows, and one more. */
enum { UNITS = 19, ROWS = 5, STEPS = 2, PADDED = (UNITS + PANEL - 1) / PANEL * PANEL };
/* Matrices of products are wider, and flat: of one block, two full panels and a narrow one; else two and a part. */
enum { DEPTH = 3, MOST = 4 * 48, COLUMNS = (MOST + PANEL - 1) / PANEL * PANEL };

typedef struct {
    uint32_t seed, digest;
} proof;

/* -2 ≤ number < 2 in steps of 2^-22 */
static float number(proof *p) {
    p->seed = p->seed * 1664525u + 1013904223u;
    return (float)((int32_t)p->seed >> 8) * 0x1p-22f;
}

static void numbers(proof *p, float *to, int32_t count, float scale) {
    for (int32_t i = 0; i < count; i++) to[i] = number(p) * scale;
}

/* What this file calls a type is float32 in WebAssembly, with the values of the halves. */
#ifdef __wasm__
#define PACKED(TYPE) RNN_FLOAT32
typedef float half;
static float kept(uint32_t bits, int32_t type) {
    const uint32_t fraction = bits & 0x3ff, exponent = bits >> 10 & 31;
    union { uint32_t bits; float number; } w = {bits << 16};
    if (type == RNN_BFLOAT16) return w.number;
    if (exponent == 0) w.number = (float)fraction * 0x1p-24f;
    else w.bits = (exponent + 112) << 23 | fraction << 13;
    w.bits |= (bits & 0x8000) << 16;
    return w.number;
}
#else
#define PACKED(TYPE) (TYPE)
typedef uint16_t half;
#define kept(BITS, TYPE) ((uint16_t)(BITS))
#endif

/* Weights of any type: 16 bits of a bfloat16 or float16 whose magnitude is moderate or tiny. */
static void stored(proof *p, void *to, int32_t count, int32_t type) {
    type = type_of_even(type);
    if (type == RNN_FLOAT32) {
        numbers(p, to, count, 0.125f);
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        number(p);
        const uint32_t exponent = type == RNN_FLOAT16 ? (p->seed >> 10) % 14 << 10 : (i % 7 ? 120 : 70 + i % 10) << 7;
        ((half *)to)[i] = kept((p->seed >> 16 & 0x8000) | exponent | (p->seed >> 20 & 0x7f), type);
    }
}

static void add(proof *p, const float *x, int32_t count) {
    for (int32_t i = 0; i < count; i++) p->digest = (p->digest ^ ((const uint32_t *)x)[i]) * 16777619u;
}
/* The first `units` of each row: the padding is not part of the proof, it is another one in WebAssembly. */
static void add_rows(proof *p, const float *x, int32_t rows) {
    for (int32_t n = 0; n < rows; n++) add(p, x + n * PADDED, UNITS);
}

static void prove_sweeps(proof *p) {
    static const float scales[] = {16.0f, 1.0f, 0x1p-10f, 0x1p-51f};
    float x[2 * 37], y[2 * 37];
    for (int32_t function = RNN_LINEAR; function <= RNN_LOG_SOFTMAX; function++) {
        for (int32_t i = 0; i < 2 * 37; i++) x[i] = number(p) * scales[i % 4];
        p->digest += (uint32_t)rnn_sweep(function, 0.25f, 0.75f, y, 37, x, 37, 37, 2);
        add(p, y, 2 * 37);
    }
}

static void prove_products(proof *p, int32_t blocks, int32_t type) {
    float W[DEPTH * MOST], x[ROWS * DEPTH], bias[MOST], start[COLUMNS], y[ROWS * COLUMNS];
    _Alignas(64) char packed[64 + DEPTH * COLUMNS * 4];
    const int32_t units = blocks == 1 ? 131 : 35, columns = rnn_columns(units, blocks);
    stored(p, W, DEPTH * blocks * units, type);
    numbers(p, x, ROWS * DEPTH, 1.0f);
    numbers(p, bias, blocks * units, 1.0f);
    rnn_pack(packed, W, blocks * units, DEPTH, units, blocks, PACKED(type));
    rnn_spread(start, bias, units, blocks);
    rnn_products(y, start, 0, x, DEPTH, packed, ROWS);
    for (int32_t n = 0; n < ROWS; n++)
        for (int32_t block = 0; block < blocks; block++)
            for (int32_t j = 0; j < units; j++)
                add(p, y + n * columns + place_of(units, blocks, block, j), 1);
}

enum { ELMAN, LSTM, GRU_BEFORE, GRU_AFTER };

/* One cell, with nothing but a bias before it: one row, and several. */
static void prove_cell(proof *p, int32_t cell, int32_t type) {
    const int32_t blocks = cell == ELMAN ? 1 : cell == LSTM ? 4 : 3, columns = rnn_columns(UNITS, blocks);
    float W[UNITS * 4 * UNITS], bias[4 * UNITS], rb[4 * PADDED], a[STEPS * ROWS * 4 * PADDED];
    float y[STEPS * ROWS * PADDED], h[ROWS * PADDED], c[ROWS * PADDED], u[ROWS * PADDED];
    _Alignas(64) char R[64 + UNITS * 4 * PADDED * 4], Rn[64 + UNITS * PADDED * 4];
    stored(p, W, UNITS * blocks * UNITS, type);
    if (cell == GRU_BEFORE) {
        const int32_t size = type == RNN_FLOAT32 ? 4 : (int32_t)sizeof(half);
        rnn_pack(R, W, 3 * UNITS, UNITS, UNITS, 2, PACKED(type));
        rnn_pack(Rn, (const char *)W + 2 * UNITS * size, 3 * UNITS, UNITS, UNITS, 1, PACKED(type));
    } else {
        rnn_pack(R, W, blocks * UNITS, UNITS, UNITS, blocks, PACKED(type));
    }
    for (int32_t rows = 1; rows <= ROWS; rows += ROWS - 1) {
        for (int32_t row = 0; row < STEPS * rows; row++) {
            numbers(p, bias, blocks * UNITS, 1.0f);
            rnn_spread(a + row * columns, bias, UNITS, blocks);
        }
        numbers(p, bias, blocks * UNITS, 1.0f);
        rnn_spread(rb, bias, UNITS, blocks);
        for (int32_t i = 0; i < rows * PADDED; i++) h[i] = c[i] = 0.0f;
        for (int32_t n = 0; n < rows; n++) {
            numbers(p, h + n * PADDED, UNITS, 0.5f);
            numbers(p, c + n * PADDED, UNITS, 1.0f);
        }
        int32_t finite;
        if (cell == ELMAN) finite = rnn_elman(y, h, a, R, STEPS, rows);
        else if (cell == LSTM) finite = rnn_lstm(y, h, c, a, R, STEPS, rows);
        else if (cell == GRU_BEFORE) finite = rnn_gru_before(y, h, a, R, Rn, u, STEPS, rows);
        else finite = rnn_gru_after(y, h, a, R, rb, STEPS, rows);
        p->digest += (uint32_t)finite;
        add_rows(p, y, STEPS * rows);
        add_rows(p, h, rows);
        add_rows(p, c, rows);
    }
}

uint32_t rnn_proof(void) {
    proof p = {1, 2166136261u};
    prove_sweeps(&p);
    for (int32_t blocks = 1; blocks <= 4; blocks++)
        for (int32_t type = RNN_FLOAT32; type <= RNN_MIXED_BFLOAT16; type++) prove_products(&p, blocks, type);
    for (int32_t cell = ELMAN; cell <= GRU_AFTER; cell++) prove_cell(&p, cell, cell % 3);
    return p.digest;
}
