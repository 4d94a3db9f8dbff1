package rnnspec;

import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Lets a net that reads tokens go on by itself, token by token (SPEC section 15). */
public final class Decoding {
    private static final double LOWEST_TEMPERATURE = 0x1p-7;
    private static final double HIGHEST_TEMPERATURE = 0x1p7;
    private static final long HIGHEST_SEED = 0xFFFF_FFFFL;

    /**
     * What the caller chooses. What is null comes from the model's {@code decoding}, and else the
     * mode is greedy and the number as many as are taken.
     *
     * @param count how many tokens, or null
     * @param mode greedy or sample, or null
     * @param temperature from 2^−7 to 2^7, or null
     * @param seed from 0 to 2^32 − 1
     */
    public record Options(Integer count, String mode, Double temperature, long seed) {
        /** Nothing chosen, seed 0. */
        public static final Options NONE = new Options(null, null, null, 0);
    }

    private Decoding() {}

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a net whose output vocabulary is its input vocabulary
     * @param prime ids to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id. Asking it may throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TOKEN or RUN_PRIME
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, int[] prime, Options options) {
        Model.Vocabulary vocabulary = modelVocabulary(plan);
        Generation generation = new Generation(plan, vocabulary, options);
        for (int id : prime) {
            Run.checkToken(plan, id);
        }
        generation.startFrom(prime, vocabulary.start());
        return generation;
    }

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a net whose output vocabulary is its input vocabulary
     * @param prime text to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id. Asking it may throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TEXT or RUN_PRIME
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, String prime, Options options) {
        Model.Vocabulary vocabulary = modelVocabulary(plan);
        Generation generation = new Generation(plan, vocabulary, options);
        generation.startFrom(Vocabulary.of(vocabulary).encode(prime), vocabulary.start());
        return generation;
    }

    /**
     * The vocabulary of a net that can generate, to encode a prime and to decode what is generated.
     *
     * @param plan a net whose output vocabulary is its input vocabulary
     * @return the vocabulary
     * @throws RnnspecException RUN_DECODING if the net can't generate
     */
    public static Vocabulary vocabulary(Plan plan) {
        return Vocabulary.of(modelVocabulary(plan));
    }

    /**
     * The text of all ids that are still to come; never ends if they don't.
     *
     * @param plan what generates them
     * @param ids from {@link #generate}
     * @return the text, without the prime
     */
    public static String text(Plan plan, PrimitiveIterator.OfInt ids) {
        IntStream.Builder all = IntStream.builder();
        ids.forEachRemaining((IntConsumer) all::add);
        return vocabulary(plan).decode(all.build().toArray());
    }

    private static Model.Vocabulary modelVocabulary(Plan plan) {
        String name = plan.model().output().vocabulary();
        if (plan.model().input() instanceof Model.Tokens tokens
                && tokens.vocabulary().equals(name)) {
            return plan.model().inputVocabulary();
        }
        throw RnnspecException.in(
                Codes.RUN_DECODING,
                "plan",
                "expected",
                "an output vocabulary that is also the input vocabulary");
    }

    /** Lowest index of the largest logit [decode-1]. */
    static int greedy(float[] logits) {
        int best = 0;
        for (int k = 1; k < logits.length; k++) {
            best = logits[k] > logits[best] ? k : best;
        }
        return best;
    }

    /** Draws an index by the weights e^((x − m) / t) [decode-2]. */
    static int sample(float[] logits, float temperature, Generator generator) {
        float m = Activation.max(logits);
        long[] weights = new long[logits.length];
        long sum = 0;
        for (int k = 0; k < logits.length; k++) {
            float e = Activation.exp((logits[k] - m) / temperature);
            // The product is exact in binary64, and the cast rounds towards 0.
            weights[k] = (long) (e * 0x1p31);
            sum += weights[k];
        }
        // Not above 2^52, so the sum is exact in binary64.
        long r = Math.min((long) Math.floor(generator.draw() * sum), sum - 1);
        int token = -1;
        long below = 0;
        while (below <= r) {
            below += weights[++token];
        }
        return token;
    }

    /** xoshiro128** [decode-3], [decode-4]. */
    static final class Generator {
        private final int[] s;

        /** A generator in the state of these four words. */
        Generator(int... s) {
            this.s = s;
        }

        /** A generator in the state that a seed gives. */
        static Generator of(long seed) {
            int[] s = new int[4];
            for (int i = 0; i < s.length; i++) {
                s[i] = mix((int) seed + (i + 1) * 0x9E3779B9);
            }
            return new Generator(s);
        }

        static int mix(int z) {
            int y = (z ^ z >>> 16) * 0x85EBCA6B;
            y = (y ^ y >>> 13) * 0xC2B2AE35;
            return y ^ y >>> 16;
        }

        /** The next word of 32 bits. */
        int word() {
            int result = Integer.rotateLeft(s[1] * 5, 7) * 9;
            int t = s[1] << 9;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = Integer.rotateLeft(s[3], 11);
            return result;
        }

        /** A number from 0 to below 1, of 53 bits. */
        double draw() {
            long high = word() >>> 5;
            long low = word() >>> 6;
            return (high * 0x1p26 + low) * 0x1p-53;
        }
    }

    /** Tokens as they are asked for; always one token ahead, to know whether the end has come. */
    private static final class Generation implements PrimitiveIterator.OfInt {
        private final Session session;
        private final Integer end;
        private final boolean isSample;
        private final float temperature;
        private final Generator generator;
        private final float[] out;
        private final int[] id = new int[1];

        /** How many more to give, or −1 for no end. */
        private int left;

        /** Ids that are still to be fed before the next token can be chosen. */
        private int[] pending;

        private boolean isChosen;

        Generation(Plan plan, Model.Vocabulary vocabulary, Options options) {
            Model.Decoding defaults = plan.model().decoding();
            String mode = options.mode();
            mode = mode == null && defaults != null ? defaults.mode() : mode;
            isSample = "sample".equals(mode);
            if (!isSample && mode != null && !mode.equals("greedy")) {
                throw badOption("mode", "greedy or sample", Issue.quote(mode));
            }
            Double chosen = options.temperature();
            chosen = chosen == null && defaults != null ? defaults.temperature() : chosen;
            temperature = chosen == null ? Float.NaN : chosen.floatValue();
            boolean isUsed = isSample || options.temperature() != null;
            boolean isFit = temperature >= LOWEST_TEMPERATURE && temperature <= HIGHEST_TEMPERATURE;
            if (isUsed && !isFit) {
                throw badOption("temperature", "0.0078125 to 128", String.valueOf(chosen));
            }
            if (options.seed() < 0 || options.seed() > HIGHEST_SEED) {
                throw badOption("seed", "0 to " + HIGHEST_SEED, Long.toString(options.seed()));
            }
            left = options.count() == null ? -1 : options.count();
            if (options.count() != null && left < 0) {
                throw badOption("count", "0 or more", Integer.toString(left));
            }
            generator = Generator.of(options.seed());
            end = vocabulary.end();
            session = new Session(plan);
            out = new float[plan.outputWidth()];
        }

        /** Takes what is to be fed first: the start id, if there is one, and the prime. */
        void startFrom(int[] prime, Integer start) {
            IntStream first = start == null ? IntStream.empty() : IntStream.of(start);
            pending = IntStream.concat(first, IntStream.of(prime)).toArray();
            if (pending.length == 0) {
                throw RnnspecException.in(Codes.RUN_PRIME, "prime");
            }
        }

        private static RnnspecException badOption(String name, String expected, String got) {
            return RnnspecException.in(
                    Codes.RUN_OPTION, name, "name", name, "expected", expected, "got", got);
        }

        @Override
        public boolean hasNext() {
            if (left == 0) {
                return false;
            }
            if (!isChosen) {
                for (int fed : pending) {
                    id[0] = fed;
                    session.step(id, out);
                }
                float[] logits = session.logits();
                id[0] = isSample ? sample(logits, temperature, generator) : greedy(logits);
                pending = id;
                isChosen = true;
                left = end != null && id[0] == end ? 0 : left;
            }
            return left != 0;
        }

        @Override
        public int nextInt() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            isChosen = false;
            left -= left > 0 ? 1 : 0;
            return id[0];
        }
    }
}
