/* Values to bytes: JSON and msgpack. Tensor data keeps its bits: base64 in the one, bin in the other. */
#include "player.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void write_json_number(Buffer *to, double number)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.17g", number); /* enough to find the same binary64 again */
    put(to, digits);
}

void write_json(Buffer *to, const Value *value)
{
    switch (value->type) {
    case EMPTY:
        put(to, "null");
        break;
    case BOOLEAN:
        put(to, value->number != 0 ? "true" : "false");
        break;
    case NUMBER:
        write_json_number(to, value->number);
        break;
    case STRING:
        put_string(to, value->string);
        break;
    case LIST:
        for (size_t i = 0; i < value->count; i++) {
            put(to, i == 0 ? "[" : ",");
            write_json(to, &value->items[i]);
        }
        put(to, value->count == 0 ? "[]" : "]");
        break;
    case OBJECT:
        for (size_t i = 0; i < value->count; i++) {
            put(to, i == 0 ? "{" : ",");
            put_string(to, value->members[i].key);
            put(to, ":");
            write_json(to, &value->members[i].value);
        }
        put(to, value->count == 0 ? "{}" : "}");
        break;
    default:
        put(to, "\"");
        put_base64(to, tensor_bytes(to->work, value));
        put(to, "\"");
    }
}

/* Big-endian. */
static void put_big(Buffer *to, uint64_t number, size_t bytes)
{
    while (bytes-- > 0)
        put_byte(to, (unsigned)(number >> 8 * bytes & 0xFF));
}

/* What has a length: up to `few` in its format byte, else in four bytes behind `format`. */
static void put_head(Buffer *to, unsigned fix, size_t few, unsigned format, size_t count)
{
    if (count < few) {
        put_byte(to, fix + (unsigned)count);
        return;
    }
    put_byte(to, format);
    put_big(to, count, 4);
}

static void write_msgpack_number(Buffer *to, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bool whole = number >= 0 && number < 0x1p32 && floor(number) == number;
    if (whole && number < 128) {
        put_byte(to, (unsigned)number);
    } else {
        put_byte(to, whole ? 0xCE : 0xCB);
        put_big(to, whole ? (uint64_t)number : bits, whole ? 4 : 8);
    }
}

static void write_msgpack_string(Buffer *to, String string)
{
    put_head(to, 0xA0, 32, 0xDB, string.count);
    put_bytes(to, string);
}

void write_msgpack(Buffer *to, const Value *value)
{
    switch (value->type) {
    case EMPTY:
        put_byte(to, 0xC0);
        break;
    case BOOLEAN:
        put_byte(to, value->number != 0 ? 0xC3 : 0xC2);
        break;
    case NUMBER:
        write_msgpack_number(to, value->number);
        break;
    case STRING:
        write_msgpack_string(to, value->string);
        break;
    case LIST:
        put_head(to, 0x90, 16, 0xDD, value->count);
        for (size_t i = 0; i < value->count; i++)
            write_msgpack(to, &value->items[i]);
        break;
    case OBJECT:
        put_head(to, 0x80, 16, 0xDF, value->count);
        for (size_t i = 0; i < value->count; i++) {
            write_msgpack_string(to, value->members[i].key);
            write_msgpack(to, &value->members[i].value);
        }
        break;
    default: {
        String bytes = tensor_bytes(to->work, value);
        put_head(to, 0, 0, 0xC6, bytes.count);
        put_bytes(to, bytes);
    }
    }
}

/* Reading sorts members; writers have an order for the top level ([doc-1]). */
Value ordered(Work *work, const Value *object, const Field *fields)
{
    Value result = {.type = OBJECT, .members = take(work, object->count, sizeof *result.members)};
    for (; fields->name != NULL; fields++)
        if (find(object, fields->name) != NULL)
            result.members[result.count++] = (Member){{fields->name, strlen(fields->name)}, *find(object, fields->name)};
    return result;
}
