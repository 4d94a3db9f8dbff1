package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users hold in their hands: ways in, arrays and buffers, and messages for wrong use. */
class FaceTest {
    private static final int N = 2;
    private static final int T = 5;
    private static final int I = 3;
    private static final int OUT = 4;

    private final Plan plan = Plan.compile(new Fixtures.Net(I, 6, OUT, 1).model());
    private final Plan tokens = Plan.compile(Fixtures.load(Fixtures.FULL));
    private final float[] x = Fixtures.floats(new Random(1), N * T * I, 1);
    private final float[] y = Run.run(plan, Tensor.of(x, N, T, I)).output().values();

    @Test
    void aModelComesFromAPathAStreamOrBytes(@TempDir Path folder) throws IOException {
        byte[] bytes = Fixtures.bytes(Fixtures.FULL);
        Path path = folder.resolve("any.name");
        Files.write(path, bytes);
        AtomicInteger closed = new AtomicInteger();
        InputStream in =
                new ByteArrayInputStream(bytes) {
                    @Override
                    public void close() {
                        closed.incrementAndGet();
                    }
                };
        String digest = Digest.fingerprint(Model.load(bytes));
        assertEquals(digest, Digest.fingerprint(Model.load(path)));
        assertEquals(digest, Digest.fingerprint(Model.load(in)));
        assertEquals(0, closed.get());
        assertEquals(-1, in.read());
        InputStream endless = InputStream.nullInputStream();
        assertThrows(RnnspecException.class, () -> Model.load(endless));
        Limits small = Limits.DEFAULT.with("size", 10);
        InputStream large = new ByteArrayInputStream(bytes);
        assertEquals(
                "LIMIT_SIZE",
                assertThrows(RnnspecException.class, () -> Load.load(large, small)).code());
        assertEquals(bytes.length - 11, large.available());
    }

    /** Values in the middle of a buffer, with the position before and the limit behind them. */
    private static FloatBuffer inside(FloatBuffer buffer, float[] values) {
        buffer.position(2).limit(2 + values.length);
        buffer.duplicate().put(values);
        return buffer;
    }

    private static FloatBuffer heap(int size) {
        return FloatBuffer.allocate(size + 5);
    }

    private static FloatBuffer direct(int size) {
        return ByteBuffer.allocateDirect(4 * size + 20)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static FloatBuffer swapped(int size) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * size + 20);
        return bytes.order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
    }

    private static void assertHolds(float[] expected, FloatBuffer buffer) {
        assertEquals(2, buffer.position());
        assertEquals(2 + expected.length, buffer.limit());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected[i]),
                    Float.floatToRawIntBits(buffer.get(2 + i)));
        }
        buffer.clear();
        assertEquals(0, buffer.get(1));
        assertEquals(0, buffer.get(2 + expected.length));
    }

    @Test
    void buffersOfEveryKindGiveTheBitsOfArrays() {
        Session arrays = new Session(plan, N);
        Session buffers = new Session(plan, N);
        for (int t = 0; t < T; t++) {
            float[] step = new float[N * I];
            for (int n = 0; n < N; n++) {
                System.arraycopy(x, (n * T + t) * I, step, n * I, I);
            }
            float[] expected = new float[N * OUT];
            arrays.step(step, expected);
            FloatBuffer in = t % 2 == 0 ? direct(N * I) : swapped(N * I);
            FloatBuffer out = t % 2 == 0 ? heap(N * OUT) : direct(N * OUT);
            inside(in, step);
            inside(out, new float[N * OUT]);
            buffers.step(in.asReadOnlyBuffer().position(2), out);
            assertHolds(step, in);
            assertHolds(expected, out);
        }
        float[] whole = new float[N * T * OUT];
        new Session(plan, N).run(x, whole);
        assertArrayEquals(y, whole);
        FloatBuffer out = inside(swapped(whole.length), new float[whole.length]);
        FloatBuffer in = inside(heap(x.length), x);
        new Session(plan, N).run(in, out);
        assertHolds(y, out);
        assertHolds(x, in);
    }

    @Test
    void oneRowNeedsNoShape() {
        Session session = new Session(plan, 1);
        float[] row = Arrays.copyOf(x, T * I);
        float[] expected = Arrays.copyOf(y, T * OUT);
        assertArrayEquals(expected, Run.run(plan, row).output().values());
        FloatBuffer buffer = inside(direct(row.length), row);
        assertArrayEquals(expected, Run.run(plan, buffer).output().values());
        assertHolds(row, buffer);
        float[] out = new float[T * OUT];
        session.run(row, out);
        assertArrayEquals(expected, out);
        Tensor output = Run.run(plan, row).output();
        FloatBuffer copy = inside(heap(out.length), new float[out.length]);
        output.copyTo(copy);
        assertHolds(expected, copy);
        output.copyTo(out);
        assertArrayEquals(expected, out);
        FloatBuffer tensor = inside(swapped(6), new float[] {1, 2, 3, 4, 5, 6});
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, Tensor.of(tensor, 2, 3).values());
    }

    @Test
    void idsGoIntoBuffersToo() {
        Session session = new Session(tokens);
        float[] expected = new float[4];
        new Session(tokens).step(new int[] {2}, expected);
        FloatBuffer out = inside(direct(4), new float[4]);
        session.step(new int[] {2}, out);
        assertHolds(expected, out);
    }

    /** The message names the argument, what was expected and what was given. */
    private static void assertTold(String expected, String got, Supplier<?> call) {
        RnnspecException found = assertThrows(RnnspecException.class, call::get);
        assertEquals("RUN_SHAPE", found.code());
        assertEquals(
                "expected %s, got %s".formatted(expected, got), found.issues().get(0).expected());
        assertTrue(found.getMessage().contains(got));
    }

    private static Supplier<?> of(Runnable call) {
        return () -> {
            call.run();
            return null;
        };
    }

    @Test
    void wrongShapesAreToldWithBothShapes() {
        Session session = new Session(plan, N);
        float[] out = new float[N * OUT];
        float[] in = new float[N * I];
        assertTold("[N, T, 3]", "[2, 5]", () -> Run.run(plan, Tensor.of(new float[10], 2, 5)));
        assertTold(
                "[2, T, 3]",
                "[1, 1, 3]",
                () -> session.run(Tensor.of(new float[3], 1, 1, 3), null));
        assertTold("[2, T, 3]", "7 numbers", of(() -> session.run(new float[7], out)));
        assertTold("[1, T, 3]", "4 numbers", () -> Run.run(plan, new float[4]));
        assertTold("[2, 3], 6 elements", "[5]", of(() -> session.step(new float[5], out)));
        assertTold("[2, 4], 8 elements", "[9]", of(() -> session.step(in, new float[9])));
        assertTold("[2, 1, 4], 8 elements", "[9]", of(() -> session.run(in, new float[9])));
        assertTold(
                "[2, 3], 6 elements",
                "[4]",
                of(() -> session.step(FloatBuffer.allocate(4), FloatBuffer.wrap(out))));
        assertTold(
                "[2, 4], 8 elements",
                "[4]",
                of(() -> session.step(FloatBuffer.wrap(in), FloatBuffer.allocate(4))));
        assertTold("[N, T, 3]", "ids [1, 2]", () -> Run.run(plan, new int[][] {{1, 2}}));
        assertTold("features [2, 3]", "ids [2]", of(() -> session.step(new int[2], out)));
        assertTold(
                "ids [N, T]", "[1, 1, 3]", () -> Run.run(tokens, Tensor.of(new float[3], 1, 1, 3)));
        assertTold(
                "ids [N, T]",
                "rows of 2 and of 1 ids",
                () -> Run.run(tokens, new int[][] {{1, 2}, {1}}));
        assertTold(
                "ids [1]",
                "3 numbers",
                of(() -> new Session(tokens).step(new float[3], new float[4])));
        assertTold("[2]", "[1]", () -> Run.run(plan, Tensor.of(x, N, T, I), new int[1], null));
        assertTold(
                "[2, 5, 4], 40 elements",
                "7 elements",
                of(() -> Run.run(plan, Tensor.of(x, N, T, I)).output().copyTo(new float[7])));
        assertTold("6 elements", "[7]", () -> Tensor.of(new float[6], 7));
        assertThrows(
                IllegalArgumentException.class,
                () -> session.step(FloatBuffer.wrap(in), FloatBuffer.wrap(out).asReadOnlyBuffer()));
        assertArrayEquals(new float[N * OUT], out);
    }

    /** A state of a caller can't be changed from outside, and storage types do not show in it. */
    @Test
    void aStateIsItsOwn() {
        Map<String, Tensor> arrays = new HashMap<>();
        Tensor half = Fixtures.load(Fixtures.FULL).tensors().get("R");
        assertEquals(Tensor.Dtype.FLOAT16, half.dtype());
        arrays.put("h", half);
        State state = State.of(Map.of("l", arrays));
        arrays.clear();
        assertEquals(Tensor.Dtype.FLOAT32, state.layers().get("l").get("h").dtype());
        assertThrows(UnsupportedOperationException.class, () -> state.layers().clear());
        assertThrows(UnsupportedOperationException.class, () -> state.layers().get("l").clear());
    }
}
