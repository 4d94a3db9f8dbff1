/* Bytes that grow: answers, texts and documents. They are in memory first, so that a fault leaves no half line behind. */
#include "player.h"

#include <stdio.h>

void put_byte(Buffer *buffer, unsigned byte)
{
    buffer->bytes = grow(buffer->work, buffer->bytes, buffer->count, &buffer->room, 1);
    buffer->bytes[buffer->count++] = (char)(unsigned char)byte;
}

void put_bytes(Buffer *buffer, String bytes)
{
    for (size_t i = 0; i < bytes.count; i++)
        put_byte(buffer, (unsigned char)bytes.bytes[i]);
}

void put(Buffer *buffer, const char *text)
{
    for (; *text != 0; text++)
        put_byte(buffer, (unsigned char)*text);
}

void put_number(Buffer *buffer, size_t number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", number);
    put(buffer, digits);
}

/* As JSON. */
void put_string(Buffer *buffer, String string)
{
    put(buffer, "\"");
    for (size_t i = 0; i < string.count; i++) {
        unsigned char c = (unsigned char)string.bytes[i];
        if (c < 0x20) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
            put(buffer, escape);
            continue;
        }
        if (c == '"' || c == '\\')
            put(buffer, "\\");
        put_byte(buffer, c);
    }
    put(buffer, "\"");
}

void put_base64(Buffer *buffer, String bytes)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.count; i += 3) {
        uint32_t three = 0;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (i + k < bytes.count ? (unsigned char)bytes.bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            put_byte(buffer, (unsigned char)(i + k > bytes.count ? '=' : DIGITS[three >> (18 - 6 * k) & 63]));
    }
}
