package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static Vocabulary vocabulary(Integer unknown, Integer end, String... tokens) {
        return Vocabulary.of(new Model.Vocabulary(List.of(tokens), unknown, null, end, null));
    }

    @Test
    void aTextIsEncodedScalarByScalar() {
        Vocabulary vocabulary = vocabulary(null, null, "a", "😀", "\u0301", "a", "e");
        assertArrayEquals(new int[] {1, 4, 2, 0}, vocabulary.encode("😀e\u0301a"));
        assertEquals("😀e\u0301aa", vocabulary.decode(1, 4, 2, 0, 3));
        RnnspecException found =
                assertThrows(RnnspecException.class, () -> vocabulary.encode("a\u00e9"));
        assertEquals("RUN_TEXT", found.code());
        assertArrayEquals(new int[0], vocabulary.encode(""));
    }

    @Test
    void whatIsNoTokenIsTheUnknownId() {
        Vocabulary vocabulary = vocabulary(1, 2, "a", "", "");
        assertArrayEquals(new int[] {1, 0, 1}, vocabulary.encode("xa\ud800"));
        assertEquals("a", vocabulary.decode(1, 0, 2));
    }

    @Test
    void specialIdsGiveNothing() {
        assertEquals("b", vocabulary(0, 2, "a", "b", "c").decode(0, 1, 2));
    }

    @Test
    void anIdOutOfRangeIsRefused() {
        Vocabulary vocabulary = vocabulary(null, null, "a");
        for (int id : new int[] {-1, 1, Integer.MAX_VALUE}) {
            assertEquals(
                    "RUN_TOKEN",
                    assertThrows(RnnspecException.class, () -> vocabulary.decode(id)).code());
        }
    }
}
