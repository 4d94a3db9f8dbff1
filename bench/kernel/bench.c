/* Times of the kernel for one net, and of reading as many bytes as a step reads, turn by turn in one process.
 *
 *     bench LEVEL KIND HIDDEN LAYERS MODE TYPE SECONDS
 *
 * KIND lstm, gru, elman (65 tokens, embedding 64, dense 65, softmax) or audio (1 number, lstm, dense 1); MODE step, whole,
 * batch, block; TYPE float32, float16, bfloat16. Turns take SECONDS in all, and are FEWEST at least. Prints medians: µs per step
 * of one row, µs of the limit, which is one of single steps and else 0; bytes of a step; and the best of both. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../kernel/kernel.h"

int32_t read_avx512(const void *, int64_t), read_avx2(const void *, int64_t), read_baseline(const void *, int64_t);

enum { TOKENS = 65, FEWEST = 5, MOST = 2000 };
static const double TURN = 2000.0; /* µs of ours; half of it for the limit */
static uint32_t seed = 1;
static float uniform(void) { return (float)((int32_t)(seed = seed * 1664525u + 1013904223u) >> 8) * 0x1p-23f; }
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}
static void *room(int64_t bytes) {
    void *p = aligned_alloc(4096, (size_t)(bytes + 4095) / 4096 * 4096);
    return memset(p, 0, (size_t)bytes);
}

static int type, storage; /* of the file; of the packed matrices */
static int64_t weight_bytes;

/* A packed matrix of random weights: float16 numbers, whatever the type. */
static void *matrix(int rows, int units, int blocks) {
    const int count = rows * units * blocks;
    _Float16 *half = room((int64_t)count * 4);
    float *single = room((int64_t)count * 4);
    const float scale = 1.0f / (rows > 1 ? (float)__builtin_sqrtf((float)rows) : 1.0f);
    for (int i = 0; i < count; i++) single[i] = (float)(half[i] = (_Float16)(uniform() * scale));
    const int64_t bytes = rnn_packed_bytes(rows, units, blocks, storage);
    void *to = room(bytes);
    if (type == RNN_BFLOAT16)
        for (int i = 0; i < count; i++) ((uint16_t *)half)[i] = (uint16_t)(((uint32_t *)single)[i] >> 16);
    rnn_pack(to, storage == RNN_FLOAT32 ? (void *)single : half, units * blocks, rows, units, blocks, storage);
    free(half);
    free(single);
    weight_bytes += bytes - 64;
    return to;
}

static int order(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int count, char **arguments) {
    if (count != 8) return fprintf(stderr, "bench LEVEL KIND HIDDEN LAYERS MODE TYPE SECONDS\n"), 2;
    static const char *const levels[] = {"baseline", "avx2", "avx512"}, *const types[] = {"float32", "float16", "bfloat16"};
    int level = 0;
    while (level < 2 && strcmp(levels[level], arguments[1])) level++;
    if (rnn_choose(level) != level) return fprintf(stderr, "no %s here\n", arguments[1]), 3;
    while (type < 2 && strcmp(types[type], arguments[6])) type++;
    const char *kind = arguments[2], *mode = arguments[5];
    const int hidden = atoi(arguments[3]), layers = atoi(arguments[4]);
    const double seconds = atof(arguments[7]);
    const int rows = !strcmp(mode, "batch") ? 32 : 1;
    const int steps = !strcmp(mode, "whole") ? 1000 : !strcmp(mode, "block") ? 128 : rows > 1 ? 100 : 1;
    const int at_once = steps < 128 ? steps : 128;
    const int audio = !strcmp(kind, "audio"), gru = !strcmp(kind, "gru"), elman = !strcmp(kind, "elman");
    const int blocks = gru ? 3 : elman ? 1 : 4, outputs = audio ? 1 : TOKENS;
    storage = rnn_storage(type, 4ll * hidden * hidden * blocks * (2 * layers - 1)); /* what the matrices of units take */
    const int columns = rnn_columns(hidden, blocks), padded = rnn_columns(hidden, 1), wide = rnn_columns(outputs, 1);

    rnn_call calls[32] = {0};
    int n = 0;
    const int64_t size = (int64_t)at_once * rows;
    float *a = room(size * columns * 4), *y[2] = {room(size * padded * 4), room(size * padded * 4)};
    float *state = room((int64_t)2 * layers * rows * padded * 4), *backup = room((int64_t)2 * layers * rows * padded * 4);
    float *out = room(size * wide * 4), *zero = room(columns * 4), *in = room(size * 4);
    for (int layer = 0; layer < layers; layer++) {
        float *h = state + (int64_t)2 * layer * rows * padded, *to = y[layer % 2];
        if (layer == 0 && audio) {
            calls[n++] = (rnn_call){.call = RNN_CALL_SWEEP, .width = 1, .x_stride = 1, .y_stride = 1, .y = in};
            calls[n++] = (rnn_call){.call = RNN_CALL_PRODUCTS, .W = matrix(1, hidden, 4), .start = zero, .x = in, .x_stride = 1, .y = a};
        } else if (layer == 0) {
            float *table = room((int64_t)TOKENS * columns * 4);
            for (int i = 0; i < TOKENS * columns; i++) table[i] = i % columns / blocks < hidden ? uniform() : 0;
            weight_bytes += columns * 4;
            calls[n++] = (rnn_call){.call = RNN_CALL_LOOKUP, .W = table, .width = columns, .y_stride = columns, .start_stride = TOKENS, .y = a};
        } else {
            calls[n++] = (rnn_call){.call = RNN_CALL_PRODUCTS, .W = matrix(hidden, hidden, blocks), .start = zero, .x = y[1 - layer % 2],
                                    .x_stride = padded, .y = a};
        }
        calls[n++] = (rnn_call){.call = gru ? RNN_CALL_GRU_AFTER : elman ? RNN_CALL_ELMAN : RNN_CALL_LSTM, .W = matrix(hidden, hidden, blocks),
                                .start = zero, .x = a, .y = to, .h = h, .c = h + (int64_t)rows * padded};
    }
    calls[n++] = (rnn_call){.call = RNN_CALL_PRODUCTS, .W = matrix(hidden, outputs, 1), .start = zero, .x = y[(layers - 1) % 2], .x_stride = padded, .y = out};
    if (audio) {
        calls[n++] = (rnn_call){.call = RNN_CALL_SWEEP, .width = 1, .x = out, .x_stride = wide, .y_stride = 1};
    } else {
        calls[n++] = (rnn_call){.call = RNN_CALL_SWEEP, .width = outputs, .x = out, .x_stride = wide, .y = out, .y_stride = wide};
        calls[n++] = (rnn_call){.call = RNN_CALL_SWEEP, .function = RNN_SOFTMAX, .width = outputs, .x = out, .x_stride = wide, .y_stride = outputs};
    }
    rnn_net net = {calls, n, rows, at_once, 1, outputs, 0, state, backup, (int64_t)2 * layers * rows * padded};

    int32_t *ids = room((int64_t)1024 * rows * 4);
    for (int i = 0; i < 1024 * rows; i++) {
        seed = seed * 1664525u + 1013904223u;
        ids[i] = (int32_t)((seed >> 8) % TOKENS);
        if (audio) ((float *)ids)[i] = uniform();
    }
    float *result = room((int64_t)steps * rows * outputs * 4);
    char *memory = room(weight_bytes + 1024);
    const int64_t bytes = (weight_bytes + 511) / 512 * 512;
    int32_t (*reading)(const void *, int64_t) = level == 2 ? read_avx512 : level == 1 ? read_avx2 : read_baseline;

    static double ours[MOST], limit[MOST];
    int at = 0, repeats = 1, reads = 1, turns = 0;
    volatile int32_t sink = 0;
    double end = 0;
    for (int warm = 1; turns < FEWEST || (turns < MOST && now() < end);) {
        double begin = now();
        for (int i = 0; i < repeats; i++) {
            if (!rnn_run(&net, ids + (int64_t)at * rows, result, steps)) return fprintf(stderr, "not finite\n"), 1;
            if (steps == 1 || steps == 128) at = (at + steps) % 1024;
        }
        const double took = (now() - begin) / repeats;
        double read = 0;
        if (steps == 1) {
            begin = now();
            for (int i = 0; i < reads; i++) sink |= reading(memory, bytes);
            read = (now() - begin) / reads;
        }
        if (warm > 0) { /* how many calls a turn is; again once they are warm, unless a call is a turn */
            warm = took > TURN ? 0 : warm == 3 ? 0 : warm + 1;
            repeats = (int)(TURN / took) + 1;
            reads = read > 0 ? (int)(TURN / 2 / read) + 1 : 1;
            end = now() + seconds * 1e6;
        } else {
            ours[turns] = took / (steps * rows), limit[turns++] = read;
        }
    }
    qsort(ours, (size_t)turns, sizeof(double), order);
    qsort(limit, (size_t)turns, sizeof(double), order);
    printf("%.5f %.5f %lld %.5f %.5f\n", ours[turns / 2], limit[turns / 2], (long long)bytes, ours[0], limit[0]);
    return 0;
}
