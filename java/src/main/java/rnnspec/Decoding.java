package rnnspec;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Lets a net that reads tokens go on by itself, token by token, and reads labels where a net gives
 * them step by step, by CTC (SPEC section 15).
 */
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
     * @param state of one row to go on from, or null for the initial state
     */
    public record Options(
            Integer count,
            String mode,
            Double temperature,
            Integer topK,
            Double topP,
            long seed,
            State state) {
        /** Nothing chosen, seed 0. */
        public static final Options NONE = new Options(null, null, null, null, null, 0, null);

        /**
         * The same with a number of tokens.
         *
         * @param count 0 or more
         * @return new options
         */
        public Options withCount(int count) {
            return new Options(count, mode, temperature, topK, topP, seed, state);
        }

        /**
         * The same, taking the token with the largest logit.
         *
         * @return new options
         */
        public Options greedy() {
            return new Options(count, "greedy", temperature, topK, topP, seed, state);
        }

        /**
         * The same, drawing tokens.
         *
         * @param temperature from 2^−7 to 2^7
         * @return new options
         */
        public Options sample(double temperature) {
            return new Options(count, "sample", temperature, topK, topP, seed, state);
        }

        /**
         * The same, drawing from so many tokens of the largest weights.
         *
         * @param topK 1 or more
         * @return new options
         */
        public Options withTopK(int topK) {
            return new Options(count, mode, temperature, topK, topP, seed, state);
        }

        /**
         * The same, drawing from the fewest tokens that have such a share of the weights.
         *
         * @param topP from 2^−20 to 1
         * @return new options
         */
        public Options withTopP(double topP) {
            return new Options(count, mode, temperature, topK, topP, seed, state);
        }

        /**
         * The same with a seed: one seed, one text.
         *
         * @param seed from 0 to 2^32 − 1
         * @return new options
         */
        public Options withSeed(long seed) {
            return new Options(count, mode, temperature, topK, topP, seed, state);
        }

        /**
         * The same, going on from a state: of another net with the same names and shapes, such as
         * an encoder, or of a generation before. The vocabulary's start id is then fed only if the
         * prime is empty [decode-5].
         *
         * @param state of one row
         * @return new options
         */
        public Options withState(State state) {
            return new Options(count, mode, temperature, topK, topP, seed, state);
        }
    }

    /**
     * What {@link #ctc} reads in a row.
     *
     * @param ids without blanks and repeats
     * @param text of them
     */
    public record Labels(List<Integer> ids, String text) {}

    private Decoding() {}

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a forward net whose output vocabulary is its input vocabulary
     * @param prime ids to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id; for one thread at a time. Asking it may
     *     throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TOKEN, RUN_PRIME, RUN_STATE or
     *     RUN_NONFINITE_INPUT
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, int[] prime, Options options) {
        Model.Vocabulary vocabulary = checkGenerates(plan, options);
        Sampler sampler = Sampler.of(plan.model().decoding(), options);
        for (int id : prime) {
            Arguments.checkToken(plan, id);
        }
        return new Generation(plan, vocabulary, prime, options, sampler);
    }

    /**
     * Generates tokens, one when it is asked for.
     *
     * @param plan a forward net whose output vocabulary is its input vocabulary
     * @param prime text to start from; may be empty if the vocabulary has a start id
     * @param options what the caller chooses
     * @return the ids, without the prime and the end id; for one thread at a time. Asking it may
     *     throw RUN_NONFINITE.
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_PRIME, RUN_STATE or
     *     RUN_NONFINITE_INPUT
     */
    public static PrimitiveIterator.OfInt generate(Plan plan, String prime, Options options) {
        Model.Vocabulary vocabulary = checkGenerates(plan, options);
        Sampler sampler = Sampler.of(plan.model().decoding(), options);
        int[] ids = Vocabulary.of(vocabulary).encode(prime);
        return new Generation(plan, vocabulary, ids, options, sampler);
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

    // --- CTC ---

    /**
     * Reads the labels of each row: of the best ids step by step, repeats taken once and blanks
     * left out [decode-8].
     *
     * @param plan a net that reads features and whose output has time and a vocabulary
     * @param input [N, T, size]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @param blank the id that stands for no token, or null for the one of the model's decoding
     * @return for each row its labels
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, or as {@link Run#run}
     */
    public static List<Labels> ctc(
            Plan plan, Tensor input, int[] lengths, State state, Integer blank) {
        int silent = checkBlank(plan, blank);
        int steps = Arguments.check(plan, input, -1, lengths);
        Session session = Run.session(plan, input.rows(), state);
        int[] layers = {plan.logits()};
        Tensor logits = session.run(input.raw(), null, steps, lengths, layers)[0];
        return labels(plan, logits, steps, lengths, silent);
    }

    /**
     * Reads the labels of each row: of the best ids step by step, repeats taken once and blanks
     * left out [decode-8].
     *
     * @param plan a net that reads token ids and whose output has time and a vocabulary
     * @param ids [N][T]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @param blank the id that stands for no token, or null for the one of the model's decoding
     * @return for each row its labels
     * @throws RnnspecException RUN_DECODING, RUN_OPTION, or as {@link Run#run}
     */
    public static List<Labels> ctc(
            Plan plan, int[][] ids, int[] lengths, State state, Integer blank) {
        int silent = checkBlank(plan, blank);
        int steps = Arguments.check(plan, ids, -1, lengths);
        Session session = Run.session(plan, ids.length, state);
        int[] layers = {plan.logits()};
        Tensor logits = session.run(null, ids, steps, lengths, layers)[0];
        return labels(plan, logits, steps, lengths, silent);
    }

    private static List<Labels> labels(
            Plan plan, Tensor logits, int steps, int[] lengths, int blank) {
        Vocabulary vocabulary = Vocabulary.of(outputVocabulary(plan));
        int width = plan.outputWidth();
        float[] step = new float[width];
        List<Labels> rows = new ArrayList<>();
        for (int n = 0; n < logits.rows(); n++) {
            IntStream.Builder path = IntStream.builder();
            int valid = lengths == null ? steps : lengths[n];
            int before = -1;
            for (int t = 0; t < valid; t++) {
                System.arraycopy(logits.raw(), (n * steps + t) * width, step, 0, width);
                int id = Sampler.greedy(step);
                if (id != before && id != blank) {
                    path.add(id);
                }
                before = id;
            }
            int[] ids = path.build().toArray();
            rows.add(new Labels(IntStream.of(ids).boxed().toList(), vocabulary.decode(ids)));
        }
        return List.copyOf(rows);
    }

    /** Judges whether a net can be read so, and gives the blank. */
    private static int checkBlank(Plan plan, Integer caller) {
        Model.Vocabulary vocabulary = outputVocabulary(plan);
        if (vocabulary == null || !plan.hasTime()) {
            throw cannot("an output that has time and a vocabulary");
        }
        Model.Decoding model = plan.model().decoding();
        Integer blank = caller != null || model == null ? caller : model.blank();
        int last = vocabulary.tokens().size() - 1;
        if (blank == null || blank < 0 || blank > last) {
            throw Sampler.badOption("blank", "0 to " + last, blank == null ? "none" : blank + "");
        }
        return blank;
    }

    // --- what a net can do ---

    private static Model.Vocabulary outputVocabulary(Plan plan) {
        return plan.model().find(plan.model().output().vocabulary());
    }

    /** Judges whether a net can generate in the mode that is chosen. */
    private static Model.Vocabulary checkGenerates(Plan plan, Options options) {
        Model.Vocabulary vocabulary = modelVocabulary(plan);
        if (!plan.isForward()) {
            throw cannot("a forward net");
        }
        Model.Decoding model = plan.model().decoding();
        String mode = options.mode() != null || model == null ? options.mode() : model.mode();
        if ("ctc".equals(mode)) {
            throw cannot("the mode greedy or sample");
        }
        return vocabulary;
    }

    private static Model.Vocabulary modelVocabulary(Plan plan) {
        String name = plan.model().output().vocabulary();
        if (plan.model().input() instanceof Model.Tokens tokens
                && tokens.vocabulary().equals(name)) {
            return plan.model().inputVocabulary();
        }
        throw cannot("the input vocabulary as `output.vocabulary`");
    }

    private static RnnspecException cannot(String expected) {
        return RnnspecException.in(Codes.RUN_DECODING, "plan", "expected", expected);
    }
}
