package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which ids are kept, and what is drawn of them (SPEC [decode-2], [decode-7]). */
class SamplerTest {
    /** Logits with ties, and some so small that they weigh nothing. */
    private static float[] logits(Random random, int count) {
        float[] logits = new float[count];
        for (int k = 0; k < count; k++) {
            logits[k] = random.nextInt(5) == 0 ? -100 : random.nextInt(7) / 2f;
        }
        logits[random.nextInt(count)] = 3;
        return logits;
    }

    /** The definition, with exact sums in decimals. */
    private static int expected(
            float[] logits, float t, int topK, float topP, Generator generator) {
        float m = Activation.max(logits, logits.length);
        BigDecimal[] w = new BigDecimal[logits.length];
        for (int k = 0; k < w.length; k++) {
            BigDecimal e = new BigDecimal(Activation.exp((logits[k] - m) / t));
            w[k] = new BigDecimal(e.multiply(new BigDecimal(1L << 31)).toBigInteger());
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, w.length).boxed().toList());
        order.sort(Comparator.comparing((Integer k) -> w[k]).reversed().thenComparing(k -> k));
        List<Integer> stayed = order.subList(0, Math.min(order.size(), topK));
        BigDecimal q = stayed.stream().map(k -> w[k]).reduce(BigDecimal.ZERO, BigDecimal::add);
        double share = (double) topP * q.doubleValue();
        TreeSet<Integer> kept = new TreeSet<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (int k : stayed) {
            kept.add(k);
            sum = sum.add(w[k]);
            if (sum.compareTo(new BigDecimal(share)) >= 0) {
                break;
            }
        }
        double product = generator.draw() * sum.doubleValue();
        BigDecimal r = new BigDecimal(new BigDecimal(product).toBigInteger());
        r = r.min(sum.subtract(BigDecimal.ONE));
        BigDecimal below = BigDecimal.ZERO;
        for (int k : kept) {
            below = below.add(w[k]);
            if (below.compareTo(r) > 0) {
                return k;
            }
        }
        throw new AssertionError();
    }

    @Test
    void whatIsDrawnIsThatOfTheDefinition() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            float[] logits = logits(random, 1 + random.nextInt(12));
            float t = random.nextInt(2) == 0 ? 1 : 0.5f + random.nextFloat();
            int topK = random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(13);
            // With ties, halves and quarters of the sum are met exactly.
            float[] shares = {1, 0.5f, 0.25f, 0.75f, Math.max(0x1p-20f, random.nextFloat())};
            float topP = shares[random.nextInt(shares.length)];
            int seed = random.nextInt();
            Generator ours = Generator.of(seed);
            Generator other = Generator.of(seed);
            Sampler sampler = Sampler.drawing(t, topK, topP, ours);
            for (int n = 0; n < 3; n++) {
                assertEquals(
                        expected(logits, t, topK, topP, other),
                        sampler.choose(logits),
                        () -> Arrays.toString(logits) + topK + " " + topP);
            }
            assertEquals(other.word(), ours.word());
        }
    }

    private static Sampler of(Model.Decoding model, Decoding.Options options) {
        return Sampler.of(model, options);
    }

    private static void assertWrong(Decoding.Options options, String name) {
        RnnspecException found = assertThrows(RnnspecException.class, () -> of(null, options));
        assertEquals("RUN_OPTION", found.code());
        assertEquals(new Issue.Argument(name), found.issues().get(0).place());
    }

    @Test
    void optionsAreJudgedAfterRoundingAlsoWhereTheyAreNotUsed() {
        Decoding.Options none = Decoding.Options.NONE;
        for (int k : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertWrong(none.withTopK(k), "top_k");
        }
        for (double p : new double[] {0, 0x1p-21, 1.0000001, Double.NaN, -1, 1e300}) {
            assertWrong(none.withTopP(p), "top_p");
        }
        assertWrong(none.withCount(-1), "count");
        assertWrong(none.withSeed(-1), "seed");
        assertWrong(none.sample(1e-3), "temperature");
        of(null, none.withTopK(Integer.MAX_VALUE).withTopP(1.00000001).withSeed(0xFFFFFFFFL));
        of(null, none.withTopK(1).withTopP(0x1p-20));
    }

    @Test
    void theModelSaysUnlessTheCallerDoes() {
        Model.Decoding model = new Model.Decoding("sample", 1.0, 1, null, null);
        float[] flat = {0, 0, 0, 0.001f};
        Decoding.Options none = Decoding.Options.NONE;
        Sampler one = of(model, none);
        Sampler more = of(model, none.withTopK(4));
        Sampler greedy = of(model, none.greedy());
        TreeSet<Integer> drawn = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            assertEquals(3, one.choose(flat));
            assertEquals(3, greedy.choose(flat));
            drawn.add(more.choose(flat));
        }
        assertEquals(4, drawn.size());
        assertTrue(
                assertThrows(
                                RnnspecException.class,
                                () ->
                                        of(
                                                null,
                                                new Decoding.Options(
                                                        null, "sample", null, null, null, 0, null)))
                        .getMessage()
                        .contains("got none"));
    }
}
