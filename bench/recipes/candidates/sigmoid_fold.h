/* sigmoid: with exp(-x) = (1 + u)/w, y = w / ((1 + w) + u). The rounding of 1 + u is saved,
   and 1 + w is exact wherever it matters. */
F sigmoid_fold(float x) {
    float m = 0.0f - x;
    float lo = m < -64.0f ? -64.0f : m;
    float v = lo > 64.0f ? 64.0f : lo;
    float n = core_n(v);
    float u = core_u(v, n);
    float k = 0.0f - n;
    float w = pow2(k);
    float d = 1.0f + w;
    float s = d + u;
    float y = w / s;
    return y;
}
