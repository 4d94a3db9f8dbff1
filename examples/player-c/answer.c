/* Writing an answer: JSON in memory first, so that a fault in the middle leaves no half line behind. */
#include "player.h"

#include <stdio.h>
#include <string.h>

static void put_byte(Answer *answer, char c)
{
    answer->bytes = grow(answer->work, answer->bytes, answer->count, &answer->room, 1);
    answer->bytes[answer->count++] = c;
}

void put(Answer *answer, const char *text)
{
    for (; *text != 0; text++)
        put_byte(answer, *text);
}

void put_number(Answer *answer, size_t number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%zu", number);
    put(answer, digits);
}

void put_string(Answer *answer, String string)
{
    put_byte(answer, '"');
    for (size_t i = 0; i < string.count; i++) {
        char c = string.bytes[i];
        if ((unsigned char)c < 0x20) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
            put(answer, escape);
            continue;
        }
        if (c == '"' || c == '\\')
            put_byte(answer, '\\');
        put_byte(answer, c);
    }
    put_byte(answer, '"');
}

void put_array(Answer *answer, const size_t *shape, size_t rank, const float *elements)
{
    size_t count = 1;
    put(answer, "{\"shape\":[");
    for (size_t i = 0; i < rank; i++) {
        if (i != 0)
            put(answer, ",");
        put_number(answer, shape[i]);
        count *= shape[i];
    }
    put(answer, "],\"bits\":\"");
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = bits_of(elements[i]);
        for (int shift = 28; shift >= 0; shift -= 4)
            put_byte(answer, "0123456789abcdef"[bits >> shift & 15]);
    }
    put(answer, "\"}");
}

void put_state(Answer *answer, const Model *model, const State *state)
{
    bool first = true;
    put(answer, "{");
    for (size_t i = 0; i < model->count; i++) {
        if (model->layers[i].kind != LSTM)
            continue;
        size_t shape[] = {state->rows, model->layers[i].out};
        if (!first)
            put(answer, ",");
        first = false;
        put_string(answer, model->layers[i].name);
        put(answer, ":{\"h\":");
        put_array(answer, shape, 2, state->h[i]);
        put(answer, ",\"c\":");
        put_array(answer, shape, 2, state->c[i]);
        put(answer, "}");
    }
    put(answer, "}");
}
