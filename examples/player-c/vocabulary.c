/* Vocabularies (section 7): encoding and decoding. */
#include "player.h"

String vocabulary_token(const Vocabulary *vocabulary, size_t id)
{
    return vocabulary->tokens[id].string;
}

/* [vocabulary-3]: these four give no text. */
bool is_special(const Vocabulary *vocabulary, double id)
{
    return id == vocabulary->unknown || id == vocabulary->start || id == vocabulary->end || id == vocabulary->padding;
}

static size_t scalar_length(String text, size_t at)
{
    size_t length = 1;
    while (at + length < text.count && ((unsigned char)text.bytes[at + length] & 0xC0) == 0x80)
        length++;
    return length;
}

/* [vocabulary-2]. Returns 0, or a code. */
const char *vocabulary_encode(Work *work, const Vocabulary *vocabulary, String text, double **ids, size_t *count)
{
    *ids = take(work, text.count, sizeof **ids);
    *count = 0;
    for (size_t at = 0; at < text.count;) {
        String scalar = {text.bytes + at, scalar_length(text, at)};
        size_t id = 0;
        while (id < vocabulary->count && !equal(vocabulary_token(vocabulary, id), scalar))
            id++;
        if (id == vocabulary->count && vocabulary->unknown < 0)
            return "RUN_TEXT";
        (*ids)[(*count)++] = id == vocabulary->count ? vocabulary->unknown : (double)id;
        at += scalar.count;
    }
    return NULL;
}
