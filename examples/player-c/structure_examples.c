/* The structure of examples (9.3), and of the states in them. */
#include "player.h"

#include <math.h>

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

void check_state(Work *work, const Value *state)
{
    static const Field FIELDS[] = {{"h", true}, {"c", false}, {0}};
    for (size_t i = 0; state != NULL && i < state->count; i++) {
        const Value *layer = &state->members[i].value;
        check_members(work, layer, FIELDS);
        typed(work, layer, "h", STRING);
        typed(work, layer, "c", STRING);
    }
}

static void check_example(Work *work, const Value *example)
{
    static const Field EXACT[] = {{"kind", true}, {"input", true}, {"lengths", false},
                                  {"state", false}, {"output", true}, {"final_state", false}, {0}};
    static const Field REFERENCE[] = {{"kind", true}, {"source", true}, {"tolerance", true}, {"input", true}, {"lengths", false},
                                      {"state", false}, {"output", true}, {"final_state", false}, {0}};
    static const Field SOURCE[] = {{"system", true}, {"version", true}, {0}};
    static const char *const KINDS[] = {"exact", "reference", NULL};
    check_words(work, example, "kind", KINDS);
    if (word_is(example, "kind", "exact")) {
        check_members(work, example, EXACT);
    } else {
        check_members(work, example, REFERENCE);
        const Value *source = find(example, "source");
        check_members(work, source, SOURCE);
        typed(work, source, "system", STRING);
        typed(work, source, "version", STRING);
        check_number(work, find(example, "tolerance"), 0, 1);
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
