/* tanh: polynomial below 0.625, else 1 - 2/(exp(2|x|) + 1) */
F tanh_split(float x) {
    float a = absf(x);
    float p = tanh_poly(a);
    float d = a + a;
    float e = exp_core(d);
    float s = e + 1.0f;
    float q = 2.0f / s;
    float b = 1.0f - q;
    float y = a < 0.625f ? p : b;
    float r = withsign(y, x);
    return r;
}
