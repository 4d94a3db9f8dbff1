/* A player for rnnspec 1.0-draft.3 (SPEC.md, [claim-1]). Names are those of SPEC.md; numbers in brackets are its ids.
   One message is one unit of work: what it allocates lives until its answer is written, and the first fault ends it. */
#ifndef PLAYER_H
#define PLAYER_H

#include <float.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [arith-1]: no wider intermediate. On 32-bit x86, build with -msse2 -mfpmath=sse. */
#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD != 0
#error "float arithmetic has to be binary32 at every step"
#endif

#define VERSION_READ "1.0-draft.3"

/* memory.c: an arena, and the one way out. */
typedef struct Block Block;
typedef struct {
    jmp_buf out;
    Block *blocks;
    const char *code;    /* why the message failed: a code of section 16 ... */
    const char *message; /* ... or the adapter's own words */
    const char *feature; /* ... or a feature of 17.2 that this player does not have */
} Work;

void *take(Work *work, size_t count, size_t size); /* zeroed */
void *grow(Work *work, void *old, size_t used, size_t *room, size_t size);
void release(Work *work);
_Noreturn void refuse(Work *work, const char *code);
_Noreturn void complain(Work *work, const char *message);
_Noreturn void lack(Work *work, const char *feature);

/* value.c: what JSON and msgpack have in common. */
/* The last three are tensor data only: bin of msgpack, and a string or a list of JSON. */
typedef enum { EMPTY, BOOLEAN, NUMBER, STRING, LIST, OBJECT, BYTES, BASE64, DECIMALS } Type;
typedef struct { /* may hold U+0000, so it has a length */
    const char *bytes;
    size_t count;
} String;
typedef struct Member Member;
typedef struct Value {
    Type type;
    bool odd;     /* DECIMALS: an element was no number */
    size_t count; /* of items, members or decimals */
    union {
        double number; /* BOOLEAN too: 0 or 1 */
        String string; /* BYTES and BASE64 too */
        struct Value *items;
        Member *members; /* sorted by key */
        float *decimals;
    };
} Value;
struct Member {
    String key;
    Value value;
};
typedef struct {
    size_t size, depth, string, number, members, values, layers, elements;
} Limits;
typedef struct {
    Limits limits;
    bool try_anyway; /* [version-4] */
} Options;
typedef enum { PLAIN, TOP, TENSORS, TENSOR, DATA } Place; /* is it tensor data? The path alone tells. */

extern const Options DEFAULTS;
int compare(String a, String b);
bool same(String string, const char *word);
bool equal(String a, String b);
void sort_members(Work *work, Value *object);
Place place_of_member(Place place, String key);
const Value *find(const Value *object, const char *key);
const Value *find_string(const Value *object, String key);
bool is_index(const Value *value, size_t count);

/* utf8.c, text.c, json.c, msgpack.c, document.c: bytes to values. */
typedef struct { /* bytes that may become a scalar value */
    unsigned char held[4];
    size_t count;
} Utf8;
typedef enum { MORE, WHOLE, BROKEN } Progress;
Progress utf8_add(Utf8 *utf8, unsigned char byte);
size_t utf8_length(const char *bytes, size_t count);
size_t utf8_write(char *to, uint32_t scalar);
bool base64_read(Work *work, String text, String *bytes);
int hex_digit(char c);
float float32_of(uint32_t bits);
uint32_t bits_of(float value);
float float16_of(uint32_t bits);
float float32_nearest(double value);
Value json_read(Work *work, String text, const Limits *limits, Place place);
Value msgpack_read(Work *work, String bytes, const Limits *limits);
Value document_read(Work *work, String bytes, const Limits *limits);

/* fields.c, names.c and the structure_*.c: sections 5 to 9. A list of fields ends with one without a name. */
typedef struct {
    const char *name;
    bool required;
} Field;
extern const Field DOCUMENT_FIELDS[];
void check_members(Work *work, const Value *object, const Field *fields);
const Value *typed(Work *work, const Value *object, const char *key, Type type);
bool word_is(const Value *object, const char *key, const char *word);
void check_words(Work *work, const Value *object, const char *key, const char *const *words);
double check_integer(Work *work, const Value *value, double low, double high);
void check_number(Work *work, const Value *value, double low, double high);
void check_strings(Work *work, const Value *list);
void check_free(Work *work, const Value *value);
void check_name(Work *work, String name);
void check_version(Work *work, const Value *document, bool try_anyway);
void check_extensions(Work *work, const Value *object);
void check_required(Work *work, const Value *document);
void check_document(Work *work, const Value *document, const Options *options);
void check_layers(Work *work, const Value *layers, const Limits *limits);
void check_vocabularies(Work *work, const Value *vocabularies);
void check_examples(Work *work, const Value *examples);
void check_state(Work *work, const Value *state);
void check_tensors(Work *work, const Value *tensors, const Limits *limits);

/* activations.c: 12.6. */
typedef float Formula(float x, float alpha, float beta);
typedef struct {
    const char *name;
    int constants; /* none, alpha, or alpha and beta */
    Formula *formula;
} Function;
typedef struct {
    Formula *formula;
    float alpha, beta;
} Activation;
const Function *find_function(String name);
float activate(const Activation *activation, float x);

/* tensor.c, vocabulary.c, layers.c, model.c, agreement.c: the model (sections 6 to 9), and section 10. */
typedef struct {
    size_t rank, shape[3], count;
    bool float16, used;
    float *values;
} Tensor;
typedef struct {
    enum { BYTE, CODEPOINT, TOKEN } unit;
    unsigned char bytes[256]; /* 0 to 255, for tokens that are numbers */
    size_t count;
    const Value *tokens;
    String separator;                    /* empty: none */
    double unknown, start, end, padding; /* -1: none */
} Vocabulary;
typedef enum { EMBEDDING, ONE_HOT, ELMAN, LSTM, GRU, DENSE, AFFINE, ACTIVATION, SOFTMAX, LOG_SOFTMAX, LAST_STEP } Kind;
typedef enum { GATES, CANDIDATE, OUTPUT } Use; /* of a cell's functions; elman and activation layers have one, the first */
typedef struct {
    String name;
    Kind kind;
    size_t in, out;
    bool final, reset_before;
    Activation functions[3];
    const float *E, *W, *R, *b, *rb, *h0, *c0, *s, *t;
} Layer;
typedef struct {
    const Value *document;
    Tensor *tensors; /* one for each member of `tensors`, in its order */
    bool tokens;     /* input.kind */
    size_t width;    /* of the input: `size`, or V */
    const Vocabulary *input_vocabulary, *output_vocabulary;
    bool generates; /* both are one vocabulary */
    size_t count, recurrent;
    size_t timed;   /* so many layers work at every step: all but those behind a layer without time ([layer-5]) */
    bool has_time;  /* of the output */
    Layer *layers;
} Model;

void load_tensors(Work *work, Model *model);
Tensor *tensor_named(Work *work, const Model *model, const Value *name);
Tensor *refer(Work *work, Model *model, const Value *name);
Tensor *refer_float32(Work *work, Model *model, const Value *name);
void need_shape(Work *work, const Tensor *tensor, size_t rank, size_t a, size_t b, size_t c);
String tensor_bytes(Work *work, const Value *data);
bool is_recurrent(const Layer *layer);
bool is_softmax(const Layer *layer);
const Layer *last_layer(const Model *model);
void load_layers(Work *work, Model *model);
Model *load_model(Work *work, String bytes, const Options *options);
void agree_output(Work *work, Model *model);
void agree_examples(Work *work, Model *model);
const Vocabulary *load_vocabulary(Work *work, const Value *value);
String token_text(const Vocabulary *vocabulary, size_t id);
bool is_special(const Vocabulary *vocabulary, double id);

/* buffer.c: bytes that grow. encode.c, stream.c: text to ids and back. */
typedef struct {
    Work *work;
    char *bytes;
    size_t count, room;
} Buffer;
typedef struct {
    const Vocabulary *vocabulary;
    bool any; /* was there a token with text? */
    Utf8 utf8;
} Stream;
void put_byte(Buffer *buffer, unsigned byte);
void put_bytes(Buffer *buffer, String bytes);
void put(Buffer *buffer, const char *text);
void put_number(Buffer *buffer, size_t number);
void put_string(Buffer *buffer, String string);
void put_base64(Buffer *buffer, String bytes);
const char *encode(Work *work, const Vocabulary *vocabulary, String text, double **ids, size_t *count);
void stream_token(Stream *stream, size_t id, Buffer *text);
void stream_end(Stream *stream, Buffer *text);

/* functions.c: section 12. */
float tiny(float v); /* T */
float function_exp(float x);
float function_log(float x);
float function_tanh(float x);
float function_sigmoid(float x);
float sum(const float *v, size_t count);

/* cells.c, net.c: section 13. run.c: section 14. */
typedef struct {
    size_t rows;
    const char *fault; /* a given state can be wrong; [run-5] says when that counts */
    float **h, **c;    /* for each layer, 0 for those without */
} State;
typedef struct {
    float **y; /* each layer's output */
    float *a;  /* pre-activations, or the exponentials of a softmax */
} Scratch;
typedef struct {
    bool shaped; /* is the shape the net's? If not, nothing below is set. */
    size_t rows, steps, first, total; /* steps first ... first + steps - 1 of total */
    const double *ids;
    const float *features;
} Input;
typedef struct {
    Work *work;
    const Model *model;
    Scratch *scratch;
    float *x;
    State *state, *spare; /* 0: the initial state, of any number of rows; a state to overwrite */
} Session;

bool all_finite(const float *v, size_t count);
void chain_start(float *a, size_t count, const float *b);
void chain_add(float *a, size_t count, const float *x, size_t width, const float *W, size_t columns);
bool cell_step(const Layer *layer, const float *x, float *h, float *c, float *a);
Scratch *make_scratch(Work *work, const Model *model);
bool net_step(const Model *model, Scratch *scratch, State *state, size_t row, size_t id, const float *x);
bool net_end(const Model *model, Scratch *scratch, const State *state, size_t row, bool any);
State *make_state(Work *work, const Model *model, size_t rows);
State *initial_state(Work *work, const Model *model, size_t rows);
Session make_session(Work *work, const Model *model);
void restore(Session *session, State *state);
float *make_output(Work *work, const Model *model, const Input *input);
const char *run(Session *session, const Input *input, const Value *lengths, float *output);

/* saved.c, write.c: 14.1, and values to bytes. selftest.c: 9.3. */
Model *load_state(Work *work, String bytes, const Options *options);
Value save_state(Work *work, const Value *state, const Value *structure);
Value ordered(Work *work, const Value *object, const Field *fields);
void write_json(Buffer *to, const Value *value);
void write_msgpack(Buffer *to, const Value *value);
bool example_holds(Work *work, const Model *model, const Value *example);

/* generator.c, sample.c, decode.c: section 15. */
typedef struct {
    uint32_t s[4];
} Generator;
typedef struct {
    float temperature, top_p;
    double top_k;
} Choice;
typedef struct {
    const Value *prime, *count, *mode, *temperature, *top_k, *top_p, *seed; /* as the caller gave them, or 0 */
} Request;
Generator make_generator(uint32_t seed);
double draw(Generator *generator);
size_t greedy(const float *x, size_t count);
size_t sample(Work *work, const float *x, size_t count, const Choice *choice, Generator *generator);
const char *generate(Work *work, const Model *model, const Request *request, size_t **ids, size_t *count);

/* arrays.c, answer.c, requests.c, play.c, commands.c: section 17.1. */
typedef struct {
    size_t rank, *shape, count;
    float *elements;
} Array;
Array array_read(Work *work, const Value *value);
Input ids_read(Work *work, const Value *value);
Input input_read(Work *work, const Model *model, const Value *value);
State *state_read(Work *work, const Model *model, const Value *value);
void put_array(Buffer *answer, const size_t *shape, size_t rank, const float *elements);
void put_state(Buffer *answer, const Model *model, const State *state);
void put_saved(Buffer *answer, const Model *saved);
const Value *need(Work *work, const Value *request, const char *key);
const Value *may(Work *work, const Value *request, const char *key, Type type);
String need_string(Work *work, const Value *request, const char *key);
String need_document(Work *work, const Value *request);
Options need_options(Work *work, const Value *request);
void play_run(Buffer *answer, const Value *request);
void play_decode(Buffer *answer, const Value *request);
void play_ctc(Buffer *answer, const Value *request);
void play_encode(Buffer *answer, const Value *request);
void play_text(Buffer *answer, const Value *request);
void command(Buffer *answer, const Value *request);

#endif
