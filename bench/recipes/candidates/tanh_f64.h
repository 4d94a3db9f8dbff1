/* binary64 inside: E/(E + 2), E = exp(2|x|) - 1, rounded to float32 once */
F tanh_f64(float x) {
    float a = absf(x);
    float c = a > 32.0f ? 32.0f : a;
    double v0 = (double)c;
    double v = v0 + v0;
    double n = core64_n(v);
    double u = core64_u(v, n);
    double s = pow2d(n);
    double su = s * u;
    double s1 = s - 1.0;
    double e = su + s1;
    double e2 = e + 2.0;
    double q = e / e2;
    float y = (float)q;
    float r = withsign(y, x);
    return r;
}
