package rnnspec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * float32 values with a shape, row-major (SPEC section 6).
 *
 * <p>A Tensor is immutable: share it between threads. Parameters, inputs, outputs and states are
 * tensors. One that was read from a file also knows in which dtype it was stored.
 */
public final class Tensor {
    /** How a file stores the values. */
    public enum Dtype {
        FLOAT32("float32", 4),
        FLOAT16("float16", 2);

        private final String word;
        private final int size;

        Dtype(String word, int size) {
            this.word = word;
            this.size = size;
        }

        /**
         * The dtype's name in a file.
         *
         * @return {@code float32} or {@code float16}
         */
        public String word() {
            return word;
        }

        /**
         * The size of an element.
         *
         * @return bytes
         */
        public int size() {
            return size;
        }

        static List<String> words() {
            return Arrays.stream(values()).map(Dtype::word).toList();
        }

        static Dtype of(String word) {
            return values()[words().indexOf(word)];
        }
    }

    /**
     * A tensor as it stands in a file, sound in itself but not yet judged in agreement.
     *
     * @param data {@link JsonReader.Decimals} or {@link MsgpackReader.Bytes}
     */
    record Entry(Dtype dtype, int[] shape, Object data) {

        /** The number of elements that the shape asks for, without overflow. */
        long elements() {
            return count(shape);
        }

        /** How long the data are if there are so many elements, without overflow. */
        long length(long elements) {
            int size = data instanceof JsonReader.Decimals ? 1 : dtype.size();
            return elements > Integer.MAX_VALUE ? Long.MAX_VALUE : elements * size;
        }

        /** How long the data are: elements of a list, or bytes. */
        int length() {
            return data instanceof JsonReader.Decimals decimals
                    ? decimals.count()
                    : ((MsgpackReader.Bytes) data).length();
        }

        /** The values, widened; the data fit the shape. */
        Tensor tensor() {
            if (data instanceof JsonReader.Decimals decimals) {
                float[] values = decimals.values();
                int count = decimals.count();
                return new Tensor(
                        dtype,
                        shape,
                        values.length == count ? values : Arrays.copyOf(values, count));
            }
            MsgpackReader.Bytes bytes = (MsgpackReader.Bytes) data;
            ByteBuffer buffer =
                    ByteBuffer.wrap(bytes.array(), bytes.from(), bytes.length())
                            .slice()
                            .order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.length() / dtype.size()];
            if (dtype == Dtype.FLOAT32) {
                buffer.asFloatBuffer().get(values);
            } else {
                for (int i = 0; i < values.length; i++) {
                    values[i] = widen(buffer.getShort(2 * i));
                }
            }
            return new Tensor(dtype, shape, values);
        }
    }

    private final Dtype dtype;
    private final int[] shape;
    private final float[] values;

    private Tensor(Dtype dtype, int[] shape, float[] values) {
        this.dtype = dtype;
        this.shape = shape;
        this.values = values;
    }

    /**
     * A tensor of these values.
     *
     * @param values row-major; copied
     * @param shape copied; its product is the number of values
     * @return the tensor
     * @throws RnnspecException RUN_SHAPE if the shape does not fit the values
     */
    public static Tensor of(float[] values, int... shape) {
        return wrap(values.clone(), shape.clone());
    }

    /**
     * A tensor of these values.
     *
     * @param values row-major, from the buffer's position to its limit, which stay; copied
     * @param shape copied; its product is the number of values
     * @return the tensor
     * @throws RnnspecException RUN_SHAPE if the shape does not fit the values
     */
    public static Tensor of(FloatBuffer values, int... shape) {
        float[] copy = new float[values.remaining()];
        values.get(values.position(), copy);
        return wrap(copy, shape.clone());
    }

    /** The same without copying: the arrays are the tensor's own from now on. */
    static Tensor wrap(float[] values, int... shape) {
        if (Arrays.stream(shape).anyMatch(n -> n < 0) || count(shape) != values.length) {
            throw wrongShape("shape", values.length + " elements", show(shape));
        }
        return new Tensor(Dtype.FLOAT32, shape, values);
    }

    /**
     * The storage type; arithmetic is float32 whatever it is.
     *
     * @return float32 but for what was read from a file as something else
     */
    public Dtype dtype() {
        return dtype;
    }

    /**
     * The shape.
     *
     * @return a copy
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The values, row-major.
     *
     * @return a copy
     */
    public float[] values() {
        return values.clone();
    }

    /**
     * The number of elements.
     *
     * @return the product of the shape
     */
    public int size() {
        return values.length;
    }

    /**
     * One element.
     *
     * @param index its place in row-major order
     * @return its value
     */
    public float get(int index) {
        return values[index];
    }

    /**
     * Copies the values, row-major, into an array.
     *
     * @param out as long as there are elements; written
     * @throws RnnspecException RUN_SHAPE if it is not
     */
    public void copyTo(float[] out) {
        checkSize("out", out.length);
        System.arraycopy(values, 0, out, 0, values.length);
    }

    /**
     * Copies the values, row-major, into a buffer from its position on. Position and limit stay.
     *
     * @param out with as many elements remaining as there are; written
     * @throws RnnspecException RUN_SHAPE if it has not
     * @throws java.nio.ReadOnlyBufferException if it can't be written
     */
    public void copyTo(FloatBuffer out) {
        checkSize("out", out.remaining());
        out.put(out.position(), values);
    }

    private void checkSize(String name, int got) {
        if (got != values.length) {
            throw wrongShape(
                    name, show(shape) + ", " + values.length + " elements", got + " elements");
        }
    }

    /** A wrong shape of an argument, with both shapes. */
    static RnnspecException wrongShape(String name, String expected, String got) {
        return RnnspecException.in(
                Codes.RUN_SHAPE, name, "name", name, "expected", expected, "got", got);
    }

    /** The first dimension; 0 if there is none. */
    int rows() {
        return shape.length == 0 ? 0 : shape[0];
    }

    /** The same values as float32, whatever they were stored as. */
    Tensor asFloat32() {
        return dtype == Dtype.FLOAT32 ? this : new Tensor(Dtype.FLOAT32, shape, values);
    }

    /** Judges the elements of an argument [run-5]. */
    void checkFinite(String name) {
        checkFinite(name, values, 0, values.length);
    }

    static void checkFinite(String name, float[] values, int from, int to) {
        int bad = firstNonfinite(values, from, to);
        if (bad >= 0) {
            throw nonfinite(name, values[bad]);
        }
    }

    static RnnspecException nonfinite(String name, float got) {
        return RnnspecException.in(
                Codes.RUN_NONFINITE_INPUT, name, "name", name, "got", Float.toString(got));
    }

    /** The shape as a list. */
    List<Integer> dimensions() {
        return IntStream.of(shape).boxed().toList();
    }

    /** The values themselves, for reading only. */
    float[] raw() {
        return values;
    }

    boolean hasShape(int... other) {
        return Arrays.equals(shape, other);
    }

    /** Index of the first element that is infinite or NaN, or −1. */
    int firstNonfinite() {
        return firstNonfinite(values, 0, values.length);
    }

    static int firstNonfinite(float[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!(Math.abs(values[i]) <= Float.MAX_VALUE)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return dtype.word() + show(shape);
    }

    static String show(List<Integer> shape) {
        return show(shape.stream().mapToInt(Integer::intValue).toArray());
    }

    /** A shape as the specification writes it. */
    static String show(int... shape) {
        return IntStream.of(shape)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** The product of a shape, or the largest long if that is less. */
    static long count(int... shape) {
        long count = 1;
        for (int n : shape) {
            if (n > 0 && count > Long.MAX_VALUE / n) {
                return Long.MAX_VALUE;
            }
            count *= n;
        }
        return count;
    }

    /**
     * T of SPEC section 12.2: what is too small for its products never to be subnormal becomes +0.
     *
     * @param value any
     * @return the value, or +0 if its magnitude is below 2^-51; NaN stays NaN
     */
    public static float tiny(float value) {
        return Math.abs(value) < 0x1p-51f ? 0f : value;
    }

    /** binary16 to binary32, exactly. */
    static float widen(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1F;
        int fraction = half & 0x3FF;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 31 ? 255 : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** binary32 to binary16, for values that {@link #widen} gave. */
    static short narrow(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int exponent = (bits >> 23 & 0xFF) - 127 + 15;
        if (exponent <= 0) {
            return (short) (sign | (int) (Math.abs(value) * 0x1p24f));
        }
        return (short) (sign | exponent << 10 | bits >> 13 & 0x3FF);
    }

    /** The values as a file stores them: little-endian, in the dtype. */
    byte[] bytes() {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.size()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (dtype == Dtype.FLOAT32) {
            bytes.asFloatBuffer().put(values);
        } else {
            for (float value : values) {
                bytes.putShort(narrow(value));
            }
        }
        return bytes.array();
    }
}
