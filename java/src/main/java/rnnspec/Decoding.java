package rnnspec;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Lets a net that reads tokens go on by itself, token by token (SPEC section 15). */
public final class Decoding {
    /**
     * What the caller chooses. What is null comes from the model's {@code decoding}, and else the
     * mode is greedy, all tokens are there to choose from, and the number is as many as are taken.
     *
     * @param count how many tokens, 0 or more, or null
     * @param mode greedy or sample, or null
     * @param temperature from 2^−7 to 2^7, or null
     * @param topK how many tokens to choose from, 1 or more, or null
     * @param topP what share of the weights to choose from, from 2^−20 to 1, or null
     * @param seed from 0 to 2^32 − 1
     */
    public record Options(
            Integer count, String mode, Double temperature, Integer topK, Double topP, long seed) {
        /** Nothing chosen, seed 0. */
        public static final Options NONE = new Options(null, null, null, null, null, 0);

        /**
         * The same with a number of tokens.
         *
         * @param count 0 or more
         * @return new options
         */
        public Options withCount(int count) {
            return new Options(count, mode, temperature, topK, topP, seed);
        }

        /**
         * The same, taking the token with the largest logit.
         *
         * @return new options
         */
        public Options greedy() {
            return new Options(count, "greedy", temperature, topK, topP, seed);
        }

        /**
         * The same, drawing tokens.
         *
         * @param temperature from 2^−7 to 2^7
         * @return new options
         */
        public Options sample(double temperature) {
            return new Options(count, "sample", temperature, topK, topP, seed);
        }

        /**
         * The same, drawing from so many tokens of the largest weights.
         *
         * @param topK 1 or more
         * @return new options
         */
        public Options withTopK(int topK) {
            return new Options(count, mode, temperature, topK, topP, seed);
        }

        /**
         * The same, drawing from the fewest tokens that have such a share of the weights.
         *
         * @param topP from 2^−20 to 1
         * @return new options
         */
        public Options withTopP(double topP) {
            return new Options(count, mode, temperature, topK, topP, seed);
        }

        /**
         * The same with a seed: one seed, one text.
         *
         * @param seed from 0 to 2^32 − 1
         * @return new options
         */
        public Options withSeed(long seed) {
            return new Options(count, mode, temperature, topK, topP, seed);
        }
    }

    private Decoding() {}

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a net whose output vocabulary is its input vocabulary
     * @param prime ids to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id; for one thread at a time. Asking it may
     *     throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TOKEN or RUN_PRIME
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, int[] prime, Options options) {
        Model.Vocabulary vocabulary = modelVocabulary(plan);
        Sampler sampler = Sampler.of(plan.model().decoding(), options);
        for (int id : prime) {
            Arguments.checkToken(plan, id);
        }
        return new Generation(plan, vocabulary, prime, options.count(), sampler);
    }

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a net whose output vocabulary is its input vocabulary
     * @param prime text to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id; for one thread at a time. Asking it may
     *     throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TEXT or RUN_PRIME
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, String prime, Options options) {
        Model.Vocabulary vocabulary = modelVocabulary(plan);
        Sampler sampler = Sampler.of(plan.model().decoding(), options);
        int[] ids = Vocabulary.of(vocabulary).encode(prime);
        return new Generation(plan, vocabulary, ids, options.count(), sampler);
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
     * @throws RnnspecException RUN_NONFINITE where the ids do
     */
    public static String text(Plan plan, PrimitiveIterator.OfInt ids) {
        return pieces(plan, ids).collect(Collectors.joining());
    }

    /**
     * The text of ids while they come: a piece for each id that makes any text certain, and what
     * the end brings [vocabulary-5].
     *
     * @param plan what generates them
     * @param ids from {@link #generate}; taken one by one, as pieces are asked for
     * @return pieces, none empty; together they are the text without the prime
     * @throws RnnspecException RUN_DECODING if the net can't generate; reading the stream throws
     *     RUN_NONFINITE where the ids do
     */
    public static Stream<String> pieces(Plan plan, PrimitiveIterator.OfInt ids) {
        Iterator<String> pieces = new TextPieces(vocabulary(plan).decoder(), ids);
        int traits = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(pieces, traits), false);
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
                "the input vocabulary as `output.vocabulary`");
    }

    /** Pieces of text as they are asked for. */
    private static final class TextPieces implements Iterator<String> {
        private final TextDecoder decoder;
        private final PrimitiveIterator.OfInt ids;
        private String piece = "";

        TextPieces(TextDecoder decoder, PrimitiveIterator.OfInt ids) {
            this.decoder = decoder;
            this.ids = ids;
        }

        @Override
        public boolean hasNext() {
            while (piece.isEmpty() && ids.hasNext()) {
                piece = decoder.piece(ids.nextInt());
            }
            if (piece.isEmpty()) {
                piece = decoder.end();
            }
            return !piece.isEmpty();
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String next = piece;
            piece = "";
            return next;
        }
    }

    /** Tokens as they are asked for; always one token ahead, to know whether the end has come. */
    private static final class Generation implements PrimitiveIterator.OfInt {
        private final Session session;
        private final Integer end;
        private final Sampler sampler;
        private final float[] out;
        private final int[] id = new int[1];

        /** How many more to give, or −1 for no end. */
        private int left;

        /** Ids that have to be fed before the next token can be chosen, and how many have been. */
        private int[] pending;

        private int fed;
        private boolean isChosen;

        /** Feeds first the start id, if there is one, and the prime [decode-5]. */
        Generation(
                Plan plan,
                Model.Vocabulary vocabulary,
                int[] prime,
                Integer count,
                Sampler sampler) {
            Integer start = vocabulary.start();
            IntStream first = start == null ? IntStream.empty() : IntStream.of(start);
            pending = IntStream.concat(first, IntStream.of(prime)).toArray();
            if (pending.length == 0) {
                throw RnnspecException.in(Codes.RUN_PRIME, "prime");
            }
            this.sampler = sampler;
            left = count == null ? -1 : count;
            end = vocabulary.end();
            session = new Session(plan);
            out = new float[plan.outputWidth()];
        }

        @Override
        public boolean hasNext() {
            if (left == 0) {
                return false;
            }
            if (!isChosen) {
                for (; fed < pending.length; fed++) {
                    id[0] = pending[fed];
                    session.step(id, out);
                }
                int token = sampler.choose(session.logits());
                pending = new int[] {token};
                fed = 0;
                isChosen = true;
                left = end != null && token == end ? 0 : left;
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
            return pending[0];
        }
    }
}
