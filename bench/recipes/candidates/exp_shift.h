/* as exp_core, r moved to -0.243 .. 0.450, so that 1 + u is seldom below 1: one subtraction more */
F exp_shift(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float v = lo > 89.0f ? 89.0f : lo;
    float t = v * 0x1.715476p+0f;
    float t1 = t - 0x1.333334p-3f;
    float t2 = t1 + 0x1.8p23f;
    float n = t2 - 0x1.8p23f;
    float k1 = n * 0x1.62e4p-1f;
    float k2 = n * 0x1.7f7d1cp-20f;
    float r1 = v - k1;
    float r = r1 - k2;
    float z = r * r;
    float a1 = 0x1.9301cap-10f * r;
    float a2 = a1 + 0x1.10f50ap-7f;
    float a3 = a2 * r;
    float a4 = a3 + 0x1.553b6cp-5f;
    float a5 = a4 * r;
    float a6 = a5 + 0x1.5555bcp-3f;
    float a7 = a6 * r;
    float a8 = a7 + 0x1.000008p-1f;
    float b = z * a8;
    float u = r + b;
    float p = 1.0f + u;
    float n1 = n - 1.0f;
    float s = pow2(n1);
    float h = p * s;
    float y = h + h;
    return y;
}
