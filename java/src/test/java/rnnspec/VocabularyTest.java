package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static Vocabulary vocabulary(
            Model.Unit unit, String separator, Integer unknown, Integer end, String... tokens) {
        return Vocabulary.of(
                new Model.Vocabulary(
                        unit, List.of(tokens), separator, unknown, null, end, null, null));
    }

    private static Vocabulary codepoints(Integer unknown, Integer end, String... tokens) {
        return vocabulary(Model.Unit.CODEPOINT, null, unknown, end, tokens);
    }

    private static Vocabulary tokens(String separator, String... tokens) {
        return vocabulary(Model.Unit.TOKEN, separator, null, null, tokens);
    }

    private static void assertNoText(Vocabulary vocabulary, String text) {
        RnnspecException found =
                assertThrows(RnnspecException.class, () -> vocabulary.encode(text));
        assertEquals("RUN_TEXT", found.code());
    }

    @Test
    void aTextIsEncodedScalarByScalar() {
        Vocabulary vocabulary = codepoints(null, null, "a", "😀", "\u0301", "a", "e");
        assertArrayEquals(new int[] {1, 4, 2, 0}, vocabulary.encode("😀e\u0301a"));
        assertEquals("😀e\u0301aa", vocabulary.decode(1, 4, 2, 0, 3));
        assertNoText(vocabulary, "a\u00e9");
        assertArrayEquals(new int[0], vocabulary.encode(""));
    }

    @Test
    void whatIsNoTokenIsTheUnknownIdButHalfAPairIsNoText() {
        Vocabulary vocabulary = codepoints(1, 2, "a", "", "");
        assertArrayEquals(new int[] {1, 0, 1}, vocabulary.encode("xa😀"));
        assertEquals("a", vocabulary.decode(1, 0, 2));
        for (String half :
                List.of("\ud800", "\udc00", "a\ud800b", "\udc00\ud800", "\ud800\ud800")) {
            assertNoText(vocabulary, half);
        }
    }

    @Test
    void specialIdsGiveNothingAndHaveNoText() {
        assertEquals("b", codepoints(0, 2, "a", "b", "c").decode(0, 1, 2));
        assertArrayEquals(new int[] {3, 0}, codepoints(0, 1, "?", "a", "b", "a").encode("ax"));
        Vocabulary longest = vocabulary(Model.Unit.TOKEN, null, null, 0, "ab", "a", "b");
        assertArrayEquals(new int[] {1, 2}, longest.encode("ab"));
        Vocabulary words = vocabulary(Model.Unit.TOKEN, " ", null, 0, "ab", "a");
        assertNoText(words, "a ab");
    }

    @Test
    void anIdOutOfRangeIsRefused() {
        Vocabulary vocabulary = codepoints(null, null, "a");
        for (int id : new int[] {-1, 1, Integer.MAX_VALUE}) {
            assertEquals(
                    "RUN_TOKEN",
                    assertThrows(RnnspecException.class, () -> vocabulary.decode(id)).code());
        }
        TextDecoder decoder = vocabulary.decoder();
        assertEquals("a", decoder.piece(0));
        assertThrows(RnnspecException.class, () -> decoder.piece(1));
        assertEquals("a", decoder.piece(0));
    }

    // --- tokens with a separator ---

    /** Java's own splitting at a literal is the reference. */
    @Test
    void aSeparatorSplitsFromLeftToRight() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            String separator = random("ab", random, 1, 5);
            String text = random("ab😀", random, 0, 30);
            List<String> expected =
                    Arrays.stream(text.split(Pattern.quote(separator), -1))
                            .filter(piece -> !piece.isEmpty())
                            .toList();
            List<String> pieces = new ArrayList<>();
            Pieces.between(separator).cut(text, pieces::add);
            assertEquals(expected, pieces, () -> text + " at " + separator);
        }
        Vocabulary words = tokens(", ", "one", "two", "");
        assertArrayEquals(new int[] {1, 0, 1}, words.encode(", two, one, , two, "));
        assertEquals("two, one, two", words.decode(1, 2, 0, 2, 1));
        assertNoText(words, "one,two");
    }

    // --- tokens without a separator ---

    private static String random(String alphabet, Random random, int least, int most) {
        int[] letters = alphabet.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int n = least + random.nextInt(most - least + 1); n > 0; n--) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    /** Trying every token at every place is the reference. */
    @Test
    void theLongestTokenIsTaken() {
        Random random = new Random(2);
        for (int i = 0; i < 3_000; i++) {
            List<String> tokens =
                    IntStream.range(0, 1 + random.nextInt(12))
                            .mapToObj(n -> random("ab😀\udbff\udfff", random, 1, 5))
                            .toList();
            String text = random("ab😀\udbff\udfff", random, 0, 25);
            List<String> expected = new ArrayList<>();
            for (int at = 0; at < text.length(); at += expected.get(expected.size() - 1).length()) {
                String rest = text.substring(at);
                expected.add(
                        tokens.stream()
                                .filter(rest::startsWith)
                                .max((x, y) -> x.length() - y.length())
                                .orElse(Character.toString(rest.codePointAt(0))));
            }
            List<String> pieces = new ArrayList<>();
            Pieces.longest(tokens.stream().distinct().toList()).cut(text, pieces::add);
            assertEquals(expected, pieces);
        }
        Vocabulary vocabulary = tokens(null, "a", "ab", "abc", "c", "ab");
        assertArrayEquals(new int[] {2, 1, 0}, vocabulary.encode("abcaba"));
        assertEquals("abcab", vocabulary.decode(2, 4));
        assertNoText(vocabulary, "ab\u0301");
    }

    /** What tries every length, or starts a token over, would take minutes. */
    @Test
    void hostileVocabulariesCostNoMoreThanTheirLength() {
        String[] ladder =
                IntStream.rangeClosed(1, 3_000).mapToObj("a"::repeat).toArray(String[]::new);
        assertTimeout(
                Duration.ofSeconds(10),
                () -> {
                    assertEquals(334, tokens(null, ladder).encode("a".repeat(1_000_001)).length);
                    String almost = "a".repeat(10_000) + "b";
                    String text = "a".repeat(20_000);
                    assertEquals(20_000, tokens(null, "a", almost).encode(text).length);
                    Vocabulary separated = vocabulary(Model.Unit.TOKEN, almost, 0, null, "");
                    assertEquals(1, separated.encode("a".repeat(3_000_000)).length);
                });
    }

    // --- bytes ---

    private static Vocabulary bytes() {
        return vocabulary(
                Model.Unit.BYTE,
                null,
                null,
                null,
                IntStream.range(0, 256).mapToObj(Character::toString).toArray(String[]::new));
    }

    /** Unicode's table 3-7 as a pattern: `good` is a character, all else a maximal subpart. */
    private static final Pattern SEQUENCE =
            Pattern.compile(
                    ("(?<good>[\\x00-\\x7F]|[\\xC2-\\xDF]~|\\xE0[\\xA0-\\xBF]~"
                                    + "|[\\xE1-\\xEC\\xEE\\xEF]~~|\\xED[\\x80-\\x9F]~"
                                    + "|\\xF0[\\x90-\\xBF]~~|[\\xF1-\\xF3]~~~|\\xF4[\\x80-\\x8F]~~)"
                                    + "|\\xE0[\\xA0-\\xBF]|[\\xE1-\\xEC\\xEE\\xEF]~|\\xED[\\x80-\\x9F]"
                                    + "|\\xF0[\\x90-\\xBF]~?|[\\xF1-\\xF3]~~?|\\xF4[\\x80-\\x8F]~?|.")
                            .replace("~", "[\\x80-\\xBF]"),
                    Pattern.DOTALL);

    private static String expected(byte[] bytes) {
        Matcher matcher = SEQUENCE.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            byte[] good = Arrays.copyOfRange(bytes, matcher.start(), matcher.end());
            boolean isGood = matcher.group("good") != null;
            text.append(isGood ? new String(good, StandardCharsets.UTF_8) : "\ufffd");
        }
        return text.toString();
    }

    @Test
    void bytesBecomeTextAsUnicodeSays() {
        Vocabulary vocabulary = bytes();
        Random random = new Random(3);
        int[] edges = {
            0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
        };
        for (int i = 0; i < 50_000; i++) {
            byte[] some = new byte[random.nextInt(9)];
            for (int k = 0; k < some.length; k++) {
                some[k] = (byte) edges[random.nextInt(edges.length)];
            }
            int[] ids = IntStream.range(0, some.length).map(k -> some[k] & 0xFF).toArray();
            String text = expected(some);
            assertEquals(text, vocabulary.decode(ids), () -> Arrays.toString(ids));
            TextDecoder decoder = vocabulary.decoder();
            StringBuilder pieces = new StringBuilder();
            for (int id : ids) {
                pieces.append(decoder.piece(id));
            }
            assertEquals(text, pieces.append(decoder.end()).toString());
            String java = new String(some, StandardCharsets.UTF_8);
            if (!text.contains("\ufffd")) {
                assertEquals(java, text);
                assertArrayEquals(ids, vocabulary.encode(text));
            }
        }
        // The example of the Unicode standard, section 3.9, table 3-11.
        assertEquals(
                "\ufffd\ufffd\ufffd\ufffd\ufffdA\ufffd\ufffdB",
                vocabulary.decode(0xF4, 0x91, 0x92, 0x93, 0xFF, 0x41, 0x80, 0xBF, 0x42));
    }

    /** A byte is held back until it is certain what becomes of it, and no longer. */
    @Test
    void aCharacterIsGivenWithItsLastByte() {
        TextDecoder decoder = bytes().decoder();
        assertEquals("", decoder.piece(0xF0));
        assertEquals("", decoder.piece(0x9F));
        assertEquals("", decoder.piece(0x98));
        assertEquals("😀", decoder.piece(0x80));
        assertEquals("", decoder.piece(0xE2));
        assertEquals("\ufffda", decoder.piece('a'));
        assertEquals("", decoder.piece(0xC3));
        assertEquals("\ufffd", decoder.end());
        assertEquals("", decoder.end());
        TextDecoder words = tokens(" ", "x", "").decoder();
        assertEquals("x", words.piece(0));
        assertEquals("", words.piece(1));
        assertEquals(" x", words.piece(0));
        assertEquals("", words.end());
        assertEquals("x", words.piece(0));
    }

    @Test
    void aByteWithoutATokenIsNamed() {
        Vocabulary few = vocabulary(Model.Unit.BYTE, null, null, null, "a", "");
        RnnspecException found = assertThrows(RnnspecException.class, () -> few.encode("aé"));
        assertEquals(
                "the text holds the byte C3, which the vocabulary lacks",
                found.issues().get(0).what());
    }
}
