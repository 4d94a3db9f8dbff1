/* The few operations that the candidates use besides + - * / and `a < b ? c : d`.
   Each is a VALUE (2^n, |x|, the exponent of x); the bit trick is only one way to it. */
#ifndef PRELUDE_H
#define PRELUDE_H
#include <stdint.h>
#define F static inline float
#define D static inline double
#ifndef INFINITY
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#endif
F from_bits(uint32_t u) { union { uint32_t u; float f; } v; v.u = u; return v.f; }
static inline uint32_t to_bits(float f) { union { uint32_t u; float f; } v; v.f = f; return v.u; }
/* 2^n for a whole number n, -126 <= n <= 127 */
F pow2(float n) { return from_bits(to_bits(n + (0x1.8p23f + 127.0f)) << 23); }
D pow2d(double n) { union { uint64_t u; double f; } v; v.f = n + (0x1.8p52 + 1023.0); v.u <<= 52; return v.f; }
F absf(float x) { return from_bits(to_bits(x) & 0x7fffffffu); }
F withsign(float y, float x) { return from_bits((to_bits(y) & 0x7fffffffu) | (to_bits(x) & 0x80000000u)); }
/* x = m * 2^k, bits of m from 0x3f3504f3 (sqrt(1/2)) to 0x3fb504f2, x normal and positive */
F split_k(float x) { return (float)((int32_t)(to_bits(x) - 0x3f3504f3u) >> 23); }
F split_m(float x) { return from_bits(((to_bits(x) - 0x3f3504f3u) & 0x007fffffu) + 0x3f3504f3u); }
/* T: what every normative function does last; candidates are measured without that */
F tiny(float v) { return (to_bits(v) & 0x7fffffffu) < 0x26000000u ? 0.0f : v; }
#endif
