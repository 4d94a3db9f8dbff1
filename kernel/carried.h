/* Carried products: those that come after a cell, along with the products of the cell itself.
 *
 * One row of a cell reads all its weights at every time step, and they come from the second cache more slowly than they are
 * multiplied. The products that come after it (of the next layer with its input, of a dense layer) read theirs once for
 * several time steps, and multiply. So while the cell is at CARRIED time steps, the products of the CARRIED before them go
 * along: each pair of its panels (pairs.h) has one group of their outputs with it.
 */
enum { CARRIED = 8 };

typedef struct {
    const rnn_matrix *m;
    const float *start, *x; /* of the first of the rows that are under way */
    float *y;
    intptr_t start_stride, x_stride;
    int32_t column; /* of the group that is next: none is left at m->columns */
} rnn_carried;

#ifdef __AVX512F__
/* The weights of the next group, how far it is from those of one k to those of the next, and whether it is the last of its
 * panel. */
FORCED const float *next_group(const rnn_carried *with, int32_t *wide, int32_t *is_last) {
    const rnn_matrix *m = with->m;
    const int32_t its = with->column / m->wide, panel = its < m->panels ? its : m->panels - 1, first = panel * m->wide;
    *wide = panel == m->panels - 1 ? m->columns - first : m->wide;
    *is_last = with->column + PANEL == first + *wide;
    return (const float *)(m + 1) + (intptr_t)first * m->rows + (with->column - first);
}

/* What no pair of panels was left for. */
static __attribute__((noinline)) void finish(rnn_carried *with) {
    while (with->column < with->m->columns) {
        int32_t wide, is_last;
        const float *W = next_group(with, &wide, &is_last);
        const int32_t blocks = is_last ? 1 : 2;
        tiles_float32(blocks, 1, CARRIED, with->y + with->column, with->m->columns, with->start + with->column,
                      (int32_t)with->start_stride, with->x, (int32_t)with->x_stride, (const char *)W, with->m->rows, wide, 0);
        with->column += blocks * PANEL;
    }
}

/* Before time step t: takes the rows before it, if they are enough. */
FORCED void carry_on(rnn_carried *with, int32_t t) {
    if (!with || t == 0 || t % CARRIED != 0) return;
    if (t > CARRIED) {
        finish(with);
        with->start += CARRIED * with->start_stride;
        with->x += CARRIED * with->x_stride;
        with->y += CARRIED * (intptr_t)with->m->columns;
    }
    with->column = 0;
}

/* After the last time step: the rows under way, and those that were never taken. */
static void carry_out(rnn_carried *with, const rnn_call *after, float *y, int32_t steps) {
    const intptr_t taken = (steps - 1) / CARRIED * CARRIED;
    finish(with);
    products(y + taken * with->m->columns, after->start + taken * after->start_stride, after->start_stride,
             after->x + taken * after->x_stride, after->x_stride, with->m, steps - (int32_t)taken);
}
#else
FORCED void carry_on(rnn_carried *with, int32_t t) { (void)with, (void)t; }
#endif
