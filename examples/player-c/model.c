/* From bytes to a model: the stages in their order. */
#include "player.h"

/* [agree-2]: each reference has its vocabulary, and each vocabulary a reference. */
static void load_vocabularies(Work *work, Model *model)
{
    const Value *vocabularies = find(model->document, "vocabularies");
    const Value *input = find(model->document, "input"), *output = find(model->document, "output");
    const Value *names[] = {find(input, "vocabulary"), find(output, "vocabulary")};
    const Value *found[2];
    const Vocabulary *loaded[2];
    for (int i = 0; i < 2; i++) {
        found[i] = names[i] == NULL ? NULL : find_string(vocabularies, names[i]->string);
        if (names[i] != NULL && found[i] == NULL)
            refuse(work, "VOCABULARY_UNKNOWN");
        loaded[i] = found[i] == NULL ? NULL : load_vocabulary(work, found[i]);
    }
    for (size_t i = 0; vocabularies != NULL && i < vocabularies->count; i++)
        if (&vocabularies->members[i].value != found[0] && &vocabularies->members[i].value != found[1])
            refuse(work, "VOCABULARY_UNUSED");
    model->input_vocabulary = loaded[0];
    model->output_vocabulary = loaded[1];
    model->generates = model->tokens && found[0] == found[1];
}

Model *load_model(Work *work, String bytes, const Options *options)
{
    Value *document = take(work, 1, sizeof *document);
    *document = document_read(work, bytes, &options->limits);
    check_document(work, document, options);
    Model *model = take(work, 1, sizeof *model);
    model->document = document;
    const Value *tensors = find(document, "tensors"), *input = find(document, "input");
    load_tensors(work, model);
    model->tokens = word_is(input, "kind", "tokens");
    load_vocabularies(work, model);
    model->width = model->tokens ? model->input_vocabulary->count : (size_t)find(input, "size")->number;
    load_layers(work, model);
    agree_output(work, model);
    agree_examples(work, model);
    for (size_t i = 0; i < tensors->count; i++)
        if (!model->tensors[i].used)
            refuse(work, "TENSOR_UNUSED");
    return model;
}
