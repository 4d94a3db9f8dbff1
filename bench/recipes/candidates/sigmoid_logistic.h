/* CHOSEN */
F sigmoid_logistic(float x) {
    float m = 0.0f - x;
    float y = logistic(m);
    return y;
}
