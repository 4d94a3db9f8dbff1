/* Pairs: one row of a large cell in float32, two panels at a time, where a level has the registers for it.
 *
 * The products of a pair wait for the memory, and its elementwise part for its own chains of operations. So the elementwise
 * part of a pair goes along with the products of the next one: one function of one panel after each few k, which the
 * processor does while it waits for weights.
 */
enum { LSTM_PAIR, GRU_PAIR };

/* What both cells know of a pair: its sums [2, blocks, PANEL], where its units stand in rows of h and its columns in a row
 * of a. */
typedef struct {
    float *sums;
    intptr_t unit, from;
} rnn_pair;

/* The rows of a cell: `before` is h before the step, y after it. */
typedef struct {
    const float *a, *before;
    float *y, *c;
    const float *rb; /* of a GRU */
    group seen;
} rnn_rows;

#ifdef __AVX512F__
FORCED int32_t functions_of(int32_t cell) { return cell == LSTM_PAIR ? 5 : 3; }
FORCED int32_t blocks_of(int32_t cell) { return cell == LSTM_PAIR ? 4 : 3; }

/* Function j of a panel of units at s, in their order. What it gives waits in the place of its sums. */
FORCED void lstm_function(rnn_rows *r, float *s, intptr_t unit, int32_t j) {
    switch (j) {
    case 0: store(s, sigmoid(load(s))); break;
    case 1: store(s + PANEL, sigmoid(load(s + PANEL))); break;
    case 2: {
        const group now = tiny((load(s + PANEL) * load(r->c + unit)) + (load(s) * tangent(load(s + 2 * PANEL))));
        r->seen = look(r->seen, now);
        store(r->c + unit, now);
        break;
    }
    case 3: store(s, sigmoid(load(s + 3 * PANEL))); break;
    default: {
        const group out = tiny(load(s) * tangent(load(r->c + unit)));
        r->seen = look(r->seen, out);
        store(r->y + unit, out);
    }
    }
}

FORCED void gru_function(rnn_rows *r, float *s, intptr_t unit, intptr_t from, int32_t j) {
    switch (j) {
    case 0: store(s, load(r->a + from + 2 * PANEL) + tiny(sigmoid(load(s)) * load(s + 2 * PANEL))); break;
    case 1: store(s + PANEL, sigmoid(load(s + PANEL))); break;
    default: {
        const group now = between(load(s + PANEL), tangent(load(s)), load(r->before + unit));
        r->seen = look(r->seen, now);
        store(r->y + unit, now);
    }
    }
}

/* Step j of the elementwise part of a pair. */
FORCED void along(int32_t cell, rnn_rows *r, const rnn_pair *p, int32_t j) {
    const int32_t functions = functions_of(cell), second = j >= functions;
    float *s = p->sums + second * blocks_of(cell) * PANEL;
    if (cell == LSTM_PAIR) lstm_function(r, s, p->unit + second * PANEL, j - second * functions);
    else gru_function(r, s, p->unit + second * PANEL, p->from + second * 3 * PANEL, j - second * functions);
}

/* The products of pair `now`, and with them the elementwise part of the one before it, if there is one, and the next group of
 * what is carried, if anything is. */
FORCED void pair_tile(int32_t cell, const rnn_matrix *m, rnn_rows *r, const rnn_pair *now, const rnn_pair *earlier, rnn_carried *with) {
    enum { AT_ONCE = 2 };
    const int32_t blocks = blocks_of(cell), wide = blocks * PANEL, steps = 2 * functions_of(cell), depth = m->rows;
    const float *W = (const float *)(m + 1) + now->from * depth, *start = r->a + now->from;
    group a[2][4];
    EACH(p, 2) EACH(v, blocks) a[p][v] = load((cell == GRU_PAIR && v == 2 ? r->rb + now->from : start) + p * wide + v * PANEL);
    group b[CARRIED];
    const float *w = 0, *x = 0;
    int32_t w_wide = 0, is_last;
    if (with) {
        w = next_group(with, &w_wide, &is_last);
        x = with->x;
        EACH(n, CARRIED) b[n] = load(with->start + n * with->start_stride + with->column);
    }
#define ROW(K)                                                                                                         \
    {                                                                                                                  \
        EACH(p, 2) EACH(v, blocks) a[p][v] = a[p][v] + (r->before[K] * load(W + ((intptr_t)p * depth + (K)) * wide + v * PANEL)); \
        if (with) {                                                                                                    \
            const group w_k = load(w + (K) * (intptr_t)w_wide);                                                          \
            EACH(n, CARRIED) b[n] = b[n] + (x[n * with->x_stride + (K)] * w_k);                                          \
        }                                                                                                              \
    }
    const int32_t share = depth / steps / AT_ONCE * AT_ONCE;
    int32_t k = 0;
    for (int32_t j = 0; j < steps; j++) {
        for (const int32_t end = k + share; k < end; k += AT_ONCE) EACH(q, AT_ONCE) ROW(k + q)
        if (earlier) along(cell, r, earlier, j);
    }
    for (; k < depth; k++) ROW(k)
#undef ROW
    EACH(p, 2) EACH(v, blocks) store(now->sums + p * wide + v * PANEL, a[p][v]);
    if (with) {
        EACH(n, CARRIED) store(with->y + n * (intptr_t)with->m->columns + with->column, b[n]);
        with->column += PANEL;
    }
}

static __attribute__((noinline)) void lstm_pair(const rnn_matrix *m, rnn_rows *r, const rnn_pair *now, const rnn_pair *earlier) {
    pair_tile(LSTM_PAIR, m, r, now, earlier, 0);
}
static __attribute__((noinline)) void lstm_pair_with(const rnn_matrix *m, rnn_rows *r, const rnn_pair *now, const rnn_pair *earlier, rnn_carried *with) {
    pair_tile(LSTM_PAIR, m, r, now, earlier, with);
}
static __attribute__((noinline)) void gru_pair(const rnn_matrix *m, rnn_rows *r, const rnn_pair *now, const rnn_pair *earlier) {
    pair_tile(GRU_PAIR, m, r, now, earlier, 0);
}
static __attribute__((noinline)) void gru_pair_with(const rnn_matrix *m, rnn_rows *r, const rnn_pair *now, const rnn_pair *earlier, rnn_carried *with) {
    pair_tile(GRU_PAIR, m, r, now, earlier, with);
}

FORCED int32_t goes_by_pairs(const rnn_matrix *m, int32_t count) { return count == 1 && m->type == RNN_FLOAT32 && m->panels > ALL_PANELS; }

/* One row of a cell, pair by pair: how many panels were done so. The rest, and all of what is smaller or of another type,
 * goes tile by tile. */
FORCED int32_t pairs(int32_t cell, const rnn_matrix *m, rnn_rows *r, int32_t count, rnn_carried *with) {
    const int32_t whole = m->narrow < 0 ? m->panels : m->panels - 1, end = whole / 2 * 2;
    if (!goes_by_pairs(m, count)) return 0;
    float sums[2][2 * 4 * PANEL] __attribute__((aligned(64)));
    rnn_pair both[2] = {{sums[0], 0, 0}, {sums[1], 0, 0}}, *now = both, *earlier = 0;
    for (int32_t panel = 0; panel < end; panel += 2) {
        now->unit = panel * PANEL;
        now->from = panel * (intptr_t)m->wide;
        if (with && with->column < with->m->columns) (cell == LSTM_PAIR ? lstm_pair_with : gru_pair_with)(m, r, now, earlier, with);
        else (cell == LSTM_PAIR ? lstm_pair : gru_pair)(m, r, now, earlier);
        earlier = now;
        now = both + (now == both);
    }
    for (int32_t j = 0; j < 2 * functions_of(cell); j++) along(cell, r, earlier, j);
    return end;
}
#else
FORCED int32_t pairs(int32_t cell, const rnn_matrix *m, rnn_rows *r, int32_t count, rnn_carried *with) {
    return (void)cell, (void)m, (void)r, (void)count, (void)with, 0;
}
#endif
