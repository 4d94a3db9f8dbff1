/* JSON (section 3): strict, with the limits of section 16. It reads documents and the lines of the protocol. */
#include "player.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Work *work;
    const char *at, *end;
    const Limits *limits;
    size_t values;
} Reader;

static Value read_value(Reader *r, Place place, size_t depth);

/* The next byte, or the end of the text. */
static char peek(Reader *r)
{
    if (r->at == r->end)
        refuse(r->work, "SYNTAX_END");
    return *r->at;
}

static void skip_space(Reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static void expect(Reader *r, char wanted)
{
    if (peek(r) != wanted)
        refuse(r->work, "SYNTAX_UNEXPECTED");
    r->at++;
}

static void expect_word(Reader *r, const char *word)
{
    for (; *word != 0; word++)
        expect(r, *word);
}

static bool is_digit(Reader *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static void read_digits(Reader *r)
{
    char first = peek(r);
    if (first < '0' || first > '9')
        refuse(r->work, "SYNTAX_UNEXPECTED");
    while (is_digit(r))
        r->at++;
}

static double read_number(Reader *r)
{
    const char *start = r->at;
    if (*r->at == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else
        read_digits(r);
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        read_digits(r);
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        char sign = peek(r);
        if (sign == '+' || sign == '-')
            r->at++;
        read_digits(r);
    }
    size_t count = (size_t)(r->at - start);
    if (count > r->limits->number)
        refuse(r->work, "LIMIT_NUMBER");
    /* strtod wants an end. This program never calls setlocale, so its point is a point. */
    char few[128];
    char *digits = count < sizeof few ? few : take(r->work, count + 1, 1);
    memcpy(digits, start, count);
    digits[count] = 0;
    double number = strtod(digits, NULL);
    if (isinf(number))
        refuse(r->work, "SYNTAX_NUMBER_RANGE");
    return number + 0.0; /* -0 means 0 */
}

/* The four digits after `\u`. */
static uint32_t read_unit(Reader *r)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(r));
        if (digit < 0)
            refuse(r->work, "SYNTAX_UNEXPECTED");
        unit = unit << 4 | (uint32_t)digit;
        r->at++;
    }
    return unit;
}

static uint32_t read_escape(Reader *r)
{
    static const char NAMES[] = "\"\\/bfnrt", MEANINGS[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    r->at++;
    const char *name = c == 0 ? NULL : strchr(NAMES, c);
    if (name != NULL)
        return (uint32_t)MEANINGS[name - NAMES];
    if (c != 'u')
        refuse(r->work, "SYNTAX_UNEXPECTED");
    uint32_t unit = read_unit(r);
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit > 0xDBFF || peek(r) != '\\')
        refuse(r->work, "SYNTAX_SURROGATE");
    r->at++;
    if (peek(r) != 'u')
        refuse(r->work, "SYNTAX_SURROGATE");
    r->at++;
    uint32_t low = read_unit(r);
    if (low < 0xDC00 || low > 0xDFFF)
        refuse(r->work, "SYNTAX_SURROGATE");
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* Where the string ends, if its escapes are good. */
static const char *closing_quote(Reader *r, bool *escapes)
{
    const char *close = r->at;
    *escapes = false;
    while (close < r->end && *close != '"') {
        *escapes |= *close == '\\';
        close += *close == '\\' && r->end - close > 1 ? 2 : 1;
    }
    return close;
}

/* A string without escapes stays where it is; the text lives as long as the message. */
static String read_string(Reader *r, Place place)
{
    expect(r, '"');
    const char *start = r->at;
    bool escapes;
    const char *close = closing_quote(r, &escapes);
    /* An escape is never shorter than what it means. */
    char *copy = escapes ? take(r->work, (size_t)(close - start), 1) : NULL;
    size_t count = 0;
    for (;;) {
        char c = peek(r);
        if (c == '"')
            break;
        if ((unsigned char)c < 0x20)
            refuse(r->work, "SYNTAX_UNEXPECTED");
        r->at++;
        if (c == '\\') {
            count += utf8_write(copy + count, read_escape(r));
        } else {
            if (escapes)
                copy[count] = c;
            count++;
        }
    }
    r->at++;
    if (place != DATA && count > r->limits->string)
        refuse(r->work, "LIMIT_STRING");
    return (String){escapes ? copy : start, count};
}

static Value read_object(Reader *r, Place place, size_t depth)
{
    Value object = {.type = OBJECT};
    size_t room = 0;
    expect(r, '{');
    skip_space(r);
    if (peek(r) == '}') {
        r->at++;
        return object;
    }
    for (;;) {
        if (peek(r) == '"' && object.count == r->limits->members)
            refuse(r->work, "LIMIT_MEMBERS");
        object.members = grow(r->work, object.members, object.count, &room, sizeof *object.members);
        Member *member = &object.members[object.count++];
        member->key = read_string(r, PLAIN);
        skip_space(r);
        expect(r, ':');
        member->value = read_value(r, place_of_member(place, member->key), depth);
        skip_space(r);
        if (peek(r) == '}')
            break;
        expect(r, ',');
        skip_space(r);
    }
    r->at++;
    sort_members(r->work, &object);
    return object;
}

static Value read_list(Reader *r, size_t depth)
{
    Value list = {.type = LIST};
    size_t room = 0;
    expect(r, '[');
    skip_space(r);
    if (peek(r) == ']') {
        r->at++;
        return list;
    }
    for (;;) {
        list.items = grow(r->work, list.items, list.count, &room, sizeof *list.items);
        list.items[list.count++] = read_value(r, PLAIN, depth);
        skip_space(r);
        if (peek(r) == ']')
            break;
        expect(r, ',');
    }
    r->at++;
    return list;
}

/* Tensor data as a list goes straight into floats: two roundings ([tensor-2]). Its elements don't count as values. */
static Value read_decimals(Reader *r, size_t depth)
{
    Value list = {.type = DECIMALS};
    size_t room = 0;
    expect(r, '[');
    skip_space(r);
    if (peek(r) == ']') {
        r->at++;
        return list;
    }
    for (;;) {
        skip_space(r);
        list.decimals = grow(r->work, list.decimals, list.count, &room, sizeof *list.decimals);
        char c = peek(r);
        if (c == '-' || (c >= '0' && c <= '9')) {
            list.decimals[list.count++] = float32_nearest(read_number(r));
        } else {
            r->values--; /* this element is free, what is inside it is not */
            read_value(r, PLAIN, depth);
            list.count++;
            list.odd = true;
        }
        skip_space(r);
        if (peek(r) == ']')
            break;
        expect(r, ',');
    }
    r->at++;
    return list;
}

static Value read_value(Reader *r, Place place, size_t depth)
{
    skip_space(r);
    char c = peek(r);
    if (c == 0 || strchr("{[\"-0123456789tfn", c) == NULL)
        refuse(r->work, "SYNTAX_UNEXPECTED");
    if (++r->values > r->limits->values)
        refuse(r->work, "LIMIT_VALUES");
    if ((c == '{' || c == '[') && ++depth > r->limits->depth)
        refuse(r->work, "LIMIT_DEPTH");
    Value value = {.type = EMPTY};
    switch (c) {
    case '{':
        return read_object(r, place, depth);
    case '[':
        return place == DATA ? read_decimals(r, depth) : read_list(r, depth);
    case '"':
        value.type = place == DATA ? BASE64 : STRING;
        value.string = read_string(r, place);
        return value;
    case 'n':
        expect_word(r, "null");
        return value;
    case 't':
    case 'f':
        expect_word(r, c == 't' ? "true" : "false");
        value.type = BOOLEAN;
        value.number = c == 't';
        return value;
    default:
        value.type = NUMBER;
        value.number = read_number(r);
        return value;
    }
}

Value json_read(Work *work, String text, const Limits *limits, Place place)
{
    Reader reader = {.work = work, .at = text.bytes, .end = text.bytes + text.count, .limits = limits};
    Value value = read_value(&reader, place, 0);
    skip_space(&reader);
    if (reader.at != reader.end)
        refuse(work, "SYNTAX_TRAILING");
    return value;
}
