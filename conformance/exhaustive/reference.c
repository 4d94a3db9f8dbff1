/* The four functions of rnnspec over all 2^32 float32 inputs: how far from the truth, monotone or
   not, and the digests that every runtime must reproduce. See README.md.

   gcc -O3 -march=native -ffp-contract=off -fno-trapping-math -pthread reference.c -lquadmath -lm -o reference
   (-march only for speed: the bits must not depend on it. -ffp-contract=off is not optional.) */
#include <math.h>
#include <pthread.h>
#include <quadmath.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif
#include "sha256.h"

#ifdef __FAST_MATH__
#error "this program is meaningless with -ffast-math"
#endif

static inline float from_bits(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
static inline uint32_t to_bits(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }

/* ---- the recipes, written again from the specification, independently of every runtime ---- */

#ifndef E6
#define E6 0x3ab40b74u
#endif
#ifndef H5
#define H5 0x3e088382u
#endif
#ifndef G8
#define G8 0xbdfdb997u
#endif
#define C(bits) from_bits(bits)

static inline float T(float v) { return (to_bits(v) & 0x7fffffffu) < 0x26000000u ? 0.0f : v; }
static inline float two_to(float k) { return from_bits((uint32_t)((int32_t)k + 127) << 23); }

static inline float core(float v, float *n_out) {
    const float n = ((v * C(0x3fb8aa3bu)) + 12582912.0f) - 12582912.0f;
    const float r = (v - (n * C(0x3f317200u))) - (n * C(0x35bfbe8eu));
    const float q = (((((((C(E6) * r) + C(0x3c092de5u)) * r) + C(0x3d2aae4fu)) * r) + C(0x3e2aaa26u)) * r) + C(0x3efffffau);
    *n_out = n == n ? n : 0.0f; /* only keeps the C conversion to int defined; u is NaN */
    return r + ((r * r) * q);
}

static inline float raw_exp(float x) {
    float n, a = x < -64.0f ? -64.0f : x, v = a > 89.0f ? 89.0f : a;
    const float u = core(v, &n);
    const float h = (1.0f + u) * two_to(n - 1.0f);
    return h + h;
}

static inline float logistic(float v0) {
    float n, a = v0 < -64.0f ? -64.0f : v0, v = a > 64.0f ? 64.0f : a;
    const float u = core(v, &n);
    const float w = two_to(-n);
    const float big = w < 1.0f ? 1.0f : w, small = w < 1.0f ? w : 1.0f;
    return w / (big + (small + u));
}

static inline float raw_sigmoid(float x) { return logistic(-x); }

static inline float raw_tanh(float x) {
    const float a = from_bits(to_bits(x) & 0x7fffffffu);
    const float z = a * a;
    const float p = (((((((C(0xbbbac650u) * z) + C(0x3ca908a9u)) * z) + C(0xbd5c1c4cu)) * z) + C(H5)) * z) + C(0xbeaaaa99u);
    const float lower = a + (a * (p * z));
    const float g = logistic(a + a);
    const float upper = 1.0f - (g + g);
    const float y = a < 0.625f ? lower : upper;
    return from_bits(to_bits(y) | (to_bits(x) & 0x80000000u)); /* y >= 0, or NaN */
}

static inline float raw_log(float x0) {
    const float x = T(x0);
    const int32_t e = (int32_t)(to_bits(x) - 0x3f3504f3u) >> 23;
    const float k = (float)e, m = from_bits(to_bits(x) - ((uint32_t)e << 23));
    const float f = m - 1.0f;
    const float z = f * f;
    float p = C(0x3d8a26d8u);
    p = (p * f) + C(0xbdf18fa8u);
    p = (p * f) + C(0x3df4e501u);
    p = (p * f) + C(G8);
    p = (p * f) + C(0x3e11799eu);
    p = (p * f) + C(0xbe2aafa2u);
    p = (p * f) + C(0x3e4cd460u);
    p = (p * f) + C(0xbe800003u);
    p = (p * f) + C(0x3eaaaa9fu);
    const float i = ((f * z) * p) + (k * C(0x35bfbe8eu));
    const float j = i - (0.5f * z);
    const float y = (f + j) + (k * C(0x3f317200u));
    return x > 0.0f ? (x < INFINITY ? y : x) : x == 0.0f ? -INFINITY : NAN;
}

/* ---- the truth ---- */

static double double_sigmoid(double x) { return 1 / (1 + exp(-x)); }
static __float128 quad_sigmoid(__float128 x) { return 1 / (1 + expq(-x)); }

static void fill_exp(uint32_t from, int n, float *out) { for (int i = 0; i < n; i++) out[i] = raw_exp(from_bits(from + (uint32_t)i)); }
static void fill_log(uint32_t from, int n, float *out) { for (int i = 0; i < n; i++) out[i] = raw_log(from_bits(from + (uint32_t)i)); }
static void fill_tanh(uint32_t from, int n, float *out) { for (int i = 0; i < n; i++) out[i] = raw_tanh(from_bits(from + (uint32_t)i)); }
static void fill_sigmoid(uint32_t from, int n, float *out) { for (int i = 0; i < n; i++) out[i] = raw_sigmoid(from_bits(from + (uint32_t)i)); }

typedef struct {
    const char *name;
    void (*fill)(uint32_t from, int n, float *out);
    double (*truth)(double);
    __float128 (*exact)(__float128);
    double goal;              /* ulp */
    float low, high;          /* beyond these the result is the limit, to the last bit */
    float at_low, at_high;    /* after T */
} function;

enum { FUNCTIONS = 4, CHUNKS = 256, BLOCK = 1 << 14 };
static const function functions[FUNCTIONS] = {
    {"exp", fill_exp, exp, expq, 1.0, -36, 89, 0, INFINITY},
    {"log", fill_log, log, logq, 1.0, 0, INFINITY, 0, INFINITY},
    {"tanh", fill_tanh, tanh, tanhq, 1.5, -10, 10, -1, 1},
    {"sigmoid", fill_sigmoid, double_sigmoid, quad_sigmoid, 2.0, -36, 18, 0, 1},
};

typedef struct {
    double worst; float worst_at, worst_is;
    long long wrong;            /* NaN, saturation, overflow, sign of zero, oddness */
    long long breaks;           /* of monotone order, after T */
    long long raw_breaks;       /* before T */
    uint32_t wrong_at, break_at;
    uint8_t digest[CHUNKS][32];
} result;

static struct { int use[FUNCTIONS], first, last, threads, ftz, measure; } opt = {{1, 1, 1, 1}, 0, 255, 2, 0, 1};
static result results[FUNCTIONS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int next_job;

static double ulp_of(double t) {
    int e;
    frexp(fabs(t), &e);
    return ldexp(1, (e < -125 ? -125 : e) - 24);
}

static double ulps(const function *f, float x, float y, double worst) {
    double t = f->truth((double)x);
    if (!(fabs(t) >= 0x1p-51)) return -1;      /* T may make it zero: no claim */
    double e = fabs((double)y - t) / ulp_of(t);
    if (e < worst - 1e-6) return e;            /* binary64 is good enough to see that */
    __float128 exact = f->exact((__float128)x);
    return (double)(fabsq((__float128)y - exact) / (__float128)ulp_of((double)exact));
}

static void wrong(result *r, uint32_t bits) { if (!r->wrong++) r->wrong_at = bits; }

/* everything that is claimed about one value: y before T, y1 after, at input bits b */
static void judge(const function *f, result *r, uint32_t b, float y, float y1, float y_odd) {
    const float x = from_bits(b);
    if (isnan(y1) != (isnan(x) || (f->truth == log && T(x) < 0))) { wrong(r, b); return; }
    if (isnan(y1)) return;
    if (to_bits(y1) == 0x80000000u || (to_bits(y1) & 0x7fffffffu) - 1 < 0x25ffffffu) wrong(r, b); /* -0 or untidy */
    if (f->truth == log) {
        if (T(x) == 0) { if (y1 != -INFINITY) wrong(r, b); return; }
        if (x == INFINITY) { if (y1 != x) wrong(r, b); return; }
    } else {
        if (x < f->low) { if (y1 != f->at_low) wrong(r, b); return; }
        if (x > f->high) { if (y1 != f->at_high) wrong(r, b); return; }
    }
    if (f->truth == tanh) {
        if (to_bits(y1) != (y_odd == 0 ? 0 : to_bits(y_odd) ^ 0x80000000u)) wrong(r, b);
        if (fabsf(x) < 0x1p-13f) {  /* tanh x = x - x^3/3: the same as x within 1/8 ulp */
            if (fabsf(x) >= 0x1p-51f && y != x) wrong(r, b);
            return;
        }
    } else if (f->truth != log && fabsf(x) < 0x1p-26f) {
        if (y1 != (f->truth == exp ? 1.0f : 0.5f)) wrong(r, b);
        return;
    }
    if (isinf(y1)) {  /* only where the correctly rounded result is infinite */
        if (f->truth != exp || exp((double)x) < 0x1.ffffffp127) wrong(r, b);
        return;
    }
    if (f->truth == exp && exp((double)x) >= 0x1.ffffffp127) { wrong(r, b); return; }
    double e = ulps(f, x, y, r->worst);
    if (e > r->worst) { r->worst = e; r->worst_at = x; r->worst_is = y; }
}

static void run_chunk(const function *f, result *total, int chunk) {
    static _Thread_local float y[BLOCK + 1], odd[BLOCK];
    static _Thread_local uint32_t out[BLOCK];
    result r;
    memset(&r, 0, sizeof r - sizeof r.digest);
    sha256 sha;
    sha256_start(&sha);
    for (uint32_t at = 0; at < 1u << 24; at += BLOCK) {
        const uint32_t from = ((uint32_t)chunk << 24) + at;
        f->fill(from, BLOCK, y + 1);
        for (int i = 0; i < BLOCK; i++) {
            uint32_t u = to_bits(T(y[i + 1]));
            out[i] = (u & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : u;
        }
        sha256_add(&sha, out, sizeof out); /* little-endian machines only */
        if (!opt.measure) continue;
        if (f->truth == tanh) f->fill(from ^ 0x80000000u, BLOCK, odd);
        if (at == 0 && (chunk & 127)) f->fill(from - 1, 1, y);
        const int down = chunk >= 128;         /* bits up, x down */
        for (int i = 0; i < BLOCK; i++) {
            judge(f, &r, from + (uint32_t)i, y[i + 1], T(y[i + 1]), T(odd[i]));
            if (at == 0 && i == 0 && !(chunk & 127)) {        /* f(-0) = f(+0) */
                float zero; f->fill(0, 1, &zero);
                if (to_bits(T(zero)) != to_bits(T(y[1]))) wrong(&r, from);
                continue;
            }
            const float p = y[i], c = y[i + 1];
            r.raw_breaks += down ? c > p : c < p;
            if (down ? T(c) > T(p) : T(c) < T(p)) if (!r.breaks++) r.break_at = from + (uint32_t)i;
        }
        y[0] = y[BLOCK];
    }
    sha256_end(&sha, total->digest[chunk]);
    pthread_mutex_lock(&lock);
    if (r.worst > total->worst) { total->worst = r.worst; total->worst_at = r.worst_at; total->worst_is = r.worst_is; }
    if (r.wrong && !total->wrong) total->wrong_at = r.wrong_at;
    if (r.breaks && !total->breaks) total->break_at = r.break_at;
    total->wrong += r.wrong;
    total->breaks += r.breaks;
    total->raw_breaks += r.raw_breaks;
    pthread_mutex_unlock(&lock);
}

static void *worker(void *unused) {
    (void)unused;
#if defined(__SSE2__)
    if (opt.ftz) _mm_setcsr(0x9fc0);  /* flush to zero, denormals are zero, as audio hosts set it */
#endif
    for (;;) {
        int job = atomic_fetch_add(&next_job, 1), f = job / CHUNKS, chunk = job % CHUNKS;
        if (f >= FUNCTIONS) return NULL;
        if (opt.use[f] && chunk >= opt.first && chunk <= opt.last) run_chunk(&functions[f], &results[f], chunk);
    }
}

static void print_digest(const char *name, const uint8_t d[32]) {
    printf("%s ", name);
    for (int i = 0; i < 32; i++) printf("%02x", d[i]);
    puts("");
}

static void usage(void) {
    fputs("reference [--functions exp,log,tanh,sigmoid] [--chunks A-B] [--threads N] [--ftz] [--digests-only]\n", stderr);
    exit(2);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--ftz")) opt.ftz = 1;
        else if (!strcmp(argv[i], "--digests-only")) opt.measure = 0;
        else if (!strcmp(argv[i], "--threads")) { opt.threads = atoi(value); i++; }
        else if (!strcmp(argv[i], "--chunks")) {
            int got = sscanf(value, "%d-%d", &opt.first, &opt.last);
            if (got < 1) usage();
            if (got == 1) opt.last = opt.first;
            i++;
        } else if (!strcmp(argv[i], "--functions")) {
            char list[64] = ",";
            if (strlen(value) > 60) usage();
            strcat(strcat(list, value), ",");
            size_t named = 0;
            for (int f = 0; f < FUNCTIONS; f++) {
                char name[16];
                snprintf(name, sizeof name, ",%s,", functions[f].name);
                opt.use[f] = strstr(list, name) != NULL;
                if (opt.use[f]) named += strlen(functions[f].name) + 1;
            }
            if (named != strlen(value) + 1) usage();
            i++;
        } else usage();
    }
    if (opt.first < 0 || opt.last > 255 || opt.first > opt.last || opt.threads < 1 || opt.threads > 256) usage();

    pthread_t thread[256];
    for (int i = 0; i < opt.threads; i++) if (pthread_create(&thread[i], NULL, worker, NULL)) return 2;
    for (int i = 0; i < opt.threads; i++) pthread_join(thread[i], NULL);

    int failed = 0, whole = opt.first == 0 && opt.last == 255, every = 1;
    sha256 all;
    sha256_start(&all);
    for (int i = 0; i < FUNCTIONS; i++) {
        const function *f = &functions[i];
        const result *r = &results[i];
        if (!opt.use[i]) { every = 0; continue; }
        if (opt.measure) {
            int bad = r->worst > f->goal || r->breaks || r->wrong;
            fprintf(stderr, "%-7s %s: worst %.6f ulp (goal %.1f) at %a (0x%08x -> 0x%08x), %lld monotone breaks (%lld before T), %lld wrong values\n",
                    f->name, bad ? "FAILED" : "ok", r->worst, f->goal, (double)r->worst_at, to_bits(r->worst_at), to_bits(r->worst_is),
                    r->breaks, r->raw_breaks, r->wrong);
            if (r->breaks) fprintf(stderr, "        a break at 0x%08x\n", r->break_at);
            if (r->wrong) fprintf(stderr, "        a wrong value at 0x%08x\n", r->wrong_at);
            failed |= bad;
        }
        if (whole) {
            uint8_t digest[32];
            sha256 s;
            sha256_start(&s);
            sha256_add(&s, r->digest, sizeof r->digest);
            sha256_end(&s, digest);
            sha256_add(&all, digest, 32);
            print_digest(f->name, digest);
        } else {
            for (int c = opt.first; c <= opt.last; c++) {
                char name[24];
                snprintf(name, sizeof name, "%s %d", f->name, c);
                print_digest(name, r->digest[c]);
            }
        }
    }
    if (whole && every) {
        uint8_t digest[32];
        sha256_end(&all, digest);
        print_digest("all", digest);
    }
    return failed;
}
