/* The structure of layers and activations (section 8). */
#include "player.h"

enum { MOST = 8 };

/* Beside `name`, `type`, `extensions`, and `parameters` where there are roles. */
static const struct {
    const char *type;
    Field members[MOST], roles[MOST];
} TYPES[] = {
    {"embedding", {{"size", true}}, {{"E", true}}},
    {"one_hot", {{0}}, {{0}}},
    {"elman",
     {{"hidden_size", true}, {"activation", true}, {"output", false}},
     {{"W", true}, {"R", true}, {"b", false}, {"h0", false}}},
    {"lstm",
     {{"hidden_size", true}, {"activations", true}, {"output", false}},
     {{"W", true}, {"R", true}, {"b", false}, {"h0", false}, {"c0", false}}},
    {"gru",
     {{"hidden_size", true}, {"reset", true}, {"activations", true}, {"output", false}},
     {{"W", true}, {"R", true}, {"b", false}, {"rb", false}, {"h0", false}}},
    {"dense", {{"size", true}}, {{"W", true}, {"b", false}}},
    {"affine", {{0}}, {{"s", true}, {"t", true}}},
    {"last_step", {{0}}, {{0}}},
};

/* An activation, on its own or as a layer: `alpha` and `beta` exactly where its function asks for them. */
static void check_activation(Work *work, const Value *object, bool layer)
{
    Field fields[MOST] = {{"function", true}};
    size_t count = 1;
    if (object->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    const Value *name = typed(work, object, "function", STRING);
    if (name == NULL)
        refuse(work, "STRUCTURE_MISSING");
    const Function *function = find_function(name->string);
    bool vector = same(name->string, "softmax") || same(name->string, "log_softmax");
    if (function == NULL && !(layer && vector))
        refuse(work, "STRUCTURE_ENUM");
    static const char *const CONSTANTS[] = {"alpha", "beta"};
    int constants = vector ? 0 : function->constants;
    for (int i = 0; i < constants; i++)
        fields[count++] = (Field){CONSTANTS[i], true};
    if (layer) {
        fields[count++] = (Field){"name", true};
        fields[count++] = (Field){"type", true};
        fields[count++] = (Field){"extensions", false};
    }
    check_members(work, object, fields);
    for (int i = 0; i < constants; i++)
        check_number(work, find(object, CONSTANTS[i]), -1e38, 1e38);
}

static void check_activations(Work *work, const Value *layer)
{
    static const Field USES[] = {{"gates", true}, {"candidate", true}, {0}};
    static const Field LSTM_USES[] = {{"gates", true}, {"candidate", true}, {"output", true}, {0}};
    const Value *activations = find(layer, "activations");
    if (find(layer, "activation") != NULL)
        check_activation(work, find(layer, "activation"), false);
    if (activations == NULL)
        return;
    check_members(work, activations, word_is(layer, "type", "lstm") ? LSTM_USES : USES);
    for (size_t i = 0; i < activations->count; i++)
        check_activation(work, &activations->members[i].value, false);
}

static void check_parameters(Work *work, const Value *layer, const Field *roles)
{
    const Value *parameters = find(layer, "parameters");
    check_members(work, parameters, roles);
    for (; roles->name != NULL; roles++)
        typed(work, parameters, roles->name, STRING);
    if (word_is(layer, "reset", "before") && find(parameters, "rb") != NULL) /* [layer-4] */
        refuse(work, "STRUCTURE_UNKNOWN_KEY");
}

static void check_typed_layer(Work *work, const Value *layer)
{
    static const char *const OUTPUTS[] = {"sequence", "final", NULL}, *const RESETS[] = {"before", "after", NULL};
    static const char *const SIZES[] = {"size", "hidden_size"};
    size_t k = 0, types = sizeof TYPES / sizeof *TYPES;
    while (k < types && !word_is(layer, "type", TYPES[k].type))
        k++;
    if (k == types)
        refuse(work, "STRUCTURE_ENUM");
    bool parameters = TYPES[k].roles[0].name != NULL;
    Field fields[MOST + 4] = {{"name", true}, {"type", true}, {"extensions", false}, {"parameters", true}};
    size_t count = parameters ? 4 : 3;
    fields[3].name = parameters ? "parameters" : NULL;
    for (const Field *member = TYPES[k].members; member->name != NULL; member++)
        fields[count++] = *member;
    check_members(work, layer, fields);
    for (size_t i = 0; i < 2; i++)
        if (find(layer, SIZES[i]) != NULL)
            check_integer(work, find(layer, SIZES[i]), 1, 65536);
    check_words(work, layer, "output", OUTPUTS);
    check_words(work, layer, "reset", RESETS);
    check_activations(work, layer);
    if (parameters)
        check_parameters(work, layer, TYPES[k].roles);
}

static void check_layer(Work *work, const Value *layer)
{
    if (word_is(layer, "type", "activation"))
        check_activation(work, layer, true);
    else
        check_typed_layer(work, layer);
    if (typed(work, layer, "name", STRING) != NULL)
        check_name(work, find(layer, "name")->string);
    check_extensions(work, layer);
}

void check_layers(Work *work, const Value *layers, const Limits *limits)
{
    if (layers->count < 1)
        refuse(work, "STRUCTURE_LENGTH");
    if (layers->count > limits->layers)
        refuse(work, "LIMIT_LAYERS");
    for (size_t i = 0; i < layers->count; i++)
        check_layer(work, &layers->items[i]);
}
