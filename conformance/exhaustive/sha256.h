/* SHA-256 (FIPS 180-4): portable, and with the x86 SHA instructions where the CPU has them. */
#ifndef RNNSPEC_SHA256_H
#define RNNSPEC_SHA256_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct { uint32_t h[8]; uint8_t block[64]; size_t used; uint64_t bytes; } sha256;

static const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static void sha256_blocks_plain(uint32_t h[8], const uint8_t *p, size_t count) {
#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
    for (; count--; p += 64) {
        uint32_t w[64], v[8];
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
        for (int i = 16; i < 64; i++) {
            uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + (ROR(a, 7) ^ ROR(a, 18) ^ a >> 3) + w[i - 7] + (ROR(b, 17) ^ ROR(b, 19) ^ b >> 10);
        }
        memcpy(v, h, sizeof v);
        for (int i = 0; i < 64; i++) {
            uint32_t a = v[0], e = v[4];
            uint32_t t = v[7] + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + sha256_k[i] + w[i];
            uint32_t m = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
            memmove(v + 1, v, 28);
            v[4] += t;
            v[0] = t + (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + m;
        }
        for (int i = 0; i < 8; i++) h[i] += v[i];
    }
#undef ROR
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
__attribute__((target("sha,sse4.1")))
static void sha256_blocks_x86(uint32_t h[8], const uint8_t *p, size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    /* the instructions want the state as (ABEF, CDGH) */
    __m128i abef = _mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]);
    __m128i cdgh = _mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7]);
    for (; count--; p += 64) {
        __m128i a = abef, c = cdgh, w[4];
        for (int i = 0; i < 16; i++) {
            __m128i now;
            if (i < 4) now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p + i), swap);
            else {
                __m128i t = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
                t = _mm_add_epi32(t, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
                now = _mm_sha256msg2_epu32(t, w[(i + 3) & 3]);
            }
            w[i & 3] = now;
            __m128i k = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)sha256_k + i));
            c = _mm_sha256rnds2_epu32(c, a, k);
            a = _mm_sha256rnds2_epu32(a, c, _mm_shuffle_epi32(k, 0x0e));
        }
        abef = _mm_add_epi32(abef, a);
        cdgh = _mm_add_epi32(cdgh, c);
    }
    h[0] = (uint32_t)_mm_extract_epi32(abef, 3); h[1] = (uint32_t)_mm_extract_epi32(abef, 2);
    h[4] = (uint32_t)_mm_extract_epi32(abef, 1); h[5] = (uint32_t)_mm_extract_epi32(abef, 0);
    h[2] = (uint32_t)_mm_extract_epi32(cdgh, 3); h[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
    h[6] = (uint32_t)_mm_extract_epi32(cdgh, 1); h[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}
static int sha256_has_x86(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#endif

static void sha256_blocks(uint32_t h[8], const uint8_t *p, size_t count) {
#if defined(__x86_64__) && defined(__GNUC__)
    static int fast = -1;  /* a race writes the same value twice: harmless */
    if (fast < 0) fast = sha256_has_x86();
    if (fast) { sha256_blocks_x86(h, p, count); return; }
#endif
    sha256_blocks_plain(h, p, count);
}

static void sha256_start(sha256 *s) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->h, start, sizeof start);
    s->used = 0;
    s->bytes = 0;
}

static void sha256_add(sha256 *s, const void *data, size_t size) {
    const uint8_t *p = data;
    s->bytes += size;
    if (s->used) {
        size_t take = 64 - s->used < size ? 64 - s->used : size;
        memcpy(s->block + s->used, p, take);
        s->used += take; p += take; size -= take;
        if (s->used < 64) return;
        sha256_blocks(s->h, s->block, 1);
        s->used = 0;
    }
    sha256_blocks(s->h, p, size / 64);
    memcpy(s->block, p + size / 64 * 64, size % 64);
    s->used = size % 64;
}

static void sha256_end(sha256 *s, uint8_t out[32]) {
    uint64_t bits = s->bytes * 8;
    uint8_t pad[72] = {0x80};
    size_t zeros = (s->used < 56 ? 56 : 120) - s->used;
    for (int i = 0; i < 8; i++) pad[zeros + (size_t)i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, pad, zeros + 8);
    for (int i = 0; i < 32; i++) out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}
#endif
