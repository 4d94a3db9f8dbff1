/* Names, versions and extensions ([doc-5], 5.1, 5.3). */
#include "player.h"

#include <stdio.h>

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* [A-Za-z0-9_.-] from here to the end */
static bool is_plain(String name, size_t from)
{
    for (size_t i = from; i < name.count; i++) {
        char c = name.bytes[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '.' && c != '-')
            return false;
    }
    return true;
}

/* [doc-5] */
void check_name(Work *work, String name)
{
    if (name.count < 1 || name.count > 128 || !is_letter(name.bytes[0]) || !is_plain(name, 1))
        refuse(work, "STRUCTURE_NAME");
}

/* [extension-1]: the vendor has no `_`, so it ends at the first. */
static void check_extension_name(Work *work, String name)
{
    size_t vendor = 0;
    while (vendor < name.count && (is_upper(name.bytes[vendor]) || (vendor > 0 && is_digit(name.bytes[vendor]))))
        vendor++;
    bool good = vendor >= 1 && vendor <= 32 && vendor < name.count && name.bytes[vendor] == '_';
    if (!good || name.count - vendor - 1 < 1 || name.count - vendor - 1 > 95 || !is_plain(name, vendor + 1))
        refuse(work, "STRUCTURE_NAME");
}

void check_extensions(Work *work, const Value *object)
{
    const Value *extensions = typed(work, object, "extensions", OBJECT);
    for (size_t i = 0; extensions != NULL && i < extensions->count; i++) {
        check_extension_name(work, extensions->members[i].key);
        check_free(work, &extensions->members[i].value);
    }
}

/* [extension-3]: none is known here, so any is one too many. */
void check_required(Work *work, const Value *document)
{
    const Value *required = typed(work, document, "extensions_required", LIST);
    if (required != NULL && required->count != 0)
        refuse(work, "EXTENSION_UNKNOWN");
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
void check_version(Work *work, const Value *document, bool try_anyway)
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
    if (!same(text, VERSION_READ) && !try_anyway) {
        fprintf(stderr, "player: the file is of version %.*s, this player reads " VERSION_READ "\n", (int)text.count, text.bytes);
        refuse(work, "VERSION_UNSUPPORTED");
    }
}
