/* Small conversions: base64, and the bits of numbers. */
#include "player.h"

#include <string.h>

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* [tensor-3]: strict, the unused bits too. Returns whether it is base64; without `bytes` it only looks. */
bool base64_read(Work *work, String text, String *bytes)
{
    if (text.count % 4 != 0)
        return false;
    size_t pad = 0;
    while (pad < 2 && pad < text.count && text.bytes[text.count - 1 - pad] == '=')
        pad++;
    size_t count = text.count / 4 * 3 - pad;
    unsigned char *to = bytes == NULL ? NULL : take(work, count, 1);
    uint32_t bits = 0;
    size_t held = 0, written = 0;
    for (size_t i = 0; i < text.count - pad; i++) {
        int digit = base64_digit(text.bytes[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (to != NULL)
                to[written] = (unsigned char)(bits >> held & 0xFF);
            written++;
        }
    }
    if ((bits & ((1u << held) - 1)) != 0)
        return false;
    if (to != NULL)
        *bytes = (String){(const char *)to, written};
    return true;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

float float32_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* [tensor-6]: exact. A subnormal binary16 is its fraction times 2^-24. */
float float16_of(uint32_t bits)
{
    uint32_t sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3FF;
    if (exponent == 0)
        return float32_of(sign | bits_of((float)fraction * 0x1p-24f));
    if (exponent == 31)
        return float32_of(sign | 0x7F800000 | fraction << 13);
    return float32_of(sign | (exponent + 112) << 23 | fraction << 13);
}

/* binary64 to binary32, to nearest even. C leaves a cast beyond the range undefined, so that is decided here: from halfway
   between the largest float and 2^128 on, it is infinite. Below 2^-126 a cast could flush to zero; units of 2^-149 can't. */
float float32_nearest(double value)
{
    double magnitude = value < 0 ? -value : value;
    uint32_t sign = value < 0 ? 0x80000000 : 0;
    if (magnitude >= 0x1.ffffffp127)
        return float32_of(sign | 0x7F800000);
    if (magnitude < 0x1p-126)
        return float32_of(sign | (uint32_t)((magnitude * 0x1p149 + 0x1p52) - 0x1p52));
    return (float)value;
}
