/* Does the net still give what an example holds ([example-1])? */
#include "player.h"

static Input example_input(Work *work, const Model *model, const Value *example)
{
    const Value *value = find(example, "input");
    if (model->tokens)
        return ids_read(work, value);
    const Tensor *tensor = tensor_named(work, model, value);
    return (Input){.shaped = true, .rows = tensor->shape[0], .steps = tensor->shape[1], .total = tensor->shape[1],
                   .features = tensor->values};
}

/* Bit by bit without a tolerance. Sums and products are binary64. */
static bool agrees(float y, float r, const Value *tolerance)
{
    if (tolerance == NULL)
        return bits_of(y) == bits_of(r);
    double difference = (double)y - (double)r, size = r < 0 ? -(double)r : (double)r;
    double most = tolerance->number * (size < 1 ? 1 : size);
    return difference <= most && -difference <= most;
}

static bool all_agree(const float *y, const float *r, size_t count, const Value *tolerance)
{
    for (size_t k = 0; k < count; k++)
        if (!agrees(y[k], r[k], tolerance))
            return false;
    return true;
}

/* The state that an example gives, or 0. */
static State *example_state(Work *work, const Model *model, const Value *state, size_t rows)
{
    if (state == NULL)
        return NULL;
    State *given = make_state(work, model, 0);
    given->rows = rows;
    for (size_t i = 0; i < model->count; i++) {
        if (!is_recurrent(&model->layers[i]))
            continue;
        const Value *arrays = find_string(state, model->layers[i].name);
        given->h[i] = tensor_named(work, model, find(arrays, "h"))->values;
        if (model->layers[i].kind == LSTM)
            given->c[i] = tensor_named(work, model, find(arrays, "c"))->values;
    }
    return given;
}

static bool states_agree(const Model *model, const State *got, const State *wanted, const Value *tolerance)
{
    for (size_t i = 0; i < model->count; i++) {
        size_t count = got->rows * model->layers[i].out;
        if (got->h[i] != NULL && !all_agree(got->h[i], wanted->h[i], count, tolerance))
            return false;
        if (got->c[i] != NULL && !all_agree(got->c[i], wanted->c[i], count, tolerance))
            return false;
    }
    return true;
}

/* An exact example is compared at every place, a reference at valid steps; without time, all of it either way. */
static bool outputs_agree(const Model *model, const Input *input, const Value *lengths, const float *y, const float *r,
                          const Value *tolerance)
{
    size_t width = last_layer(model)->out, steps = model->has_time ? input->total : 1;
    for (size_t n = 0; n < input->rows; n++) {
        bool cut = model->has_time && lengths != NULL && tolerance != NULL;
        size_t length = cut ? (size_t)lengths->items[n].number : steps;
        if (!all_agree(y + n * steps * width, r + n * steps * width, length * width, tolerance))
            return false;
    }
    return true;
}

bool example_holds(Work *work, const Model *model, const Value *example)
{
    const Value *lengths = find(example, "lengths"), *tolerance = find(example, "tolerance");
    Input input = example_input(work, model, example);
    Session session = make_session(work, model);
    session.state = example_state(work, model, find(example, "state"), input.rows);
    float *output = make_output(work, model, &input);
    if (run(&session, &input, lengths, output) != NULL)
        return false;
    const State *final = example_state(work, model, find(example, "final_state"), input.rows);
    return outputs_agree(model, &input, lengths, output, tensor_named(work, model, find(example, "output"))->values, tolerance) &&
           (final == NULL || states_agree(model, session.state, final, tolerance));
}
