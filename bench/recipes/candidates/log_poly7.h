/* as log_poly8 with a polynomial one degree lower */
F log_poly7(float x0) {
    float x = tiny(x0);
    float k = split_k(x);
    float m = split_m(x);
    float f = m - 1.0f;
    float z = f * f;
    float a1 = -0x1.b8edcp-5f * f;
    float a2 = a1 + 0x1.d95cap-4f;
    float a3 = a2 * f;
    float a4 = a3 + -0x1.15a70ep-3f;
    float a5 = a4 * f;
    float a6 = a5 + 0x1.27ee8ap-3f;
    float a7 = a6 * f;
    float a8 = a7 + -0x1.540038p-3f;
    float a9 = a8 * f;
    float a10 = a9 + 0x1.9949e6p-3f;
    float a11 = a10 * f;
    float a12 = a11 + -0x1.00031ep-2f;
    float a13 = a12 * f;
    float a14 = a13 + 0x1.55563ap-2f;
    float g = f * z;
    float h = g * a14;
    float k2 = k * 0x1.7f7d1cp-20f;
    float i = h + k2;
    float j = 0.5f * z;
    float l = i - j;
    float o = f + l;
    float k1 = k * 0x1.62e4p-1f;
    float y = o + k1;
    float e = log_ends(x, y);
    return e;
}
