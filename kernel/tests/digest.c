/* A program for processors that are emulated: prints the proof of each level that is there, then a digest over the run of a
 * whole net. Whoever prints the same numbers computes the same bits. */
#include <stdio.h>

#include "../kernel.h"

enum { UNITS = 40, TOKENS = 11, STEPS = 30, BLOCK = 8 };

static uint32_t seed = 7;
static float number(void) { return (float)((int32_t)(seed = seed * 1664525u + 1013904223u) >> 8) * 0x1p-24f; }
static _Alignas(64) char room[1 << 20];
static int64_t used;
static void *take(int64_t bytes) {
    void *place = room + used;
    used += (bytes + 63) / 64 * 64;
    return place;
}

static const void *matrix(int32_t rows, int32_t units, int32_t blocks) {
    static float W[UNITS * 4 * UNITS];
    for (int32_t i = 0; i < rows * units * blocks; i++) W[i] = number();
    void *to = take(rnn_packed_bytes(rows, units, blocks, RNN_FLOAT32));
    rnn_pack(to, W, units * blocks, rows, units, blocks, RNN_FLOAT32);
    return to;
}

/* Tokens, an LSTM, a GRU of each kind, dense, softmax, in blocks of 8 steps: the sum over all outputs and the state. */
static uint32_t run(void) {
    used = 0;
    seed = 7;
    const int32_t padded = rnn_columns(UNITS, 1), wide = rnn_columns(UNITS, 4), last = rnn_columns(TOKENS, 1);
    float *table = take(TOKENS * wide * 4), *a = take(BLOCK * wide * 4), *x = take(BLOCK * padded * 4), *y = take(BLOCK * padded * 4);
    float *zero = take(wide * 4), *out = take(BLOCK * last * 4), *state = take(4 * padded * 4), *backup = take(4 * padded * 4);
    float *u = take(BLOCK * padded * 4), b[4 * UNITS];
    for (int32_t i = 0; i < TOKENS; i++) {
        for (int32_t j = 0; j < 4 * UNITS; j++) b[j] = number();
        rnn_spread(table + i * wide, b, UNITS, 4);
    }
    rnn_spread(zero, 0, UNITS, 4);
    for (int32_t i = 0; i < 4 * padded; i++) state[i] = 0;
    const rnn_call calls[] = {
        {.call = RNN_CALL_LOOKUP, .W = table, .width = wide, .y_stride = wide, .start_stride = TOKENS, .y = a},
        {.call = RNN_CALL_LSTM, .W = matrix(UNITS, UNITS, 4), .x = a, .y = x, .h = state, .c = state + padded},
        {.call = RNN_CALL_PRODUCTS, .W = matrix(UNITS, UNITS, 3), .start = zero, .x = x, .x_stride = padded, .y = a},
        {.call = RNN_CALL_GRU_BEFORE, .W = matrix(UNITS, UNITS, 2), .Rn = matrix(UNITS, UNITS, 1), .x = a, .y = y, .h = state + 2 * padded, .c = u},
        {.call = RNN_CALL_PRODUCTS, .W = matrix(UNITS, UNITS, 3), .start = zero, .x = y, .x_stride = padded, .y = a},
        {.call = RNN_CALL_GRU_AFTER, .W = matrix(UNITS, UNITS, 3), .start = zero, .x = a, .y = x, .h = state + 3 * padded},
        {.call = RNN_CALL_PRODUCTS, .W = matrix(UNITS, TOKENS, 1), .start = zero, .x = x, .x_stride = padded, .y = out},
        {.call = RNN_CALL_SWEEP, .width = TOKENS, .x = out, .x_stride = last, .y = out, .y_stride = last},
        {.call = RNN_CALL_SWEEP, .function = RNN_SOFTMAX, .width = TOKENS, .x = out, .x_stride = last, .y_stride = TOKENS},
    };
    const rnn_net net = {calls, sizeof calls / sizeof *calls, 1, BLOCK, 1, TOKENS, 0, state, backup, 4 * padded};
    int32_t ids[STEPS];
    for (int32_t t = 0; t < STEPS; t++) ids[t] = t * t % TOKENS;
    static float output[STEPS * TOKENS];
    if (!rnn_run(&net, ids, output, STEPS)) return 0;
    uint32_t digest = 2166136261u;
    for (int32_t i = 0; i < STEPS * TOKENS; i++) digest = (digest ^ ((const uint32_t *)output)[i]) * 16777619u;
    for (int32_t i = 0; i < 4 * padded; i++) digest = (digest ^ ((const uint32_t *)state)[i]) * 16777619u;
    return digest;
}

int main(void) {
    static const char *const names[] = {"baseline", "avx2", "avx512", "neon"};
    for (int32_t level = RNN_BASELINE; level <= RNN_NEON; level++)
        if (rnn_choose(level) == level) printf("%s %u %u\n", names[level], rnn_proof(), run());
    return 0;
}
