/* The commands that read and write documents (17.1), and the table of all. */
#include "player.h"

static void start(Buffer *answer, const Value *request)
{
    (void)request;
    put(answer, "{\"name\":\"player-c\",\"version\":\"3\",\"language\":\"C11\",\"formats\":[\"" VERSION_READ "\"],"
                "\"classes\":[\"player\"],\"levels\":[\"exact\"],\"features\":[\"json\",\"msgpack\",\"float16\",\"extensions\","
                "\"try_anyway\",\"byte\",\"token\",\"embedding\",\"one_hot\",\"elman\",\"lstm\",\"gru\",\"dense\",\"affine\","
                "\"activations\",\"softmax\",\"log_softmax\",\"final\",\"last_step\",\"initial_state\",\"lengths\",\"state\","
                "\"saved_state\",\"step\",\"decoding\",\"top_k_top_p\",\"functions\",\"convert\",\"selftest\"]}");
}

/* A player judges a model, but makes no list of findings and no digests. */
static void validate(Buffer *answer, const Value *request)
{
    Options options = need_options(answer->work, request);
    load_model(answer->work, need_document(answer->work, request), &options);
    put(answer, "{\"findings\":[]}");
}

static void read_state(Buffer *answer, const Value *request)
{
    Options options = need_options(answer->work, request);
    const Model *saved = load_state(answer->work, need_document(answer->work, request), &options);
    bool tried = !same(find(saved->document, "rnnspec")->string, VERSION_READ);
    put(answer, "{\"findings\":[");
    if (tried) /* [version-4] */
        put(answer, "{\"code\":\"VERSION_TRIED\",\"stage\":\"structure\",\"severity\":\"warning\",\"place\":\"/rnnspec\"}");
    put(answer, "],\"state\":");
    put_saved(answer, saved);
    put(answer, "}");
}

static void put_document(Buffer *answer, const Value *request, const Value *document)
{
    Buffer bytes = {.work = answer->work};
    need(answer->work, request, "encoding");
    if (word_is(request, "encoding", "json"))
        write_json(&bytes, document);
    else if (word_is(request, "encoding", "msgpack"))
        write_msgpack(&bytes, document);
    else
        complain(answer->work, "an encoding that is none");
    put(answer, "{\"document\":\"");
    put_base64(answer, (String){bytes.bytes, bytes.count});
    put(answer, "\"}");
}

static void write_state(Buffer *answer, const Value *request)
{
    Value document = save_state(answer->work, need(answer->work, request, "state"), may(answer->work, request, "structure", STRING));
    put_document(answer, request, &document);
}

static void convert(Buffer *answer, const Value *request)
{
    const Model *model = load_model(answer->work, need_document(answer->work, request), &DEFAULTS);
    Value document = ordered(answer->work, model->document, DOCUMENT_FIELDS);
    put_document(answer, request, &document);
}

static void selftest(Buffer *answer, const Value *request)
{
    const Model *model = load_model(answer->work, need_document(answer->work, request), &DEFAULTS);
    const Value *examples = find(model->document, "examples");
    size_t exact = 0, count = examples == NULL ? 0 : examples->count;
    bool first = true;
    put(answer, "{\"failed\":[");
    for (size_t i = 0; i < count; i++) {
        exact += word_is(&examples->items[i], "kind", "exact");
        if (example_holds(answer->work, model, &examples->items[i]))
            continue;
        put(answer, first ? "" : ",");
        put_number(answer, i);
        first = false;
    }
    put(answer, "],\"exact\":");
    put_number(answer, exact);
    put(answer, ",\"reference\":");
    put_number(answer, count - exact);
    put(answer, "}");
}

static void evaluate(Buffer *answer, const Value *request)
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

static void stop(Buffer *answer, const Value *request)
{
    (void)request;
    put(answer, "{}");
}

void command(Buffer *answer, const Value *request)
{
    static const struct {
        const char *name;
        void (*carry_out)(Buffer *, const Value *);
    } COMMANDS[] = {
        {"start", start},       {"validate", validate},     {"run", play_run},           {"decode", play_decode}, {"ctc", play_ctc},
        {"encode", play_encode}, {"text", play_text},       {"evaluate", evaluate},      {"convert", convert},
        {"selftest", selftest}, {"read_state", read_state}, {"write_state", write_state}, {"stop", stop},
    };
    String name = need_string(answer->work, request, "command");
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (same(name, COMMANDS[i].name)) {
            COMMANDS[i].carry_out(answer, request);
            return;
        }
    complain(answer->work, "a command that is none");
}
