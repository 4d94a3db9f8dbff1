/* Arrays and states in an answer (17.1). */
#include "player.h"

void put_array(Buffer *answer, const size_t *shape, size_t rank, const float *elements)
{
    size_t count = 1;
    put(answer, "{\"shape\":[");
    for (size_t i = 0; i < rank; i++) {
        if (i != 0)
            put(answer, ",");
        put_number(answer, shape[i]);
        count *= shape[i];
    }
    put(answer, "],\"bits\":\"");
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = bits_of(elements[i]);
        for (int shift = 28; shift >= 0; shift -= 4)
            put_byte(answer, (unsigned char)"0123456789abcdef"[bits >> shift & 15]);
    }
    put(answer, "\"}");
}

/* One layer of a state; without c: 0. */
static void put_layer(Buffer *answer, bool first, String name, const size_t *shape, const float *h, const size_t *c_shape, const float *c)
{
    put(answer, first ? "" : ",");
    put_string(answer, name);
    put(answer, ":{\"h\":");
    put_array(answer, shape, 2, h);
    if (c != NULL) {
        put(answer, ",\"c\":");
        put_array(answer, c_shape, 2, c);
    }
    put(answer, "}");
}

void put_state(Buffer *answer, const Model *model, const State *state)
{
    bool first = true;
    put(answer, "{");
    for (size_t i = 0; i < model->count; i++) {
        size_t shape[] = {state->rows, model->layers[i].out};
        if (!is_recurrent(&model->layers[i]))
            continue;
        put_layer(answer, first, model->layers[i].name, shape, state->h[i], shape, state->c[i]);
        first = false;
    }
    put(answer, "}");
}

/* A saved state, whose sizes are its own. */
void put_saved(Buffer *answer, const Model *saved)
{
    const Value *state = find(saved->document, "state");
    put(answer, "{");
    for (size_t i = 0; i < state->count; i++) {
        const Value *arrays = &state->members[i].value, *name = find(arrays, "c");
        const Tensor *h = tensor_named(answer->work, saved, find(arrays, "h"));
        const Tensor *c = name == NULL ? h : tensor_named(answer->work, saved, name);
        put_layer(answer, i == 0, state->members[i].key, h->shape, h->values, c->shape, name == NULL ? NULL : c->values);
    }
    put(answer, "}");
}
