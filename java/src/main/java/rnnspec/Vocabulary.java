package rnnspec;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Text to ids and back (SPEC section 7).
 *
 * <p>Never changes, and threads may share it.
 */
public final class Vocabulary {
    private final List<String> tokens;
    private final Integer unknown;
    private final Map<Integer, Integer> ids;
    private final Set<Integer> silent;

    private Vocabulary(Model.Vocabulary vocabulary) {
        tokens = vocabulary.tokens();
        unknown = vocabulary.unknown();
        silent = new HashSet<>(vocabulary.special().values());
        ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (!tokens.get(id).isEmpty()) {
                ids.putIfAbsent(tokens.get(id).codePointAt(0), id);
            }
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
     * The ids of a text, one for each Unicode scalar value [vocabulary-2]. The lowest id wins where
     * a token repeats.
     *
     * @param text any text; it isn't normalised
     * @return the ids
     * @throws RnnspecException RUN_TEXT if a character is no token and no id stands for the unknown
     */
    public int[] encode(String text) {
        return text.codePoints().map(this::id).toArray();
    }

    private int id(int codePoint) {
        Integer id = ids.getOrDefault(codePoint, unknown);
        if (id == null) {
            throw RnnspecException.in(
                    Codes.RUN_TEXT, "text", "got", Issue.quote(Character.toString(codePoint)));
        }
        return id;
    }

    /**
     * The text of ids [vocabulary-3]. The ids unknown, start, end and padding give nothing.
     *
     * @param ids from 0 to V−1
     * @return their tokens, one after the other
     * @throws RnnspecException RUN_TOKEN if an id is out of range
     */
    public String decode(int... ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            if (id < 0 || id >= tokens.size()) {
                throw RnnspecException.in(
                        Codes.RUN_TOKEN,
                        "ids",
                        "got",
                        Integer.toString(id),
                        "expected",
                        Integer.toString(tokens.size() - 1));
            }
            if (!silent.contains(id)) {
                text.append(tokens.get(id));
            }
        }
        return text.toString();
    }
}
