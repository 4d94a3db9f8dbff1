/* Arrays of the protocol (17.1), and what a run makes of them: an input and a state. */
#include "player.h"

#include <math.h>

/* {"shape": [...], "bits": "..."}; an array that is none is the asker's fault, not the model's. */
Array array_read(Work *work, const Value *value)
{
    const Value *shape = find(value, "shape"), *bits = find(value, "bits");
    if (shape == NULL || shape->type != LIST || bits == NULL || bits->type != STRING || bits->string.count % 8 != 0)
        complain(work, "not an array of the protocol");
    Array array = {.rank = shape->count, .count = bits->string.count / 8};
    array.shape = take(work, array.rank, sizeof *array.shape);
    size_t product = 1;
    for (size_t i = 0; i < array.rank; i++) {
        const Value *size = &shape->items[i];
        if (size->type != NUMBER || size->number < 0 || size->number > 0x1p31 || floor(size->number) != size->number)
            complain(work, "a shape that is none");
        array.shape[i] = (size_t)size->number;
        if (array.shape[i] != 0 && product > SIZE_MAX / array.shape[i])
            complain(work, "a shape beyond all memory");
        product *= array.shape[i];
    }
    if (product != array.count)
        complain(work, "an array with another number of elements than its shape says");
    array.elements = take(work, array.count, sizeof *array.elements);
    for (size_t i = 0; i < array.count; i++) {
        uint32_t word = 0;
        for (size_t k = 8 * i; k < 8 * i + 8; k++) {
            int digit = hex_digit(bits->string.bytes[k]);
            if (digit < 0)
                complain(work, "bits that are no hexadecimal digits");
            word = word << 4 | (uint32_t)digit;
        }
        array.elements[i] = float32_of(word);
    }
    return array;
}

Input ids_read(Work *work, const Value *value)
{
    Input none = {.shaped = false};
    if (value->type != LIST)
        return none;
    Input input = {.shaped = true, .rows = value->count};
    for (size_t n = 0; n < input.rows; n++) {
        if (value->items[n].type != LIST || value->items[n].count != value->items[0].count)
            return none;
        input.total = value->items[n].count;
    }
    input.steps = input.total;
    double *ids = take(work, input.rows * input.total, sizeof *ids);
    for (size_t n = 0; n < input.rows; n++)
        for (size_t t = 0; t < input.total; t++) {
            const Value *id = &value->items[n].items[t];
            ids[n * input.total + t] = id->type == NUMBER ? id->number : -1;
        }
    input.ids = ids;
    return input;
}

/* Whether the shape is the net's is noted here and judged in its turn ([run-5]). */
Input input_read(Work *work, const Model *model, const Value *value)
{
    if (model->tokens)
        return ids_read(work, value);
    Input input = {.shaped = false};
    if (value->type != OBJECT)
        return input;
    Array array = array_read(work, value);
    if (array.rank != 3 || array.shape[2] != model->width)
        return input;
    input = (Input){.shaped = true, .rows = array.shape[0], .steps = array.shape[1], .total = array.shape[1]};
    input.features = array.elements;
    return input;
}

static float *state_array(Work *work, State *state, const Value *arrays, const char *name, size_t width)
{
    const Value *value = find(arrays, name);
    if (value == NULL) {
        state->fault = "RUN_STATE";
        return NULL;
    }
    Array array = array_read(work, value);
    if (array.rank == 2 && state->rows == 0)
        state->rows = array.shape[0];
    if (array.rank != 2 || array.shape[0] != state->rows || array.shape[1] != width)
        state->fault = "RUN_STATE";
    for (size_t i = 0; i < array.count; i++)
        if (!isfinite(array.elements[i]) && state->fault == NULL)
            state->fault = "RUN_NONFINITE_INPUT";
    return array.elements;
}

/* [run-2], [run-5]: exactly the recurrent layers with exactly their arrays, all of as many rows. */
State *state_read(Work *work, const Model *model, const Value *value)
{
    if (value->type != OBJECT)
        complain(work, "a state that is no object");
    State *state = make_state(work, model, 0);
    for (size_t i = 0; i < model->count; i++) {
        const Layer *layer = &model->layers[i];
        if (!is_recurrent(layer))
            continue;
        const Value *arrays = find_string(value, layer->name);
        if (arrays == NULL || arrays->type != OBJECT || arrays->count != (layer->kind == LSTM ? 2 : 1)) {
            state->fault = "RUN_STATE";
            continue;
        }
        state->h[i] = state_array(work, state, arrays, "h", layer->out);
        if (layer->kind == LSTM)
            state->c[i] = state_array(work, state, arrays, "c", layer->out);
    }
    if (value->count != model->recurrent)
        state->fault = "RUN_STATE";
    return state;
}
