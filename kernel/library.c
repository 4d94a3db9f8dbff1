/* What exists once: packing, the choice of a level, the floating-point control register, a whole net in one call. */
#include "level.h"

/* --- packing -------------------------------------------------------------------------------------------------------- */

int32_t rnn_columns(int32_t units, int32_t blocks) { return columns_of(units, blocks); }

/* A panel has one group of PANEL units for each block. A matrix of one block has panels of 4 groups, so that there are
 * enough accumulators to hide what an addition takes; the last one of 4 to 7, because one group alone would wait. */
static rnn_matrix shape(int32_t rows, int32_t units, int32_t blocks, int32_t type) {
#ifdef __wasm__
    const int32_t columns = rnn_columns(units, blocks), wide = WIDE * PANEL, panels = (columns + wide - 1) / wide;
#else
    const int32_t columns = rnn_columns(units, blocks), wide = (blocks == 1 ? 4 : blocks) * PANEL;
    const int32_t whole = columns / wide, panels = narrow_panel(units, blocks) >= 0 ? whole + 1 : whole > 0 ? whole : 1;
#endif
    return (rnn_matrix){rows, units, blocks, type, columns, wide, panels, columns - (panels - 1) * wide != wide,
                        narrow_panel(units, blocks), {0}};
}

int64_t rnn_packed_bytes(int32_t rows, int32_t units, int32_t blocks, int32_t type) {
    return (int64_t)sizeof(rnn_matrix) + rnn_columns(units, blocks) * (int64_t)stored_bytes(rows, type);
}

typedef uint32_t words __attribute__((vector_size(4 * PANEL), aligned(2), may_alias));
typedef uint16_t halves __attribute__((vector_size(2 * PANEL), aligned(2), may_alias));

/* Where column c of a row of products stands in a row of W, or -1: the reverse of place_of. */
static __attribute__((noinline)) int32_t source_of(const rnn_matrix *m, int32_t c) {
    int32_t block = c / PANEL % m->blocks, unit = c / PANEL / m->blocks * PANEL + c % PANEL;
#if NARROW
    const int32_t at = c - m->narrow * m->wide;
    if (m->narrow >= 0 && at >= 0) block = at / NARROW, unit = m->narrow * PANEL + at % NARROW;
#endif
    return block < m->blocks && unit < m->units ? block * m->units + unit : -1;
}

/* A group of row k: T by the bits, and +0 for units that are not there. Whole groups go as one vector: cheap where no
 * optimiser has been yet. */
#define GROUP(VECTOR, ELEMENT, MAGNITUDE, LEAST)                                                                       \
    VECTOR w = {0};                                                                                                    \
    const ELEMENT *row = (const ELEMENT *)W + (intptr_t)k * stride;                                                    \
    if (whole) w = *(const VECTOR *)(row + first);                                                                     \
    else for (int32_t j = 0, from; j < PANEL; j++) w[j] = (from = source_of(m, c + j)) < 0 ? 0 : row[from];            \
    w &= (VECTOR)((w & MAGNITUDE) >= LEAST);

#ifndef __wasm__
/* The bits of binary32, exactly. What is subnormal goes by its integer: a caller may have such numbers flushed. */
static words widened(halves half, int32_t is_bfloat16) {
    typedef float singles __attribute__((vector_size(4 * PANEL), aligned(2)));
    const words w = __builtin_convertvector(half, words), magnitude = w & 0x7fff;
    if (is_bfloat16) return w << 16;
    const words normal = (magnitude << 13) + (112 << 23);
    const words subnormal = (words)(__builtin_convertvector((__typeof__((words){0} < (words){0}))magnitude, singles) * 0x1p-24f);
    const words is_normal = (words)(magnitude >= 0x400);
    return (is_normal & normal) | (~is_normal & subnormal) | (w & 0x8000) << 16;
}
#endif

/* The columns from c on, in all rows. A float16 above 0 is never tiny; the bits of a bfloat16 are the upper ones of a float32. */
static void pack_group(rnn_matrix *m, int32_t c, const void *W, int32_t stride) {
    const int32_t type = m->type, last = m->panels - 1, panel = c / m->wide < last ? c / m->wide : last, begin = panel * m->wide;
    const intptr_t wide = panel == last ? m->columns - begin : m->wide;
    char *to = (char *)(m + 1) + begin * stored_bytes(m->rows, type);
    const int32_t first = source_of(m, c), whole = first >= 0 && source_of(m, c + PANEL - 1) == first + PANEL - 1;
    for (int32_t k = 0; k < m->rows; k++) {
        char *place = to + wide * stored_bytes(k, type);
#ifndef __wasm__
        if (type != RNN_FLOAT32) {
            const int32_t is_bfloat16 = type_of_even(type) == RNN_BFLOAT16;
            const uint16_t least = is_bfloat16 ? 0x2600 : 1;
            GROUP(halves, uint16_t, 0x7fff, least)
            if (k % 2 && is_mixed(type)) *(words *)((uint32_t *)place + c - begin) = widened(w, is_bfloat16);
            else *(halves *)((uint16_t *)place + c - begin) = w;
            continue;
        }
#endif
        GROUP(words, uint32_t, 0x7fffffff, 0x26000000)
        *(words *)((uint32_t *)place + c - begin) = w;
    }
}

void rnn_pack(void *to, const void *W, int32_t stride, int32_t rows, int32_t units, int32_t blocks, int32_t type) {
    rnn_matrix *m = to;
    *m = shape(rows, units, blocks, type);
    for (int32_t c = 0; c < m->columns; c += PANEL) pack_group(m, c, W, stride);
}

void rnn_spread(float *to, const float *b, int32_t units, int32_t blocks) {
    uint32_t *bits = (uint32_t *)to;
    for (int32_t i = 0; i < columns_of(units, blocks); i++) bits[i] = 0;
    for (int32_t block = 0; b && block < blocks; block++)
        for (int32_t j = 0; j < units; j++) {
            const uint32_t w = ((const uint32_t *)b)[block * units + j];
            if ((w & 0x7fffffff) >= 0x26000000) bits[place_of(units, blocks, block, j)] = w;
        }
}

/* --- the floating-point control register ------------------------------------------------------------------------------
 *
 * Rounding to nearest is what [arith-1] asks, and another mode may be set where we are called. Flushing of subnormal
 * numbers changes nothing thanks to T, except where halves are widened by a product; it is switched off as well. */

#if defined(__x86_64__)
enum { FLAGS = 0x3f, PLAIN = 0x1f80 }; /* all exceptions masked; what the flags say is not ours to change */
typedef uint32_t control;
FORCED control enter(void) {
    const control before = __builtin_ia32_stmxcsr();
    if ((before & ~(control)FLAGS) != PLAIN) __builtin_ia32_ldmxcsr(PLAIN);
    return before;
}
FORCED void leave(control before) {
    if ((before & ~(control)FLAGS) != PLAIN) __builtin_ia32_ldmxcsr(before);
}
#elif defined(__aarch64__)
typedef uint64_t control;
FORCED control enter(void) {
    control before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    if (before) __asm__ volatile("msr fpcr, %0" : : "r"((control)0) : "memory");
    return before;
}
FORCED void leave(control before) {
    if (before) __asm__ volatile("msr fpcr, %0" : : "r"(before) : "memory");
}
#else /* WebAssembly has none */
typedef int control;
FORCED control enter(void) { return 0; }
FORCED void leave(control before) { (void)before; }
#endif

/* --- levels --------------------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
static const rnn_functions *level;
static int32_t level_number;

#define CPUID(LEAF) __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(LEAF), "c"(0))

/* Both what the processor has and what the operating system saves. */
static int32_t best(void) {
    uint32_t a, b, c, d, low, high;
    CPUID(0);
    const uint32_t leaves = a;
    CPUID(1);
    const uint32_t osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
    if (leaves < 7 || (c & (osxsave | avx | f16c)) != (osxsave | avx | f16c)) return RNN_BASELINE;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    CPUID(7);
    const uint32_t avx2 = 1u << 5, avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* f, dq, bw, vl */
    if (!(b & avx2) || (low & 0x06) != 0x06) return RNN_BASELINE;
    return (b & avx512) == avx512 && (low & 0xe6) == 0xe6 ? RNN_AVX512 : RNN_AVX2;
}

int32_t rnn_choose(int32_t wanted) {
    const int32_t most = best();
    level_number = wanted >= RNN_BASELINE && wanted <= most ? wanted : most;
    level = level_number == RNN_AVX512 ? &rnn_functions_avx512
            : level_number == RNN_AVX2 ? &rnn_functions_avx2
                                       : &rnn_functions_baseline;
    return level_number;
}

FORCED const rnn_functions *functions(void) {
    if (!level) rnn_choose(-1); /* the first call; threads that come at once find the same */
    return level;
}
int32_t rnn_level(void) { return functions(), level_number; }

/* AMD up to Zen 4 widens eight halves in the time of a multiplication and an addition of eight. */
static int32_t widens_slowly(void) {
    uint32_t a, b, c, d;
    CPUID(0);
    const int32_t is_amd = b == 0x68747541 && d == 0x69746e65 && c == 0x444d4163; /* AuthenticAMD */
    CPUID(1);
    return is_amd && (a >> 8 & 0x0f) + (a >> 20 & 0xff) < 0x1a;
}

#elif defined(__aarch64__)
int32_t rnn_choose(int32_t wanted) { (void)wanted; return RNN_NEON; }
int32_t rnn_level(void) { return RNN_NEON; }
FORCED const rnn_functions *functions(void) { return &rnn_functions_neon; }
#else
FORCED const rnn_functions *functions(void) { return &rnn_functions_simd128; }
#endif

#ifndef __wasm__
/* From the first cache the weights come as fast as they are multiplied, so they are widened beforehand. From the second one
 * mixed is fastest; from farther away halves are, where widening is cheap, or there are so many that mixed ones leave the
 * third cache to others. Measured on a Zen 4 (docs/decisions/0006-the-kernel.md); of NEON only that halves are smaller. */
int32_t rnn_storage(int32_t type, int64_t bytes) {
    enum { FIRST = 32 << 10, SECOND = 1 << 20, THIRD = 16 << 20 };
    const int32_t mixed = type == RNN_FLOAT16 ? RNN_MIXED_FLOAT16 : RNN_MIXED_BFLOAT16;
    if (type == RNN_FLOAT32 || bytes <= FIRST) return RNN_FLOAT32;
#if defined(__x86_64__)
    if (rnn_level() == RNN_BASELINE) return RNN_FLOAT32; /* has no instruction for it */
    return bytes <= SECOND || (bytes <= THIRD && widens_slowly()) ? mixed : type;
#else
    return (void)mixed, bytes <= SECOND ? RNN_FLOAT32 : type;
#endif
}
#endif

/* --- the functions of the level in use ------------------------------------------------------------------------------ */

void rnn_products(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride, const void *W,
                  int32_t count) {
    const control before = enter();
    functions()->products(y, start, start_stride, x, x_stride, W, count);
    leave(before);
}

#define BETWEEN(CALL)                                                                                                  \
    const control before = enter();                                                                                    \
    const int32_t finite = functions()->CALL;                                                                          \
    leave(before);                                                                                                     \
    return finite;

int32_t rnn_sweep(int32_t function, float alpha, float beta, float *y, int32_t y_stride, const float *x,
                  int32_t x_stride, int32_t width, int32_t count) {
    BETWEEN(sweep(function, alpha, beta, y, y_stride, x, x_stride, width, count))
}
int32_t rnn_elman(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t rows) {
    BETWEEN(elman(y, h, a, R, steps, rows))
}
int32_t rnn_lstm(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t rows) {
    BETWEEN(lstm(y, h, c, a, R, steps, rows))
}
int32_t rnn_gru_before(float *y, float *h, const float *a, const void *R, const void *Rn, float *u, int32_t steps,
                       int32_t rows) {
    BETWEEN(gru_before(y, h, a, R, Rn, u, steps, rows))
}
int32_t rnn_gru_after(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t rows) {
    BETWEEN(gru_after(y, h, a, R, rb, steps, rows))
}

/* --- a whole net ------------------------------------------------------------------------------------------------------ */

#ifndef __wasm__ /* a call from JavaScript is cheap */

/* Whether the call after a lookup, and no other, reads what it gives: then a single row need not be copied out of the table
 * (4 % of a step of a small GRU). */
static int32_t read_once(const rnn_net *net, int32_t at) {
    const rnn_call *call = &net->calls[at];
    const uintptr_t begin = (uintptr_t)call->y, end = begin + sizeof(float) * (uintptr_t)call->width;
    if (!begin || at + 1 >= net->count || call[1].x != call->y) return 0;
    for (int32_t i = 0; i < net->count; i++) {
        const uintptr_t x = (uintptr_t)net->calls[i].x, start = (uintptr_t)net->calls[i].start;
        if (i != at + 1 && x >= begin && x < end) return 0;
        if (start >= begin && start < end) return 0;
    }
    return 1;
}

static int32_t lookup(float *y, int32_t y_stride, const float *table, int32_t entries, int32_t width, const int32_t *ids,
                      int64_t count) {
    for (int64_t n = 0; n < count; n++, y += y_stride) {
        if (ids[n] < 0 || ids[n] >= entries) return 0;
        const float *entry = table + (int64_t)ids[n] * width;
        for (int32_t j = 0; j < width; j++) y[j] = entry[j];
    }
    return 1;
}

/* `x` and `y` are those of the call, or the net's. */
static int32_t do_call(const rnn_functions *f, const rnn_call *call, const float *x, float *y, int32_t steps, int32_t rows) {
    const int32_t count = steps * rows;
    switch (call->call) {
    case RNN_CALL_LOOKUP:
        return lookup(y, call->y_stride, call->W, call->start_stride, call->width, (const int32_t *)x, count);
    case RNN_CALL_PRODUCTS: f->products(y, call->start, call->start_stride, x, call->x_stride, call->W, count); return 1;
    case RNN_CALL_SWEEP:
        return f->sweep(call->function, call->alpha, call->beta, y, call->y_stride, x, call->x_stride, call->width, count);
    case RNN_CALL_ELMAN: return f->elman(y, call->h, x, call->W, steps, rows);
    case RNN_CALL_LSTM: return f->lstm(y, call->h, call->c, x, call->W, steps, rows);
    case RNN_CALL_GRU_BEFORE: return f->gru_before(y, call->h, x, call->W, call->Rn, call->c, steps, rows);
    case RNN_CALL_GRU_AFTER: return f->gru_after(y, call->h, x, call->W, call->start, steps, rows);
    default: return 0;
    }
}

/* Whether the call after a cell are the products with what it gives, of one row, and may begin before the cell has ended: what
 * they write is none of what it has yet to read. They are rows behind it, so they may write over its own products. */
static int32_t go_together(const rnn_call *cell, const float *a, const rnn_call *after, const float *y, int32_t steps) {
    if ((cell->call != RNN_CALL_LSTM && cell->call != RNN_CALL_GRU_AFTER) || after->call != RNN_CALL_PRODUCTS || !cell->y || after->x != cell->y) return 0;
    const int32_t read = ((const rnn_matrix *)cell->W)->columns, written = ((const rnn_matrix *)after->W)->columns;
    return (y == a && written <= read) || (uintptr_t)(a + read * (intptr_t)steps) <= (uintptr_t)y || (uintptr_t)(y + written * (intptr_t)steps) <= (uintptr_t)a;
}

/* All calls for one block of time steps. A number and an id are both of four bytes. */
static int32_t do_block(const rnn_functions *f, const rnn_net *net, const float *input, float *output, int32_t steps) {
    const float *entry = 0; /* what the call reads in place of its x */
    for (int32_t i = 0; i < net->count; i++) {
        const rnn_call *call = &net->calls[i];
        const float *x = entry ? entry : call->x ? call->x : input;
        entry = 0;
        if (call->call == RNN_CALL_LOOKUP && steps * net->rows == 1 && read_once(net, i)) {
            const int32_t id = *(const int32_t *)x;
            if (id < 0 || id >= call->start_stride) return 0;
            entry = (const float *)call->W + (int64_t)id * call->width;
            continue;
        }
        if (f->cell_and_products && net->rows == 1 && i + 1 < net->count) {
            float *y = call[1].y ? call[1].y : output;
            const int32_t fine = go_together(call, x, call + 1, y, steps) ? f->cell_and_products(call, x, call + 1, y, steps) : -1;
            if (fine == 0) return 0;
            i += fine > 0;
            if (fine > 0) continue;
        }
        if (!do_call(f, call, x, call->y ? call->y : output, steps, net->rows)) {
            return 0;
        }
    }
    return 1;
}

int32_t rnn_run(const rnn_net *net, const void *input, float *output, int64_t steps) {
    const control before = enter();
    const rnn_functions *f = functions();
    const int64_t row_in = (int64_t)net->rows * net->input_width, row_out = (int64_t)net->rows * net->output_width;
    int32_t fine = 1;
    for (int64_t i = 0; i < net->state_size; i++) net->backup[i] = net->state[i];
    for (int64_t t = 0; fine && t < steps; t += net->steps) {
        const int32_t now = steps - t < net->steps ? (int32_t)(steps - t) : net->steps;
        fine = do_block(f, net, (const float *)input + t * row_in, output + t * row_out, now);
    }
    if (!fine)
        for (int64_t i = 0; i < net->state_size; i++) net->state[i] = net->backup[i];
    leave(before);
    return fine;
}

int32_t rnn_version(void) { return RNN_VERSION; }

int32_t rnn_do(const rnn_job *job) { return rnn_run(job->net, job->input, job->output, job->steps); }

#endif
