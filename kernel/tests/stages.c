/* How many numbers the stages of stages.h give other bits for than the functions of vectors.h, which conformance/exhaustive has
 * compared over all 2^32: of `count` groups of inputs, each `stride` groups of bits after the one before. 0: there is no AVX-512. */
#include "../kernel.c"

#ifdef __AVX512F__
FORCED int32_t differ(group a, group b) {
    const bits other = ((bits)a != (bits)b) & ~((a != a) & (b != b)); /* a NaN is a NaN */
    int32_t count = 0;
    for (int i = 0; i < PANEL; i++) count -= other[i];
    return count;
}
#define TURNED(A, B) __builtin_shufflevector(A, B, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)
FORCED chain staged(int kind, group x) {
    chain s = {.x = x};
    EACH(j, STAGES) stage(kind, &s, j);
    return s;
}

/* `different` has room for four: sigmoid, tanh, both in one group, and h of c = x with some o. */
int32_t compare_stages(uint32_t first, uint32_t stride, uint32_t count, int64_t *different) {
    uint32_t seed = 1;
    for (uint32_t i = 0, at = first; i < count; i++, at += stride * PANEL) {
        const group x = (group)((int32_t)at + PLACE), one = sigmoid(x), other = tangent(x);
        different[0] += differ(staged(SIGMOID, x).v, one);
        different[1] += differ(staged(TANH, x).v, other);
        const chain both = staged(TANH_SIGMOID, x), turned = staged(TANH_SIGMOID, TURNED(x, x));
        different[2] += differ(select(PLACE < NARROW, both.v, both.u), select(PLACE < NARROW, other, one));
        different[2] += differ(TURNED(turned.u, turned.v), select(PLACE < NARROW, one, other)); /* each x in the other half */
        seed = seed * 1664525u + 1013904223u;
        const float o = (float)(seed >> 8) * (i % 4 ? 0x1p-24f : 0x1p-70f); /* as sigmoid gives it: after T */
        const group gate = tiny(splat(o)), height = gate * staged(MAGNITUDE, x).v;
        const constants *n = constants_after(height);
        different[3] += differ((group)((bits)with_sign_of(n, x, height) & ~(height < n->least)), tiny(gate * tangent(tiny(x))));
    }
    return 1;
}
#else
int32_t compare_stages(uint32_t first, uint32_t stride, uint32_t count, int64_t *different) {
    return (void)first, (void)stride, (void)count, (void)different, 0;
}
#endif
