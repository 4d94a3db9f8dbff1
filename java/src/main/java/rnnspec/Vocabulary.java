package rnnspec;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Text to ids and back (SPEC section 7).
 *
 * <p>A Vocabulary is immutable: share it between threads.
 */
public final class Vocabulary {
    private final Model.Vocabulary vocabulary;

    /** The lowest id of every token that has text. */
    private final Map<String, Integer> ids = new HashMap<>();

    /** The ids without text: special ones, and those of empty tokens. */
    private final BitSet silent = new BitSet();

    /** How a text is cut into tokens; of unit token only. */
    private final Pieces pieces;

    private Vocabulary(Model.Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        vocabulary.special().values().forEach(silent::set);
        for (int id = 0; id < size(); id++) {
            String token = vocabulary.tokens().get(id);
            if (token.isEmpty()) {
                silent.set(id);
            } else if (!silent.get(id)) {
                ids.putIfAbsent(token, id);
            }
        }
        if (vocabulary.unit() != Model.Unit.TOKEN) {
            pieces = null;
        } else if (vocabulary.separator() != null) {
            pieces = Pieces.between(vocabulary.separator());
        } else {
            pieces = Pieces.longest(ids.keySet());
        }
    }

    /**
     * Prepares a vocabulary of a model.
     *
     * @param vocabulary from {@link Model#vocabularies}
     * @return the same, ready to encode and decode
     */
    public static Vocabulary of(Model.Vocabulary vocabulary) {
        return new Vocabulary(vocabulary);
    }

    /**
     * The ids of a text [vocabulary-2]: of its bytes, of its Unicode scalar values, or of its
     * tokens. The lowest id wins where a token repeats.
     *
     * @param text any text; it isn't normalised
     * @return the ids
     * @throws RnnspecException RUN_TEXT if a piece of it is no token and no id stands for the
     *     unknown, or if it holds half of a surrogate pair
     */
    public int[] encode(String text) {
        checkScalars(text);
        IntStream.Builder all = IntStream.builder();
        switch (vocabulary.unit()) {
            case BYTE -> {
                for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                    all.add(id(Character.toString(b & 0xFF)));
                }
            }
            case CODEPOINT -> text.codePoints().forEach(c -> all.add(id(Character.toString(c))));
            case TOKEN -> pieces.cut(text, piece -> all.add(id(piece)));
        }
        return all.build().toArray();
    }

    private int id(String piece) {
        Integer id = ids.getOrDefault(piece, vocabulary.unknown());
        if (id == null) {
            boolean isByte = vocabulary.unit() == Model.Unit.BYTE;
            throw noText(isByte ? "the byte " + Utf8.hex(piece.charAt(0)) : Issue.quote(piece));
        }
        return id;
    }

    /** Half of a surrogate pair is no text, and no id stands for it. */
    private static void checkScalars(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isPair =
                    i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
            if (isPair) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw noText(Issue.quote(Character.toString(c)));
            }
        }
    }

    private static RnnspecException noText(String got) {
        return RnnspecException.in(Codes.RUN_TEXT, "text", "got", got);
    }

    /**
     * The text of ids [vocabulary-3]. The ids unknown, start, end and padding give nothing, and
     * bytes that are not UTF-8 give U+FFFD.
     *
     * @param ids from 0 to V−1
     * @return their tokens, one after the other, with the separator between each two
     * @throws RnnspecException RUN_TOKEN if an id is out of range
     */
    public String decode(int... ids) {
        TextDecoder decoder = decoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            decoder.take(id, text);
        }
        return text.append(decoder.end()).toString();
    }

    /**
     * Begins a text whose ids come one after the other [vocabulary-5].
     *
     * @return a decoder at the beginning of a text; for one thread at a time
     */
    public TextDecoder decoder() {
        return new TextDecoder(this);
    }

    /** The number of ids, V. */
    int size() {
        return vocabulary.tokens().size();
    }

    /** The token of an id, or nothing if the id has no text. */
    String text(int id) {
        if (id < 0 || id >= size()) {
            throw RnnspecException.in(
                    Codes.RUN_TOKEN,
                    "ids",
                    "got",
                    Integer.toString(id),
                    "expected",
                    Integer.toString(size() - 1));
        }
        return silent.get(id) ? "" : vocabulary.tokens().get(id);
    }

    /** What stands between two tokens. */
    String separator() {
        return vocabulary.separator() == null ? "" : vocabulary.separator();
    }

    boolean isOfBytes() {
        return vocabulary.unit() == Model.Unit.BYTE;
    }
}
