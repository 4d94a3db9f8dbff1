/* The shared core: exp(x) = 2^n * (1 + u), n = core_n(x), u = core_u(x, n), |u| < 0.42.
   ln 2 = C1 + C2; n*C1 is exact, and so is x - n*C1. */
F core_n(float x) {
    float t = x * 0x1.715476p+0f;
    float a = t + 0x1.8p23f;
    float n = a - 0x1.8p23f;
    return n;
}
F core_u(float x, float n) {
    float n1 = n * 0x1.62e4p-1f;
    float n2 = n * 0x1.7f7d1cp-20f;
    float r1 = x - n1;
    float r = r1 - n2;
    float z = r * r;
    float a1 = 0x1.6816e8p-10f * r;
    float a2 = a1 + 0x1.125bcap-7f;
    float a3 = a2 * r;
    float a4 = a3 + 0x1.555c9ep-5f;
    float a5 = a4 * r;
    float a6 = a5 + 0x1.55544cp-3f;
    float a7 = a6 * r;
    float a8 = a7 + 0x1.fffff4p-2f;
    float b = z * a8;
    float u = r + b;
    return u;
}
