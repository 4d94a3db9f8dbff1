/* Small conversions: UTF-8, base64, and the bits of numbers. */
#include "player.h"

#include <string.h>

/* The offset up to which the bytes are well-formed (Unicode's table 3-7); `count` if all are. */
size_t utf8_length(const char *bytes, size_t count)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < count) {
        unsigned lead = s[i];
        if (lead < 0x80) {
            i++;
            continue;
        }
        size_t more = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
        if (more == 0 || count - i <= more)
            return i;
        /* Four leads narrow their second byte: no overlong form, no surrogate, nothing above U+10FFFF. */
        unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (s[i + 1] < low || s[i + 1] > high)
            return i;
        for (size_t k = 2; k <= more; k++)
            if (s[i + k] < 0x80 || s[i + k] > 0xBF)
                return i;
        i += more + 1;
    }
    return count;
}

size_t utf8_write(char *to, uint32_t scalar)
{
    unsigned char *s = (unsigned char *)to;
    if (scalar < 0x80) {
        s[0] = (unsigned char)scalar;
        return 1;
    }
    size_t more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    static const unsigned LEAD[] = {0, 0xC0, 0xE0, 0xF0};
    s[0] = (unsigned char)(LEAD[more] | scalar >> 6 * more);
    for (size_t k = 1; k <= more; k++)
        s[k] = (unsigned char)(0x80 | (scalar >> 6 * (more - k) & 0x3F));
    return more + 1;
}

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

/* binary64 to binary32, to nearest even. C leaves a cast beyond the range undefined, so that is decided here:
   from halfway between the largest float and 2^128 on, it is infinite. */
float float32_nearest(double value)
{
    if (value >= 0x1.ffffffp127)
        return float32_of(0x7F800000);
    if (value <= -0x1.ffffffp127)
        return float32_of(0xFF800000);
    return (float)value;
}
