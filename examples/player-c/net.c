/* What the layers compute (section 13), for one row. */
#include "player.h"

#include <string.h>

Scratch *make_scratch(Work *work, const Model *model)
{
    Scratch *scratch = take(work, 1, sizeof *scratch);
    scratch->y = take(work, model->count, sizeof *scratch->y);
    size_t widest = 0;
    for (size_t i = 0; i < model->count; i++) {
        size_t width = model->layers[i].out;
        scratch->y[i] = take(work, width, sizeof **scratch->y);
        size_t needed = is_recurrent(&model->layers[i]) ? 4 * width : width;
        widest = needed > widest ? needed : widest;
    }
    scratch->a = take(work, widest, sizeof *scratch->a);
    return scratch;
}

/* [dense-1] */
static void dense(const Layer *layer, const float *x, float *y, float *a)
{
    chain_start(a, layer->out, layer->b);
    chain_add(a, layer->out, x, layer->in, layer->W, layer->out);
    for (size_t j = 0; j < layer->out; j++)
        y[j] = tiny(a[j]);
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

/* The layers without memory. */
static void plain(const Layer *layer, size_t id, const float *x, float *y, float *a)
{
    size_t width = layer->out;
    switch (layer->kind) {
    case EMBEDDING:
        memcpy(y, layer->E + id * width, width * sizeof *y);
        break;
    case ONE_HOT:
        memset(y, 0, width * sizeof *y);
        y[id] = 1;
        break;
    case DENSE:
        dense(layer, x, y, a);
        break;
    case AFFINE: /* [affine-1] */
        for (size_t j = 0; j < width; j++)
            y[j] = tiny((x[j] * layer->s[j]) + layer->t[j]);
        break;
    case ACTIVATION: /* [activation-2] */
        for (size_t j = 0; j < width; j++)
            y[j] = activate(&layer->functions[0], x[j]);
        break;
    case LAST_STEP: /* of the steps that there are, the last one stays ([last-step-1]) */
        memcpy(y, x, width * sizeof *y);
        break;
    default:
        softmax(layer, x, y, a);
    }
}

/* One step of one row through the layers that work at every step; the state of that row changes in place. False if
   something is not finite ([finite-1]). */
bool net_step(const Model *model, Scratch *scratch, State *state, size_t row, size_t id, const float *x)
{
    for (size_t i = 0; i < model->timed; i++) {
        const Layer *layer = &model->layers[i];
        size_t width = layer->out;
        float *y = scratch->y[i];
        if (is_recurrent(layer)) {
            float *h = state->h[i] + row * width, *c = layer->kind == LSTM ? state->c[i] + row * width : NULL;
            if (!cell_step(layer, x, h, c, scratch->a))
                return false;
            memcpy(y, h, width * sizeof *y);
        } else {
            plain(layer, id, x, y, scratch->a);
        }
        if (!all_finite(y, width))
            return false;
        x = y;
    }
    return true;
}

/* The layers without time, once for a row, after its steps, if there were any ([final-1], [last-step-1]). */
bool net_end(const Model *model, Scratch *scratch, const State *state, size_t row, bool any)
{
    size_t end = model->timed - 1, width = model->layers[end].out;
    if (!any && is_recurrent(&model->layers[end]))
        memcpy(scratch->y[end], state->h[end] + row * width, width * sizeof(float));
    else if (!any)
        memset(scratch->y[end], 0, width * sizeof(float));
    for (size_t i = model->timed; i < model->count; i++) {
        plain(&model->layers[i], 0, scratch->y[i - 1], scratch->y[i], scratch->a);
        if (!all_finite(scratch->y[i], model->layers[i].out))
            return false;
    }
    return true;
}
