/* Sweeps: an activation over rows, softmax and log-softmax (SPEC.md 12.5, 12.6). */

enum { SUMS = 16, CHUNK = SUMS }; /* [sum-1] has sixteen sums; a chunk is what goes at once */

#ifdef __wasm__
/* A chunk of x: in place, or the last elements copied and padded. */
ONCE const float *chunk(const float *x, int32_t there, float pad, float *room) {
    if (there >= CHUNK) return x;
    for (int i = 0; i < CHUNK; i++) room[i] = i < there ? x[i] : pad;
    return room;
}
ONCE void give_back(float *y, int32_t there, const float *room) {
    if (there < CHUNK)
        for (int i = 0; i < there; i++) y[i] = room[i];
}
#else
/* A group of x, of which as many are there as are left; the others are `pad`. Read one by one into the register: through memory a
 * group would wait until each of them stands there. */
FORCED group part(const float *x, int32_t left, float pad) {
    if (left >= PANEL) return load(x);
    group v = splat(pad);
#pragma clang loop unroll(disable)
    for (int32_t i = 0; i < left; i++) v = select(PLACE == i, splat(x[i]), v);
    return v;
}
FORCED void put(float *y, int32_t left, group v) {
    if (left >= PANEL) {
        store(y, v);
        return;
    }
    float room[PANEL];
    store(room, v);
#pragma clang loop unroll(disable) vectorize(disable)
    for (int32_t i = 0; i < left; i++) y[i] = room[i];
}
#endif

/* The padding is 0, and what the functions give for it is finite. */
#ifdef __wasm__
FORCED group sweep_row(int32_t function, group alpha, group beta, float *y, const float *x, int32_t width, group seen) {
    enum { AT_ONCE = 16 * CHUNK };
    float room[CHUNK], given[AT_ONCE]; /* y may be x */
    for (int32_t k = 0, size; k < width; k += size) {
        const int32_t left = width - k;
        const float *from = chunk(x + k, left, 0.0f, room);
        float *to = left >= CHUNK ? y + k : room;
        size = left < CHUNK ? padded(left) : left < AT_ONCE ? left / CHUNK * CHUNK : AT_ONCE;
        if (function == RNN_TANH || function == RNN_SIGMOID) {
            copy(given, from, size);
            if (function == RNN_TANH) tangents(to, given, size);
            else sigmoids(to, given, size);
        } else {
            for (int32_t i = 0; i < size; i += PANEL) store(to + i, activation(function, load(from + i), alpha, beta));
        }
        seen = look_at(to, size, seen);
        give_back(y + k, left, room);
    }
    return seen;
}
#else
FORCED group sweep_row(int32_t function, group alpha, group beta, float *y, const float *x, int32_t width, group seen) {
    for (int32_t k = 0; k < width; k += PANEL) {
        const group v = activation(function, part(x + k, width - k, 0.0f), alpha, beta);
        seen = look(seen, v);
        put(y + k, width - k, v);
    }
    return seen;
}
#endif

/* Folds the halves of sixteen onto each other until one is left. */
ONCE float folded(float *sixteen, int maximum) {
    for (int half = SUMS / 2; half > 0; half /= 2)
        if (half % PANEL == 0)
            for (int i = 0; i < half; i += PANEL) {
                const group a = load(sixteen + i), b = load(sixteen + i + half);
                store(sixteen + i, maximum ? select(a < b, b, a) : a + b);
            }
        else
            for (int i = 0; i < half; i++) {
                const float a = sixteen[i], b = sixteen[i + half];
                sixteen[i] = !maximum ? a + b : a < b ? b : a;
            }
    return sixteen[0];
}

/* [softmax-1], [log-softmax-1]. The maximum does not depend on its order: with a NaN anywhere every result is NaN. */
#ifdef __wasm__
FORCED group softmax_row(int32_t function, float *y, const float *x, int32_t width, group seen) {
    float room[CHUNK], e[CHUNK], sixteen[SUMS];
    for (int i = 0; i < SUMS; i++) sixteen[i] = x[0];
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(x + k, width - k, x[0], room);
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group a = load(sixteen + i), b = load(from + i);
            store(sixteen + i, select(a < b, b, a));
        }
    }
    const group m = splat(folded(sixteen, 1));
    for (int i = 0; i < SUMS; i++) sixteen[i] = 0.0f;
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(x + k, width - k, -__builtin_inff(), room); /* exp gives +0, which adds nothing */
        float *to = width - k >= CHUNK ? y + k : room;
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group d = load(from + i) - m;
            store(e + i, d);
            store(to + i, d);
        }
        exponentials(e, CHUNK);
        if (function == RNN_SOFTMAX) copy(to, e, CHUNK);
        for (int i = 0; i < CHUNK; i += PANEL) store(sixteen + i, load(sixteen + i) + load(e + i));
        give_back(y + k, width - k, room);
    }
    const group s = splat(folded(sixteen, 0)), log_s = function == RNN_SOFTMAX ? s : logarithm(s);
    for (int32_t k = 0; k < width; k += CHUNK) {
        const float *from = chunk(y + k, width - k, 0.0f, room);
        float *to = width - k >= CHUNK ? y + k : room;
        for (int i = 0; i < CHUNK; i += PANEL) {
            const group v = load(from + i), result = tiny(function == RNN_SOFTMAX ? v / s : v - log_s);
            seen = look(seen, result);
            store(to + i, result);
        }
        give_back(y + k, width - k, room);
    }
    return seen;
}
#else
FORCED group softmax_row(int32_t function, float *y, const float *x, int32_t width, group seen) {
    float sixteen[SUMS];
    group most = splat(x[0]), sum = splat(0.0f);
    for (int32_t k = 0; k < width; k += PANEL) {
        const group v = part(x + k, width - k, x[0]);
        most = select(most < v, v, most);
    }
    store(sixteen, most);
    const group m = splat(folded(sixteen, 1));
    for (int32_t k = 0; k < width; k += PANEL) {
        const group d = part(x + k, width - k, -__builtin_inff()) - m, e = exponential(d); /* of the padding +0, which adds nothing */
        sum = sum + e;
        put(y + k, width - k, function == RNN_SOFTMAX ? e : d);
    }
    store(sixteen, sum);
    const group s = splat(folded(sixteen, 0)), log_s = function == RNN_SOFTMAX ? s : logarithm(s);
    for (int32_t k = 0; k < width; k += PANEL) {
        const group v = part(y + k, width - k, 0.0f), result = tiny(function == RNN_SOFTMAX ? v / s : v - log_s);
        seen = look(seen, result);
        put(y + k, width - k, result);
    }
    return seen;
}
#endif

static int32_t sweep(int32_t function, float alpha, float beta, float *y, int32_t y_stride, const float *x,
                     int32_t x_stride, int32_t width, int32_t count) {
    group seen = splat(0.0f);
    if (function < RNN_SOFTMAX && x_stride == width && y_stride == width) { /* rows without gaps are one row */
        width *= count;
        count = 1;
    }
#ifndef __wasm__
    if (function < RNN_SOFTMAX && y_stride == width && width < PANEL) { /* short rows are put together first */
        for (int32_t n = 0; n < count; n++)
#pragma clang loop unroll(disable) vectorize(disable)
            for (int32_t i = 0; i < width; i++) y[n * (intptr_t)width + i] = x[n * (intptr_t)x_stride + i];
        x = y;
        width *= count;
        count = 1;
    }
#endif
    for (int32_t n = 0; n < count; n++, x += x_stride, y += y_stride) {
        if (function < RNN_SOFTMAX) seen = sweep_row(function, splat(alpha), splat(beta), y, x, width, seen);
        else seen = softmax_row(function, y, x, width, seen);
    }
    return all_finite(seen);
}
