/* The helper of the chosen sigmoid and tanh: 1/(1 + exp(x)), with exp(x) = (1 + u)/w.
   The smaller of 1 and w meets u first, so that at most one rounding counts. */
F logistic(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float v = lo > 64.0f ? 64.0f : lo;
    float n = core_n(v);
    float u = core_u(v, n);
    float k = 0.0f - n;
    float w = pow2(k);
    float big = w < 1.0f ? 1.0f : w;
    float small = w < 1.0f ? w : 1.0f;
    float d = small + u;
    float s = big + d;
    float y = w / s;
    return y;
}
