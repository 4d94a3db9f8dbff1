/* as exp_core with a polynomial one degree lower */
F exp_p5(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float v = lo > 89.0f ? 89.0f : lo;
    float n = core_n(v);
    float k1 = n * 0x1.62e4p-1f;
    float k2 = n * 0x1.7f7d1cp-20f;
    float r1 = v - k1;
    float r = r1 - k2;
    float z = r * r;
    float a1 = 0x1.126bbep-7f * r;
    float a2 = a1 + 0x1.573bap-5f;
    float a3 = a2 * r;
    float a4 = a3 + 0x1.55543cp-3f;
    float a5 = a4 * r;
    float a6 = a5 + 0x1.fffdc2p-2f;
    float b = z * a6;
    float u = r + b;
    float p = 1.0f + u;
    float n1 = n - 1.0f;
    float s = pow2(n1);
    float h = p * s;
    float y = h + h;
    return y;
}
