/* CHOSEN: polynomial below 0.625, else 1 - 2*logistic(2|x|); the sign is copied */
F tanh_logistic(float x) {
    float a = absf(x);
    float p = tanh_poly(a);
    float d = a + a;
    float g = logistic(d);
    float g2 = g + g;
    float b = 1.0f - g2;
    float y = a < 0.625f ? p : b;
    float r = withsign(y, x);
    return r;
}
