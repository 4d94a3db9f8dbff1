/* tanh: polynomial below 0.625, else 1 - 2w/((1 + w) + u) with exp(2|x|) = (1 + u)/w */
F tanh_fold(float x) {
    float a = absf(x);
    float p = tanh_poly(a);
    float d = a + a;
    float v = d > 64.0f ? 64.0f : d;
    float n = core_n(v);
    float u = core_u(v, n);
    float k = 0.0f - n;
    float w = pow2(k);
    float s1 = 1.0f + w;
    float s = s1 + u;
    float w2 = w + w;
    float q = w2 / s;
    float b = 1.0f - q;
    float y = a < 0.625f ? p : b;
    float r = withsign(y, x);
    return r;
}
