/* Products of the native levels: tiles whose sums stay in registers over the whole of k (SPEC.md 12.3). */

/* A group of weights of a row, widened to binary32 in the register, which is exact. */
FORCED group weights(int32_t type, const void *W, intptr_t at) {
    if (type == RNN_FLOAT32) return load((const float *)W + at);
    halves stored = *(const halves *)((const uint16_t *)W + at);
    if (type == RNN_BFLOAT16) return (group)(__builtin_convertvector(stored, bits) << 16);
#if defined(__F16C__) || defined(__aarch64__)
    typedef _Float16 half_group __attribute__((vector_size(2 * PANEL)));
    return __builtin_convertvector((half_group)stored, group);
#else
    /* Exponent and fraction in their places, 112 too low: the product with 2^112 is exact, also for what was subnormal. */
    bits wide = __builtin_convertvector(stored, bits);
    group value = (group)((wide & 0x7fff) << 13) * 0x1p112f;
    return (group)((bits)value | ((wide & 0x8000) << 16));
#endif
}

/* What a tile needs to know; its panels begin at W and have `wide` columns, of which those of the tile begin at `from`. */
#define PRODUCTS                                                                                                       \
    float *y, int32_t y_stride, const float *start, int32_t start_stride, const float *x, int32_t x_stride,            \
        const char *W, int32_t depth, int32_t wide, intptr_t from

/* AVX-512 multiplies by a number in memory, repeated for all lanes, as fast as by a register. A compiler that knows that the
 * next group needs the same numbers loads each into a register first, which takes a quarter longer with several rows. */
#ifdef __AVX512F__
#define FORGET(POINTER) __asm__("" : "+r"(POINTER))
#else
#define FORGET(POINTER)
#endif

#define EACH(I, COUNT) _Pragma("clang loop unroll(full)") for (int I = 0; I < COUNT; I++)

/* ROW(type, w, k) for every k: row k of the first panel stands at w, as numbers of that type. As many as AT_ONCE are one turn
 * of the loop: two where every second row has another type than the one before it. */
#define FOR_DEPTH(AT_ONCE, UNROLL, ROW)                                                                                \
    {                                                                                                                  \
        int32_t k = 0;                                                                                                 \
        const char *w = W;                                                                                             \
        _Pragma(UNROLL) for (; k + AT_ONCE <= depth; k += AT_ONCE, w += wide * stored_bytes(AT_ONCE, type))            \
            EACH(r, AT_ONCE) ROW((r == 0 ? type_of_even(type) : type_of_odd(type)), (w + wide * stored_bytes(r, type)), (k + r)) \
        if (k < depth) ROW(type_of_even(type), w, k)                                                                   \
    }

/* A tile: `blocks` groups of each of `panels` panels, for `rows` rows, all accumulators in registers over the whole of k.
 * The counts are constants where it is called, so that the loops over them vanish. */
FORCED void tile(int32_t type, int blocks, int panels, int rows, PRODUCTS) {
    group a[MOST_ROWS][ONE_PANELS][ONE_BLOCKS > MANY_BLOCKS ? ONE_BLOCKS : MANY_BLOCKS];
    const intptr_t panel = wide * stored_bytes(depth, type);
    EACH(n, rows) EACH(p, panels) EACH(v, blocks) a[n][p][v] = load(start + n * (intptr_t)start_stride + p * wide + v * PANEL);
#define ROW(TYPE, W_K, K)                                                                                              \
    {                                                                                                                  \
        const float *now = x + K;                                                                                      \
        EACH(p, panels) EACH(v, blocks) {                                                                              \
            const group w_k = weights(TYPE, W_K + p * panel, from + v * PANEL);                                        \
            if (rows > 1) FORGET(now);                                                                                 \
            EACH(n, rows) a[n][p][v] = a[n][p][v] + (now[n * (intptr_t)x_stride] * w_k);                               \
        }                                                                                                              \
    }
    if (rows == 1 && type == RNN_FLOAT32) FOR_DEPTH(2, "clang loop unroll_count(2)", ROW)
    else if (rows == 1 || is_mixed(type)) FOR_DEPTH(2, "clang loop unroll(disable)", ROW)
    else FOR_DEPTH(1, "clang loop unroll(disable)", ROW) /* so much for each k that several at once gain nothing, and weigh 26 kB */
#undef ROW
    EACH(n, rows) EACH(p, panels) EACH(v, blocks) store(y + n * (intptr_t)y_stride + p * wide + v * PANEL, a[n][p][v]);
}

/* The same for one row with halves, in vectors of eight: AVX-512 widens sixteen at once more slowly than twice eight. */
#ifdef __AVX512F__
#define IN_EIGHTS(TYPE, ROWS) ((TYPE) != RNN_FLOAT32 && (ROWS) == 1)
typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_bits __attribute__((vector_size(32)));
typedef uint16_t eight_halves __attribute__((vector_size(16), may_alias));
typedef _Float16 eight_float16 __attribute__((vector_size(16)));

FORCED eight eight_weights(int32_t type, const void *W, intptr_t at) {
    if (type == RNN_FLOAT32) return *(const eight *)((const float *)W + at);
    const eight_halves stored = *(const eight_halves *)((const uint16_t *)W + at);
    return type == RNN_FLOAT16 ? __builtin_convertvector((eight_float16)stored, eight)
                               : (eight)(__builtin_convertvector(stored, eight_bits) << 16);
}

FORCED void tile_of_eights(int32_t type, int blocks, int panels, PRODUCTS) {
    eight a[ONE_PANELS][2 * ONE_BLOCKS];
    const intptr_t panel = wide * stored_bytes(depth, type);
    EACH(p, panels) EACH(v, 2 * blocks) a[p][v] = *(const eight *)(start + p * wide + v * 8);
#define ROW(TYPE, W_K, K)                                                                                              \
    EACH(p, panels) EACH(v, 2 * blocks) a[p][v] = a[p][v] + (x[K] * eight_weights(TYPE, W_K + p * panel, from + v * 8));
    FOR_DEPTH(2, "clang loop unroll(disable)", ROW)
#undef ROW
    EACH(p, panels) EACH(v, 2 * blocks) *(eight *)(y + p * wide + v * 8) = a[p][v];
    (void)y_stride, (void)start_stride, (void)x_stride;
}
#else
#define IN_EIGHTS(TYPE, ROWS) 0
#define tile_of_eights(...)
#endif

/* The tiles that there are. Whole panels have 2 to 4 blocks; single ones, or parts of them, up to 7. */
enum { MOST_BLOCKS = MANY_BLOCKS * MANY_ROWS / MOST_ROWS };
FORCED void tiles(int32_t type, int32_t blocks, int32_t panels, int32_t rows, PRODUCTS) {
#define TILE(BLOCKS, MOST, PANELS, ROWS)                                                                               \
    case BLOCKS:                                                                                                       \
        if (BLOCKS > MOST) break;                                                                                      \
        if (IN_EIGHTS(type, ROWS)) tile_of_eights(type, BLOCKS, PANELS, y, y_stride, start, start_stride, x, x_stride, W, depth, wide, from); \
        else tile(type, BLOCKS, PANELS, ROWS, y, y_stride, start, start_stride, x, x_stride, W, depth, wide, from);          \
        break;
    if (rows > MANY_ROWS) {
        switch (blocks) {
            TILE(1, MOST_BLOCKS, 1, MOST_ROWS)
            TILE(2, MOST_BLOCKS, 1, MOST_ROWS)
        }
    } else if (rows > 1) {
        switch (blocks) {
            TILE(1, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(2, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(3, MANY_BLOCKS, 1, MANY_ROWS)
            TILE(4, MANY_BLOCKS, 1, MANY_ROWS)
        }
    } else if (ONE_PANELS > 1 && panels > 1) {
        switch (blocks) {
            TILE(2, ONE_BLOCKS, ONE_PANELS, 1)
            TILE(3, ONE_BLOCKS, ONE_PANELS, 1)
            TILE(4, ONE_BLOCKS, ONE_PANELS, 1)
        }
    } else {
        switch (blocks) {
            TILE(1, ONE_BLOCKS, 1, 1)
            TILE(2, ONE_BLOCKS, 1, 1)
            TILE(3, ONE_BLOCKS, 1, 1)
            TILE(4, ONE_BLOCKS, 1, 1)
            TILE(5, ONE_BLOCKS, 1, 1)
            TILE(6, ONE_BLOCKS, 1, 1)
            TILE(7, ONE_BLOCKS, 1, 1)
        }
    }
}

#define TILES(NAME, TYPE)                                                                                              \
    static __attribute__((noinline)) void NAME(int32_t blocks, int32_t panels, int32_t rows, PRODUCTS) {               \
        tiles(TYPE, blocks, panels, rows, y, y_stride, start, start_stride, x, x_stride, W, depth, wide, from);              \
    }
TILES(tiles_float32, RNN_FLOAT32)
TILES(tiles_float16, RNN_FLOAT16)
TILES(tiles_bfloat16, RNN_BFLOAT16)
TILES(tiles_mixed_float16, RNN_MIXED_FLOAT16)
TILES(tiles_mixed_bfloat16, RNN_MIXED_BFLOAT16)
static void (*const tiles_of[])(int32_t blocks, int32_t panels, int32_t rows, PRODUCTS) = {tiles_float32, tiles_float16, tiles_bfloat16,
                                                                                         tiles_mixed_float16, tiles_mixed_bfloat16};

/* How many rows, or panels, go at once where as many are left. Of a matrix with no more than ALL_PANELS a cell has all
 * products first, so that the processor has the functions of all units side by side, and what each waits for is hidden.
 * In a larger one they hide behind the weights of the next panels, which come from farther away. */
enum { ALL_PANELS = 4 };
FORCED int32_t rows_at_once(int32_t rows) { return rows >= MOST_ROWS ? MOST_ROWS : rows >= MANY_ROWS ? MANY_ROWS : 1; }
FORCED int32_t panels_at_once(const rnn_matrix *m, int32_t panel, int32_t rows) {
    if (rows >= MANY_ROWS) return 1;
    if (m->panels <= ALL_PANELS) return m->panels;
    return m->panels - m->odd - panel >= ONE_PANELS ? ONE_PANELS : 1;
}

/* Products of `panels` panels from `panel` on, for `rows` rows: what the two above say. y and start are at the first
 * column of the first panel. A panel with more blocks than a tile can have is cut into even parts. */
static __attribute__((noinline)) void products_of(const rnn_matrix *m, int32_t panel, int32_t panels, int32_t rows, float *y, int32_t y_stride,
                        const float *start, int32_t start_stride, const float *x, int32_t x_stride) {
    const int32_t most = rows > MANY_ROWS ? MOST_BLOCKS : rows > 1 ? MANY_BLOCKS : ONE_BLOCKS, end = panel + panels;
    const int32_t odd = end == m->panels && m->odd; /* the last one goes alone */
    for (int32_t together; panel < end; panel += together) {
        const int32_t first = panel * m->wide, wide = panel == m->panels - 1 ? m->columns - first : m->wide;
        const char *W = (const char *)(m + 1) + first * stored_bytes(m->rows, m->type);
        intptr_t from = 0;
        together = rows == 1 && end - odd - panel >= ONE_PANELS ? ONE_PANELS : 1;
        for (int32_t left = wide / PANEL, parts = (left + most - 1) / most; left > 0; parts--) {
            const int32_t blocks = (left + parts - 1) / parts;
            tiles_of[m->type](blocks, together, rows, y, y_stride, start, start_stride, x, x_stride, W, m->rows, wide, from);
            left -= blocks;
            y += blocks * PANEL;
            start += blocks * PANEL;
            from += blocks * PANEL;
        }
        y += (together - 1) * wide;
        start += (together - 1) * wide;
    }
}

/* Walks the panels of a matrix from `FIRST` on and the rows of a batch, tile by tile; inside, `panel`, `panels`, `row` and `rows` say
 * which. Panels outside: a panel is read from memory once for all rows. */
#define FOR_TILES(M, FIRST, COUNT)                                                                                     \
    for (int32_t panel = FIRST, panels; panel < (M)->panels && (panels = panels_at_once(M, panel, COUNT)); panel += panels) \
        for (int32_t row = 0, rows; row < (COUNT) && (rows = panels > 1 ? 1 : rows_at_once((COUNT) - row)); row += rows)

/* A dense layer of up to FEW outputs, for MANY of its rows: of a whole group most would be padding. */
enum { FEW = 4, MANY = 8 };
typedef float few __attribute__((vector_size(4 * FEW), aligned(4), may_alias));
FORCED int32_t has_few(const rnn_matrix *m) { return m->units <= FEW && m->blocks == 1 && m->type == RNN_FLOAT32; }
static __attribute__((noinline)) void products_of_few(const rnn_matrix *m, float *y, const float *start, int32_t start_stride, const float *x,
                                                      int32_t x_stride) {
    const float *w = (const float *)(m + 1);
    few a[MANY];
    EACH(n, MANY) a[n] = *(const few *)(start + n * (intptr_t)start_stride);
#pragma clang loop unroll(disable)
    for (int32_t k = 0; k < m->rows; k++, w += PANEL) {
        const few w_k = *(const few *)w;
        const float *now = x + k;
        FORGET(now);
        EACH(n, MANY) a[n] = a[n] + (now[n * (intptr_t)x_stride] * w_k);
    }
    EACH(n, MANY) {
        store(y + n * PANEL, load(start + n * (intptr_t)start_stride)); /* with the padding */
        *(few *)(y + n * PANEL) = a[n];
    }
}

static void products(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride, const void *W,
                     int32_t count) {
    const rnn_matrix *m = W;
    if (has_few(m))
        for (; count >= MANY; count -= MANY) {
            products_of_few(m, y, start, start_stride, x, x_stride);
            y += MANY * PANEL, start += MANY * (intptr_t)start_stride, x += MANY * (intptr_t)x_stride;
        }
    FOR_TILES(m, 0, count)
        products_of(m, panel, panels, rows, y + row * (intptr_t)m->columns + panel * m->wide, m->columns,
                    start + row * (intptr_t)start_stride + panel * m->wide, start_stride, x + row * (intptr_t)x_stride, x_stride);
}
