/* The kernel: products, activations and fused cells of rnnspec nets, with the bits of SPEC.md 12 and 13.
 *
 * It knows packed products, sweeps of an activation, and one time step of the plain cells. Everything else
 * (peepholes, clips, projections, merges, directions, lengths) is done around it, by the runtime that uses it.
 *
 * Rows of numbers that the kernel reads and writes are binary32. What it reads is after T ([tiny-2]); what it
 * gives is. All strides and widths are in elements. No function allocates. A `1` comes back where every number
 * that [finite-1] names is finite, a `0` where one is not.
 */
#ifndef RNNSPEC_KERNEL_H
#define RNNSPEC_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* The functions of SPEC.md 12.5 to 12.6, in the order of its table, then those of whole rows. */
enum {
    RNN_LINEAR, RNN_TANH, RNN_SIGMOID, RNN_RELU, RNN_LEAKY_RELU, RNN_ELU, RNN_SOFTPLUS, RNN_SOFTSIGN,
    RNN_HARD_SIGMOID, RNN_HARD_TANH, RNN_THRESHOLDED_RELU, RNN_SCALED_TANH, RNN_SOFTMAX, RNN_LOG_SOFTMAX
};

/* How the weights of a packed matrix are stored. Mixed: halves that are packed as such in every second row, and widened in
 * the others: what reads more waits for the memory, what is widened for the processor, and side by side they wait less
 * than either. WebAssembly has float32 alone. */
enum { RNN_FLOAT32, RNN_FLOAT16, RNN_BFLOAT16, RNN_MIXED_FLOAT16, RNN_MIXED_BFLOAT16 };

/* --- packing, once at load ------------------------------------------------------------------------------------
 *
 * A matrix [rows, blocks * units] is packed into panels of consecutive outputs, k-major. The blocks of a cell
 * (i, f, g, o) are interleaved, so that a panel has all gates of its units. Rows of products stand in the order of
 * the panels and are padded with +0: `rnn_columns` elements, 64-byte aligned. With blocks = 1 the order is the
 * natural one. rows may be 0.
 */
int32_t rnn_columns(int32_t units, int32_t blocks);
int64_t rnn_packed_bytes(int32_t rows, int32_t units, int32_t blocks, int32_t type);
/* `to` is 64-byte aligned and has rnn_packed_bytes. W is row-major with `stride` elements of `type` from row to row
 * (a part of the columns of a larger matrix can be packed); T is applied. W has float32, or the halves of `type`. */
void rnn_pack(void *to, const void *W, int32_t stride, int32_t rows, int32_t units, int32_t blocks, int32_t type);
/* The fastest of these for a net with weights of `type` (float32, float16, bfloat16) that take `bytes` as float32, on this
 * processor and at this level. */
int32_t rnn_storage(int32_t type, int64_t bytes);
/* A bias [blocks * units] as a row of products; NULL gives +0. */
void rnn_spread(float *to, const float *b, int32_t units, int32_t blocks);

/* --- work -----------------------------------------------------------------------------------------------------
 *
 * Rows of h, c and of a cell's y are padded to `rnn_columns(units, 1)` elements, the padding being +0 in h and c.
 */

/* [chain-1] for `count` rows: y = start, then + x[k] * W[k, j] for k ascending. start_stride 0: all rows start
 * alike. y may be start. No T: these are accumulators. */
void rnn_products(float *y, const float *start, int32_t start_stride, const float *x, int32_t x_stride,
                  const void *W, int32_t count);

/* [activation-1], [softmax-1], [log-softmax-1] for `count` rows of `width`; y may be x. Rows of y are written to
 * `width` and no further. */
int32_t rnn_sweep(int32_t function, float alpha, float beta, float *y, int32_t y_stride, const float *x,
                  int32_t x_stride, int32_t width, int32_t count);

/* Cells over `steps` time steps of `rows` rows, time-major: a [steps, rows, columns] are the products with W, from b
 * on; y [steps, rows, padded units]; the states are replaced. Sigmoid gates, tanh elsewhere. y may not be a. */
int32_t rnn_elman(float *y, float *h, const float *a, const void *R, int32_t steps, int32_t rows);
int32_t rnn_lstm(float *y, float *h, float *c, const float *a, const void *R, int32_t steps, int32_t rows);
/* [gru-2]: R has the blocks r and z, Rn is that of n; a has the three blocks r, z, n. */
int32_t rnn_gru_before(float *y, float *h, const float *a, const void *R, const void *Rn, float *u,
                       int32_t steps, int32_t rows);
/* [gru-3]: R has the blocks r, z, n; rb is one row of three blocks, of which only n's is read. u is scratch [rows, padded]. */
int32_t rnn_gru_after(float *y, float *h, const float *a, const void *R, const float *rb, int32_t steps, int32_t rows);

/* --- a whole net in one call, for languages to which a call is dear -------------------------------------------- */

enum { RNN_CALL_LOOKUP, RNN_CALL_PRODUCTS, RNN_CALL_SWEEP, RNN_CALL_ELMAN, RNN_CALL_LSTM, RNN_CALL_GRU_BEFORE,
       RNN_CALL_GRU_AFTER };

/* One call of the functions above. A NULL x reads the net's input, a NULL y writes the net's output; the fields that a
 * call does not need are 0. Lookup: y = row x of the table W, `width` elements, `start_stride` rows in the table. */
typedef struct {
    int32_t call;
    int32_t function; /* of a sweep */
    int32_t width;
    int32_t x_stride;
    int32_t y_stride;
    int32_t start_stride;
    float alpha;
    float beta;
    const void *W;      /* of products; R of a cell; the table of a lookup */
    const void *Rn;     /* of gru_before */
    const float *start; /* of products; rb of gru_after */
    const float *x;     /* a of a cell */
    float *y;
    float *h;
    float *c;           /* of lstm; u of gru_before */
} rnn_call;

typedef struct {
    const rnn_call *calls;
    int32_t count;
    int32_t rows;       /* N: of the batch */
    int32_t steps;      /* for how many time steps its buffers have room */
    int32_t input_width;  /* elements of a row of the input: numbers, or 1 id (int32) */
    int32_t output_width;
    int32_t reserved;
    float *state;       /* all h and c, one after the other */
    float *backup;      /* room for them */
    int64_t state_size; /* elements */
} rnn_net;

/* `steps` time steps, time-major, block by block. 1, or 0 if an id is none of the table, or a number is not finite: then
 * the state is what it was, and the output is not to be read. */
int32_t rnn_run(const rnn_net *net, const void *input, float *output, int64_t steps);

/* The same with one argument, for languages to which each argument is dear. */
typedef struct {
    const rnn_net *net;
    const void *input;
    float *output;
    int64_t steps;
} rnn_job;
int32_t rnn_do(const rnn_job *job);

/* --- what CPython calls directly (python.c; not in WebAssembly) -------------------------------------------------------
 *
 * To CPython a call of a few us by ctypes is dear: it may make a function of its own from `rnn_python_call`, with
 * PyCFunction_NewEx. It is told once per process, before the first call, where CPython's own functions are. */
typedef struct {
    const void *PyList_Type; /* addresses to compare with */
    const void *PyLong_Type;
    void *(*PyTuple_GetItem)(void *tuple, intptr_t at);
    void *(*PyLong_AsVoidPtr)(void *integer);
    void *(*PyObject_Type)(void *object);
    void (*Py_IncRef)(void *object);
    void (*Py_DecRef)(void *object);
    intptr_t (*PyList_Size)(void *list);
    void *(*PyList_GetItem)(void *list, intptr_t at);
    long long (*PyLong_AsLongLong)(void *integer);
    void (*PyErr_Clear)(void);
    void *(*PyEval_SaveThread)(void);
    void (*PyEval_RestoreThread)(void *thread);
    void *(*PyObject_CallNoArgs)(void *callable);
    void *(*PyObject_Vectorcall)(void *callable, void *const *arguments, size_t count, void *names);
} rnn_python;
void rnn_python_is(const rnn_python *python);

/* A step of one id. */
typedef struct {
    rnn_job job;
    int32_t *id;    /* the input of the job */
    void *out;      /* the object whose numbers are the output of the job */
    int64_t tokens; /* ids are below */
} rnn_python_step;

/* A PyCFunctionFastWithKeywords: (x, out=None) -> the output. `self` is a tuple that keeps alive what the step needs:
 * another function of these arguments, one that copies the step's `out`, and the address of an rnn_python_step, as an
 * integer. With the step's `out`, or none, and an x that is exactly an int below `tokens`, or a list of one, the step is done
 * here. All else, and a step that gives 0, is the other function's. */
void *rnn_python_call(void *self, void *const *arguments, intptr_t count, void *names);

/* The number of this interface: raised whenever a struct above, a function or what one means becomes another. Who loads the
 * library asks for it first, because the proof says nothing of how a net is handed over. WebAssembly has none: its module
 * and who calls it are one file. */
enum { RNN_VERSION = 3 };
int32_t rnn_version(void);

/* --- levels of the native library ------------------------------------------------------------------------------- */

enum { RNN_BASELINE, RNN_AVX2, RNN_AVX512, RNN_NEON, RNN_SIMD128 };

/* The level in use. `rnn_choose(-1)` takes the best that this processor has, and is what loading does; another value asks
 * for that level: what is in use then comes back. Packed matrices do not depend on the level. */
int32_t rnn_level(void);
int32_t rnn_choose(int32_t level);

/* A digest over the bits of all functions above on numbers of its own making, in about 50 us: what kernel/proof.json says. */
uint32_t rnn_proof(void);

#endif
