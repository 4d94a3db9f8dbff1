/* CHOSEN: the core, rounded once in 1 + u, then scaled exactly; the last doubling makes
   the overflow (k = 128) without a select. */
F exp_core(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float v = lo > 89.0f ? 89.0f : lo;
    float n = core_n(v);
    float u = core_u(v, n);
    float p = 1.0f + u;
    float n1 = n - 1.0f;
    float s = pow2(n1);
    float h = p * s;
    float y = h + h;
    return y;
}
