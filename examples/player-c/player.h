/* A player for rnnspec 1.0-draft.1 (SPEC.md, [claim-1]). Names are those of SPEC.md; numbers in brackets are its ids.
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

/* memory.c: an arena, and the one way out. */
typedef struct Block Block;
typedef struct {
    jmp_buf out;
    Block *blocks;
    const char *code;    /* why the message failed: a code of section 16 ... */
    const char *message; /* ... or the adapter's own words */
} Work;

void *take(Work *work, size_t count, size_t size); /* zeroed */
void *grow(Work *work, void *old, size_t used, size_t *room, size_t size);
void release(Work *work);
_Noreturn void refuse(Work *work, const char *code);
_Noreturn void complain(Work *work, const char *message);

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
typedef enum { PLAIN, TOP, TENSORS, TENSOR, DATA } Place; /* is it tensor data? The path alone tells. */

extern const Limits DEFAULT_LIMITS;
bool same(String string, const char *word);
bool equal(String a, String b);
void sort_members(Work *work, Value *object);
Place place_of_member(Place place, String key);
const Value *find(const Value *object, const char *key);
const Value *find_string(const Value *object, String key);

/* text.c, json.c, msgpack.c, document.c: bytes to values. */
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

/* structure.c, parts.c: sections 5 to 9. */
typedef struct {
    const char *name;
    bool required;
} Field;
void check_document(Work *work, const Value *document, const Limits *limits);
void check_members(Work *work, const Value *object, const Field *fields, size_t count);
const Value *typed(Work *work, const Value *object, const char *key, Type type);
bool word_is(const Value *object, const char *key, const char *word);
double check_integer(Work *work, const Value *value, double low, double high);
void check_number(Work *work, const Value *value, double low, double high);
void check_strings(Work *work, const Value *list);
void check_name(Work *work, String name);
void check_layers(Work *work, const Value *layers, const Limits *limits);
void check_examples(Work *work, const Value *examples);

/* tensor.c, model.c, agreement.c, vocabulary.c: the model (sections 6 to 9), and section 10. */
typedef struct {
    size_t rank, shape[3], count;
    bool float16, used;
    float *values;
} Tensor;
typedef struct {
    size_t count;
    const Value *tokens;
    double unknown, start, end, padding; /* -1: none */
} Vocabulary;
typedef enum { EMBEDDING, ONE_HOT, LSTM, DENSE, SOFTMAX, LOG_SOFTMAX } Kind;
typedef struct {
    String name;
    Kind kind;
    size_t in, out;
    const float *E, *W, *R, *b;
} Layer;
typedef struct {
    const Value *document;
    Tensor *tensors; /* one for each member of `tensors`, in its order */
    bool tokens;     /* input.kind */
    size_t width;    /* of the input: `size`, or V */
    Vocabulary *input_vocabulary, *output_vocabulary;
    bool generates; /* both are one vocabulary */
    size_t count, recurrent;
    Layer *layers;
    bool sample; /* the defaults of `decoding` */
    double temperature; /* 0: none */
} Model;

void check_tensor(Work *work, const Value *tensor, const Limits *limits);
Tensor load_tensor(Work *work, const Value *tensor);
Tensor *refer(Work *work, Model *model, const Value *name);
void need_shape(Work *work, const Tensor *tensor, size_t rank, size_t a, size_t b, size_t c);
Model *load_model(Work *work, String bytes, const Limits *limits);
void agree_output(Work *work, Model *model);
void agree_examples(Work *work, Model *model);
String vocabulary_token(const Vocabulary *vocabulary, size_t id);
bool is_special(const Vocabulary *vocabulary, double id);
const char *vocabulary_encode(Work *work, const Vocabulary *vocabulary, String text, double **ids, size_t *count);

/* functions.c: section 12. */
float tiny(float v); /* T */
float function_exp(float x);
float function_log(float x);
float function_tanh(float x);
float function_sigmoid(float x);
float sum(const float *v, size_t count);

/* net.c: section 13. run.c: section 14. */
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

Scratch *make_scratch(Work *work, const Model *model);
bool net_step(const Model *model, Scratch *scratch, State *state, size_t row, size_t id, const float *x);
State *make_state(Work *work, const Model *model, size_t rows);
Session make_session(Work *work, const Model *model);
void restore(Session *session, State *state);
const char *run(Session *session, const Input *input, const Value *lengths, float *output);

/* decode.c: section 15. */
typedef struct {
    const Value *prime, *mode, *temperature, *seed; /* as the caller gave them, or 0 */
    size_t count;
} Request;
const char *generate(Work *work, const Model *model, const Request *request, size_t **ids, size_t *count);

/* arrays.c, answer.c, commands.c: section 17.1. */
typedef struct {
    Work *work;
    char *bytes;
    size_t count, room;
} Answer;
typedef struct {
    size_t rank, *shape, count;
    float *elements;
} Array;
Array array_read(Work *work, const Value *value);
Input input_read(Work *work, const Model *model, const Value *value);
State *state_read(Work *work, const Model *model, const Value *value);
void put(Answer *answer, const char *text);
void put_number(Answer *answer, size_t number);
void put_string(Answer *answer, String string);
void put_array(Answer *answer, const size_t *shape, size_t rank, const float *elements);
void put_state(Answer *answer, const Model *model, const State *state);
void command(Answer *answer, const Value *request);

#endif
