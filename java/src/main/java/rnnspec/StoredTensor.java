package rnnspec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as it stands in a file, sound in itself but not yet judged in agreement.
 *
 * @param axis of int8 which dimension has a scale for each index
 * @param scale of int8, as data of float32; else null
 * @param data {@link JsonReader.Decimals} or {@link MsgpackReader.Bytes}
 */
record StoredTensor(Tensor.Dtype dtype, int[] shape, int axis, Object scale, Object data) {

    /** The number of elements that the shape asks for, without overflow. */
    long elements() {
        return Tensor.count(shape);
    }

    /** The scale of int8 as a tensor of its own. */
    StoredTensor scales() {
        return new StoredTensor(Tensor.Dtype.FLOAT32, new int[] {shape[axis]}, 0, null, scale);
    }

    /** How long the data are if they fit the shape, without overflow. */
    long expectedLength() {
        int size = data instanceof JsonReader.Decimals ? 1 : dtype.size();
        return elements() > Integer.MAX_VALUE ? Long.MAX_VALUE : elements() * size;
    }

    /** How long the data are: elements of a list, or bytes. */
    int length() {
        return data instanceof JsonReader.Decimals decimals
                ? decimals.count()
                : ((MsgpackReader.Bytes) data).length();
    }

    /** Index of the first element of int8 that no symmetric range has, or −1. */
    int firstQuantum() {
        MsgpackReader.Bytes bytes = (MsgpackReader.Bytes) data;
        for (int i = 0; i < bytes.length(); i++) {
            if (bytes.array()[bytes.from() + i] == Byte.MIN_VALUE) {
                return i;
            }
        }
        return -1;
    }

    /** The values of int8; scale and data fit the shape. */
    Tensor tensor(float[] scales) {
        MsgpackReader.Bytes bytes = (MsgpackReader.Bytes) data;
        byte[] quanta =
                Arrays.copyOfRange(bytes.array(), bytes.from(), bytes.from() + bytes.length());
        return new Tensor.Quantised(axis, scales, quanta).tensor(shape);
    }

    /** The values, widened, but for int8; the data fit the shape. */
    Tensor tensor() {
        if (data instanceof JsonReader.Decimals decimals) {
            float[] values = decimals.values();
            int count = decimals.count();
            return new Tensor(
                    dtype,
                    shape,
                    values.length == count ? values : Arrays.copyOf(values, count),
                    null);
        }
        MsgpackReader.Bytes bytes = (MsgpackReader.Bytes) data;
        ByteBuffer buffer =
                ByteBuffer.wrap(bytes.array(), bytes.from(), bytes.length())
                        .slice()
                        .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.length() / dtype.size()];
        if (dtype == Tensor.Dtype.FLOAT32) {
            buffer.asFloatBuffer().get(values);
        } else {
            boolean isHalf = dtype == Tensor.Dtype.FLOAT16;
            for (int i = 0; i < values.length; i++) {
                short stored = buffer.getShort(2 * i);
                values[i] = isHalf ? Narrow.widen(stored) : Narrow.widenBrain(stored);
            }
        }
        return new Tensor(dtype, shape, values, null);
    }
}
