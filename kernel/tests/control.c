/* Sets the floating-point control register of the calling thread, and reads it: for the tests alone. */
#include <stdint.h>

#if defined(__x86_64__)
uint64_t control_get(void) { return __builtin_ia32_stmxcsr(); }
void control_set(uint64_t value) { __builtin_ia32_ldmxcsr((uint32_t)value); }
uint64_t control_modes(int n) { /* flush to zero and denormals are zero; up; down; to zero; all */
    static const uint32_t modes[] = {0x9fc0, 0x5f80, 0x3f80, 0x7f80, 0xffc0};
    return modes[n];
}
#else
uint64_t control_get(void) { uint64_t v; __asm__ volatile("mrs %0, fpcr" : "=r"(v)); return v; }
void control_set(uint64_t v) { __asm__ volatile("msr fpcr, %0" : : "r"(v) : "memory"); }
uint64_t control_modes(int n) {
    static const uint64_t modes[] = {1 << 24, 1 << 22, 2 << 22, 3 << 22, 7 << 22};
    return modes[n];
}
#endif
