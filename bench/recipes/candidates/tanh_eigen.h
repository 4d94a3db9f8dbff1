/* For comparison only: the 13/6 rational with the coefficients used in Eigen, clamped at 9 */
F tanh_eigen(float x0) {
    float lo = x0 < -9.0f ? -9.0f : x0;
    float x = lo > 9.0f ? 9.0f : lo;
    float z = x * x;
    float a1 = -2.76076847742355e-16f * z;
    float a2 = a1 + 2.00018790482477e-13f;
    float a3 = a2 * z;
    float a4 = a3 + -8.60467152213735e-11f;
    float a5 = a4 * z;
    float a6 = a5 + 5.12229709037114e-08f;
    float a7 = a6 * z;
    float a8 = a7 + 1.48572235717979e-05f;
    float a9 = a8 * z;
    float a10 = a9 + 6.37261928875436e-04f;
    float a11 = a10 * z;
    float a12 = a11 + 4.89352455891786e-03f;
    float p = x * a12;
    float b1 = 1.19825839466702e-06f * z;
    float b2 = b1 + 1.18534705686654e-04f;
    float b3 = b2 * z;
    float b4 = b3 + 2.26843463243900e-03f;
    float b5 = b4 * z;
    float q = b5 + 4.89352518554385e-03f;
    float y = p / q;
    return y;
}
