/* binary64 inside, rounded to float32 once */
F exp_f64(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float w = lo > 89.0f ? 89.0f : lo;
    double v = (double)w;
    double n = core64_n(v);
    double u = core64_u(v, n);
    double s = pow2d(n);
    double p = 1.0 + u;
    double e = p * s;
    float y = (float)e;
    return y;
}
