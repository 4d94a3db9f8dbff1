/* The commands that let a net work (17.1): run, decode, and text to ids and back. */
#include "player.h"

static const Model *need_model(Work *work, const Value *request)
{
    return load_model(work, need_document(work, request), &DEFAULTS);
}

/* A chunk through `run`, or step by step; then each step is a call of its own. */
static const char *run_chunk(Session *session, Input *input, const Value *lengths, bool step, float *output)
{
    if (!step || !input->shaped || input->rows == 0)
        return run(session, input, lengths, output);
    const char *fault = NULL;
    input->steps = 1;
    for (input->first = 0; fault == NULL && input->first < input->total; input->first++)
        fault = run(session, input, NULL, output);
    return fault;
}

/* Where the state can't be told, it is left out ([protocol-3]). */
static void put_state_after(Buffer *answer, const Model *model, const Input *input, const State *state)
{
    if (state == NULL && input->shaped && input->rows != 0)
        state = initial_state(answer->work, model, input->rows);
    if (state == NULL || state->fault != NULL)
        return;
    put(answer, ",\"state\":");
    put_state(answer, model, state);
}

static void put_chunk(Buffer *answer, Session *session, const Value *chunk, bool step)
{
    const Model *model = session->model;
    const Value *lengths = may(answer->work, chunk, "lengths", LIST);
    Input input = input_read(answer->work, model, need(answer->work, chunk, "input"));
    float *output = make_output(answer->work, model, &input);
    const char *fault = run_chunk(session, &input, lengths, step, output);
    size_t width = last_layer(model)->out, shape[] = {input.rows, model->has_time ? input.total : width, width};
    put(answer, fault == NULL ? "{\"output\":" : "{\"code\":\"");
    if (fault == NULL) {
        put_array(answer, shape, model->has_time ? 3 : 2, output);
    } else {
        put(answer, fault);
        put(answer, "\"");
    }
    put_state_after(answer, model, &input, session->state);
    put(answer, "}");
}

void play_run(Buffer *answer, const Value *request)
{
    Work *work = answer->work;
    const Model *model = need_model(work, request);
    if (find(request, "probe") != NULL)
        lack(work, "probe");
    need(work, request, "chunks");
    const Value *chunks = may(work, request, "chunks", LIST), *given = find(request, "state");
    bool step = word_is(request, "interface", "step");
    Session session = make_session(work, model);
    if (given != NULL)
        session.state = state_read(work, model, given);
    if (step && given != NULL)
        restore(&session, session.state);
    put(answer, "{\"chunks\":[");
    for (size_t i = 0; i < chunks->count; i++) {
        put(answer, i == 0 ? "" : ",");
        put_chunk(answer, &session, &chunks->items[i], step);
    }
    put(answer, "]}");
}

static void put_ids(Buffer *answer, const size_t *ids, size_t count)
{
    put(answer, "\"ids\":[");
    for (size_t i = 0; i < count; i++) {
        put(answer, i == 0 ? "" : ",");
        put_number(answer, ids[i]);
    }
    put(answer, "]");
}

static void put_text(Buffer *answer, const Vocabulary *vocabulary, const size_t *ids, size_t count)
{
    Buffer text = {.work = answer->work};
    Stream stream = {.vocabulary = vocabulary};
    for (size_t i = 0; i < count; i++)
        stream_token(&stream, ids[i], &text);
    stream_end(&stream, &text);
    put(answer, "\"text\":");
    put_string(answer, (String){text.bytes, text.count});
}

void play_decode(Buffer *answer, const Value *request)
{
    Work *work = answer->work;
    const Model *model = need_model(work, request);
    if (find(request, "state") != NULL)
        lack(work, "state_given");
    Request wanted = {.prime = need(work, request, "prime"), .count = need(work, request, "count")};
    may(work, request, "count", NUMBER);
    wanted.mode = may(work, request, "mode", STRING);
    wanted.temperature = may(work, request, "temperature", NUMBER);
    wanted.top_k = may(work, request, "top_k", NUMBER);
    wanted.top_p = may(work, request, "top_p", NUMBER);
    wanted.seed = may(work, request, "seed", NUMBER);
    if (wanted.prime->type != STRING && wanted.prime->type != LIST)
        complain(work, "a prime that is neither text nor ids");
    static const char *const MODES[] = {"greedy", "sample", "ctc"};
    size_t mode = 0;
    while (wanted.mode != NULL && mode < 3 && !same(wanted.mode->string, MODES[mode]))
        mode++;
    if (mode == 3)
        complain(work, "a mode that is none");
    size_t *ids, count;
    const char *fault = generate(work, model, &wanted, &ids, &count);
    if (fault != NULL)
        refuse(work, fault);
    put(answer, "{");
    put_ids(answer, ids, count);
    put(answer, ",");
    put_text(answer, model->output_vocabulary, ids, count);
    put(answer, "}");
}

/* Not of the profile `core`; a faulty file is an error all the same ([claim-1]). */
void play_ctc(Buffer *answer, const Value *request)
{
    need_model(answer->work, request);
    lack(answer->work, "ctc");
}

static const Vocabulary *need_vocabulary(Work *work, const Value *request)
{
    const Model *model = need_model(work, request);
    const Value *value = find_string(find(model->document, "vocabularies"), need_string(work, request, "vocabulary"));
    if (value == NULL)
        complain(work, "a vocabulary that is none of the model's");
    return load_vocabulary(work, value);
}

void play_encode(Buffer *answer, const Value *request)
{
    const Vocabulary *vocabulary = need_vocabulary(answer->work, request);
    double *found;
    size_t count;
    const char *fault = encode(answer->work, vocabulary, need_string(answer->work, request, "text"), &found, &count);
    if (fault != NULL)
        refuse(answer->work, fault);
    size_t *ids = take(answer->work, count, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = (size_t)found[i];
    put(answer, "{");
    put_ids(answer, ids, count);
    put(answer, "}");
}

/* `stream` changes nothing here: there is one way from ids to text, and it takes them one by one. */
void play_text(Buffer *answer, const Value *request)
{
    const Vocabulary *vocabulary = need_vocabulary(answer->work, request);
    need(answer->work, request, "ids");
    const Value *given = may(answer->work, request, "ids", LIST);
    size_t *ids = take(answer->work, given->count, sizeof *ids);
    for (size_t i = 0; i < given->count; i++) {
        if (!is_index(&given->items[i], vocabulary->count))
            refuse(answer->work, "RUN_TOKEN");
        ids[i] = (size_t)given->items[i].number;
    }
    put(answer, "{");
    put_text(answer, vocabulary, ids, given->count);
    put(answer, "}");
}
