/* What each layer computes (section 13), for one row and one time step. */
#include "player.h"

#include <math.h>
#include <string.h>

Scratch *make_scratch(Work *work, const Model *model)
{
    Scratch *scratch = take(work, 1, sizeof *scratch);
    scratch->y = take(work, model->count, sizeof *scratch->y);
    size_t widest = 0;
    for (size_t i = 0; i < model->count; i++) {
        size_t width = model->layers[i].out;
        scratch->y[i] = take(work, width, sizeof **scratch->y);
        size_t needed = model->layers[i].kind == LSTM ? 4 * width : width;
        widest = needed > widest ? needed : widest;
    }
    scratch->a = take(work, widest, sizeof *scratch->a);
    return scratch;
}

/* [chain-1]: accumulators side by side ([chain-2]), each starting at 0 + b[j], or at +0. */
static void chain_start(float *a, size_t count, const float *b)
{
    for (size_t j = 0; j < count; j++)
        a[j] = b == NULL ? 0 : 0 + b[j];
}

static void chain_add(float *a, size_t count, const float *x, size_t width, const float *W)
{
    for (size_t k = 0; k < width; k++) {
        if (x[k] == 0) /* the lemma of the zero factor: this makes one-hot input a row lookup */
            continue;
        for (size_t j = 0; j < count; j++)
            a[j] = a[j] + (x[k] * W[k * count + j]);
    }
}

/* [lstm-1]. All four gates read the old h, so the chains come first. */
static void lstm(const Layer *layer, const float *x, float *h, float *c, float *a)
{
    size_t H = layer->out;
    chain_start(a, 4 * H, layer->b);
    chain_add(a, 4 * H, x, layer->in, layer->W);
    chain_add(a, 4 * H, h, H, layer->R);
    for (size_t j = 0; j < H; j++) {
        float i = function_sigmoid(a[j]);
        float f = function_sigmoid(a[H + j]);
        float g = function_tanh(a[2 * H + j]);
        float o = function_sigmoid(a[3 * H + j]);
        c[j] = tiny((f * c[j]) + (i * g));
        h[j] = tiny(o * function_tanh(c[j]));
    }
}

/* [softmax-1], [log-softmax-1] */
static void softmax(const Layer *layer, const float *x, float *y, float *e)
{
    size_t width = layer->out;
    float m = x[0];
    for (size_t k = 1; k < width; k++)
        m = m < x[k] ? x[k] : m;
    for (size_t k = 0; k < width; k++)
        e[k] = function_exp(x[k] - m);
    float s = sum(e, width);
    float log_s = function_log(s);
    for (size_t k = 0; k < width; k++)
        y[k] = tiny(layer->kind == SOFTMAX ? e[k] / s : (x[k] - m) - log_s);
}

static bool all_finite(const float *v, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(v[k]))
            return false;
    return true;
}

/* One step of one row; the state of that row changes in place. False if something is not finite ([finite-1]). */
bool net_step(const Model *model, Scratch *scratch, State *state, size_t row, size_t id, const float *x)
{
    for (size_t i = 0; i < model->count; i++) {
        const Layer *layer = &model->layers[i];
        size_t width = layer->out;
        float *y = scratch->y[i];
        switch (layer->kind) {
        case EMBEDDING:
            memcpy(y, layer->E + id * width, width * sizeof *y);
            break;
        case ONE_HOT:
            memset(y, 0, width * sizeof *y);
            y[id] = 1;
            break;
        case LSTM: {
            float *h = state->h[i] + row * width, *c = state->c[i] + row * width;
            lstm(layer, x, h, c, scratch->a);
            if (!all_finite(c, width))
                return false;
            memcpy(y, h, width * sizeof *y);
            break;
        }
        case DENSE:
            chain_start(scratch->a, width, layer->b);
            chain_add(scratch->a, width, x, layer->in, layer->W);
            for (size_t j = 0; j < width; j++)
                y[j] = tiny(scratch->a[j]);
            break;
        default:
            softmax(layer, x, y, scratch->a);
        }
        if (!all_finite(y, width))
            return false;
        x = y;
    }
    return true;
}
