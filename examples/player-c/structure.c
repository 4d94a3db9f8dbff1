/* Sections 5 to 9: is the document made as the tables say? A player ends at the first fault; it needs no list of them. */
#include "player.h"

#include <math.h>
#include <stdio.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* [doc-2]: all that is required, and nothing else. */
void check_members(Work *work, const Value *object, const Field *fields, size_t count)
{
    if (object->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && find(object, fields[i].name) == NULL)
            refuse(work, "STRUCTURE_MISSING");
    for (size_t k = 0; k < object->count; k++) {
        size_t i = 0;
        while (i < count && !same(object->members[k].key, fields[i].name))
            i++;
        if (i == count)
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

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* [doc-5] */
void check_name(Work *work, String name)
{
    bool good = name.count >= 1 && name.count <= 128 && is_letter(name.bytes[0]);
    for (size_t i = 0; good && i < name.count; i++) {
        char c = name.bytes[i];
        good = is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
    }
    if (!good)
        refuse(work, "STRUCTURE_NAME");
}

/* One number of a version: 1 to 9 digits, no leading zero. */
static bool skip_number(String version, size_t *at)
{
    size_t start = *at;
    while (*at < version.count && is_digit(version.bytes[*at]))
        ++*at;
    size_t digits = *at - start;
    return digits >= 1 && digits <= 9 && (digits == 1 || version.bytes[start] != '0');
}

static bool skip_word(String version, size_t *at, const char *word)
{
    for (; *word != 0; word++, ++*at)
        if (*at == version.count || version.bytes[*at] != *word)
            return false;
    return true;
}

/* 5.1: before everything else. */
static void check_version(Work *work, const Value *document)
{
    const Value *version = find(document, "rnnspec");
    if (version == NULL)
        refuse(work, "VERSION_MISSING");
    if (version->type != STRING)
        refuse(work, "VERSION_MALFORMED");
    String text = version->string;
    size_t at = 0;
    bool good = skip_number(text, &at) && skip_word(text, &at, ".") && skip_number(text, &at);
    if (good && at < text.count)
        good = skip_word(text, &at, "-draft.") && skip_number(text, &at) && at == text.count;
    if (!good)
        refuse(work, "VERSION_MALFORMED");
    if (!same(text, "1.0-draft.1")) {
        fprintf(stderr, "player: the file is of version %.*s, this player reads 1.0-draft.1\n", (int)text.count, text.bytes);
        refuse(work, "VERSION_UNSUPPORTED");
    }
}

static void check_input(Work *work, const Value *input)
{
    static const Field TOKENS_INPUT[] = {{"kind", true}, {"vocabulary", true}};
    static const Field FEATURES[] = {{"kind", true}, {"size", true}, {"names", false}, {"units", false}, {"sample_rate", false}};
    if (typed(work, input, "kind", STRING) == NULL)
        refuse(work, "STRUCTURE_MISSING");
    if (word_is(input, "kind", "tokens")) {
        check_members(work, input, TOKENS_INPUT, COUNT(TOKENS_INPUT));
        typed(work, input, "vocabulary", STRING);
    } else if (word_is(input, "kind", "features")) {
        check_members(work, input, FEATURES, COUNT(FEATURES));
        check_integer(work, find(input, "size"), 1, 65536);
        check_strings(work, typed(work, input, "names", LIST));
        check_strings(work, typed(work, input, "units", LIST));
        if (find(input, "sample_rate") != NULL)
            check_number(work, find(input, "sample_rate"), 0.001, 1e9);
    } else {
        refuse(work, "STRUCTURE_ENUM");
    }
}

/* [vocabulary-1]: the string is well-formed, so it is one scalar value if only its first byte is no continuation. */
static bool is_scalar(String token)
{
    for (size_t i = 1; i < token.count; i++)
        if (((unsigned char)token.bytes[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static void check_vocabulary(Work *work, const Value *vocabulary)
{
    static const Field FIELDS[] = {{"unit", true}, {"tokens", true}, {"unknown", false},
                                   {"start", false}, {"end", false}, {"padding", false}};
    if (vocabulary->type != OBJECT)
        refuse(work, "STRUCTURE_TYPE");
    if (typed(work, vocabulary, "unit", STRING) != NULL && !word_is(vocabulary, "unit", "codepoint"))
        refuse(work, "STRUCTURE_ENUM");
    check_members(work, vocabulary, FIELDS, COUNT(FIELDS));
    const Value *tokens = typed(work, vocabulary, "tokens", LIST);
    if (tokens->count < 1 || tokens->count > 2097152)
        refuse(work, "STRUCTURE_LENGTH");
    check_strings(work, tokens);
    for (size_t i = 0; i < tokens->count; i++)
        if (!is_scalar(tokens->items[i].string))
            refuse(work, "STRUCTURE_TOKEN");
    for (size_t i = 2; i < COUNT(FIELDS); i++)
        if (find(vocabulary, FIELDS[i].name) != NULL)
            check_integer(work, find(vocabulary, FIELDS[i].name), 0, INFINITY);
}

static void check_output(Work *work, const Value *output)
{
    static const Field FIELDS[] = {{"kind", true}, {"vocabulary", false}, {"labels", false}};
    if (typed(work, output, "kind", STRING) != NULL && !word_is(output, "kind", "logits") &&
        !word_is(output, "kind", "log_probabilities") && !word_is(output, "kind", "probabilities") &&
        !word_is(output, "kind", "values"))
        refuse(work, "STRUCTURE_ENUM");
    check_members(work, output, FIELDS, COUNT(FIELDS));
    typed(work, output, "vocabulary", STRING);
    check_strings(work, typed(work, output, "labels", LIST));
}

static void check_decoding(Work *work, const Value *decoding)
{
    static const Field GREEDY[] = {{"mode", true}}, SAMPLE[] = {{"mode", true}, {"temperature", true}};
    if (typed(work, decoding, "mode", STRING) == NULL)
        refuse(work, "STRUCTURE_MISSING");
    if (word_is(decoding, "mode", "greedy")) {
        check_members(work, decoding, GREEDY, COUNT(GREEDY));
    } else if (word_is(decoding, "mode", "sample")) {
        check_members(work, decoding, SAMPLE, COUNT(SAMPLE));
        check_number(work, find(decoding, "temperature"), 0.0078125, 128);
    } else {
        refuse(work, "STRUCTURE_ENUM");
    }
}

/* [doc-3]: metadata may hold anything but bytes. */
static void check_metadata(Work *work, const Value *value)
{
    if (value->type == BYTES)
        refuse(work, "STRUCTURE_TYPE");
    if (value->type == LIST)
        for (size_t i = 0; i < value->count; i++)
            check_metadata(work, &value->items[i]);
    if (value->type == OBJECT)
        for (size_t i = 0; i < value->count; i++)
            check_metadata(work, &value->members[i].value);
}

void check_document(Work *work, const Value *document, const Limits *limits)
{
    static const Field FIELDS[] = {
        {"rnnspec", true}, {"$schema", false}, {"name", false},   {"version", false}, {"description", false},
        {"license", false}, {"metadata", false}, {"input", true}, {"vocabularies", false}, {"layers", true},
        {"output", true}, {"decoding", false}, {"examples", false}, {"tensors", true},
    };
    check_version(work, document);
    check_members(work, document, FIELDS, COUNT(FIELDS));
    for (size_t i = 1; i <= 5; i++)
        typed(work, document, FIELDS[i].name, STRING);
    if (typed(work, document, "metadata", OBJECT) != NULL)
        check_metadata(work, find(document, "metadata"));
    check_input(work, typed(work, document, "input", OBJECT));
    const Value *vocabularies = typed(work, document, "vocabularies", OBJECT);
    for (size_t i = 0; vocabularies != NULL && i < vocabularies->count; i++) {
        check_name(work, vocabularies->members[i].key);
        check_vocabulary(work, &vocabularies->members[i].value);
    }
    check_layers(work, typed(work, document, "layers", LIST), limits);
    check_output(work, typed(work, document, "output", OBJECT));
    if (typed(work, document, "decoding", OBJECT) != NULL)
        check_decoding(work, find(document, "decoding"));
    if (typed(work, document, "examples", LIST) != NULL)
        check_examples(work, find(document, "examples"));
    const Value *tensors = typed(work, document, "tensors", OBJECT);
    for (size_t i = 0; i < tensors->count; i++) {
        check_name(work, tensors->members[i].key);
        check_tensor(work, &tensors->members[i].value, limits);
    }
}
