/* From bytes to a model: the stages in their order, then layers with their tensors. */
#include "player.h"

/* A reference to a tensor: there is one of that name, and this is the only reference to it ([agree-4]). */
Tensor *refer(Work *work, Model *model, const Value *name)
{
    const Value *tensors = find(model->document, "tensors");
    const Value *found = find_string(tensors, name->string);
    if (found == NULL)
        refuse(work, "TENSOR_UNKNOWN");
    const Member *member = (const Member *)((const char *)found - offsetof(Member, value));
    Tensor *tensor = &model->tensors[member - tensors->members];
    if (tensor->used)
        refuse(work, "TENSOR_REUSED");
    tensor->used = true;
    return tensor;
}

/* Sizes from the first on; 0 where there is none. */
void need_shape(Work *work, const Tensor *tensor, size_t rank, size_t a, size_t b, size_t c)
{
    const size_t sizes[] = {a, b, c};
    bool good = tensor->rank == rank;
    for (size_t i = 0; good && i < rank; i++)
        good = tensor->shape[i] == sizes[i];
    if (!good)
        refuse(work, "TENSOR_SHAPE");
}

/* A parameter, after T ([tiny-2]). Absent: 0. A tensor is used once, so T may be applied where it lies. */
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

static Layer load_layer(Work *work, Model *model, const Value *value, size_t in)
{
    Layer layer = {.name = find(value, "name")->string, .in = in, .out = in};
    if (word_is(value, "type", "embedding")) {
        layer.kind = EMBEDDING;
        layer.out = size_of(value, "size");
        layer.E = parameter(work, model, value, "E", 2, in, layer.out);
    } else if (word_is(value, "type", "one_hot")) {
        layer.kind = ONE_HOT;
    } else if (word_is(value, "type", "lstm")) {
        layer.kind = LSTM;
        layer.out = size_of(value, "hidden_size");
        layer.W = parameter(work, model, value, "W", 2, in, 4 * layer.out);
        layer.R = parameter(work, model, value, "R", 2, layer.out, 4 * layer.out);
        layer.b = parameter(work, model, value, "b", 1, 4 * layer.out, 0);
    } else if (word_is(value, "type", "dense")) {
        layer.kind = DENSE;
        layer.out = size_of(value, "size");
        layer.W = parameter(work, model, value, "W", 2, in, layer.out);
        layer.b = parameter(work, model, value, "b", 1, layer.out, 0);
    } else {
        layer.kind = word_is(value, "function", "softmax") ? SOFTMAX : LOG_SOFTMAX;
    }
    return layer;
}

/* [agree-1], [agree-3] */
static void load_layers(Work *work, Model *model)
{
    const Value *layers = find(model->document, "layers");
    model->count = layers->count;
    model->layers = take(work, layers->count, sizeof *model->layers);
    size_t width = model->width;
    for (size_t i = 0; i < layers->count; i++) {
        const Value *value = &layers->items[i];
        String name = find(value, "name")->string;
        if (same(name, "input"))
            refuse(work, "NAME_RESERVED");
        for (size_t k = 0; k < i; k++)
            if (equal(name, model->layers[k].name))
                refuse(work, "NAME_REPEATED");
        bool takes_tokens = word_is(value, "type", "embedding") || word_is(value, "type", "one_hot");
        if (takes_tokens != (i == 0 && model->tokens))
            refuse(work, "LAYER_INPUT");
        model->layers[i] = load_layer(work, model, value, width);
        model->recurrent += model->layers[i].kind == LSTM;
        width = model->layers[i].out;
    }
}

static double special(Work *work, const Value *vocabulary, const char *key)
{
    const Value *id = find(vocabulary, key);
    if (id == NULL)
        return -1;
    if (id->number >= (double)find(vocabulary, "tokens")->count)
        refuse(work, "ID_RANGE");
    return id->number;
}

static Vocabulary *load_vocabulary(Work *work, const Value *value)
{
    Vocabulary *vocabulary = take(work, 1, sizeof *vocabulary);
    vocabulary->count = find(value, "tokens")->count;
    vocabulary->tokens = find(value, "tokens")->items;
    vocabulary->unknown = special(work, value, "unknown");
    vocabulary->start = special(work, value, "start");
    vocabulary->end = special(work, value, "end");
    vocabulary->padding = special(work, value, "padding");
    return vocabulary;
}

/* [agree-2]: each reference has its vocabulary, and each vocabulary a reference. */
static void load_vocabularies(Work *work, Model *model)
{
    const Value *vocabularies = find(model->document, "vocabularies");
    const Value *input = find(model->document, "input"), *output = find(model->document, "output");
    const Value *names[] = {find(input, "vocabulary"), find(output, "vocabulary")};
    const Value *found[2];
    Vocabulary *loaded[2];
    for (int i = 0; i < 2; i++) {
        found[i] = names[i] == NULL ? NULL : find_string(vocabularies, names[i]->string);
        if (names[i] != NULL && found[i] == NULL)
            refuse(work, "VOCABULARY_UNKNOWN");
        loaded[i] = found[i] == NULL ? NULL : load_vocabulary(work, found[i]);
    }
    for (size_t i = 0; vocabularies != NULL && i < vocabularies->count; i++)
        if (&vocabularies->members[i].value != found[0] && &vocabularies->members[i].value != found[1])
            refuse(work, "VOCABULARY_UNUSED");
    model->input_vocabulary = loaded[0];
    model->output_vocabulary = loaded[1];
    model->generates = model->tokens && found[0] == found[1];
}

Model *load_model(Work *work, String bytes, const Limits *limits)
{
    Value *document = take(work, 1, sizeof *document);
    *document = document_read(work, bytes, limits);
    check_document(work, document, limits);
    Model *model = take(work, 1, sizeof *model);
    model->document = document;
    const Value *tensors = find(document, "tensors"), *input = find(document, "input"), *decoding = find(document, "decoding");
    model->tensors = take(work, tensors->count, sizeof *model->tensors);
    for (size_t i = 0; i < tensors->count; i++)
        model->tensors[i] = load_tensor(work, &tensors->members[i].value);
    model->tokens = word_is(input, "kind", "tokens");
    load_vocabularies(work, model);
    model->width = model->tokens ? model->input_vocabulary->count : size_of(input, "size");
    load_layers(work, model);
    if (decoding != NULL && word_is(decoding, "mode", "sample")) {
        model->sample = true;
        model->temperature = find(decoding, "temperature")->number;
    }
    agree_output(work, model);
    agree_examples(work, model);
    for (size_t i = 0; i < tensors->count; i++)
        if (!model->tensors[i].used)
            refuse(work, "TENSOR_UNUSED");
    return model;
}
