/* The recipes of section 12: every line is one rounded operation, or several with their parentheses. */
#include "player.h"

#define LOG2E float32_of(0x3FB8AA3B)
#define MAGIC float32_of(0x4B400000)
#define LN2HI float32_of(0x3F317200)
#define LN2LO float32_of(0x35BFBE8E)
#define ROOT float32_of(0x3F3504F3)

static const uint32_t E_BITS[] = {0x3AB40B74, 0x3C092DE5, 0x3D2AAE4F, 0x3E2AAA26, 0x3EFFFFFA}; /* E6 ... E2 */
static const uint32_t H_BITS[] = {0xBBBAC650, 0x3CA908A9, 0xBD5C1C4C, 0x3E088382, 0xBEAAAA99}; /* H11 ... H3 */
static const uint32_t G_BITS[] = {0x3D8A26D8, 0xBDF18FA8, 0x3DF4E501, 0xBDFDB997, 0x3E11799E,  /* G11 ... G3 */
                                  0xBE2AAFA2, 0x3E4CD460, 0xBE800003, 0x3EAAAA9F};

/* (((c[0] * x) + c[1]) * x) + ... */
static float horner(const uint32_t *bits, int count, float x)
{
    float p = float32_of(bits[0]);
    for (int i = 1; i < count; i++)
        p = (p * x) + float32_of(bits[i]);
    return p;
}

float tiny(float v)
{
    float magnitude = v < 0 ? -v : v;
    return magnitude < 0x1p-51f ? 0.0f : v;
}

/* 2^n for the n of core: -92 ... 128, never subnormal. */
static float power_of_two(int n)
{
    return float32_of((uint32_t)(n + 127) << 23);
}

/* [function-1]: v is within -64 ... 89. */
static float core(float v, int *whole)
{
    float n = ((v * LOG2E) + MAGIC) - MAGIC;
    float r = (v - (n * LN2HI)) - (n * LN2LO);
    float q = horner(E_BITS, 5, r);
    *whole = (int)n;
    return r + ((r * r) * q);
}

float function_exp(float x)
{
    if (x != x)
        return x;
    float a = x < -64 ? -64 : x;
    float v = a > 89 ? 89 : a;
    int n;
    float u = core(v, &n);
    float y = (1 + u) * power_of_two(n - 1);
    return tiny(y + y);
}

static float logistic(float s)
{
    if (s != s)
        return s;
    float a = s < -64 ? -64 : s;
    float v = a > 64 ? 64 : a;
    int n;
    float u = core(v, &n);
    float w = power_of_two(-n);
    float big = w < 1 ? 1 : w;
    float small = w < 1 ? w : 1;
    return w / (big + (small + u));
}

float function_sigmoid(float x)
{
    return tiny(logistic(-x));
}

float function_tanh(float x)
{
    if (x != x)
        return x;
    float a = x < 0 ? -x : x;
    float y;
    if (a < 0.625f) {
        float z = a * a;
        float p = horner(H_BITS, 5, z);
        y = a + (a * (p * z));
    } else {
        float g = logistic(a + a);
        y = 1 - (g + g);
    }
    return tiny(x < 0 ? -y : y);
}

float function_log(float x)
{
    x = tiny(x);
    if (x != x)
        return x;
    if (x < 0)
        return float32_of(0x7FC00000);
    if (x == 0)
        return float32_of(0xFF800000);
    uint32_t bits = bits_of(x);
    if (bits == 0x7F800000)
        return x;
    int whole = (int)(bits >> 23) - 127;
    float m = float32_of((bits & 0x7FFFFF) | 0x3F800000); /* 1 <= m < 2, and below it is to be ROOT <= m < 2 * ROOT */
    if (m >= ROOT + ROOT) {
        m = m * 0.5f;
        whole++;
    }
    float k = (float)whole;
    float f = m - 1;
    float z = f * f;
    float p = horner(G_BITS, 9, f);
    float i = ((f * z) * p) + (k * LN2LO);
    float j = i - (0.5f * z);
    return tiny((f + j) + (k * LN2HI));
}

/* [sum-1] */
float sum(const float *v, size_t count)
{
    float s[16] = {0};
    for (size_t k = 0; k < count; k++)
        s[k % 16] = s[k % 16] + v[k];
    for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            s[i] = s[i] + s[i + width];
    return s[0];
}
