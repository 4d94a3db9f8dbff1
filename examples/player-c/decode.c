/* Generating ([decode-5], [decode-6]). */
#include "player.h"

#include <math.h>

/* What the caller and the file leave open. */
typedef struct {
    bool sampling;
    Choice choice;
    uint32_t seed;
    size_t count;
} Settled;

/* One more step, from the next token to its logits: the output, or the input of a softmax at the end. After tokens, that is
   never the first layer. Returns 0 if something is not finite. */
static const float *feed(Session *session, double id)
{
    const Model *model = session->model;
    if (!net_step(model, session->scratch, session->state, 0, (size_t)id, NULL) ||
        !net_end(model, session->scratch, session->state, 0, true))
        return NULL;
    return session->scratch->y[model->count - (is_softmax(last_layer(model)) ? 2 : 1)];
}

/* The caller's, else the file's, else `none`; false if the caller's is out of range, judged after rounding. */
static bool settle(double *number, const Value *caller, const Value *file, double none, double low, double high)
{
    *number = caller != NULL ? caller->number : file != NULL ? file->number : none;
    if (caller == NULL)
        return true;
    double rounded = float32_nearest(*number);
    return rounded >= low && rounded <= high;
}

static bool is_between(double number, double low, double high)
{
    return number >= low && number <= high && floor(number) == number;
}

static const char *choose(const Model *model, const Request *request, Settled *settled)
{
    const Value *decoding = find(model->document, "decoding");
    const Value *most = request->top_k != NULL ? request->top_k : find(decoding, "top_k");
    double temperature, top_p, top_k = most == NULL ? 0x1p31 - 1 : most->number;
    double seed = request->seed == NULL ? 0 : request->seed->number;
    settled->sampling = request->mode != NULL ? same(request->mode->string, "sample") : word_is(decoding, "mode", "sample");
    bool good = settle(&temperature, request->temperature, find(decoding, "temperature"), 0, 0x1p-7, 0x1p7);
    good &= settle(&top_p, request->top_p, find(decoding, "top_p"), 1, 0x1p-20, 1);
    good &= is_between(top_k, 1, 0x1p31 - 1);
    good &= is_between(seed, 0, 0x1p32 - 1) && is_between(request->count->number, 0, 0x1p31 - 1);
    if (!good || (settled->sampling && temperature == 0))
        return "RUN_OPTION";
    settled->choice = (Choice){.temperature = float32_nearest(temperature), .top_p = float32_nearest(top_p), .top_k = top_k};
    settled->seed = (uint32_t)seed;
    settled->count = (size_t)request->count->number;
    return NULL;
}

static const char *read_prime(Work *work, const Model *model, const Value *prime, double **ids, size_t *count)
{
    if (prime->type == STRING)
        return encode(work, model->input_vocabulary, prime->string, ids, count);
    *ids = take(work, prime->count, sizeof **ids);
    *count = prime->count;
    for (size_t i = 0; i < prime->count; i++) {
        if (!is_index(&prime->items[i], model->width))
            return "RUN_TOKEN";
        (*ids)[i] = prime->items[i].number;
    }
    return NULL;
}

static const char *generate_ids(Session *session, const Settled *settled, const float *logits, size_t **ids, size_t *count)
{
    const Vocabulary *vocabulary = session->model->output_vocabulary;
    Generator generator = make_generator(settled->seed);
    size_t room = 0;
    *ids = NULL;
    *count = 0;
    while (*count < settled->count) {
        size_t id = settled->sampling ? sample(session->work, logits, vocabulary->count, &settled->choice, &generator)
                                      : greedy(logits, vocabulary->count);
        if ((double)id == vocabulary->end)
            break;
        *ids = grow(session->work, *ids, *count, &room, sizeof **ids);
        (*ids)[(*count)++] = id;
        /* Each token is fed when the next one is asked for, so the last one never is. */
        if (*count < settled->count && (logits = feed(session, (double)id)) == NULL)
            return "RUN_NONFINITE";
    }
    return NULL;
}

/* Returns 0, or a code. */
const char *generate(Work *work, const Model *model, const Request *request, size_t **ids, size_t *count)
{
    Settled settled;
    double *prime;
    size_t primes;
    if (!model->generates || (request->mode != NULL && same(request->mode->string, "ctc")))
        return "RUN_DECODING";
    const char *fault = choose(model, request, &settled);
    if (fault == NULL)
        fault = read_prime(work, model, request->prime, &prime, &primes);
    if (fault != NULL)
        return fault;
    double start = model->input_vocabulary->start;
    if (primes == 0 && start < 0)
        return "RUN_PRIME";
    Session session = make_session(work, model);
    session.state = initial_state(work, model, 1);
    const float *logits = NULL;
    *count = 0;
    if (settled.count == 0)
        return NULL; // nothing is asked for, so nothing is fed
    if (start >= 0 && (logits = feed(&session, start)) == NULL)
        return "RUN_NONFINITE";
    for (size_t i = 0; i < primes; i++)
        if ((logits = feed(&session, prime[i])) == NULL)
            return "RUN_NONFINITE";
    return generate_ids(&session, &settled, logits, ids, count);
}
