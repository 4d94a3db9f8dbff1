/* Saved states (14.1): a state as a file. */
#include "player.h"

#include <stdio.h>
#include <string.h>

/* [saved-1]; it may be absent. */
static void check_structure(Work *work, const Value *structure)
{
    if (structure != NULL && structure->string.count != 64)
        refuse(work, "STRUCTURE_ENUM");
    for (size_t i = 0; structure != NULL && i < 64; i++)
        if (memchr("0123456789abcdef", structure->string.bytes[i], 16) == NULL)
            refuse(work, "STRUCTURE_ENUM");
}

static void check_saved(Work *work, const Value *document, const Options *options)
{
    static const Field FIELDS[] = {{"rnnspec", true}, {"$schema", false}, {"metadata", false}, {"structure", false},
                                   {"state", true}, {"tensors", true}, {0}};
    check_version(work, document, options->try_anyway);
    check_members(work, document, FIELDS);
    typed(work, document, "$schema", STRING);
    if (typed(work, document, "metadata", OBJECT) != NULL)
        check_free(work, find(document, "metadata"));
    check_structure(work, typed(work, document, "structure", STRING));
    const Value *state = typed(work, document, "state", OBJECT);
    for (size_t i = 0; i < state->count; i++)
        check_name(work, state->members[i].key);
    check_state(work, state);
    check_tensors(work, typed(work, document, "tensors", OBJECT), &options->limits);
}

/* [saved-2]: [N, size], with one N for all; 0 as long as there is none. */
static void agree_array(Work *work, Model *saved, const Value *name, size_t *rows)
{
    const Tensor *tensor = refer_float32(work, saved, name);
    if (*rows == 0)
        *rows = tensor->shape[0];
    need_shape(work, tensor, 2, *rows, tensor->shape[1], 0);
}

/* A model of tensors alone. */
Model *load_state(Work *work, String bytes, const Options *options)
{
    Value *document = take(work, 1, sizeof *document);
    *document = document_read(work, bytes, &options->limits);
    check_saved(work, document, options);
    Model *saved = take(work, 1, sizeof *saved);
    saved->document = document;
    load_tensors(work, saved);
    const Value *state = find(document, "state");
    size_t rows = 0, arrays = 0;
    for (size_t i = 0; i < state->count; i++) {
        const Value *layer = &state->members[i].value;
        agree_array(work, saved, find(layer, "h"), &rows);
        if (find(layer, "c") != NULL)
            agree_array(work, saved, find(layer, "c"), &rows);
        arrays += layer->count;
    }
    if (arrays != find(document, "tensors")->count)
        refuse(work, "TENSOR_UNUSED");
    return saved;
}

static String text(const char *words)
{
    return (String){words, strlen(words)};
}

static Value string_value(String string)
{
    return (Value){.type = STRING, .string = string};
}

static Value object_value(Work *work, size_t room)
{
    return (Value){.type = OBJECT, .members = take(work, room, sizeof(Member))};
}

static void add(Value *object, String key, Value value)
{
    object->members[object->count++] = (Member){key, value};
}

static Value tensor_value(Work *work, const Array *array)
{
    Value tensor = object_value(work, 3), shape = {.type = LIST, .count = array->rank};
    shape.items = take(work, array->rank, sizeof *shape.items);
    for (size_t i = 0; i < array->rank; i++)
        shape.items[i] = (Value){.type = NUMBER, .number = (double)array->shape[i]};
    add(&tensor, text("dtype"), string_value(text("float32")));
    add(&tensor, text("shape"), shape);
    add(&tensor, text("data"), (Value){.type = DECIMALS, .count = array->count, .decimals = array->elements});
    return tensor;
}

/* [saved-4]: all arrays are [N, size], with one N; 0 as long as there is none. */
static void need_rows(Work *work, const Array *array, size_t *rows)
{
    if (array->rank == 2 && *rows == 0)
        *rows = array->shape[0];
    if (array->rank != 2 || array->count == 0 || array->shape[0] != *rows)
        refuse(work, "RUN_STATE");
}

/* The arrays of a state of the protocol, as tensors, and the state as their names. Those with `_reverse` are of nets that
   this player does not know, and are refused here as in a file. */
static void add_layer(Work *work, const Member *layer, Value *state, Value *tensors, size_t *rows)
{
    static const char *const NAMES[] = {"h", "c"};
    const Value *arrays = &layer->value;
    size_t known = (find(arrays, "h") != NULL) + (find(arrays, "c") != NULL);
    if (find(arrays, "h") == NULL || known != arrays->count)
        refuse(work, "RUN_STATE");
    Value names = object_value(work, 2);
    for (size_t i = 0; i < 2; i++) {
        if (find(arrays, NAMES[i]) == NULL)
            continue;
        Array array = array_read(work, find(arrays, NAMES[i]));
        need_rows(work, &array, rows);
        char *name = take(work, 32, 1); /* of its own making: those of layers may be as long as a name may be */
        snprintf(name, 32, "%s.%zu", NAMES[i], state->count);
        add(&names, text(NAMES[i]), string_value(text(name)));
        add(tensors, text(name), tensor_value(work, &array));
    }
    add(state, layer->key, names);
}

/* The document of a state of the protocol; `structure` may be 0. */
Value save_state(Work *work, const Value *given, const Value *structure)
{
    if (given->type != OBJECT)
        complain(work, "a state that is no object");
    Value state = object_value(work, given->count), tensors = object_value(work, 2 * given->count);
    size_t rows = 0;
    check_structure(work, structure); /* what is written has to be readable: this, and the names */
    for (size_t i = 0; i < given->count; i++)
        check_name(work, given->members[i].key);
    for (size_t i = 0; i < given->count; i++)
        add_layer(work, &given->members[i], &state, &tensors, &rows);
    for (size_t i = 0; i < tensors.count; i++) {
        const Value *data = &tensors.members[i].value.members[2].value;
        if (!all_finite(data->decimals, data->count)) /* after the shapes of all of them */
            refuse(work, "RUN_NONFINITE_INPUT");
    }
    Value document = object_value(work, 4);
    add(&document, text("rnnspec"), string_value(text(VERSION_READ)));
    if (structure != NULL)
        add(&document, text("structure"), *structure);
    add(&document, text("state"), state);
    add(&document, text("tensors"), tensors);
    return document;
}
