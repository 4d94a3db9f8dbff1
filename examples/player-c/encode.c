/* Text to ids ([vocabulary-2]). */
#include "player.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    String text;
    size_t id;
} Entry;

typedef struct {
    const Vocabulary *vocabulary;
    Entry *entries; /* the ids with text, by text; of equal ones the lowest */
    size_t count;
    double *ids; /* what was found so far */
    size_t found;
} Encoder;

static int compare_entries(const void *a, const void *b)
{
    const Entry *x = a, *y = b;
    int order = compare(x->text, y->text);
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static void make_entries(Work *work, Encoder *encoder)
{
    Entry *entries = take(work, encoder->vocabulary->count, sizeof *entries);
    size_t count = 0;
    for (size_t id = 0; id < encoder->vocabulary->count; id++) {
        String text = token_text(encoder->vocabulary, id);
        if (text.count != 0)
            entries[count++] = (Entry){text, id};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++)
        if (encoder->count == 0 || !equal(entries[encoder->count - 1].text, entries[i].text))
            entries[encoder->count++] = entries[i];
    encoder->entries = entries;
}

/* The last entry that does not come behind the text; 0 if all do. */
static const Entry *last_before(const Encoder *encoder, String text)
{
    size_t low = 0, high = encoder->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(encoder->entries[middle].text, text) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &encoder->entries[low - 1];
}

static size_t common(String a, String b)
{
    size_t count = 0;
    while (count < a.count && count < b.count && a.bytes[count] == b.bytes[count])
        count++;
    return count;
}

/* The longest token that the text starts with, or 0. What stands between such a token and the text, in their order, starts
   with the token too; so the entry last before the text has all of it, and where it differs the text can be cut. */
static const Entry *longest(const Encoder *encoder, String text)
{
    for (;;) {
        const Entry *entry = last_before(encoder, text);
        if (entry == NULL)
            return NULL;
        text.count = common(entry->text, text);
        if (text.count == entry->text.count || text.count == 0)
            return text.count == 0 ? NULL : entry;
    }
}

static bool add(Encoder *encoder, String piece)
{
    const Entry *entry = last_before(encoder, piece);
    bool known = entry != NULL && equal(entry->text, piece);
    encoder->ids[encoder->found++] = known ? (double)entry->id : encoder->vocabulary->unknown;
    return known || encoder->vocabulary->unknown >= 0;
}

static size_t scalar_length(String text)
{
    size_t length = 1;
    while (length < text.count && ((unsigned char)text.bytes[length] & 0xC0) == 0x80)
        length++;
    return length;
}

/* Up to the separator, or to the end. */
static size_t word_length(String text, String separator)
{
    size_t length = 0;
    while (length < text.count &&
           (text.count - length < separator.count || memcmp(text.bytes + length, separator.bytes, separator.count) != 0))
        length++;
    return length;
}

static size_t piece_length(const Encoder *encoder, String rest)
{
    if (encoder->vocabulary->unit == BYTE)
        return 1;
    if (encoder->vocabulary->separator.count != 0)
        return word_length(rest, encoder->vocabulary->separator);
    const Entry *entry = encoder->vocabulary->unit == TOKEN ? longest(encoder, rest) : NULL;
    return entry == NULL ? scalar_length(rest) : entry->text.count;
}

/* Returns 0, or a code. */
const char *encode(Work *work, const Vocabulary *vocabulary, String text, double **ids, size_t *count)
{
    Encoder encoder = {.vocabulary = vocabulary, .ids = take(work, text.count, sizeof **ids)};
    make_entries(work, &encoder);
    while (text.count != 0) {
        size_t length = piece_length(&encoder, text);
        if (length != 0 && !add(&encoder, (String){text.bytes, length}))
            return "RUN_TEXT";
        length += length == text.count ? 0 : vocabulary->separator.count;
        text.bytes += length;
        text.count -= length;
    }
    *ids = encoder.ids;
    *count = encoder.found;
    return NULL;
}
