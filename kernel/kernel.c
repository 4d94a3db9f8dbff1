/* The arithmetic of one level: products, sweeps and cells (SPEC.md 12 and 13). library.c has what exists once.
 *
 * build.py compiles this file once per level; the level shows in the vectors alone. Every operation is an operation of
 * whole vectors, lane by lane, so the bits are those of the scalar text of SPEC.md: nothing is fused
 * (-ffp-contract=off) and nothing reordered, because the lanes are outputs that do not touch each other ([chain-2]).
 */
#include "level.h"

/* What a level is: how many accumulators its registers hold while others wait for their operands. A tile of one row has up
 * to ONE_BLOCKS groups of outputs, of ONE_PANELS panels; one of MANY_ROWS rows has up to MANY_BLOCKS, and one of MOST_ROWS
 * as many accumulators: it reads a weight more seldom. */
#if defined(__AVX512F__) /* 32 registers of one group */
#define LEVEL rnn_functions_avx512
enum { ONE_BLOCKS = 7, ONE_PANELS = 2, MANY_BLOCKS = 4, MANY_ROWS = 4, MOST_ROWS = 8 };
#elif defined(__AVX2__) /* 16 registers of half a group */
#define LEVEL rnn_functions_avx2
enum { ONE_BLOCKS = 4, ONE_PANELS = 1, MANY_BLOCKS = 2, MANY_ROWS = 2, MOST_ROWS = 2 };
#elif defined(__wasm__) /* about 16 registers of one group, which is smaller there: simd128.h */
#define LEVEL rnn_functions_simd128
#elif defined(__aarch64__) /* 32 registers of a quarter of a group */
#define LEVEL rnn_functions_neon
enum { ONE_BLOCKS = 4, ONE_PANELS = 1, MANY_BLOCKS = 1, MANY_ROWS = 4, MOST_ROWS = 4 };
#else /* 16 registers of a quarter of a group */
#define LEVEL rnn_functions_baseline
enum { ONE_BLOCKS = 2, ONE_PANELS = 1, MANY_BLOCKS = 1, MANY_ROWS = 2, MOST_ROWS = 2 };
#endif

#include "vectors.h"
#include "sweeps.h"
#ifdef __wasm__
#include "simd128.h"
#else
#include "products.h"
#include "carried.h"
#include "pairs.h"
#include "stages.h"
#include "small.h"
#include "cells.h"
#endif

const rnn_functions LEVEL = {
    .products = products, .sweep = sweep, .elman = elman, .lstm = lstm, .gru_before = gru_before, .gru_after = gru_after,
#ifdef __AVX512F__
    .cell_and_products = cell_and_products,
#endif
};
