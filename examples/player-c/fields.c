/* Members of objects and their types ([doc-2] to [doc-4]). A player ends at the first fault; it needs no list of them. */
#include "player.h"

#include <math.h>

/* [doc-2]: all that is required, and nothing else. */
void check_members(Work *work, const Value *object, const Field *fields)
{
    if (object->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    for (const Field *field = fields; field->name != NULL; field++)
        if (field->required && find(object, field->name) == NULL)
            refuse(work, "STRUCTURE_MISSING");
    for (size_t k = 0; k < object->count; k++) {
        const Field *field = fields;
        while (field->name != NULL && !same(object->members[k].key, field->name))
            field++;
        if (field->name == NULL)
            refuse(work, "STRUCTURE_UNKNOWN_KEY");
    }
}

/* The member, or 0 if it is absent; [doc-3] if it is of another type. */
const Value *typed(Work *work, const Value *object, const char *key, Type type)
{
    const Value *value = find(object, key);
    if (value != NULL && value->type != type)
        refuse(work, "STRUCTURE_TYPE");
    return value;
}

bool word_is(const Value *object, const char *key, const char *word)
{
    const Value *value = find(object, key);
    return value != NULL && value->type == STRING && same(value->string, word);
}

/* One of the words, up to a 0; a member that is absent is none of our business here. */
void check_words(Work *work, const Value *object, const char *key, const char *const *words)
{
    if (typed(work, object, key, STRING) == NULL)
        return;
    while (*words != NULL && !word_is(object, key, *words))
        words++;
    if (*words == NULL)
        refuse(work, "STRUCTURE_ENUM");
}

void check_number(Work *work, const Value *value, double low, double high)
{
    if (value->type != NUMBER)
        refuse(work, "STRUCTURE_TYPE");
    if (value->number < low || value->number > high)
        refuse(work, "STRUCTURE_RANGE");
}

double check_integer(Work *work, const Value *value, double low, double high)
{
    if (value->type != NUMBER || floor(value->number) != value->number)
        refuse(work, "STRUCTURE_TYPE");
    check_number(work, value, low, high);
    return value->number;
}

void check_strings(Work *work, const Value *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++)
        if (list->items[i].type != STRING)
            refuse(work, "STRUCTURE_TYPE");
}

/* [doc-3]: metadata and extensions may hold anything but bytes. */
void check_free(Work *work, const Value *value)
{
    if (value->type == BYTES)
        refuse(work, "STRUCTURE_TYPE");
    if (value->type == LIST)
        for (size_t i = 0; i < value->count; i++)
            check_free(work, &value->items[i]);
    if (value->type == OBJECT)
        for (size_t i = 0; i < value->count; i++)
            check_free(work, &value->members[i].value);
}
