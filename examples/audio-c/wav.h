/* WAV files of one channel, block by block: 16-bit PCM and 32-bit float in, 32-bit float out. What goes wrong ends the program
 * with a sentence: these are the manners of an example. */
#ifndef WAV_H
#define WAV_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 65536, HEADER = 58 }; /* samples of a block; bytes before the first sample that is written */

/* What is written stands under this name until it is whole, so that no half file is ever taken for one, and a file can be
 * rendered into its own place. */
static char unfinished[4096];

static inline void fail(const char *path, const char *format, ...) {
    va_list rest;
    if (*unfinished) remove(unfinished);
    va_start(rest, format);
    fprintf(stderr, "render: %s: ", path);
    vfprintf(stderr, format, rest);
    fputc('\n', stderr);
    va_end(rest);
    exit(1);
}

/* Numbers of a file are little-endian, whatever this processor has. */
static inline uint32_t little(const unsigned char *p, int bytes) {
    uint32_t value = 0;
    while (bytes--) value = value << 8 | p[bytes];
    return value;
}

static inline unsigned char *put(unsigned char *p, uint32_t value, int bytes) {
    for (; bytes--; value >>= 8) *p++ = (unsigned char)value;
    return p;
}

typedef struct {
    FILE *file;
    uint32_t rate, left; /* samples that are still to come */
    int bits;
} source;

/* The file up to its first sample. */
static inline source open_wav(const char *path) {
    unsigned char head[40];
    source in = {fopen(path, "rb"), 0, 0, 0};
    if (!in.file) fail(path, "can't be opened");
    if (fread(head, 1, 12, in.file) != 12 || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4)) fail(path, "is no WAV file");
    while (fread(head, 1, 8, in.file) == 8) {
        const uint32_t size = little(head + 4, 4);
        if (!memcmp(head, "data", 4)) {
            if (!in.bits) fail(path, "has no chunk fmt before its samples");
            in.left = size / (uint32_t)(in.bits / 8);
            return in;
        }
        if (size > INT32_MAX) break;
        const uint32_t padded = size + size % 2;
        const uint32_t kept = memcmp(head, "fmt ", 4) ? 0 : padded < sizeof head ? padded : sizeof head;
        if (fread(head, 1, kept, in.file) != kept || fseek(in.file, (long)(padded - kept), SEEK_CUR)) break;
        if (!kept) continue;
        if (kept < 16) fail(path, "has a chunk fmt of %u bytes, and 16 are the least", size);
        uint32_t form = little(head, 2);
        if (form == 0xfffe && kept >= 26) form = little(head + 24, 2); /* the extended header has it further behind */
        if (little(head + 2, 2) != 1) fail(path, "has %u channels: mix it down to one", little(head + 2, 2));
        in.rate = little(head + 4, 4);
        in.bits = (int)little(head + 14, 2);
        if (!(form == 1 && in.bits == 16) && !(form == 3 && in.bits == 32))
            fail(path, "is of form %u with %d bits: convert it to PCM of 16 bits, or float of 32", form, in.bits);
    }
    fail(path, "ends before its samples");
    return in;
}

static inline uint32_t read_block(source *in, const char *path, float *to, uint32_t most) {
    static unsigned char bytes[4 * MOST];
    const uint32_t count = in->left < most ? in->left : most, wide = (uint32_t)(in->bits / 8);
    if (fread(bytes, wide, count, in->file) != count) fail(path, "ends before its last sample");
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t value = little(bytes + k * wide, (int)wide);
        if (in->bits == 32) memcpy(to + k, &value, 4);
        else to[k] = (float)(int16_t)(uint16_t)value / 32768.0f;
    }
    in->left -= count;
    return count;
}

static inline FILE *create_wav(const char *path, uint32_t rate, uint32_t count) {
    unsigned char head[HEADER], *p = head;
    if (strlen(path) + sizeof ".part" > sizeof unfinished) fail(path, "is too long a name");
    FILE *file = fopen(strcat(strcpy(unfinished, path), ".part"), "wb");
    if (!file) *unfinished = 0, fail(path, "can't be written");
    p = put((unsigned char *)memcpy(p, "RIFF", 4) + 4, HEADER - 8 + 4 * count, 4);
    p = put((unsigned char *)memcpy(p, "WAVEfmt ", 8) + 8, 18, 4);
    p = put(put(put(put(p, 3, 2), 1, 2), rate, 4), 4 * rate, 4); /* floats, one channel */
    p = put(put(put(p, 4, 2), 32, 2), 0, 2);
    p = put(put((unsigned char *)memcpy(p, "fact", 4) + 4, 4, 4), count, 4);
    p = put((unsigned char *)memcpy(p, "data", 4) + 4, 4 * count, 4);
    if (fwrite(head, 1, HEADER, file) != HEADER) fail(path, "can't be written");
    return file;
}

static inline void write_block(FILE *file, const char *path, const float *from, uint32_t count) {
    static unsigned char bytes[4 * MOST];
    for (uint32_t k = 0, value; k < count; k++) {
        memcpy(&value, from + k, 4);
        put(bytes + 4 * k, value, 4);
    }
    if (fwrite(bytes, 4, count, file) != count) fail(path, "can't be written");
}

static inline void finish_wav(FILE *file, const char *path) {
    if (fclose(file) || rename(unfinished, path)) fail(path, "can't be written");
}

#endif
