/* Polishes the five coefficients of the core on the float32 lattice around the point that
   derive.py gives: a random walk that minimises the largest error of exp (in ulp) over the
   hard inputs, i.e. those where some coefficient set seen so far errs by more than 0.9.
   gcc -O3 -march=native -ffp-contract=off search.c -lm -o search && ./search 60 1
   (seconds, seed; the coefficients of the specification appear at try 1119 of seed 1)
   The winner is then checked on every input by conformance/exhaustive/reference.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <math.h>
#include "candidates/prelude.h"

#define MAX 4000000
static float X[MAX], R[MAX];
static double WANT[MAX];          /* exp(x)/2^n, with the binade of the result in ULP */
static int count;

static float poly(float r, const float *c) {
    float z = r * r;
    return 1.0f + (r + z * ((((c[4] * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0]));
}
static double error(float p, double want) { return fabs(p - want) * (want < 1 ? 0x1p24 : 0x1p23); }

static void setup(float x, float *n, float *r, double *want) {
    *n = (x * 0x1.715476p+0f + 0x1.8p23f) - 0x1.8p23f;
    *r = (x - *n * 0x1.62e4p-1f) - *n * 0x1.7f7d1cp-20f;
    *want = ldexp(exp((double)x), -(int)*n);
}
/* adds the inputs on which c errs by more than limit; returns the largest error */
static double collect(const float *c, double limit, uint32_t step, uint32_t start) {
    double worst = 0;
    for (int sign = 0; sign < 2; sign++)
        for (uint32_t b = 0x3d000000u + start; b < 0x42b17218u; b += step) {
            float x = from_bits(b | (uint32_t)sign << 31), n, r; double w;
            if (x < -36) break;
            setup(x, &n, &r, &w);
            double e = error(poly(r, c), w);
            if (e > worst) worst = e;
            if (e > limit && count < MAX) { X[count] = x; R[count] = r; WANT[count++] = w; }
        }
    return worst;
}
static double judge(const float *c) {
    double worst = 0;
    for (int i = 0; i < count; i++) { double e = error(poly(R[i], c), WANT[i]); worst = e > worst ? e : worst; }
    return worst;
}
static uint64_t state;
static uint32_t rnd(void) { state = state * 6364136223846793005u + 1442695040888963407u; return (uint32_t)(state >> 33); }

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 60;
    state = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    float best[5] = {0x1.fffff6p-2f, 0x1.55548ep-3f, 0x1.555c5ep-5f, 0x1.123be8p-7f, 0x1.681d3p-10f};
    if (argc > 3) { float b[5] = {0.5f, 0x1.555492p-3f, 0x1.5554cp-5f, 0x1.12399cp-7f, 0x1.6d7a4ep-10f}; memcpy(best, b, sizeof b); }
    static const int reach[5] = {3, 24, 400, 4000, 40000};  /* ulps of each coefficient worth trying */
    collect(best, 0.90, 3, 0);
    double good = judge(best);
    time_t end = time(0) + (time_t)seconds;
    for (long tries = 0; time(0) < end; tries++) {
        float c[5]; memcpy(c, best, sizeof c);
        int scale = 1 << rnd() % 8;
        for (int i = 0; i < 5; i++) if (rnd() % 2) {
            int span = reach[i] / scale; if (span < 1) span = 1;
            c[i] = from_bits(to_bits(c[i]) + (uint32_t)((int)(rnd() % (2 * (uint32_t)span + 1)) - span));
        }
        double e = judge(c);
        if (e < good) {
            good = e; memcpy(best, c, sizeof c);
            int before = count;
            double all = collect(best, good - 0.01 > 0.9 ? 0.9 : good - 0.01, 97, rnd() % 97);
            if (all > good) good = judge(best);
            printf("%ld: %.4f (%d inputs, %+d)", tries, good, count, count - before);
            for (int i = 0; i < 5; i++) printf(" %a", best[i]);
            puts(""); fflush(stdout);
        }
    }
}
