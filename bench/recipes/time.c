/* Nanoseconds per element of each candidate, native. Prints also a hash of the results: the same
   hash in every language and instruction set is a first sign that the bits are equal. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>
#include "candidates/all.h"
#include "inputs.h"

#define X(name, function) __attribute__((noinline)) static void run_##name(const float *restrict x, float *restrict y) { \
    for (int i = 0; i < COUNT; i++) y[i] = name(x[i]); }
CANDIDATES
#undef X

static float x[COUNT] __attribute__((aligned(64))), y[COUNT] __attribute__((aligned(64)));
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (double)t.tv_sec * 1e9 + (double)t.tv_nsec; }
static int order(const void *a, const void *b) { double d = *(const double *)a - *(const double *)b; return d < 0 ? -1 : d > 0; }

static void measure(const char *name, int log, void (*run)(const float *, float *)) {
    double times[15];
    inputs(log, x);
    for (int i = 0; i < 100; i++) run(x, y);
    for (int t = 0; t < 15; t++) {
        double start = now();
        for (int i = 0; i < 200; i++) { run(x, y); __asm__ volatile("" ::: "memory"); }
        times[t] = (now() - start) / (200.0 * COUNT);
    }
    qsort(times, 15, sizeof *times, order);
    printf("%s %.3f %08x\n", name, times[7], hash(y));
}

int main(void) {
#define X(name, function) measure(#name, !strcmp(#function, "log"), run_##name);
    CANDIDATES
}
