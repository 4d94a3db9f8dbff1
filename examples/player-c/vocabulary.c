/* Vocabularies (section 7): ids and their tokens. */
#include "player.h"

static double special(Work *work, const Value *vocabulary, const char *key)
{
    const Value *id = find(vocabulary, key);
    if (id == NULL)
        return -1;
    if (id->number >= (double)find(vocabulary, "tokens")->count) /* [agree-2] */
        refuse(work, "ID_RANGE");
    return id->number;
}

const Vocabulary *load_vocabulary(Work *work, const Value *value)
{
    Vocabulary *vocabulary = take(work, 1, sizeof *vocabulary);
    vocabulary->unit = word_is(value, "unit", "byte") ? BYTE : word_is(value, "unit", "codepoint") ? CODEPOINT : TOKEN;
    for (unsigned byte = 0; byte < 256; byte++)
        vocabulary->bytes[byte] = (unsigned char)byte;
    vocabulary->count = find(value, "tokens")->count;
    vocabulary->tokens = find(value, "tokens")->items;
    if (find(value, "separator") != NULL)
        vocabulary->separator = find(value, "separator")->string;
    vocabulary->unknown = special(work, value, "unknown");
    vocabulary->start = special(work, value, "start");
    vocabulary->end = special(work, value, "end");
    vocabulary->padding = special(work, value, "padding");
    return vocabulary;
}

/* These four have no text. */
bool is_special(const Vocabulary *vocabulary, double id)
{
    return id == vocabulary->unknown || id == vocabulary->start || id == vocabulary->end || id == vocabulary->padding;
}

/* The bytes of an id's text; none if it is special, or its token empty. */
String token_text(const Vocabulary *vocabulary, size_t id)
{
    const Value *token = &vocabulary->tokens[id];
    if (is_special(vocabulary, (double)id))
        return (String){NULL, 0};
    if (token->type == STRING)
        return token->string;
    return (String){(const char *)vocabulary->bytes + (size_t)token->number, 1};
}
