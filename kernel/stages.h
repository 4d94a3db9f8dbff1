/* sigmoid and tanh of SPEC.md 12.5 in stages, with the bits of vectors.h and fewer operations, for small.h.
 *
 * A function is one chain of operations that wait for each other. Where several go side by side, and products along with
 * them, they stand in the program stage by stage: the processor sees no farther than a few dozen operations that wait.
 */
#ifdef __AVX512F__

typedef struct {
    float log2, minus_2_log2, shift, minus_shift, ln2, minus_ln2, ln2_rest, q[5], minus_q1, minus_q3, p[5];
    float one, minus_2, low, least, lowest;
    int32_t magnitude, sign, exponent;
} constants;
static const constants CONSTANTS = {
    0x1.715476p+0f, -0x1.715476p+1f, 0x1.8p23f, -0x1.8p23f, 0x1.62e4p-1f, -0x1.62e4p-1f, 0x1.7f7d1cp-20f,
    {0x1.fffff4p-2f, 0x1.55544cp-3f, 0x1.555c9ep-5f, 0x1.125bcap-7f, 0x1.6816e8p-10f}, -0x1.55544cp-3f, -0x1.125bcap-7f,
    {-0x1.555532p-2f, 0x1.110704p-3f, -0x1.b83898p-5f, 0x1.521152p-6f, -0x1.758ca0p-8f},
    1.0f, -2.0f, 0.625f, 0x1p-51f, -0x1.1acdd6p+5f,
    0x7fffffff, (int32_t)0x80000000, 0x3f800000};

/* AVX-512 takes a constant from memory, repeated for all lanes, as an operand that costs nothing; loaded into a register first
 * it costs as much as a multiplication. So the compiler must not see that the next use, after `v`, is of the same one. */
FORCED const constants *constants_after(group v) {
    const constants *at = &CONSTANTS;
    __asm__("" : "+r"(at) : "v"(v));
    return at;
}
FORCED group magnitude_of(const constants *n, group x) { return (group)((bits)x & n->magnitude); }
FORCED group with_sign_of(const constants *n, group x, group v) { return (group)((bits)v | ((bits)x & n->sign)); }

/* sum + a * b where the product is exact: fused, the sum is rounded once as well. */
FORCED group plus_exact(group sum, group a, float b) {
#ifdef __clang__ /* GCC has not got the builtin */
    return __builtin_elementwise_fma(a, splat(b), sum);
#else
    return sum + (a * b);
#endif
}

/* sigmoid and tanh are both w / (1 + w + u), with w = 2^-n, and what is above 32 gives what 32 gives. For sigmoid, whose v is -x, -n and
 * -r stand in their places, and the signs that follow from them. Its T goes by x: it falls below 2^-51 at -35.35. */
typedef struct {
    group x, v;            /* of what; what it gives */
    group w, r, u, z, low; /* low: tanh of what is small */
} chain;
/* MAGNITUDE: |tanh|, before T. TANH_SIGMOID: tanh of the first half of the lanes, and of the others sigmoid, which stays in u. */
enum { SIGMOID, TANH, MAGNITUDE, TANH_SIGMOID, STAGES = 10 };

FORCED void stage(int kind, chain *s, int j) {
    const int is_tanh = kind == TANH || kind == MAGNITUDE;
    const bits first_half = PLACE < PANEL / 2;
    const constants *n = constants_after(j == 0 ? s->x : j < 3 ? s->v : j == 3 ? s->r : s->u);
    switch (j) {
    case 0: {
        const group b = is_tanh ? magnitude_of(n, s->x) : kind == SIGMOID ? s->x : select(first_half, magnitude_of(n, s->x), s->x);
        s->v = select(b > 32.0f, splat(32.0f), b);
        if (kind == TANH_SIGMOID) s->v = select(first_half, s->v * n->minus_2, s->v);
        break;
    }
    case 1: s->w = (s->v * (is_tanh ? n->minus_2_log2 : n->log2)) + n->shift; break;
    case 2: {
        const group minus_n = s->w + n->minus_shift;
        s->r = is_tanh ? plus_exact(s->v + s->v, minus_n, n->ln2) + (minus_n * n->ln2_rest)
                       : plus_exact(s->v, minus_n, n->minus_ln2) - (minus_n * n->ln2_rest);
        break;
    }
    case 3: s->u = (s->r * n->q[4]) + (is_tanh ? n->q[3] : n->minus_q3); break;
    case 4: s->u = (s->u * s->r) + n->q[2]; break;
    case 5: s->u = (s->u * s->r) + (is_tanh ? n->q[1] : n->minus_q1); break;
    case 6: s->u = (s->u * s->r) + n->q[0]; break;
    case 7: {
        const group rest = (s->r * s->r) * s->u;
        s->u = is_tanh ? rest + s->r : rest - s->r;
        break;
    }
    case 8: {
        const group w = (group)(((bits)s->w << 23) + n->exponent), one = splat(n->one);
        s->u = is_tanh ? (w + s->u) + n->one : select(w < one, one, w) + (select(w < one, w, one) + s->u);
        s->w = w;
        break;
    }
    case 9:
        s->v = s->w / s->u;
        if (!is_tanh) s->u = (group)((bits)s->v & ~(s->x < n->lowest));
        if (kind == SIGMOID) s->v = s->u;
    }
    if (kind != SIGMOID) switch (j) {
    case 1: s->z = s->x * s->x; break;
    case 2: s->low = (s->z * n->p[4]) + n->p[3]; break;
    case 3: s->low = (s->low * s->z) + n->p[2]; break;
    case 4: s->low = (s->low * s->z) + n->p[1]; break;
    case 5: s->low = (s->low * s->z) + n->p[0]; break;
    case 6: {
        const group a = magnitude_of(n, s->x);
        s->low = a + (a * (s->low * s->z));
        break;
    }
    case 9: {
        const group a = magnitude_of(n, s->x), high = plus_exact(splat(1.0f), s->v, n->minus_2);
        s->v = select(a < n->low, s->low, high);
        if (kind != MAGNITUDE) s->v = (group)((bits)with_sign_of(n, s->x, s->v) & ~(a < n->least));
    }
    }
}
#endif
