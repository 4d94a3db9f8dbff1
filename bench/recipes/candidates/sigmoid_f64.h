/* binary64 inside, rounded to float32 once */
F sigmoid_f64(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float w = lo > 64.0f ? 64.0f : lo;
    double v0 = (double)w;
    double v = 0.0 - v0;
    double n = core64_n(v);
    double u = core64_u(v, n);
    double s = pow2d(n);
    double p = 1.0 + u;
    double e = p * s;
    double d = 1.0 + e;
    double q = 1.0 / d;
    float y = (float)q;
    return y;
}
