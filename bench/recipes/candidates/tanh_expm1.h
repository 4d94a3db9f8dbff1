/* one path for every x: E/(E + 2), E = exp(2x) - 1. Short, but not monotone. */
F tanh_expm1(float x) {
    float a = absf(x);
    float d = a + a;
    float v = d > 64.0f ? 64.0f : d;
    float n = core_n(v);
    float u = core_u(v, n);
    float s = pow2(n);
    float su = s * u;
    float s1 = s - 1.0f;
    float e = su + s1;
    float e2 = e + 2.0f;
    float y = e / e2;
    float r = withsign(y, x);
    return r;
}
