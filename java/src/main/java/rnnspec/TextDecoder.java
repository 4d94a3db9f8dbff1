package rnnspec;

/**
 * The text of ids that come one after the other (SPEC [vocabulary-5]).
 *
 * <p>All pieces together, with the end, are what {@link Vocabulary#decode} gives for all ids. Bytes
 * are held back until they are a character or can't become one. A TextDecoder belongs to one thread
 * at a time.
 */
public final class TextDecoder {
    private static final char REPLACEMENT = '\uFFFD';

    private final Vocabulary vocabulary;

    /** Whether a token has been given, so that the next one needs a separator. */
    private boolean isInside;

    /** The character that is being put together from bytes, and how many it still lacks. */
    private int character;

    private int missing;

    /** From where to where its next byte can be (Unicode's table 3-7). */
    private int low;

    private int high;

    TextDecoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /**
     * Takes the next id.
     *
     * @param id from 0 to V−1
     * @return the text that is certain by now and has not been given before; often empty
     * @throws RnnspecException RUN_TOKEN if the id is out of range; the text then goes on as if it
     *     had not come
     */
    public String piece(int id) {
        StringBuilder out = new StringBuilder();
        take(id, out);
        return out.toString();
    }

    /**
     * Ends the text; the next piece begins another one.
     *
     * @return U+FFFD if a character has been begun and not ended, else nothing
     */
    public String end() {
        String rest = missing > 0 ? String.valueOf(REPLACEMENT) : "";
        missing = 0;
        isInside = false;
        return rest;
    }

    /** Takes the next id and puts what becomes certain to the end of a text. */
    void take(int id, StringBuilder out) {
        String token = vocabulary.text(id);
        if (token.isEmpty()) {
            return;
        }
        if (vocabulary.isOfBytes()) {
            take(token.charAt(0), out);
        } else {
            out.append(isInside ? vocabulary.separator() : "").append(token);
        }
        isInside = true;
    }

    /**
     * Takes a byte. What can't go on as a character is one U+FFFD for every maximal subpart: as
     * many bytes as could still have become one (Unicode, section 3.9).
     */
    private void take(char b, StringBuilder out) {
        if (missing > 0) {
            if (b >= low && b <= high) {
                character = character << 6 | b & 0x3F;
                low = 0x80;
                high = 0xBF;
                if (--missing == 0) {
                    out.appendCodePoint(character);
                }
                return;
            }
            out.append(REPLACEMENT);
            missing = 0;
        }
        if (b < 0x80) {
            out.append(b);
        } else if (b >= 0xC2 && b <= 0xF4) {
            missing = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
            character = b & 0x3F >> missing;
            low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
            high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        } else {
            out.append(REPLACEMENT);
        }
    }
}
