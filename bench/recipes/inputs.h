/* The same inputs in every language: logarithm over 2^-20 .. 2^20, the others over -8 .. 8. */
enum { COUNT = 4096 };
static void inputs(int log, float *x) {
    uint32_t s = 1;
    for (int i = 0; i < COUNT; i++) {
        s = s * 1664525u + 1013904223u;
        x[i] = log ? from_bits(0x35800000u + (s >> 4) % 0x14000000u) : (float)((int32_t)s >> 8) * 0x1p-20f;
    }
}
static uint32_t hash(const float *y) { uint32_t h = 0; for (int i = 0; i < COUNT; i++) h = h * 31u + to_bits(y[i]); return h; }
