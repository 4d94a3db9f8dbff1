package rnnspec;

import java.util.Arrays;

/** Chooses a token from logits, again and again (SPEC [decode-1], [decode-2], [decode-7]). */
final class Sampler {
    private static final double LOWEST_TEMPERATURE = 0x1p-7;
    private static final double HIGHEST_TEMPERATURE = 0x1p7;
    private static final double LOWEST_SHARE = 0x1p-20;
    private static final long HIGHEST_SEED = 0xFFFF_FFFFL;

    /** More than there are tokens: which is to say, all. */
    private static final int ALL = Integer.MAX_VALUE;

    private final boolean isGreedy;
    private final float temperature;
    private final int topK;
    private final float topP;
    private final Generator generator;

    /** Always takes the largest logit. */
    private static final Sampler GREEDY = new Sampler(true, 1, ALL, 1, null);

    private Sampler(
            boolean isGreedy, float temperature, int topK, float topP, Generator generator) {
        this.isGreedy = isGreedy;
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
        this.generator = generator;
    }

    /** Draws with these options. */
    static Sampler drawing(float temperature, int topK, float topP, Generator generator) {
        return new Sampler(false, temperature, topK, topP, generator);
    }

    /**
     * What the caller chooses, else the model, else greedy.
     *
     * @throws RnnspecException RUN_OPTION, also for what the caller gives and is not used
     */
    static Sampler of(Model.Decoding model, Decoding.Options caller) {
        Model.Decoding defaults =
                model == null ? new Model.Decoding("greedy", null, null, null, null) : model;
        String mode = caller.mode() == null ? defaults.mode() : caller.mode();
        boolean isGreedy = mode.equals("greedy");
        if (!isGreedy && !mode.equals("sample")) {
            throw badOption("mode", "greedy or sample", Issue.quote(mode));
        }
        Double temperature =
                caller.temperature() == null ? defaults.temperature() : caller.temperature();
        float t = temperature == null ? Float.NaN : temperature.floatValue();
        boolean isUsed = !isGreedy || caller.temperature() != null;
        if (isUsed && !(t >= LOWEST_TEMPERATURE && t <= HIGHEST_TEMPERATURE)) {
            String got = temperature == null ? "none" : temperature.toString();
            throw badOption("temperature", "0.0078125 to 128", got);
        }
        if (caller.topK() != null && caller.topK() < 1) {
            throw badOption("top_k", "1 to 2147483647", caller.topK().toString());
        }
        float p = caller.topP() == null ? 1 : caller.topP().floatValue();
        if (!(p >= LOWEST_SHARE && p <= 1)) {
            throw badOption("top_p", "2^-20 to 1", caller.topP().toString());
        }
        if (caller.seed() < 0 || caller.seed() > HIGHEST_SEED) {
            throw badOption("seed", "0 to " + HIGHEST_SEED, Long.toString(caller.seed()));
        }
        if (caller.count() != null && caller.count() < 0) {
            throw badOption("count", "0 to 2147483647", caller.count().toString());
        }
        if (isGreedy) {
            return GREEDY;
        }
        Integer topK = caller.topK() == null ? defaults.topK() : caller.topK();
        Double topP = caller.topP() == null ? defaults.topP() : caller.topP();
        return drawing(
                t,
                topK == null ? ALL : topK,
                topP == null ? 1 : topP.floatValue(),
                Generator.of(caller.seed()));
    }

    static RnnspecException badOption(String name, String expected, String got) {
        return RnnspecException.in(
                Codes.RUN_OPTION, name, "name", name, "expected", expected, "got", got);
    }

    /** The token after these logits. */
    int choose(float[] logits) {
        return isGreedy ? greedy(logits) : sample(logits);
    }

    /** Lowest index of the largest logit [decode-1]. */
    static int greedy(float[] logits) {
        int best = 0;
        for (int k = 1; k < logits.length; k++) {
            best = logits[k] > logits[best] ? k : best;
        }
        return best;
    }

    /** Draws an index by the weights e^((x − m) / t) of those that are kept [decode-2]. */
    private int sample(float[] logits) {
        float m = Activation.max(logits, logits.length);
        long[] weights = new long[logits.length];
        for (int k = 0; k < logits.length; k++) {
            float e = Activation.exp((logits[k] - m) / temperature);
            // The product is exact in binary64, and the cast rounds towards 0.
            weights[k] = (long) (e * 0x1p31);
        }
        if (topK < weights.length || topP < 1) {
            dropRest(weights);
        }
        // Not above 2^52, so the sum is exact in binary64.
        long sum = Arrays.stream(weights).sum();
        long r = Math.min((long) Math.floor(generator.draw() * sum), sum - 1);
        int token = -1;
        long below = 0;
        while (below <= r) {
            below += weights[++token];
        }
        return token;
    }

    /** Takes their weight from all ids that are not kept [decode-7]. */
    private void dropRest(long[] weights) {
        // By weight, then by id from the highest on: read backwards, the order of [decode-7]. A
        // weight is at most 2^31, so that both fit into a long.
        long[] order = new long[weights.length];
        for (int id = 0; id < order.length; id++) {
            order[id] = weights[id] << 31 | ALL - id;
        }
        Arrays.sort(order);
        int first = Math.max(0, order.length - topK);
        long sum = 0;
        for (int i = first; i < order.length; i++) {
            sum += order[i] >>> 31;
        }
        double share = (double) topP * sum;
        long taken = 0;
        int i = order.length;
        // The sum is exact in binary64, and so is this comparison.
        while (i > first && taken < share) {
            taken += order[--i] >>> 31;
        }
        while (i > 0) {
            weights[(int) (ALL - (order[--i] & ALL))] = 0;
        }
    }
}
