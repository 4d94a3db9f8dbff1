/* The recurrent layers (13.3 to 13.5), for one row and one step, and the chain (12.3). */
#include "player.h"

#include <math.h>

bool all_finite(const float *v, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(v[k]))
            return false;
    return true;
}

/* [chain-1]: accumulators side by side ([chain-2]), each starting at 0 + b[j], or at +0. */
void chain_start(float *a, size_t count, const float *b)
{
    for (size_t j = 0; j < count; j++)
        a[j] = b == NULL ? 0 : 0 + b[j];
}

/* The first `count` columns of a matrix. x is finite. */
void chain_add(float *a, size_t count, const float *x, size_t width, const float *W, size_t columns)
{
    for (size_t k = 0; k < width; k++) {
        if (x[k] == 0) /* the lemma of the zero factor: this makes one-hot input a row lookup */
            continue;
        for (size_t j = 0; j < count; j++)
            a[j] = a[j] + (x[k] * W[k * columns + j]);
    }
}

/* [elman-1] */
static bool elman(const Layer *layer, const float *x, float *h, float *a)
{
    size_t H = layer->out;
    chain_start(a, H, layer->b);
    chain_add(a, H, x, layer->in, layer->W, H);
    chain_add(a, H, h, H, layer->R, H);
    for (size_t j = 0; j < H; j++)
        h[j] = activate(&layer->functions[0], a[j]);
    return true;
}

/* [lstm-1]. All four gates read the old h, so the chains come first. */
static bool lstm(const Layer *layer, const float *x, float *h, float *c, float *a)
{
    const Activation *gates = &layer->functions[GATES], *candidate = &layer->functions[CANDIDATE];
    size_t H = layer->out;
    chain_start(a, 4 * H, layer->b);
    chain_add(a, 4 * H, x, layer->in, layer->W, 4 * H);
    chain_add(a, 4 * H, h, H, layer->R, 4 * H);
    for (size_t j = 0; j < H; j++) {
        float i = activate(gates, a[j]);
        float f = activate(gates, a[H + j]);
        float g = activate(candidate, a[2 * H + j]);
        float o = activate(gates, a[3 * H + j]);
        c[j] = tiny((f * c[j]) + (i * g));
        h[j] = tiny(o * activate(&layer->functions[OUTPUT], c[j]));
    }
    return all_finite(c, H);
}

/* [gru-1] to [gru-4]. `p` is the candidate's pre-activation, `d` its recurrent part before the reset gate, or u. */
static bool gru(const Layer *layer, const float *x, float *h, float *a)
{
    const Activation *gates = &layer->functions[GATES];
    size_t H = layer->out;
    float *p = a + 2 * H, *d = a + 3 * H;
    chain_start(a, 3 * H, layer->b);
    chain_add(a, 3 * H, x, layer->in, layer->W, 3 * H);
    chain_add(a, 2 * H, h, H, layer->R, 3 * H);
    if (layer->reset_before) {
        for (size_t k = 0; k < H; k++)
            d[k] = tiny(activate(gates, a[k]) * h[k]);
        if (!all_finite(d, H))
            return false;
        chain_add(p, H, d, H, layer->R + 2 * H, 3 * H);
    } else {
        chain_start(d, H, layer->rb);
        chain_add(d, H, h, H, layer->R + 2 * H, 3 * H);
        for (size_t j = 0; j < H; j++)
            p[j] = p[j] + tiny(activate(gates, a[j]) * d[j]);
    }
    for (size_t j = 0; j < H; j++) {
        float z = activate(gates, a[H + j]);
        float n = activate(&layer->functions[CANDIDATE], p[j]);
        h[j] = tiny(((1 - z) * n) + (z * h[j]));
    }
    return true;
}

/* The state of the row changes in place. False if c, h or u is not finite ([finite-1]). `a` has room for 4 H. */
bool cell_step(const Layer *layer, const float *x, float *h, float *c, float *a)
{
    bool good = layer->kind == LSTM ? lstm(layer, x, h, c, a) : layer->kind == GRU ? gru(layer, x, h, a) : elman(layer, x, h, a);
    return good && all_finite(h, layer->out);
}
