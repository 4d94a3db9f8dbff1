/* The top level (section 5), input, output and decoding. */
#include "player.h"

/* The order is that of [doc-1]. */
const Field DOCUMENT_FIELDS[] = {
    {"rnnspec", true},     {"$schema", false},  {"name", false},     {"version", false},    {"description", false},
    {"license", false},    {"metadata", false}, {"input", true},     {"vocabularies", false}, {"layers", true},
    {"output", true},      {"decoding", false}, {"examples", false}, {"extensions", false}, {"extensions_required", false},
    {"tensors", true},     {0},
};

static void check_input(Work *work, const Value *input)
{
    static const Field TOKENS_INPUT[] = {{"kind", true}, {"vocabulary", true}, {0}};
    static const Field FEATURES[] = {{"kind", true}, {"size", true}, {"names", false}, {"units", false}, {"sample_rate", false}, {0}};
    static const char *const KINDS[] = {"tokens", "features", NULL};
    check_words(work, input, "kind", KINDS);
    if (word_is(input, "kind", "tokens")) {
        check_members(work, input, TOKENS_INPUT);
        typed(work, input, "vocabulary", STRING);
        return;
    }
    check_members(work, input, FEATURES);
    check_integer(work, find(input, "size"), 1, 65536);
    check_strings(work, typed(work, input, "names", LIST));
    check_strings(work, typed(work, input, "units", LIST));
    if (find(input, "sample_rate") != NULL)
        check_number(work, find(input, "sample_rate"), 0.001, 1e9);
}

static void check_output(Work *work, const Value *output)
{
    static const Field FIELDS[] = {{"kind", true}, {"vocabulary", false}, {"labels", false}, {0}};
    static const char *const KINDS[] = {"logits", "log_probabilities", "probabilities", "values", NULL};
    check_members(work, output, FIELDS);
    check_words(work, output, "kind", KINDS);
    typed(work, output, "vocabulary", STRING);
    check_strings(work, typed(work, output, "labels", LIST));
}

static void check_decoding(Work *work, const Value *decoding)
{
    static const Field GREEDY[] = {{"mode", true}, {0}};
    static const Field SAMPLE[] = {{"mode", true}, {"temperature", true}, {"top_k", false}, {"top_p", false}, {0}};
    static const char *const MODES[] = {"greedy", "sample", NULL};
    check_words(work, decoding, "mode", MODES);
    if (word_is(decoding, "mode", "greedy")) {
        check_members(work, decoding, GREEDY);
        return;
    }
    check_members(work, decoding, SAMPLE);
    check_number(work, find(decoding, "temperature"), 0x1p-7, 128);
    if (find(decoding, "top_k") != NULL)
        check_integer(work, find(decoding, "top_k"), 1, 2147483647);
    if (find(decoding, "top_p") != NULL)
        check_number(work, find(decoding, "top_p"), 0x1p-20, 1);
}

void check_document(Work *work, const Value *document, const Options *options)
{
    static const char *const TEXTS[] = {"$schema", "name", "version", "description", "license"};
    check_version(work, document, options->try_anyway);
    check_required(work, document);
    check_members(work, document, DOCUMENT_FIELDS);
    check_extensions(work, document);
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        typed(work, document, TEXTS[i], STRING);
    if (typed(work, document, "metadata", OBJECT) != NULL)
        check_free(work, find(document, "metadata"));
    check_input(work, typed(work, document, "input", OBJECT));
    if (typed(work, document, "vocabularies", OBJECT) != NULL)
        check_vocabularies(work, find(document, "vocabularies"));
    check_layers(work, typed(work, document, "layers", LIST), &options->limits);
    check_output(work, typed(work, document, "output", OBJECT));
    if (typed(work, document, "decoding", OBJECT) != NULL)
        check_decoding(work, find(document, "decoding"));
    if (typed(work, document, "examples", LIST) != NULL)
        check_examples(work, find(document, "examples"));
    check_tensors(work, typed(work, document, "tensors", OBJECT), &options->limits);
}
