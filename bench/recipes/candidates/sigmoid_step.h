/* w / ((1 + w) + u) where 1 + w is exact, else w / (1 + (w + u)): the most accurate one, one addition more */
F sigmoid_step(float x) {
    float m = 0.0f - x;
    float lo = m < -64.0f ? -64.0f : m;
    float v = lo > 64.0f ? 64.0f : lo;
    float n = core_n(v);
    float u = core_u(v, n);
    float k = 0.0f - n;
    float w = pow2(k);
    float w1 = 1.0f + w;
    float big = w < 0x1p-12f ? 1.0f : w1;
    float small = w < 0x1p-12f ? w : 0.0f;
    float d = small + u;
    float s = big + d;
    float y = w / s;
    return y;
}
