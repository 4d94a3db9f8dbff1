/* The structure of vocabularies (section 7). */
#include "player.h"

#include <math.h>

/* The string is well-formed, so it is at most one scalar value if only its first byte is no continuation. */
static bool is_scalar(String token)
{
    for (size_t i = 1; i < token.count; i++)
        if (((unsigned char)token.bytes[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* [vocabulary-1] */
static void check_token(Work *work, const Value *vocabulary, const Value *token)
{
    bool byte = word_is(vocabulary, "unit", "byte"), number = token->type == NUMBER;
    if (token->type != STRING && !(byte && number))
        refuse(work, "STRUCTURE_TYPE");
    if (number && !is_index(token, 256))
        refuse(work, "STRUCTURE_TOKEN");
    if (byte && !number && token->string.count != 0)
        refuse(work, "STRUCTURE_TOKEN");
    if (word_is(vocabulary, "unit", "codepoint") && !is_scalar(token->string))
        refuse(work, "STRUCTURE_TOKEN");
}

static void check_vocabulary(Work *work, const Value *vocabulary)
{
    static const Field FIELDS[] = {{"unit", true}, {"tokens", true}, {"separator", false}, {"extensions", false},
                                   {"unknown", false}, {"start", false}, {"end", false}, {"padding", false}, {0}};
    static const char *const UNITS[] = {"byte", "codepoint", "token", NULL};
    check_members(work, vocabulary, FIELDS);
    check_words(work, vocabulary, "unit", UNITS);
    const Value *separator = typed(work, vocabulary, "separator", STRING);
    if (separator != NULL && !word_is(vocabulary, "unit", "token"))
        refuse(work, "STRUCTURE_UNKNOWN_KEY");
    if (separator != NULL && separator->string.count == 0)
        refuse(work, "STRUCTURE_TOKEN");
    const Value *tokens = typed(work, vocabulary, "tokens", LIST);
    if (tokens->count < 1 || tokens->count > 2097152)
        refuse(work, "STRUCTURE_LENGTH");
    for (size_t i = 0; i < tokens->count; i++)
        check_token(work, vocabulary, &tokens->items[i]);
    for (const Field *field = FIELDS + 4; field->name != NULL; field++)
        if (find(vocabulary, field->name) != NULL)
            check_integer(work, find(vocabulary, field->name), 0, INFINITY);
    check_extensions(work, vocabulary);
}

void check_vocabularies(Work *work, const Value *vocabularies)
{
    for (size_t i = 0; i < vocabularies->count; i++) {
        check_name(work, vocabularies->members[i].key);
        check_vocabulary(work, &vocabularies->members[i].value);
    }
}
