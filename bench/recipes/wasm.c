/* The same loops as a WebAssembly module without imports; time.js runs it. */
#include "candidates/all.h"
#include "inputs.h"
static float x[COUNT] __attribute__((aligned(64))), y[COUNT] __attribute__((aligned(64)));
#define EXPORT __attribute__((visibility("default")))
EXPORT void fill(int log) { inputs(log, x); }
EXPORT uint32_t sum(void) { return hash(y); }
#define X(name, function) EXPORT void name##_(int times) { \
    for (int t = 0; t < times; t++) { for (int i = 0; i < COUNT; i++) y[i] = name(x[i]); __asm__ volatile("" ::: "memory"); } }
CANDIDATES
