/* rnn_storage on processors that this one is not: library.c, with given answers to what it asks of the processor. For the
 * tests alone. Compiled without __x86_64__ it chooses as on aarch64. */
#include <stdint.h>

static int32_t given_level, given_slowly;

/* What library.c defines and calls: the definition has `void` between the brackets, a call nothing. */
#define rnn_level(...) level_##__VA_ARGS__
#define level_void its_level(void)
#define level_ given_level
#define widens_slowly(...) slowly_##__VA_ARGS__
#define slowly_void its_widens_slowly(void)
#define slowly_ given_slowly

#include "../library.c"

#define NO_FUNCTIONS __attribute__((visibility("hidden"))) const rnn_functions
NO_FUNCTIONS rnn_functions_baseline, rnn_functions_avx2, rnn_functions_avx512, rnn_functions_neon, rnn_functions_simd128;

/* For a level, and a processor that widens slowly or does not. */
int32_t storage_on(int32_t level_of_it, int32_t slowly, int32_t type, int64_t bytes) {
    given_level = level_of_it;
    given_slowly = slowly;
    return rnn_storage(type, bytes);
}
