/* UTF-8 (Unicode's table 3-7): well-formed or not, byte by byte. */
#include "player.h"

/* How many bytes follow this one; 4 if none is led by it. */
static size_t followers(unsigned lead)
{
    return lead < 0x80 ? 0 : lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 4;
}

/* Four leads narrow their second byte: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool continues(const Utf8 *utf8, unsigned byte)
{
    unsigned lead = utf8->held[0];
    bool second = utf8->count == 1;
    unsigned low = second && lead == 0xE0 ? 0xA0 : second && lead == 0xF0 ? 0x90 : 0x80;
    unsigned high = second && lead == 0xED ? 0x9F : second && lead == 0xF4 ? 0x8F : 0xBF;
    return byte >= low && byte <= high;
}

/* One more byte. BROKEN: it can't follow what is held; without anything held, nothing starts with it. It is not held then. */
Progress utf8_add(Utf8 *utf8, unsigned char byte)
{
    if (utf8->count == 0 ? followers(byte) == 4 : !continues(utf8, byte))
        return BROKEN;
    utf8->held[utf8->count++] = byte;
    return utf8->count == followers(utf8->held[0]) + 1 ? WHOLE : MORE;
}

/* The offset up to which the bytes are well-formed; `count` if all are. */
size_t utf8_length(const char *bytes, size_t count)
{
    Utf8 utf8 = {.count = 0};
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        Progress progress = utf8_add(&utf8, (unsigned char)bytes[i]);
        if (progress == BROKEN)
            return good;
        if (progress == WHOLE) {
            utf8.count = 0;
            good = i + 1;
        }
    }
    return good;
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
