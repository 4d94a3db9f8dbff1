/* For comparison only: 0.5*tanh(0.5*x) + 0.5 */
F sigmoid_tanh(float x) {
    float h = 0.5f * x;
    float t = tanh_eigen(h);
    float t2 = 0.5f * t;
    float y = t2 + 0.5f;
    return y;
}
