/* For comparison only: the reduction and the six coefficients of expf in Cephes (S. L. Moshier) */
F exp_cephes(float x) {
    float lo = x < -64.0f ? -64.0f : x;
    float v = lo > 89.0f ? 89.0f : lo;
    float n = core_n(v);
    float k1 = n * 0.693359375f;
    float k2 = n * -2.12194440e-4f;
    float r1 = v - k1;
    float r = r1 - k2;
    float z = r * r;
    float a1 = 1.9875691500e-4f * r;
    float a2 = a1 + 1.3981999507e-3f;
    float a3 = a2 * r;
    float a4 = a3 + 8.3334519073e-3f;
    float a5 = a4 * r;
    float a6 = a5 + 4.1665795894e-2f;
    float a7 = a6 * r;
    float a8 = a7 + 1.6666665459e-1f;
    float a9 = a8 * r;
    float a10 = a9 + 5.0000001201e-1f;
    float b1 = z * a10;
    float b2 = b1 + r;
    float p = b2 + 1.0f;
    float n1 = n - 1.0f;
    float s = pow2(n1);
    float h = p * s;
    float y = h + h;
    return y;
}
