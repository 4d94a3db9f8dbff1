/* Sequences and state (section 14). */
#include "player.h"

#include <math.h>
#include <string.h>

State *make_state(Work *work, const Model *model, size_t rows)
{
    State *state = take(work, 1, sizeof *state);
    state->rows = rows;
    state->h = take(work, model->count, sizeof *state->h);
    state->c = take(work, model->count, sizeof *state->c);
    for (size_t i = 0; i < model->count; i++) {
        const Layer *layer = &model->layers[i];
        if (!is_recurrent(layer))
            continue;
        if (rows > SIZE_MAX / layer->out)
            complain(work, "out of memory");
        state->h[i] = take(work, rows * layer->out, sizeof **state->h);
        if (layer->kind == LSTM)
            state->c[i] = take(work, rows * layer->out, sizeof **state->c);
    }
    return state;
}

/* Every row after T, or the same `initial` in every row, or +0 if that is absent. */
static void copy_array(float *to, const float *from, const float *initial, size_t rows, size_t width)
{
    for (size_t k = 0; to != NULL && k < rows * width; k++)
        to[k] = from != NULL ? tiny(from[k]) : initial != NULL ? initial[k % width] : 0;
}

/* `from` after T, or the initial state if there is none ([run-2]). */
static void copy_state(const Model *model, State *to, const State *from)
{
    for (size_t i = 0; i < model->count; i++) {
        const Layer *layer = &model->layers[i];
        copy_array(to->h[i], from == NULL ? NULL : from->h[i], layer->h0, to->rows, layer->out);
        copy_array(to->c[i], from == NULL ? NULL : from->c[i], layer->c0, to->rows, layer->out);
    }
}

State *initial_state(Work *work, const Model *model, size_t rows)
{
    State *state = make_state(work, model, rows);
    copy_state(model, state, NULL);
    return state;
}

Session make_session(Work *work, const Model *model)
{
    Session session = {.work = work, .model = model, .scratch = make_scratch(work, model)};
    session.x = take(work, model->width, sizeof *session.x);
    return session;
}

/* Sets the state, after T. A faulty one is kept as it is, for [run-5] to judge. */
void restore(Session *session, State *state)
{
    session->state = state;
    if (state->fault == NULL) {
        session->state = make_state(session->work, session->model, state->rows);
        copy_state(session->model, session->state, state);
    }
}

static size_t length_of(const Value *lengths, size_t row, const Input *input)
{
    return lengths == NULL ? input->steps : (size_t)lengths->items[row].number;
}

/* [run-5], up to the input's elements; only those at valid steps. */
static const char *check_input_values(const Model *model, const Input *input, const Value *lengths)
{
    for (size_t n = 0; n < input->rows; n++) {
        size_t length = length_of(lengths, n, input);
        for (size_t t = 0; t < length; t++) {
            size_t place = n * input->total + input->first + t;
            if (model->tokens) {
                double id = input->ids[place];
                if (!(id >= 0 && id < (double)model->width && floor(id) == id))
                    return "RUN_TOKEN";
                continue;
            }
            for (size_t k = 0; k < model->width; k++)
                if (!isfinite(input->features[place * model->width + k]))
                    return "RUN_NONFINITE_INPUT";
        }
    }
    return NULL;
}

static const char *check_arguments(const Model *model, const Input *input, const Value *lengths, const State *state)
{
    if (!input->shaped || input->rows == 0)
        return "RUN_SHAPE";
    if (lengths != NULL && lengths->count != input->rows)
        return "RUN_SHAPE";
    for (size_t n = 0; lengths != NULL && n < input->rows; n++) {
        double length = lengths->items[n].number;
        if (!(length >= 0 && length <= (double)input->steps && floor(length) == length))
            return "RUN_LENGTH";
    }
    const char *fault = check_input_values(model, input, lengths);
    if (fault != NULL || state == NULL)
        return fault;
    /* A fault in the shapes comes before one in the elements. */
    if (model->recurrent != 0 && state->rows != input->rows)
        return "RUN_STATE";
    return state->fault;
}

/* All steps of one row. */
static bool run_row(Session *session, State *state, const Input *input, size_t n, size_t length, float *output)
{
    const Model *model = session->model;
    size_t width = last_layer(model)->out;
    const float *y = session->scratch->y[model->count - 1];
    for (size_t t = 0; t < length; t++) {
        size_t place = n * input->total + input->first + t;
        size_t id = model->tokens ? (size_t)input->ids[place] : 0;
        for (size_t k = 0; !model->tokens && k < model->width; k++)
            session->x[k] = tiny(input->features[place * model->width + k]);
        if (!net_step(model, session->scratch, state, n, id, session->x))
            return false;
        if (model->has_time)
            memcpy(output + place * width, y, width * sizeof *output);
    }
    if (model->has_time)
        return true;
    if (!net_end(model, session->scratch, state, n, length != 0))
        return false;
    memcpy(output + n * width, y, width * sizeof *output);
    return true;
}

/* Zeroed: [N, total, width], or [N, width] where the output has no time. */
float *make_output(Work *work, const Model *model, const Input *input)
{
    size_t width = last_layer(model)->out, steps = model->has_time ? input->total : 1;
    if (input->rows != 0 && steps > SIZE_MAX / width / input->rows)
        complain(work, "out of memory");
    return take(work, input->rows * steps * width, sizeof(float));
}

/* One call, from the session's state. It works on a copy: if it fails, the state is still what it was ([finite-1]).
   `output` is from make_output. Returns 0, or a code. */
const char *run(Session *session, const Input *input, const Value *lengths, float *output)
{
    const Model *model = session->model;
    const char *fault = check_arguments(model, input, lengths, session->state);
    if (fault != NULL)
        return fault;
    State *next = session->spare;
    if (next == NULL || next->rows != input->rows)
        next = make_state(session->work, model, input->rows);
    session->spare = next;
    copy_state(model, next, session->state);
    for (size_t n = 0; n < input->rows; n++)
        if (!run_row(session, next, input, n, length_of(lengths, n, input), output))
            return "RUN_NONFINITE";
    session->spare = session->state;
    session->state = next;
    return NULL;
}
