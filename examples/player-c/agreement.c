/* The rest of section 10: output, labels, decoding and examples. */
#include "player.h"

static void need_count(Work *work, const Value *list, size_t count)
{
    if (list != NULL && list->count != count)
        refuse(work, "LABELS_COUNT");
}

/* [agree-7], [agree-8] */
void agree_output(Work *work, Model *model)
{
    const Value *output = find(model->document, "output"), *input = find(model->document, "input");
    const Layer *last = last_layer(model);
    if (word_is(output, "kind", "probabilities") != (last->kind == SOFTMAX) ||
        word_is(output, "kind", "log_probabilities") != (last->kind == LOG_SOFTMAX))
        refuse(work, "OUTPUT_KIND");
    if (model->output_vocabulary != NULL && model->output_vocabulary->count != last->out)
        refuse(work, "VOCABULARY_SIZE");
    need_count(work, find(output, "labels"), last->out);
    need_count(work, find(input, "names"), model->width);
    need_count(work, find(input, "units"), model->width);
    if (find(model->document, "decoding") != NULL && model->output_vocabulary == NULL)
        refuse(work, "DECODING_OUTPUT");
}

/* [agree-9]: all recurrent layers, and no other. */
static void agree_state(Work *work, Model *model, const Value *state, size_t rows)
{
    if (state == NULL)
        return;
    for (size_t i = 0; i < model->count; i++) {
        const Layer *layer = &model->layers[i];
        if (!is_recurrent(layer))
            continue;
        const Value *arrays = find_string(state, layer->name);
        if (arrays == NULL)
            refuse(work, "STATE_INCOMPLETE");
        const Value *c = find(arrays, "c");
        if ((c != NULL) != (layer->kind == LSTM))
            refuse(work, c == NULL ? "STATE_INCOMPLETE" : "LAYER_UNKNOWN");
        need_shape(work, refer_float32(work, model, find(arrays, "h")), 2, rows, layer->out, 0);
        if (c != NULL)
            need_shape(work, refer_float32(work, model, c), 2, rows, layer->out, 0);
    }
    if (state->count != model->recurrent)
        refuse(work, "LAYER_UNKNOWN");
}

static void agree_ids(Work *work, const Model *model, const Value *rows)
{
    for (size_t n = 0; n < rows->count; n++) {
        const Value *row = &rows->items[n];
        if (row->count != rows->items[0].count)
            refuse(work, "EXAMPLE_INPUT");
        for (size_t t = 0; t < row->count; t++)
            if (row->items[t].number >= (double)model->width)
                refuse(work, "ID_RANGE");
    }
}

static void agree_example(Work *work, Model *model, const Value *example)
{
    const Value *input = find(example, "input"), *lengths = find(example, "lengths");
    size_t rows, steps;
    if ((input->type == LIST) != model->tokens)
        refuse(work, "EXAMPLE_INPUT");
    if (model->tokens) {
        rows = input->count;
        steps = input->items[0].count;
        agree_ids(work, model, input);
    } else {
        const Tensor *tensor = refer_float32(work, model, input);
        rows = tensor->shape[0];
        steps = tensor->shape[1];
        need_shape(work, tensor, 3, rows, steps, model->width);
    }
    need_count(work, lengths, rows);
    for (size_t n = 0; lengths != NULL && n < rows; n++)
        if (lengths->items[n].number > (double)steps)
            refuse(work, "ID_RANGE");
    agree_state(work, model, find(example, "state"), rows);
    const Tensor *output = refer_float32(work, model, find(example, "output"));
    size_t width = last_layer(model)->out;
    need_shape(work, output, model->has_time ? 3 : 2, rows, model->has_time ? steps : width, width);
    agree_state(work, model, find(example, "final_state"), rows);
}

void agree_examples(Work *work, Model *model)
{
    const Value *examples = find(model->document, "examples");
    for (size_t i = 0; examples != NULL && i < examples->count; i++)
        agree_example(work, model, &examples->items[i]);
}
