/* log outside the finite positive numbers: 0 -> -inf, negative -> NaN, +inf -> +inf, NaN -> NaN */
F log_ends(float x, float y) {
    float a = x < INFINITY ? y : x;
    float b = x < 0.0f ? NAN : a;
    float c = x == 0.0f ? -INFINITY : b;
    return c;
}
