/* Reads memory as fast as a level can: the limit of a step, which reads every weight once. Compiled once per level. */
#include <stdint.h>

#if defined(__AVX512F__)
#define NAME read_avx512
#define BYTES 64
#elif defined(__AVX2__)
#define NAME read_avx2
#define BYTES 32
#else
#define NAME read_baseline
#define BYTES 16
#endif
typedef int32_t vec __attribute__((vector_size(BYTES)));

/* `bytes` is a multiple of 512. */
int32_t NAME(const void *from, int64_t bytes) {
    const vec *p = from, *end = (const vec *)((const char *)from + bytes);
    vec a[8] = {0};
    for (; p < end; p += 8)
        for (int i = 0; i < 8; i++) a[i] |= p[i];
    for (int i = 1; i < 8; i++) a[0] |= a[i];
    int32_t sum = 0;
    for (int i = 0; i < BYTES / 4; i++) sum |= a[0][i];
    return sum;
}
