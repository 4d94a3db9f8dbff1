/* The commands of the protocol (17.1) that a player carries out. */
#include "player.h"

#include <math.h>
#include <string.h>

static const Value *need(Work *work, const Value *request, const char *key)
{
    const Value *value = find(request, key);
    if (value == NULL)
        complain(work, "a member of the request is missing");
    return value;
}

static const Value *may(Work *work, const Value *request, const char *key, Type type)
{
    const Value *value = find(request, key);
    if (value != NULL && value->type != type)
        complain(work, "a member of the request has the wrong type");
    return value;
}

static String need_string(Work *work, const Value *request, const char *key)
{
    need(work, request, key);
    return may(work, request, key, STRING)->string;
}

static Model *need_model(Work *work, const Value *request, const Limits *limits)
{
    String bytes = {NULL, 0};
    if (!base64_read(work, need_string(work, request, "document"), &bytes))
        complain(work, "a document that is not base64");
    return load_model(work, bytes, limits);
}

static void start(Answer *answer)
{
    put(answer, "{\"name\":\"player-c\",\"version\":\"1\",\"language\":\"C11\",\"formats\":[\"1.0-draft.1\"],"
                "\"classes\":[\"player\"],\"levels\":[\"exact\"],\"features\":[\"json\",\"msgpack\",\"float16\",\"embedding\",\"one_hot\","
                "\"lstm\",\"dense\",\"softmax\",\"log_softmax\",\"lengths\",\"state\",\"step\",\"decoding\",\"functions\"]}");
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

/* The state after a chunk. Where it can't be told, it is left out ([protocol-3]). */
static void put_state_after(Answer *answer, const Model *model, const Input *input, const State *state)
{
    if (state == NULL && input->shaped && input->rows != 0)
        state = make_state(answer->work, model, input->rows);
    if (state == NULL || state->fault != NULL)
        return;
    put(answer, ",\"state\":");
    put_state(answer, model, state);
}

static void run_chunks(Answer *answer, const Value *request)
{
    Work *work = answer->work;
    const Model *model = need_model(work, request, &DEFAULT_LIMITS);
    need(work, request, "chunks");
    const Value *chunks = may(work, request, "chunks", LIST);
    const Value *given = find(request, "state");
    bool step = word_is(request, "interface", "step");
    Session session = make_session(work, model);
    if (given != NULL)
        session.state = state_read(work, model, given);
    if (step && given != NULL)
        restore(&session, session.state);
    size_t width = model->layers[model->count - 1].out;
    put(answer, "{\"chunks\":[");
    for (size_t i = 0; i < chunks->count; i++) {
        const Value *lengths = may(work, &chunks->items[i], "lengths", LIST);
        Input input = input_read(work, model, need(work, &chunks->items[i], "input"));
        if (input.rows != 0 && input.total > SIZE_MAX / width / input.rows)
            complain(work, "out of memory");
        float *output = take(work, input.rows * input.total * width, sizeof *output);
        const char *fault = run_chunk(&session, &input, lengths, step, output);
        put(answer, i == 0 ? "{" : ",{");
        if (fault == NULL) {
            put(answer, "\"output\":");
            put_array(answer, (size_t[]){input.rows, input.total, width}, 3, output);
        } else {
            put(answer, "\"code\":\"");
            put(answer, fault);
            put(answer, "\"");
        }
        put_state_after(answer, model, &input, session.state);
        put(answer, "}");
    }
    put(answer, "]}");
}

static void decode(Answer *answer, const Value *request)
{
    Work *work = answer->work;
    const Model *model = need_model(work, request, &DEFAULT_LIMITS);
    Request wanted = {.prime = need(work, request, "prime")};
    wanted.mode = may(work, request, "mode", STRING);
    wanted.temperature = may(work, request, "temperature", NUMBER);
    wanted.seed = may(work, request, "seed", NUMBER);
    double count = need(work, request, "count")->number;
    if (may(work, request, "count", NUMBER) == NULL || !(count >= 0 && count <= 0x1p31) || floor(count) != count)
        complain(work, "a count that is none");
    if (wanted.prime->type != STRING && wanted.prime->type != LIST)
        complain(work, "a prime that is neither text nor ids");
    if (wanted.mode != NULL && !same(wanted.mode->string, "greedy") && !same(wanted.mode->string, "sample"))
        complain(work, "a mode that is none");
    wanted.count = (size_t)count;
    size_t *ids, written;
    const char *fault = generate(work, model, &wanted, &ids, &written);
    if (fault != NULL)
        refuse(work, fault);
    size_t length = 0;
    char *text = take(work, written, 4);
    put(answer, "{\"ids\":[");
    for (size_t i = 0; i < written; i++) {
        if (i != 0)
            put(answer, ",");
        put_number(answer, ids[i]);
        String token = vocabulary_token(model->output_vocabulary, ids[i]);
        if (is_special(model->output_vocabulary, (double)ids[i]) || token.count == 0)
            continue;
        memcpy(text + length, token.bytes, token.count);
        length += token.count;
    }
    put(answer, "],\"text\":");
    put_string(answer, (String){text, length});
    put(answer, "}");
}

static void evaluate(Answer *answer, const Value *request)
{
    static const struct {
        const char *name;
        float (*compute)(float);
    } FUNCTIONS[] = {{"exp", function_exp}, {"log", function_log}, {"tanh", function_tanh}, {"sigmoid", function_sigmoid}};
    String name = need_string(answer->work, request, "function");
    size_t f = 0;
    while (f < 4 && !same(name, FUNCTIONS[f].name))
        f++;
    if (f == 4)
        complain(answer->work, "a function that is none");
    Array array = array_read(answer->work, need(answer->work, request, "input"));
    for (size_t i = 0; i < array.count; i++)
        array.elements[i] = FUNCTIONS[f].compute(array.elements[i]);
    put(answer, "{\"output\":");
    put_array(answer, array.shape, array.rank, array.elements);
    put(answer, "}");
}

/* A player judges a model, but makes no list of findings and no digests. */
static void validate(Answer *answer, const Value *request)
{
    static const struct {
        const char *name;
        size_t place;
    } NAMES[] = {
        {"size", offsetof(Limits, size)},       {"depth", offsetof(Limits, depth)},   {"string", offsetof(Limits, string)},
        {"number", offsetof(Limits, number)},   {"members", offsetof(Limits, members)}, {"values", offsetof(Limits, values)},
        {"layers", offsetof(Limits, layers)},   {"elements", offsetof(Limits, elements)},
    };
    Limits limits = DEFAULT_LIMITS;
    const Value *given = may(answer->work, request, "limits", OBJECT);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const Value *limit = may(answer->work, given, NAMES[i].name, NUMBER);
        if (limit == NULL)
            continue;
        if (!(limit->number >= 0 && limit->number <= 0x1p31))
            complain(answer->work, "a limit that is none");
        if (NAMES[i].place == offsetof(Limits, depth) && limit->number > 1000)
            complain(answer->work, "a depth beyond this program's stack");
        *(size_t *)((char *)&limits + NAMES[i].place) = (size_t)limit->number;
    }
    need_model(answer->work, request, &limits);
    put(answer, "{\"findings\":[]}");
}

void command(Answer *answer, const Value *request)
{
    String name = need_string(answer->work, request, "command");
    if (same(name, "start"))
        start(answer);
    else if (same(name, "validate"))
        validate(answer, request);
    else if (same(name, "run"))
        run_chunks(answer, request);
    else if (same(name, "decode"))
        decode(answer, request);
    else if (same(name, "evaluate"))
        evaluate(answer, request);
    else if (same(name, "stop"))
        put(answer, "{}");
    else
        complain(answer->work, "a command that is none");
}
