package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import org.junit.jupiter.api.Test;

class DecodingTest {
    private static final Decoding.Options NONE = Decoding.Options.NONE;

    /** From token k the logits of a one-hot net are row k of a matrix. */
    private static Plan plan(String special, String decoding, String matrix) {
        return Plan.compile(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.1", "input": {"kind": "tokens", "vocabulary": "v"},
                        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b", "c"]%s}},
                        "layers": [{"name": "o", "type": "one_hot"},
                        {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "W"}},
                        {"name": "s", "type": "activation", "function": "log_softmax"}],
                        "output": {"kind": "log_probabilities", "vocabulary": "v"}%s, "tensors": {
                        "W": {"dtype": "float32", "shape": [3, 3], "data": [%s]}}}
                        """
                                .formatted(special, decoding, matrix)));
    }

    private static final String CYCLE = "0, 5, 0, 0, 0, 5, 5, 0, 0";

    private static int[] take(PrimitiveIterator.OfInt ids, int count) {
        int[] taken = new int[count];
        for (int i = 0; i < count; i++) {
            taken[i] = ids.nextInt();
        }
        return taken;
    }

    private static void assertCode(String code, Runnable call) {
        assertEquals(code, assertThrows(RnnspecException.class, call::run).code());
    }

    /** The first words of the published generator from the state 1, 2, 3, 4. */
    @Test
    void theGeneratorIsXoshiro128StarStar() {
        Decoding.Generator generator = new Decoding.Generator(1, 2, 3, 4);
        long[] expected = {
            11520,
            0,
            5927040,
            70819200,
            2031721883L,
            1637235492,
            1287239034,
            3734860849L,
            3729100597L,
            4258142804L
        };
        for (long word : expected) {
            assertEquals(word, Integer.toUnsignedLong(generator.word()));
        }
    }

    /** The seeding is the finaliser of MurmurHash3, whose values for 0 and 1 are well known. */
    @Test
    void theSeedIsMixed() {
        assertEquals(0, Decoding.Generator.mix(0));
        assertEquals(0x514E28B7, Decoding.Generator.mix(1));
        int seed = 12345;
        Decoding.Generator same =
                new Decoding.Generator(
                        Decoding.Generator.mix(seed + 0x9E3779B9),
                        Decoding.Generator.mix(seed + 2 * 0x9E3779B9),
                        Decoding.Generator.mix(seed + 3 * 0x9E3779B9),
                        Decoding.Generator.mix(seed + 4 * 0x9E3779B9));
        assertEquals(same.word(), Decoding.Generator.of(seed).word());
    }

    @Test
    void drawsAreUniform() {
        Decoding.Generator generator = Decoding.Generator.of(7);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) {
            double u = generator.draw();
            assertTrue(u >= 0 && u < 1);
            counts[(int) (u * 10)]++;
        }
        for (int count : counts) {
            assertEquals(10_000, count, 400);
        }
    }

    @Test
    void samplesComeAsOftenAsSoftmaxSays() {
        float[] logits = {1, 0, -1, 2, -30};
        float temperature = 1.5f;
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature);
        }
        Decoding.Generator generator = Decoding.Generator.of(1);
        int[] counts = new int[logits.length];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            counts[Decoding.sample(logits, temperature, generator)]++;
        }
        for (int k = 0; k < logits.length; k++) {
            assertEquals(draws * Math.exp(logits[k] / temperature) / sum, counts[k], 1200);
        }
        assertEquals(0, counts[4]);
    }

    @Test
    void greedyTakesTheFirstOfTheLargest() {
        assertEquals(1, Decoding.greedy(new float[] {-1, 3, 3, 2}));
        Plan plan = plan("", "", CYCLE);
        assertArrayEquals(
                new int[] {1, 2, 0, 1}, take(Decoding.generate(plan, new int[] {0}, NONE), 4));
        assertArrayEquals(new int[] {2, 0}, take(Decoding.generate(plan, "ab", NONE), 2));
    }

    @Test
    void generatingEndsWithTheCountOrTheEnd() {
        Plan plan = plan("", "", CYCLE);
        Decoding.Options two = new Decoding.Options(2, null, null, 0);
        PrimitiveIterator.OfInt ids = Decoding.generate(plan, "a", two);
        assertArrayEquals(new int[] {1, 2}, take(ids, 2));
        assertFalse(ids.hasNext());
        assertThrows(NoSuchElementException.class, ids::nextInt);
        assertEquals("bc", Decoding.text(plan, Decoding.generate(plan, "a", two)));
        Plan ending = plan(", \"end\": 2, \"start\": 0", "", CYCLE);
        ids = Decoding.generate(ending, new int[0], NONE);
        assertEquals(1, ids.nextInt());
        assertFalse(ids.hasNext());
        assertFalse(Decoding.generate(plan, "a", new Decoding.Options(0, null, null, 0)).hasNext());
    }

    @Test
    void theFileSaysHowUnlessTheCallerDoes() {
        String flat = "0, 0, 0, 0, 0, 0, 0, 0, 0.001";
        Plan sampling =
                plan("", ", \"decoding\": {\"mode\": \"sample\", \"temperature\": 1}", flat);
        int[] sampled = take(Decoding.generate(sampling, "a", NONE), 50);
        assertTrue(Arrays.stream(sampled).distinct().count() == 3);
        Decoding.Options greedy = new Decoding.Options(null, "greedy", null, 0);
        assertArrayEquals(new int[50], take(Decoding.generate(sampling, "a", greedy), 50));
        Decoding.Options other = new Decoding.Options(null, null, null, 1);
        assertFalse(Arrays.equals(sampled, take(Decoding.generate(sampling, "a", other), 50)));
        assertArrayEquals(sampled, take(Decoding.generate(sampling, "a", NONE), 50));
        assertEquals("ba", Decoding.vocabulary(sampling).decode(1, 0));
    }

    @Test
    void wrongOptionsHaveTheirCodes() {
        Plan plan = plan("", "", CYCLE);
        assertCode(
                "RUN_OPTION",
                () -> Decoding.generate(plan, "x", new Decoding.Options(null, null, null, -1)));
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan, "x", new Decoding.Options(null, null, null, 1L << 32)));
        assertCode(
                "RUN_OPTION",
                () -> Decoding.generate(plan, "a", new Decoding.Options(null, "sample", null, 0)));
        assertCode(
                "RUN_OPTION",
                () -> Decoding.generate(plan, "a", new Decoding.Options(null, "beam", null, 0)));
        assertCode(
                "RUN_OPTION",
                () -> Decoding.generate(plan, "a", new Decoding.Options(-1, null, null, 0)));
        for (double temperature : new double[] {0, 0.0078, 128.1, Double.NaN, -1}) {
            Decoding.Options options = new Decoding.Options(null, "greedy", temperature, 0);
            assertCode("RUN_OPTION", () -> Decoding.generate(plan, "a", options));
        }
        Decoding.generate(plan, "a", new Decoding.Options(null, "sample", 128.000001, 0));
        assertCode("RUN_TEXT", () -> Decoding.generate(plan, "x", NONE));
        assertCode("RUN_TOKEN", () -> Decoding.generate(plan, new int[] {3}, NONE));
        assertCode("RUN_PRIME", () -> Decoding.generate(plan, "", NONE));
        Plan features = Plan.compile(new Fixtures.Net(1, 1, 1, 1).model());
        assertCode(
                "RUN_DECODING",
                () -> Decoding.generate(features, "x", new Decoding.Options(-1, null, null, -1)));
    }
}
