/* From logits to a token: greedy and sample ([decode-1], [decode-2], [decode-7]). */
#include "player.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    double w;
    size_t id;
} Weight;

size_t greedy(const float *x, size_t count)
{
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (x[best] < x[k])
            best = k;
    return best;
}

static int compare_weights(const void *a, const void *b)
{
    const Weight *x = a, *y = b;
    return x->w != y->w ? (x->w < y->w) - (x->w > y->w) : (x->id > y->id) - (x->id < y->id);
}

/* [decode-7]: what is not kept weighs nothing; that decides the same as if it were not there. */
static void keep(Work *work, double *w, size_t count, const Choice *choice)
{
    if (choice->top_k >= (double)count && choice->top_p == 1)
        return;
    Weight *order = take(work, count, sizeof *order);
    for (size_t k = 0; k < count; k++)
        order[k] = (Weight){w[k], k};
    qsort(order, count, sizeof *order, compare_weights);
    size_t stay = choice->top_k < (double)count ? (size_t)choice->top_k : count, kept = 0;
    double Q = 0, reached = 0;
    for (size_t i = 0; i < stay; i++)
        Q += order[i].w;
    double wanted = (double)choice->top_p * Q;
    while (kept < stay && reached < wanted)
        reached += order[kept++].w;
    for (size_t i = kept; i < count; i++)
        w[order[i].id] = 0;
}

/* There are at most 2^21 tokens, so S is at most 2^52 and every sum of weights is exact in binary64. */
size_t sample(Work *work, const float *x, size_t count, const Choice *choice, Generator *generator)
{
    double *w = take(work, count, sizeof *w);
    float m = x[greedy(x, count)];
    for (size_t k = 0; k < count; k++) {
        float e = function_exp((x[k] - m) / choice->temperature);
        w[k] = floor((double)e * 0x1p31);
    }
    keep(work, w, count, choice);
    double S = 0;
    for (size_t k = 0; k < count; k++)
        S += w[k];
    double r = floor(draw(generator) * S);
    if (S - 1 < r)
        r = S - 1;
    double reached = 0;
    size_t k = 0;
    while (k + 1 < count && (reached += w[k]) <= r)
        k++;
    return k;
}
