/* Vectors of a level, and on them the functions of SPEC.md 12.2, 12.5 and 12.6. */

/* A group is PANEL outputs side by side, whatever the registers are: the compiler splits it into as many as it needs. Where
 * it needs two, the operations of the halves come one after the other, which hides what each waits for (a tenth of
 * the time of a small net on AVX2, against vectors of eight). */
typedef float group __attribute__((vector_size(4 * PANEL)));
typedef float loose_group __attribute__((vector_size(4 * PANEL), aligned(4), may_alias));
typedef int32_t bits __attribute__((vector_size(4 * PANEL)));
typedef uint16_t halves __attribute__((vector_size(2 * PANEL), may_alias));

#ifndef __wasm__
static const bits PLACE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif

FORCED group load(const float *x) { return *(const loose_group *)x; }
FORCED void store(float *y, group v) { *(loose_group *)y = v; }
FORCED group splat(float v) { return v - (group){0}; }
FORCED group select(bits condition, group a, group b) { return (group)((condition & (bits)a) | (~condition & (bits)b)); }
#ifdef __clang__ /* GCC has not got the builtin; the bits are the same */
FORCED group magnitude(group v) { return __builtin_elementwise_abs(v); }
#else
FORCED group magnitude(group v) { return (group)((bits)v & 0x7fffffff); }
#endif

/* --- functions ------------------------------------------------------------------------------------------------------- */

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

/* [gru-4]: what a GRU remembers and what it takes anew. */
FORCED group between(group z, group n, group h) { return tiny(((1.0f - z) * n) + (z * h)); }

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
