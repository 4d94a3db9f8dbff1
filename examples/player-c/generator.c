/* The generator of random numbers: xoshiro128** ([decode-3], [decode-4]). */
#include "player.h"

static uint32_t rotl(uint32_t v, int bits)
{
    return v << bits | v >> (32 - bits);
}

static uint32_t fmix(uint32_t z)
{
    z ^= z >> 16;
    z *= 0x85EBCA6B;
    z ^= z >> 13;
    z *= 0xC2B2AE35;
    return z ^ z >> 16;
}

/* [decode-4] */
Generator make_generator(uint32_t seed)
{
    Generator generator;
    for (uint32_t i = 0; i < 4; i++)
        generator.s[i] = fmix(seed + (i + 1) * 0x9E3779B9u);
    return generator;
}

static uint32_t next_word(Generator *generator)
{
    uint32_t *s = generator->s;
    uint32_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
}

/* [decode-3] */
double draw(Generator *generator)
{
    uint32_t hi = next_word(generator), lo = next_word(generator);
    return ((double)(hi >> 5) * 0x1p26 + (double)(lo >> 6)) * 0x1p-53;
}
