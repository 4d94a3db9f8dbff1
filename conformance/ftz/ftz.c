/* Makes any process compute with subnormal numbers flushed to zero, as audio hosts and some libraries do.
 *
 *     cc -shared -fPIC -O2 -o ftz.so ftz.c
 *     LD_PRELOAD=./ftz.so python -m rnnspec.adapter
 *
 * The bits of SPEC.md must not change (section 12.2). New threads inherit the mode. The JVM sets its own mode on
 * entering Java code, so there the switch has no effect.
 */
#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
static void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); } /* FTZ (bit 15) and DAZ (bit 6) */
#elif defined(__aarch64__)
static void flush(void) {
  unsigned long mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" ::"r"(mode | 1UL << 24)); /* FZ: operands and results */
}
#else
#error "no flush-to-zero switch is known for this processor"
#endif

__attribute__((constructor)) static void begin(void) {
  flush();
  /* A switch that does nothing would make every test behind it worthless: prove it, once, and be loud. */
  volatile float smallest_normal = 1.17549435e-38f, half = 0.5f;
  if (smallest_normal * half != 0.0f) {
    fputs("ftz: subnormal numbers are still there\n", stderr);
    abort();
  }
}
