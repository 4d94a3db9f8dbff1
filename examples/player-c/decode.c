/* Decoding (section 15): greedy, sample, and xoshiro128**. */
#include "player.h"

#include <math.h>

typedef struct {
    uint32_t s[4];
} Generator;

static uint32_t rotl(uint32_t v, int bits)
{
    return v << bits | v >> (32 - bits);
}

static uint32_t fmix(uint32_t z)
{
    z ^= z >> 16;
    z *= 0x85EBCA6B;
    z ^= z >> 13;
    z *= 0xC2B2AE35;
    return z ^ z >> 16;
}

/* [decode-4] */
static Generator make_generator(uint32_t seed)
{
    Generator generator;
    for (uint32_t i = 0; i < 4; i++)
        generator.s[i] = fmix(seed + (i + 1) * 0x9E3779B9u);
    return generator;
}

static uint32_t next_word(Generator *generator)
{
    uint32_t *s = generator->s;
    uint32_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
}

/* [decode-3] */
static double draw(Generator *generator)
{
    uint32_t hi = next_word(generator), lo = next_word(generator);
    return ((double)(hi >> 5) * 0x1p26 + (double)(lo >> 6)) * 0x1p-53;
}

static size_t greedy(const float *x, size_t count)
{
    size_t best = 0;
    for (size_t k = 1; k < count; k++)
        if (x[best] < x[k])
            best = k;
    return best;
}

/* [decode-2]. There are at most 2^21 tokens, so S is below 2^53 and every sum of weights is exact in binary64. */
static size_t sample(const float *x, size_t count, float t, Generator *generator, double *w)
{
    float m = x[greedy(x, count)];
    double S = 0;
    for (size_t k = 0; k < count; k++) {
        float e = function_exp((x[k] - m) / t);
        w[k] = floor((double)e * 0x1p31);
        S += w[k];
    }
    double r = floor(draw(generator) * S);
    if (S - 1 < r)
        r = S - 1;
    double reached = 0;
    for (size_t k = 0; k + 1 < count; k++) {
        reached += w[k];
        if (reached > r)
            return k;
    }
    return count - 1;
}

static bool feed(Session *session, double id)
{
    return net_step(session->model, session->scratch, session->state, 0, (size_t)id, NULL);
}

/* The logits: the output, or the input of a softmax at the end. After tokens, that is never the first layer. */
static const float *logits_of(const Session *session)
{
    const Model *model = session->model;
    Kind last = model->layers[model->count - 1].kind;
    return session->scratch->y[model->count - (last == SOFTMAX || last == LOG_SOFTMAX ? 2 : 1)];
}

/* What the caller and the file leave open: mode, temperature, seed. */
static const char *choose(const Model *model, const Request *request, bool *sampling, float *t, uint32_t *seed)
{
    *sampling = model->sample;
    if (request->mode != NULL)
        *sampling = same(request->mode->string, "sample");
    double wanted = model->temperature;
    if (request->temperature != NULL)
        wanted = request->temperature->number;
    *t = float32_nearest(wanted);
    bool good = *t >= 0x1p-7f && *t <= 0x1p7f;
    if (!good && (*sampling || request->temperature != NULL))
        return "RUN_OPTION";
    double number = request->seed == NULL ? 0 : request->seed->number;
    if (!(number >= 0 && number <= 4294967295.0 && floor(number) == number))
        return "RUN_OPTION";
    *seed = (uint32_t)number;
    return NULL;
}

static const char *read_prime(Work *work, const Model *model, const Value *prime, double **ids, size_t *count)
{
    if (prime->type == STRING)
        return vocabulary_encode(work, model->input_vocabulary, prime->string, ids, count);
    *ids = take(work, prime->count, sizeof **ids);
    *count = prime->count;
    for (size_t i = 0; i < prime->count; i++) {
        double id = prime->items[i].type == NUMBER ? prime->items[i].number : -1;
        if (!(id >= 0 && id < (double)model->width && floor(id) == id))
            return "RUN_TOKEN";
        (*ids)[i] = id;
    }
    return NULL;
}

/* [decode-5], [decode-6]. Returns 0, or a code. */
const char *generate(Work *work, const Model *model, const Request *request, size_t **ids, size_t *count)
{
    bool sampling;
    float t;
    uint32_t seed;
    double *prime;
    size_t primes, room = 0;
    if (!model->generates)
        return "RUN_DECODING";
    const char *fault = choose(model, request, &sampling, &t, &seed);
    if (fault == NULL)
        fault = read_prime(work, model, request->prime, &prime, &primes);
    if (fault != NULL)
        return fault;
    const Vocabulary *vocabulary = model->input_vocabulary;
    if (primes == 0 && vocabulary->start < 0)
        return "RUN_PRIME";
    Session session = make_session(work, model);
    session.state = make_state(work, model, 1);
    const float *logits = logits_of(&session);
    size_t width = model->output_vocabulary->count;
    if (vocabulary->start >= 0 && !feed(&session, vocabulary->start))
        return "RUN_NONFINITE";
    for (size_t i = 0; i < primes; i++)
        if (!feed(&session, prime[i]))
            return "RUN_NONFINITE";
    Generator generator = make_generator(seed);
    double *w = take(work, width, sizeof *w);
    *ids = NULL;
    for (*count = 0; *count < request->count;) {
        size_t id = sampling ? sample(logits, width, t, &generator, w) : greedy(logits, width);
        if ((double)id == vocabulary->end)
            break;
        *ids = grow(work, *ids, *count, &room, sizeof **ids);
        (*ids)[(*count)++] = id;
        /* Each token is fed when the next one is asked for, so the last one never is. */
        if (*count < request->count && !feed(&session, (double)id))
            return "RUN_NONFINITE";
    }
    return NULL;
}
