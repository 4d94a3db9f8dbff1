/* Largest error in ulp (binary64 libm as the truth) and number of monotone breaks of every candidate,
   before T, over every float32 whose result is not already saturated:
   exp, sigmoid 2^-26 <= |x| <= 100; tanh 2^-15 <= |x| <= 20; log every x >= 2^-51. An error counts where |true value| >= 2^-51. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "candidates/all.h"

static double exp_(double x) { return exp(x); }
static double log_(double x) { return log(x); }
static double tanh_(double x) { return tanh(x); }
static double sigmoid_(double x) { return 1 / (1 + exp(-x)); }
typedef struct { double worst[2]; float at[2]; long breaks; } result; /* [0] x > 0, [1] x < 0 */

static double ulp_of(double t) { int e; frexp(fabs(t), &e); return ldexp(1, (e < -125 ? -125 : e) - 24); }
#define X(name, function) __attribute__((noinline)) static void sweep_##name(result *r, uint32_t from, uint32_t to, int negative) { \
    const float s = negative ? -1.0f : 1.0f; \
    float before = name(s * from_bits(from - 1)); \
    for (uint32_t b = from; b < to; b++) { \
        const float x = s * from_bits(b), y = name(x); \
        r->breaks += negative ? y > before : y < before; \
        before = y; \
        const double t = function##_(x); \
        if (fabs(t) < 0x1p-51 || fabs(t) >= 0x1.ffffffp127) continue; \
        const double e = fabs(y - t) / ulp_of(t); \
        if (!(e <= r->worst[negative])) { r->worst[negative] = e; r->at[negative] = x; } \
    } }
CANDIDATES
#undef X
static struct { const char *name, *function; void (*sweep)(result *, uint32_t, uint32_t, int); result r; } all[] = {
#define X(name, function) {#name, #function, sweep_##name, {{0, 0}, {0, 0}, 0}},
    CANDIDATES
};
enum { N = sizeof all / sizeof *all };
static atomic_int next;
static void *worker(void *p) {
    for (int job; (job = atomic_fetch_add(&next, 1)) < N; ) {
        const char *f = all[job].function;
        if (p && !strstr(p, all[job].name)) continue;
        if (!strcmp(f, "log")) { all[job].sweep(&all[job].r, 0x26000001u, 0x7f800000u, 0); continue; }
        const uint32_t from = f[0] == 't' ? to_bits(0x1p-15f) : to_bits(0x1p-26f), to = f[0] == 't' ? to_bits(20.0f) : to_bits(100.0f);
        for (int negative = 0; negative < 2; negative++) all[job].sweep(&all[job].r, from, to, negative);
    }
    return NULL;
}
int main(int argc, char **argv) {
    pthread_t t[2];
    char *only = argc > 1 ? argv[1] : NULL;
    for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, worker, only);
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    for (int i = 0; i < N; i++)
        if (!only || strstr(only, all[i].name))
            printf("%s %.4g %.4g %ld\n", all[i].name, all[i].r.worst[0], all[i].r.worst[1], all[i].r.breaks);
}
