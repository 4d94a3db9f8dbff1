/* Small LSTMs: one row of 33 to 40 units, weights as float32, where a level has the registers for it.
 *
 * Nothing waits for the memory here, but each step for the one before it. So a step is one program without loops, in which
 * what waits stands beside what does not. The functions of a panel's gates go along with the last products of the other
 * panels, and its c and h with the gates of the next one. The first products of the next step need the first panels of h alone:
 * they go along with c and h of the last ones. A Zen 4 does two operations of sixteen numbers in a cycle, whatever they are, and
 * has less than 1 in cycles where it waits for a chain.
 */
#ifdef __AVX512F__

/* Two panels, and a narrow one. `KNOWN` numbers of h are there before those of the last panel. */
enum { WHOLE = 2, SMALL_PANELS = WHOLE + 1, SUMS_OF_SMALL = 4 * WHOLE + 2, KNOWN = WHOLE * PANEL };

FORCED int32_t is_small(const rnn_matrix *m, int32_t count) {
    return count == 1 && m->type == RNN_FLOAT32 && m->blocks == 4 && m->narrow == WHOLE;
}

typedef struct {
    const float *W[SMALL_PANELS];
    const float *before; /* h of the step before */
    int32_t units;
    group sums[SUMS_OF_SMALL], c[SMALL_PANELS], h[SMALL_PANELS];
} small;

/* Row k of the products, for the sums from `first` to `end`. A compiler would put one sum after the other, each a chain: where
 * they all pass through here, it cannot. */
FORCED void small_products(small *s, int k, int first, int end) {
    const float x = s->before[k];
    group *a = s->sums;
    EACH(v, SUMS_OF_SMALL) if (v >= first && v < end)
        a[v] = a[v] + (x * load(s->W[v / 4] + k * 4 * (v / 4 < WHOLE ? PANEL : NARROW) + v % 4 * PANEL));
    __asm__ volatile("" : "+v"(a[0]), "+v"(a[1]), "+v"(a[2]), "+v"(a[3]), "+v"(a[4]), "+v"(a[5]), "+v"(a[6]), "+v"(a[7]), "+v"(a[8]), "+v"(a[9]));
}

/* The gates of a panel: i, f, g and o; of the narrow one i with f, and g with o, which share vectors. */
FORCED void gates_begin(const small *s, int panel, chain *gates) {
    EACH(v, 4) if (4 * panel + v < SUMS_OF_SMALL) gates[v].x = s->sums[4 * panel + v];
}
FORCED void gates_stage(int panel, chain *gates, int j) {
    stage(SIGMOID, gates, j);
    if (panel == WHOLE) {
        stage(TANH_SIGMOID, gates + 1, j);
    } else {
        stage(SIGMOID, gates + 1, j);
        stage(TANH, gates + 2, j);
        stage(SIGMOID, gates + 3, j);
    }
}
FORCED group second_half(group v) { return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15); }

/* c and h of a panel from its gates, which become those of the next one. `count` rows of the next step's products go along, from
 * k on; they begin with a. Neither c nor tanh(c) needs its T to give h: what is below 2^-51 gives h below it, which is 0. */
FORCED void small_state(small *s, int panel, chain *gates, float *y, const float *a, int k, int count) {
    const int is_narrow = panel == WHOLE;
    const group i = gates[0].v, f = is_narrow ? second_half(i) : gates[1].v, g = gates[is_narrow ? 1 : 2].v;
    const group o = is_narrow ? second_half(gates[1].u) : gates[3].v;
    const group c = (f * s->c[panel]) + (i * g);
    chain end = {.x = is_narrow ? (group)((bits)c & (PLACE < NARROW)) : c};
    if (!is_narrow) gates_begin(s, panel + 1, gates);
    if (count > 0 && k == 0) EACH(v, SUMS_OF_SMALL) s->sums[v] = load(a + v * PANEL);
    EACH(j, STAGES) {
        stage(MAGNITUDE, &end, j);
        if (!is_narrow) gates_stage(panel + 1, gates, j);
        EACH(n, 2) if (j * count / STAGES + n < (j + 1) * count / STAGES) small_products(s, k + j * count / STAGES + n, 0, SUMS_OF_SMALL);
    }
    const group height = o * end.v;
    s->c[panel] = tiny(end.x);
    const constants *n = constants_after(height);
    s->h[panel] = (group)((bits)with_sign_of(n, end.x, height) & ~(height < n->least));
    store(y + panel * PANEL, s->h[panel]);
}

/* What is not finite is seen at the end: NaN in h is NaN in all of the next c, and in c infinity and NaN stay. */
static __attribute__((noinline)) int32_t small_lstm(float *y, float *h, float *c, const float *a, const rnn_matrix *m, int32_t steps) {
    enum { FIRST = 8, SECOND = 16 }; /* products that go along with c and h of the last panels */
    small s;
    s.before = h;
    s.units = m->rows;
    EACH(p, SMALL_PANELS) {
        s.W[p] = (const float *)(m + 1) + p * m->wide * m->rows;
        s.c[p] = load(c + p * PANEL);
        s.h[p] = load(h + p * PANEL);
    }
    EACH(v, SUMS_OF_SMALL) s.sums[v] = load(a + v * PANEL);
    for (int k = 0; k < KNOWN; k++) small_products(&s, k, 0, SUMS_OF_SMALL);
    for (int32_t t = 0; t < steps; t++, y += SMALL_PANELS * PANEL) {
        chain gates[4] = {0};
        EACH(k, NARROW) if (KNOWN + k < s.units) small_products(&s, KNOWN + k, 0, 4);
        gates_begin(&s, 0, gates);
        EACH(j, STAGES) {
            gates_stage(0, gates, j);
            if (j < NARROW && KNOWN + j < s.units) small_products(&s, KNOWN + j, 4, SUMS_OF_SMALL);
        }
        s.before = y;
        a += t + 1 < steps ? m->columns : 0; /* the last step begins a next one that is not there */
        small_state(&s, 0, gates, y, a, 0, 0);
        small_state(&s, 1, gates, y, a, 0, FIRST);
        small_state(&s, 2, gates, y, a, FIRST, SECOND);
        EACH(k, KNOWN - FIRST - SECOND) small_products(&s, FIRST + SECOND + k, 0, SUMS_OF_SMALL);
    }
    group seen = splat(0.0f);
    EACH(p, SMALL_PANELS) {
        store(c + p * PANEL, s.c[p]);
        store(h + p * PANEL, s.h[p]);
        seen = look(look(seen, s.c[p]), s.h[p]);
    }
    return all_finite(seen);
}
#else
#define is_small(...) 0
#define small_lstm(...) 0
#endif
