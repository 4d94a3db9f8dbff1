/* The structure of layers (section 8) and examples (9.3). */
#include "player.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void check_parameters(Work *work, const Value *layer, const Field *roles, size_t count)
{
    const Value *parameters = find(layer, "parameters");
    check_members(work, parameters, roles, count);
    for (size_t i = 0; i < count; i++)
        typed(work, parameters, roles[i].name, STRING);
}

static void check_layer(Work *work, const Value *layer)
{
    static const Field SIZED[] = {{"name", true}, {"type", true}, {"size", true}, {"parameters", true}};
    static const Field LSTM_[] = {{"name", true}, {"type", true}, {"hidden_size", true}, {"parameters", true}};
    static const Field PLAIN_[] = {{"name", true}, {"type", true}};
    static const Field ACTIVATION[] = {{"name", true}, {"type", true}, {"function", true}};
    static const Field E[] = {{"E", true}}, WB[] = {{"W", true}, {"b", false}}, WRB[] = {{"W", true}, {"R", true}, {"b", false}};
    if (layer->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    if (typed(work, layer, "type", STRING) == NULL)
        refuse(work, "STRUCTURE_MISSING");
    bool embedding = word_is(layer, "type", "embedding");
    if (embedding || word_is(layer, "type", "dense")) {
        check_members(work, layer, SIZED, COUNT(SIZED));
        check_integer(work, find(layer, "size"), 1, 65536);
        check_parameters(work, layer, embedding ? E : WB, embedding ? COUNT(E) : COUNT(WB));
    } else if (word_is(layer, "type", "lstm")) {
        check_members(work, layer, LSTM_, COUNT(LSTM_));
        check_integer(work, find(layer, "hidden_size"), 1, 65536);
        check_parameters(work, layer, WRB, COUNT(WRB));
    } else if (word_is(layer, "type", "one_hot")) {
        check_members(work, layer, PLAIN_, COUNT(PLAIN_));
    } else if (word_is(layer, "type", "activation")) {
        check_members(work, layer, ACTIVATION, COUNT(ACTIVATION));
        typed(work, layer, "function", STRING);
        if (!word_is(layer, "function", "softmax") && !word_is(layer, "function", "log_softmax"))
            refuse(work, "STRUCTURE_ENUM");
    } else {
        refuse(work, "STRUCTURE_ENUM");
    }
    check_name(work, typed(work, layer, "name", STRING)->string);
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

/* Lists of ids, or the name of a tensor; whether it is the one that the net takes is a matter of agreement. */
static void check_example_input(Work *work, const Value *input)
{
    if (input->type == STRING)
        return;
    if (input->type != LIST)
        refuse(work, "STRUCTURE_TYPE");
    if (input->count < 1)
        refuse(work, "STRUCTURE_LENGTH");
    for (size_t n = 0; n < input->count; n++) {
        const Value *row = &input->items[n];
        if (row->type != LIST)
            refuse(work, "STRUCTURE_TYPE");
        if (row->count < 1)
            refuse(work, "STRUCTURE_LENGTH");
        for (size_t t = 0; t < row->count; t++)
            check_integer(work, &row->items[t], 0, INFINITY);
    }
}

static void check_state(Work *work, const Value *state)
{
    static const Field FIELDS[] = {{"h", true}, {"c", false}};
    for (size_t i = 0; state != NULL && i < state->count; i++) {
        const Value *layer = &state->members[i].value;
        check_members(work, layer, FIELDS, COUNT(FIELDS));
        typed(work, layer, "h", STRING);
        typed(work, layer, "c", STRING);
    }
}

static void check_example(Work *work, const Value *example)
{
    static const Field EXACT[] = {{"kind", true}, {"input", true}, {"lengths", false},
                                  {"state", false}, {"output", true}, {"final_state", false}};
    static const Field REFERENCE[] = {{"kind", true}, {"source", true}, {"tolerance", true}, {"input", true}, {"lengths", false},
                                      {"state", false}, {"output", true}, {"final_state", false}};
    static const Field SOURCE[] = {{"system", true}, {"version", true}};
    if (example->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    if (typed(work, example, "kind", STRING) == NULL)
        refuse(work, "STRUCTURE_MISSING");
    if (word_is(example, "kind", "exact")) {
        check_members(work, example, EXACT, COUNT(EXACT));
    } else if (word_is(example, "kind", "reference")) {
        check_members(work, example, REFERENCE, COUNT(REFERENCE));
        const Value *source = find(example, "source");
        check_members(work, source, SOURCE, COUNT(SOURCE));
        typed(work, source, "system", STRING);
        typed(work, source, "version", STRING);
        check_number(work, find(example, "tolerance"), 0, 1);
    } else {
        refuse(work, "STRUCTURE_ENUM");
    }
    check_example_input(work, find(example, "input"));
    const Value *lengths = typed(work, example, "lengths", LIST);
    for (size_t n = 0; lengths != NULL && n < lengths->count; n++)
        check_integer(work, &lengths->items[n], 0, INFINITY);
    check_state(work, typed(work, example, "state", OBJECT));
    check_state(work, typed(work, example, "final_state", OBJECT));
    typed(work, example, "output", STRING);
}

void check_examples(Work *work, const Value *examples)
{
    for (size_t i = 0; i < examples->count; i++)
        check_example(work, &examples->items[i]);
}
