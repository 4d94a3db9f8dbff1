/* Tensors (section 6): their structure, and their values as float32. */
#include "player.h"

#include <math.h>

/* [tensor-5]: the product, or one more than the limit as soon as it is beyond it. */
static size_t product(const Value *shape, size_t limit)
{
    size_t count = 1;
    for (size_t i = 0; i < shape->count; i++) {
        size_t size = (size_t)shape->items[i].number;
        if (size > limit / count)
            return limit + 1;
        count *= size;
    }
    return count;
}

static void check_tensor(Work *work, const Value *tensor, const Limits *limits)
{
    static const Field FIELDS[] = {{"dtype", true}, {"shape", true}, {"data", true}, {"extensions", false}, {0}};
    static const char *const DTYPES[] = {"float32", "float16", NULL};
    check_members(work, tensor, FIELDS);
    check_words(work, tensor, "dtype", DTYPES);
    const Value *shape = typed(work, tensor, "shape", LIST);
    if (shape->count < 1 || shape->count > 3)
        refuse(work, "STRUCTURE_LENGTH");
    for (size_t i = 0; i < shape->count; i++)
        check_integer(work, &shape->items[i], 1, 2147483647);
    if (product(shape, limits->elements) > limits->elements)
        refuse(work, "LIMIT_ELEMENTS");
    const Value *data = find(tensor, "data");
    if ((data->type != BYTES && data->type != BASE64 && data->type != DECIMALS) || data->odd)
        refuse(work, "STRUCTURE_TYPE");
    if (data->type == BASE64 && !base64_read(work, data->string, NULL))
        refuse(work, "STRUCTURE_BASE64");
    check_extensions(work, tensor);
}

void check_tensors(Work *work, const Value *tensors, const Limits *limits)
{
    for (size_t i = 0; i < tensors->count; i++) {
        check_name(work, tensors->members[i].key);
        check_tensor(work, &tensors->members[i].value, limits);
    }
}

/* [tensor-1]: the bytes that the data stand for, whatever their form. */
String tensor_bytes(Work *work, const Value *data)
{
    String bytes = data->string;
    if (data->type == BASE64)
        base64_read(work, data->string, &bytes);
    if (data->type != DECIMALS)
        return bytes;
    unsigned char *to = take(work, data->count, 4);
    for (size_t i = 0; i < 4 * data->count; i++)
        to[i] = (unsigned char)(bits_of(data->decimals[i / 4]) >> 8 * (i % 4) & 0xFF);
    return (String){(const char *)to, 4 * data->count};
}

static uint32_t word(const char *bytes, size_t count)
{
    uint32_t bits = 0;
    for (size_t i = count; i > 0; i--)
        bits = bits << 8 | (unsigned char)bytes[i - 1];
    return bits;
}

/* [agree-6]. The length is judged before memory is taken for what the shape claims. */
static Tensor load_tensor(Work *work, const Value *value)
{
    const Value *shape = find(value, "shape"), *data = find(value, "data");
    Tensor tensor = {.rank = shape->count, .count = 1, .float16 = word_is(value, "dtype", "float16")};
    for (size_t i = 0; i < tensor.rank; i++) {
        tensor.shape[i] = (size_t)shape->items[i].number;
        tensor.count *= tensor.shape[i];
    }
    if (data->type == DECIMALS && tensor.float16)
        refuse(work, "TENSOR_ENCODING");
    String bytes = tensor_bytes(work, data);
    size_t each = tensor.float16 ? 2 : 4;
    if (bytes.count % each != 0 || bytes.count / each != tensor.count)
        refuse(work, "TENSOR_LENGTH");
    tensor.values = take(work, tensor.count, sizeof *tensor.values);
    for (size_t i = 0; i < tensor.count; i++) {
        uint32_t bits = word(bytes.bytes + i * each, each);
        tensor.values[i] = tensor.float16 ? float16_of(bits) : float32_of(bits);
        if (!isfinite(tensor.values[i]))
            refuse(work, "TENSOR_NONFINITE");
    }
    return tensor;
}

void load_tensors(Work *work, Model *model)
{
    const Value *tensors = find(model->document, "tensors");
    model->tensors = take(work, tensors->count, sizeof *model->tensors);
    for (size_t i = 0; i < tensors->count; i++)
        model->tensors[i] = load_tensor(work, &tensors->members[i].value);
}

/* Tensors lie in the order of their members. */
Tensor *tensor_named(Work *work, const Model *model, const Value *name)
{
    const Value *tensors = find(model->document, "tensors");
    const Value *found = find_string(tensors, name->string);
    if (found == NULL)
        refuse(work, "TENSOR_UNKNOWN");
    const Member *member = (const Member *)((const char *)found - offsetof(Member, value));
    return &model->tensors[member - tensors->members];
}

/* A reference to a tensor: there is one of that name, and this is the only reference to it ([agree-4]). */
Tensor *refer(Work *work, Model *model, const Value *name)
{
    Tensor *tensor = tensor_named(work, model, name);
    if (tensor->used)
        refuse(work, "TENSOR_REUSED");
    tensor->used = true;
    return tensor;
}

/* [agree-5], [saved-2]: what is no parameter is float32. */
Tensor *refer_float32(Work *work, Model *model, const Value *name)
{
    Tensor *tensor = refer(work, model, name);
    if (tensor->float16)
        refuse(work, "TENSOR_DTYPE");
    return tensor;
}

/* Sizes from the first on; 0 where there is none. */
void need_shape(Work *work, const Tensor *tensor, size_t rank, size_t a, size_t b, size_t c)
{
    const size_t sizes[] = {a, b, c};
    bool good = tensor->rank == rank;
    for (size_t i = 0; good && i < rank; i++)
        good = tensor->shape[i] == sizes[i];
    if (!good)
        refuse(work, "TENSOR_SHAPE");
}
