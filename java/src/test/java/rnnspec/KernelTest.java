package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import rnnspec.kernel.Loops;
import rnnspec.kernel.PlainLoops;

/**
 * Which loops run. {@code make test-java} runs this twice: as Java starts, and with the Vector API.
 */
class KernelTest {
    /** What the build says is there: plain or vector. */
    private static final String EXPECTED = System.getProperty("rnnspec.test.kernel", "plain");

    private static final boolean HAS_VECTOR = EXPECTED.equals("vector");

    @AfterEach
    void forceNothing() {
        System.clearProperty(Kernel.PROPERTY);
    }

    private static Model model() {
        return new Fixtures.Net(5, 21, 3, 4).model();
    }

    /** Fails if the vector jar is there and silently not used. */
    @Test
    void theBestIsChosen() {
        assertEquals(EXPECTED, Kernel.path(), Kernel.reason());
        assertEquals(EXPECTED, Plan.compile(model()).kernel());
        if (HAS_VECTOR) {
            assertNull(Kernel.reason());
        } else {
            assertTrue(Kernel.reason().contains("--add-modules jdk.incubator.vector"));
        }
    }

    @Test
    void aPathCanBeForced() {
        System.setProperty(Kernel.PROPERTY, "plain");
        assertEquals("plain", Kernel.path());
        assertEquals("plain is forced", Kernel.reason());
        assertEquals("plain", Plan.compile(model()).kernel());
        System.setProperty(Kernel.PROPERTY, "vector");
        if (HAS_VECTOR) {
            assertEquals("vector", Plan.compile(model(), "vector").kernel());
            assertEquals("plain", Plan.compile(model(), "plain").kernel());
            assertEquals("vector", Kernel.path());
        } else {
            String told =
                    assertThrows(IllegalStateException.class, () -> Plan.compile(model()))
                            .getMessage();
            assertTrue(told.contains("--add-modules jdk.incubator.vector"), told);
        }
    }

    @Test
    void whatIsNotThereIsAnError() {
        System.setProperty(Kernel.PROPERTY, "avx512");
        String told = assertThrows(IllegalStateException.class, Kernel::path).getMessage();
        assertTrue(told.contains("\"avx512\"") && told.contains("plain and vector"), told);
        assertThrows(IllegalStateException.class, () -> Plan.compile(model(), "simd128"));
        Kernel.Choice nothing = Kernel.judge(List.<Loops>of().iterator());
        assertNull(nothing.loops());
        assertEquals("rnnspec-vector.jar is not on the path", nothing.reason());
    }

    /** Loops that do one thing wrong; by how much is too little for a tolerance. */
    private static final class Wrong implements Loops {
        private final Loops right = Kernel.chosen();
        private final int fault;

        Wrong(int fault) {
            this.fault = fault;
        }

        private void spoil(int number, float[] v, int at) {
            if (fault == number) {
                v[at] = Math.nextUp(v[at]);
            }
        }

        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public int padded(int width) {
            return right.padded(width);
        }

        @Override
        public int columns(int blocks, int width) {
            return right.columns(blocks, width);
        }

        @Override
        public Matrix pack(float[] w, int rows, int stride, int[] blocks, int width) {
            Matrix matrix = right.pack(w, rows, stride, blocks, width);
            return (y, first, x, from, count) -> {
                matrix.add(y, first, x, from, count);
                spoil(0, y[first + count - 1], 0);
            };
        }

        @Override
        public void sweep(Elementwise activation, float[] v, int from, int to, float[][] room) {
            right.sweep(activation, v, from, to, room);
            spoil(1, v, to - 1);
        }

        @Override
        public void exp(float[] v, int to, float[][] room) {
            right.exp(v, to, room);
            spoil(2, v, to - 1);
        }

        @Override
        public void remember(float[] c, float[] a, int f, int i, int g, int width) {
            right.remember(c, a, f, i, g, width);
            spoil(3, c, 0);
        }

        @Override
        public void gate(float[] y, float[] a, int o, float[] u, int width) {
            right.gate(y, a, o, u, width);
            spoil(4, y, 0);
        }

        @Override
        public void reset(float[] n, float[] a, int third, int width) {
            right.reset(n, a, third, width);
            spoil(5, n, 0);
        }

        @Override
        public void mix(float[] h, float[] a, int z, float[] n, int width) {
            right.mix(h, a, z, n, width);
            spoil(6, h, width - 1);
        }

        @Override
        public boolean areFinite(float[] v, int to) {
            return fault == 7 ? v.length > 0 : right.areFinite(v, to);
        }
    }

    @Test
    void loopsProveThemselves() {
        assertNull(KernelProof.fault(PlainLoops.INSTANCE));
        assertNull(KernelProof.fault(new Wrong(-1)));
        List<String> told = new ArrayList<>();
        for (int fault = 0; fault < 8; fault++) {
            Kernel.Choice choice = Kernel.judge(List.<Loops>of(new Wrong(fault)).iterator());
            assertNull(choice.loops(), "fault " + fault);
            assertNotNull(choice.reason());
            told.add(choice.reason());
        }
        assertEquals(8, told.stream().distinct().count(), told.toString());
    }

    private static void assertSame(Tensor expected, Tensor got) {
        assertArrayEquals(expected.values(), got.values());
    }

    /** Rows of many lengths, whole and step by step: the bits do not depend on the loops. */
    @Test
    void bothPathsHaveTheSameBits() {
        Random random = new Random(8);
        for (int hidden : new int[] {1, 7, 16, 40, 65}) {
            Model model = new Fixtures.Net(3, hidden, 5, hidden).model();
            Plan plain = Plan.compile(model, "plain");
            Plan best = Plan.compile(model);
            Tensor x = Tensor.of(Fixtures.floats(random, 6 * 70 * 3, 1), 6, 70, 3);
            int[] lengths = {3, 70, 0, 69, 3, 1};
            Run.Result expected = Run.run(plain, x, lengths, null);
            Run.Result got = Run.run(best, x, lengths, null);
            assertSame(expected.output(), got.output());
            for (Map.Entry<String, Map<String, Tensor>> layer :
                    expected.state().layers().entrySet()) {
                layer.getValue()
                        .forEach(
                                (name, array) ->
                                        assertSame(
                                                array,
                                                got.state()
                                                        .layers()
                                                        .get(layer.getKey())
                                                        .get(name)));
            }
            Session session = new Session(best, 6);
            float[] step = new float[6 * 3];
            float[] out = new float[6 * 5];
            for (int t = 0; t < 3; t++) {
                for (int k = 0; k < step.length; k++) {
                    step[k] = x.get((k / 3 * 70 + t) * 3 + k % 3);
                }
                session.step(step, out);
                for (int n : new int[] {0, 1, 3, 4}) {
                    for (int j = 0; j < 5; j++) {
                        assertEquals(expected.output().get((n * 70 + t) * 5 + j), out[n * 5 + j]);
                    }
                }
            }
        }
    }

    /** The order of rows by length in one call is not that of the next. */
    @Test
    void aSessionGoesOnAfterLengths() {
        Plan plan = Plan.compile(model());
        Tensor x = Tensor.of(Fixtures.floats(new Random(9), 3 * 4 * 5, 1), 3, 4, 5);
        Session together = new Session(plan, 3);
        together.run(x, new int[] {1, 4, 2});
        Tensor second = together.run(x, null);
        for (int n = 0; n < 3; n++) {
            float[] row = new float[4 * 5];
            System.arraycopy(x.values(), n * 20, row, 0, 20);
            Tensor alone = Tensor.of(row, 1, 4, 5);
            Session session = new Session(plan, 1);
            session.run(alone, new int[] {new int[] {1, 4, 2}[n]});
            float[] expected = session.run(alone, null).values();
            float[] got = new float[expected.length];
            System.arraycopy(second.values(), n * expected.length, got, 0, got.length);
            assertArrayEquals(expected, got);
        }
    }
}
