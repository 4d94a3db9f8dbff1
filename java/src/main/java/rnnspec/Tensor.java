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
        FLOAT16("float16", 2),
        BFLOAT16("bfloat16", 2),
        INT8("int8", 1);

        private final String word;
        private final int size;

        Dtype(String word, int size) {
            this.word = word;
            this.size = size;
        }

        /**
         * The dtype's name in a file.
         *
         * @return such as {@code float32}
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
     * What a file stores of an int8 tensor [tensor-8].
     *
     * @param axis 0 if each row has a scale, 1 if each column has
     * @param scales [shape[axis]]
     * @param quanta the elements, row-major
     */
    record Quantised(int axis, float[] scales, byte[] quanta) {
        Tensor tensor(int... shape) {
            float[] values = new float[quanta.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = scales[axis == 0 ? i / shape[1] : i % shape[1]] * quanta[i];
            }
            return new Tensor(Dtype.INT8, shape, values, this);
        }
    }

    private final Dtype dtype;
    private final int[] shape;
    private final float[] values;

    /** Of int8, else null. */
    private final Quantised quantised;

    Tensor(Dtype dtype, int[] shape, float[] values, Quantised quantised) {
        this.dtype = dtype;
        this.shape = shape;
        this.values = values;
        this.quantised = quantised;
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
        return new Tensor(Dtype.FLOAT32, shape, values, null);
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
        return dtype == Dtype.FLOAT32 ? this : new Tensor(Dtype.FLOAT32, shape, values, null);
    }

    /** What a file stores of int8, else null. */
    Quantised quantised() {
        return quantised;
    }

    /**
     * The same values rounded to a narrower dtype, to nearest, ties to even [tensor-7].
     *
     * @param dtype float16 or bfloat16; with float32 the values stay what they are
     * @return a tensor that a file stores in that dtype; a value too large for it has become
     *     infinite
     */
    Tensor narrowed(Dtype dtype) {
        float[] rounded = values.clone();
        for (int i = 0; i < rounded.length && dtype != Dtype.FLOAT32; i++) {
            rounded[i] =
                    dtype == Dtype.FLOAT16
                            ? Narrow.roundToHalf(rounded[i])
                            : Narrow.roundToBrain(rounded[i]);
        }
        return new Tensor(dtype, shape, rounded, null);
    }

    /** The values that are nearest in int8, of a matrix, with a scale for each row or column. */
    Tensor quantised(int axis) {
        return Narrow.quantise(values, shape[0], shape[1], axis).tensor(shape);
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

    /** The values as a file stores them: little-endian, in the dtype. */
    byte[] bytes() {
        if (quantised != null) {
            return quantised.quanta().clone();
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.size()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (dtype == Dtype.FLOAT32) {
            bytes.asFloatBuffer().put(values);
        } else {
            boolean isHalf = dtype == Dtype.FLOAT16;
            for (float value : values) {
                bytes.putShort(isHalf ? Narrow.half(value) : Narrow.brain(value));
            }
        }
        return bytes.array();
    }
}
