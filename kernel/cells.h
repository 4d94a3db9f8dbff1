/* Cells of the native levels (SPEC.md 13.3 to 13.5): products tile by tile, and the elementwise part of each at once. */

/* The sums of a tile wait here, in the first level of the cache, for the elementwise part, which follows at once. A load of
 * the last block of a narrow panel reads a little behind it. */
enum { ROOM = ((MOST_ROWS > ALL_PANELS ? MOST_ROWS : ALL_PANELS) * 7 + 1) * PANEL };

/* The items of a tile are its rows, or its panels: groups of units. Inside, an item stands at `sums + at`, at `unit` in
 * rows of h, and at `from` in rows of a; its blocks are `block` apart. A cell walks them twice: what waits for the first
 * functions of an item is not between it and the next one, of which the processor sees more at a time so (a tenth of a
 * small net's time). */
#define FOR_ITEMS(M, UNITS, COLUMNS, BLOCKS)                                                                           \
    for (intptr_t item = 0, at = 0, block = block_of(M, panel), unit = row * (intptr_t)(UNITS) + panel * PANEL,        \
                  from = row * (intptr_t)(COLUMNS) + panel * (intptr_t)((BLOCKS) * PANEL);                             \
         item < rows * panels; item++, at += (M)->wide, block = block_of(M, rows > 1 ? panel : panel + item),          \
                  unit += rows > 1 ? (UNITS) : PANEL, from += rows > 1 ? (COLUMNS) : (BLOCKS) * PANEL)
FORCED intptr_t block_of(const rnn_matrix *m, intptr_t panel) { return panel == m->narrow ? NARROW : PANEL; }

/* A group of a narrow panel has behind its own what follows in memory: +0 in its place. */
FORCED group own(group v, intptr_t block) {
    return (group)((bits)v & (PLACE < (int32_t)block));
}

static int32_t elman(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t rows) {
    const rnn_matrix *m = R;
    const intptr_t size = (intptr_t)rows * m->columns;
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++, before = y, y += size, a += size) {
        products(y, a, m->columns, before, m->columns, R, rows);
        for (intptr_t i = 0; i < size; i += PANEL) {
            const group now = tangent(load(y + i));
            seen = look(seen, now);
            store(y + i, now);
        }
    }
    copy(h, before, before == h ? 0 : size);
    return all_finite(seen);
}

static __attribute__((noinline)) int32_t lstm_with(float *y, float *h, float *c, const float *a, const void *R,
                     int32_t steps, int32_t count, rnn_carried *with) {
    const rnn_matrix *m = R;
    const int32_t units = padded(m->units), columns = m->columns;
    float sums[ROOM] __attribute__((aligned(64)));
    const float *before = h;
    group seen = splat(0.0f);
    if (is_small(m, count) && steps > 0) return small_lstm(y, h, c, a, m, steps);
    for (int32_t t = 0; t < steps; t++) {
        carry_on(with, t);
        rnn_rows one = {a, before, y, c, 0, seen};
        const int32_t first = pairs(LSTM_PAIR, m, &one, count, with);
        seen = one.seen;
        FOR_TILES(m, first, count) {
            products_of(m, panel, panels, rows, sums, panels * m->wide, a + row * (intptr_t)columns + panel * m->wide, columns,
                        before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 4) {
                const float *sum = sums + at;
                const group i = sigmoid(load(sum)), f = sigmoid(load(sum + block));
                const group g = tangent(load(sum + 2 * block)), o = sigmoid(load(sum + 3 * block));
                const group now = own(tiny((f * load(c + unit)) + (i * g)), block);
                seen = look(seen, now);
                store(c + unit, now);
                store(y + unit, o);
                (void)from;
            }
            FOR_ITEMS(m, units, columns, 4) {
                const group out = own(tiny(load(y + unit) * tangent(load(c + unit))), block);
                seen = look(seen, out);
                store(y + unit, out);
                (void)at, (void)from;
            }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}
static int32_t lstm(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t count) {
    return lstm_with(y, h, c, a, R, steps, count, 0);
}

static int32_t gru_before(float *y, float *h, const float *a, const void *R, const void *Rn, float *u, int32_t steps,
                          int32_t count) {
    const rnn_matrix *m = R, *mn = Rn;
    const int32_t units = mn->columns, columns = columns_of(m->units, 3);
    float sums[ROOM] __attribute__((aligned(64)));
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_TILES(m, 0, count) { /* r and z; z waits in y */
            FOR_ITEMS(m, units, columns, 3) {
                store(sums + at, load(a + from));
                store(sums + at + block, load(a + from + block));
            }
            products_of(m, panel, panels, rows, sums, panels * m->wide, sums, panels * m->wide, before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 3) {
                const group reset = own(tiny(sigmoid(load(sums + at)) * load(before + unit)), block);
                seen = look(seen, reset);
                store(u + unit, reset);
                store(y + unit, own(sigmoid(load(sums + at + block)), block));
            }
        }
        FOR_TILES(mn, 0, count) { /* n has one block: a panel of it is several groups of units */
            const int32_t first = panel * mn->wide, end = panel + panels == mn->panels ? units : first + panels * mn->wide;
            for (int32_t n = row; n < row + rows; n++)
                for (int32_t j = first; j < end; j += PANEL)
                    copy(sums + (n - row) * (end - first) + j - first, a + n * (intptr_t)columns + j * 3 + 2 * block_of(m, j / PANEL), PANEL);
            products_of(mn, panel, panels, rows, sums, end - first, sums, end - first, u + row * (intptr_t)units, units);
            for (int32_t n = row; n < row + rows; n++)
                for (int32_t j = first; j < end; j += PANEL) {
                    const intptr_t at = n * (intptr_t)units + j;
                    const group candidate = tangent(load(sums + (n - row) * (end - first) + j - first));
                    const group now = between(load(y + at), candidate, load(before + at));
                    seen = look(seen, now);
                    store(y + at, now);
                }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}

static __attribute__((noinline)) int32_t gru_after_with(float *y, float *h, const float *a, const void *R, const float *rb,
                     int32_t steps, int32_t count, rnn_carried *with) {
    const rnn_matrix *m = R;
    const int32_t units = padded(m->units), columns = m->columns;
    float sums[ROOM] __attribute__((aligned(64)));
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        carry_on(with, t);
        rnn_rows one = {a, before, y, 0, rb, seen};
        const int32_t first = pairs(GRU_PAIR, m, &one, count, with);
        seen = one.seen;
        FOR_TILES(m, first, count) {
            FOR_ITEMS(m, units, columns, 3) {
                const intptr_t place = from % columns;
                store(sums + at, load(a + from));
                store(sums + at + block, load(a + from + block));
                store(sums + at + 2 * block, load(rb + place + 2 * block)); /* d */
            }
            products_of(m, panel, panels, rows, sums, panels * m->wide, sums, panels * m->wide, before + row * (intptr_t)units, units);
            FOR_ITEMS(m, units, columns, 3) {
                const group r = sigmoid(load(sums + at)), z = sigmoid(load(sums + at + block));
                const group d = load(sums + at + 2 * block), p = load(a + from + 2 * block);
                store(sums + at, p + tiny(r * d));
                store(sums + at + block, z);
                (void)unit;
            }
            FOR_ITEMS(m, units, columns, 3) {
                const group n = tangent(load(sums + at)), z = load(sums + at + block);
                const group now = own(between(z, n, load(before + unit)), block);
                (void)from;
                seen = look(seen, now);
                store(y + unit, now);
            }
        }
        before = y;
        y += (intptr_t)count * units;
        a += (intptr_t)count * columns;
    }
    copy(h, before, before == h ? 0 : (intptr_t)count * units);
    return all_finite(seen);
}
static int32_t gru_after(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t count) {
    return gru_after_with(y, h, a, R, rb, steps, count, 0);
}

#ifdef __AVX512F__
/* Of products that are carried: more weights than these would leave no room for the cell's own in the second cache. */
enum { MOST_CARRIED = 1 << 17 };

static int32_t cell_and_products(const rnn_call *cell, const float *a, const rnn_call *after, float *y, int32_t steps) {
    const rnn_matrix *R = cell->W, *m = after->W;
    if (steps <= CARRIED || !goes_by_pairs(R, 1) || m->type != RNN_FLOAT32 || m->rows != R->rows || m->rows * (int64_t)m->columns > MOST_CARRIED) return -1;
    rnn_carried with = {m, after->start, after->x, y, after->start_stride, after->x_stride, m->columns};
    const int32_t fine = cell->call == RNN_CALL_LSTM ? lstm_with(cell->y, cell->h, cell->c, a, R, steps, 1, &with)
                                                     : gru_after_with(cell->y, cell->h, a, R, cell->start, steps, 1, &with);
    carry_out(&with, after, y, steps);
    return fine;
}
#endif
