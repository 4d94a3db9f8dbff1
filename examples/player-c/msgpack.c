/* msgpack (section 4) into the same values. */
#include "player.h"

#include <math.h>
#include <string.h>

typedef struct {
    Work *work;
    const unsigned char *at, *end;
    const Limits *limits;
    size_t values;
} Reader;

static size_t left(const Reader *r)
{
    return (size_t)(r->end - r->at);
}

/* A big-endian number of so many bytes. */
static uint64_t read_unsigned(Reader *r, size_t bytes)
{
    if (left(r) < bytes)
        refuse(r->work, "SYNTAX_END");
    uint64_t number = 0;
    for (; bytes > 0; bytes--)
        number = number << 8 | *r->at++;
    return number;
}

/* Two's complement without a cast that C leaves to the compiler. */
static double read_signed(Reader *r, size_t bytes)
{
    uint64_t number = read_unsigned(r, bytes);
    uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
    if ((number & sign) == 0)
        return (double)number;
    uint64_t magnitude = (sign - (number & (sign - 1)));
    return -(double)magnitude;
}

static double read_float(Reader *r, size_t bytes)
{
    uint64_t bits = read_unsigned(r, bytes);
    double number;
    if (bytes == 4)
        number = float32_of((uint32_t)bits);
    else
        memcpy(&number, &bits, sizeof number);
    if (!isfinite(number))
        refuse(r->work, "SYNTAX_NUMBER_RANGE");
    return number + 0.0; /* -0 means 0 */
}

static String read_bytes(Reader *r, uint64_t count)
{
    if (left(r) < count)
        refuse(r->work, "SYNTAX_END");
    String string = {(const char *)r->at, (size_t)count};
    r->at += count;
    return string;
}

static String read_string(Reader *r, uint64_t count)
{
    String string = read_bytes(r, count);
    if (string.count > r->limits->string)
        refuse(r->work, "LIMIT_STRING");
    if (utf8_length(string.bytes, string.count) != string.count)
        refuse(r->work, "SYNTAX_UTF8");
    return string;
}

static Value read_value(Reader *r, size_t depth);

/* Room grows with what was read, never with what a count claims. */
static Value read_list(Reader *r, uint64_t count, size_t depth)
{
    if (depth > r->limits->depth)
        refuse(r->work, "LIMIT_DEPTH");
    if (count > left(r))
        refuse(r->work, "SYNTAX_END");
    Value list = {.type = LIST};
    size_t room = 0;
    for (; count > 0; count--) {
        list.items = grow(r->work, list.items, list.count, &room, sizeof *list.items);
        list.items[list.count++] = read_value(r, depth);
    }
    return list;
}

static String read_key(Reader *r)
{
    unsigned format = (unsigned)read_unsigned(r, 1);
    if (format == 0xC1 || (format >= 0xC7 && format <= 0xC9) || (format >= 0xD4 && format <= 0xD8))
        refuse(r->work, "SYNTAX_FORMAT");
    if (format >= 0xA0 && format <= 0xBF)
        return read_string(r, format & 31);
    if (format < 0xD9 || format > 0xDB)
        refuse(r->work, "SYNTAX_KEY");
    return read_string(r, read_unsigned(r, (size_t)1 << (format - 0xD9)));
}

static Value read_map(Reader *r, uint64_t count, size_t depth)
{
    if (depth > r->limits->depth)
        refuse(r->work, "LIMIT_DEPTH");
    if (count > left(r) / 2)
        refuse(r->work, "SYNTAX_END");
    if (count > r->limits->members)
        refuse(r->work, "LIMIT_MEMBERS");
    Value map = {.type = OBJECT};
    size_t room = 0;
    for (; count > 0; count--) {
        map.members = grow(r->work, map.members, map.count, &room, sizeof *map.members);
        Member *member = &map.members[map.count++];
        member->key = read_key(r);
        member->value = read_value(r, depth);
    }
    sort_members(r->work, &map);
    return map;
}

static Value number(double value)
{
    return (Value){.type = NUMBER, .number = value};
}

static Value string(Type type, String bytes)
{
    return (Value){.type = type, .string = bytes};
}

static Value read_value(Reader *r, size_t depth)
{
    unsigned format = (unsigned)read_unsigned(r, 1);
    if (format == 0xC1 || (format >= 0xC7 && format <= 0xC9) || (format >= 0xD4 && format <= 0xD8))
        refuse(r->work, "SYNTAX_FORMAT");
    if (++r->values > r->limits->values)
        refuse(r->work, "LIMIT_VALUES");
    if (format <= 0x7F)
        return number(format);
    if (format <= 0x8F)
        return read_map(r, format & 15, depth + 1);
    if (format <= 0x9F)
        return read_list(r, format & 15, depth + 1);
    if (format <= 0xBF)
        return string(STRING, read_string(r, format & 31));
    if (format >= 0xE0)
        return number((double)format - 256);
    switch (format) {
    case 0xC0:
        return (Value){.type = EMPTY};
    case 0xC2:
    case 0xC3:
        return (Value){.type = BOOLEAN, .number = format & 1};
    case 0xC4: /* bin 8, 16, 32 */
    case 0xC5:
    case 0xC6:
        return string(BYTES, read_bytes(r, read_unsigned(r, (size_t)1 << (format - 0xC4))));
    case 0xCA:
    case 0xCB:
        return number(read_float(r, format == 0xCA ? 4 : 8));
    case 0xCC: /* uint 8, 16, 32, 64 */
    case 0xCD:
    case 0xCE:
    case 0xCF:
        return number((double)read_unsigned(r, (size_t)1 << (format - 0xCC)));
    case 0xD0: /* int 8, 16, 32, 64 */
    case 0xD1:
    case 0xD2:
    case 0xD3:
        return number(read_signed(r, (size_t)1 << (format - 0xD0)));
    case 0xD9: /* str 8, 16, 32 */
    case 0xDA:
    case 0xDB:
        return string(STRING, read_string(r, read_unsigned(r, (size_t)1 << (format - 0xD9))));
    case 0xDC: /* array 16, 32 */
    case 0xDD:
        return read_list(r, read_unsigned(r, format == 0xDC ? 2 : 4), depth + 1);
    default: /* 0xDE, 0xDF: map 16, 32 */
        return read_map(r, read_unsigned(r, format == 0xDE ? 2 : 4), depth + 1);
    }
}

Value msgpack_read(Work *work, String bytes, const Limits *limits)
{
    const unsigned char *start = (const unsigned char *)bytes.bytes;
    Reader reader = {.work = work, .at = start, .end = start + bytes.count, .limits = limits};
    Value value = read_value(&reader, 0);
    if (reader.at != reader.end)
        refuse(work, "SYNTAX_TRAILING");
    return value;
}
