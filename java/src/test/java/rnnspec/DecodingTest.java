package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DecodingTest {
    private static final Decoding.Options NONE = Decoding.Options.NONE;

    /** From token k the logits of a one-hot net are row k of a matrix. */
    private static Plan plan(String special, String decoding, String matrix) {
        return Plan.compile(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
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
        Generator generator = new Generator(1, 2, 3, 4);
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
        assertEquals(0, Generator.mix(0));
        assertEquals(0x514E28B7, Generator.mix(1));
        int seed = 12345;
        Generator same =
                new Generator(
                        Generator.mix(seed + 0x9E3779B9),
                        Generator.mix(seed + 2 * 0x9E3779B9),
                        Generator.mix(seed + 3 * 0x9E3779B9),
                        Generator.mix(seed + 4 * 0x9E3779B9));
        assertEquals(same.word(), Generator.of(seed).word());
    }

    @Test
    void drawsAreUniform() {
        Generator generator = Generator.of(7);
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
        Generator generator = Generator.of(1);
        Sampler sampler = Sampler.drawing(temperature, 5, 1, generator);
        int[] counts = new int[logits.length];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            counts[sampler.choose(logits)]++;
        }
        for (int k = 0; k < logits.length; k++) {
            assertEquals(draws * Math.exp(logits[k] / temperature) / sum, counts[k], 1200);
        }
        assertEquals(0, counts[4]);
    }

    @Test
    void greedyTakesTheFirstOfTheLargest() {
        Sampler greedy = Sampler.of(null, NONE);
        assertEquals(1, greedy.choose(new float[] {-1, 3, 3, 2}));
        Plan plan = plan("", "", CYCLE);
        assertArrayEquals(
                new int[] {1, 2, 0, 1}, take(Decoding.generate(plan, new int[] {0}, NONE), 4));
        assertArrayEquals(new int[] {2, 0}, take(Decoding.generate(plan, "ab", NONE), 2));
    }

    @Test
    void generatingEndsWithTheCountOrTheEnd() {
        Plan plan = plan("", "", CYCLE);
        Decoding.Options two = new Decoding.Options(2, null, null, null, null, 0, null);
        PrimitiveIterator.OfInt ids = Decoding.generate(plan, "a", two);
        assertArrayEquals(new int[] {1, 2}, take(ids, 2));
        assertFalse(ids.hasNext());
        assertThrows(NoSuchElementException.class, ids::nextInt);
        assertEquals("bc", Decoding.text(plan, Decoding.generate(plan, "a", two)));
        Plan ending = plan(", \"end\": 2, \"start\": 0", "", CYCLE);
        ids = Decoding.generate(ending, new int[0], NONE);
        assertEquals(1, ids.nextInt());
        assertFalse(ids.hasNext());
        assertFalse(
                Decoding.generate(
                                plan, "a", new Decoding.Options(0, null, null, null, null, 0, null))
                        .hasNext());
    }

    @Test
    void theFileSaysHowUnlessTheCallerDoes() {
        String flat = "0, 0, 0, 0, 0, 0, 0, 0, 0.001";
        Plan sampling =
                plan("", ", \"decoding\": {\"mode\": \"sample\", \"temperature\": 1}", flat);
        int[] sampled = take(Decoding.generate(sampling, "a", NONE), 50);
        assertTrue(Arrays.stream(sampled).distinct().count() == 3);
        Decoding.Options greedy = new Decoding.Options(null, "greedy", null, null, null, 0, null);
        assertArrayEquals(new int[50], take(Decoding.generate(sampling, "a", greedy), 50));
        Decoding.Options other = new Decoding.Options(null, null, null, null, null, 1, null);
        assertFalse(Arrays.equals(sampled, take(Decoding.generate(sampling, "a", other), 50)));
        assertArrayEquals(sampled, take(Decoding.generate(sampling, "a", NONE), 50));
        assertEquals("ba", Decoding.vocabulary(sampling).decode(1, 0));
    }

    @Test
    void wrongOptionsHaveTheirCodes() {
        Plan plan = plan("", "", CYCLE);
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan,
                                "x",
                                new Decoding.Options(null, null, null, null, null, -1, null)));
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan,
                                "x",
                                new Decoding.Options(
                                        null, null, null, null, null, 1L << 32, null)));
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan,
                                "a",
                                new Decoding.Options(null, "sample", null, null, null, 0, null)));
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan,
                                "a",
                                new Decoding.Options(null, "beam", null, null, null, 0, null)));
        assertCode(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                plan,
                                "a",
                                new Decoding.Options(-1, null, null, null, null, 0, null)));
        for (double temperature : new double[] {0, 0.0078, 128.1, Double.NaN, -1}) {
            Decoding.Options options =
                    new Decoding.Options(null, "greedy", temperature, null, null, 0, null);
            assertCode("RUN_OPTION", () -> Decoding.generate(plan, "a", options));
        }
        Decoding.generate(
                plan, "a", new Decoding.Options(null, "sample", 128.000001, null, null, 0, null));
        assertCode("RUN_TEXT", () -> Decoding.generate(plan, "x", NONE));
        assertCode("RUN_TOKEN", () -> Decoding.generate(plan, new int[] {3}, NONE));
        assertCode("RUN_PRIME", () -> Decoding.generate(plan, "", NONE));
        Plan features = Plan.compile(new Fixtures.Net(1, 1, 1, 1).model());
        assertCode(
                "RUN_DECODING",
                () ->
                        Decoding.generate(
                                features,
                                "x",
                                new Decoding.Options(-1, null, null, null, null, -1, null)));
    }

    // --- text while it comes ---

    /** A net over the bytes of é and a letter that goes round: C3, A9, 61, C3, … */
    private static Plan bytes() {
        return Plan.compile(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
                        "vocabularies": {"v": {"unit": "byte", "tokens": [195, 169, 97]}},
                        "layers": [{"name": "o", "type": "one_hot"},
                        {"name": "e", "type": "elman", "hidden_size": 3, "activation": {"function": "linear"},
                        "output": "final", "parameters": {"W": "W", "R": "R"}},
                        {"name": "s", "type": "activation", "function": "softmax"}],
                        "output": {"kind": "probabilities", "vocabulary": "v"}, "tensors": {
                        "W": {"dtype": "float32", "shape": [3, 3], "data": [0, 5, 0, 0, 0, 5, 5, 0, 0]},
                        "R": {"dtype": "float32", "shape": [3, 3], "data": [0, 0, 0, 0, 0, 0, 0, 0, 0]}}}
                        """));
    }

    @Test
    void piecesComeAsSoonAsTheyAreCertain() {
        Plan plan = bytes();
        Decoding.Options five = NONE.withCount(5);
        assertEquals(
                List.of("é", "a", "é"),
                Decoding.pieces(plan, Decoding.generate(plan, "a", five)).toList());
        assertEquals("éaé", Decoding.text(plan, Decoding.generate(plan, "a", five)));
        assertEquals(
                List.of("é", "a", "\ufffd"),
                Decoding.pieces(plan, Decoding.generate(plan, "a", NONE.withCount(4))).toList());
        // An endless stream: no more is taken than is asked for.
        assertEquals(
                "éaéaéa",
                Decoding.pieces(plan, Decoding.generate(plan, "a", NONE))
                        .limit(6)
                        .collect(Collectors.joining()));
        assertCode(
                "RUN_DECODING",
                () -> Decoding.pieces(Plan.compile(new Fixtures.Net(1, 1, 1, 1).model()), null));
    }

    /** A prime that overflows goes on failing there: what came before it is not fed again. */
    @Test
    void aFailureStays() {
        // h' = x − h: from 0 to −2e38, and then to 4e38; fed again, −2e38 would lead to 0.
        Plan plan =
                Plan.compile(
                        Fixtures.load(
                                """
                                {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
                                "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b"]}},
                                "layers": [{"name": "o", "type": "one_hot"},
                                {"name": "e", "type": "elman", "hidden_size": 1, "activation": {"function": "linear"},
                                "parameters": {"W": "W", "R": "R"}},
                                {"name": "d", "type": "dense", "size": 2, "parameters": {"W": "D"}}],
                                "output": {"kind": "logits", "vocabulary": "v"}, "tensors": {
                                "W": {"dtype": "float32", "shape": [2, 1], "data": [-2e38, 2e38]},
                                "R": {"dtype": "float32", "shape": [1, 1], "data": [-1]},
                                "D": {"dtype": "float32", "shape": [1, 2], "data": [1e-10, 0]}}}
                                """));
        PrimitiveIterator.OfInt ids = Decoding.generate(plan, "ab", NONE);
        for (int i = 0; i < 3; i++) {
            assertCode("RUN_NONFINITE", ids::nextInt);
        }
    }
}
