/* sigmoid: 1/(1 + exp(-x)), monotone because exp is */
F sigmoid_plain(float x) {
    float m = 0.0f - x;
    float e = exp_core(m);
    float s = 1.0f + e;
    float y = 1.0f / s;
    return y;
}
