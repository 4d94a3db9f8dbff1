/* tanh(a) for 0 <= a < 0.625: a + a*(z*P(z)), z = a*a. Shared by every two-branch candidate. */
F tanh_poly(float a) {
    float z = a * a;
    float b1 = -0x1.758cap-8f * z;
    float b2 = b1 + 0x1.521152p-6f;
    float b3 = b2 * z;
    float b4 = b3 + -0x1.b83898p-5f;
    float b5 = b4 * z;
    float b6 = b5 + 0x1.110704p-3f;
    float b7 = b6 * z;
    float b8 = b7 + -0x1.555532p-2f;
    float b9 = b8 * z;
    float c = a * b9;
    float y = a + c;
    return y;
}
