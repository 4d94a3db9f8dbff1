/* Layers with their parameters (section 8). */
#include "player.h"

/* After T ([tiny-2]). Absent: 0. A tensor is used once, so T may be applied where it lies. */
static const float *parameter(Work *work, Model *model, const Value *layer, const char *role, size_t rank, size_t a, size_t b)
{
    const Value *name = find(find(layer, "parameters"), role);
    if (name == NULL)
        return NULL;
    Tensor *tensor = refer(work, model, name);
    need_shape(work, tensor, rank, a, b, 0);
    for (size_t i = 0; i < tensor->count; i++)
        tensor->values[i] = tiny(tensor->values[i]);
    return tensor->values;
}

static size_t size_of(const Value *layer, const char *member)
{
    return (size_t)find(layer, member)->number;
}

static float constant(const Value *activation, const char *name)
{
    const Value *value = find(activation, name);
    return value == NULL ? 0 : tiny(float32_nearest(value->number));
}

static Activation load_activation(const Value *value)
{
    return (Activation){find_function(find(value, "function")->string)->formula, constant(value, "alpha"), constant(value, "beta")};
}

/* All cells are made alike: `blocks` of H columns. */
static void load_cell(Work *work, Model *model, const Value *value, Layer *layer, size_t blocks)
{
    static const char *const USES[] = {"gates", "candidate", "output"};
    size_t H = layer->out = size_of(value, "hidden_size");
    const Value *activation = find(value, "activation"), *activations = find(value, "activations");
    if (activation != NULL)
        layer->functions[0] = load_activation(activation);
    for (size_t i = 0; i < 3; i++)
        if (find(activations, USES[i]) != NULL)
            layer->functions[i] = load_activation(find(activations, USES[i]));
    layer->W = parameter(work, model, value, "W", 2, layer->in, blocks * H);
    layer->R = parameter(work, model, value, "R", 2, H, blocks * H);
    layer->b = parameter(work, model, value, "b", 1, blocks * H, 0);
    layer->rb = parameter(work, model, value, "rb", 1, H, 0);
    layer->h0 = parameter(work, model, value, "h0", 1, H, 0);
    layer->c0 = parameter(work, model, value, "c0", 1, H, 0);
    layer->final = word_is(value, "output", "final");
    layer->reset_before = word_is(value, "reset", "before");
}

static Kind kind_of(const Value *layer)
{
    static const char *const TYPES[] = {
        [EMBEDDING] = "embedding", [ONE_HOT] = "one_hot", [ELMAN] = "elman",
        [LSTM] = "lstm", [GRU] = "gru", [DENSE] = "dense", [AFFINE] = "affine",
    };
    if (word_is(layer, "type", "last_step"))
        return LAST_STEP;
    if (word_is(layer, "function", "softmax"))
        return SOFTMAX;
    if (word_is(layer, "function", "log_softmax"))
        return LOG_SOFTMAX;
    Kind kind = EMBEDDING;
    while (kind < ACTIVATION && !word_is(layer, "type", TYPES[kind]))
        kind++;
    return kind;
}

static Layer load_layer(Work *work, Model *model, const Value *value, size_t in)
{
    Layer layer = {.name = find(value, "name")->string, .kind = kind_of(value), .in = in, .out = in};
    switch (layer.kind) {
    case EMBEDDING:
        layer.out = size_of(value, "size");
        layer.E = parameter(work, model, value, "E", 2, in, layer.out);
        break;
    case ELMAN:
        load_cell(work, model, value, &layer, 1);
        break;
    case LSTM:
        load_cell(work, model, value, &layer, 4);
        break;
    case GRU:
        load_cell(work, model, value, &layer, 3);
        break;
    case DENSE:
        layer.out = size_of(value, "size");
        layer.W = parameter(work, model, value, "W", 2, in, layer.out);
        layer.b = parameter(work, model, value, "b", 1, layer.out, 0);
        break;
    case AFFINE:
        layer.s = parameter(work, model, value, "s", 1, in, 0);
        layer.t = parameter(work, model, value, "t", 1, in, 0);
        break;
    case ACTIVATION:
        layer.functions[0] = load_activation(value);
        break;
    default:
        break;
    }
    return layer;
}

bool is_recurrent(const Layer *layer)
{
    return layer->kind == ELMAN || layer->kind == LSTM || layer->kind == GRU;
}

bool is_softmax(const Layer *layer)
{
    return layer->kind == SOFTMAX || layer->kind == LOG_SOFTMAX;
}

const Layer *last_layer(const Model *model)
{
    return &model->layers[model->count - 1];
}

/* [agree-1] */
static void check_layer_name(Work *work, const Model *model, size_t place)
{
    String name = model->layers[place].name;
    if (same(name, "input"))
        refuse(work, "NAME_RESERVED");
    for (size_t k = 0; k < place; k++)
        if (equal(name, model->layers[k].name))
            refuse(work, "NAME_REPEATED");
}

/* [agree-3]: tokens first, and behind a layer without time no layer that would need it. */
static void check_layer_place(Work *work, const Model *model, size_t place)
{
    const Layer *layer = &model->layers[place];
    bool takes_tokens = layer->kind == EMBEDDING || layer->kind == ONE_HOT;
    if (takes_tokens != (place == 0 && model->tokens))
        refuse(work, "LAYER_INPUT");
    if (!model->has_time && (is_recurrent(layer) || layer->kind == LAST_STEP))
        refuse(work, "LAYER_INPUT");
}

void load_layers(Work *work, Model *model)
{
    const Value *layers = find(model->document, "layers");
    model->layers = take(work, layers->count, sizeof *model->layers);
    model->has_time = true;
    size_t width = model->width;
    for (; model->count < layers->count; model->count++) {
        Layer *layer = &model->layers[model->count];
        *layer = load_layer(work, model, &layers->items[model->count], width);
        check_layer_name(work, model, model->count);
        check_layer_place(work, model, model->count);
        model->recurrent += is_recurrent(layer);
        model->timed += model->has_time;
        model->has_time &= !layer->final && layer->kind != LAST_STEP;
        width = layer->out;
    }
}
