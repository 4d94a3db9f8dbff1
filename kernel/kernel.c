/* The arithmetic of one level: products, sweeps and cells (SPEC.md 12 and 13). library.c has what exists once.
 *
 * build.py compiles this file once per level; the level shows in the vectors alone. Every operation is an operation of
 * whole vectors, lane by lane, so the bits are those of the scalar text of SPEC.md: nothing is fused
 * (-ffp-contract=off) and nothing reordered, because the lanes are outputs that do not touch each other ([chain-2]).
 */
#include "level.h"

/* What a level is: how many accumulators its registers hold while others wait for their operands. A tile of one row has up
 * to ONE_BLOCKS groups of outputs, of ONE_PANELS panels; one of MANY_ROWS rows has up to MANY_BLOCKS, and one of MOST_ROWS
 * as many accumulators: it reads a weight more seldom. */
#if defined(__AVX512F__) /* 32 registers of one group */
#define LEVEL rnn_functions_avx512
enum { ONE_BLOCKS = 7, ONE_PANELS = 2, MANY_BLOCKS = 4, MANY_ROWS = 4, MOST_ROWS = 8 };
#elif defined(__AVX2__) /* 16 registers of half a group */
#define LEVEL rnn_functions_avx2
enum { ONE_BLOCKS = 4, ONE_PANELS = 1, MANY_BLOCKS = 2, MANY_ROWS = 2, MOST_ROWS = 2 };
#elif defined(__wasm__) /* about 16 registers of one group, which is smaller there: simd128.h */
#define LEVEL rnn_functions_simd128
#elif defined(__aarch64__) /* 32 registers of a quarter of a group */
#define LEVEL rnn_functions_neon
enum { ONE_BLOCKS = 4, ONE_PANELS = 1, MANY_BLOCKS = 1, MANY_ROWS = 4, MOST_ROWS = 4 };
#else /* 16 registers of a quarter of a group */
#define LEVEL rnn_functions_baseline
enum { ONE_BLOCKS = 2, ONE_PANELS = 1, MANY_BLOCKS = 1, MANY_ROWS = 2, MOST_ROWS = 2 };
#endif

/* A group is PANEL outputs side by side, whatever the registers are: the compiler splits it into as many as it needs. Where
 * it needs two, the operations of the halves come one after the other, which hides what each waits for (a tenth of
 * the time of a small net on AVX2, against vectors of eight). */
typedef float group __attribute__((vector_size(4 * PANEL)));
typedef float loose_group __attribute__((vector_size(4 * PANEL), aligned(4), may_alias));
typedef int32_t bits __attribute__((vector_size(4 * PANEL)));
typedef uint16_t halves __attribute__((vector_size(2 * PANEL), may_alias));

FORCED group load(const float *x) { return *(const loose_group *)x; }
FORCED void store(float *y, group v) { *(loose_group *)y = v; }
FORCED group splat(float v) { return v - (group){0}; }
FORCED group select(bits condition, group a, group b) { return (group)((condition & (bits)a) | (~condition & (bits)b)); }
#ifdef __clang__ /* GCC has not got the builtin; the bits are the same */
FORCED group magnitude(group v) { return __builtin_elementwise_abs(v); }
#else
FORCED group magnitude(group v) { return (group)((bits)v & 0x7fffffff); }
#endif

/* --- functions: SPEC.md 12.2, 12.5, 12.6 -------------------------------------------------------------------------- */

/* Part of every loop that uses them; in WebAssembly, where bytes are dearer than calls, each stands there once. */
#ifdef __wasm__
#define ONCE static __attribute__((noinline))
#else
#define ONCE FORCED
#endif

/* T */
#ifdef __wasm__ /* a comparison of integers takes three operations there */
FORCED group tiny(group v) { return (group)((bits)v & ~(magnitude(v) < 0x1p-51f)); }
#else
FORCED group tiny(group v) { return (group)((bits)v & (((bits)v & 0x7fffffff) >= 0x26000000)); }
#endif
/* T of what is not negative: the magnitude need not be taken. A comparison with NaN is false, so NaN stays. */
FORCED group tiny_positive(group v) { return (group)((bits)v & ~(v < 0x1p-51f)); }

/* n comes back as the sum with MAGIC: its bits are 0x4b400000 + n, and 2^n is made of them without a conversion. */
FORCED group reduced(group v, group *shifted) {
    const group magic = splat(0x1.8p23f);
    *shifted = (v * 0x1.715476p+0f) + magic;
    group n = *shifted - magic;
    return (v - (n * 0x1.62e4p-1f)) - (n * 0x1.7f7d1cp-20f);
}
FORCED group polynomial(group r) {
    group q = ((((((((0x1.6816e8p-10f * r) + 0x1.125bcap-7f) * r) + 0x1.555c9ep-5f) * r) + 0x1.55544cp-3f) * r) + 0x1.fffff4p-2f);
    return r + ((r * r) * q);
}
FORCED group bounded(group v, float most) {
    group a = select(v < -64.0f, splat(-64.0f), v);
    return select(a > most, splat(most), a);
}

/* From what core gives. */
FORCED group exponential_end(group shifted, group u) {
    group y = (1.0f + u) * (group)(((bits)shifted + 126) << 23);
    return tiny(y + y);
}
FORCED group logistic_end(group shifted, group u) {
    group w = (group)((0x4b400000 + 127 - (bits)shifted) << 23);
    group big = select(w < 1.0f, splat(1.0f), w);
    group small = select(w < 1.0f, w, splat(1.0f));
    return w / (big + (small + u));
}
/* g is the logistic of a + a. */
FORCED group tangent_end(group x, group g) {
    group a = magnitude(x);
    group z = a * a;
    group p = ((((((((-0x1.758ca0p-8f * z) + 0x1.521152p-6f) * z) + -0x1.b83898p-5f) * z) + 0x1.110704p-3f) * z) + -0x1.555532p-2f);
    group low = a + (a * (p * z));
    group high = 1.0f - (g + g);
    group y = select(a < 0.625f, low, high);
    group with_sign = (group)((bits)y | ((bits)x & (int32_t)0x80000000));
    return (group)((bits)with_sign & ~(y < 0x1p-51f)); /* T */
}

#ifdef __wasm__
/* A group alone is one long chain of operations that wait for each other, and of such a processor overlaps two. So these
 * are of many groups, in loops with short chains, and what is between waits in memory. */
enum { MOST_UNITS = 64, MOST = 4 * MOST_UNITS * 4 }; /* rows, units of each, blocks */
static float exponents[MOST]; /* n, shifted */

static __attribute__((noinline)) void cores(float *v, int32_t end, float most) {
    for (int32_t at = 0; at < end; at += PANEL) {
        group shifted;
        store(v + at, reduced(bounded(load(v + at), most), &shifted));
        store(exponents + at, shifted);
    }
    for (int32_t at = 0; at < end; at += PANEL) store(v + at, polynomial(load(v + at)));
}

static __attribute__((noinline)) void exponentials(float *x, int32_t end) {
    cores(x, end, 89.0f);
    for (int32_t at = 0; at < end; at += PANEL) store(x + at, exponential_end(load(exponents + at), load(x + at)));
}
FORCED group exponential(group x) {
    float one[PANEL];
    store(one, x);
    exponentials(one, PANEL);
    return load(one);
}

static __attribute__((noinline)) void logistics(float *s, int32_t end) {
    cores(s, end, 64.0f);
    for (int32_t at = 0; at < end; at += PANEL)
        store(s + at, tiny_positive(logistic_end(load(exponents + at), load(s + at))));
}
/* tangent_end makes tanh of what logistics makes of this. T of g changes nothing: 1 - (g + g) is 1. */
FORCED group tangent_begin(group x) { return magnitude(x) + magnitude(x); }

/* `to` may not be x. */
static __attribute__((noinline)) void sigmoids(float *to, const float *x, int32_t end) {
    for (int32_t at = 0; at < end; at += PANEL) store(to + at, -load(x + at));
    logistics(to, end);
}
static __attribute__((noinline)) void tangents(float *to, const float *x, int32_t end) {
    for (int32_t at = 0; at < end; at += PANEL) store(to + at, tangent_begin(load(x + at)));
    logistics(to, end);
    for (int32_t at = 0; at < end; at += PANEL) store(to + at, tangent_end(load(x + at), load(to + at)));
}
FORCED group tangent(group x) {
    float one[2 * PANEL];
    store(one, x);
    tangents(one + PANEL, one, PANEL);
    return load(one + PANEL);
}
#else
FORCED void core(group v, group *shifted, group *u) { *u = polynomial(reduced(v, shifted)); }

FORCED group exponential(group x) {
    group shifted, u;
    core(bounded(x, 89.0f), &shifted, &u);
    return exponential_end(shifted, u);
}
FORCED void exponentials(float *x, int32_t end) {
    for (int32_t at = 0; at < end; at += PANEL) store(x + at, exponential(load(x + at)));
}

FORCED group sigmoid(group x) {
    group shifted, u;
    core(bounded(-x, 64.0f), &shifted, &u);
    return tiny_positive(logistic_end(shifted, u));
}

/* logistic(s) of s >= 0 or NaN: the lower bound is none, and w <= 1, so that big = 1 and small = w. */
FORCED group logistic_of_positive(group s) {
    group v = select(s > 64.0f, splat(64.0f), s), shifted, u;
    core(v, &shifted, &u);
    group w = (group)((0x4b400000 + 127 - (bits)shifted) << 23);
    return w / (1.0f + (w + u));
}

FORCED group tangent(group x) {
    group a = magnitude(x);
    return tangent_end(x, logistic_of_positive(a + a));
}
#endif

ONCE group logarithm(group x) {
    x = tiny(x);
    bits above = (bits)x - 0x3f3504f3; /* the bits above those of ROOT: k in the exponent's place, and the rest */
    group k = __builtin_convertvector(above >> 23, group);
    group f = (group)((above & 0x007fffff) + 0x3f3504f3) - 1.0f;
    group z = f * f;
    group p = ((((((((((((((((0x1.144db0p-4f * f) + -0x1.e31f50p-4f) * f) + 0x1.e9ca02p-4f) * f) + -0x1.fb732ep-4f) * f) +
                    0x1.22f33cp-3f) * f) + -0x1.555f44p-3f) * f) + 0x1.99a8c0p-3f) * f) + -0x1.000006p-2f) * f) + 0x1.55553ep-2f);
    group i = ((f * z) * p) + (k * 0x1.7f7d1cp-20f);
    group j = i - (0.5f * z);
    group y = tiny((f + j) + (k * 0x1.62e4p-1f));
    const group infinity = splat(__builtin_inff()), nan = splat(__builtin_nanf(""));
    y = select(x < infinity, y, x); /* +infinity and NaN */
    y = select((bits)x == 0, -infinity, y);
    return select(x < 0.0f, nan, y);
}

FORCED group activation(int32_t function, group x, group alpha, group beta) {
    const group zero = splat(0.0f), one = splat(1.0f);
    switch (function) {
    case RNN_SCALED_TANH: return tiny(alpha * tangent(beta * x));
#ifndef __wasm__
    case RNN_TANH: return tangent(x);
    case RNN_SIGMOID: return sigmoid(x);
#endif
    case RNN_RELU: return tiny(select(x < 0.0f, zero, x));
    case RNN_LEAKY_RELU: return tiny(select(x < 0.0f, alpha * x, x));
    case RNN_ELU: return tiny(select(x < 0.0f, alpha * (exponential(x) - one), x));
    case RNN_SOFTPLUS: return tiny(select(x < 0.0f, zero, x) + logarithm(one + exponential(-magnitude(x))));
    case RNN_SOFTSIGN: return tiny(x / (one + magnitude(x)));
    case RNN_HARD_SIGMOID: {
        group a = (alpha * x) + beta;
        group l = select(a < 0.0f, zero, a);
        return tiny(select(one < l, one, l));
    }
    case RNN_HARD_TANH: {
        group l = select(x < -1.0f, -one, x);
        return tiny(select(one < l, one, l));
    }
    case RNN_THRESHOLDED_RELU: return tiny(select(x <= alpha, zero, x));
    default: return tiny(x);
    }
}

/* Whether all numbers seen are finite: x - x is 0 for those, NaN for the others, and NaN stays in a sum. */
FORCED group look(group seen, group v) { return seen + (v - v); }
ONCE int32_t all_finite(group seen) {
    int32_t finite = 1;
    for (int i = 0; i < PANEL; i++) finite &= seen[i] == seen[i];
    return finite;
}

ONCE void copy(float *to, const float *from, intptr_t count) { /* count is a multiple of PANEL */
    for (intptr_t i = 0; i < count; i += PANEL) store(to + i, load(from + i));
}

#ifdef __wasm__
ONCE group look_at(const float *x, int32_t count, group seen) {
    for (int32_t i = 0; i < count; i += PANEL) seen = look(seen, load(x + i));
    return seen;
}
#endif

/* --- sweeps --------------------------------------------------------------------------------------------------------- */

enum { SUMS = 16, CHUNK = SUMS }; /* [sum-1] has sixteen sums; a chunk is what goes at once */

/* A chunk of x: in place, or the last elements copied and padded. */
ONCE const float *chunk(const float *x, int32_t there, float pad, float *room) {
    if (there >= CHUNK) return x;
    for (int i = 0; i < CHUNK; i++) room[i] = i < there ? x[i] : pad;
    return room;
}
ONCE void give_back(float *y, int32_t there, const float *room) {
    if (there < CHUNK)
        for (int i = 0; i < there; i++) y[i] = room[i];
}

/* The padding is 0, and what the functions give for it is finite. */
#ifdef __wasm__
FORCED group sweep_row(int32_t function, group alpha, group beta, float *y, const float *x, int32_t width, group seen) {
    enum { AT_ONCE = 16 * CHUNK };
    float room[CHUNK], given[AT_ONCE]; /* y may be x */
    for (int32_t k = 0, size; k < width; k += size) {
        const int32_t left = width - k;
        const float *from = chunk(x + k, left, 0.0f, room);
        float *to = left >= CHUNK ? y + k : room;
        size = left < CHUNK ? padded(left) : left < AT_ONCE ? left / CHUNK * CHUNK : AT_ONCE;
        if (function == RNN_TANH || function == RNN_SIGMOID) {
            copy(given, from, size);
            if (function == RNN_TANH) tangents(to, given, size);
            else sigmoids(to, given, size);
        } else {
            for (int32_t i = 0; i < size; i += PANEL) store(to + i, activation(function, load(from + i), alpha, beta));
        }
        seen = look_at(to, size, seen);
        give_back(y + k, left, room);
    }
    return seen;
}
#else
FORCED group sweep_row(int32_t function, group alpha, group beta, float *y, const float *x, int32_t width, group seen) {
    float room[CHUNK];
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(x + k, width - k, 0.0f, room);
        float *to = width - k >= CHUNK ? y + k : room;
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group v = activation(function, load(from + i), alpha, beta);
            seen = look(seen, v);
            store(to + i, v);
        }
        give_back(y + k, width - k, room);
    }
    return seen;
}
#endif

/* Folds the halves of sixteen onto each other until one is left. */
ONCE float folded(float *sixteen, int maximum) {
    for (int half = SUMS / 2; half > 0; half /= 2)
        if (half % PANEL == 0)
            for (int i = 0; i < half; i += PANEL) {
                const group a = load(sixteen + i), b = load(sixteen + i + half);
                store(sixteen + i, maximum ? select(a < b, b, a) : a + b);
            }
        else
            for (int i = 0; i < half; i++) {
                const float a = sixteen[i], b = sixteen[i + half];
                sixteen[i] = !maximum ? a + b : a < b ? b : a;
            }
    return sixteen[0];
}

/* [softmax-1], [log-softmax-1]. The maximum does not depend on its order: with a NaN anywhere every result is NaN. */
FORCED group softmax_row(int32_t function, float *y, const float *x, int32_t width, group seen) {
    float room[CHUNK], e[CHUNK], sixteen[SUMS];
    for (int i = 0; i < SUMS; i++) sixteen[i] = x[0];
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(x + k, width - k, x[0], room);
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group a = load(sixteen + i), b = load(from + i);
            store(sixteen + i, select(a < b, b, a));
        }
    }
    const group m = splat(folded(sixteen, 1));
    for (int i = 0; i < SUMS; i++) sixteen[i] = 0.0f;
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(x + k, width - k, -__builtin_inff(), room); /* exp gives +0, which adds nothing */
        float *to = width - k >= CHUNK ? y + k : room;
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group d = load(from + i) - m;
            store(e + i, d);
            store(to + i, d);
        }
        exponentials(e, CHUNK);
        if (function == RNN_SOFTMAX) copy(to, e, CHUNK);
        for (int i = 0; i < CHUNK; i += PANEL) store(sixteen + i, load(sixteen + i) + load(e + i));
        give_back(y + k, width - k, room);
    }
    const group s = splat(folded(sixteen, 0)), log_s = function == RNN_SOFTMAX ? s : logarithm(s);
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(y + k, width - k, 0.0f, room);
        float *to = width - k >= CHUNK ? y + k : room;
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group v = load(from + i), result = tiny(function == RNN_SOFTMAX ? v / s : v - log_s);
            seen = look(seen, result);
            store(to + i, result);
        }
        give_back(y + k, width - k, room);
    }
    return seen;
}

static int32_t sweep(int32_t function, float alpha, float beta, float *y, int32_t y_stride, const float *x,
                     int32_t x_stride, int32_t width, int32_t count) {
    group seen = splat(0.0f);
    if (function < RNN_SOFTMAX && x_stride == width && y_stride == width) { /* rows without gaps are one row */
        width *= count;
        count = 1;
    }
    for (int32_t n = 0; n < count; n++, x += x_stride, y += y_stride) {
        if (function < RNN_SOFTMAX) seen = sweep_row(function, splat(alpha), splat(beta), y, x, width, seen);
        else seen = softmax_row(function, y, x, width, seen);
    }
    return all_finite(seen);
}

#ifdef __wasm__
#include "simd128.h"
#else

/* --- products: SPEC.md 12.3 ------------------------------------------------------------------------------------------ */

/* A group of weights, widened to binary32 in the register, which is exact. */
FORCED group weights(int32_t type, const void *W, intptr_t at) {
    if (type == RNN_FLOAT32) return *(const group *)((const float *)W + at);
    halves stored = *(const halves *)((const uint16_t *)W + at);
    if (type == RNN_BFLOAT16) return (group)(__builtin_convertvector(stored, bits) << 16);
#if defined(__F16C__) || defined(__aarch64__)
    typedef _Float16 half_group __attribute__((vector_size(2 * PANEL)));
    return __builtin_convertvector((half_group)stored, group);
#else
    /* Exponent and fraction in their places, 112 too low: the product with 2^112 is exact, also for what was subnormal. */
    bits wide = __builtin_convertvector(stored, bits);
    group value = (group)((wide & 0x7fff) << 13) * 0x1p112f;
    return (group)((bits)value | ((wide & 0x8000) << 16));
#endif
}

/* What a tile needs to know; `wide` is what its panels have in a row. */
#define PRODUCTS                                                                                                       \
    float *y, int32_t y_stride, const float *start, int32_t start_stride, const float *x, int32_t x_stride,            \
        const void *W, int32_t depth, int32_t wide

/* AVX-512 multiplies by a number in memory, repeated for all lanes, as fast as by a register. A compiler that knows that the
 * next group needs the same numbers loads each into a register first, which takes a quarter longer with several rows. */
#ifdef __AVX512F__
#define FORGET(POINTER) __asm__("" : "+r"(POINTER))
#else
#define FORGET(POINTER)
#endif

/* A tile: `blocks` groups of each of `panels` panels, for `rows` rows, all accumulators in registers over the whole of k.
 * The counts are constants where it is called, so that the loops over them vanish. */
FORCED void tile(int32_t type, int blocks, int panels, int rows, PRODUCTS) {
    group a[MOST_ROWS][ONE_PANELS][ONE_BLOCKS > MANY_BLOCKS ? ONE_BLOCKS : MANY_BLOCKS];
#define EACH(I, COUNT) _Pragma("clang loop unroll(full)") for (int I = 0; I < COUNT; I++)
    EACH(n, rows) EACH(p, panels) EACH(v, blocks) a[n][p][v] = load(start + n * (intptr_t)start_stride + p * wide + v * PANEL);
#define STEP                                                                                                           \
    for (int32_t k = 0; k < depth; k++) {                                                                              \
        const float *now = x + k;                                                                                      \
        EACH(p, panels) EACH(v, blocks) {                                                                              \
            const group w = weights(type, W, ((intptr_t)p * depth + k) * wide + v * PANEL);                            \
            if (rows > 1) FORGET(now);                                                                                 \
            EACH(n, rows) a[n][p][v] = a[n][p][v] + (now[n * (intptr_t)x_stride] * w);                                 \
        }                                                                                                              \
    }
    if (rows > 1) { /* has so much for each k that several at once gain nothing, and weigh 26 kB */
#pragma clang loop unroll(disable)
        STEP
    } else {
#pragma clang loop unroll_count(4)
        STEP
    }
    EACH(n, rows) EACH(p, panels) EACH(v, blocks) store(y + n * (intptr_t)y_stride + p * wide + v * PANEL, a[n][p][v]);
}

/* The same for one row from halves, in vectors of eight: AVX-512 widens sixteen at once more slowly than twice eight. */
#ifdef __AVX512F__
#define IN_EIGHTS(TYPE, ROWS) ((TYPE) != RNN_FLOAT32 && (ROWS) == 1)
FORCED void tile_of_eights(int32_t type, int blocks, int panels, PRODUCTS) {
    typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
    typedef int32_t eight_bits __attribute__((vector_size(32)));
    typedef uint16_t eight_halves __attribute__((vector_size(16), may_alias));
    typedef _Float16 eight_float16 __attribute__((vector_size(16)));
    eight a[ONE_PANELS][2 * ONE_BLOCKS];
    EACH(p, panels) EACH(v, 2 * blocks) a[p][v] = *(const eight *)(start + p * wide + v * 8);
#pragma clang loop unroll_count(4)
    for (int32_t k = 0; k < depth; k++)
        EACH(p, panels) EACH(v, 2 * blocks) {
            const eight_halves stored = *(const eight_halves *)((const uint16_t *)W + ((intptr_t)p * depth + k) * wide + v * 8);
            const eight w = type == RNN_FLOAT16 ? __builtin_convertvector((eight_float16)stored, eight)
                                                : (eight)(__builtin_convertvector(stored, eight_bits) << 16);
            a[p][v] = a[p][v] + (x[k] * w);
        }
    EACH(p, panels) EACH(v, 2 * blocks) *(eight *)(y + p * wide + v * 8) = a[p][v];
    (void)y_stride, (void)start_stride, (void)x_stride;
}
#else
#define IN_EIGHTS(TYPE, ROWS) 0
#define tile_of_eights(...)
#endif

/* The tiles that there are. Whole panels have 2 to 4 blocks; single ones, or parts of them, up to 7. */
enum { MOST_BLOCKS = MANY_BLOCKS * MANY_ROWS / MOST_ROWS };
FORCED void tiles(int32_t type, int32_t blocks, int32_t panels, int32_t rows, PRODUCTS) {
#define TILE(BLOCKS, MOST, PANELS, ROWS)                                                                               \
    case BLOCKS:                                                                                                       \
        if (BLOCKS > MOST) break;                                                                                      \
        if (IN_EIGHTS(type, ROWS)) tile_of_eights(type, BLOCKS, PANELS, y, y_stride, start, start_stride, x, x_stride, W, depth, wide); \
        else tile(type, BLOCKS, PANELS, ROWS, y, y_stride, start, start_stride, x, x_stride, W, depth, wide);          \
        break;
    if (rows > MANY_ROWS) {
        switch (blocks) {
            TILE(1, MOST_BLOCKS, 1, MOST_ROWS)
            TILE(2, MOST_BLOCKS, 1, MOST_ROWS)
        }
    } else if (rows > 1) {
        switch (blocks) {
            TILE(1, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(2, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(3, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(4, MANY_BLOCKS, 1, MANY_ROWS)
        }
    } else if (ONE_PANELS > 1 && panels > 1) {
        switch (blocks) {
            TILE(2, ONE_BLOCKS, ONE_PANELS, 1)
            TILE(3, ONE_BLOCKS, ONE_PANELS, 1)
            TILE(4, ONE_BLOCKS, ONE_PANELS, 1)
        }
    } else {
        switch (blocks) {
            TILE(1, ONE_BLOCKS, 1, 1)
            TILE(2, ONE_BLOCKS, 1, 1)
            TILE(3, ONE_BLOCKS, 1, 1)
            TILE(4, ONE_BLOCKS, 1, 1)
            TILE(5, ONE_BLOCKS, 1, 1)
            TILE(6, ONE_BLOCKS, 1, 1)
            TILE(7, ONE_BLOCKS, 1, 1)
        }
    }
}

#define TILES(NAME, TYPE)                                                                                              \
    static __attribute__((noinline)) void NAME(int32_t blocks, int32_t panels, int32_t rows, PRODUCTS) {               \
        tiles(TYPE, blocks, panels, rows, y, y_stride, start, start_stride, x, x_stride, W, depth, wide);              \
    }
TILES(tiles_float32, RNN_FLOAT32)
TILES(tiles_float16, RNN_FLOAT16)
TILES(tiles_bfloat16, RNN_BFLOAT16)

/* How many rows, or panels, go at once where as many are left. Of a matrix with no more than ALL_PANELS a cell has all
 * products first, so that the processor has the functions of all units side by side, and what each waits for is hidden.
 * In a larger one they hide behind the weights of the next panels, which come from farther away. */
enum { ALL_PANELS = 4 };
FORCED int32_t rows_at_once(int32_t rows) { return rows >= MOST_ROWS ? MOST_ROWS : rows >= MANY_ROWS ? MANY_ROWS : 1; }
FORCED int32_t panels_at_once(const rnn_matrix *m, int32_t panel, int32_t rows) {
    if (rows >= MANY_ROWS) return 1;
    if (m->panels <= ALL_PANELS) return m->panels;
    return m->panels - m->odd - panel >= ONE_PANELS ? ONE_PANELS : 1;
}

/* Products of `panels` panels from `panel` on, for `rows` rows: what the two above say. y and start are at the first
 * column of the first panel. A panel with more blocks than a tile can have is cut into even parts. */
static __attribute__((noinline)) void products_of(const rnn_matrix *m, int32_t panel, int32_t panels, int32_t rows, float *y, int32_t y_stride,
                        const float *start, int32_t start_stride, const float *x, int32_t x_stride) {
    const int32_t size = m->type == RNN_FLOAT32 ? 4 : 2, most = rows > MANY_ROWS ? MOST_BLOCKS : rows > 1 ? MANY_BLOCKS : ONE_BLOCKS, end = panel + panels;
    const int32_t odd = end == m->panels && m->odd; /* the last one goes alone */
    for (int32_t together; panel < end; panel += together) {
        const int32_t first = panel * m->wide, wide = panel == m->panels - 1 ? m->columns - first : m->wide;
        const char *W = (const char *)(m + 1) + (intptr_t)first * m->rows * size;
        together = rows == 1 && end - odd - panel >= ONE_PANELS ? ONE_PANELS : 1;
        for (int32_t left = wide / PANEL, parts = (left + most - 1) / most; left > 0; parts--) {
            const int32_t blocks = (left + parts - 1) / parts;
            (m->type == RNN_FLOAT32   ? tiles_float32
             : m->type == RNN_FLOAT16 ? tiles_float16
                                      : tiles_bfloat16)(blocks, together, rows, y, y_stride, start, start_stride, x, x_stride, W, m->rows, wide);
            left -= blocks;
            y += blocks * PANEL;
            start += blocks * PANEL;
            W += (intptr_t)blocks * PANEL * size;
        }
        y += (together - 1) * wide;
        start += (together - 1) * wide;
    }
}

/* Walks the panels of a matrix and the rows of a batch, tile by tile; inside, `panel`, `panels`, `row` and `rows` say
 * which. Panels outside: a panel is read from memory once for all rows. */
#define FOR_TILES(M, COUNT)                                                                                            \
    for (int32_t panel = 0, panels; panel < (M)->panels && (panels = panels_at_once(M, panel, COUNT)); panel += panels) \
        for (int32_t row = 0, rows; row < (COUNT) && (rows = panels > 1 ? 1 : rows_at_once((COUNT) - row)); row += rows)

static void products(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride, const void *W,
                     int32_t count) {
    const rnn_matrix *m = W;
    FOR_TILES(m, count)
        products_of(m, panel, panels, rows, y + row * (intptr_t)m->columns + panel * m->wide, m->columns,
                    start + row * (intptr_t)start_stride + panel * m->wide, start_stride, x + row * (intptr_t)x_stride, x_stride);
}

/* --- cells: SPEC.md 13.3 to 13.5 --------------------------------------------------------------------------------------- */

/* The sums of a tile wait here, in the first level of the cache, for the elementwise part, which follows at once. A load of
 * the last block of a narrow panel reads a little behind it. */
enum { ROOM = ((MOST_ROWS > ALL_PANELS ? MOST_ROWS : ALL_PANELS) * 7 + 1) * PANEL };

/* The items of a tile are its rows, or its panels: groups of units. Inside, an item stands at `sums + at`, at `unit` in
 * rows of h, and at `from` in rows of a; its blocks are `block` apart. A cell walks them twice: what waits for the first
 * functions of an item is not between it and the next one, of which the processor sees more at a time so (a tenth of a
 * small net's time). */
#define FOR_ITEMS(M, UNITS, COLUMNS, BLOCKS)                                                                           \
    for (intptr_t item = 0, at = 0, block = block_of(M, panel), unit = row * (intptr_t)(UNITS) + panel * PANEL,        \
                  from = row * (intptr_t)(COLUMNS) + panel * (intptr_t)((BLOCKS) * PANEL);                             \
         item < rows * panels; item++, at += (M)->wide, block = block_of(M, rows > 1 ? panel : panel + item),          \
                  unit += rows > 1 ? (UNITS) : PANEL, from += rows > 1 ? (COLUMNS) : (BLOCKS) * PANEL)
FORCED intptr_t block_of(const rnn_matrix *m, intptr_t panel) { return panel == m->narrow ? NARROW : PANEL; }

/* A group of a narrow panel has behind its own what follows in memory: +0 in its place. */
FORCED group own(group v, intptr_t block) {
    const bits place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return (group)((bits)v & (place < (int32_t)block));
}

static int32_t elman(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t rows) {
    const rnn_matrix *m = R;
    const intptr_t size = (intptr_t)rows * m->columns;
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++, before = y, y += size, a += size) {
        products(y, a, m->columns, before, m->columns, R, rows);
        for (intptr_t i = 0; i < size; i += PANEL) {
            const group now = tangent(load(y + i));
            seen = look(seen, now);
            store(y + i, now);
        }
    }
    copy(h, before, before == h ? 0 : size);
    return all_finite(seen);
}

static int32_t lstm(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t count) {
    const rnn_matrix *m = R;
    const int32_t units = padded(m->units), columns = m->columns;
    float sums[ROOM];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_TILES(m, count) {
            products_of(m, panel, panels, rows, sums, panels * m->wide, a + row * (intptr_t)columns + panel * m->wide, columns,
                        before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 4) {
                const float *sum = sums + at;
                const group i = sigmoid(load(sum)), f = sigmoid(load(sum + block));
                const group g = tangent(load(sum + 2 * block)), o = sigmoid(load(sum + 3 * block));
                const group now = own(tiny((f * load(c + unit)) + (i * g)), block);
                seen = look(seen, now);
                store(c + unit, now);
                store(y + unit, o);
                (void)from;
            }
            FOR_ITEMS(m, units, columns, 4) {
                const group out = own(tiny(load(y + unit) * tangent(load(c + unit))), block);
                seen = look(seen, out);
                store(y + unit, out);
                (void)at, (void)from;
            }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}

/* [gru-4] */
FORCED group between(group z, group n, group h) { return tiny(((1.0f - z) * n) + (z * h)); }

static int32_t gru_before(float *y, float *h, const float *a, const void *R, const void *Rn, float *u, int32_t steps,
                          int32_t count) {
    const rnn_matrix *m = R, *mn = Rn;
    const int32_t units = mn->columns, columns = columns_of(m->units, 3);
    float sums[ROOM];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_TILES(m, count) { /* r and z; z waits in y */
            FOR_ITEMS(m, units, columns, 3) {
                store(sums + at, load(a + from));
                store(sums + at + block, load(a + from + block));
            }
            products_of(m, panel, panels, rows, sums, panels * m->wide, sums, panels * m->wide, before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 3) {
                const group reset = own(tiny(sigmoid(load(sums + at)) * load(before + unit)), block);
                seen = look(seen, reset);
                store(u + unit, reset);
                store(y + unit, own(sigmoid(load(sums + at + block)), block));
            }
        }
        FOR_TILES(mn, count) { /* n has one block: a panel of it is several groups of units */
            const int32_t first = panel * mn->wide, end = panel + panels == mn->panels ? units : first + panels * mn->wide;
            for (int32_t n = row; n < row + rows; n++)
                for (int32_t j = first; j < end; j += PANEL)
                    copy(sums + (n - row) * (end - first) + j - first, a + n * (intptr_t)columns + j * 3 + 2 * block_of(m, j / PANEL), PANEL);
            products_of(mn, panel, panels, rows, sums, end - first, sums, end - first, u + row * (intptr_t)units, units);
            for (int32_t n = row; n < row + rows; n++)
                for (int32_t j = first; j < end; j += PANEL) {
                    const intptr_t at = n * (intptr_t)units + j;
                    const group candidate = tangent(load(sums + (n - row) * (end - first) + j - first));
                    const group now = between(load(y + at), candidate, load(before + at));
                    seen = look(seen, now);
                    store(y + at, now);
                }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}

static int32_t gru_after(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t count) {
    const rnn_matrix *m = R;
    const int32_t units = padded(m->units), columns = m->columns;
    float sums[ROOM];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_TILES(m, count) {
            FOR_ITEMS(m, units, columns, 3) {
                const intptr_t place = from % columns;
                store(sums + at, load(a + from));
                store(sums + at + block, load(a + from + block));
                store(sums + at + 2 * block, load(rb + place + 2 * block)); /* d */
            }
            products_of(m, panel, panels, rows, sums, panels * m->wide, sums, panels * m->wide, before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 3) {
                const group r = sigmoid(load(sums + at)), z = sigmoid(load(sums + at + block));
                const group d = load(sums + at + 2 * block), p = load(a + from + 2 * block);
                store(sums + at, p + tiny(r * d));
                store(sums + at + block, z);
                (void)unit;
            }
            FOR_ITEMS(m, units, columns, 3) {
                const group n = tangent(load(sums + at)), z = load(sums + at + block);
                const group now = own(between(z, n, load(before + unit)), block);
                (void)from;
                seen = look(seen, now);
                store(y + unit, now);
            }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}

#endif

const rnn_functions LEVEL = {products, sweep, elman, lstm, gru_before, gru_after};
