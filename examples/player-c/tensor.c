/* Tensors (section 6): their structure, and their values as float32. */
#include "player.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

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

void check_tensor(Work *work, const Value *tensor, const Limits *limits)
{
    static const Field FIELDS[] = {{"dtype", true}, {"shape", true}, {"data", true}};
    check_members(work, tensor, FIELDS, COUNT(FIELDS));
    typed(work, tensor, "dtype", STRING);
    if (!word_is(tensor, "dtype", "float32") && !word_is(tensor, "dtype", "float16"))
        refuse(work, "STRUCTURE_ENUM");
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
}

static uint32_t word(const char *bytes, size_t count)
{
    uint32_t bits = 0;
    for (size_t i = count; i > 0; i--)
        bits = bits << 8 | (unsigned char)bytes[i - 1];
    return bits;
}

/* [agree-6]. The length is judged before memory is taken for what the shape claims. */
Tensor load_tensor(Work *work, const Value *value)
{
    const Value *shape = find(value, "shape"), *data = find(value, "data");
    Tensor tensor = {.rank = shape->count, .count = 1, .float16 = word_is(value, "dtype", "float16")};
    for (size_t i = 0; i < tensor.rank; i++) {
        tensor.shape[i] = (size_t)shape->items[i].number;
        tensor.count *= tensor.shape[i];
    }
    if (data->type == DECIMALS) {
        if (tensor.float16)
            refuse(work, "TENSOR_ENCODING");
        if (data->count != tensor.count)
            refuse(work, "TENSOR_LENGTH");
        tensor.values = data->decimals;
    } else {
        String bytes = data->string;
        if (data->type == BASE64)
            base64_read(work, data->string, &bytes);
        size_t each = tensor.float16 ? 2 : 4;
        if (bytes.count % each != 0 || bytes.count / each != tensor.count)
            refuse(work, "TENSOR_LENGTH");
        tensor.values = take(work, tensor.count, sizeof *tensor.values);
        for (size_t i = 0; i < tensor.count; i++) {
            uint32_t bits = word(bytes.bytes + i * each, each);
            tensor.values[i] = tensor.float16 ? float16_of(bits) : float32_of(bits);
        }
    }
    for (size_t i = 0; i < tensor.count; i++)
        if (!isfinite(tensor.values[i]))
            refuse(work, "TENSOR_NONFINITE");
    return tensor;
}
