/* Products and cells of WebAssembly, in the place of products.h and cells.h, which the native levels share.
 *
 * What compiles this in the end is an optimiser that keeps the order of loads, spills what it has no register for, and
 * folds into a load no more than the offset that stands there. So the loops of the tiles are short, or have a way out
 * after each k, beyond which it moves nothing; and the elementwise part is loops over many units.
 */

/* --- products: SPEC.md 12.3 ------------------------------------------------------------------------------------------ */

/* Accumulators of a tile: WIDE groups of one row, or MANY_GROUPS of MANY_ROWS rows. A panel has WIDE groups, whatever the
 * blocks are; the last one has what is left. */
enum { MANY_ROWS = 4, MANY_GROUPS = 2, ACROSS = WIDE * PANEL };

#define EACH(I, COUNT) _Pragma("clang loop unroll(full)") for (int I = 0; I < COUNT; I++)

static __attribute__((noinline)) void tile_of_row(float *y, const float *start, const float *x, const float *W, int32_t depth) {
    group a[WIDE];
    EACH(v, WIDE) a[v] = load(start + v * PANEL);
    for (const float *end = x + depth; x != end; x++, W += ACROSS) EACH(v, WIDE) a[v] = a[v] + (*x * load(W + v * PANEL));
    EACH(v, WIDE) store(y + v * PANEL, a[v]);
}

static __attribute__((noinline)) void tile_of_rows(float *y, int32_t y_stride, const float *start, int32_t start_stride,
                                                   const float *x, int32_t x_stride, const float *W, int32_t depth) {
    group a[MANY_ROWS][MANY_GROUPS];
    const float *from[MANY_ROWS];
    EACH(n, MANY_ROWS) {
        EACH(v, MANY_GROUPS) a[n][v] = load(start + n * start_stride + v * PANEL);
        from[n] = x + n * x_stride;
    }
#define TERM(K)                                                                                                        \
    EACH(v, MANY_GROUPS) {                                                                                             \
        const group w = load(W + K * ACROSS + v * PANEL);                                                              \
        EACH(n, MANY_ROWS) a[n][v] = a[n][v] + (from[n][K] * w);                                                       \
    }
    while (depth > 0) {
        TERM(0)
        if (depth == 1) break;
        TERM(1)
        if (depth == 2) break;
        TERM(2)
        if (depth == 3) break;
        TERM(3)
        depth -= 4;
        W += 4 * ACROSS;
        EACH(n, MANY_ROWS) from[n] += 4;
    }
    EACH(n, MANY_ROWS) EACH(v, MANY_GROUPS) store(y + n * y_stride + v * PANEL, a[n][v]);
}

/* What a panel has that is not whole: one group after the other. */
static __attribute__((noinline)) void tile_of_rest(int32_t wide, float *y, const float *start, const float *x, const float *W,
                                                   int32_t depth) {
    for (int32_t j = 0; j < wide; j += PANEL) {
        group a = load(start + j);
        const float *w = W + j;
        for (int32_t k = 0; k < depth; k++, w += wide) a = a + (x[k] * load(w));
        store(y + j, a);
    }
}

FORCED int32_t rows_at_once(int32_t rows) { return rows >= MANY_ROWS ? MANY_ROWS : 1; }

/* Products of the `columns` columns from `first` on, which begin a panel, for 1 or MANY_ROWS rows. y and start are at the
 * first of them. */
static __attribute__((noinline)) void products_of(const rnn_matrix *m, int32_t first, int32_t columns, int32_t rows, float *y,
                                                  int32_t y_stride, const float *start, int32_t start_stride,
                                                  const float *x, int32_t x_stride) {
    const int32_t depth = m->rows;
    const float *W = (const float *)(m + 1) + first * depth;
    for (int32_t j = 0; j < columns; j += ACROSS, W += ACROSS * depth) {
        const int32_t wide = columns - j;
        if (wide < ACROSS)
            for (int32_t n = 0; n < rows; n++)
                tile_of_rest(wide, y + n * y_stride + j, start + n * start_stride + j, x + n * x_stride, W, depth);
        else if (rows == 1)
            tile_of_row(y + j, start + j, x, W, depth);
        else
            for (int32_t v = j; v < j + ACROSS; v += MANY_GROUPS * PANEL)
                tile_of_rows(y + v, y_stride, start + v, start_stride, x, x_stride, W + v - j, depth);
    }
}

/* Panels outside: a panel is read from memory once for all rows. */
static void products(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride, const void *W,
                     int32_t count) {
    const rnn_matrix *m = W;
    for (int32_t j = 0; j < m->columns; j += ACROSS)
        for (int32_t row = 0, rows; row < count; row += rows) {
            rows = rows_at_once(count - row);
            products_of(m, j, m->columns - j < ACROSS ? m->columns - j : ACROSS, rows, y + row * m->columns + j, m->columns,
                        start + row * start_stride + j, start_stride, x + row * x_stride, x_stride);
        }
}

/* --- cells: SPEC.md 13.3 to 13.5 --------------------------------------------------------------------------------------- */

/* So many units go together: their products first, then what follows, function by function. With any number of blocks
 * their columns are whole panels. */
enum { PART = MOST_UNITS, ROOM = MOST };

/* Inside, `row` and `rows`, `unit` and `part` say which rows and units these are. */
#define FOR_PARTS(UNITS, COUNT)                                                                                        \
    for (int32_t unit = 0, part; unit < (UNITS) && (part = (UNITS) - unit < PART ? (UNITS) - unit : PART); unit += part) \
        for (int32_t row = 0, rows; row < (COUNT) && (rows = rows_at_once((COUNT) - row)); row += rows)

/* Their groups: at `at` in the rows of h, and at `k` where they stand without gaps. */
#define FOR_GROUPS                                                                                                     \
    for (int32_t k = 0, n = row; n < row + rows; n++)                                                                  \
        for (int32_t at = n * units + unit, end = at + part; at < end; at += PANEL, k += PANEL)

static int32_t elman(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t count) {
    const rnn_matrix *m = R;
    const int32_t units = m->columns, size = count * units;
    float sums[ROOM];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++, before = y, y += size, a += size) {
        FOR_PARTS(units, count) {
            products_of(m, unit, part, rows, sums, part, a + row * units + unit, units, before + row * units, units);
            for (int32_t n = 0; n < rows; n++) tangents(y + (row + n) * units + unit, sums + n * part, part);
        }
        seen = look_at(y, size, seen);
    }
    copy(h, before, before == h ? 0 : size);
    return all_finite(seen);
}

static int32_t lstm(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t count) {
    const rnn_matrix *m = R;
    const int32_t columns = m->columns, units = columns / 4;
    float sums[ROOM], gates[ROOM], cells[ROOM / 4];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_PARTS(units, count) {
            products_of(m, unit * 4, part * 4, rows, sums, part * 4, a + row * columns + unit * 4, columns, before + row * units, units);
            for (int32_t k = 0; k < rows * part * 4; k += 4 * PANEL) { /* i, f, g, o */
                store(gates + k, -load(sums + k));
                store(gates + k + PANEL, -load(sums + k + PANEL));
                store(gates + k + 2 * PANEL, tangent_begin(load(sums + k + 2 * PANEL)));
                store(gates + k + 3 * PANEL, -load(sums + k + 3 * PANEL));
            }
            logistics(gates, rows * part * 4);
            FOR_GROUPS {
                const float *gate = gates + 4 * k;
                const group g = tangent_end(load(sums + 4 * k + 2 * PANEL), load(gate + 2 * PANEL));
                const group now = tiny((load(gate + PANEL) * load(c + at)) + (load(gate) * g));
                seen = look(seen, now);
                store(c + at, now);
                store(cells + k, tangent_begin(now));
            }
            logistics(cells, rows * part);
            FOR_GROUPS {
                const group out = tiny(load(gates + 4 * k + 3 * PANEL) * tangent_end(load(c + at), load(cells + k)));
                seen = look(seen, out);
                store(y + at, out);
            }
        }
        before = y;
        y += count * units;
        a += count * columns;
    }
    copy(h, before, before == h ? 0 : count * units);
    return all_finite(seen);
}

static int32_t gru_before(float *y, float *h, const float *a, const void *R, const void *Rn, float *u, int32_t steps,
                          int32_t count) {
    const rnn_matrix *m = R, *mn = Rn;
    const int32_t units = mn->columns;
    float sums[ROOM], gates[ROOM];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_PARTS(units, count) { /* r and z; z waits in y */
            FOR_GROUPS {
                store(sums + 2 * k, load(a + 3 * at));
                store(sums + 2 * k + PANEL, load(a + 3 * at + PANEL));
            }
            products_of(m, unit * 2, part * 2, rows, sums, part * 2, sums, part * 2, before + row * units, units);
            sigmoids(gates, sums, rows * part * 2);
            FOR_GROUPS {
                const group reset = tiny(load(gates + 2 * k) * load(before + at));
                seen = look(seen, reset);
                store(u + at, reset);
                store(y + at, load(gates + 2 * k + PANEL));
            }
        }
        FOR_PARTS(units, count) {
            FOR_GROUPS store(sums + k, load(a + 3 * at + 2 * PANEL));
            products_of(mn, unit, part, rows, sums, part, sums, part, u + row * units, units);
            tangents(gates, sums, rows * part);
            FOR_GROUPS {
                const group now = between(load(y + at), load(gates + k), load(before + at));
                seen = look(seen, now);
                store(y + at, now);
            }
        }
        before = y;
        y += count * units;
        a += count * units * 3;
    }
    copy(h, before, before == h ? 0 : count * units);
    return all_finite(seen);
}

static int32_t gru_after(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t count) {
    const rnn_matrix *m = R;
    const int32_t units = m->columns / 3;
    float sums[ROOM], gates[ROOM], cells[ROOM / 4];
    const float *before = h;
    group seen = splat(0.0f);
    for (int32_t t = 0; t < steps; t++) {
        FOR_PARTS(units, count) {
            FOR_GROUPS {
                store(sums + 3 * k, load(a + 3 * at));
                store(sums + 3 * k + PANEL, load(a + 3 * at + PANEL));
                store(sums + 3 * k + 2 * PANEL, load(rb + 3 * (at - n * units) + 2 * PANEL)); /* d */
            }
            products_of(m, unit * 3, part * 3, rows, sums, part * 3, sums, part * 3, before + row * units, units);
            for (int32_t k = 0; k < rows * part; k += PANEL) { /* r, z */
                store(gates + 2 * k, -load(sums + 3 * k));
                store(gates + 2 * k + PANEL, -load(sums + 3 * k + PANEL));
            }
            logistics(gates, rows * part * 2);
            FOR_GROUPS {
                const group candidate = load(a + 3 * at + 2 * PANEL) + tiny(load(gates + 2 * k) * load(sums + 3 * k + 2 * PANEL));
                store(sums + 3 * k, candidate);
                store(cells + k, tangent_begin(candidate));
            }
            logistics(cells, rows * part);
            FOR_GROUPS {
                const group now = between(load(gates + 2 * k + PANEL), tangent_end(load(sums + 3 * k), load(cells + k)), load(before + at));
                seen = look(seen, now);
                store(y + at, now);
            }
        }
        before = y;
        y += count * units;
        a += count * units * 3;
    }
    copy(h, before, before == h ? 0 : count * units);
    return all_finite(seen);
}
