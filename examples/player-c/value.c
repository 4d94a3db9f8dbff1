/* Values: what a document is made of after reading, whatever its encoding. */
#include "player.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Section 16. */
const Options DEFAULTS = {
    .limits.size = 268435456,
    .limits.depth = 32,
    .limits.string = 65536,
    .limits.number = 64,
    .limits.members = 4096,
    .limits.values = 1000000,
    .limits.layers = 256,
    .limits.elements = 134217728,
};

int compare(String a, String b)
{
    size_t shorter = a.count < b.count ? a.count : b.count;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order : (a.count > b.count) - (a.count < b.count);
}

bool equal(String a, String b)
{
    return a.count == b.count && compare(a, b) == 0;
}

bool same(String string, const char *word)
{
    return equal(string, (String){word, strlen(word)});
}

static int compare_members(const void *a, const void *b)
{
    return compare(((const Member *)a)->key, ((const Member *)b)->key);
}

/* Sorted members are found fast, and equal keys stand side by side. A validator would have to judge each key as it is
   read ([json-4]); a player only refuses. */
void sort_members(Work *work, Value *object)
{
    if (object->count < 2)
        return;
    qsort(object->members, object->count, sizeof *object->members, compare_members);
    for (size_t i = 1; i < object->count; i++)
        if (equal(object->members[i - 1].key, object->members[i].key))
            refuse(work, "SYNTAX_DUPLICATE_KEY");
}

/* Tensor data is the member `data` of a member of the top-level member `tensors` (section 3). `scale` would be too, but it
   belongs to int8, and a tensor that has it is refused. */
Place place_of_member(Place place, String key)
{
    switch (place) {
    case TOP:
        return same(key, "tensors") ? TENSORS : PLAIN;
    case TENSORS:
        return TENSOR;
    case TENSOR:
        return same(key, "data") ? DATA : PLAIN;
    default:
        return PLAIN;
    }
}

const Value *find_string(const Value *object, String key)
{
    if (object == NULL || object->type != OBJECT || object->count == 0)
        return NULL;
    Member wanted = {.key = key};
    const Member *member = bsearch(&wanted, object->members, object->count, sizeof wanted, compare_members);
    return member == NULL ? NULL : &member->value;
}

const Value *find(const Value *object, const char *key)
{
    return find_string(object, (String){key, strlen(key)});
}

/* An integer from 0 to count - 1. */
bool is_index(const Value *value, size_t count)
{
    return value->type == NUMBER && value->number >= 0 && value->number < (double)count && floor(value->number) == value->number;
}
