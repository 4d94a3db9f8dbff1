/* CHOSEN: x = m*2^k, f = m - 1: k*C2 + f^3*P8(f) - f^2/2 + f + k*C1 */
F log_poly8(float x0) {
    float x = tiny(x0);
    float k = split_k(x);
    float m = split_m(x);
    float f = m - 1.0f;
    float z = f * f;
    float a1 = 0x1.144dbp-4f * f;
    float a2 = a1 + -0x1.e31f5p-4f;
    float a3 = a2 * f;
    float a4 = a3 + 0x1.e9ca02p-4f;
    float a5 = a4 * f;
    float a6 = a5 + -0x1.fb732ep-4f;
    float a7 = a6 * f;
    float a8 = a7 + 0x1.22f33cp-3f;
    float a9 = a8 * f;
    float a10 = a9 + -0x1.555f44p-3f;
    float a11 = a10 * f;
    float a12 = a11 + 0x1.99a8cp-3f;
    float a13 = a12 * f;
    float a14 = a13 + -0x1.000006p-2f;
    float a15 = a14 * f;
    float a16 = a15 + 0x1.55553ep-2f;
    float g = f * z;
    float h = g * a16;
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
