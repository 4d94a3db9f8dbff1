/* w / ((w + u) + 1): as accurate as the chosen form with fewer selects, but not monotone */
F sigmoid_wu(float x) {
    float m = 0.0f - x;
    float lo = m < -64.0f ? -64.0f : m;
    float v = lo > 64.0f ? 64.0f : lo;
    float n = core_n(v);
    float u = core_u(v, n);
    float k = 0.0f - n;
    float w = pow2(k);
    float d = w + u;
    float s = d + 1.0f;
    float y = w / s;
    return y;
}
